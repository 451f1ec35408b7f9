"""One sales order: when it is placed, who buys, what it holds, how its header reads.

Here: the shape of a believable order that adds up. Not here: its rows' signs (lines.py), what happens to it
afterwards (shipments.py), orders that are wrong on purpose (bad_orders.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.catalog import Currency
from ns_hs_orders.sandbox.world.company.customers import Buyer, People
from ns_hs_orders.sandbox.world.company.lines import Sheet
from ns_hs_orders.sandbox.world.model import Ids, Row, amount_text, half_up, stamp_text

ACCOUNT_ZONE = ZoneInfo("America/Los_Angeles")
STATUSES = "ABCDEFGH"
# Weights of the letters A to H by age: young orders wait, old ones are billed.
_BY_AGE = (
    (2, (22, 50, 4, 8, 2, 6, 6, 2)),
    (14, (4, 26, 4, 14, 9, 14, 26, 3)),
    (9999, (1, 4, 5, 4, 4, 6, 70, 6)),
)
_WEEKDAYS = (1.15, 1.1, 1.0, 1.0, 0.9, 0.25, 0.15)
_MONTHS = (0.8, 0.8, 0.95, 1.0, 1.0, 1.05, 0.9, 0.95, 1.05, 1.1, 1.3, 1.35)
_MEMOS = (
    None, None, None, None, "Ship complete, please", "Call before delivery: +1 503 555 0188",
    "Gift wrap 🎁 for the grand opening 🎉", "هذا الطلب عاجل جدا, thanks", "הזמנה דחופה – dock 4",
    "Line one\nLine two: leave at the back door", "“Smart quotes”, tab\tand a trailing space ",
    "Réf. magasin n° 12; <b>not bold</b> & co.", "追加注文です", "=SUM(A1:A9) was typed here",
)  # fmt: skip
_NOTES = ("Visa ending 4242", "Mastercard ending 4444", "Amex ending 0005", "Net 30", None, None)
_GROUPS = (None, None, "Western Buying Group", "Independent Retailers United", "Café Alliance")
_STORES = ("Dealer Portal", "Campus Portal", "Corporate Gifts Portal", "Japan Portal")
_DEALS = ("Spring reorder", "Store opening", "Corporate gifts", "Fleet refresh", "Holiday programme 🎄")
_MIX = (("InvtPart", 72), ("Assembly", 8), ("NonInvtPart", 8), ("OthCharge", 7), ("Service", 5))


@dataclass(frozen=True)
class Plan:
    """What is decided about an order before it has lines. `placed` is aware, `on` the date in the account's zone."""

    on: date
    placed: datetime
    status: str
    buyer: Buyer
    currency: Currency
    portal: bool


@dataclass
class Order:
    """An order on its way into the world: header row, lines, and how it was planned."""

    plan: Plan
    header: Row
    sheet: Sheet
    others: dict[str, list[Row]] = field(default_factory=dict)
    documents: dict[str, list[Row]] = field(default_factory=dict)

    def touch(self, at: datetime) -> None:
        """Moves the header's stamp, never back."""
        self.header["lastmodifieddate"] = max(self.header["lastmodifieddate"] or "", stamp_text(at))


def latest_moment(today: date) -> datetime:
    """Nothing in the world is stamped later: the day's first moment in UTC, which has passed whatever the hour."""
    return datetime.combine(today, time(), UTC)


def calendar(rng: Random, orders: int, today: date, days: int) -> list[tuple[date, datetime]]:
    """Order dates and moments, in order of time, over the `days` days that end with `today`."""
    span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    weights = [
        _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * (1.3 if day.day >= 28 else 1) for day in span
    ]
    found = []
    for day in rng.choices(span, weights, k=orders):
        local = datetime.combine(day, time(7), ACCOUNT_ZONE) + timedelta(seconds=rng.randrange(12 * 3600))
        last = latest_moment(today) - timedelta(seconds=rng.randrange(3 * 3600))
        found.append((day, min(local.astimezone(UTC), last)))
    return sorted(found)


