"""What an order's lines and tax make, set against its total.

Belongs here: the identity of an order's money, the tax regime, the warnings. Does not belong here: the
amount of a single line (lines.py), or what becomes of the order (judgement.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ns_hs_orders import money
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.mapping.lines import MappedLines
from ns_hs_orders.mapping.raw import read_list
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import Problem

PLAUSIBLE_TAX_PERCENT = 30
MOST_KEYS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's money in minor units, positive as people read it; see Orders for the identity."""

    total_minor: int
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    handling_minor: int
    tax_minor: int
    payment_minor: int
    unclassified_minor: int
    closed_minor: int

    @property
    def shipping_cost_minor(self) -> int:
        """Shipping and handling, which HubSpot keeps as one amount."""
        return self.shipping_minor + self.handling_minor

    @property
    def lines_make(self) -> int:
        """What the lines add up to, and the tax details where those count."""
        return (
            self.subtotal_minor
            - self.discount_minor
            + self.shipping_cost_minor
            + self.tax_minor
            - self.payment_minor
        )


def tax_minor(
    tax_details: str,
    lines: MappedLines,
    currency: str | None,
    rules: MappingRules,
    problems: list[Problem],
) -> int | None:
    """Tax lines or SuiteTax details by the regime, never both; None, with a problem, where it is unreadable.

    Details may be finer than the currency; only their exact sum must fit it.
    """
    if rules.tax_regime == "legacy":
        return lines.sums.get("tax", 0)
    if currency is None:
        return None
    try:
        details = [money.parse_decimal(detail) for detail in read_list(tax_details)]
        return money.decimal_to_minor(money.add_up(details), currency)
    except MoneyError as error:
        problems.append(Problem(error.reason, f"The tax details: {error}"))
    except ValueError:
        problems.append(Problem("breaks_contract", "The tax details are not a list of amounts."))
    return None


def amounts_of(
    total: int,
    tax: int,
    lines: MappedLines,
    currency: str,
    rules: MappingRules,
    problems: list[Problem],
) -> Amounts | None:
    """The amounts of an order whose money is readable; None, with a problem, where they are too large.

    Where the lines do not make the total, the rest is a problem, or by setting the unclassified amount.
    """
    sums = lines.sums
    if any(abs(amount) > money.LARGEST_MINOR for amount in (*sums.values(), lines.closed_minor)):
        problems.append(
            Problem(
                "amount_too_large",
                f"The lines add up to more than {money.shown(money.LARGEST_MINOR, currency)}, the largest amount "
                "that is stored.",
            )
        )
        return None
    amounts = Amounts(
        total_minor=total,
        subtotal_minor=sums.get("goods", 0),
        discount_minor=-sums.get("discount", 0),
        shipping_minor=sums.get("shipping", 0),
        handling_minor=sums.get("handling", 0),
        tax_minor=tax,
        payment_minor=-sums.get("payment", 0),
        unclassified_minor=0,
        closed_minor=lines.closed_minor,
    )
    rest = total - amounts.lines_make
    if rest and rules.unbalanced_orders == "send":
        return replace(amounts, unclassified_minor=rest)
    if rest and lines.lines:
        problems.append(Problem("does_not_add_up", _unexplained(amounts, rest, lines, currency)))
    return amounts


def _unexplained(amounts: Amounts, rest: int, lines: MappedLines, currency: str) -> str:
    sentence = (
        f"Lines make {money.shown(amounts.lines_make, currency)}, the total says "
        f"{money.shown(amounts.total_minor, currency)}: {money.shown(rest, currency)} is unexplained."
    )
    if lines.without_amount:
        named = ", ".join(lines.without_amount[:MOST_KEYS_NAMED])
        sentence += f" Lines without an amount in NetSuite: {named}."
    return sentence


def warnings_of(amounts: Amounts) -> tuple[str, ...]:
    """Keys of WARNINGS that hold."""
    taxed = amounts.subtotal_minor - amounts.discount_minor + amounts.shipping_cost_minor
    found = {
        "tax_rate_over_30_percent": amounts.tax_minor * 100 > max(taxed, 0) * PLAUSIBLE_TAX_PERCENT,
        "negative_tax": amounts.tax_minor < 0,
        "discount_above_subtotal": amounts.discount_minor > amounts.subtotal_minor,
        "zero_total": amounts.total_minor == 0,
        "unbalanced_sent": amounts.unclassified_minor != 0,
    }
    return tuple(code for code, holds in found.items() if holds)
