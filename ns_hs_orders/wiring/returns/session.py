"""Returns as records of their own, over a session: the same stages as orders, with a state store of their own.

Belongs here: what is different about returns: where they are read, their pipeline, their fields, how they hang on their
orders. Does not belong here: the stages, or opening both systems (opening). Nothing of a return is in the store of
orders, so that no report about orders counts one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.returns import RETURN_COUNTED_AMOUNT, return_field_map
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.state.database import STATE_OF_RETURNS, State, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.extract.probing.plan import SourcePlan
    from ns_hs_orders.extract.returns.schema import RawReturnsRead
    from ns_hs_orders.extract.schema import RawRead
    from ns_hs_orders.mapping.returns.schema import MappedReturns
    from ns_hs_orders.mapping.schema import MappedOrders
    from ns_hs_orders.push.ports import AssociationKind
    from ns_hs_orders.push.schema import Directory, Linked
    from ns_hs_orders.reconcile.returns.compared import ReturnComparison
    from ns_hs_orders.setup.pipelines import PipelineIds

_PROBE = "negative totals"
_AWAITED = "awaited orders"


@contextmanager
def open_returns(orders: Session) -> Iterator[ReturnsSession]:
    """Returns over an open session; their state is closed at the end. Raises ConfigError, SyncError."""
    state = open_state(orders.settings.state_address, STATE_OF_RETURNS)
    try:
        yield ReturnsSession(orders, state)
    finally:
        state.close()


def find_both(session: Session, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Internal ids of the orders and of the returns with these ids or numbers; returns where they are records.

    Raises ConfigError naming those that are neither.
    """
    from ns_hs_orders.extract.lookups import find_orders
    from ns_hs_orders.extract.returns.sources import RETURN_TYPE

    if session.settings.returns != "pipeline":
        return session.find(names), []
    orders = find_orders(session.netsuite, names)
    others = [name for name, ids in orders.items() if not ids]
    returns = find_orders(session.netsuite, others, RETURN_TYPE) if others else {}
    if unknown := [name for name, ids in returns.items() if not ids]:
        raise ConfigError(
            f"NetSuite has no sales order {', '.join(unknown)}, by id or by number, and no return either."
        )
    return (
        [one for ids in orders.values() for one in ids],
        [one for ids in returns.values() for one in ids],
    )