def status_by_age(rng: Random, age_days: int) -> str:
    """A status letter that fits an order of that age."""
    weights = next(weights for limit, weights in _BY_AGE if age_days <= limit)
    return rng.choices(STATUSES, weights)[0]


def make_order(rng: Random, ids: Ids, people: People, plan: Plan) -> Order:
    """A whole order that adds up, with its address and, at times, its deal; nothing shipped or billed yet."""
    order_id = ids.next("transaction")
    header = _header(rng, ids, people, plan, order_id)
    sheet = Sheet(order_id, plan.currency, ids, header["createddate"] or "")
    order = Order(plan, header, sheet)
    _fill(rng, order)
    sheet.main_row(entity=plan.buyer.id)
    header["foreigntotal"] = amount_text(sheet.total_minor, plan.currency.exponent)
    order.others["transactionshippingaddress"] = [_address(ids, plan.buyer, header)]
    if rng.random() < 0.25 and plan.buyer.synced:
        _deal(rng, ids, order)
    return order


def _header(rng: Random, ids: Ids, people: People, plan: Plan, order_id: str) -> Row:
    created = stamp_text(plan.placed)
    number = ids.next("order number")
    # Portal orders come without a rep at times; nobody typed them.
    rep = None if plan.portal and rng.random() < 0.5 else plan.buyer.rep or rng.choice(people.reps)
    rate = plan.currency.rate * (1 + Decimal(rng.randrange(-200, 201)) / 10000)
    effective = plan.on + timedelta(days=rng.choice((0, 0, 0, 1, 7, 30)))
    return {
        "id": order_id,
        "tranid": f"SO{number}",
        "transactionnumber": f"SALESORD{number}",
        "type": "SalesOrd",
        "recordtype": "salesorder",
        "status": plan.status,
        "trandate": plan.on.isoformat(),
        "createddate": created,
        "lastmodifieddate": created,
        "entity": plan.buyer.id,
        "currency": plan.currency.id,
        "exchangerate": "1" if plan.currency is catalog.USD else f"{rate.quantize(Decimal('1e-8')):f}",
        "foreigntotal": None,
        "memo": rng.choice(_MEMOS),
        "otherrefnum": rng.choice(
            (None, f"PO-{rng.randrange(10**5):05d}", f"4500{rng.randrange(10**6):06d}|OPEN")
        ),
        "employee": rep,
        "partner": rng.choice(people.partners) if rng.random() < 0.15 else None,
        "shippingaddress": None,
        "source": "Web (Dealer Portal)" if plan.portal else None,
        "saleseffectivedate": effective.isoformat() if rng.random() < 0.7 else None,
        "voided": "F",
        "externalid": None,
        "custbody_source_store": rng.choice(_STORES) if plan.portal else None,
        "custbody_payment_note": rng.choice(_NOTES),
        "custbody_buying_group": rng.choice(_GROUPS),
        "custbody_deal_name": None,
        "custbody_hubspot_deal_url": None,
    }


