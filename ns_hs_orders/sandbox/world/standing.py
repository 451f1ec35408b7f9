"""What a world holds at the moment a tick begins, read back from the stores.

Here: people, ids in use and orders by status, in a shape that events can choose from. Not here: the events
(happenings.py) and their order (tick.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from random import Random

from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world.company import catalog
from ns_hs_orders.sandbox.world.company.catalog import Currency
from ns_hs_orders.sandbox.world.company.customers import HUBSPOT_ID, Buyer, People
from ns_hs_orders.sandbox.world.load import HubSpotRecords, NetSuiteRows
from ns_hs_orders.sandbox.world.model import Ids, Row

_TAXES = {"USD": ("CA",), "CAD": ("GST", "BC"), "EUR": ("DE",), "JPY": ("JP",)}
_UNCOUNTED = frozenset({"Subtotal", "Group", "EndGroup", "Description"})
# Currencies outside the made-up company whose smallest unit is not a hundredth.
_EXPONENTS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "JOD": 3,
    "OMR": 3,
    "TND": 3,
}


class NoOrdersError(ValueError):
    """The sandbox holds no orders, so nothing can happen to them."""


@dataclass
class Standing:
    """The world as one tick finds it, with what the tick needs to change it."""

    netsuite: NetSuiteRows
    hubspot: HubSpotRecords
    rng: Random
    ids: Ids
    people: People
    switches: Switches
    now: datetime
    number: int
    orders: dict[str, Row]
    followers: dict[str, list[str]]
    currencies: Mapping[str | None, Currency]
    returns: dict[str, Row] = field(default_factory=dict)

    def lines(self, order: Row) -> list[Row]:
        """The lines of an order or a return as they are now."""
        return self.netsuite.rows("transactionline", transaction=order["id"] or "")

    def exponent(self, order: Row) -> int:
        """Decimals of the order's currency."""
        currency = self.currencies.get(order["currency"])
        return currency.exponent if currency else 2

    def pick(self, statuses: str, *, sound: bool = False, untouched: bool = False) -> Row | None:
        """One order in one of the statuses, or None. `sound`: its lines add up. `untouched`: nothing follows it,
        and it is not as new as the last step (whose orders tell how many steps there were).
        """
        candidates = [
            row
            for row in self.orders.values()
            if (row["status"] or "-") in statuses
            and not (
                untouched and (self.followers.get(row["id"] or "") or _tick_of(row) == self.number - 1 > 0)
            )
        ]
        self.rng.shuffle(candidates)
        for row in candidates[:20]:
            if not sound or adds_up(row, self.lines(row)):
                return row
        return None

    def pick_return(self, statuses: str) -> Row | None:
        """One return in one of the statuses, or None."""
        fit = [row for row in self.returns.values() if (row["status"] or "-") in statuses]
        return self.rng.choice(fit) if fit else None

    def drop(self, order: Row) -> None:
        """An order takes part in one event a tick, so that each event can be seen by itself."""
        self.orders.pop(order["id"] or "", None)


def adds_up(header: Row, lines: Sequence[Row]) -> bool:
    """Whether the counted lines, signs turned, are the total. False for amounts that are no numbers."""
    try:
        counted = [Decimal(row["foreignamount"] or 0) for row in lines if is_counted(row)]
        total = Decimal(header["foreigntotal"] or "x")
    except InvalidOperation:
        return False
    keys = [row["uniquekey"] for row in lines]
    return bool(counted) and -sum(counted) == total and len(set(keys)) == len(keys) and total >= 0


def is_counted(row: Row) -> bool:
    """Whether a line's amount is part of its order's total."""
    return (
        row["mainline"] != "T"
        and row["itemtype"] not in _UNCOUNTED
        and row.get("kitcomponent") != "T"
        and row.get("assemblycomponent") != "T"
        and row.get("iscogs") != "T"
    )


def read_standing(
    netsuite: NetSuiteRows, hubspot: HubSpotRecords, seed: int, now: datetime, switches: Switches
) -> Standing:
    """Reads the stores. Raises NoOrdersError if there is nothing to let time pass for."""
    transactions = netsuite.rows("transaction")
    orders = {row["id"] or "": row for row in transactions if row["type"] == "SalesOrd"}
    if not orders:
        raise NoOrdersError("The sandbox holds no orders. Seed a world or load a folder first.")
    number = 1 + max((_tick_of(row) for row in orders.values()), default=0)
    followers: dict[str, list[str]] = defaultdict(list)
    for row in netsuite.rows("nexttransactionlink"):
        followers[row["previousdoc"] or ""].append(row["nextdoc"] or "")
    currencies = _currencies(netsuite.rows("currency"))
    return Standing(
        netsuite,
        hubspot,
        Random(f"{seed} tick {number}"),  # noqa: S311 - a story, not a secret
        _ids(netsuite, hubspot, transactions),
        _people(netsuite, hubspot, list(orders.values()), currencies),
        switches,
        now,
        number,
        dict(sorted(orders.items(), key=lambda pair: int(pair[0]))),
        followers,
        currencies,
        {
            row["id"] or "": row
            for row in sorted(transactions, key=lambda row: int(row["id"] or 0))
            if row["type"] == "RtnAuth"
        },
    )


