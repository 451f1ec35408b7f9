"""What changed since a number was reported: which orders, how, and what that makes in sum.

Belongs here: comparing two reports of the same days. Does not belong here: keeping reports (state.reported), or
layout (changes_text). Amounts are NetSuite's sales dollars in minor units, never added across currencies; net of returns
where the definition has them: then each return is a row of its own, its amounts below zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.reconcile.ports import ReportedDay, ReportedOrder
from ns_hs_orders.reconcile.sales.definition import read_definition
from ns_hs_orders.report.ports import ReportedChange, ReportsSeen

Pair = tuple[ReportedOrder | None, ReportedOrder | None]


@dataclass(frozen=True)
class ChangedOrder:
    """One order or return that is reported otherwise. what: of `new`, `vanished`, `date`, `amount`, `stage`, `owner`.

    before: None for a new order; after: None for one that NetSuite has on none of the days any more.
    net_minor: by currency, what the change adds to the sums of the days.
    """

    order_id: str
    order_number: str | None
    what: tuple[str, ...]
    before: ReportedOrder | None
    after: ReportedOrder | None
    net_minor: Mapping[str, int]

    @property
    def is_return(self) -> bool:
        """Whether it is a return."""
        named = self.after or self.before
        return named is not None and named.is_return


@dataclass(frozen=True)
class CurrencyChange:
    """One currency of the days: the number reported then, what was added, and the number now.

    changed_minor: by the changed orders. redefined_minor: by another definition of sales dollars.
    first_reported_minor: of days that were in no report then.
    """

    currency: str
    before_minor: int
    changed_orders: int
    changed_minor: int
    redefined_orders: int
    redefined_minor: int
    first_reported_orders: int
    first_reported_minor: int
    now_minor: int

    @property
    def net_minor(self) -> int:
        """All that was added."""
        return self.changed_minor + self.redefined_minor + self.first_reported_minor

    @property
    def adjusted_minor(self) -> int:
        """How far the number is from what was reported then, under the definition of now."""
        return self.now_minor - self.before_minor - self.redefined_minor

    @property
    def rest_minor(self) -> int:
        """What no order explains: zero, or the orders that were read are not those that NetSuite summed."""
        return self.now_minor - self.before_minor - self.net_minor


@dataclass(frozen=True)
class Changes:
    """What changed between two moments in the reports of the days from first to last (None: all).

    is_net: whether the number now is net of returns.
    """

    since: datetime
    until: datetime
    first: date | None
    last: date | None
    orders: tuple[ChangedOrder, ...]
    currencies: tuple[CurrencyChange, ...]
    is_net: bool = False

    @property
    def net_minor(self) -> dict[str, int]:
        """The net effect of the changed orders by currency, those without any left out."""
        return {one.currency: one.changed_minor for one in self.currencies if one.changed_minor}

    def as_json(self) -> dict[str, Any]:
        """The changes as plain values."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "is_net": self.is_net,
            "currencies": [
                {**asdict(one), "net_minor": one.net_minor, "rest_minor": one.rest_minor}
                for one in self.currencies
            ],
            "orders": [
                {
                    "order_id": one.order_id,
                    "order": one.order_number or one.order_id,
                    "what": list(one.what),
                    "before": _side(one.before),
                    "after": _side(one.after),
                    "net_minor": dict(one.net_minor),
                }
                for one in self.orders
            ],
        }


def changes_between(
    seen: ReportsSeen, since: datetime, until: datetime, first: date | None = None, last: date | None = None
) -> Changes:
    """What changed in the reports of the days, order by order, the largest effect first."""
    of_days = _Range(first, last)
    net_then, net_now = _net_days(seen.sums_before), _net_days(seen.sums_after)
    changed: list[ChangedOrder] = []
    redefined: list[Mapping[str, int]] = []
    first_reported: list[Mapping[str, int]] = []
    for change in seen.changes:
        for before, after in _pairs(change):
            if not of_days.has(before) and not of_days.has(after):
                continue
            effect = of_days.effect(before, after)
            if before is None and after is not None and after.order_on not in seen.days_before:
                first_reported.append(effect)
            elif _is_redefined(before, after) or _is_of_other_definition(before, after, net_then, net_now):
                redefined.append(effect)
            elif what := _what(before, after):
                named = after or before
                assert named is not None  # noqa: S101 - a pair has one side at least
                changed.append(ChangedOrder(named.order_id, named.order_number, what, before, after, effect))
    return Changes(
        since,
        until,
        first,
        last,
        tuple(sorted(changed, key=_rank)),
        tuple(_currencies(seen, [one.net_minor for one in changed], redefined, first_reported)),
        is_net=bool(net_now),
    )


