"""What this account can be asked: probed once at start, then carried by every read.

Belongs here: which columns and tables exist, the session's zone, how stamps and aliases come back.
Does not belong here: reading orders. A missing optional column is dropped with a warning that names what
it costs; a missing required one stops everything. A hidden table can look empty: see `canary_counts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal, TypeVar

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract import sources
from ns_hs_orders.extract.change_sources import INSTEAD, OPEN, STREAMS
from ns_hs_orders.extract.known_columns import near_columns
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.returns.signs import ReturnSigns
from ns_hs_orders.extract.returns.sources import added_to_returns
from ns_hs_orders.extract.sources import Source
from ns_hs_orders.extract.suiteql.keyset import Query, Row
from ns_hs_orders.extract.suiteql.session_time import SESSION_MASK, UTC_MASK, agrees, utc_text, zone_named
from ns_hs_orders.fields.field import SourceColumn
from ns_hs_orders.fields.field_map import FieldMap, field_map

_ZONE = f"SELECT SESSIONTIMEZONE AS tz, TO_CHAR(CURRENT_DATE, '{SESSION_MASK}') AS session_now FROM DUAL"  # noqa: S608
_STAMPS = (
    f"SELECT t.id AS id, TO_CHAR(t.lastmodifieddate, '{SESSION_MASK}') AS modified_session, "  # noqa: S608
    f"TO_CHAR(SYS_EXTRACT_UTC(t.lastmodifieddate), '{UTC_MASK}') AS modified_utc "
    "FROM transaction t WHERE t.type = 'SalesOrd' AND ROWNUM <= 100"
)
_PLAIN = "SELECT t.id AS id FROM transaction t WHERE ROWNUM <= 1"
_FAILURE = 500
T = TypeVar("T")
_CANARIES = {
    "sales orders": "transaction WHERE type = 'SalesOrd'",
    "item fulfillments": "transaction WHERE type = 'ItemShip'",
    "invoices": "transaction WHERE type = 'CustInvc'",
    "return authorizations": "transaction WHERE type = 'RtnAuth'",
    "credit memos and cash refunds": "transaction WHERE type IN ('CustCred', 'CashRfnd')",
    "order lines": "transactionline WHERE mainline = 'F'",
    "customers": "customer",
    "employees": "employee",
    "items": "item",
    "currencies": "currency",
    "deleted records": "DeletedRecord",
}
OF_RETURNS = frozenset({"return authorizations", "credit memos and cash refunds"})
"""Kinds that nobody is asked about where returns are switched off."""


@dataclass(frozen=True)
class SourceOptions:
    """Settings of the NetSuite side. header_ids, line_orders: ids a query, at most 1,000.

    by_subsidiary: whether an order's subsidiary decides whether it is synced; then its column is required.
    with_customer_email: whether contacts are found by the e-mail of the customer. with_returns: whether return
    authorizations are read at all.
    """

    field_map: FieldMap = field(default_factory=lambda: field_map({}))
    customer_hubspot_id_field: str = "custentity_celigo_hubspot_id"
    tax_regime: Literal["legacy", "suitetax"] = "legacy"
    by_subsidiary: bool = False
    with_customer_email: bool = False
    with_returns: bool = False
    header_ids: int = 1000
    line_orders: int = 500


@dataclass(frozen=True)
class SourcePlan:
    """What the account can be asked, and how.

    columns: source name → the columns that exist; a source that does not exist is absent. session_zone:
    None where NetSuite did not tell it. utc_stamps: date-times come in UTC, else in session time.
    wrapped: computed columns lose their alias, so queries give it twice. status_prefixed: status
    comes as `SalesOrd:B`. filled: sources that had a row when they were probed, now or before. warnings: what is missing and what it costs, in words.
    return_signs: None where returns are not asked for, or the role does not see them.
    """

    options: SourceOptions
    sources: Mapping[str, Source]
    columns: Mapping[str, tuple[SourceColumn, ...]]
    session_zone: tzinfo | None
    utc_stamps: bool
    wrapped: bool = False
    status_prefixed: bool = False
    warnings: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()
    return_signs: ReturnSigns | None = None

    def has(self, source: str) -> bool:
        """Whether the account has the table, as far as its answers tell."""
        return source in self.columns

    def query(
        self, source: str, key: str, *where: str, only: Sequence[str] = (), distinct: bool = False
    ) -> Query:
        """A query for the existing columns of a source (or `only` some), ordered by column `key`."""
        asked = self.sources[source]
        columns = tuple(c for c in self.columns[source] if not only or c.name in only)
        return Query(
            select={c.name: sources.rendered(c, utc=self.utc_stamps) for c in columns},
            source=asked.tables(columns),
            where=(*asked.where, *where),
            key=key,
            distinct=distinct,
            wrapped=self.wrapped,
        )

    def at_utc(self, stamp: str | None) -> str | None:
        """A date-time as NetSuite answered it, in ISO 8601 UTC; None where it is none."""
        if stamp is None or self.utc_stamps or self.session_zone is None:
            return stamp
        return utc_text(stamp, self.session_zone)


def probe(suiteql: SuiteQL, options: SourceOptions | None = None, *, changes: bool = False) -> SourcePlan:
    """Asks the account what it has; changes: also what its change streams need.

    Raises ConfigError with every required column or table that is missing, or where the session's zone
    cannot be found out; RemoteError where NetSuite could not be read.
    """
    options = options or SourceOptions()
    prober = _Prober(suiteql)
    wanted = wanted_sources(options)
    zone, utc_stamps = prober.time()
    for source in wanted:
        prober.look_at(source, required=source.required or source is sources.TAX_DETAIL)
    if "shipment" not in prober.columns:
        prober.look_at_instead(sources.SHIPMENT_BY_LINE)
    by_name = {source.name: source for source in [*wanted, sources.SHIPMENT_BY_LINE]}
    for source in (*STREAMS, OPEN) if changes else ():
        by_name[source.name] = source
        prober.look_at(source, required=source.required)
        if source.name not in prober.columns and source.name in INSTEAD:
            by_name[source.name] = INSTEAD[source.name]
            prober.look_at_instead(INSTEAD[source.name])
    found = {column.name for column in prober.columns.get("line", ())}
    if options.by_subsidiary and prober.columns.get("line") and "subsidiary" not in found:
        prober.missing.append(
            "transactionline.subsidiary, by which NS_HS_SUBSIDIARIES tells which orders are synced: without it "
            "every order would be skipped (where the account has no subsidiaries, leave the setting out)"
        )
    if prober.columns.get("line") and not found & {"item_type", "item_type_of_item"}:
        prober.missing.append("transactionline.itemtype or item.itemtype (one of them)")
    if prober.missing:
        raise ConfigError(
            f"NetSuite does not show what the sync needs: {'; '.join(prober.missing)}. "
            "Check the role's permissions and the field names in the settings, then run doctor."
        )
    return SourcePlan(
        options=options,
        sources=by_name,
        columns=prober.columns,
        session_zone=zone,
        utc_stamps=utc_stamps,
        wrapped=prober.wrapped,
        status_prefixed=":" in (prober.sample.get("status") or ""),
        filled=frozenset(prober.filled),
        warnings=tuple(prober.warnings(options.field_map)),
    )


def wanted_sources(options: SourceOptions) -> list[Source]:
    """The sources of whole orders, before it is known which of them the account has."""
    wanted = [
        sources.header(options.field_map),
        sources.lines(options.field_map),
        sources.customer(options.customer_hubspot_id_field, with_email=options.with_customer_email),
        sources.PROJECT,
        sources.EMPLOYEE,
        sources.PARTNER,
        sources.ADDRESS,
        sources.SHIPMENT,
        sources.TRACKING,
    ]
    if options.with_returns and options.field_map.return_columns:
        wanted.append(added_to_returns(options.field_map))
    return [*wanted, sources.TAX_DETAIL] if options.tax_regime == "suitetax" else wanted


def canary_counts(suiteql: SuiteQL, *, with_returns: bool = True) -> dict[str, int | None]:
    """How many records of each kind the role sees; None where NetSuite refuses the table.

    with_returns: whether it is asked about returns.

    A missing permission can look like an empty table, so zero is a reason to look at the role.
    """
    counts: dict[str, int | None] = {}
    for kind, table in _CANARIES.items():
        if kind in OF_RETURNS and not with_returns:
            continue
        try:
            rows = suiteql.query(f"SELECT COUNT(*) AS n FROM {table}", limit=1).rows  # noqa: S608
        except RemoteError as error:
            if not is_refusal(error):
                raise
            counts[kind] = None
        else:
            counts[kind] = int(next(iter(rows[0].values())) or 0) if rows else 0
    return counts


def require_still_there(suiteql: SuiteQL, plan: SourcePlan, source: str) -> None:
    """Raises ConfigError where the role sees not one row any more of a source that had rows when it was probed.

    Asked where a reading found nothing at all of what it looked for: an empty answer must not empty HubSpot.
    """
    if source not in plan.filled:
        return
    asked = plan.sources[source]
    key = asked.columns[0].expression
    where = " AND ".join((*asked.where, "ROWNUM <= 1"))
    if not suiteql.query(f"SELECT {key} AS id FROM {asked.table} WHERE {where}", limit=1).rows:  # noqa: S608
        raise _lost(asked.table.split()[0])


def require_visible(suiteql: SuiteQL, table: str, key: str) -> None:
    """Raises ConfigError where the role sees not one row of a table that cannot be empty."""
    if not suiteql.query(f"SELECT {key} AS id FROM {table} WHERE ROWNUM <= 1", limit=1).rows:  # noqa: S608
        raise _lost(table)


def _lost(table: str) -> ConfigError:
    return ConfigError(
        f"NetSuite shows no row of {table} any more, so the role may have lost a permission. Nothing of "
        "this read is used; check the role with `ns-hs-orders doctor`."
    )


class _Prober:
    """Collects what exists, what is missing and what that costs."""

    def __init__(self, suiteql: SuiteQL) -> None:
        self._suiteql = suiteql
        self.columns: dict[str, tuple[SourceColumn, ...]] = {}
        self.filled: set[str] = set()
        self.sample: Row = {}
        self.missing: list[str] = []
        self.wrapped = False
        self.notes: list[str] = []
        self._dropped: list[tuple[Source, SourceColumn]] = []
        self._utc = False

    def time(self) -> tuple[tzinfo | None, bool]:
        """The session's zone, and whether SYS_EXTRACT_UTC works and agrees with it."""
        zone, said = None, "nothing"
        row = self._first(_ZONE)
        if row:
            # An account may answer this alias as expr1.
            said = row.get("tz") or row.get("expr1") or "nothing"
            zone = zone_named(said)
        rows = self._rows(_STAMPS)
        stamps = [tuple(row.get(k) for k in ("modified_session", "modified_utc")) for row in rows or []]
        if any(None in pair for pair in stamps):
            # Aliases are lost here; the names by place are not worth relying on.
            stamps = [(row.get("expr1"), row.get("expr2")) for row in rows or []]
        pairs = [(session, utc) for session, utc in stamps if session and utc]
        if zone is None:
            if not pairs:
                raise ConfigError(
                    f"NetSuite's session time zone is unknown (SESSIONTIMEZONE answered {said!r}), and "
                    "SYS_EXTRACT_UTC does not work. Set a time zone for the integration user."
                )
            self.notes.append(f"NetSuite's session time zone is unknown ({said!r}); times come in UTC.")
            self._utc = True
        elif pairs and all(agrees(session, utc, zone) for session, utc in pairs):
            self._utc = True
        elif pairs:
            self.notes.append(
                f"SYS_EXTRACT_UTC does not agree with the session zone {said}; session time is used."
            )
        return zone, self._utc

    def look_at(self, source: Source, *, required: bool) -> None:
        """Finds out which columns of the source exist."""
        found = self._existing(source, source.columns)
        gone = [column for column in source.columns if column not in found]
        needed = [column for column in gone if column.required]
        if not found or needed:
            what = [source.shown(column) + self._named_in_the_file(source, column) for column in needed]
            if required and found:
                self.missing += what
            elif required:
                self.missing.append(f"table {source.table.split()[0]}")
            else:
                self.notes.append(
                    f"NetSuite does not show {source.table.split()[0]}"
                    f"{' (' + ', '.join(what) + ')' if found else ''}. Missing: {source.costs}."
                )
            return
        self.columns[source.name] = found
        self._dropped += [(source, column) for column in gone]

    def _named_in_the_file(self, source: Source, column: SourceColumn) -> str:
        """Where the mapping file names a column, and the columns that exist near its name."""
        if not column.origin:
            return ""
        exist = near_columns(self._suiteql, source, column, self._existing)
        there = f"there are {', '.join(exist)}" if exist else "nothing there is named like it"
        return f" ({column.origin}; {there})"

    def look_at_instead(self, source: Source) -> None:
        """A second way to what the source before was for; where it works, nothing is missing."""
        note = self.notes.pop()
        self.look_at(source, required=False)
        if source.name in self.columns:
            self.notes.append(f"{note.partition('. Missing')[0]}; {source.table.split()[0]} is used instead.")

    def warnings(self, fields: FieldMap) -> list[str]:
        """One sentence a dropped column, with the HubSpot fields that it costs; then the other notes."""
        by_name: dict[str, list[str]] = {}
        for mapped in (*fields.order_fields, *fields.line_fields, *fields.added_return_fields):
            by_name.setdefault(mapped.name, []).append(f"{mapped.label} ({mapped.hubspot_property})")
        sentences = []
        for source, column in self._dropped:
            cost = [label for name in _fed(column, fields) for label in by_name.get(name, ())] or [
                sources.SERVES.get(column.name, column.name)
            ]
            setting = f" (setting {column.setting})" if column.setting else ""
            setting = f" ({column.origin})" if column.origin else setting
            sentences.append(
                f"NetSuite has no {source.shown(column)}{setting}, or hides it. Missing: {', '.join(cost)}."
            )
        return [*sentences, *self.notes]

    def _existing(self, source: Source, columns: tuple[SourceColumn, ...]) -> tuple[SourceColumn, ...]:
        """The columns that NetSuite answers, found by halves only where it refuses all at once."""
        if self._answers(source, columns):
            return columns
        if len(columns) == 1:
            return ()
        middle = len(columns) // 2
        return self._existing(source, columns[:middle]) + self._existing(source, columns[middle:])

    def _answers(self, source: Source, columns: tuple[SourceColumn, ...]) -> bool:
        for _ in range(2):
            select = {c.name: sources.rendered(c, utc=self._utc) for c in columns}
            query = Query(
                select=select,
                source=source.tables(columns),
                where=(*source.where, "ROWNUM <= 1"),
                key=columns[0].name,
                wrapped=self.wrapped,
            )
            # a refusal of several columns costs nothing yet
            row = self._first(query.text(), is_final=len(columns) == 1)
            if row is None:
                return False
            strange = set(row) - set(select)
            if not strange:
                if row:
                    self.filled.add(source.name)
                if source.name == "header":
                    self.sample = {**row, **self.sample}
                return True
            if self.wrapped:
                break
            self.wrapped = True
        raise ConfigError(
            f"NetSuite answers other column names than it was asked for: {', '.join(sorted(strange))} "
            f"instead of names out of {', '.join(select)}. The sync cannot read such an account."
        )

    def _first(self, sql: str, *, is_final: bool = True) -> Row | None:
        """The first row, empty where there is none; None where NetSuite refuses the query."""
        rows = self._rows(sql, is_final=is_final)
        return None if rows is None else (rows[0] if rows else {})

    def _rows(self, sql: str, *, is_final: bool = True) -> list[Row] | None:
        """is_final: a refusal costs what was asked for, so one that may be a passing failure is asked again."""

        def ask() -> list[Row]:
            return self._suiteql.query(sql, limit=1000).rows

        if is_final:
            return answered_unless_refused(self._suiteql, ask)
        try:
            return ask()
        except RemoteError as error:
            if not is_refusal(error):
                raise
            return None


