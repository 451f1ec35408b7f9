"""What HubSpot must hold, worked out from NetSuite's tables without a line of the product's mapping.

Belongs here: the rules as the documents state them, for the settings that the campaign uses. Does not belong
here: looking at HubSpot's orders (proof).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from benchmarks.faults.expected import EXPONENTS, Expected, ExpectedLine, ExpectedOrder
from benchmarks.faults.returned import Returned, returned_of_orders
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore

Row = Mapping[str, str | None]
LONGEST: Final = 65_536
_STATUS: Final = {
    "A": ("Pending Approval", "pending approval"),
    "B": ("Pending Fulfillment", "pending fulfillment"),
    "C": ("Cancelled", "cancelled"),
    "D": ("Partially Fulfilled", "pending fulfillment"),
    "E": ("Pending Billing/Partially Fulfilled", "pending fulfillment"),
    "F": ("Pending Billing", "fulfilled"),
    "G": ("Billed", "billed"),
    "H": ("Closed", ""),
}
_CLASS: Final = {
    "discount": "discount", "shipitem": "shipping", "taxitem": "tax", "taxgroup": "tax", "payment": "payment",
    "subtotal": "", "group": "", "endgroup": "", "description": "",
}  # fmt: skip


class _HeldError(Exception):
    """The order is not for HubSpot; the message is its outcome."""


class Oracle:
    """Both emulators' tables, read once. cards: card numbers as somebody typed them."""

    def __init__(
        self, netsuite: NetSuiteStore, hubspot: HubSpotStore, *, suitetax: bool, cards: Iterable[str]
    ) -> None:
        self._suitetax = suitetax
        self._cards = {card: _masked(card) for card in cards}
        self._orders = {row["id"] or "": row for row in netsuite.rows("transaction", type="SalesOrd")}
        self._lines = _grouped(netsuite.rows("transactionline"), "transaction")
        self._tax = _grouped(netsuite.rows("transactiontaxdetail"), "transaction")
        self._currencies = {row["id"]: row["symbol"] or "" for row in netsuite.rows("currency")}
        self._items = {row["id"]: row for row in netsuite.rows("item")}
        self._customers = {row["id"]: row for row in netsuite.rows("customer")}
        self._jobs = {row["id"]: row for row in netsuite.rows("job")}
        self._partners = {row["id"]: row for row in netsuite.rows("partner")}
        self._emails = {row["id"]: (row["email"] or "").lower() for row in netsuite.rows("employee")}
        self._places = {row["nkey"]: row for row in netsuite.rows("transactionshippingaddress")}
        self._tracking = _tracking(netsuite)
        self._returned = returned_of_orders(netsuite)
        self._deleted = {row["recordid"] or "" for row in netsuite.rows("deletedrecord")}
        self._companies = {str(one["id"]) for one in hubspot.objects("companies")}
        self._deals = {str(one["id"]) for one in hubspot.objects("deals")}
        self._portal = set(hubspot.currencies())
        self._owners = _owners(hubspot)

    def expected(self) -> Expected:
        """Every order's fate."""
        found = Expected(deleted=self._deleted - self._orders.keys())
        for key, row in self._orders.items():
            try:
                found.orders[key] = self._order(key, row)
            except _HeldError as held:
                found.held[key] = str(held)
        return found

    def totals(self) -> dict[str, tuple[str, str | None]]:
        """Order → currency and total, as NetSuite's texts."""
        return {
            key: (self._currencies.get(row["currency"], ""), row["foreigntotal"])
            for key, row in self._orders.items()
        }

    def _order(self, key: str, row: Row) -> ExpectedOrder:
        company = self._company(row)
        currency = self._currencies.get(row["currency"], "")
        exponent = EXPONENTS.get(currency)
        letter = row["status"] or ""
        if exponent is None or letter not in _STATUS:
            raise _HeldError("quarantined")
        total = _amount(row["foreigntotal"], exponent)
        lines = [one for one in self._lines.get(key, []) if one["mainline"] != "T"]
        keys = Counter(one["uniquekey"] for one in lines)
        if total is None or total < 0 or not lines or max(keys.values()) > 1:
            raise _HeldError("quarantined")
        sums, goods = self._sums(lines, exponent)
        tax = sums["tax"]
        if self._suitetax:
            tax = sum((Decimal(one["taxamount"] or 0) for one in self._tax.get(key, [])), Decimal(0))
        if total != sums["goods"] + sums["discount"] + sums["shipping"] + sums["payment"] + tax:
            raise _HeldError("quarantined")
        if company not in self._companies or currency not in self._portal:
            raise _HeldError("rejected")
        texts = self._texts(key, row, letter, currency, lines)
        if any(len(text) > LONGEST for text in texts.values()):
            raise _HeldError("rejected")
        billed = any(Decimal(one["quantitybilled"] or 0) for one in lines)
        return ExpectedOrder(
            key=key,
            currency=currency,
            total=total,
            company=company,
            deal=self._deal(row),
            stage=_STATUS[letter][1] or ("billed" if billed else "cancelled"),
            texts=texts,
            numbers={
                "hs_total_price": total,
                "hs_subtotal_price": sums["goods"],
                "hs_tax": tax,
                "hs_order_discount": -sums["discount"],
                "hs_shipping_cost": sums["shipping"],
                "netsuite_payment_applied": -sums["payment"],
                "netsuite_unclassified_amount": Decimal(0),
                "netsuite_closed_amount": _closed(goods, exponent),
                "netsuite_returned_amount": self._returned_of(key).amount,
                "netsuite_refund_amount": self._returned_of(key).refunded,
                "netsuite_net_total": total - self._returned_of(key).amount,
            },
            lines={f"{key}-{one['uniquekey']}": self._line(one, currency, exponent) for one in goods},
        )

    def _returned_of(self, key: str) -> Returned:
        return self._returned.get(key, Returned())

    def _deal(self, row: Row) -> str:
        # the one form of URL that the world writes
        _, _, deal = (row["custbody_hubspot_deal_url"] or "").partition("/record/0-3/")
        return deal if deal in self._deals else ""

    def _company(self, row: Row) -> str:
        entity = row["entity"]
        if entity in self._jobs:
            job = self._jobs[entity]
            entity = job["customer"] or job["parent"]
            if entity is None:
                raise _HeldError("quarantined")
        company = (self._customers.get(entity, {}).get("custentity_celigo_hubspot_id") or "").strip()
        if not company:
            raise _HeldError("skipped")
        return company

    def _sums(self, lines: Iterable[Row], exponent: int) -> tuple[dict[str, Decimal], list[Row]]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        goods = []
        for one in lines:
            kind = self._class(one)
            if not kind:
                continue
            amount = _amount(one["foreignamount"] or "0", exponent)
            if amount is None:
                raise _HeldError("quarantined")
            sums[kind] -= amount
            if kind == "goods":
                goods.append(one)
        return sums, goods

    def _class(self, line: Row) -> str:
        if "T" in (line["iscogs"], line["kitcomponent"], line["assemblycomponent"]):
            return ""
        kind = (line["itemtype"] or self._items.get(line["item"], {}).get("itemtype") or "").lower()
        if kind.startswith("giftcert"):
            return "payment" if Decimal(line["foreignamount"] or 0) > 0 else "goods"
        found = "tax" if line["taxline"] == "T" else _CLASS.get(kind, "goods")
        return "" if found == "tax" and self._suitetax else found

    def _texts(self, key: str, row: Row, letter: str, currency: str, lines: list[Row]) -> dict[str, str]:
        place = self._places.get(row["shippingaddress"], {})
        partner = self._partners.get(row["partner"], {})
        streets = [place.get(name) or "" for name in ("addr1", "addr2", "addr3")]
        ordered = [
            one for one in lines if self._class(one) == "goods" and one["quantityshiprecv"] is not None
        ]
        units = [
            _plain(sum((abs(Decimal(one[name] or 0)) for one in ordered), Decimal(0)))
            for name in ("quantityshiprecv", "quantity")
        ]
        texts: dict[str, str | None] = {
            "netsuite_internal_id": key,
            "hs_external_order_id": key,
            "hs_order_name": row["tranid"],
            "hs_external_order_status": f"Sales Order : {_STATUS[letter][0]}",
            "hs_currency_code": currency,
            "hs_order_note": row["memo"],
            "netsuite_po_number": row["otherrefnum"],
            "netsuite_payment_note": row["custbody_payment_note"],
            "hs_source_store": row["custbody_source_store"],
            "netsuite_buying_group": row["custbody_buying_group"],
            "netsuite_deal_name": row["custbody_deal_name"],
            "netsuite_hubspot_deal_url": row["custbody_hubspot_deal_url"],
            "netsuite_order_date": row["trandate"],
            "netsuite_sales_effective_date": row["saleseffectivedate"],
            "hs_external_created_date": _moment(row["createddate"]),
            "hs_external_modified_date": _moment(row["lastmodifieddate"]),
            "netsuite_partner": partner.get("companyname") or partner.get("entityid"),
            "hubspot_owner_id": self._owners.get(self._emails.get(row["employee"], "")),
            "hs_shipping_tracking_number": ", ".join(dict.fromkeys(self._tracking.get(key, []))),
            "hs_fulfillment_status": f"{units[0]} of {units[1]} units shipped" if ordered else None,
            "netsuite_return_status": self._returned_of(key).status,
            "hs_shipping_address_name": place.get("addressee") or place.get("attention"),
            "hs_shipping_address_street": ", ".join(one for one in streets if one),
            "hs_shipping_address_city": place.get("city"),
            "hs_shipping_address_state": place.get("state"),
            "hs_shipping_address_postal_code": place.get("zip"),
            "hs_shipping_address_country": place.get("country"),
        }
        return {name: self._shown(text) for name, text in texts.items()}

    def _line(self, line: Row, currency: str, exponent: int) -> ExpectedLine:
        item = self._items.get(line["item"], {})
        name = item.get("displayname") or item.get("itemid") or line["memo"] or line["itemtype"]
        return ExpectedLine(
            amount=-Decimal(line["foreignamount"] or 0),
            units=abs(Decimal(line["quantity"])) if line["quantity"] and Decimal(line["quantity"]) else None,
            exponent=exponent,
            texts={
                "name": self._shown(name),
                "hs_sku": self._shown(item.get("itemid")),
                "description": self._shown(line["memo"]),
                "hs_line_item_currency_code": currency,
            },
        )

    def _shown(self, text: str | None) -> str:
        shown = (text or "").replace("\x00", "")
        for card, masked in self._cards.items():
            shown = shown.replace(card, masked)
        return shown