def _net_days(sums: Iterable[ReportedDay]) -> set[date]:
    """The days whose number is net of returns."""
    sums = list(sums)
    texts = {one.definition for one in sums}
    net = {text for text in texts if _is_net(text)}
    return {one.order_on for one in sums if one.definition in net}


def _is_net(definition: str) -> bool:
    try:
        return read_definition(definition).less_returns
    except ConfigError:  # a definition that cannot be read is older than returns
        return False


def _is_of_other_definition(
    before: ReportedOrder | None, after: ReportedOrder | None, net_then: set[date], net_now: set[date]
) -> bool:
    """Whether a return is new or gone only since its day's number came to be net, or is no more."""
    if before is None:
        return after is not None and after.is_return and after.order_on not in net_then
    return after is None and before.is_return and before.order_on not in net_now


@dataclass(frozen=True)
class _Range:
    first: date | None
    last: date | None

    def has(self, one: ReportedOrder | None) -> bool:
        return (
            one is not None
            and (self.first is None or one.order_on >= self.first)
            and (self.last is None or one.order_on <= self.last)
        )

    def effect(self, before: ReportedOrder | None, after: ReportedOrder | None) -> dict[str, int]:
        """What the change adds to the sums of these days."""
        net = Counter[str]()
        for sign, one in ((-1, before), (1, after)):
            if one is not None and one.currency and self.has(one):
                net[one.currency] += sign * (one.sales_minor or 0)
        return {currency: minor for currency, minor in net.items() if minor}


def _pairs(change: ReportedChange) -> Iterator[Pair]:
    """What an order was and is: first of the same day, then from day to day, then what has no counterpart."""
    after = {one.order_on: one for one in change.after}
    left = []
    for one in change.before:
        if one.order_on in after:
            yield one, after.pop(one.order_on)
        else:
            left.append(one)
    moved = sorted(after.values(), key=lambda one: one.order_on)
    for n in range(max(len(left), len(moved))):
        yield left[n] if n < len(left) else None, moved[n] if n < len(moved) else None


def _what(before: ReportedOrder | None, after: ReportedOrder | None) -> tuple[str, ...]:
    if before is None:
        return ("new",)
    if after is None:
        return ("vanished",)
    differs = {
        "date": before.order_on != after.order_on,
        "amount": _amounts(before) != _amounts(after),
        "stage": before.stage != after.stage,
        "owner": before.rep_name != after.rep_name,
    }
    return tuple(name for name, is_other in differs.items() if is_other)


def _is_redefined(before: ReportedOrder | None, after: ReportedOrder | None) -> bool:
    """Whether the order is as it was, and only counts otherwise."""
    if before is None or after is None or before.definition == after.definition:
        return False
    unlike = (before.order_on, before.currency, before.netsuite_minor, before.stage, before.rep_name) != (
        after.order_on, after.currency, after.netsuite_minor, after.stage, after.rep_name,
    )  # fmt: skip
    return not unlike


def _amounts(one: ReportedOrder) -> tuple[str | None, int | None, int | None]:
    return one.currency, one.netsuite_minor, one.sales_minor


def _currencies(
    seen: ReportsSeen,
    changed: Sequence[Mapping[str, int]],
    redefined: Sequence[Mapping[str, int]],
    first_reported: Sequence[Mapping[str, int]],
) -> Iterator[CurrencyChange]:
    before, now = _sums(seen.sums_before), _sums(seen.sums_after)
    for currency in sorted(before.keys() | now.keys() | _keys(changed, redefined, first_reported)):
        yield CurrencyChange(
            currency,
            before[currency],
            *_count(changed, currency),
            *_count(redefined, currency),
            *_count(first_reported, currency),
            now[currency],
        )


def _sums(days: Iterable[ReportedDay]) -> Counter[str]:
    sums = Counter[str]()
    for day in days:
        if day.net_netsuite_minor:
            sums[day.currency] += day.net_netsuite_minor
    return sums


def _keys(*effects: Sequence[Mapping[str, int]]) -> set[str]:
    return {currency for of_kind in effects for effect in of_kind for currency in effect}


def _count(effects: Sequence[Mapping[str, int]], currency: str) -> tuple[int, int]:
    minors = [effect[currency] for effect in effects if currency in effect]
    return len(minors), sum(minors)


def _rank(one: ChangedOrder) -> tuple[int, str]:
    return -max((abs(minor) for minor in one.net_minor.values()), default=0), one.order_id


def _side(one: ReportedOrder | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "order_on": one.order_on.isoformat(),
        "currency": one.currency,
        "netsuite_minor": one.netsuite_minor,
        "sales_minor": one.sales_minor,
        "stage": one.stage,
        "owner": one.rep_name,
        "standing": one.standing,
        "is_return": one.is_return,
    }
