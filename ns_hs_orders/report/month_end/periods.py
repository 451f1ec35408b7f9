"""Month's end: what a month still needs before it can be closed, and what changed in it since it was.

Belongs here: months, the rules of closing, the check. Does not belong here: keeping periods (state.periods), or
layout (periods_text).
"""

from __future__ import annotations

import json
import re
import shlex
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.ports import FoundException, KnownException
from ns_hs_orders.report.figures import signed
from ns_hs_orders.report.month_end.changes import Changes
from ns_hs_orders.report.month_end.changes_text import effects
from ns_hs_orders.report.ports import MonthSeen, Period, PeriodEvent

CHECK = "closed_periods_are_unchanged"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_NAMED = 5
_IN_A_COMMAND = 30
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._#/-]{0,59}")
"""What people call an order, where it can stand in a shell's line as it is."""


@dataclass(frozen=True)
class Month:
    """A month of order dates, written `2026-10`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month. Raises ValueError on another text."""
        found = _MONTH.fullmatch(text)
        if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
            raise ValueError(f"{text!r} is not a month such as 2026-10")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])


@dataclass(frozen=True)
class Obstacle:
    """Something that keeps a month open. code: for machines. what: in words. do: the command that helps."""

    code: str
    what: str
    do: str


@dataclass(frozen=True)
class PeriodNow:
    """A closed month, and what changed in its reports since."""

    period: Period
    changes: Changes

    def as_json(self) -> dict[str, Any]:
        """The month as closed, and what changed since, as plain values."""
        kept = asdict(self.period)
        kept |= {
            "closed_at": self.period.closed_at.isoformat(),
            "definition": json.loads(self.period.definition),
        }
        return kept | {"is_unchanged": self.is_unchanged, "changes": self.changes.as_json()}

    def has(self, day: date) -> bool:
        """Whether the day belongs to the month."""
        return self.period.month == f"{day:%Y-%m}"

    @property
    def is_unchanged(self) -> bool:
        """No order of it is reported otherwise, and its sums are those that were closed."""
        return not self.changes.orders and not any(one.adjusted_minor for one in self.changes.currencies)


def months_json(
    closed: Sequence[PeriodNow], story: Sequence[PeriodEvent], missing: Sequence[Obstacle] = ()
) -> dict[str, Any]:
    """Closed months, what happened to them, and what an open one is missing, as plain values."""
    return {
        "closed": [one.as_json() for one in closed],
        "missing": [asdict(one) for one in missing],
        "events": [asdict(one) | {"at": one.at.isoformat()} for one in story],
    }


def obstacles(seen: MonthSeen, today: date) -> list[Obstacle]:
    """What keeps the month open; none when it can be closed. today: in UTC, for what was acknowledged until a day."""
    return [
        *_not_reconciled(seen),
        *_not_explained(seen),
        *_red_for_no_order(seen),
        *_not_acknowledged(seen.exceptions, today),
    ]


def _not_reconciled(seen: MonthSeen) -> Iterable[Obstacle]:
    days = [seen.first + timedelta(days=n) for n in range((seen.last - seen.first).days + 1)]
    # a day may have been proven before reports were kept
    kept = {one.order_on for one in seen.sums}
    judged = {on: one for on, one in seen.days.items() if one.result is not None and on in kept}
    if never := [on for on in days if on not in judged]:
        yield _of_days("not_reconciled", "without a reconciliation whose numbers are kept", never)
    if changed := [on for on in days if on in judged and judged[on].has_changed]:
        yield _of_days("changed_since", "changed since the last reconciliation", changed)
    if (definitions := len({one.definition for one in seen.sums})) > 1:
        yield Obstacle(
            "other_definition",
            f"Its days are counted under {definitions} definitions of sales dollars.",
            f"ns-hs-orders reconcile --from {seen.first} --to {seen.last}",
        )


