"""The lines of one sales order with NetSuite's signs, and what they add up to.

Here: every kind of row that a sales order can hold, and the arithmetic of its total. Not here: which rows an
order gets (orders.py), shipping and billing them (shipments.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.catalog import Currency, Item
from ns_hs_orders.sandbox.world.model import Ids, Row, amount_text, half_up, number_text


@dataclass
class Sheet:
    """Collects the rows of one order. Amounts are in minor units, as people see them: goods positive."""

    transaction: str
    currency: Currency
    ids: Ids
    stamp: str
    rows: list[Row] = field(default_factory=list)
    goods_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    payment_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Goods − discount + shipping and handling + tax − payment."""
        return (
            self.goods_minor - self.discount_minor + self.shipping_minor + self.tax_minor - self.payment_minor
        )

    def price(self, dollars: Decimal) -> Decimal:
        """A dollar price in the order's currency; whole yen, otherwise as exact as the price list is."""
        if self.currency.exponent == 0:
            return Decimal(half_up(dollars * self.currency.prices))
        if self.currency is catalog.USD:
            return dollars
        return (dollars * self.currency.prices).quantize(Decimal("0.0001"))

    def goods(self, item: Item, quantity: Decimal, rate: Decimal | None = None, **more: str | None) -> Row:
        """An item line: negative quantity and amount, the amount rounded half-up from quantity × rate."""
        rate = self.price(item.price) if rate is None else rate
        minor = half_up(rate.scaleb(self.currency.exponent) * quantity)
        self.goods_minor += minor
        return self._row(item, -quantity, number_text(rate), -minor, **more)

    def kit(self, quantity: int) -> Row:
        """A kit with its components: they repeat quantities, the money is on the kit."""
        kit = self.goods(catalog.KIT, Decimal(quantity))
        for sku, pieces in catalog.KIT_PARTS:
            self._row(
                catalog.BY_SKU[sku], Decimal(-pieces * quantity), None, 0, kitcomponent="T", kitmemberof=kit["id"]
            )  # fmt: skip
        return kit

    def group(self) -> None:
        """An item group: its head, its members, and an end row that repeats their amounts."""
        self._row(catalog.GROUP, Decimal(-1), None, None)
        before = self.goods_minor
        for sku, pieces in catalog.GROUP_PARTS:
            self.goods(catalog.BY_SKU[sku], Decimal(pieces))
        self._row(None, None, None, before - self.goods_minor, itemtype="EndGroup", memo="End of Group")

    def subtotal(self) -> None:
        """A subtotal row: repeats the goods so far and counts for nothing."""
        self._row(catalog.SUBTOTAL, None, None, self.discount_minor - self.goods_minor)

    def description(self, text: str) -> None:
        """A row of text."""
        self._row(catalog.NOTE, None, None, None, memo=text)

    def cost(self, item: Item, minor: int) -> None:
        """A cost row, which is bookkeeping and no part of the order's money."""
        self._row(item, None, None, minor, iscogs="T")

    def markup(self, minor: int) -> None:
        """A surcharge: no quantity, negative amount."""
        self.goods_minor += minor
        self._row(catalog.MARKUP, None, amount_text(minor, self.currency.exponent), -minor)

    def discount_percent(self, percent: Decimal, base_minor: int, **more: str | None) -> None:
        """A discount of a percentage of what it follows: no quantity, positive amount, negative rate."""
        minor = half_up(Decimal(base_minor) * percent / 100)
        self.discount_minor += minor
        item = catalog.DISCOUNT_HEADER if more.get("transactiondiscount") else catalog.DISCOUNT_PERCENT
        self._row(item, None, number_text(-percent), minor, ratepercent=number_text(-percent), **more)

    def discount_amount(self, minor: int) -> None:
        """A discount of an amount."""
        self.discount_minor += minor
        self._row(catalog.DISCOUNT_AMOUNT, None, amount_text(-minor, self.currency.exponent), minor)

    def shipping(self, method: Item, minor: int) -> None:
        """The shipping row: quantity −1, negative amount."""
        self._charge(method, minor, "SHIPPING")

    def handling(self, minor: int) -> None:
        """The handling row: a shipping item too."""
        self._charge(catalog.HANDLING, minor, "HANDLING")

    def tax(self, item: Item, base_minor: int, *, quantity: int = -1) -> None:
        """A legacy tax row: quantity −1 or 0, amount zero or negative, rounded half-up from its base."""
        minor = half_up(Decimal(base_minor) * item.price / 100)
        self.tax_minor += minor
        self._row(
            item, Decimal(quantity), None, -minor, taxline="T", ratepercent=number_text(item.price)
        )  # fmt: skip

    def payment(self, item: Item, minor: int) -> None:
        """Money that is in already (a deposit, a gift certificate): positive amount, as a discount has."""
        self.payment_minor += minor
        self._row(item, None, None, minor)

    def main_row(self, **more: str | None) -> Row:
        """The balancing row that NetSuite keeps first: the total, positive on an order."""
        row = self._row(None, None, None, self.total_minor, mainline="T", itemtype=None, memo=None, **more)
        row["id"], row["linesequencenumber"] = "0", "0"
        self.rows.insert(0, self.rows.pop())
        return row

    def _charge(self, item: Item, minor: int, kind: str) -> None:
        self.shipping_minor += minor
        rate = amount_text(minor, self.currency.exponent)
        self._row(item, Decimal(-1), rate, -minor, transactionlinetype=kind)

    def _row(
        self,
        item: Item | None,
        quantity: Decimal | None,
        rate: str | None,
        minor: int | None,
        **more: str | None,
    ) -> Row:
        """Appends a row; `minor` with NetSuite's sign."""
        number = str(len(self.rows) + 1)
        row: Row = {
            "uniquekey": self.ids.next("line"),
            "transaction": self.transaction,
            "id": number,
            "linesequencenumber": number,
            "mainline": "F",
            "taxline": "F",
            "item": item.id if item else None,
            "itemtype": item.itemtype if item else None,
            "quantity": None if quantity is None else number_text(quantity),
            "rate": rate,
            "ratepercent": None,
            "foreignamount": None if minor is None else amount_text(minor, self.currency.exponent),
            "memo": item.name if item else None,
            "createdfrom": None,
            "subsidiary": "1",
            "isclosed": "F",
            "iscogs": "F",
            "kitcomponent": "F",
            "kitmemberof": None,
            "transactiondiscount": "F",
            "transactionlinetype": None,
            "quantityshiprecv": None,
            "quantitybilled": None,
            "linelastmodifieddate": self.stamp,
        }
        row.update(more)
        self.rows.append(row)
        return row
