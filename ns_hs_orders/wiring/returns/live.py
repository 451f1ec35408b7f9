"""Returns in the live lane: their rounds within those of orders, and the lane with both.

Belongs here: when returns are read and written, and what becomes of a failure. Does not belong here: looking, which is
one for both (live), or how a return is read and written (returns). What goes wrong with returns is told and noted, and
never stops the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ns_hs_orders.errors import SyncError
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.overview import PIPELINE_PROBLEM
from ns_hs_orders.wiring.live import FAILURES, PLAN_LASTS, LiveLane, Told, note_failure, told_to_nobody
from ns_hs_orders.wiring.returns.session import ReturnsSession, open_returns
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.extract.probing.plan import SourcePlan
    from ns_hs_orders.live.ports import Noticed
    from ns_hs_orders.push.ports import OrderState

LOOKED_AT_PIPELINE = "looked at pipeline"
_STRANGE = (ValueError, KeyError, TypeError, AttributeError)
"""What a strange answer about a return may end in; it is no reason to leave orders unwritten."""
AWAITED_EVERY = timedelta(seconds=15)
"""How often the state is asked whether orders that returns wait for have come."""


@contextmanager
def open_lane(session: Session, run: str, told: Told = told_to_nobody) -> Iterator[LiveLane]:
    """The live lane over an open session, with returns where they are records. Raises SyncError."""
    if session.settings.returns != "pipeline":
        yield LiveLane(session, run, told)
        return
    with open_returns(session) as returns:
        rounds = ReturnRounds(returns, LiveLane(returns, run, told), told)
        yield LiveLane(session, run, told, rounds)


class ReturnRounds:
    """Implements wiring.live.Rounds. lane: the live lane over the returns' own session."""

    def __init__(self, session: ReturnsSession, lane: LiveLane, told: Told) -> None:
        self._session = session
        self._lane = lane
        self._told = told
        self._notes = Notes(session.state)
        self._looked_for_orders: datetime | None = None
        self._failed = ""

    def known(self, return_ids: Sequence[str]) -> Mapping[str, OrderState]:
        """The known states of these returns."""
        return self._session.states.load(return_ids)

    def note(self, noticed: Sequence[Noticed], now: datetime) -> None:
        """Enters them as due."""
        if noticed:
            self._session.due_orders.notice(noticed, self._session.tickets.next_ticket(), now)

    def due_now(self) -> int:
        """How many returns a round would take now, at most two thousand; none while they rest after a failure."""
        now = self._session.now()
        return 0 if self._is_resting(now) else len(self._session.due_orders.to_try(now))

    def round(self, limit: int, plan: Callable[[], SourcePlan]) -> None:
        """Reads and writes at most so many due returns, those included whose order has come into HubSpot."""
        now = self._session.now()
        if self._is_resting(now):
            return
        try:
            if self._looked_for_orders is None or now - self._looked_for_orders >= AWAITED_EVERY:
                self._looked_for_orders = now
                self._session.notice_arrived_orders()
            self._look_at_pipeline(now)
            if not self._session.due_orders.to_try(now, 1):
                return
            self._lane.use_plan(plan())
            turn = self._lane.round_of_orders(limit)
        except (SyncError, *_STRANGE) as error:
            said = str(error) if isinstance(error, SyncError) else f"{type(error).__name__} {error}"
            note_failure(self._notes, said, now)
            if said != self._failed:
                self._told(f"Returns are left for now, orders go on: {said}")
            self._failed = said
            return
        self._forget_failures(now)
        if turn.orders:
            outcomes = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(turn.outcomes.items()))
            self._told(f"{turn.orders:,} returns read and judged: {outcomes}")

    def _look_at_pipeline(self, now: datetime) -> None:
        """Asks for the pipeline now and then though no return is due: `status` tells before one is that it is gone.

        Raises ConfigError where it is.
        """
        is_wrong = self._notes.find(PIPELINE_PROBLEM, now=now) is not None
        looked = self._notes.find(LOOKED_AT_PIPELINE, now=now, not_older_than=PLAN_LASTS) is not None
        if looked and not is_wrong:
            return
        self._session.__dict__.pop("pipeline", None)
        _ = self._session.pipeline
        self._notes.keep(LOOKED_AT_PIPELINE, True, now)
        if is_wrong:
            self._forget_failures(now)

    def _forget_failures(self, now: datetime) -> None:
        if self._notes.find(FAILURES, now=now) is not None:
            self._notes.drop(FAILURES)

    def _is_resting(self, now: datetime) -> bool:
        failed = self._notes.find(FAILURES, now=now)
        return failed is not None and now < datetime.fromisoformat(failed["retry_at"])
