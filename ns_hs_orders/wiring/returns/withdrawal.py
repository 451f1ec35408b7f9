"""What returns left in HubSpot after NS_HS_RETURNS was changed, over a session: found, counted, taken out.

Belongs here: handing the stage its systems and state. Does not belong here: any rule (withdraw, push.departed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders.state.orders.events import OrderEvent
from ns_hs_orders.wiring.returns.session import ReturnsSession
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.push.ports import CrmRecord, OrderState
    from ns_hs_orders.withdraw.left import LeftReturns

WITHDRAWN = "returns_withdrawn"


@dataclass(frozen=True)
class Withdrawn:
    """What was taken out of HubSpot, and what was not, in words. planned: it was only looked at."""

    left: LeftReturns
    records: int = 0
    orders: int = 0
    problems: tuple[str, ...] = ()
    planned: bool = False


def left_in_hubspot(session: Session) -> LeftReturns:
    """What HubSpot's index shows; it lags behind writes. Raises RemoteError."""
    from ns_hs_orders.fields.returns import RETURN_AMOUNT
    from ns_hs_orders.withdraw.left import LeftReturns, may_leave

    setting = session.settings.returns
    records, orders = 0, 0
    leaves_records, leaves_amounts = may_leave(setting)
    known = session.definitions.properties("orders")
    if leaves_records and RETURN_AMOUNT in known:
        records = session.hubspot.search.count_having([RETURN_AMOUNT])
    if leaves_amounts and (amounts := _amounts(session)):
        orders = session.hubspot.search.count_having(amounts)
    return LeftReturns(setting, records, orders)


def withdraw(
    session: Session, returns: ReturnsSession, *, by: str, run: str, progress: Progress = quiet
) -> Withdrawn:
    """Takes out what the setting does not put there any more: return records first, then the amounts on orders.

    In the day lane, so that no run of days writes meanwhile. by: who decided it, told in each story. Raises ConfigError
    where the token is of another portal, RemoteError where HubSpot refuses the sync as such.
    """
    from ns_hs_orders.withdraw.left import may_leave

    session.check_portal()
    leaves_records, leaves_amounts = may_leave(session.settings.returns)
    left = left_in_hubspot(session)
    with session.day_lane(run, progress):
        records, problems = _archive_records(returns, by, run, progress) if leaves_records else (0, ())
        orders = 0
        if leaves_amounts:
            orders, refused = _empty_amounts(session, by, run, progress)
            problems = (*problems, *refused)
    return Withdrawn(left, records, orders, problems)


def _archive_records(
    returns: ReturnsSession, by: str, run: str, progress: Progress
) -> tuple[int, tuple[str, ...]]:
    from ns_hs_orders.fields.returns import RETURN_AMOUNT
    from ns_hs_orders.push.departed import Departure
    from ns_hs_orders.push.jobs import Tools
    from ns_hs_orders.withdraw.left import READ_OF_RECORDS, records_to_go

    found: Sequence[CrmRecord] = ()
    if RETURN_AMOUNT in returns.definitions.properties("orders"):
        found = returns.hubspot.search.records_having([RETURN_AMOUNT], READ_OF_RECORDS)
    keys = [key for one in found if (key := one.properties.get("netsuite_internal_id"))]
    orders = returns.orders.states.load(keys, links=False)
    in_index = records_to_go(found, orders)
    ids = list(dict.fromkeys([*Departures(returns.state).in_hubspot(), *in_index]))
    if not ids:
        return 0, ()
    states = returns.states.load(ids)
    states |= {key: _unknown(key, one) for key, one in in_index.items() if key not in states}
    ticket, now = returns.tickets.next_ticket(), returns.now()
    departure = Departure(
        Tools(
            crm=returns.hubspot.objects,
            associations=returns.hubspot.associations,
            states=returns.states,
            clock=returns.hubspot.clock,
            holder=f"{run[:60]}/{uuid4().hex}",
            run=run,
            definitions="",
            lease=timedelta(seconds=returns.lease_seconds),
            request=timedelta(seconds=returns.hubspot.request_deadline),
            is_stopped=lambda: False,
        ),
        ticket,
        None,
        (WITHDRAWN, f"NS_HS_RETURNS={returns.settings.returns} makes no records of returns"),
        {"by": by},
    )
    archived = 0
    for start in range(0, len(ids), _RECORDS_A_LEASE):
        part = ids[start : start + _RECORDS_A_LEASE]
        departure.take_out(part, states, now.date())
        archived = sum(1 for one in departure.fates.values() if one == "archived")
        progress("return records archived", start + len(part), len(ids))
    stuck = len(ids) - archived
    if not stuck:
        return archived, ()
    first = next(one for one in ids if departure.fates.get(one) != "archived")
    return archived, (f"{stuck:,} return records are still there, such as that of return {first}.",)


_RECORDS_A_LEASE = 500
"""Few enough for the calls of one lease."""


def _unknown(key: str, record: CrmRecord) -> OrderState:
    """What is known of a return that HubSpot has and the state lost."""
    from ns_hs_orders.fields.returns import RETURN_DATE
    from ns_hs_orders.push.ports import OrderState
    from ns_hs_orders.reconcile.equality import day_of

    return OrderState(
        order_id=key, outcome=None, reason=None, fingerprint=None, confirmed_ticket=0, order_id_hubspot=record.id,
        total_minor=None, currency=None, order_on=day_of(record.properties.get(RETURN_DATE) or ""), lease_until=None,
    )  # fmt: skip


def _empty_amounts(session: Session, by: str, run: str, progress: Progress) -> tuple[int, tuple[str, ...]]:
    from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
    from ns_hs_orders.withdraw.act import empty_amounts
    from ns_hs_orders.withdraw.left import AMOUNTS_WRITTEN

    amounts = _amounts(session)
    records = session.hubspot.search.records_having(amounts, [UNIQUE_ORDER_KEY]) if amounts else []

    def before(keys: Sequence[str]) -> None:
        # once returns are read again, what was written before says nothing of what HubSpot holds
        session.states.forget_fingerprints(keys)
        details: Mapping[str, str] = {"by": by, "why": f"NS_HS_RETURNS={session.settings.returns}"}
        known = session.states.load(keys, links=False)
        session.events.add(
            [OrderEvent(one, session.now(), run, "return amounts emptied", details) for one in known]
        )

    done = empty_amounts(records, amounts, crm=session.hubspot.objects, before=before, progress=progress)
    if not done.left:
        Notes(session.state).drop(AMOUNTS_WRITTEN)
        return done.records, ()
    said = next(iter(done.problems.values()), "")
    return done.records, (f"{done.left:,} orders still tell of returns. {said}".rstrip(),)


def _amounts(session: Session) -> list[str]:
    """The properties of orders that tell of returns, as they were written or by default, where the portal has them."""
    from ns_hs_orders.withdraw.left import AMOUNTS_WRITTEN, DEFAULT_AMOUNTS

    noted = Notes(session.state).find(AMOUNTS_WRITTEN, now=session.now()) or ()
    known = session.definitions.properties("orders")
    return [one for one in dict.fromkeys([*noted, *DEFAULT_AMOUNTS]) if one in known]