def _tick_of(row: Row) -> int:
    # Each tick signs one order of its own at least, so that the count survives without a place of its own.
    found = re.fullmatch(r"tick-(\d+)-\d+", row.get("externalid") or "")
    return int(found.group(1)) if found else 0


def _currencies(rows: Sequence[Row]) -> dict[str | None, Currency]:
    known = {currency.symbol: currency for currency in catalog.CURRENCIES}
    found: dict[str | None, Currency] = {}
    for row in rows:
        symbol = row["symbol"] or ""
        like = known.get(symbol)
        found[row["id"]] = Currency(
            row["id"] or "", row["name"] or symbol, symbol,
            like.exponent if like else _EXPONENTS.get(symbol, 2),
            like.rate if like else Decimal(1), like.prices if like else Decimal(1),
        )  # fmt: skip
    return found


def _ids(netsuite: NetSuiteRows, hubspot: HubSpotRecords, transactions: Sequence[Row]) -> Ids:
    def top_number(kind: str) -> int:
        numbers = [re.sub(r"\D", "", row["tranid"] or "")[:15] for row in transactions if row["type"] == kind]
        return max((int(text) for text in numbers if text), default=0)

    deleted = netsuite.rows("deletedrecord")
    names = [re.sub(r"\D", "", row.get("name") or "")[:15] for row in deleted]
    deals = [int(str(row["id"])) for row in hubspot.objects("deals")]
    return Ids(
        {
            # No id is ever given twice, not even that of a deleted order or a line taken off.
            "transaction": max(
                netsuite.highest("transaction", "id"), netsuite.highest("deletedrecord", "recordid")
            ),
            "line": (netsuite.highest("transactionline", "uniquekey") // 1000 + 1) * 1000,
            "customer": max(netsuite.highest("customer", "id"), netsuite.highest("job", "id")),
            "address": netsuite.highest("transactionshippingaddress", "nkey"),
            "tracking": netsuite.highest("trackingnumber", "id"),
            "link": netsuite.highest("nexttransactionlink", "id"),
            "deal": max(0, max(deals, default=0) - 38_000_000_000),
            "order number": max([top_number("SalesOrd"), *(int(text) for text in names if text)]),
            **{
                f"{kind} number": top_number(kind)
                for kind in (
                    "ItemShip",
                    "CustInvc",
                    "CashSale",
                    "RtnAuth",
                    "ItemRcpt",
                    "CustCred",
                    "CashRfnd",
                )
            },
        }
    )


def _people(
    netsuite: NetSuiteRows,
    hubspot: HubSpotRecords,
    orders: Sequence[Row],
    currencies: Mapping[str | None, Currency],
) -> People:
    """Customers as buyers: their currency is their own, or that of their last order.

    A customer whose company HubSpot does not have buys no more: which orders are rejected stays known.
    """
    people = People()
    companies = {str(row["id"]) for row in hubspot.objects("companies")}
    last_currency = {row["entity"]: row["currency"] for row in orders}
    home = next(iter(currencies.values()))
    for row in netsuite.rows("customer"):
        currency = currencies.get(row.get("currency")) or currencies.get(last_currency.get(row["id"])) or home
        company = row.get(HUBSPOT_ID)
        if company and company not in companies:
            continue
        name = row.get("companyname") or row.get("altname") or row["entityid"] or ""
        people.buyers.append(
            Buyer(
                row["id"] or "", name, currency, "US", "OR", "Bend", "97701", _TAXES.get(currency.symbol, ()),
                bool(company), company, row.get("salesrep"),
            )
        )  # fmt: skip
    people.reps = [row["id"] or "" for row in netsuite.rows("employee") if row.get("isinactive") != "T"]
    people.partners = [row["id"] or "" for row in netsuite.rows("partner")]
    # A folder without reps or partners: an empty id is stored as none.
    people.reps, people.partners = people.reps or [""], people.partners or [""]
    return people
