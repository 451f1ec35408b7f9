"""SQLite functions behind the translated SuiteQL: exact decimal arithmetic, and Oracle's date functions.

Belongs here: functions on values, registered on a connection.
Does not belong here: the translation that calls them. Decimals are text and never become binary floats;
a text that is no number (a real account cannot hold one) is shown as it is and takes no part in arithmetic.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from ns_hs_orders.sandbox.netsuite.suiteql import dates

_CONTEXT: Final = Context(prec=60)
_DIVISION: Final = Context(prec=40)

Value = str | int | None


@dataclass
class Session:
    """What a query's functions may ask about their session. Set before each query, per connection."""

    zone: str = "UTC"
    fold: int = 1
    now_utc: str = "1970-01-01 00:00:00"
    server_zone: str = "America/Los_Angeles"


@lru_cache(maxsize=100_000)
def _number(value: str | int) -> Decimal | None:
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def number(value: Value) -> Decimal | None:
    """The exact number, or None where there is none."""
    return None if value is None else _number(value)


def plain(value: Decimal) -> str:
    """Plain digits, without trailing zeros: 1.50 → 1.5, 1E+2 → 100."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _binary(operate: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Value, Value], str | None]:
    def call(left: Value, right: Value) -> str | None:
        a, b = number(left), number(right)
        return None if a is None or b is None else plain(operate(a, b))

    return call


def _divide(a: Decimal, b: Decimal) -> Decimal:
    if not b:
        raise ZeroDivisionError("divisor is equal to zero")
    return _DIVISION.divide(a, b)


def _compare(left: Value, right: Value) -> int | None:
    a, b = number(left), number(right)
    return None if a is None or b is None else (a > b) - (a < b)


def _scaled(value: Value, digits: Value, rounding: str) -> str | None:
    found = number(value)
    if found is None:
        return None
    scale = Decimal(1).scaleb(-int(digits or 0))
    return plain((found / scale).quantize(Decimal(1), rounding=rounding, context=_CONTEXT) * scale)


def _unary(operate: Callable[[Decimal], Decimal]) -> Callable[[Value], str | None]:
    def call(value: Value) -> str | None:
        found = number(value)
        return None if found is None else plain(operate(found))

    return call


def _canonical(value: Value) -> Value:
    found = number(value)
    return value if found is None else plain(found)


def _to_number(value: Value) -> str | None:
    if value is None:
        return None
    found = number(value)
    if found is None:
        raise ValueError(f"invalid number: {value!r}")
    return plain(found)


class _Sum:
    def __init__(self) -> None:
        self.total: Decimal | None = None
        self.count = 0

    def step(self, value: Value) -> None:
        found = number(value)
        if found is not None:
            self.total = found if self.total is None else _CONTEXT.add(self.total, found)
            self.count += 1

    def finalize(self) -> str | None:
        return None if self.total is None else plain(self.total)


class _Average(_Sum):
    def finalize(self) -> str | None:
        return None if self.total is None else plain(_DIVISION.divide(self.total, Decimal(self.count)))


class _Least(_Sum):
    def step(self, value: Value) -> None:
        found = number(value)
        if found is not None:
            self.total = found if self.total is None else min(self.total, found)


class _Most(_Sum):
    def step(self, value: Value) -> None:
        found = number(value)
        if found is not None:
            self.total = found if self.total is None else max(self.total, found)


def _collate(left: str, right: str) -> int:
    order = _compare(left, right)
    return (left > right) - (left < right) if order is None else order


def _extreme(pick: Callable[..., Any]) -> Callable[..., str | None]:
    def call(*values: Value) -> str | None:
        found = [number(value) for value in values]
        return None if any(value is None for value in found) else plain(pick(found))

    return call


def _render(value: Value, mask: str) -> str | None:
    return None if value is None else dates.render(str(value), mask)


def _shift(value: Value, days: Value) -> str | None:
    amount = number(days)
    if value is None or amount is None:
        return None
    moved = dates.read_wall(str(value)) + timedelta(seconds=int(amount * 86400))
    return dates.wall_text(moved) if len(str(value)) == len("2000-01-01") else moved.strftime(dates.FULL)


def _days_between(left: Value, right: Value) -> str | None:
    if left is None or right is None:
        return None
    seconds = (dates.read_wall(str(left)) - dates.read_wall(str(right))).total_seconds()
    return plain(_DIVISION.divide(Decimal(int(seconds)), Decimal(86400)))


def register(connection: sqlite3.Connection) -> Session:
    """Adds every function to the connection; the session returned is theirs to ask."""
    session = Session()

    def wall(value: Value) -> str | None:
        return None if value is None else dates.to_wall(str(value), session.zone)

    def utc(value: Value) -> str | None:
        return None if value is None else dates.to_utc(str(value), session.zone, session.fold)

    pure: dict[str, tuple[int, Callable[..., Any]]] = {
        "ns_add": (2, _binary(_CONTEXT.add)),
        "ns_sub": (2, _binary(_CONTEXT.subtract)),
        "ns_mul": (2, _binary(_CONTEXT.multiply)),
        "ns_div": (2, _binary(_divide)),
        "ns_mod": (2, _binary(lambda a, b: _CONTEXT.remainder(a, b) if b else a)),
        "ns_cmp": (2, _compare),
        "ns_neg": (1, _unary(lambda value: -value)),
        "ns_abs": (1, _unary(abs)),
        "ns_floor": (1, _unary(lambda value: value.to_integral_value("ROUND_FLOOR"))),
        "ns_ceil": (1, _unary(lambda value: value.to_integral_value("ROUND_CEILING"))),
        "ns_sign": (1, _unary(lambda value: Decimal((value > 0) - (value < 0)))),
        "ns_round": (2, lambda value, digits: _scaled(value, digits, ROUND_HALF_UP)),
        "ns_trunc": (2, lambda value, digits: _scaled(value, digits, ROUND_DOWN)),
        "ns_canon": (1, _canonical),
        "ns_number": (1, _to_number),
        "ns_greatest": (-1, _extreme(max)),
        "ns_least": (-1, _extreme(min)),
        "ns_render": (2, _render),
        "ns_parse": (2, lambda text, mask: None if text is None else dates.parse(str(text), mask)),
        "ns_shift": (2, _shift),
        "ns_days": (2, _days_between),
        "ns_day": (1, lambda value: None if value is None else str(value)[:10]),
        "ns_normal": (
            1,
            lambda value: None if value is None else dates.wall_text(dates.read_wall(str(value))),
        ),
    }
    for name, (arity, call) in pure.items():
        connection.create_function(name, arity, call, deterministic=True)
    # The session is fixed while one query runs, so these are constants to SQLite too.
    connection.create_function("ns_wall", 1, wall, deterministic=True)
    connection.create_function("ns_utc", 1, utc, deterministic=True)
    connection.create_function("ns_now", 0, lambda: dates.to_wall(session.now_utc, session.zone))
    connection.create_function("ns_now_utc", 0, lambda: session.now_utc)
    connection.create_function("ns_sysdate", 0, lambda: dates.to_wall(session.now_utc, session.server_zone))
    connection.create_function("ns_zone", 0, lambda: session.zone)
    for name, aggregate in (("ns_sum", _Sum), ("ns_avg", _Average), ("ns_min", _Least), ("ns_max", _Most)):
        connection.create_aggregate(name, 1, aggregate)  # type: ignore[arg-type]
    connection.create_collation("ns_number", _collate)
    return session
