"""Adopting other integrations' records, over a session: the plan, and carrying it out.

Belongs here: handing adoption its systems, its choices and its journal. Does not belong here: any rule (adopt).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from ns_hs_orders.adopt.act import Adoption, Done, finish_begun
from ns_hs_orders.adopt.find import Choices, Systems, plan_adoption
from ns_hs_orders.adopt.schema import AdoptionPlan, StandsFor
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.extract.lookups import ids_present, orders_numbered
from ns_hs_orders.extract.returns.sources import RETURN_TYPE
from ns_hs_orders.extract.sources import ORDER_TYPE
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, netsuite_orders
from ns_hs_orders.setup.named import adopt_key_problem
from ns_hs_orders.state.adoptions import AdoptionJournal
from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders.wiring.returns.session import open_returns

if TYPE_CHECKING:
    from ns_hs_orders.wiring.session import Session


class _NetSuite:
    """Implements adopt.ports.NetSuiteOrders, of a session of orders or of returns. of_type: the condition on `t`."""

    def __init__(self, session: Session, of_type: str) -> None:
        self._session = session
        self._of_type = of_type

    def with_ids(self, ids: Sequence[str]) -> set[str]:
        """Those that NetSuite has of this type."""
        return set(ids_present(self._session.netsuite, ids, self._of_type))

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Number → internal ids."""
        return orders_numbered(self._session.netsuite, numbers, self._of_type)

    def read(self, ids: Sequence[str]) -> Mapping[str, NetSuiteOrder]:
        """They as they are mapped now."""
        session = self._session
        raw = session.read_ids(ids)
        mapped = session.map(raw)
        return netsuite_orders(raw, mapped, session.wanted(mapped), undated=session.now().date())


@contextmanager
def open_records(session: Session) -> Iterator[dict[StandsFor, Session]]:
    """What records may stand for → the session that writes those; returns only where they are records in HubSpot."""
    if session.settings.returns != "pipeline" or session.source_plan.return_signs is None:
        yield {"order": session}
        return
    with open_returns(session) as returns:
        yield {"order": session, "return": returns}


def systems_of(sessions: Mapping[StandsFor, Session]) -> Systems:
    """Both systems as adoption asks them. sessions: of `open_records`."""
    session = sessions["order"]
    return Systems(
        netsuite=_NetSuite(session, ORDER_TYPE),
        returns=_NetSuite(sessions.get("return", session), RETURN_TYPE),
        search=session.hubspot.search,
        crm=session.hubspot.objects,
        associations=session.hubspot.associations,
        keeps_returns="return" in sessions,
    )


def plan(
    session: Session,
    *,
    archive_up_to: int | None = None,
    keep_unmatched: bool = False,
    leave_activities: bool = False,
    progress: Progress = quiet,
) -> AdoptionPlan:
    """What would be done with each record of another integration.

    Raises ConfigError for a key property that HubSpot's orders do not have, or where setup has not been run.
    """
    settings = session.settings
    _require_properties(session)
    with open_records(session) as sessions:
        choices = Choices(
            key_property=settings.adopt_key_property,
            share_percent=settings.archive_share_percent,
            known_orders=sum(Departures(one.state).known_orders() for one in sessions.values()),
            archive_up_to=archive_up_to,
            keep_unmatched=keep_unmatched,
            leave_activities=leave_activities,
        )
        return plan_adoption(systems_of(sessions), choices, progress)


def carry_out(
    session: Session, plan: AdoptionPlan, *, by: str = "", progress: Progress = quiet
) -> list[Done]:
    """Does what the plan says, while no other run writes in the day lane. Raises ConfigError for another portal."""
    run = f"adopt-{uuid4().hex[:12]}"
    session.check_portal()
    done: list[Done] = []
    with session.day_lane(run, progress), open_records(session) as sessions:
        for stands_for, of_records in sessions.items():
            adoption = Adoption(
                systems_of(sessions),
                _journal(of_records, run),
                key_property=session.settings.adopt_key_property,
                by=by,
                progress=progress,
            )
            done += adoption.carry_out(plan.only(stands_for))
    return done


def finish(session: Session) -> None:
    """Tells to its end what a run that was killed had done in HubSpot. Raises RemoteError."""
    run = f"adopt-{uuid4().hex[:12]}"
    with open_records(session) as sessions:
        for of_records in sessions.values():
            finish_begun(systems_of(sessions), _journal(of_records, run))


def _journal(session: Session, run: str) -> AdoptionJournal:
    """Of returns the days are noted where those of orders are: net sales are proven there."""
    return AdoptionJournal(
        session.state,
        run=run,
        ticket=session.tickets.next_ticket,
        now=session.now,
        days_of=session.home_state,
    )


def _require_properties(session: Session) -> None:
    from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY

    there = session.definitions.properties("orders")
    if UNIQUE_ORDER_KEY not in there:
        raise ConfigError(
            f"HubSpot's orders have no property {UNIQUE_ORDER_KEY} yet. Run `ns-hs-orders setup` first; it writes no order."
        )
    if problem := adopt_key_problem(session.definitions, session.settings.adopt_key_property):
        raise ConfigError(problem)
