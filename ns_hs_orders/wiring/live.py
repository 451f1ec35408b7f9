"""The live lane over a session: one look, one round, what is gone, and the whole drain.

Belongs here: handing the live lane's functions their systems and state. Does not belong here: any rule.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ns_hs_orders.errors import ContractError, RemoteError, SyncError
from ns_hs_orders.live.apart import settle_apart
from ns_hs_orders.live.drain import QUIET, ROUND_SECONDS, Drained, Round, drain, tell_nobody
from ns_hs_orders.live.ports import Moment, ReturnRecords
from ns_hs_orders.live.report import LiveReport, live_report
from ns_hs_orders.live.watch import Watched
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.work.unread_streams import leave_unread
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.rollups import note_changed_orders
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.extract.probing.plan import SourcePlan
    from ns_hs_orders.live.look import LookAround, Lookout
    from ns_hs_orders.live.sweep import Sweep

LIVE_LANE = "live"
FAILURES = "live_failures"
PLAN = "source_plan"
PROBED_ANEW = "probed_anew"
PLAN_LASTS = timedelta(minutes=15)
DEFINITIONS_LAST = timedelta(minutes=1)
_FIRST_BACK_OFF = timedelta(seconds=10)
_LONGEST_BACK_OFF = timedelta(minutes=1)
_ONE_DAY = timedelta(days=1)
_REFUSALS_OF_A_QUERY = (400, 500)
_FEW_WITNESSES = 3
_IMPORTING = threading.Lock()

Told = Callable[[str], None]


def told_to_nobody(_text: str) -> None:
    """What happens is told to nobody."""


class Rounds(ReturnRecords, Protocol):
    """The rounds of returns within those of orders."""

    def round(self, limit: int, plan: Callable[[], SourcePlan]) -> None:
        """Reads and writes at most so many due returns. Raises nothing: returns never stop orders."""
        ...

    def due_now(self) -> int:
        """How many returns a round would take now."""
        ...


class LiveLane:
    """The live lane's steps; implements live.drain.LiveSteps. run: whom its events name. returns: where they are records.

    quiet: how long nothing must have been found before a drain ends.
    """

    quiet = QUIET

    def __init__(
        self,
        session: Session,
        run: str,
        told: Told = told_to_nobody,
        returns: Rounds | None = None,
    ) -> None:
        self._session = session
        self._returns = returns
        self._run = run
        self._told = told
        self._watermarks = WatermarkStore(session.state)
        self._notes = Notes(session.state)
        self._desk = DepartureDesk(session, run, told)
        self._arrivals = ArrivalLog(session.state)
        self._definitions: tuple[datetime, str] | None = None
        self._is_portal_known = False
        self._has_old_failures = False
        self._reported = 0

    @cached_property
    def plan(self) -> SourcePlan:
        """What the account can be asked, probed at most a quarter of an hour ago."""
        from ns_hs_orders.extract.probing.plan_note import plan_from_note, plan_note

        options = self._session.source_options
        now = self._session.now()
        note = self._notes.find(PLAN, now=now, not_older_than=PLAN_LASTS)
        found = plan_from_note(note, options, self._session.account)
        if found is None:
            found = self._session.probed_plan(changes=True)
            self._notes.keep(PLAN, plan_note(found, self._session.account), now)
            if not options.with_returns:
                self._leave_returns_unread()
        return found

    def use_plan(self, plan: SourcePlan) -> None:
        """Takes a plan that another lane has probed, in place of its own."""
        self.__dict__["plan"] = plan

    def _leave_returns_unread(self) -> None:
        """What a setting switched off is no stream that somebody must look after."""
        from ns_hs_orders.extract.change_sources import RETURN_STREAMS

        marks = self._watermarks.all()
        looked = {
            one.name: at for one in RETURN_STREAMS if (mark := marks.get(one.name)) and (at := mark.looked_at)
        }
        if looked:
            leave_unread(self._session.state, looked, by="NS_HS_RETURNS=off", now=self._session.now())

    @cached_property
    def _clocks(self) -> tuple[datetime, datetime]:
        """NetSuite's clock, and ours when its answer was here: so NetSuite's is never told too late."""
        return self._session.netsuite.server_time(), self._session.now()

    def moment(self) -> Moment:
        """Now, on both clocks."""
        netsuite, ours = self._clocks
        now = self._session.now()
        return Moment(now, netsuite + (now - ours))

    @cached_property
    def lookout(self) -> Lookout:
        """What looks need."""
        from ns_hs_orders.live.look import Lookout

        return Lookout(
            suiteql=self._session.netsuite,
            plan=self.plan,
            watermarks=self._watermarks,
            tickets=self._session.tickets,
            known=self._session.states.load,
            moment=self.moment,
            first_day=self._session.settings.first_day,
            threads=self._session.settings.netsuite_concurrency,
            orders_of_returns=self._session.returns_of_orders.find,
            returns_made_from=self._session.returns_of_orders.made_from,
            records=self._returns,
        )

    def look(self) -> LookAround:
        """Looks at the change streams, and records what is due.

        After a refusal the account is probed anew, once in the time that a plan lasts: the lane goes on without a
        table that is gone for good.
        """
        found = self.lookout.look()
        if found.refused:
            self._probe_anew(found.refused)
        if self._has_old_failures:
            self._notes.drop(FAILURES)
            self._has_old_failures = False
        return found

    def _probe_anew(self, refused: Mapping[str, str]) -> None:
        """Drops the plan, unless it was made anew over these streams already and showed them."""
        now = self._session.now()
        before = self._notes.find(PROBED_ANEW, now=now, not_older_than=PLAN_LASTS) or []
        if set(refused) <= set(before):
            return
        self._notes.keep(PROBED_ANEW, sorted({*refused, *before}), now)
        self._notes.drop(PLAN)
        self.__dict__.pop("plan", None)
        self.__dict__.pop("lookout", None)
        for stream, said in refused.items():
            self._told(f"{stream} cannot be read, the other streams were: {said}")

    def sweep_if_due(self) -> Sweep | None:
        """Sweeps the open orders, where the last sweep is long enough ago."""
        from ns_hs_orders.live.sweep import is_sweep_due, sweep

        every = timedelta(minutes=self._session.settings.sweep_minutes)
        return sweep(self.lookout) if is_sweep_due(self.lookout, every) else None

    def is_sweep_due(self) -> bool:
        """Whether a run is wanted for the sweep alone; asks the state only."""
        from ns_hs_orders.extract.change_sources import OPEN_ORDERS

        mark = self._watermarks.all().get(OPEN_ORDERS)
        every = timedelta(minutes=self._session.settings.sweep_minutes)
        return mark is None or mark.looked_at is None or self.moment().netsuite - mark.looked_at >= every

    def round(self, limit: int) -> Round:
        """Reads and writes at most so many due orders, then returns, the newest change first; asks nobody while none is."""
        turn = self.round_of_orders(limit)
        if self._returns is not None:
            self._returns.round(limit, lambda: self.plan)
        return turn

    def round_of_orders(self, limit: int) -> Round:
        """The same of orders alone."""
        session = self._session
        due = session.due_orders.to_try(session.now(), limit)
        if not due:
            return Round(0)
        ends = session.now() + timedelta(seconds=ROUND_SECONDS)
        asked, outcomes = settle_apart(
            due, self._settle, largest=limit, is_over=lambda: session.now() >= ends
        )
        return Round(asked, outcomes, session.due_orders.count_due(session.now()))

    def _settle(self, ids: Sequence[str], *, is_of_one: bool = False) -> Counter[str]:
        """One outcome an order. What NetSuite answers about one order never holds back the others.

        is_of_one: that other orders can be read is known already.
        """
        session = self._session
        try:
            plan = self.plan
            import_stages()
            with ThreadPoolExecutor(1, thread_name_prefix="hubspot") as pool:
                ready = pool.submit(self._prepare_hubspot)
                raw = session.read_ids(ids, plan=plan)
                ready.result()
            mapped = session.map(raw)
            # before the write: a run that is killed after it leaves them due
            note_changed_orders(session, ids, raw)
            results = session.push_now(mapped, run=self._run, definitions=self._digest(), wait_seconds=0.0)
        except (ContractError, RemoteError) as error:
            if not (is_of_one or self._is_of_one_order(error, ids)):
                raise
            if len(ids) == 1:
                self._hold_back(ids[0], error)
                return Counter({"due": 1})
            middle = len(ids) // 2
            return self._settle(ids[:middle], is_of_one=True) + self._settle(ids[middle:], is_of_one=True)
        outcomes: Counter[str] = Counter(results["outcome"].tolist())
        read = set(raw.orders["order_id_netsuite"].tolist())
        return outcomes + self._desk.settle([one for one in ids if one not in read])

    def _is_of_one_order(self, error: SyncError, ids: Sequence[str]) -> bool:
        """Whether an error can be about one of the orders: others can be read all the while."""
        if isinstance(error, RemoteError) and not (
            error.system == "netsuite" and error.status in _REFUSALS_OF_A_QUERY
        ):
            return False
        witnesses = self._desk.witnesses(ids)[:_FEW_WITNESSES]
        for one in witnesses:
            with suppress(ContractError, RemoteError):
                self._session.read_ids([one], plan=self.plan)
                return True
        return not witnesses and isinstance(error, ContractError)

    def _prepare_hubspot(self) -> None:
        """What HubSpot must be asked before it is written to, while NetSuite is read."""
        if not self._is_portal_known:
            self._session.check_portal()
            self._is_portal_known = True
        _ = self._session.pipeline, self._session.owners.active(), self._digest()

    def _digest(self) -> str:
        now = self._session.now()
        if self._definitions is None or abs(now - self._definitions[0]) >= DEFINITIONS_LAST:
            self._definitions = (now, self._session.definitions.digest())
        return self._definitions[1]

    def _hold_back(self, order_id: str, error: SyncError) -> None:
        from ns_hs_orders.push.ports import Verdict

        ticket = self._session.tickets.next_ticket()
        self._session.states.record(
            [Verdict(order_id, ticket, "due", "unreadable", str(error), None, None, None, needs_newer=True)],
            holder=self._run, run=self._run, now=self._session.now(),
        )  # fmt: skip

    def drain(self, tell: Callable[[Drained], None] = tell_nobody) -> Drained | None:
        """The whole live run, in the live lane; None where another run is in it.

        Notes failures, so that the sensor backs off; the first look that succeeds ends their row.
        """
        session = self._session
        with session.lanes.held(LIVE_LANE, self._run, session.now) as is_ours:
            if not is_ours:
                return None
            threading.Thread(target=import_stages, name="imports", daemon=True).start()
            self._has_old_failures = True
            try:
                return drain(self, session.hubspot.clock, self._told, quiet=self.quiet, tell=tell)
            except SyncError as error:
                with suppress(SyncError):
                    note_failure(self._notes, str(error), session.now())
                raise

    def report(self, done: Drained | None) -> LiveReport:
        """What the run did so far, how long changes took since its last report and in the last 24 hours."""
        session = self._session
        now = session.now()
        lately = self._arrivals.since(now - _ONE_DAY)
        of_run = [one for one in lately if one.run == self._run]
        told, self._reported = self._reported, len(of_run)
        return live_report(
            done,
            of_run=of_run,
            not_told=of_run[told:],
            lately=lately,
            waiting=[one for one in session.due_orders.all() if one.closed_at is None],
            limit=timedelta(seconds=session.settings.arrival_limit_seconds),
            now=now,
            mode=session.mode,
            calls=session.calls(),
        )

    def watched(self, requested_at: datetime | None, watching_since: datetime | None = None) -> Watched:
        """What the sensor knows before it asks NetSuite. watching_since: when its process began."""
        now = self._session.now()
        lane = self._session.lanes.find(LIVE_LANE)
        failed = self._notes.find(FAILURES, now=now)
        return Watched(
            now=now,
            lane_run=lane.run if lane else None,
            heartbeat=lane.heartbeat if lane else None,
            is_fresh=lane is not None and lane.is_fresh(now),
            requested_at=requested_at,
            watching_since=watching_since,
            resting_until=datetime.fromisoformat(failed["retry_at"]) if failed else None,
            failure=failed["summary"] if failed else None,
        )

    def due_now(self) -> int:
        """How many orders and returns a round would take now, at most two thousand each."""
        returns = 0 if self._returns is None else self._returns.due_now()
        return returns + len(self._session.due_orders.to_try(self._session.now()))


def import_stages() -> None:
    """What reading, mapping and writing need: pandas and pandera take a second to import, while NetSuite is asked for news.

    In one thread, before any other needs them: threads that import pandera's modules at once deadlock in Python 3.11.
    """
    with _IMPORTING:
        import ns_hs_orders.extract.frames
        import ns_hs_orders.mapping.map_orders
        import ns_hs_orders.push.associations.directory
        import ns_hs_orders.push.push_orders
        import ns_hs_orders.setup.pipelines  # noqa: F401


def note_failure(notes: Notes, summary: str, now: datetime) -> None:
    """Notes one more failure in a row, and until when the lane rests."""
    before = notes.find(FAILURES, now=now) or {"count": 0}
    count = int(before["count"]) + 1
    rest = min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * (1 << min(count - 1, 6)))
    notes.keep(
        FAILURES, {"count": count, "summary": summary[:500], "retry_at": (now + rest).isoformat()}, now
    )
