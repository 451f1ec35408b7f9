"""Net sales over a session: returns are read beside orders, and compared where HubSpot holds them.

Belongs here: handing reconciliation its returns, where the settings and the account have any. Does not belong here: any
rule, or how returns become records (returns).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from ns_hs_orders.extract.returns.totals import read_return_totals
from ns_hs_orders.mapping.returns.counted import counted_returns
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES
from ns_hs_orders.reconcile.causes import EDITED_IN_NETSUITE
from ns_hs_orders.reconcile.returns.in_records import held_in_records
from ns_hs_orders.reconcile.returns.on_orders import RETURNED_PROPERTY, compare_on_orders
from ns_hs_orders.reconcile.returns.sides import (
    CompareReturns,
    GoneReturn,
    HeldReturn,
    HeldReturnOnly,
    Parent,
    ReturnSides,
    told_apart,
)
from ns_hs_orders.state.orders.returns_of_orders import CountedBefore
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.returns.session import ReturnsSession, open_returns
from ns_hs_orders.wiring.session import Session


def tells_net_sales(session: Session) -> bool:
    """Whether returns are read: by the settings, and by what NetSuite's role shows."""
    return session.settings.returns != "off" and session.source_plan.return_signs is not None


@contextmanager
def open_return_sides(session: Session) -> Iterator[ReturnSides | None]:
    """Both sides of returns, None where returns are not read. Raises as `open_returns` does."""
    if not tells_net_sales(session):
        yield None
    elif session.settings.returns == "amounts_only":
        gone = _GoneReturns(session)
        yield _sides(session, gone.compare, gone.orders)
    else:
        with open_returns(session) as records:
            yield _sides(session, _in_records(records), _orders_of_known(records))


def _sides(
    session: Session, compare: CompareReturns, orders_of_gone: Callable[[date, date], Sequence[str]]
) -> ReturnSides:
    return ReturnSides(
        held_in="amounts_only" if session.settings.returns == "amounts_only" else "pipeline",
        read=session.read_return_days,
        counted=lambda first, last: read_return_totals(session.netsuite, first, last),
        map=session.map_returns,
        of_orders=lambda raw: counted_returns(raw.orders, session.rules),
        stage_of_status=session.rules.return_stages,
        compare=compare,
        orders_of_gone=orders_of_gone,
        url_netsuite=session.rules.return_url("{id}") or "",
        url_hubspot=hubspot_record_url(session.settings, session.definitions.account_details()),
    )


class _GoneReturns:
    """Returns told on orders alone, as the state knew them before this session read their orders again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[date, date], list[CountedBefore]] = {}

    def orders(self, first: date, last: date) -> Sequence[str]:
        """The orders of returns that the state dates in the range; those of orders read a moment ago are known no more."""
        return sorted({one.order_id for one in self._of(first, last)})

    def compare(
        self, mapped: MappedReturns, parents: Mapping[str, Parent], first: date, last: date
    ) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
        """As compare_on_orders."""
        known = self._of(first, last)
        numbers = ReportLog(self._session.state).numbers([one.return_id for one in known])
        gone = [
            GoneReturn(
                one.return_id,
                numbers.get(one.return_id),
                one.return_on,
                one.currency,
                one.counted_minor,
                one.order_id,
            )
            for one in known
        ]
        return compare_on_orders(mapped, parents, gone)

    def _of(self, first: date, last: date) -> list[CountedBefore]:
        if (first, last) not in self._known:
            self._known[first, last] = self._session.returns_of_orders.counted(first, last)
        return self._known[first, last]


def _orders_of_known(records: ReturnsSession) -> Callable[[date, date], Sequence[str]]:
    def orders(first: date, last: date) -> Sequence[str]:
        known = sorted(records.states.dated(first, last))
        return sorted(set(records.orders.returns_of_orders.find(known).values()))

    return orders


def _in_records(records: ReturnsSession) -> CompareReturns:
    def compare(
        mapped: MappedReturns, parents: Mapping[str, Parent], first: date, last: date
    ) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
        found = records.compare(first, last, mapped=records.as_orders(mapped))
        _make_orders_due(records, parents, first, last, found.ticket)
        return held_in_records(mapped, found)

    return compare


def _make_orders_due(
    records: ReturnsSession, parents: Mapping[str, Parent], first: date, last: date, ticket: int
) -> None:
    """Orders of other days that do not tell these returns as NetSuite has them; those of these days are compared whole."""
    fields = records.orders.field_map.order_fields
    if not any(one.hubspot_property == RETURNED_PROPERTY and one.when_edited == "heal" for one in fields):
        return  # what a person wrote there stays
    apart = [
        key
        for key, parent in parents.items()
        if told_apart(parent)
        and parent.state is not None
        and parent.state.outcome in ACCEPTED_OUTCOMES
        and parent.state.fingerprint is not None
        and not (parent.order_on is not None and first <= parent.order_on <= last)
    ]
    records.orders.states.mark_different(apart, ticket=ticket, cause=EDITED_IN_NETSUITE, now=records.now())
