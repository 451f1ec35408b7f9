"""A session: both systems and the state, opened, and one method per stage.

Belongs here: one method per stage. Does not belong here: opening (opening), what only a person asks for (check_up,
order_stories), any rule, or Dagster. Stages are imported when first used, since pandas is slow to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from ns_hs_orders.clients.hubspot.client import HubSpotClient
from ns_hs_orders.clients.hubspot.definitions import HubSpotDefinitions
from ns_hs_orders.clients.netsuite import NetSuiteClient
from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.database import State
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.events import Events
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.orders.returns_of_orders import ReturnsOfOrders
from ns_hs_orders.state.overview import PIPELINE_PROBLEM
from ns_hs_orders.state.portal import PortalNote
from ns_hs_orders.state.work.lanes import Lanes
from ns_hs_orders.state.work.tickets import Tickets
from ns_hs_orders.wiring import patience
from ns_hs_orders.wiring.owners import RecentOwners
from ns_hs_orders.wiring.stage_options import field_map_of, link_rules, mapping_rules, source_options

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan
    from ns_hs_orders.extract.returns.schema import RawReturnsRead
    from ns_hs_orders.extract.schema import RawRead
    from ns_hs_orders.mapping.returns.schema import MappedReturns
    from ns_hs_orders.mapping.rules import MappingRules
    from ns_hs_orders.mapping.schema import MappedOrders
    from ns_hs_orders.push.ports import AssociationKind, Owners
    from ns_hs_orders.push.schema import Directory, Linked, LinkRules, WantedOrder
    from ns_hs_orders.reconcile.schema import Reconciliation
    from ns_hs_orders.setup.pipelines import PipelineIds
    from ns_hs_orders.setup.requirements import PipelineKind

DAY_LANE = "day"
FILLED_SOURCES = "filled_sources"
LANE_WAIT = timedelta(minutes=30)
RECORDS_A_CALL = 100
READ_AHEAD = 2
"""Threads beyond the requests that NetSuite allows: one waits for each slot while another takes in its answer."""


class Session:
    """One run's hold on both systems and the state; each method is one stage.

    Made by `opening.open_session`. Methods raise what their stages raise. records: what people call what it carries.
    """

    records = "orders"

    def __init__(
        self,
        settings: Settings,
        account: str,
        netsuite: NetSuiteClient,
        hubspot: HubSpotClient,
        state: State,
        budget: Budgets,
    ) -> None:
        self.settings = settings
        self.mode = settings.mode
        self.account = account
        self.netsuite = netsuite
        self.hubspot = hubspot
        self.budget = budget
        self.tickets = Tickets(state)
        self.states = OrderStateStore(state)
        self.events = Events(state)
        self.lanes = Lanes(state)
        self.due_orders = DueOrders(state)
        self.returns_of_orders = ReturnsOfOrders(state)
        self.state = state
        self.home_state = state
        self._portal = PortalNote(state)
        self._portal_id = ""
        self.field_map = field_map_of(settings)
        self._are_amounts_noted = False

    def now(self) -> datetime:
        """Aware UTC now."""
        return self.hubspot.clock.now()

    @property
    def source_options(self) -> SourceOptions:
        """What the settings say of NetSuite's tables."""
        return source_options(self.settings, self.field_map)

    @cached_property
    def source_plan(self) -> SourcePlan:
        """What the account can be asked, probed once a session."""
        return self.probed_plan()

    def probed_plan(self, *, changes: bool = False) -> SourcePlan:
        """What the account can be asked, probed now; changes: its change streams too.

        A table that had rows once is known to have had them, also when the role sees none of them now.
        """
        from ns_hs_orders.extract.probing.probe import probe
        from ns_hs_orders.extract.returns.plan import probe_returns

        notes = Notes(self.state)
        before = frozenset(notes.find(FILLED_SOURCES, now=self.now()) or ())
        found = probe(self.netsuite, self.source_options, changes=changes)
        self.check_mapping()
        found = probe_returns(self.netsuite, found, changes=changes, filled_before=before)
        if found.filled - before:
            notes.keep(FILLED_SOURCES, sorted(found.filled | before), self.now())
        return replace(found, filled=found.filled | before)

    @property
    def rules(self) -> MappingRules:
        """How orders are mapped."""
        return mapping_rules(self.settings, self.account, self.field_map)

    @cached_property
    def pipeline(self) -> PipelineIds:
        """The order pipeline in force. Raises ConfigError where setup has not been run."""
        from ns_hs_orders.setup.requirements import SALES_ORDERS

        settings = self.settings
        return self.find_pipeline(SALES_ORDERS, settings.hubspot_pipeline_id, settings.hubspot_stage_ids)

    def find_pipeline(
        self, kind: PipelineKind, pipeline_id: str, stage_ids: Mapping[str, str]
    ) -> PipelineIds:
        """A pipeline as HubSpot has it now. What is wrong with it is noted for `status`, until it was found right again.

        Raises ConfigError as setup.pipelines.
        """
        from ns_hs_orders.setup.pipelines import find_pipeline

        notes, now = Notes(self.state), self.now()
        pipelines = self.definitions.pipelines("orders")
        try:
            found = find_pipeline(pipelines, pipeline_id=pipeline_id, stage_ids=stage_ids, kind=kind)
        except ConfigError as error:
            notes.keep(PIPELINE_PROBLEM, {"what": str(error), "at": now.isoformat()}, now)
            raise
        if notes.find(PIPELINE_PROBLEM, now=now) is not None:
            notes.drop(PIPELINE_PROBLEM)
        return found

    @cached_property
    def owners(self) -> Owners:
        """HubSpot's owners, asked again after a minute."""
        return RecentOwners(self.definitions, self.hubspot.clock)

    @cached_property
    def definitions(self) -> HubSpotDefinitions:
        """HubSpot's definitions, owners and account, in setup's terms."""
        return HubSpotDefinitions(self.hubspot.settings)

    def read_days(self, first: date, last: date, progress: Progress = quiet) -> RawRead:
        """Every order of NetSuite dated in the range."""
        from ns_hs_orders.extract.read import read_orders

        read = read_orders(
            self.netsuite,
            self.tickets,
            self.source_plan,
            first,
            last,
            threads=self.settings.netsuite_concurrency + READ_AHEAD,
            progress=progress,
        )
        self._keep_returns(read)
        return read

    def read_ids(
        self, ids: Sequence[str], progress: Progress = quiet, plan: SourcePlan | None = None
    ) -> RawRead:
        """These orders of NetSuite, by internal id. plan: in place of the session's own."""
        from ns_hs_orders.extract.read import read_orders_by_id

        read = read_orders_by_id(
            self.netsuite,
            self.tickets,
            plan or self.source_plan,
            ids,
            threads=self.settings.netsuite_concurrency,
            progress=progress,
        )
        self._keep_returns(read)
        return read

    def _keep_returns(self, read: RawRead) -> None:
        """Remembers which order each return is of: NetSuite tells it no more once the return is deleted.

        Where orders alone tell returns, also what counts of them: their days are to be proven where that changes.
        """
        from ns_hs_orders.mapping.returns.counted import counted_returns
        from ns_hs_orders.mapping.returns.raw import ids_of_returns

        self.returns_of_orders.keep(ids_of_returns(read.orders), self.now())
        # an order whose returns could not be read has not lost them
        told = read.orders[read.orders["returns"].notna()]
        if self.settings.returns == "amounts_only" and len(told):
            self.returns_of_orders.keep_counted(
                counted_returns(told, self.rules),
                ticket=int(told["read_ticket"].max()),
                now=self.now(),
            )

    def read_return_days(self, first: date, last: date, progress: Progress = quiet) -> RawReturnsRead:
        """Every return of NetSuite dated in the range."""
        from ns_hs_orders.extract.returns.authorizations import read_returns

        return read_returns(
            self.netsuite,
            self.tickets,
            self.source_plan,
            first,
            last,
            threads=self.settings.netsuite_concurrency + READ_AHEAD,
            progress=progress,
        )

    def read_return_ids(
        self, ids: Sequence[str], progress: Progress = quiet, plan: SourcePlan | None = None
    ) -> RawReturnsRead:
        """These returns of NetSuite, by internal id. plan: in place of the session's own."""
        from ns_hs_orders.extract.returns.authorizations import read_returns_by_id

        return read_returns_by_id(
            self.netsuite,
            self.tickets,
            plan or self.source_plan,
            ids,
            threads=self.settings.netsuite_concurrency,
            progress=progress,
        )

    def map_returns(self, raw: RawReturnsRead, progress: Progress = quiet) -> MappedReturns:
        """Raw returns judged and mapped."""
        from ns_hs_orders.mapping.returns.map_returns import map_returns

        return map_returns(raw, self.rules, progress)

    def find(self, orders: Sequence[str]) -> list[str]:
        """Internal ids of orders named by id or number. Raises ConfigError naming those unknown."""
        from ns_hs_orders.extract.lookups import find_orders

        found = find_orders(self.netsuite, orders)
        if unknown := [name for name, ids in found.items() if not ids]:
            raise ConfigError(f"NetSuite has no sales order {', '.join(unknown)}, by id or by number.")
        return [order_id for ids in found.values() for order_id in ids]

    def map(self, raw: RawRead, progress: Progress = quiet) -> MappedOrders:
        """Raw orders judged and mapped."""
        from ns_hs_orders.mapping.map_orders import map_orders

        return map_orders(raw, self.rules, progress)

    def wanted(self, mapped: MappedOrders) -> list[WantedOrder]:
        """What HubSpot should hold for the valid orders."""
        from ns_hs_orders.push.wanted import wanted_orders

        return wanted_orders(mapped.orders, mapped.lines, self.field_map, self.directory(mapped))

    def directory(self, mapped: MappedOrders) -> Directory:
        """HubSpot's own ids for the valid orders."""
        from ns_hs_orders.push.associations.directory import resolve_directory

        return resolve_directory(
            mapped.orders,
            lines=mapped.lines,
            crm=self.hubspot.objects,
            search=self.hubspot.search,
            owners=self.owners,
            pipeline_id=self.pipeline.pipeline_id,
            stage_ids=self.pipeline.stage_ids,
            rules=self.link_rules,
        )

    def linked(self, directory: Directory) -> Mapping[Linked, AssociationKind]:  # noqa: ARG002 - of returns
        """What orders are associated with, and how; nothing is asked of deals and contacts that the settings leave out."""
        from ns_hs_orders.push.associations.attachments import LINKED

        left_out = {
            *(() if self.settings.deal_association == "on" else ("deal",)),
            *(() if self.has_contacts else ("contact",)),
        }
        return {kind: how for kind, how in LINKED.items() if kind not in left_out}

    @property
    def has_contacts(self) -> bool:
        """Whether records are associated with contacts at all: without, the token need not see any."""
        return bool(self.settings.contact_by) or self.settings.person_customers == "contact"

    @cached_property
    def link_rules(self) -> LinkRules:
        """What orders are associated with beside their customer."""
        return link_rules(self.settings, self._portal_id or self.definitions.account_details().portal_id)

    def push(
        self,
        mapped: MappedOrders,
        *,
        run: str,
        progress: Progress = quiet,
        send_refused_again: bool = False,
    ) -> pd.DataFrame:
        """Writes the valid orders to HubSpot; one outcome an order, held ones included (UpsertResults).

        send_refused_again: also what HubSpot refused before and nothing has changed for since.

        One run at a time is in the day lane; this one waits for the other to end.
        """
        from ns_hs_orders.wiring.rollups import ChangedCompanies

        self.check_portal()
        with self.day_lane(run, progress), self._paced(mapped):
            changed = ChangedCompanies(self, mapped)
            results = self.push_now(
                mapped,
                run=run,
                definitions=self.definitions.digest(),
                wait_seconds=self.hubspot.request_deadline + 2 * patience.LEASE_MARGIN_SECONDS,
                progress=progress,
                send_refused_again=send_refused_again,
            )
            changed.note(results, self.now())
            return results

    def push_now(
        self,
        mapped: MappedOrders,
        *,
        run: str,
        definitions: str,
        wait_seconds: float,
        progress: Progress = quiet,
        send_refused_again: bool = False,
    ) -> pd.DataFrame:
        """As `push`, for whoever is in a lane already and has compared the portal.

        definitions: digest of HubSpot's definitions. wait_seconds: for orders that another run is writing.
        """
        from ns_hs_orders.push.push_orders import push_orders

        directory = self.directory(mapped)
        if len(mapped.orders):
            self._note_amounts()
        return push_orders(
            mapped,
            crm=self.hubspot.objects,
            associations=self.hubspot.associations,
            states=self.states,
            clock=self.hubspot.clock,
            run=run,
            field_map=self.field_map,
            directory=directory,
            linked=self.linked(directory),
            definitions=definitions,
            send_refused_again=send_refused_again,
            stands_for=self._stands_for,
            threads=self.settings.push_threads,
            calls_a_second=self.budget.calls_a_second("objects"),
            lease_seconds=self.lease_seconds,
            request_seconds=self.hubspot.request_deadline,
            wait_seconds=wait_seconds,
            progress=progress,
        )

    def _note_amounts(self) -> None:
        """Notes once that orders tell of their returns, before they do: what a later change of the setting leaves behind."""
        from ns_hs_orders.withdraw.left import AMOUNTS_WRITTEN, amount_properties

        written = amount_properties(self.field_map.order_fields)
        if written and not self._are_amounts_noted:
            Notes(self.state).change(
                AMOUNTS_WRITTEN, lambda before: sorted({*(before or ()), *written}), self.now()
            )
        self._are_amounts_noted = True

    def cancelled_properties(self) -> dict[str, str] | None:
        """What marks an order that NetSuite deleted, where it is cancelled rather than archived; else None."""
        from ns_hs_orders.push.departed import CANCELLED_STATUS

        if self.settings.deleted_orders == "archive":
            return None
        return {
            "hs_pipeline": self.pipeline.pipeline_id,
            "hs_pipeline_stage": self.pipeline.stage_ids["cancelled"],
            "hs_external_order_status": CANCELLED_STATUS,
        }

    def _stands_for(self, orders: Mapping[str, str]) -> Mapping[str, str]:
        """Orders that a record of another integration stands for, where a person chose to adopt it first."""
        if self.settings.adopt_first == "off":
            return {}
        from ns_hs_orders.adopt.standing import standing_for

        return standing_for(
            orders, self.hubspot.search, self.hubspot.objects, self.settings.adopt_key_property
        )

    def _paced(self, mapped: MappedOrders) -> AbstractContextManager[None]:
        """Evenly where there is work for more than a window; what is less is done at once."""
        records = len(mapped.orders) + len(mapped.lines)
        calls = self.settings.hubspot_calls_per_10s
        return self.budget.evenly() if records > calls * RECORDS_A_CALL else nullcontext()

    @property
    def lease_seconds(self) -> float:
        """How long a claim lasts: longer than the longest call."""
        return self.hubspot.request_deadline + patience.LEASE_MARGIN_SECONDS

    @contextmanager
    def day_lane(self, run: str, progress: Progress = quiet) -> Iterator[None]:
        """Holds the day lane; waits for another run of it to end. Raises SyncError where it does not end."""
        deadline = self.now() + LANE_WAIT
        while True:
            with self.lanes.held(DAY_LANE, run, self.now) as is_ours:
                if is_ours:
                    yield
                    return
            if self.now() > deadline:
                raise SyncError(
                    f"Another run has been in the day lane for {LANE_WAIT}. Wait for it to end, or stop it in the UI."
                )
            progress("waiting for another run of the day lane", 0, 0)
            self.hubspot.clock.sleep(1.0)

    def check_mapping(self) -> None:
        """Refuses to begin where HubSpot cannot take what the mapping file writes.

        Raises ConfigError that names each property by line and column.
        """
        from ns_hs_orders.setup.mapped_properties import mapping_problems

        if problems := mapping_problems(self.definitions, self.field_map):
            raise ConfigError("The mapping file does not go with HubSpot:\n  " + "\n  ".join(problems))

    def check_portal(self) -> None:
        """Refuses to write to another portal than the configured one, or that of the first write.

        Raises ConfigError that names both.
        """
        found = self._portal_id = self.definitions.account_details().portal_id
        kept = self.settings.hubspot_portal_id or self._portal.keep(found)
        if found != kept:
            raise ConfigError(
                f"The token belongs to HubSpot portal {found}, but this home writes to portal {kept} "
                "(NS_HS_HUBSPOT_PORTAL_ID, or the portal of its first write). Nothing was written."
            )

    def reconcile(self, first: date, last: date, progress: Progress = quiet) -> Reconciliation:
        """Both systems read again and compared; nothing is written to HubSpot."""
        from ns_hs_orders.wiring.proof import reconcile_days

        return reconcile_days(self, first, last, progress)

    def calls(self) -> dict[str, int]:
        """API calls of this session so far, tries included, for people: `NetSuite calls`, `HubSpot calls`."""
        return {"NetSuite calls": self.netsuite.calls, "HubSpot calls": self.hubspot.calls}

    def record(self, result: Reconciliation) -> None:
        """Notes the result: exceptions, what was reported, what the next sync writes, and days as proven or red."""
        from ns_hs_orders.wiring.proof import record

        record(self, result)
