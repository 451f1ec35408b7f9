"""Puts a world into the stores of both emulators, whole or not at all.

Here: the order of writing, custom columns, the portal's currencies. Not here: reading folders (folder.py),
making worlds (company/), the stores themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ns_hs_orders.sandbox.hubspot.errors import LoadRefusedError
from ns_hs_orders.sandbox.world.folder import refused_row
from ns_hs_orders.sandbox.world.model import Row, World

_OBJECTS = ("companies", "contacts", "deals", "products", "orders")


class NotEmptyError(ValueError):
    """The sandbox holds a world already, and loading was not told to replace it."""


class NetSuiteRows(Protocol):
    """What a world needs of the NetSuite store."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def insert(self, table: str, rows: Iterable[Mapping[str, str | None]]) -> int: ...
    def update(self, table: str, key: Mapping[str, str], values: Mapping[str, str | None]) -> int: ...
    def delete(self, table: str, key: Mapping[str, str]) -> int: ...
    def rows(self, table: str, **equals: str) -> list[dict[str, str | None]]: ...
    def highest(self, table: str, column: str) -> int: ...
    def tables(self) -> Mapping[str, tuple[str, ...]]: ...
    def add_column(self, table: str, name: str) -> None: ...
    def clear(self) -> None: ...


class HubSpotRecords(Protocol):
    """What a world needs of the HubSpot store."""

    def load(self, object_type: str, rows: Iterable[Mapping[str, Any]]) -> Any: ...
    def load_owners(self, rows: Iterable[Mapping[str, Any]]) -> Any: ...
    def set_currencies(self, home: str, additional: list[str]) -> Any: ...
    def objects(self, object_type: str) -> Sequence[Mapping[str, Any]]: ...
    def clear(self) -> None: ...


def load_world(world: World, netsuite: NetSuiteRows, hubspot: HubSpotRecords, *, reset: bool = False) -> None:
    """Writes a world into both stores. With `reset` it takes the place of what they hold.

    Raises NotEmptyError if either store holds customers, transactions or companies and `reset` is not set, so
    that no row is ever there twice. If a store refuses a row, its error is passed on and NetSuite is as it was; of a
    folder's rows, what HubSpot refuses is told as a LoadError, with the file, line and column.
    """
    if not reset:
        _refuse_if_filled(netsuite, hubspot)
    add_custom_columns(world.netsuite, netsuite)
    with netsuite.transaction():
        if reset:
            netsuite.clear()
            hubspot.clear()
        for table, rows in world.netsuite.items():
            netsuite.insert(table, rows)
        # Inside the transaction, so that a refusal by HubSpot leaves NetSuite as it was.
        try:
            _load_hubspot(world, hubspot)
        except BaseException as error:
            hubspot.clear()
            if world.folder is not None and isinstance(error, LoadRefusedError):
                raise refused_row(world.folder, error) from error
            raise


def add_custom_columns(tables: Mapping[str, Sequence[Row]], netsuite: NetSuiteRows) -> None:
    """Makes the store's tables know the custom fields (custbody…, custentity…, custcol…) that the rows use."""
    known = netsuite.tables()
    for table, rows in tables.items():
        used = dict.fromkeys(column for row in rows for column in row)
        for column in used:
            if column.startswith("cust") and column not in known[table]:
                netsuite.add_column(table, column)


def portal_currencies(world: World) -> tuple[str, list[str]]:
    """The portal's home currency and its others; a folder without currencies.csv has NetSuite's."""
    given = world.hubspot.get("currencies", [])
    if given:
        home = next((row["code"] for row in given if row["home"] == "T"), given[0]["code"])
        codes = [row["code"] for row in given]
    else:
        rows = world.netsuite.get("currency", [])
        home = next((row["symbol"] for row in rows if row.get("isbasecurrency") == "T"), "USD")
        codes = [row["symbol"] for row in rows if re.fullmatch("[A-Z]{3}", row["symbol"] or "")]
    return home or "USD", [code for code in codes if code and code != home]


def _refuse_if_filled(netsuite: NetSuiteRows, hubspot: HubSpotRecords) -> None:
    counts = {
        "NetSuite customers": len(netsuite.rows("customer")),
        "NetSuite transactions": len(netsuite.rows("transaction")),
        "HubSpot companies": len(hubspot.objects("companies")),
    }
    found = [f"{count:,} {name}" for name, count in counts.items() if count]
    if found:
        raise NotEmptyError(
            f"The sandbox already holds {', '.join(found)}. Reset it first, or load with reset to replace them."
        )


def _load_hubspot(world: World, hubspot: HubSpotRecords) -> None:
    home, others = portal_currencies(world)
    hubspot.set_currencies(home, others)
    hubspot.load_owners(world.hubspot.get("owners", []))
    for object_type in _OBJECTS:
        rows = world.hubspot.get(object_type, [])
        if rows:
            hubspot.load(object_type, [_filled(row) for row in rows])


def _filled(row: Row) -> dict[str, str]:
    """A property without a value is not sent."""
    return {name: value for name, value in row.items() if value is not None}
