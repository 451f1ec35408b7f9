"""What the company sells and in which money: items with prices, currencies with rates.

Here: reference data that no order changes. Not here: who buys (customers.py) or what an order holds (lines.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ns_hs_orders.sandbox.world.model import Row


@dataclass(frozen=True)
class Currency:
    """A NetSuite currency: `rate` is to the home currency, `prices` what a dollar price is multiplied by."""

    id: str
    name: str
    symbol: str
    exponent: int
    rate: Decimal
    prices: Decimal


USD = Currency("1", "US Dollar", "USD", 2, Decimal(1), Decimal(1))
EUR = Currency("2", "Euro", "EUR", 2, Decimal("1.0842"), Decimal("0.95"))
CAD = Currency("3", "Canadian Dollar", "CAD", 2, Decimal("0.7316"), Decimal("1.38"))
JPY = Currency("4", "Japanese Yen", "JPY", 0, Decimal("0.00668"), Decimal("150"))
CHF = Currency("5", "Swiss Franc", "CHF", 2, Decimal("1.1234"), Decimal("0.91"))
XQZ = Currency("6", "Store credit points", "XQZ", 2, Decimal("0.01"), Decimal(1))

TRADED = (USD, EUR, CAD, JPY)
CURRENCIES = (*TRADED, CHF, XQZ)
BY_ID = {currency.id: currency for currency in CURRENCIES}


@dataclass(frozen=True)
class Item:
    """A record of NetSuite's item table; `price` in dollars, `cost` what the company pays."""

    id: str
    sku: str
    name: str
    itemtype: str
    price: Decimal
    weight: int = 10


def _items() -> tuple[Item, ...]:
    made: list[Item] = []

    def add(sku: str, name: str, itemtype: str, price: str, weight: int = 10) -> None:
        made.append(Item(str(1000 + len(made)), sku, name, itemtype, Decimal(price), weight))

    for size, price in (("10 oz", "8.45"), ("16 oz", "10.95"), ("24 oz", "13.495")):
        for colour in ("Slate", "Moss", "Coral", "White"):
            add(
                f"TMB-{size[:2]}-{colour[:3].upper()}",
                f"Trail Tumbler {size}, {colour}",
                "InvtPart",
                price,
                16,
            )
    for litres, price in (("18", "42.50"), ("28", "61.75"), ("45", "98.20")):
        for colour in ("Slate", "Moss", "Sand"):
            add(
                f"PCK-{litres}-{colour[:3].upper()}", f"Ridge Pack {litres} L, {colour}", "InvtPart", price, 9
            )
    for size in ("XS", "S", "M", "L", "XL", "2XL"):
        add(f"JKT-STM-{size}", f"Stormline Jacket, {size}", "InvtPart", "118.333", 7)
        add(f"TEE-LGO-{size}", f"Organic Logo Tee, {size}", "InvtPart", "11.2495", 14)
    add("LNT-SOL-1", "Solar Camp Lantern", "InvtPart", "27.90", 12)
    add("LNT-SOL-6", "Solar Camp Lantern, case of 6", "InvtPart", "149.40", 8)
    add("STV-ALC-2", "Alcohol Stove, two burners", "Assembly", "212.00", 5)
    add("TNT-3P-GRN", "Basecamp Tent, three persons, green", "Assembly", "389.99", 4)
    add("TNT-3P-ÖKO", "Basecamp Tent, „Öko“ edition", "Assembly", "421.50", 2)
    add("BOT-INS-JP", "保温ボトル 500 ml", "InvtPart", "24.6667", 4)
    add("CRD-8MM-M", "Accessory cord 8 mm, per metre", "InvtPart", "1.3475", 6)
    add("BAG-PAPER", "Paper bags, bundle of 100", "NonInvtPart", "6.40", 6)
    add("CAT-2026", "Printed catalogue", "NonInvtPart", "0", 3)
    add("FEE-ENGRAVE", "Engraving set-up fee", "OthCharge", "45.00", 6)
    add("FEE-RUSH", "Rush order fee", "OthCharge", "75.00", 3)
    add("SVC-FITOUT", "Shop fit-out, hour", "Service", "84.75", 3)
    add("SVC-TRAIN", "Staff training, hour", "Service", "62.50", 2)
    return tuple(made)


GOODS = _items()
BY_SKU = {item.sku: item for item in GOODS}

