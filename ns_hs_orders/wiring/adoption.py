"""Adopting other integrations' records, over a session: the plan, and carrying it out.

Belongs here: handing adoption its systems, its choices and its journal. Does not belong here: any rule (adopt).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from ns_hs_orders.adopt.act import Adoption, Done, finish_begun
from ns_hs_orders.adopt.find import Choices, Systems, plan_adoption
from ns_hs_orders.adopt.schema import AdoptionPlan
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.extract.lookups import ids_present, orders_numbered
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, netsuite_orders
from ns_hs_orders.state.adoptions import AdoptionJournal
from ns_hs_orders.state.departures import Departures

if TYPE_CHECKING:
    from ns_hs_orders.wiring.session import Session


class _NetSuite:
    """Implements adopt.ports.NetSuiteOrders."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def with_ids(self, ids: Sequence[str]) -> set[str]:
        """Those that NetSuite has as sales orders."""
        return set(ids_present(self._session.netsuite, ids))

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Order number → internal ids."""
        return orders_numbered(self._session.netsuite, numbers)

    def read(self, ids: Sequence[str]) -> Mapping[str, NetSuiteOrder]:
        """The orders as they are mapped now."""
        session = self._session
        raw = session.read_ids(ids)
        mapped = session.map(raw)
        return netsuite_orders(raw, mapped, session.wanted(mapped), undated=session.now().date())


def systems_of(session: Session) -> Systems:
    """Both systems as adoption asks them."""
    return Systems(
        netsuite=_NetSuite(session),
        search=session.hubspot.search,
        crm=session.hubspot.objects,
        associations=session.hubspot.associations,
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
    choices = Choices(
        key_property=settings.adopt_key_property,
        share_percent=settings.archive_share_percent,
        known_orders=Departures(session.state).known_orders(),
        archive_up_to=archive_up_to,
        keep_unmatched=keep_unmatched,
        leave_activities=leave_activities,
    )
    return plan_adoption(systems_of(session), choices, progress)


def carry_out(
    session: Session, plan: AdoptionPlan, *, by: str = "", progress: Progress = quiet
) -> list[Done]:
    """Does what the plan says, while no other run writes in the day lane. Raises ConfigError for another portal."""
    run = f"adopt-{uuid4().hex[:12]}"
    session.check_portal()
    adoption = Adoption(
        systems_of(session),
        _journal(session, run),
        key_property=session.settings.adopt_key_property,
        by=by,
        progress=progress,
    )
    with session.day_lane(run, progress):
        return adoption.carry_out(plan)


def finish(session: Session) -> None:
    """Tells to its end what a run that was killed had done in HubSpot. Raises RemoteError."""
    finish_begun(systems_of(session), _journal(session, f"adopt-{uuid4().hex[:12]}"))


def _journal(session: Session, run: str) -> AdoptionJournal:
    return AdoptionJournal(session.state, run=run, ticket=session.tickets.next_ticket, now=session.now)


def _require_properties(session: Session) -> None:
    from ns_hs_orders.fields import UNIQUE_ORDER_KEY

    there = session.definitions.properties("orders")
    if UNIQUE_ORDER_KEY not in there:
        raise ConfigError(
            f"HubSpot's orders have no property {UNIQUE_ORDER_KEY} yet. Run `ns-hs-orders setup` first; it writes no order."
        )
    if (name := session.settings.adopt_key_property) and name not in there:
        raise ConfigError(f"NS_HS_ADOPT_KEY_PROPERTY: HubSpot's orders have no property {name!r}.")
