"""Net sales: sales dollars less what was returned, on both sides, in named steps; sums of a range.

Belongs here: what counts of a return by the definition, what returned dollars are named, sums by currency and in base
currency, red days of returns. Does not belong here: reading or comparing returns (returns.look), sales dollars
themselves (sales), groups (net_groups), or views (report). Amounts of returns are positive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from ns_hs_orders.columns import plain, typed
from ns_hs_orders.reconcile.causes import DELETED
from ns_hs_orders.reconcile.sales.base_currency import base_currency, in_base, rates_of_sides
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.sales.dollars import NOT_SALES_SHIPPING, NOT_SALES_TAX, base_sums
from ns_hs_orders.reconcile.sales.net_schema import (
    BEFORE,
    ELSEWHERE,
    LATER,
    NOT_RECEIVED,
    OF_RETURNS_ALONE,
    OF_THESE_ORDERS,
    OVER_RETURN,
    RED_FOR_NOBODY,
    RETURN_CAUSES,
    STAGE_COUNTS_NOTHING,
    WITHOUT_ORDER,
    NetSales,
    NetSums,
    ReturnControl,
    ReturnsHeldIn,
    ReturnStep,
    ReturnSums,
)
from ns_hs_orders.reconcile.schema import CAUSES, BridgeStep, ControlTotal, SalesSums

COUNTS_NOTHING = frozenset({"pending_approval", "cancelled"})
"""Stages of returns of which nothing counts."""
ROUNDING_OF_PARTS = "rounding of converted parts"
_COLUMNS = (
    "return_on", "stage", "cause", "currency", "currency_hubspot", "exchange_rate", "amount_minor", "counted_minor",
    "tax_minor", "shipping_minor", "over_minor", "returned_netsuite_minor", "returned_hubspot_minor",
    "parent_order_id", "parent_order_on", "without_order",
)  # fmt: skip


def with_returned(returns: pd.DataFrame, definition: SalesDefinition) -> pd.DataFrame:
    """The same returns with what counts of each by the definition, on both sides; empty where none is known.

    HubSpot's side has NetSuite's shares of tax and shipping: HubSpot holds what counts of a return as one amount.
    """
    left_out = pd.Series(typed([0] * len(returns), pd.Int64Dtype()), index=returns.index)
    for part, counts in (("tax", definition.with_tax), ("shipping", definition.with_shipping)):
        if not counts:
            left_out = left_out + returns[f"{part}_minor"].fillna(0)
    returns["returned_netsuite_minor"] = returns["counted_minor"] - left_out
    theirs = returns["counted_hubspot_minor"]
    # nothing counts there: there is nothing of which a part could be left out
    returns["returned_hubspot_minor"] = (theirs - left_out).mask((theirs == 0).fillna(value=False), 0)
    return returns


def named_period(without_order: str | None, parent_order_on: date | None, first: date, last: date) -> str:
    """What a return of the days from first to last is called, by its order: one of RETURN_CAUSES."""
    if without_order is not None or parent_order_on is None:
        return WITHOUT_ORDER
    if parent_order_on < first:
        return LATER
    return BEFORE if parent_order_on > last else OF_THESE_ORDERS


def net_sales(
    returns: pd.DataFrame,
    return_control: Sequence[ReturnControl],
    held_in: ReturnsHeldIn,
    orders: pd.DataFrame,
    sales: Mapping[str, SalesSums],
    control: Iterable[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
) -> NetSales:
    """Net sales of the days from first to last.

    returns: ComparedReturns, with_returned by the definition. orders: ComparedOrders, with_sales by it. sales: their
    sums by currency. control: of orders, by which the base currency's gross is made.
    """
    rows = [_Return(*row) for row in zip(*(plain(returns[name]) for name in _COLUMNS), strict=True)]
    counted = _counted(return_control)
    elsewhere = _elsewhere(orders, rows)
    codes = {*sales, *counted, *(row.currency for row in rows if row.amount is not None and row.currency)}
    codes |= {
        row.currency_hubspot for row in rows if row.returned_hubspot is not None and row.currency_hubspot
    }
    sums = {}
    for code in sorted(codes):
        of_code = [_in_currency(row, code) for row in rows]
        number, missed = counted.get(code, (0, 0))
        whole = sum(one.whole or 0 for one in of_code)
        known = sum(one.whole is not None for one in of_code)
        returned = _sums(
            code,
            of_code,
            definition,
            number if code in counted else known,
            whole + missed,
            _step_elsewhere([minor for _, currency, minor in elsewhere.values() if currency == code]),
            first,
            last,
        )
        is_ours = (orders["currency"] == code) & orders["netsuite_minor"].notna()
        gross = sales.get(code) or _nothing_sold(code)
        sums[code] = NetSums(code, int(is_ours.sum()), known, gross, returned)
    base = _base(returns, rows, elsewhere, orders, control, definition, first, last, return_control)
    return NetSales(held_in, returns, tuple(return_control), sums, base)


def net_red_days(returns: pd.DataFrame, control: Sequence[ReturnControl]) -> set[date]:
    """Days (of returns) with a return that differs, a control total that disagrees, or an unexplained rest.

    Judged return by return and day by day, as orders are; one that NetSuite deleted and HubSpot keeps as cancelled is
    red for nobody.
    """
    red = {one.return_on for one in control if not one.agrees}
    names = (
        "return_on", "outcome", "cause", "currency", "currency_hubspot", "returned_netsuite_minor",
        "returned_hubspot_minor",
    )  # fmt: skip
    columns = (plain(returns[name]) for name in names)
    for on, outcome, cause, ours_in, theirs_in, ours, theirs in zip(*columns, strict=True):
        if cause is None:
            is_apart = (ours or 0) != (theirs or 0) or (bool(theirs) and ours_in != theirs_in)
            if is_apart:
                red.add(on)
        elif cause not in RED_FOR_NOBODY and (cause, outcome) != (DELETED, "archived"):
            red.add(on)
    return red


def return_rests(returns: pd.DataFrame, control: Sequence[ReturnControl]) -> dict[tuple[date, str], int]:
    """Day and currency → what no cause explains of its returns; days and currencies without a rest are absent."""
    rests: dict[tuple[date, str], int] = defaultdict(int)
    sign = _sign(control)
    for one in control:
        rests[one.return_on, one.currency] += sign * (
            (one.total_counted_minor or 0) - (one.total_read_minor or 0)
        )
    names = (
        "return_on",
        "cause",
        "currency",
        "currency_hubspot",
        "returned_netsuite_minor",
        "returned_hubspot_minor",
    )
    for on, cause, ours_in, theirs_in, ours, theirs in zip(*(plain(returns[n]) for n in names), strict=True):
        if cause is None and ours is not None and ours_in is not None:
            rests[on, ours_in] += ours
        if cause is None and theirs is not None and theirs_in is not None:
            rests[on, theirs_in] -= theirs
    return {key: rest for key, rest in rests.items() if rest}


class _Return(NamedTuple):
    """One return; names as in ComparedReturns."""

    return_on: date
    stage: str | None
    cause: str | None
    currency: str | None
    currency_hubspot: str | None
    exchange_rate: str | None
    amount: int | None
    counted: int | None
    tax: int | None
    shipping: int | None
    over: int
    returned_netsuite: int | None
    returned_hubspot: int | None
    parent_order_id: str | None
    parent_order_on: date | None
    without_order: str | None


class _Amounts(NamedTuple):
    """One return in one currency: amounts of a side are None where it has none in it."""

    of: _Return
    whole: int | None
    counted: int | None
    tax: int
    shipping: int
    over: int
    ours: int | None
    theirs: int | None


def _in_currency(row: _Return, code: str) -> _Amounts:
    is_ours = row.currency == code and row.amount is not None
    return _Amounts(
        row,
        row.amount if is_ours else None,
        row.counted if is_ours else None,
        (row.tax or 0) if is_ours else 0,
        (row.shipping or 0) if is_ours else 0,
        row.over if is_ours else 0,
        row.returned_netsuite if is_ours else None,
        row.returned_hubspot if row.currency_hubspot == code else None,
    )


def _sums(
    code: str,
    rows: Sequence[_Amounts],
    definition: SalesDefinition,
    count: int,
    total: int,
    elsewhere: BridgeStep | None,
    first: date,
    last: date,
    *,
    rounds: bool = False,
    without_rate: int = 0,
) -> ReturnSums:
    ours = [row for row in rows if row.whole is not None]
    left_out: dict[str, list[int]] = defaultdict(list)
    named: dict[str, list[int]] = defaultdict(list)
    for row in ours:
        for name, minor in _left_out(row, definition):
            left_out[name].append(minor)
        for name, minor in _named(row, first, last):
            named[name].append(minor)
    returned = sum(row.ours or 0 for row in ours)
    not_counted = [_step(name, left_out[name]) for name in _NOT_COUNTED if left_out[name]]
    rest = returned - sum(row.whole or 0 for row in ours) - sum(step.amount_minor for step in not_counted)
    if rounds and rest:
        not_counted.append(ReturnStep(ROUNDING_OF_PARTS, 0, rest))
    by_cause: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.of.cause is not None and (row.ours is not None or row.theirs is not None):
            by_cause[row.of.cause].append((row.theirs or 0) - (row.ours or 0))
    steps = tuple(_step(cause, by_cause[cause]) for cause in (*CAUSES, *OF_RETURNS_ALONE) if by_cause[cause])
    held = sum(row.theirs or 0 for row in rows)
    explained = sum(step.amount_minor for step in (*not_counted, *steps))
    return ReturnSums(
        currency=code,
        returns=count,
        netsuite_minor=total,
        not_counted=tuple(not_counted),
        returned_netsuite_minor=returned,
        named=tuple(_step(name, named[name]) for name in RETURN_CAUSES if named[name]),
        steps=steps,
        returned_hubspot_minor=held,
        elsewhere=elsewhere,
        unexplained_minor=total + explained - held,
        without_rate=without_rate,
    )


def _left_out(row: _Amounts, definition: SalesDefinition) -> Iterable[tuple[str, int]]:
    """What of a return's whole amount does not count, by name; amounts are negative."""
    if row.whole is None or row.counted is None:
        return
    if row.whole != row.counted:
        name = STAGE_COUNTS_NOTHING if row.of.stage in COUNTS_NOTHING else NOT_RECEIVED
        yield name, row.counted - row.whole
    if row.tax and not definition.with_tax:
        yield NOT_SALES_TAX, -row.tax
    if row.shipping and not definition.with_shipping:
        yield NOT_SALES_SHIPPING, -row.shipping


