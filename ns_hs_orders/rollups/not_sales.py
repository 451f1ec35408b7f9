"""Tax and shipping of orders and returns, where the definition says that they are no sales.

Belongs here: what is asked of them. Does not belong here: what of it counts (reading, returns).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from ns_hs_orders.extract.suiteql.keyset import Row
from ns_hs_orders.mapping.lines import line_class
from ns_hs_orders.rollups.selection import (
    CLASSING,
    CURRENCY_JOIN,
    LINES,
    Selection,
    decimal_of,
    line_of,
)

Part = Literal["tax", "shipping"]
_SHIPPING = ("shipping", "handling")
_DETAILS = f"transactiontaxdetail d INNER JOIN transaction t ON t.id = d.transaction {CURRENCY_JOIN}"


def parts_not_sales(
    chosen: Selection, where: Sequence[str], by: Mapping[str, str], *, sizes: bool = False
) -> Iterator[tuple[Part, Row, Decimal | None]]:
    """Which part, the group, and its amount, None where it cannot be read.

    An order's amounts are positive. sizes: those of returns are, too, whatever sign the account gives them.
    """
    source = chosen.source
    definition, rules = source.definition, source.rules
    is_legacy = rules.tax_regime == "legacy"
    kinds = () if definition.with_shipping else _SHIPPING
    if is_legacy and not definition.with_tax:
        kinds = (*kinds, "tax")
    # NetSuite's sign: an order's lines stand with its sign turned
    of_lines = "SUM(ABS(tl.foreignamount))" if sizes else "-SUM(tl.foreignamount)"
    of_details = "SUM(ABS(d.taxamount))" if sizes else "SUM(d.taxamount)"
    if kinds:
        classed = {**by, **source.line_columns(CLASSING)}
        for row in chosen.groups({"amount": of_lines}, LINES, ("tl.mainline = 'F'", *where), classed):
            kind = line_class(line_of(row), rules)
            if kind in kinds:
                yield "tax" if kind == "tax" else "shipping", row, decimal_of(row.get("amount") or "0")
    if not (is_legacy or definition.with_tax) and source.plan.has("tax_detail"):
        for row in chosen.groups({"amount": of_details}, _DETAILS, where, by):
            yield "tax", row, decimal_of(row.get("amount") or "0")
