"""The loading format: which files a folder may hold, which columns each may and must have.

Here: the format as data, and the check of one value against its column's kind. Not here: reading files
(folder.py), what NetSuite's tables are (sandbox/netsuite/tables.py, which this stands on).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from ns_hs_orders.sandbox.netsuite.tables import CUSTOM_PREFIXES, TABLES, Kind

# Values of these columns are what a sync must judge, so that bad ones load as they are.
LENIENT_KINDS = frozenset({"decimal", "text"})

_REQUIRED = {
    "transaction": "id tranid type status trandate createddate lastmodifieddate entity currency foreigntotal",
    "transactionline": "uniquekey transaction id mainline taxline item itemtype quantity rate foreignamount",
    "customer": "id entityid lastmodifieddate",
    "currency": "id symbol",
    "item": "id itemid itemtype",
    "employee": "id email",
    "partner": "id",
    "job": "id",
    "location": "id name",
    "department": "id name",
    "classification": "id name",
    "subsidiary": "id name",
    "shipitem": "id itemid",
    "transactionshippingaddress": "nkey",
    "transactionbillingaddress": "nkey",
    "nexttransactionlink": "previousdoc nextdoc linktype",
    "nexttransactionlinelink": "previousdoc nextdoc linktype",
    "previoustransactionlinelink": "previousdoc nextdoc linktype",
    "trackingnumber": "id trackingnumber",
    "trackingnumbermap": "transaction trackingnumber",
    "transactiontaxdetail": "transaction taxamount",
    "deletedrecord": "recordid deleteddate",
    "systemnote": "id",
}
_MADE_BY_THE_EMULATOR = frozenset({"transactionstatus", "customfield"})
_MUST_EXIST = frozenset({"transaction", "transactionline", "customer", "currency", "companies"})
# Rows may repeat these keys nowhere; line keys may repeat, since a sync must notice that.
_UNIQUE = dict.fromkeys(
    ("transaction", "customer", "job", "currency", "item", "employee", "partner"), "id"
) | {
    "transactionshippingaddress": "nkey",
    "transactionbillingaddress": "nkey",
    "trackingnumber": "id",
}
_KEY_COLUMNS = frozenset({"id", "nkey", "transaction", "previousdoc", "nextdoc", "recordid", "uniquekey"})


@dataclass(frozen=True)
class FileFormat:
    """One file of a folder: its columns with their kinds, and what is asked of them."""

    name: str
    columns: dict[str, Kind]
    required: tuple[str, ...]
    must_exist: bool = False
    unique: str | None = None
    custom_prefix: str | None = None
    open_columns: bool = False

    def knows(self, column: str) -> bool:
        """Whether the file may have such a column: a known one, or a custom field of its record."""
        custom = self.custom_prefix is not None and re.fullmatch(rf"{self.custom_prefix}[a-z0-9_]+", column)
        return column in self.columns or bool(custom) or (self.open_columns and column.isidentifier())


def _netsuite(table: str) -> FileFormat:
    return FileFormat(
        table, dict(TABLES[table]), tuple(_REQUIRED.get(table, "").split()), table in _MUST_EXIST, _UNIQUE.get(table),
        CUSTOM_PREFIXES.get(table),
    )  # fmt: skip


def _hubspot(name: str, required: str, more: str = "", *, open_columns: bool = False) -> FileFormat:
    kinds: dict[str, Kind] = dict.fromkeys(f"{required} {more}".split(), "text")
    unique = required.split()[0]
    if unique == "id":
        kinds["id"] = "id"
    return FileFormat(
        name, kinds, tuple(required.split()), name in _MUST_EXIST, unique, open_columns=open_columns
    )


NETSUITE = {table: _netsuite(table) for table in TABLES if table not in _MADE_BY_THE_EMULATOR}
HUBSPOT = {
    "companies": _hubspot("companies", "id name", "domain phone city state zip country"),
    "contacts": _hubspot("contacts", "id email", "firstname lastname phone company_id"),
    "deals": _hubspot("deals", "id dealname", "amount pipeline dealstage deal_currency_code closedate"),
    "products": _hubspot("products", "id name hs_sku", open_columns=True),
    "owners": _hubspot("owners", "id email", "firstName lastName userId archived"),
    "orders": _hubspot("orders", "id", open_columns=True),
    "currencies": _hubspot("currencies", "code home"),
}


def complaint(column: str, kind: Kind, value: str | None) -> str | None:
    """Why the emulator cannot hold the value, or None. Amounts and text are never complained about."""
    if value is None:
        return "a value is needed here" if column in _KEY_COLUMNS else None
    if kind in LENIENT_KINDS:
        return None
    if kind == "id":
        # SQLite keeps ids as 64-bit integers.
        fits = re.fullmatch(r"-?[0-9]{1,18}", value)
        return None if fits else "an id is a whole number"
    if kind == "bool":
        return None if value in {"T", "F"} else "yes or no is written T or F"
    return _date_complaint(kind, value)


def _date_complaint(kind: Kind, value: str) -> str | None:
    if kind == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return "a date is written YYYY-MM-DD"
        return None if len(value) == 10 else "a date is written YYYY-MM-DD"
    try:
        datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - its zone is by definition UTC
    except ValueError:
        return "a time is written YYYY-MM-DD HH:MM:SS, in UTC"
    return None
