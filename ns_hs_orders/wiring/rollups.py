"""Company roll-ups over a session: which companies, when they are due, and what is kept of a run.

Belongs here: handing the roll-ups their systems, settings and state. Does not belong here: any figure (rollups).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ns_hs_orders.errors import ConfigError, RemoteError, SyncError
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.company_rollups import CompanyRollupStore
from ns_hs_orders.state.database import open_existing_state
from ns_hs_orders.wiring.session import Session
from ns_hs_orders.wiring.stage_options import sales_definition

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.extract.schema import RawRead
    from ns_hs_orders.mapping.schema import MappedOrders
    from ns_hs_orders.rollups.result import RollupRun
    from ns_hs_orders.rollups.roll_up import RollupPlan
    from ns_hs_orders.rollups.selection import BuyingSource

ROLLUP_LANE = "rollups"
LANE_WAIT = timedelta(minutes=10)
MOST_DUE = 500
"""Due companies that one run looks at, so that it is over in a minute; the others wait for the next."""
_FORBIDDEN = 403


def is_on(settings: Settings) -> bool:
    """Whether companies tell what they buy."""
    return settings.company_rollups == "on"


def roll_up(
    session: Session,
    *,
    run: str,
    company_ids: Sequence[str] | None = None,
    due_only: bool = False,
    progress: Progress = quiet,
) -> RollupRun:
    """Tells companies what they bought: all, those named, or those of which an order changed.

    Raises ConfigError where roll-ups are off, a property is missing or the token lacks a scope; SyncError where another
    run is at it; RemoteError where a system does not answer.
    """
    from ns_hs_orders.rollups.result import RollupRun
    from ns_hs_orders.rollups.write import write_rollups

    if not is_on(session.settings):
        raise ConfigError(
            "Company roll-ups are off. Set NS_HS_COMPANY_ROLLUPS=on, and run `ns-hs-orders setup` for their properties."
        )
    store = CompanyRollupStore(session.state)
    with _lane(session, run, waits=not due_only, progress=progress) as is_ours:
        due = store.due()
        if due_only:
            due = dict(islice(due.items(), MOST_DUE)) if is_ours else {}
            company_ids = list(due)
            if not due:
                return RollupRun(_today(session), (), still_due=store.count_due(), is_part=True)
        session.check_portal()
        try:
            _require_properties(session)
            plan = _planned(session, company_ids, progress)
            store.forget(plan.forgotten)
            kept = [one for one in plan.rollups if one.outcome != "planned"]
            _keep_unchanged(store, plan, session)
            done = write_rollups(
                [one for one in plan.rollups if one.outcome == "planned"],
                crm=session.hubspot.objects,
                told=store,
                now=session.now(),
                sleep=session.hubspot.clock.sleep,
                progress=progress,
            )
        except RemoteError as error:
            if error.system != "hubspot" or error.status != _FORBIDDEN:
                raise
            raise ConfigError(
                f"HubSpot does not let the token read or write companies: {error} Add crm.objects.companies.read and "
                "crm.objects.companies.write to the service key or private app, or set NS_HS_COMPANY_ROLLUPS=off."
            ) from error
        unsettled = {one.company_id for one in done if one.outcome in ("unanswered", "differs")}
        asked = due if company_ids is None else {one: due[one] for one in company_ids if one in due}
        store.settle({one: at for one, at in asked.items() if plan.living.get(one, one) not in unsettled})
    is_part = company_ids is not None
    return RollupRun(_today(session), (*done, *kept), still_due=store.count_due(), is_part=is_part)


@contextmanager
def _lane(session: Session, run: str, *, waits: bool, progress: Progress) -> Iterator[bool]:
    """Holds the lane of roll-ups; yields False where another run is in it and this one does not wait.

    Raises SyncError where the other does not end.
    """
    deadline = session.now() + LANE_WAIT
    while True:
        with session.lanes.held(ROLLUP_LANE, run, session.now) as is_ours:
            if is_ours or not waits:
                yield is_ours
                return
        if session.now() > deadline:
            raise SyncError(
                "Another run of the roll-ups is under way. Wait for it to end, then run this again."
            )
        progress("waiting for another run of the roll-ups", 0, 0)
        session.hubspot.clock.sleep(1.0)


def plan_only(
    session: Session, company_ids: Sequence[str] | None = None, progress: Progress = quiet
) -> RollupRun:
    """What would be written, and nothing is; works with roll-ups off too."""
    from ns_hs_orders.rollups.result import RollupRun

    return RollupRun(_today(session), _planned(session, company_ids, progress).rollups, is_plan=True)


def note_changed_orders(session: Session, order_ids: Sequence[str], raw: RawRead) -> None:
    """Notes that orders changed: the companies of their customers, and those they hung on before, are looked at again.

    raw: the orders as they were read; those that are held back count too.
    """
    from ns_hs_orders.mapping.eligibility import home_of_customer

    if not is_on(session.settings):
        return
    names = ("customer_hubspot_id", "customer_parent_hubspot_id", "customer_is_person")
    homes = {
        home_of_customer(own or None, parents or None, is_person=person == "T", rules=session.rules)
        for own, parents, person in raw.orders[list(names)]
        .fillna("")
        .drop_duplicates()
        .itertuples(index=False)
    }
    before = CompanyRollupStore(session.state).companies_by_order(order_ids).values()
    # returns keep a store of their own, and companies are due in the home's
    store = CompanyRollupStore(session.home_state)
    store.note_due({*before, *(one.company_id for one in homes if one and one.company_id)}, session.now())


def note_departed_orders(session: Session, order_ids: Sequence[str]) -> None:
    """Notes the companies of orders or returns that are about to be taken out, so that they are looked at again."""
    if is_on(session.settings):
        before = CompanyRollupStore(session.state).companies_by_order(order_ids).values()
        CompanyRollupStore(session.home_state).note_due(before, session.now())


class ChangedCompanies:
    """Companies of the orders that a push of days writes: those of now, and those that they hung on before."""

    def __init__(self, session: Session, mapped: MappedOrders) -> None:
        self._store = CompanyRollupStore(session.home_state) if is_on(session.settings) else None
        orders = mapped.orders
        self._now = dict(
            zip(orders["order_id_netsuite"], orders["company_id_hubspot"].astype(object), strict=True)
        )
        known = CompanyRollupStore(session.state)
        self._before = known.companies_by_order(list(self._now)) if self._store else {}

    def note(self, results: pd.DataFrame, now: datetime) -> None:
        """Notes the companies of the orders that were written. results: UpsertResults."""
        if self._store is None:
            return
        written = results.loc[results["outcome"].isin(("created", "updated")), "order_id_netsuite"]
        found = {of.get(one) for one in written for of in (self._now, self._before)}
        self._store.note_due([one for one in found if isinstance(one, str)], now)


def companies_due(settings: Settings) -> int:
    """How many companies wait to be looked at; asks the state alone."""
    state = open_existing_state(settings.state_address)
    if state is None:
        return 0
    try:
        return CompanyRollupStore(state).count_due()
    finally:
        state.close()


def _planned(session: Session, company_ids: Sequence[str] | None, progress: Progress) -> RollupPlan:
    from ns_hs_orders.rollups.roll_up import plan_rollups
    from ns_hs_orders.wiring.net_sales import tells_net_sales

    return plan_rollups(
        _source(session),
        session.hubspot.objects,
        CompanyRollupStore(session.state).load(),
        company_ids,
        with_returns=tells_net_sales(session),
        progress=progress,
    )


def _source(session: Session) -> BuyingSource:
    from ns_hs_orders.rollups.pieces import Span
    from ns_hs_orders.rollups.selection import BuyingSource

    return BuyingSource(
        suiteql=session.netsuite,
        plan=session.source_plan,
        rules=session.rules,
        definition=sales_definition(session.settings),
        span=Span(_today(session)),
        threads=session.settings.netsuite_concurrency,
    )


def _keep_unchanged(store: CompanyRollupStore, plan: RollupPlan, session: Session) -> None:
    """What HubSpot tells rightly already, and the state did not know to have been told: as after a killed run."""
    from ns_hs_orders.rollups.write import told_of

    known = store.load()
    found = [told_of(one) for one in plan.rollups if one.outcome == "unchanged"]
    store.keep([one for one in found if known.get(one.company_id) != one], session.now())


def _require_properties(session: Session) -> None:
    """Raises ConfigError naming what setup must make."""
    existing = session.definitions.properties("companies")
    if lacking := [one.hubspot_property for one in ROLLUP_FIELDS if one.hubspot_property not in existing]:
        raise ConfigError(
            f"HubSpot's companies lack {', '.join(lacking)}. Run `ns-hs-orders setup`, or set "
            "NS_HS_COMPANY_ROLLUPS=off."
        )


def _today(session: Session) -> date:
    """Today in NetSuite's zone."""
    return session.now().astimezone(ZoneInfo(session.settings.netsuite_time_zone)).date()
