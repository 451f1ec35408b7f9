"""Pieces of one company into its figures: which orders count, and in which currency they are added.

Belongs here: the rules of counting and of currencies, as pure functions. Does not belong here: where pieces come from
(reading, returns), or how figures are told (properties).

Orders in one currency: the figures are in it. In several: each order is converted to NetSuite's base currency once, at its
own rate, half-up, and then they are added. Without a known base currency there are no amounts, only figures by currency.
Returns choose no currency of the amounts; where theirs is another, only the rate is made in base currency, or is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.rollups.pieces import Piece
from ns_hs_orders.rollups.schema import OPEN_STAGES, CompanyFigures, CurrencyFigures, RateLacks

RATE_DECIMALS = 2


def counts(piece: Piece, left_out: Collection[str]) -> bool:
    """Whether a piece counts: of a return, or of an order in a stage that is sales, dated up to today or open.

    left_out: stages that do not count.
    """
    if piece.kind == "return":
        return True
    return piece.stage not in left_out and (piece.when != "later" or piece.stage in OPEN_STAGES)


def must_be_apart(pieces: Iterable[Piece], left_out: Collection[str]) -> bool:
    """Whether a company's orders must be read one by one: several currencies, or an amount that a sum would hide."""
    counted = [one for one in pieces if counts(one, left_out)]
    return len({one.currency for one in counted}) > 1 or _put_together(counted)[1] > 0


def figures_of(
    pieces: Iterable[Piece],
    left_out: Collection[str],
    base_currency: Callable[[], str],
    *,
    with_returns: bool,
) -> CompanyFigures:
    """A company's figures. base_currency: asked where there are several currencies; "" where none is known.

    pieces: added up by NetSuite where `must_be_apart` is False, else one by one.
    """
    counted = [one for one in pieces if counts(one, left_out)]
    orders, without_amount = _put_together([one for one in counted if one.kind == "order"])
    returns, unread = _put_together([one for one in counted if one.kind == "return"])
    to_date = [one for one in counted if one.orders and one.when != "later"]
    codes = sorted({one.currency for one in orders})
    by_currency = tuple(_of_currency(code, [one for one in orders if one.currency == code]) for code in codes)
    without_rate = 0
    sums: CurrencyFigures | None = None
    if len(codes) == 1:
        sums = by_currency[0]
    elif codes and (base := base_currency()):
        converted = [found for one in orders if (found := _converted(one, base))]
        without_rate = len(orders) - len(converted)
        sums = _of_currency(base, converted)
    rate = _NO_RATE
    if sums and with_returns and sums.sales_12_months_minor > 0:
        rate = _rate(sums, orders, returns, base_currency) if not unread else _Rate("", "amount", unread)
    return CompanyFigures(
        orders=sum(one.orders for one in to_date),
        open_orders=sum(one.orders for one in counted if one.stage in OPEN_STAGES and one.kind == "order"),
        last_order_on=max((one.last_on for one in to_date if one.last_on), default=None),
        currency=sums.currency if sums else "",
        sales_minor=sums.sales_minor if sums else None,
        sales_12_months_minor=sums.sales_12_months_minor if sums else None,
        open_minor=sums.open_minor if sums else None,
        returns_rate=rate.percent,
        by_currency=by_currency if len(codes) > 1 else (),
        without_amount=without_amount,
        without_rate=without_rate,
        rate_lacks=rate.lacks,
        rate_lacks_of=rate.of,
    )


class _Sold(NamedTuple):
    """An order or return, or several that NetSuite added: what counts of them, in minor units of one currency."""

    currency: str
    minor: int
    of: Piece
    orders: int
    rate: str | None


def _put_together(pieces: Sequence[Piece]) -> tuple[list[_Sold], int]:
    """The pieces of each order or return added; and how many of them have no readable amount or currency."""
    groups: dict[object, list[Piece]] = defaultdict(list)
    for place, one in enumerate(pieces):
        groups[place if one.order_id is None else (one.kind, one.order_id)].append(one)
    sold: list[_Sold] = []
    without_amount = 0
    for group in groups.values():
        orders = sum(one.orders for one in group)
        amounts = [one.amount for one in group if one.amount is not None]
        code = group[0].currency
        minor = None if code is None or len(amounts) < len(group) else _minor(money.add_up(amounts), code)
        if code is None or minor is None:
            without_amount += max(orders, 1)
        else:
            sold.append(
                _Sold(code, minor, group[0], orders, next((one.rate for one in group if one.rate), None))
            )
    return sold, without_amount


def _of_currency(code: str, orders: Sequence[_Sold]) -> CurrencyFigures:
    to_date = [one for one in orders if one.of.when != "later"]
    are_open = [one for one in orders if one.of.stage in OPEN_STAGES]
    return CurrencyFigures(
        currency=code,
        orders=sum(one.orders for one in to_date),
        sales_minor=sum(one.minor for one in to_date),
        sales_12_months_minor=sum(one.minor for one in to_date if one.of.when == "within"),
        open_orders=sum(one.orders for one in are_open),
        open_minor=sum(one.minor for one in are_open),
    )


def _converted(one: _Sold, base: str) -> _Sold | None:
    """The same in the base currency at the order's own rate, half-up; None where it has no usable rate."""
    if one.currency == base:
        return one
    try:
        return one._replace(
            currency=base, minor=money.to_base_minor(one.minor, one.currency, one.rate or "", base)
        )
    except MoneyError:
        return None


class _Rate(NamedTuple):
    """The returns rate; where it cannot be told, what is lacking, and of how many returns (or orders to convert)."""

    percent: str
    lacks: RateLacks = ""
    of: int = 0


_NO_RATE = _Rate("")


def _rate(
    sums: CurrencyFigures, orders: Sequence[_Sold], returns: Sequence[_Sold], base_currency: Callable[[], str]
) -> _Rate:
    """Returned ÷ sales of the twelve months: in the currency of the sums, or in the base currency where returns are in
    another one than all orders.
    """
    sold = sums.sales_12_months_minor
    if all(one.currency == sums.currency for one in returns):
        return _Rate(_percent(sum(one.minor for one in returns), sold))
    base = base_currency()
    if not base:
        return _Rate("", "base currency", len(returns))
    back = [_converted(one, base) for one in returns]
    lacking = back.count(None)
    if sums.currency != base:
        lately = [_converted(one, base) for one in orders if one.of.when == "within"]
        lacking += lately.count(None)
        sold = sum(one.minor for one in lately if one)
    if lacking:
        return _Rate("", "exchange rate", lacking)
    return _Rate(_percent(sum(one.minor for one in back if one), sold))


def _percent(returned: int, sold: int) -> str:
    """In percent, half-up; "" where there were no sales to divide by."""
    if sold <= 0:
        return ""
    return f"{money.divide(Decimal(100 * returned), Decimal(sold), RATE_DECIMALS):.{RATE_DECIMALS}f}"


def _minor(amount: Decimal, code: str) -> int | None:
    try:
        return money.decimal_to_minor(amount, code)
    except MoneyError:
        return None