def _fill(rng: Random, order: Order) -> None:
    sheet, plan = order.sheet, order.plan
    # Dear enough that no discount below is more than the goods.
    first = rng.choice([item for item in catalog.GOODS if item.itemtype == "InvtPart" and item.price > 8])
    sheet.goods(first, Decimal(rng.choice((2, 3, 6, 12, 24, 48))))
    if rng.random() < 0.08:
        sheet.group()
    if rng.random() < 0.1:
        sheet.kit(rng.randrange(1, 4))
    for _ in range(rng.choices((0, 1, 2, 3, 6), (25, 30, 25, 15, 5))[0]):
        _goods_line(rng, sheet)
    hundred_dollars = half_up(sheet.price(Decimal(100)).scaleb(plan.currency.exponent))
    if rng.random() < 0.03 and sheet.goods_minor > hundred_dollars:
        # An old tumbler in exchange: a goods line the other way round.
        sheet.goods(catalog.GOODS[0], Decimal(-1), memo="Trade-in")
    if rng.random() < 0.08:
        sheet.description(
            rng.choice(("Colours may vary slightly", "Batch 7/A – see drawing", "↓ for the café corner"))
        )
    if rng.random() < 0.05:
        sheet.cost(first, half_up(first.price.scaleb(plan.currency.exponent)))
    if rng.random() < 0.04:
        sheet.markup(half_up(sheet.price(Decimal(15)).scaleb(plan.currency.exponent)))
    _discounts(rng, sheet)
    base = sheet.goods_minor - sheet.discount_minor
    if rng.random() < 0.75:
        dollars = Decimal(rng.randrange(495, 6000)) / 100
        sheet.shipping(
            rng.choice(catalog.CARRIERS), half_up(sheet.price(dollars).scaleb(plan.currency.exponent))
        )
    if rng.random() < 0.12:
        sheet.handling(half_up(sheet.price(Decimal("4.5")).scaleb(plan.currency.exponent)))
    for code in plan.buyer.taxes:
        sheet.tax(catalog.TAXES[code], base, quantity=rng.choice((-1, -1, -1, 0)))
    if rng.random() < 0.05:
        kind = rng.choice((catalog.GIFT, catalog.GIFT, catalog.PAYMENT))
        sheet.payment(kind, half_up(Decimal(sheet.total_minor) * rng.choice((5, 10, 25)) / 100))


def _goods_line(rng: Random, sheet: Sheet) -> None:
    kind = rng.choices([name for name, _ in _MIX], [weight for _, weight in _MIX])[0]
    items = [item for item in catalog.GOODS if item.itemtype == kind]
    item = rng.choices(items, [item.weight for item in items])[0]
    if kind == "Service" or item.sku == "CRD-8MM-M":
        quantity = Decimal(rng.randrange(1, 40)) / 2
    else:
        quantity = Decimal(1 if kind == "OthCharge" else rng.choice((1, 1, 2, 4, 6, 10, 12, 25)))
    sheet.goods(item, quantity)


def _discounts(rng: Random, sheet: Sheet) -> None:
    chance = rng.random()
    left = sheet.goods_minor - sheet.discount_minor
    if chance < 0.12:
        if rng.random() < 0.5:
            sheet.subtotal()
        sheet.discount_percent(rng.choice((Decimal(5), Decimal(10), Decimal("12.5"))), left)
    elif chance < 0.18:
        dollars = min(Decimal(rng.randrange(100, 2000)) / 100, Decimal(8))
        sheet.discount_amount(half_up(sheet.price(dollars).scaleb(sheet.currency.exponent)))
    elif chance < 0.3:
        sheet.discount_percent(
            rng.choice((Decimal(3), Decimal("7.25"), Decimal(15))), left, transactiondiscount="T"
        )


def _address(ids: Ids, buyer: Buyer, header: Row) -> Row:
    key = ids.next("address")
    header["shippingaddress"] = key
    number = 100 + int(key) % 880
    return {
        "nkey": key,
        "addressee": buyer.name,
        "attention": None if int(key) % 3 else "Receiving",
        "addr1": f"{number} {('Market Street', 'Hafenstraße', 'Rue de l’Église', '神宮前 3-1')[int(key) % 4]}",
        "addr2": None if int(key) % 5 else "Suite 4B",
        "city": buyer.city,
        "state": buyer.state or None,
        "zip": buyer.zip,
        "country": buyer.country,
        "addrphone": None if int(key) % 4 else "+1 503 555 0142",
    }


def _deal(rng: Random, ids: Ids, order: Order) -> None:
    deal = str(38_000_000_000 + int(ids.next("deal")))
    name = f"{order.plan.buyer.name} – {rng.choice(_DEALS)}"
    order.header["custbody_deal_name"] = name
    order.header["custbody_hubspot_deal_url"] = f"https://app.hubspot.com/contacts/48900001/record/0-3/{deal}"
    order.documents["deals"] = [{"id": deal, "dealname": name, "amount": order.header["foreigntotal"]}]