def _named(row: _Amounts, first: date, last: date) -> Iterable[tuple[str, int]]:
    """What a return's counted dollars are called: what is beyond its order's total, and the rest by its order's date."""
    if not row.ours:
        return
    over = max(0, min(row.over, row.ours))
    if over:
        yield OVER_RETURN, over
    if row.ours - over:
        yield named_period(row.of.without_order, row.of.parent_order_on, first, last), row.ours - over


def _step(name: str, amounts: Sequence[int]) -> ReturnStep:
    return ReturnStep(name, len(amounts), sum(amounts))


def _sign(control: Iterable[ReturnControl]) -> int:
    """The sign that makes NetSuite's sums of returns positive."""
    return 1 if sum(one.total_counted_minor or one.total_read_minor or 0 for one in control) > 0 else -1


def _counted(control: Iterable[ReturnControl]) -> dict[str, tuple[int, int]]:
    """Currency → how many returns NetSuite counts, and what it sums beyond those that were read, as a positive amount."""
    totals = [
        one for one in control if one.total_counted_minor is not None or one.total_read_minor is not None
    ]
    sign = _sign(totals)
    found: dict[str, tuple[int, int]] = {}
    for one in totals:
        number, missed = found.get(one.currency, (0, 0))
        beyond = (one.total_counted_minor or 0) - (one.total_read_minor or 0)
        found[one.currency] = (number + one.returns_counted, missed + sign * beyond)
    return found


