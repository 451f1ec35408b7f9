"""What a person on call asks and decides, over the state alone: no system is opened.

Belongs here: handing the state to the report, and a person's decisions to the state. Does not belong here: any rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ns_hs_orders.settings import Settings
from ns_hs_orders.state.database import (
    STATE_OF_RETURNS,
    State,
    chunks,
    open_existing_state,
    shown_address,
)
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.events import Events, OrderEvent
from ns_hs_orders.state.overview import read_due, read_overview, read_streams
from ns_hs_orders.state.work.unread_streams import leave_unread
from ns_hs_orders.wiring.patience import call_limits

if TYPE_CHECKING:
    from ns_hs_orders.report.ports import DueLine
    from ns_hs_orders.report.status.condition import Status
    from ns_hs_orders.withdraw.left import LeftReturns


@contextmanager
def existing_state(settings: Settings, part: str = "") -> Iterator[State | None]:
    """The state of the home, None where nothing ran yet; neither made nor changed by being opened.

    part: a store of its own beside it, such as that of returns.
    """
    state = open_existing_state(settings.state_address, part)
    try:
        yield state
    finally:
        if state is not None:
            state.close()


def status_now(settings: Settings) -> Status:
    """The sync's condition, from the state alone. Raises SyncError where it cannot be read."""
    from ns_hs_orders.report.status.condition import Limits, status_of

    now = datetime.now(UTC)
    limits, requests = call_limits(settings), settings.netsuite_concurrency
    with existing_state(settings) as state:
        found = (
            None if state is None else read_overview(state, now, limits=limits, netsuite_concurrency=requests)
        )
    with _state_of_returns(settings) as state:
        of_returns = (
            None if state is None else read_overview(state, now, limits=limits, netsuite_concurrency=requests)
        )
    return status_of(
        found,
        returns=of_returns,
        left=left_by_state(settings),
        mode=settings.mode,
        home=str(settings.home_path),
        state=shown_address(settings.state_address),
        at=now,
        limits=Limits(
            arrival_seconds=settings.arrival_limit_seconds,
            stuck=timedelta(minutes=settings.alert_stuck_minutes),
        ),
    )


def left_by_state(settings: Settings) -> LeftReturns:
    """What returns left in HubSpot that the setting does not put there, as far as the state knows; it asks nobody."""
    from ns_hs_orders.withdraw.left import AMOUNTS_WRITTEN, LeftReturns, may_leave

    leaves_records, leaves_amounts = may_leave(settings.returns)
    records, has_amounts = 0, False
    if leaves_records:
        with existing_state(settings, STATE_OF_RETURNS) as state:
            records = 0 if state is None else Departures(state).count_in_hubspot()
    if leaves_amounts:
        with existing_state(settings) as state:
            has_amounts = state is not None and bool(
                Notes(state).find(AMOUNTS_WRITTEN, now=datetime.now(UTC))
            )
    return LeftReturns(settings.returns, records, has_amounts=has_amounts)


def due_orders(settings: Settings) -> list[DueLine] | None:
    """Every due order; None where nothing ran yet."""
    with existing_state(settings) as state:
        return None if state is None else read_due(state)


def due_returns(settings: Settings) -> list[DueLine]:
    """Every due return."""
    with _state_of_returns(settings) as state:
        return [] if state is None else read_due(state)


@contextmanager
def _state_of_returns(settings: Settings) -> Iterator[State | None]:
    """The state of returns, None where they are no records or nothing ran yet."""
    if settings.returns != "pipeline":
        yield None
        return
    with existing_state(settings, STATE_OF_RETURNS) as state:
        yield state


def close_due_orders(settings: Settings, order_ids: Sequence[str], by: str) -> set[str]:
    """Closes due orders and returns for a person; returns those that were due and open."""
    closed: set[str] = set()
    for opened in (existing_state(settings), _state_of_returns(settings)):
        with opened as state:
            if state is not None:
                closed |= DueOrders(state).close(order_ids, by=by, now=datetime.now(UTC))
    return closed


def leave_streams_unread(settings: Settings, streams: Sequence[str], by: str) -> set[str]:
    """A person leaves change streams unread until they are read again; returns those that were not read."""
    from ns_hs_orders.report.status.condition import unread_streams

    with existing_state(settings) as state:
        if state is None:
            return set()
        unread = unread_streams(read_streams(state))
        left = {stream: unread[stream] for stream in streams if stream in unread}
        if left:
            leave_unread(state, left, by=by, now=datetime.now(UTC))
        return set(left)


def approve_departures(settings: Settings, order_ids: Sequence[str] | None, by: str) -> set[str]:
    """A person lets held orders and returns go, None: all of them; returns those that were held. They are tried at once."""
    approved: set[str] = set()
    for opened in (existing_state(settings), _state_of_returns(settings)):
        with opened as state:
            if state is not None:
                approved |= _approve(state, order_ids, by)
    return approved


def _approve(state: State, order_ids: Sequence[str] | None, by: str) -> set[str]:
    held = {line.order_id for line in read_due(state) if line.kind == "held"}
    approved = held if order_ids is None else held & set(order_ids)
    if approved:
        now = datetime.now(UTC)
        Departures(state).approve(approved, now)
        for ids in chunks(sorted(approved)):
            DueOrders(state).try_now(ids, now)
        Events(state).add(
            [OrderEvent(one, now, "by hand", "approved", {"by": by}) for one in sorted(approved)]
        )
    return approved
