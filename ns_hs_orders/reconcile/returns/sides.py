"""What net sales need of both systems: returns of NetSuite, what it counts itself, and how HubSpot holds them.

Belongs here: the calls and plain values between them. Does not belong here: comparing (returns.on_orders,
return_records), or sums (sales.net).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pandas as pd

from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.extract.returns.totals import ReturnsCounted
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.reconcile.sales.net_schema import ReturnControl, ReturnsHeldIn


class HeldReturn(NamedTuple):
    """What HubSpot holds of one return, and what that comes to.

    counted_minor: None where it holds none. cause: None where it agrees.
    """

    outcome: str
    finding: str
    cause: str | None
    reason: str | None
    explanation: str | None
    counted_minor: int | None
    currency: str | None
    record_id: str | None = None


class HeldReturnOnly(NamedTuple):
    """A return that HubSpot dates in the range and NetSuite does not."""

    key: str
    number: str | None
    return_on: date
    held: HeldReturn
    order_id: str | None = None


class GoneReturn(NamedTuple):
    """A return that NetSuite had, as its order was last read with it; counted_minor: of its currency."""

    return_id_netsuite: str
    return_number: str | None
    return_on: date
    currency: str
    counted_minor: int
    order_id: str


class ReturnOfOrder(NamedTuple):
    """What counts of one return, in minor units of its currency."""

    return_id_netsuite: str
    return_on: date
    currency: str
    counted_minor: int


class Parent(NamedTuple):
    """The order of a return, as both systems have it now.

    total_minor: in NetSuite, in its currency; None where unreadable. returns: what counts of each of its returns in that
    currency, whatever their day, the oldest first. record_id: in HubSpot, None where it is not there.
    returned_hubspot_minor: what HubSpot's record tells of its returns. explanation: why it is not in HubSpot, where
    that is known.
    """

    order_number: str | None
    order_on: date | None
    currency: str | None
    total_minor: int | None
    returns: tuple[ReturnOfOrder, ...]
    record_id: str | None
    returned_hubspot_minor: int | None
    currency_hubspot: str | None
    state: OrderState | None
    explanation: str | None


CompareReturns = Callable[
    [MappedReturns, Mapping[str, Parent], date, date],
    tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]],
]
"""Mapped returns of a range → what HubSpot holds of each, by internal id; and those that HubSpot alone has.

Returns that NetSuite deleted or moved to other days since they were read are absent.
"""


def _no_orders(_first: date, _last: date) -> Sequence[str]:
    return ()


def told_apart(parent: Parent) -> int:
    """How much more HubSpot's order tells as returned than NetSuite has of its returns, in minor units of its currency.

    0 where HubSpot does not hold the order, or holds it in another currency.
    """
    if parent.record_id is None or parent.currency_hubspot not in (None, parent.currency):
        return 0
    return (parent.returned_hubspot_minor or 0) - sum(one.counted_minor for one in parent.returns)


@dataclass(frozen=True)
class ReturnSides:
    """NetSuite's returns, and HubSpot's side of them.

    read: returns dated in a range, both ends included. counted: COUNT and SUM computed by NetSuite. of_orders: order →
    what counts of each of its returns, whatever their day (id, day, currency, minor units). stage_of_status: status letter → stage, for returns that are held back. compare: against HubSpot. orders_of_gone:
    orders that had a return of the range which may be gone from NetSuite. url_netsuite, url_hubspot:
    addresses of a record with `{id}` in them, or "".
    """

    held_in: ReturnsHeldIn
    read: Callable[[date, date], RawReturnsRead]
    counted: Callable[[date, date], Sequence[ReturnsCounted]]
    map: Callable[[RawReturnsRead], MappedReturns]
    of_orders: Callable[[RawRead], Mapping[str, Sequence[tuple[str, date, str, int]]]]
    stage_of_status: Mapping[str, str]
    compare: CompareReturns
    orders_of_gone: Callable[[date, date], Sequence[str]] = _no_orders
    url_netsuite: str = ""
    url_hubspot: str = ""


class FoundReturns(NamedTuple):
    """The returns of a range, compared: ComparedReturns but for what the definition makes of them, and the control totals."""

    returns: pd.DataFrame
    control: tuple[ReturnControl, ...]
    held_in: ReturnsHeldIn
