"""Orders that are wrong on purpose: the known list, and how each is made.

Here: PLANTED, and one small change to a good order per code. Not here: good orders (orders.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.customers import People
from ns_hs_orders.sandbox.world.company.orders import Order, Plan
from ns_hs_orders.sandbox.world.model import Row, amount_text

TEST_CARD = "4111 1111 1111 1111"
LONG_MEMO = 70_000
MINIMUM = 40


@dataclass(frozen=True)
class Planted:
    """What is wrong with an order, and what must become of it.

    expected: `quarantined`, `rejected` (by HubSpot or before it), `warned` (synced, with a warning), `masked`
    (synced, without the card number), or `handled` (rejected or synced, but nothing else is lost).
    """

    expected: str
    sentence: str


PLANTED: dict[str, Planted] = {
    "does_not_add_up": Planted("quarantined", "The total is one cent off its lines."),
    "unknown_currency": Planted("quarantined", "The currency's symbol, XQZ, is not in ISO 4217."),
    "amount_not_a_number": Planted("quarantined", "The total reads 'n/a'."),
    "currency_exponent_violated": Planted("quarantined", "The total is 10.019 USD, or 1000.50 JPY."),
    "unknown_status": Planted("quarantined", "The status letter is Z."),
    "no_lines": Planted("quarantined", "There are no lines but the balancing row, or none at all."),
    "duplicate_line_keys": Planted("quarantined", "Two lines carry the same uniquekey."),
    "negative_total": Planted("quarantined", "The total is negative, and adds up."),
    "project_without_customer": Planted("quarantined", "Made out to a project that belongs to no customer."),
    "company_not_in_hubspot": Planted(
        "rejected", "The customer's HubSpot company id does not exist in HubSpot."
    ),
    "currency_not_in_portal": Planted("rejected", "Swiss francs, which the HubSpot portal does not have."),
    "long_memo": Planted("handled", "The memo has 70,000 characters."),
    "nul_in_memo": Planted("handled", "The memo holds a NUL character."),
    "card_number_in_memo": Planted("masked", "The memo holds a test card number."),
    "tax_rate_over_30_percent": Planted("warned", "The tax is 38 % of the goods."),
    "negative_tax": Planted("warned", "The tax line gives money back, and the order adds up."),
    "zero_total": Planted("warned", "Everything is free of charge."),
    "discount_above_subtotal": Planted(
        "warned", "The discount is more than the goods; shipping keeps the total up."
    ),
}
"""Code → what it is. World.planted gives the numbers of the orders that carry each."""


# A cent up and a cent down; dollars and yen; no line but the balancing row, and no row at all.
_TWO_FORMS = ("does_not_add_up", "currency_exponent_violated", "no_lines")


def codes_for(orders: int) -> list[str]:
    """Which codes a world of that size carries, one entry per bad order: each at least once, about 1 % in all.

    A world of fewer than MINIMUM orders has none.
    """
    if orders < MINIMUM:
        return []
    return [code for code in (*PLANTED, *_TWO_FORMS) for _ in range(max(1, orders // 2000))]


def replan(code: str, plan: Plan, people: People, turn: int) -> Plan:
    """The plan of a bad order: a synced customer, dollars, nothing shipped yet, unless the code says otherwise."""
    synced = [buyer for buyer in people.buyers if buyer.synced and buyer.currency is catalog.USD]
    plan = replace(plan, status="B", buyer=synced[turn % len(synced)], currency=catalog.USD)
    if code == "unknown_currency":
        return replace(plan, currency=catalog.XQZ)
    if code == "currency_not_in_portal":
        return replace(plan, currency=catalog.CHF)
    if code == "currency_exponent_violated" and turn % 2:
        buyer = next(buyer for buyer in people.buyers if buyer.synced and buyer.currency is catalog.JPY)
        return replace(plan, buyer=buyer, currency=catalog.JPY)
    if code == "unknown_status":
        return replace(plan, status="Z")
    if code == "project_without_customer":
        return replace(plan, buyer=people.special["project"])
    if code == "company_not_in_hubspot":
        return replace(plan, buyer=people.special["gone"])
    return plan


def spoil(code: str, order: Order, turn: int) -> None:
    """Makes a good order the bad one of its code. Codes that replan() dealt with need nothing more."""
    change = _CHANGES.get(code)
    if change:
        change(order, turn)


def _one_cent_off(order: Order, turn: int) -> None:
    total = order.sheet.total_minor + (1 if turn % 2 == 0 else -1)
    _set_total(order, amount_text(total, order.plan.currency.exponent))


def _not_a_number(order: Order, turn: int) -> None:
    _set_total(order, ("n/a", "12,50", "#REF!")[turn % 3])


def _too_many_decimals(order: Order, _turn: int) -> None:
    text = "1000.50" if order.plan.currency is catalog.JPY else "10.019"
    _keep_lines(order, goods=f"-{text}")
    _set_total(order, text)


def _no_lines(order: Order, turn: int) -> None:
    order.sheet.rows[:] = order.sheet.rows[:1] if turn % 2 == 0 else []


def _same_key_twice(order: Order, _turn: int) -> None:
    rows = order.sheet.rows
    copy: Row = {**rows[1], "id": str(len(rows)), "linesequencenumber": str(len(rows))}
    rows.append(copy)
    # The copy counts, so that only the key is wrong.
    minor = -int(Decimal(copy["foreignamount"] or 0).scaleb(order.plan.currency.exponent))
    _set_total(order, amount_text(order.sheet.total_minor + minor, order.plan.currency.exponent))


def _negative(order: Order, _turn: int) -> None:
    _keep_lines(order, goods="25.00", quantity="1", rate="25")
    _set_total(order, "-25.00")


def _long_memo(order: Order, _turn: int) -> None:
    order.header["memo"] = ("Deliver to the loading dock. " * (LONG_MEMO // 29 + 1))[:LONG_MEMO]


def _nul(order: Order, _turn: int) -> None:
    order.header["memo"] = "Scanned from paper\x00 page 2"


def _card(order: Order, _turn: int) -> None:
    order.header["memo"] = f"Customer read out card {TEST_CARD} exp 11/29, charge on shipping"


def _high_tax(order: Order, _turn: int) -> None:
    sheet = order.sheet
    sheet.rows[:] = [row for row in sheet.rows if row["taxline"] != "T"]
    sheet.tax_minor = 0
    sheet.tax(catalog.TAXES["HIGH"], sheet.goods_minor - sheet.discount_minor)
    _set_total(order, amount_text(sheet.total_minor, sheet.currency.exponent))


def _negative_tax(order: Order, _turn: int) -> None:
    sheet = order.sheet
    sheet.rows[:] = [row for row in sheet.rows if row["taxline"] != "T"]
    sheet.tax_minor = 0
    sheet.tax(catalog.TAXES["CA"], -2000)
    _set_total(order, amount_text(sheet.total_minor, sheet.currency.exponent))


def _free(order: Order, _turn: int) -> None:
    _keep_lines(order, goods="0.00", rate="0")
    _set_total(order, "0.00")


def _discount_above_goods(order: Order, _turn: int) -> None:
    _keep_lines(order, goods="-20.00", quantity="-2", rate="10")
    sheet = order.sheet
    sheet.goods_minor, sheet.discount_minor, sheet.shipping_minor = 2000, 0, 0
    sheet.tax_minor = sheet.payment_minor = 0
    sheet.discount_amount(2250)
    sheet.shipping(catalog.UPS, 1450)
    _set_total(order, amount_text(sheet.total_minor, sheet.currency.exponent))


def _keep_lines(order: Order, *, goods: str, quantity: str = "-1", rate: str | None = None) -> None:
    """Leaves the balancing row and the first item line, at the amount `goods` with NetSuite's sign."""
    order.sheet.rows[2:] = []
    order.sheet.rows[1].update(foreignamount=goods, quantity=quantity, rate=rate or goods.removeprefix("-"))


def _set_total(order: Order, text: str) -> None:
    order.header["foreigntotal"] = text
    if order.sheet.rows and order.sheet.rows[0]["mainline"] == "T":
        order.sheet.rows[0]["foreignamount"] = text


_CHANGES: dict[str, Callable[[Order, int], None]] = {
    "does_not_add_up": _one_cent_off,
    "amount_not_a_number": _not_a_number,
    "currency_exponent_violated": _too_many_decimals,
    "no_lines": _no_lines,
    "duplicate_line_keys": _same_key_twice,
    "negative_total": _negative,
    "long_memo": _long_memo,
    "nul_in_memo": _nul,
    "card_number_in_memo": _card,
    "tax_rate_over_30_percent": _high_tax,
    "negative_tax": _negative_tax,
    "zero_total": _free,
    "discount_above_subtotal": _discount_above_goods,
}
