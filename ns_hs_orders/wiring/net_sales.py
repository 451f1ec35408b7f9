"""Net sales over a session: returns are read beside orders, and compared where HubSpot holds them.

Belongs here: handing reconciliation its returns, where the settings and the account have any. Does not belong here: any
rule, or how returns become records (returns).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from ns_hs_orders.extract.return_totals import read_return_totals
from ns_hs_orders.mapping.counted_returns import counted_returns
from ns_hs_orders.mapping.returns_schema import MappedReturns
from ns_hs_orders.reconcile.returns_in_records import held_in_records
from ns_hs_orders.reconcile.returns_on_orders import compare_on_orders
from ns_hs_orders.reconcile.returns_sides import (
    CompareReturns,
    HeldReturn,
    HeldReturnOnly,
    Parent,
    ReturnSides,
)
from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.returns import ReturnsSession, open_returns
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
        yield _sides(session, _on_orders)
    else:
        with open_returns(session) as records:
            yield _sides(session, _in_records(records))


def _sides(session: Session, compare: CompareReturns) -> ReturnSides:
    return ReturnSides(
        held_in="amounts_only" if session.settings.returns == "amounts_only" else "pipeline",
        read=session.read_return_days,
        counted=lambda first, last: read_return_totals(session.netsuite, first, last),
        map=session.map_returns,
        of_orders=lambda raw: counted_returns(raw.orders, session.rules),
        stage_of_status=session.rules.return_stages,
        compare=compare,
        url_netsuite=session.rules.return_url("{id}") or "",
        url_hubspot=hubspot_record_url(session.settings, session.definitions.account_details()),
    )


def _on_orders(
    mapped: MappedReturns, parents: Mapping[str, Parent], _first: date, _last: date
) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
    return compare_on_orders(mapped, parents)


def _in_records(records: ReturnsSession) -> CompareReturns:
    def compare(
        mapped: MappedReturns, _parents: Mapping[str, Parent], first: date, last: date
    ) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
        found = records.compare(first, last, mapped=records.as_orders(mapped))
        return held_in_records(mapped, found)

    return compare