def _elsewhere(orders: pd.DataFrame, rows: Iterable[_Return]) -> dict[str, tuple[str | None, str, int]]:
    """Order of the range → its rate, currency, and what was returned of it on other days; whole amounts."""
    here: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row.parent_order_id is not None and row.currency is not None:
            here[row.parent_order_id, row.currency] += row.counted or 0
    found: dict[str, tuple[str | None, str, int]] = {}
    returned = orders[orders["returned_minor"].fillna(0) != 0]
    names = ("order_id_netsuite", "exchange_rate", "currency", "returned_minor")
    for key, rate, currency, minor in zip(*(plain(returned[name]) for name in names), strict=True):
        if currency is not None and (other := int(minor) - here.get((key, currency), 0)) > 0:
            found[key] = (rate, currency, other)
    return found


def _step_elsewhere(amounts: Sequence[int]) -> BridgeStep | None:
    return BridgeStep(ELSEWHERE, len(amounts), sum(amounts)) if amounts else None


def _nothing_sold(code: str) -> SalesSums:
    return SalesSums(code, 0, 0, (), 0, (), 0, 0)


def _base(
    returns: pd.DataFrame,
    rows: Sequence[_Return],
    elsewhere: Mapping[str, tuple[str | None, str, int]],
    orders: pd.DataFrame,
    control: Iterable[ControlTotal],
    definition: SalesDefinition,
    first: date,
    last: date,
    return_control: Sequence[ReturnControl],
) -> NetSums | None:
    """All currencies together: each return converted once, at its own rate, half-up, then added."""
    base = base_currency(definition, orders, returns)
    gross = base_sums(orders, control, definition, first, last, returns)
    if not base or gross is None:
        return None
    ours_at, theirs_at = rates_of_sides(returns, base)

    def of_netsuite(name: str) -> list[int | None]:
        return plain(in_base(returns[name], returns["currency"], ours_at, base))

    theirs = in_base(returns["returned_hubspot_minor"], returns["currency_hubspot"], theirs_at, base)
    of_base = [
        _Amounts(row, whole, counted, tax or 0, shipping or 0, over or 0, ours, held)
        for row, whole, counted, tax, shipping, over, ours, held in zip(
            rows,
            *(of_netsuite(name) for name in _OF_NETSUITE),
            plain(theirs),
            strict=True,
        )
    ]
    known = sum(one.whole is not None for one in of_base)
    without = sum(max(0, one.returns_counted - one.returns_read) for one in return_control) + sum(
        (one.of.amount is not None and one.whole is None)
        or (one.of.returned_hubspot is not None and one.theirs is None)
        for one in of_base
    )
    rates, codes, minors = zip(*elsewhere.values(), strict=True) if elsewhere else ((), (), ())
    of_orders = pd.Series(typed(list(codes), _TEXT))
    other = in_base(
        pd.Series(typed(list(minors), pd.Int64Dtype())),
        of_orders,
        pd.Series(typed(list(rates), _TEXT)).mask(of_orders == base, "1"),
        base,
    )
    returned = _sums(
        base,
        of_base,
        definition,
        known,
        sum(one.whole or 0 for one in of_base),
        _step_elsewhere([minor for minor in plain(other) if minor is not None]),
        first,
        last,
        rounds=True,
        without_rate=without,
    )
    return NetSums(base, gross.orders, known, gross, returned)


_TEXT = pd.StringDtype(na_value=float("nan"))
_OF_NETSUITE = (
    "amount_minor", "counted_minor", "tax_minor", "shipping_minor", "over_minor", "returned_netsuite_minor",
)  # fmt: skip
_NOT_COUNTED: tuple[Any, ...] = (STAGE_COUNTS_NOTHING, NOT_RECEIVED, NOT_SALES_TAX, NOT_SALES_SHIPPING)
