"""Runs a SuiteQL query on the store and answers one page of it as NetSuite does.

Belongs here: the translation cache, parameters, paging, turning rows into items.
Does not belong here: HTTP (app), the translation itself (translate).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError, invalid_query, unsupported
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql import dates
from ns_hs_orders.sandbox.netsuite.suiteql.functions import Session, number, plain, register
from ns_hs_orders.sandbox.netsuite.suiteql.scope import Catalog
from ns_hs_orders.sandbox.netsuite.suiteql.translate import Translated, translate
from ns_hs_orders.sandbox.switches import Switches

MAX_ROWS: Final = 100_000
MAX_ROWS_WITH_CONNECT: Final = 1_000_000
_CACHED_QUERIES: Final = 500


@dataclass(frozen=True)
class Page:
    """One page of a query's rows."""

    items: list[dict[str, Any]]
    total: int
    has_more: bool


class SuiteQLEngine:
    """SuiteQL over one store. Safe to call from several threads."""

    def __init__(self, store: NetSuiteStore) -> None:
        self._store = store
        self._local = threading.local()
        self._cache: OrderedDict[Any, Translated] = OrderedDict()
        self._cache_lock = threading.Lock()
        self._kinds: object = None

    def page(
        self, query: str, params: Sequence[Any], *, limit: int, offset: int, switches: Switches, now: datetime
    ) -> Page:
        """Rows offset+1 … offset+limit of the query. Raises NetSuiteRefusedError."""
        translated = self._translated(query, switches)
        bound = _bind(translated, params)
        cap = MAX_ROWS_WITH_CONNECT if switches.suiteanalytics_connect else MAX_ROWS
        if offset >= cap:
            raise NetSuiteRefusedError(
                400,
                "INVALID_PARAMETER",
                f"Invalid query parameter offset: a query yields at most {cap} rows.",
                query_param="offset",
            )
        connection, session = self._connection()
        session.zone = switches.session_time_zone
        session.fold = 1 if switches.ambiguous_local_time == "standard" else 0
        session.now_utc = now.astimezone(UTC).strftime(dates.FULL)
        wanted = min(limit, cap - offset)
        try:
            # One snapshot for the page and its total.
            connection.execute("BEGIN")
            try:
                rows = connection.execute(
                    f"{translated.sql} LIMIT :ns_limit OFFSET :ns_offset",
                    {**bound, "ns_limit": wanted + 1, "ns_offset": offset},
                ).fetchall()
                total = offset + len(rows)
                if len(rows) > wanted or (offset and not rows):
                    total = int(connection.execute(translated.count_sql, bound).fetchone()[0])
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _refusal(error) from error
        shown = rows[:wanted]
        has_more = offset + len(shown) < min(total, cap)
        return Page(_items(translated, shown, switches), total, has_more)

    def _translated(self, query: str, switches: Switches) -> Translated:
        kinds = self._store.kinds()
        with self._cache_lock:
            if kinds is not self._kinds:
                # A custom column came, here or in another process.
                self._cache.clear()
                self._kinds = kinds
        key = (
            query, switches.hidden_tables, switches.hidden_tables_answer, switches.missing_columns, switches.missing_columns_answer,
            switches.oneworld, switches.drop_computed_aliases, switches.bound_to_date_refused,
            switches.bound_number_refused, switches.sys_extract_utc_refused, switches.hidden_transaction_types,
            switches.return_line_amounts, switches.return_totals,
        )  # fmt: skip
        with self._cache_lock:
            found = self._cache.get(key)
            if found is not None:
                self._cache.move_to_end(key)
                return found
        try:
            made = translate(query, Catalog(kinds, switches), switches)
        except RecursionError as error:
            raise unsupported("The query is nested too deeply.") from error
        with self._cache_lock:
            self._cache[key] = made
            while len(self._cache) > _CACHED_QUERIES:
                self._cache.popitem(last=False)
        return made

    def _connection(self) -> tuple[sqlite3.Connection, Session]:
        connection = self._store.connection()
        if getattr(self._local, "connection", None) is not connection:
            self._local.connection, self._local.session = connection, register(connection)
        return connection, self._local.session


def _bind(translated: Translated, params: Sequence[Any]) -> dict[str, Any]:
    if len(params) != translated.parameters:
        raise NetSuiteRefusedError(
            400,
            "INVALID_PARAMETER",
            f"Invalid search query. The query has {translated.parameters} parameters, {len(params)} were given.",
            query_param="params",
        )
    bound: dict[str, Any] = {}
    for place, value in enumerate(params, start=1):
        kind = translated.parameter_kinds.get(place, "text")
        if value is None or value == "":
            bound[f"p{place}"] = None
        elif kind == "text":
            bound[f"p{place}"] = str(value)
        else:
            found = number(str(value).strip())
            if found is None:
                raise invalid_query(f"Search error occurred: invalid number {value!r} for parameter {place}.")
            is_integer = kind == "id" and found == found.to_integral_value()
            bound[f"p{place}"] = int(found) if is_integer else plain(found)
    return bound


def _refusal(error: sqlite3.Error) -> NetSuiteRefusedError:
    text = str(error)
    if "user-defined" in text:
        return unsupported(
            "A value does not fit its function: invalid number, or a date that does not fit its format."
        )
    if "misuse of" in text or "no such" in text or "wrong number" in text:
        return unsupported("The query could not be run.")
    return NetSuiteRefusedError(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: sandbox")


def _items(translated: Translated, rows: list[Any], switches: Switches) -> list[dict[str, Any]]:
    shows = [_shower(column.kind, switches) for column in translated.columns]
    keys = [column.key for column in translated.columns]
    items: list[dict[str, Any]] = []
    for row in rows:
        item: dict[str, Any] = {"links": []}
        for key, show, value in zip(keys, shows, row, strict=True):
            if value is not None and value != "":
                item[key] = show(value)
        items.append(item)
    return items


def _shower(kind: str, switches: Switches) -> Callable[[Any], str]:
    """How values of a kind appear in the answer: text, dates in the account's display format."""
    if kind == "datetime":
        return lambda value: dates.display(
            dates.to_wall(value, switches.session_time_zone), switches.display_date_format
        )
    if kind in ("date", "wall", "utc"):
        return lambda value: dates.display(value, switches.display_date_format)
    if kind == "decimal" and switches.short_decimals:
        return _short
    return str


def _short(value: Any) -> str:
    text = str(value)
    negative = text.startswith("-")
    digits = text.removeprefix("-")
    return ("-" if negative else "") + (digits[1:] if digits.startswith("0.") else digits)