def _not_explained(seen: MonthSeen) -> Iterable[Obstacle]:
    if rests := [one for one in seen.sums if one.unexplained_minor]:
        amounts = ", ".join(shown(one.unexplained_minor, one.currency) for one in rests[:_NAMED])
        days = sorted({one.order_on for one in rests})
        yield _of_days("unexplained", f"with dollars that no cause explains ({amounts})", days)
    if missed := sorted({one.order_on for one in seen.sums if not one.counts_agree}):
        yield _of_days("orders_missed", "on which NetSuite counts other orders than were read", missed)


def _red_for_no_order(seen: MonthSeen) -> Iterable[Obstacle]:
    explained = {one.found.order_on for one in seen.exceptions}
    explained |= {one.order_on for one in seen.sums if one.unexplained_minor or not one.counts_agree}
    explained |= seen.days.keys() - {one.order_on for one in seen.sums}
    red = [on for on, one in sorted(seen.days.items()) if one.result == "red" and on not in explained]
    if red:
        yield _of_days("red_days", "red, though no order of theirs is known to be wrong", red)


def _not_acknowledged(exceptions: Sequence[KnownException], today: date) -> Iterable[Obstacle]:
    by_cause: dict[str, list[FoundException]] = {}
    for one in exceptions:
        if one.status(today) != "acknowledged":
            by_cause.setdefault(one.found.cause, []).append(one.found)
    for cause, orders in sorted(by_cause.items()):
        count = "1 order" if len(orders) == 1 else f"{len(orders):,} orders"
        yield Obstacle(
            "not_acknowledged",
            f"{count} not right and not acknowledged, {cause}: "
            f"{_named([one.order_number or one.order_id for one in orders])}.",
            f"Mend {'it' if len(orders) == 1 else 'them'}, or: ns-hs-orders exceptions ack --by NAME --reason TEXT "
            f"{_in_a_command(orders[:_IN_A_COMMAND])}",
        )


def _in_a_command(orders: Sequence[FoundException]) -> str:
    """The orders as arguments. A name is whatever a person typed in HubSpot, and a reader pastes the line in a shell."""
    names = [
        one.order_number
        if one.order_number and _PLAIN_NAME.fullmatch(one.order_number)
        else shlex.quote(one.order_id)
        for one in orders
    ]
    # what begins with a dash would be an option
    return " ".join(["--", *names] if any(name.lstrip("'").startswith("-") for name in names) else names)


def _of_days(code: str, what: str, days: Sequence[date]) -> Obstacle:
    count = "1 day" if len(days) == 1 else f"{len(days)} days"
    return Obstacle(
        code,
        f"{count} {what}: {_named([on.isoformat() for on in days])}.",
        f"ns-hs-orders reconcile --from {days[0]} --to {days[-1]}",
    )


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def closed_periods_are_unchanged(periods: Sequence[PeriodNow]) -> CheckResult:
    """Whether the closed months that were looked at are reported as they were closed; a warning if not."""
    changed = [one for one in periods if not one.is_unchanged]
    numbers: dict[str, int | str] = {
        "closed months": len(periods),
        "orders changed after closing": sum(len(one.changes.orders) for one in periods),
    }
    for one in periods:
        month = one.period.month
        for code, minor in one.period.sums_minor.items():
            numbers[f"{month} {code} as closed"] = shown(minor, code)
        for of in one.changes.currencies:
            numbers[f"{month} {of.currency} changed since"] = signed(of.adjusted_minor, of.currency)
    if changed:
        told = "; ".join(
            f"{one.period.month}: {_orders(one.changes)}, net effect {effects(one.changes.net_minor) or 'none'}"
            for one in changed
        )
        words = f"Changed after closing: {told}. `ns-hs-orders close {changed[0].period.month} --show` tells which."
    elif periods:
        words = f"{', '.join(one.period.month for one in periods)}: as closed."
    else:
        words = "No day of this run belongs to a closed month."
    return CheckResult(CHECK, not changed, words, numbers, is_warning=True)


def _orders(changes: Changes) -> str:
    what = "order" if not any(one.is_return for one in changes.orders) else "order or return"
    return (
        f"1 {what}"
        if len(changes.orders) == 1
        else f"{len(changes.orders):,} {what.replace(' or ', 's or ')}s"
    )
