"""How values of different kinds meet: comparing, converting, adding.

Belongs here: SQL for one operation on typed pieces.
Does not belong here: the query's tree (expressions), names (scope).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from ns_hs_orders.sandbox.netsuite.errors import invalid_query, unsupported
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Typed

DATES: Final = frozenset({"date", "datetime", "wall", "utc"})
NUMBERS: Final = frozenset({"id", "decimal"})
TEXTS: Final = frozenset({"text", "bool"})


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(text: str, *, is_string: bool) -> Typed:
    if is_string:
        return Typed(quote(text) if text else "NULL", "text" if text else "null")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise unsupported(f"invalid number {text!r}") from error
    if number == number.to_integral_value() and abs(number) < 2**62:
        return Typed(str(int(number)), "id")
    return Typed(quote(f"{number:f}"), "decimal")


def as_wall(value: Typed) -> str:
    """Any date as session wall-clock time, midnight as the date alone."""
    if value.kind == "datetime":
        return f"ns_wall({value.sql})"
    if value.kind == "utc":
        return f"ns_normal({value.sql})"
    return value.sql


def as_text(value: Typed) -> str:
    return f"CAST({value.sql} AS TEXT)" if value.kind == "id" else value.sql


def compare(left: Typed, operator: str, right: Typed) -> str:
    """SQL of a comparison. Raises NetSuiteRefusedError where Oracle could not compare the two."""
    kinds = {left.kind, right.kind}
    if kinds & DATES:
        return _compare_dates(left, operator, right)
    if kinds & NUMBERS:
        return _compare_numbers(left, operator, right)
    return f"{left.sql} {operator} {right.sql}"


def _compare_dates(left: Typed, operator: str, right: Typed) -> str:
    if not {left.kind, right.kind} <= DATES | {"null"}:
        raise unsupported("Date literals are not supported; compare a date with TO_DATE or TO_TIMESTAMP.")
    if left.kind == right.kind:
        return f"{left.sql} {operator} {right.sql}"
    if (left.kind, right.kind) == ("datetime", "wall"):
        return f"{left.sql} {operator} ns_utc({right.sql})"
    if (left.kind, right.kind) == ("wall", "datetime"):
        return f"ns_utc({left.sql}) {operator} {right.sql}"
    return f"{as_wall(left)} {operator} {as_wall(right)}"


def _compare_numbers(left: Typed, operator: str, right: Typed) -> str:
    left, right = _as_number(left), _as_number(right)
    if left.kind == right.kind == "id":
        return f"{left.sql} {operator} {right.sql}"
    return f"ns_cmp({left.sql}, {right.sql}) {operator} 0"


def _as_number(value: Typed) -> Typed:
    if value.kind in TEXTS:
        if value.sql.startswith("'"):
            try:
                return literal(value.sql[1:-1].strip(), is_string=False)
            except Exception as error:
                raise invalid_query(f"Search error occurred: invalid number {value.sql}.") from error
        return Typed(f"ns_number({value.sql})", "decimal")
    return value


def arithmetic(name: str, left: Typed, right: Typed) -> Typed:
    """+ and - on dates and numbers, * / on numbers."""
    if left.kind in DATES or right.kind in DATES:
        return _date_arithmetic(name, left, right)
    for side in (left, right):
        if side.kind in TEXTS and not (side.sql.startswith("ns_") or side.sql.startswith('"')):
            raise invalid_query(f"Search error occurred: invalid number {side.sql}; text is joined with ||.")
    return Typed(f"ns_{name}({left.sql}, {right.sql})", "decimal")


def _date_arithmetic(name: str, left: Typed, right: Typed) -> Typed:
    if left.kind in DATES and right.kind in DATES:
        if name != "sub":
            raise unsupported("Dates can be subtracted, not added.")
        return Typed(f"ns_days({as_wall(left)}, {as_wall(right)})", "decimal")
    if name not in ("add", "sub") or (name == "sub" and right.kind in DATES):
        raise unsupported("Only days can be added to a date.")
    date, days = (left, right) if left.kind in DATES else (right, left)
    amount = days.sql if name == "add" else f"ns_neg({days.sql})"
    return Typed(f"ns_shift({date.sql}, {amount})", date.kind)


def unify(values: list[Typed]) -> tuple[list[str], str]:
    """Branches of one expression brought to one kind: their SQL and that kind."""
    kinds = {value.kind for value in values} - {"null"}
    if len(kinds) <= 1:
        return [value.sql for value in values], next(iter(kinds), "null")
    if kinds <= DATES:
        return [as_wall(value) for value in values], "wall"
    if kinds <= NUMBERS | {"param"}:
        return [as_text(value) for value in values], "decimal"
    if kinds & DATES:
        raise invalid_query("Search error occurred: inconsistent datatypes.")
    return [as_text(value) for value in values], "text"