def _masked(card: str) -> str:
    digits = sum(one.isdigit() for one in card)
    shown = []
    for one in card:
        if one.isdigit():
            digits -= 1
            shown.append(one if digits < 4 else "*")
        else:
            shown.append(one)
    return "".join(shown)


def _amount(text: str | None, exponent: int) -> Decimal | None:
    try:
        amount = Decimal(text or "x")
    except InvalidOperation:
        return None
    return amount if amount == amount.quantize(Decimal(1).scaleb(-exponent)) else None


def _closed(goods: Iterable[Row], exponent: int) -> Decimal:
    closed = Decimal(0)
    for one in goods:
        if one["isclosed"] != "T":
            continue
        units, billed = abs(Decimal(one["quantity"] or 0)), abs(Decimal(one["quantitybilled"] or 0))
        amount = -Decimal(one["foreignamount"] or 0)
        share = (max(units - billed, Decimal(0)) / units) if units else Decimal(0 if billed else 1)
        closed += (amount * share).quantize(Decimal(1).scaleb(-exponent), rounding=ROUND_HALF_UP)
    return closed


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(stamp: str | None) -> str:
    return f"{(stamp or '').replace(' ', 'T')}.000Z"


def _grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column] or ""].append(row)
    return found


def _tracking(netsuite: NetSuiteStore) -> dict[str, list[str]]:
    """Order → tracking numbers of what left the house, in the order of shipments and numbers."""
    numbers = {row["id"]: row["trackingnumber"] or "" for row in netsuite.rows("trackingnumber")}
    of_shipment: dict[str, list[int]] = defaultdict(list)
    for row in netsuite.rows("trackingnumbermap"):
        of_shipment[row["transaction"] or ""].append(int(row["trackingnumber"] or 0))
    shipped = {
        row["id"] for row in netsuite.rows("transaction", type="ItemShip") if (row["status"] or "") == "C"
    }
    found: dict[str, list[str]] = defaultdict(list)
    links = [
        one for one in netsuite.rows("nexttransactionlink") if one["linktype"] in ("ShipRcpt", "PickPack")
    ]
    for link in sorted(links, key=lambda one: int(one["nextdoc"] or 0)):
        if link["nextdoc"] in shipped:
            ids = sorted(of_shipment.get(link["nextdoc"] or "", []))
            found[link["previousdoc"] or ""] += [numbers[str(one)] for one in ids]
    return found


def _owners(hubspot: HubSpotStore) -> dict[str, str]:
    with hubspot._database.transaction(write=False) as db:
        rows = db.execute("SELECT email, id FROM owners WHERE archived = 0").fetchall()
    return {row[0]: str(row[1]) for row in rows if row[0]}
