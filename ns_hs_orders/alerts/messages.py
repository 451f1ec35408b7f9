"""The text of messages, in Markdown that every program shows alike: bold, lists and links.

Belongs here: wording and what a message leaves out for its length. Does not belong here: which conditions
there are (conditions.py), sending (delivery.py). Text of others comes here inert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from ns_hs_orders.alerts.conditions import Condition
from ns_hs_orders.alerts.digest import Digest
from ns_hs_orders.alerts.ports import Message
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.live.delay import delays
from ns_hs_orders.live.ports import Arrival
from ns_hs_orders.money import shown

MOST_LISTED = 15
PRODUCT = "ns_hs_orders"


def changes_message(mode: str, opened: Sequence[Condition], ended: Sequence[Condition]) -> Message:
    """One message of all that changed: what began first, then what is over."""
    counts = [f"{len(group):,} {word}" for group, word in ((opened, "new"), (ended, "over")) if group]
    parts = [_section(heading, group) for heading, group in (("New", opened), ("Over", ended)) if group]
    return Message(
        f"{PRODUCT} ({mode}): {', '.join(counts)}",
        "\n\n".join(parts),
        "failure" if opened else "success",
    )


def digest_message(mode: str, digest: Digest, zone: ZoneInfo) -> Message:
    """The daily digest."""
    since = digest.since.astimezone(zone)
    lines = [
        f"Since {since:%Y-%m-%d %H:%M} ({zone.key}):",
        "",
        f"- **Orders:** {_counts(digest.synced.orders)}",
        f"- **Written to HubSpot and confirmed:** {_sums(digest.synced.confirmed_minor)}",
        f"- **From saved in NetSuite to confirmed:** {_delays(digest.synced.arrivals)}",
        f"- **Days whose dollars differ:** {_days(digest)}",
        *([f"- **Last report:** `{digest.report}`"] if digest.report else []),
        f"- **Stuck orders:** {_stuck(digest)}",
    ]
    lines += _listed(digest.stuck)
    if digest.stuck_returns:
        lines += [f"- **Stuck returns:** {len(digest.stuck_returns):,}", *_listed(digest.stuck_returns)]
    return Message(
        f"{PRODUCT} ({mode}): daily digest of {digest.until.astimezone(zone):%Y-%m-%d}",
        "\n".join(lines),
        "info",
    )


def _section(heading: str, conditions: Sequence[Condition]) -> str:
    return "\n".join([f"**{heading}**", "", *_listed(conditions)])


def _listed(conditions: Sequence[Condition]) -> list[str]:
    return [*(_line(one) for one in conditions[:MOST_LISTED]), *_rest(len(conditions))]


def _line(one: Condition) -> str:
    words = f"- **{one.summary}**" + (f" {one.details}" if one.details else "")
    return " ".join([words, *(f"[{link.label}]({link.url})" for link in one.links)])


def _rest(count: int) -> list[str]:
    return [f"- … and {count - MOST_LISTED:,} more"] if count > MOST_LISTED else []


def _counts(orders: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{count:,} {outcome}" for outcome, count in orders.items() if count) or "nothing changed"
    )


def _sums(minor: Mapping[str, int]) -> str:
    return " · ".join(_amount(value, code) for code, value in sorted(minor.items())) or "nothing"


def _amount(minor: int, currency: str) -> str:
    try:
        return shown(minor, currency)
    except MoneyError:
        return "an amount of an unknown currency"


def _delays(arrivals: Sequence[Arrival]) -> str:
    found = delays(arrivals)
    if not found.arrived:
        return "no change arrived"
    return f"p50 {found.p50} s, p95 {found.p95} s, longest {found.longest} s ({found.arrived:,} changes)"


def _days(digest: Digest) -> str:
    days = [day.isoformat() for day in digest.red_days]
    more = f" and {len(days) - MOST_LISTED:,} more" if len(days) > MOST_LISTED else ""
    return ", ".join(days[:MOST_LISTED]) + more if days else "none"


def _stuck(digest: Digest) -> str:
    if not digest.stuck:
        return "none"
    sums = _sums(digest.stuck_minor) if digest.stuck_minor else "amounts unknown"
    return f"{len(digest.stuck):,}, worth {sums}"