def _fed(column: SourceColumn, fields: FieldMap) -> tuple[str, ...]:
    """Names of the mapped fields that a raw column feeds."""
    added = (*fields.added_order_fields, *fields.added_line_fields, *fields.added_return_fields)
    of_file = tuple(f.name for f in added if f.reading and f.reading.column == column.name)
    return of_file or sources.FEEDS.get(column.name, (column.name,))


def answered_unless_refused(suiteql: SuiteQL, ask: Callable[[], T]) -> T | None:
    """The answer, None where NetSuite refuses what is asked for. Raises RemoteError where it fails otherwise.

    A 500 can be a refusal or a failure that passes: it counts only when NetSuite answers a plain query after it,
    and then fails over the same again.
    """
    try:
        return ask()
    except RemoteError as error:
        if not is_refusal(error):
            raise
        if error.status != _FAILURE:
            return None
    suiteql.query(_PLAIN, limit=1)
    try:
        return ask()
    except RemoteError as error:
        if not is_refusal(error):
            raise
        return None


def is_refusal(error: RemoteError) -> bool:
    """NetSuite refuses what was asked for: a column or table. A bad column can also answer 500."""
    if error.status == 400:
        return error.code == "INVALID_PARAMETER"
    return error.status == _FAILURE and error.code == "UNEXPECTED_ERROR"
