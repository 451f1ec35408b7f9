"""Exceptions, over the state alone: no system is opened.

Belongs here: handing the state to the report, and a person's decisions to the state. Does not belong here: any rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ns_hs_orders.settings import Settings
from ns_hs_orders.state.proof.exceptions import ExceptionLog
from ns_hs_orders.wiring.on_call import existing_state

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.ports import KnownException
    from ns_hs_orders.reconcile.risk import RiskRow


def risks_now(settings: Settings) -> list[RiskRow] | None:
    """Every exception that is there, the heaviest first; None where nothing ran yet."""
    from ns_hs_orders.reconcile.risk import risk_rows

    with existing_state(settings) as state:
        return None if state is None else risk_rows(ExceptionLog(state).all(), datetime.now(UTC).date())


def acknowledge(
    settings: Settings,
    orders: Sequence[str] | None,
    *,
    cause: str | None,
    days: tuple[date, date] | None,
    by: str,
    because: str,
    until: date,
) -> list[KnownException]:
    """A person acknowledges exceptions as they are now, until a day; returns those that were found, as they were.

    days: only those of these order dates, first and last.
    """
    with existing_state(settings) as state:
        if state is None:
            return []
        return ExceptionLog(state).acknowledge(
            orders, cause=cause, days=days, by=by, because=because, until=until, now=datetime.now(UTC)
        )


def reopen(settings: Settings, orders: Sequence[str], by: str) -> list[KnownException]:
    """A person takes acknowledgements back; returns those that held."""
    with existing_state(settings) as state:
        return [] if state is None else ExceptionLog(state).reopen(orders, by=by, now=datetime.now(UTC))