class ReturnsSession(Session):
    """A session whose orders are returns. Frames under the names of orders (push.returns), unless a method says so.

    orders: the session of the orders, whose systems, budgets, tickets and lanes it shares.
    """

    records = "returns"

    def __init__(self, orders: Session, state: State) -> None:
        super().__init__(
            orders.settings, orders.account, orders.netsuite, orders.hubspot, state, orders.budget
        )
        self.orders = orders
        self.tickets = orders.tickets
        self.lanes = orders.lanes
        self.home_state = orders.state
        self.field_map = return_field_map(orders.field_map)

    @property
    def source_plan(self) -> SourcePlan:
        """What the account can be asked: probed once, for orders and returns."""
        return self.orders.source_plan

    @cached_property
    def pipeline(self) -> PipelineIds:
        """The pipeline of returns in force. Raises ConfigError where setup has not been run."""
        from ns_hs_orders.setup.requirements import RETURNS

        settings = self.settings
        return self.find_pipeline(
            RETURNS, settings.hubspot_return_pipeline_id, settings.hubspot_return_stage_ids
        )

    def read_raw_days(self, first: date, last: date, progress: Progress = quiet) -> RawReturnsRead:
        """Every return of NetSuite dated in the range, in its own frames."""
        return self.orders.read_return_days(first, last, progress)

    def map_raw(self, raw: RawReturnsRead) -> MappedReturns:
        """Raw returns judged and mapped, in their own frames."""
        return self.orders.map_returns(raw)

    def as_orders(self, mapped: MappedReturns) -> MappedOrders:
        """Mapped returns as the push takes them."""
        from ns_hs_orders.push.returns.as_orders import as_orders

        return as_orders(mapped, self.settings.return_totals)

    def read_days(self, first: date, last: date, progress: Progress = quiet) -> RawRead:
        """Every return of NetSuite dated in the range."""
        from ns_hs_orders.push.returns.as_orders import raw_as_orders

        return raw_as_orders(self.read_raw_days(first, last, progress))

    def read_ids(
        self, ids: Sequence[str], progress: Progress = quiet, plan: SourcePlan | None = None
    ) -> RawRead:
        """These returns of NetSuite, by internal id."""
        from ns_hs_orders.push.returns.as_orders import raw_as_orders

        return raw_as_orders(self.orders.read_return_ids(ids, progress, plan))

    def map(self, raw: RawRead, progress: Progress = quiet) -> MappedOrders:  # noqa: ARG002 - told by none
        """Raw returns judged and mapped."""
        from ns_hs_orders.push.returns.as_orders import raw_as_returns

        return self.as_orders(self.map_raw(raw_as_returns(raw)))

    def directory(self, mapped: MappedOrders) -> Directory:
        """HubSpot's own ids for the valid returns; nothing is asked where there are none."""
        from ns_hs_orders.push.associations.directory import resolve_return_directory
        from ns_hs_orders.push.schema import Directory

        if mapped.orders.empty:
            return Directory("", {}, {})
        return resolve_return_directory(
            mapped.orders,
            crm=self.hubspot.objects,
            owners=self.orders.owners,
            pipeline_id=self.pipeline.pipeline_id,
            stage_ids=self.pipeline.stage_ids,
            parent_type_id=lambda: self.parent_kind.type_id if self.parent_kind else 0,
            order_url=self._order_url,
        )

    @cached_property
    def _order_url(self) -> str:
        return hubspot_record_url(self.settings, self.definitions.account_details()).removesuffix("{id}")

    @cached_property
    def parent_kind(self) -> AssociationKind | None:
        """How a return is associated with its order: by the label of setup, else plainly; None where the portal does not."""
        from ns_hs_orders.push.ports import AssociationKind
        from ns_hs_orders.setup.requirements import PARENT_LABEL

        types = self.definitions.association_types("orders", "orders")
        if PARENT_LABEL.label in types:
            return AssociationKind("orders", types[PARENT_LABEL.label], "USER_DEFINED")
        return AssociationKind("orders", types[""]) if "" in types else None

    def linked(self, directory: Directory) -> Mapping[Linked, AssociationKind]:
        """What returns are associated with; nothing is asked where there are none.

        Their order also where none of them has it any more: the association of before is removed by its kind.
        """
        kinds: dict[Linked, AssociationKind] = dict(super().linked(directory))
        kinds.pop("deal", None)
        if directory.pipeline_id and self.parent_kind is not None:
            kinds["parent"] = self.parent_kind
        return kinds

    def _note_amounts(self) -> None:
        """The state of returns itself tells which records are there."""

    def push(
        self,
        mapped: MappedOrders,
        *,
        run: str,
        progress: Progress = quiet,
        send_refused_again: bool = False,
    ) -> pd.DataFrame:
        """As for orders; where no return is to be written, HubSpot is not asked for anything."""
        if mapped.orders.empty:
            return self.push_now(mapped, run=run, definitions="", wait_seconds=0.0, progress=progress)
        return super().push(mapped, run=run, progress=progress, send_refused_again=send_refused_again)

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
        """As for orders. Raises ConfigError, too, where totals below zero are asked for and the portal refuses them."""
        if self.settings.return_totals == "negative" and len(mapped.orders):
            self._require_negative_totals()
        self._await_orders(mapped)
        return super().push_now(
            mapped,
            run=run,
            definitions=definitions,
            wait_seconds=wait_seconds,
            progress=progress,
            send_refused_again=send_refused_again,
        )

    def _require_negative_totals(self) -> None:
        """Asks the portal once; whatever key was asked under is noted before, so that a kill leaves nothing behind."""
        from ns_hs_orders.push.returns.negative_totals import require_negative_totals

        notes, now = Notes(self.state), self.now()
        portal = self._portal_id or self.definitions.account_details().portal_id
        note = notes.find(_PROBE, now=now) or {}
        if note.get("portal") == portal and note.get("taken"):
            return
        key = note.get("key") or f"probe-{uuid4().hex}"
        notes.keep(_PROBE, {"portal": portal, "key": key, "taken": False}, now)
        place = {
            "hs_pipeline": self.pipeline.pipeline_id,
            "hs_pipeline_stage": self.pipeline.stage_ids["cancelled"],
        }
        require_negative_totals(self.hubspot.objects, key, place)
        notes.keep(_PROBE, {"portal": portal, "key": "", "taken": True}, now)

    def _await_orders(self, mapped: MappedOrders) -> None:
        """Notes which orders returns are waiting for, before they are written without them."""
        known = self._states_of_parents(mapped)
        waiting = {
            one: order
            for one, order in zip(
                mapped.orders["order_id_netsuite"], mapped.orders["parent_order_id"].fillna(""), strict=True
            )
            if order and order not in known
        }
        if waiting:
            Notes(self.state).change(_AWAITED, lambda before: (before or {}) | waiting, self.now())

    def _states_of_parents(self, mapped: MappedOrders) -> set[str]:
        parents = list(dict.fromkeys(mapped.orders["parent_order_id"].dropna()))
        return self._in_hubspot(parents)

    def _in_hubspot(self, order_ids: Sequence[str]) -> set[str]:
        """Those of the orders that HubSpot holds, as far as the state knows."""
        from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES

        states = self.orders.states.load(list(order_ids), links=False)
        return {
            key
            for key, one in states.items()
            if one.order_id_hubspot is not None and one.outcome in ACCEPTED_OUTCOMES
        }

    def notice_arrived_orders(self) -> int:
        """Makes due the returns whose order has come into HubSpot since they were written; returns how many."""
        notes, now = Notes(self.state), self.now()
        awaited: dict[str, str] = notes.find(_AWAITED, now=now) or {}
        if not awaited:
            return 0
        there = self._in_hubspot(list(dict.fromkeys(awaited.values())))
        flying = self.states.in_flight(list(awaited), now)
        arrived = [one for one, order in awaited.items() if order in there and one not in flying]
        if arrived:
            self.states.mark_different(
                arrived, ticket=self.tickets.next_ticket(), cause="order came into HubSpot", now=now
            )
            done = {one: awaited[one] for one in arrived}
            # the other lane may have noted more since they were read, or another order of the same return
            notes.change(_AWAITED, lambda noted: dict((noted or {}).items() - done.items()), now)
        return len(arrived)

    def cancelled_properties(self) -> dict[str, str] | None:
        """As for orders; nothing of a deleted return counts any more."""
        found = super().cancelled_properties()
        return None if found is None else {**found, RETURN_COUNTED_AMOUNT: "0", "hs_total_price": "0"}

    def compare(
        self, first: date, last: date, progress: Progress = quiet, *, mapped: MappedOrders | None = None
    ) -> ReturnComparison:
        """Both systems read again and compared, return by return; what differs is made due. HubSpot is not written to.

        mapped: the returns of these days where they were read just now.
        """
        from ns_hs_orders.reconcile.returns.compare import ReturnSides, after_compare, compare_returns

        found = compare_returns(
            ReturnSides(
                next_ticket=self.tickets.next_ticket,
                read=lambda start, end: self.map(self.read_days(start, end)) if mapped is None else mapped,
                read_by_id=lambda ids: self.map(self.read_ids(ids)),
                wanted=self.wanted,
                crm=self.hubspot.objects,
                associations=self.hubspot.associations,
                search=self.hubspot.search,
                known=self.states,
                parent=lambda: self.parent_kind,
                orders=lambda keys: self.orders.states.load(keys, links=False),
                with_contacts=self.has_contacts,
                threads=self.settings.push_threads,
            ),
            self.field_map,
            first,
            last,
            clock=self.now,
            progress=progress,
        )
        after_compare(found, self.states, self.now())
        return found
