"""The dollar bridge: from NetSuite's total to what HubSpot holds, per currency, in named steps.

Belongs here: sums and red days, computed from compared orders and control totals alone. Does not
belong here: how an order got its cause, or how the bridge is drawn. Currencies are never added.

Both sides of an order count in their own currency. An amount that cannot be read is in no sum, so
its side of the order's step is nothing, not zero money that somebody lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import pandas as pd
import pyarrow

from ns_hs_orders.columns import plain
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES
from ns_hs_orders.reconcile.causes import DELETED
from ns_hs_orders.reconcile.schema import CAUSES, BridgeStep, ControlTotal, CurrencySums


class OrderAmounts(NamedTuple):
    """What the bridge needs of one compared order, or of several alike; names as in ComparedOrders.

    orders: how many there are; the amounts are theirs together.
    """

    order_on: date
    outcome: str
    finding: str
    cause: str | None
    currency: str | None
    netsuite_minor: int | None
    hubspot_minor: int | None
    currency_hubspot: str | None
    orders: int = 1

    @property
    def accepted(self) -> bool:
        """It passed validation and HubSpot."""
        return self.outcome in ACCEPTED_OUTCOMES

    @property
    def is_kept_as_cancelled(self) -> bool:
        """NetSuite deleted it, and by setting HubSpot keeps it as cancelled."""
        return self.cause == DELETED and self.outcome == "archived"

    @property
    def is_red(self) -> bool:
        """An accepted or due order that is missing or differs, or one that only HubSpot has.

        A skipped, quarantined or rejected order is listed, and red for nobody: also where HubSpot
        still holds an earlier version of it, since NetSuite's side of it was not accepted.
        """
        if self.finding == "agrees" or self.is_kept_as_cancelled:
            return False
        return self.accepted or self.outcome == "due" or self.finding == "only in HubSpot"


_AMOUNTS = ("netsuite_minor", "hubspot_minor")


@dataclass
class _Sums:
    orders_netsuite: int = 0
    orders_accepted: int = 0
    orders_hubspot: int = 0
    netsuite: int = 0
    eligible: int = 0
    accepted: int = 0
    hubspot: int = 0
    held: int = 0
    step_orders: Counter[str] = field(default_factory=Counter)
    step_minor: Counter[str] = field(default_factory=Counter)


def amounts(orders: pd.DataFrame) -> list[OrderAmounts]:
    """The rows of a ComparedOrders frame, as the bridge takes them."""
    return [OrderAmounts(*row) for row in _rows(orders)]


def amounts_alike(orders: pd.DataFrame) -> list[OrderAmounts]:
    """The same, rows that differ in their amounts alone put together: a few for each day."""
    table = pyarrow.table(
        {name: pyarrow.array(orders[name], from_pandas=True) for name in OrderAmounts._fields[:-1]}
    )
    for name in _AMOUNTS:
        # as decimals, no sum is too large
        exact = table[name].cast(pyarrow.decimal128(38))
        table = table.append_column(f"{name}_unknown", table[name].is_null()).set_column(
            table.schema.get_field_index(name), name, exact
        )
    keys = [name for name in table.column_names if name not in _AMOUNTS]
    sums = table.group_by(keys).aggregate([*((name, "sum") for name in _AMOUNTS), ([], "count_all")])
    names = (*keys, *(f"{name}_sum" for name in _AMOUNTS), "count_all")
    return [
        OrderAmounts(
            on,
            outcome,
            finding,
            cause,
            currency,
            None if ours_unknown else int(ours),
            None if theirs_unknown else int(theirs),
            currency_hubspot,
            count,
        )
        for (
            on, outcome, finding, cause, currency, currency_hubspot, ours_unknown, theirs_unknown, ours, theirs, count
        ) in zip(*(sums[name].to_pylist() for name in names), strict=True)
    ]  # fmt: skip


def _rows(orders: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    names = OrderAmounts._fields[:-1]
    return zip(*(plain(orders[name]) for name in names), strict=True)


def currency_sums(orders: Iterable[OrderAmounts], control: Iterable[ControlTotal]) -> dict[str, CurrencySums]:
    """Sums and bridge of each currency that either side has an amount in, by currency code."""
    sums: dict[str, _Sums] = {}
    for total in control:
        if total.total_counted_minor is not None or total.total_read_minor is not None:
            of_currency = sums.setdefault(total.currency, _Sums())
            of_currency.orders_netsuite += total.orders_counted
            of_currency.netsuite += total.total_counted_minor or 0
    for order in orders:
        _add(order, sums)
    return {currency: _result(currency, sums[currency]) for currency in sorted(sums)}


def red_days(orders: Sequence[OrderAmounts], control: Sequence[ControlTotal]) -> set[date]:
    """Days with a red order, a control total that disagrees, or an unexplained rest.

    Judged order by order and day by day: two errors that cancel in the sums are red all the same.
    """
    red = {order.order_on for order in orders if order.is_red}
    red |= {total.order_on for total in control if not total.agrees}
    days: dict[date, tuple[list[OrderAmounts], list[ControlTotal]]] = {}
    for order in orders:
        days.setdefault(order.order_on, ([], []))[0].append(order)
    for total in control:
        days.setdefault(total.order_on, ([], []))[1].append(total)
    for on, (of_day, counted) in days.items():
        if any(of_currency.unexplained_minor for of_currency in currency_sums(of_day, counted).values()):
            red.add(on)
    return red


def _add(order: OrderAmounts, sums: dict[str, _Sums]) -> None:
    touched = set()
    step: Counter[str] = Counter()
    if order.netsuite_minor is not None and order.currency is not None:
        ours = sums.setdefault(order.currency, _Sums())
        touched.add(order.currency)
        step[order.currency] -= order.netsuite_minor
        if order.outcome != "skipped":
            ours.eligible += order.netsuite_minor
        if order.accepted:
            ours.accepted += order.netsuite_minor
            ours.orders_accepted += order.orders
    if order.hubspot_minor is not None and order.currency_hubspot is not None:
        theirs = sums.setdefault(order.currency_hubspot, _Sums())
        touched.add(order.currency_hubspot)
        step[order.currency_hubspot] += order.hubspot_minor
        theirs.held += order.hubspot_minor
        if order.accepted or (order.finding == "only in HubSpot" and not order.is_kept_as_cancelled):
            theirs.hubspot += order.hubspot_minor
            theirs.orders_hubspot += order.orders
    if order.cause is not None:
        for currency in touched:
            sums[currency].step_orders[order.cause] += order.orders
            sums[currency].step_minor[order.cause] += step[currency]


def _result(currency: str, sums: _Sums) -> CurrencySums:
    bridge = tuple(
        BridgeStep(cause, sums.step_orders[cause], sums.step_minor[cause])
        for cause in CAUSES
        if sums.step_orders[cause]
    )
    return CurrencySums(
        currency=currency,
        orders_netsuite=sums.orders_netsuite,
        orders_accepted=sums.orders_accepted,
        orders_hubspot=sums.orders_hubspot,
        netsuite_minor=sums.netsuite,
        eligible_minor=sums.eligible,
        accepted_minor=sums.accepted,
        hubspot_minor=sums.hubspot,
        difference_minor=sums.hubspot - sums.accepted,
        held_minor=sums.held,
        unexplained_minor=sums.netsuite + sum(step.amount_minor for step in bridge) - sums.held,
        bridge=bridge,
    )