# Not sold by themselves: NetSuite keeps discounts, shipping methods, taxes and groupings as items too.
KIT = Item("2001", "KIT-WEEKEND", "Weekend Kit: pack, tumbler, lantern", "Kit", Decimal("109.50"))
KIT_PARTS = (("PCK-28-MOS", 1), ("TMB-16-MOS", 2), ("LNT-SOL-1", 1))
GROUP = Item("2002", "GRP-DISPLAY", "Counter display set", "Group", Decimal(0))
GROUP_PARTS = (("TMB-16-SLA", 12), ("TMB-16-COR", 12), ("BAG-PAPER", 2))
SUBTOTAL = Item("2003", "Subtotal", "Subtotal", "Subtotal", Decimal(0))
NOTE = Item("2004", "Note", "Note on the order", "Description", Decimal(0))
MARKUP = Item("2005", "Small order surcharge", "Small order surcharge", "Markup", Decimal(0))
DISCOUNT_PERCENT = Item("2006", "Volume discount", "Volume discount", "Discount", Decimal(0))
DISCOUNT_AMOUNT = Item("2007", "Goodwill credit", "Goodwill credit", "Discount", Decimal(0))
DISCOUNT_HEADER = Item("2008", "Dealer terms", "Dealer terms", "Discount", Decimal(0))
GIFT = Item("2009", "Gift certificate", "Gift certificate applied", "GiftCert", Decimal(0))
PAYMENT = Item("2010", "Deposit by card", "Deposit by card", "Payment", Decimal(0))
HANDLING = Item("2011", "Handling", "Handling", "ShipItem", Decimal(0))
UPS = Item("2012", "UPS Ground", "UPS Ground", "ShipItem", Decimal(0))
FEDEX = Item("2013", "FedEx Home Delivery", "FedEx Home Delivery", "ShipItem", Decimal(0))
USPS = Item("2014", "USPS Priority Mail", "USPS Priority Mail", "ShipItem", Decimal(0))
TAXES = {
    "CA": Item("2021", "CA Sales Tax", "California sales tax", "TaxItem", Decimal("8.25")),
    "NY": Item("2022", "NY Sales Tax", "New York sales tax", "TaxItem", Decimal("8.875")),
    "TX": Item("2023", "TX Sales Tax", "Texas sales tax", "TaxItem", Decimal("6.25")),
    "OR": Item("2024", "Not taxable", "Not taxable", "TaxItem", Decimal(0)),
    "GST": Item("2025", "GST", "Canadian GST", "TaxItem", Decimal(5)),
    "BC": Item("2026", "PST BC", "British Columbia PST", "TaxItem", Decimal(7)),
    "DE": Item("2027", "USt 19 %", "German VAT", "TaxItem", Decimal(19)),
    "NL": Item("2028", "BTW 21 %", "Dutch VAT", "TaxItem", Decimal(21)),
    "JP": Item("2029", "消費税 10 %", "Japanese consumption tax", "TaxItem", Decimal(10)),
    "HIGH": Item("2030", "Luxury levy 38 %", "Luxury levy", "TaxItem", Decimal(38)),
}
CARRIERS = (UPS, FEDEX, USPS)
OTHER_ITEMS = (
    KIT, GROUP, SUBTOTAL, NOTE, MARKUP, DISCOUNT_PERCENT, DISCOUNT_AMOUNT, DISCOUNT_HEADER,
    GIFT, PAYMENT, HANDLING, *CARRIERS, *TAXES.values(),
)  # fmt: skip


def item_rows(stamp: str) -> list[Row]:
    """The item table."""
    return [
        {
            "id": item.id,
            "itemid": item.sku,
            "fullname": item.sku,
            "displayname": item.name,
            "description": item.name,
            "itemtype": item.itemtype,
            "lastmodifieddate": stamp,
        }
        for item in (*GOODS, *OTHER_ITEMS)
    ]


def currency_rows() -> list[Row]:
    """The currency table: dollars are home, two of the others are no use to HubSpot."""
    return [
        {
            "id": currency.id,
            "name": currency.name,
            "symbol": currency.symbol,
            "exchangerate": f"{currency.rate:f}",
            "isbasecurrency": "T" if currency is USD else "F",
        }
        for currency in CURRENCIES
    ]


def hubspot_currency_rows() -> list[Row]:
    """The portal's currencies: what the company trades in, and not the Swiss franc."""
    return [{"code": currency.symbol, "home": "T" if currency is USD else "F"} for currency in TRADED]
