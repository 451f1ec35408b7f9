"""What changed since somebody was told last: once per change of state, and the end of it too. Pure rules.

Belongs here: comparing what holds with what is kept, and what may wait. Does not belong here: what holds
(conditions.py), sending (evaluate.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ns_hs_orders.alerts.conditions import STUCK, Condition
from ns_hs_orders.alerts.ports import KeptCondition

KEPT_AFTER_ITS_END = timedelta(days=30)
STORM_ORDERS = 10
STORM_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True)
class Changes:
    """after: every condition as it is to be kept. written, dropped: what differs from before."""

    after: Mapping[str, KeptCondition]
    written: tuple[KeptCondition, ...]
    dropped: tuple[str, ...]


def compare(kept: Mapping[str, KeptCondition], holding: Mapping[str, Condition], now: datetime) -> Changes:
    """What holds now against what is kept."""
    after = {name: one for name, one in kept.items() if not _is_done_with(one, name in holding, now)}
    dropped = tuple(name for name in kept if name not in after)
    written = []
    for name, condition in holding.items():
        known = after.get(name)
        if known is not None and known.state == "open":
            continue
        # nobody was told that it was over, so for those who were told that it began nothing has changed
        told_at = now if known is not None and known.told_at is None else None
        written.append(KeptCondition(name, "open", condition.summary, now, told_at))
    for name, known in after.items():
        if name not in holding and known.state == "open":
            written.append(replace(known, state="over", since=now, told_at=None))
    after.update({one.name: one for one in written})
    return Changes(after, tuple(written), dropped)


def _is_done_with(one: KeptCondition, holds: bool, now: datetime) -> bool:
    """Nobody needs to hear that something is over which nobody heard of, nor to keep it for ever."""
    if holds:
        return False
    if one.state == "open":
        return one.told_at is None
    return one.told_at is not None and one.since < now - KEPT_AFTER_ITS_END


def to_tell(
    after: Mapping[str, KeptCondition], holding: Mapping[str, Condition], now: datetime
) -> list[KeptCondition]:
    """What nobody was told of yet, what holds in the order of `holding`.

    While many orders or returns are stuck, as when HubSpot is down, each minute has some more: then they are told
    together, every ten minutes. Whatever else changes is told at once, and they with it.
    """
    order = {name: place for place, name in enumerate(holding)}
    untold = sorted(
        (one for one in after.values() if one.told_at is None),
        key=lambda one: (order.get(one.name, len(order)), one.name),
    )
    may_wait = all(_is_order(one) and not _is_urgent(one, holding) for one in untold)
    return [] if may_wait and _is_storm(after, now) else untold


def _is_urgent(one: KeptCondition, holding: Mapping[str, Condition]) -> bool:
    return one.name in holding and holding[one.name].is_urgent


def _is_storm(after: Mapping[str, KeptCondition], now: datetime) -> bool:
    told = [one.told_at for one in after.values() if _is_order(one) and one.told_at is not None]
    recent = [at for at in told if at > now - STORM_PAUSE]
    return len(recent) >= STORM_ORDERS


def _is_order(one: KeptCondition) -> bool:
    return one.name.startswith(STUCK)


def told(conditions: Sequence[KeptCondition], now: datetime) -> list[KeptCondition]:
    """The same conditions, once somebody was told of them."""
    return [replace(one, told_at=now) for one in conditions]
