"""Which signs the amounts of returns have in this account: found out from its newest returns, never assumed.

Belongs here: the sample, and what follows from it. Does not belong here: judging one return (mapping), or reading
returns for the sync (returns).

Documents tell that a return's total is negative; of its lines nothing is certain. A few odd totals among many do not
hide the account's sign: they are what it is there to find. A sample that is too small, or in which returns contradict
each other, tells nothing: each return is then judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from ns_hs_orders.extract.orders import ID
from ns_hs_orders.extract.reading import counted_amount
from ns_hs_orders.extract.returns.signs import ReturnSigns, Sign, makes
from ns_hs_orders.extract.suiteql.keyset import Row

SAMPLE = 200
ENOUGH = 3
ENOUGH_FOR_ODD_ONES = 10
ODD_ONES_IN = 10
"""At most one in so many has the other sign, where the sign of the others is the account's all the same."""


def signs_of(
    headers: Iterable[Row], lines: dict[str, list[Row]], taxes: dict[str, str], refunds: Iterable[Row]
) -> ReturnSigns:
    """The signs that a sample shows. lines, taxes (SuiteTax sums): by return id."""
    totals: list[Decimal] = []
    of_lines: list[Decimal] = []
    sampled = 0
    for header in headers:
        sampled += 1
        total = _number(header.get("total"))
        if not total:
            continue
        totals.append(total)
        tax = taxes.get(str(header[ID]))
        amount = counted_amount(lines.get(str(header[ID]), ()), tax)
        if amount and makes(abs(total), amount, _number(tax) or Decimal()):
            of_lines.append(amount)
    return ReturnSigns(
        total=_usual(totals),
        # no majority here: lines of either sign must make their return's total anyway
        lines=_common(of_lines),
        refunds=_usual([one for row in refunds if (one := _number(row.get("total")))]),
        sampled=sampled,
        add_up=len(of_lines),
    )


def _usual(numbers: list[Decimal]) -> Sign | None:
    """The sign of all, or of nine in ten of at least ten."""
    if len(numbers) < ENOUGH_FOR_ODD_ONES:
        return _common(numbers)
    positive = sum(one > 0 for one in numbers)
    odd = min(positive, len(numbers) - positive)
    if odd * ODD_ONES_IN > len(numbers):
        return None
    return "negative" if positive == odd else "positive"


def _common(numbers: list[Decimal]) -> Sign | None:
    if len(numbers) < ENOUGH:
        return None
    if all(one > 0 for one in numbers):
        return "positive"
    return "negative" if all(one < 0 for one in numbers) else None


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
