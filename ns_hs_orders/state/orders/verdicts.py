"""Whether a verdict may be recorded over what the state knows, and what it changes.

Belongs here: the decision, as a pure function. Does not belong here: SQL (order_states).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from ns_hs_orders.push.ports import Verdict


class StateRow(NamedTuple):
    """What the state knows of an order, as far as claims and verdicts ask."""

    outcome: str | None = None
    reason: str | None = None
    fingerprint: str | None = None
    confirmed_ticket: int = 0
    newest_ticket: int = 0
    order_on: date | None = None
    total_minor: int | None = None
    currency: str | None = None
    lease_holder: str | None = None
    lease_until: datetime | None = None
    written: str | None = None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody's lease is running."""
        return self.lease_until is not None and self.lease_until > now


@dataclass(frozen=True)
class Change:
    """What recording a verdict changes. is_news: whether it belongs in the order's story."""

    confirmed_ticket: int
    newest_ticket: int
    order_on: date | None
    lease_holder: str | None
    lease_until: datetime | None
    changed_days: tuple[date | None, ...]
    is_news: bool

    def parameters(self, verdict: Verdict) -> dict[str, Any]:
        """The parameters of the UPDATE in `order_states`."""
        return {
            "judged_id": verdict.order_id,
            "new_outcome": verdict.outcome,
            "new_reason": verdict.reason,
            "new_explanation": verdict.explanation,
            "new_confirmed_ticket": self.confirmed_ticket,
            "new_newest_ticket": self.newest_ticket,
            "new_order_on": self.order_on,
            "new_currency": verdict.currency,
            "new_total_minor": verdict.total_minor,
            "new_refused_fingerprint": verdict.fingerprint if verdict.outcome == "rejected" else None,
            "new_lease_holder": self.lease_holder,
            "new_lease_until": self.lease_until,
        }


def judge(row: StateRow, verdict: Verdict, *, holder: str, now: datetime) -> Change | None:
    """The change that the verdict makes, or None where it may not be recorded.

    A newer reading's outcome wins. Only the holder of a running lease may judge the order, and
    nobody's `unchanged` is true while a lease runs or once the fingerprint is another one.
    """
    ticket = verdict.ticket
    if ticket < row.newest_ticket or ticket < row.confirmed_ticket:
        return None
    is_own = row.lease_holder == holder
    if row.is_held(now) and not is_own:
        return None
    unchanged = verdict.outcome == "unchanged"
    if unchanged and (
        row.is_held(now) or verdict.fingerprint is None or row.fingerprint != verdict.fingerprint
    ):
        return None
    keeps = is_own and verdict.keep_lease
    order_on = verdict.order_on or row.order_on  # an unreadable date does not take it off its day
    differs = (row.total_minor, row.currency, row.order_on) != (
        verdict.total_minor,
        verdict.currency,
        order_on,
    )
    is_news = not unchanged and (
        differs or is_own or (row.outcome, row.reason) != (verdict.outcome, verdict.reason)
    )
    return Change(
        confirmed_ticket=max(ticket, row.confirmed_ticket) if unchanged else row.confirmed_ticket,
        newest_ticket=max(ticket, row.newest_ticket),
        order_on=order_on,
        lease_holder=row.lease_holder if keeps else None,
        lease_until=row.lease_until if keeps else None,
        changed_days=(order_on, row.order_on) if is_news else (),
        is_news=is_news,
    )
