"""Asking the account what it has, once at start.

Belongs here: which columns and tables exist, the session's zone, how stamps and aliases come back. Does not belong here:
the plan itself (plan.py). A missing optional column is dropped with a warning that names what it costs; a missing
required one stops everything. A hidden table can look empty: see visibility.py.
"""

from __future__ import annotations

from datetime import tzinfo

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract import sources
from ns_hs_orders.extract.change_sources import INSTEAD, OPEN, STREAMS
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.known_columns import near_columns
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan, wanted_sources
from ns_hs_orders.extract.probing.refusals import answered_unless_refused, is_refusal
from ns_hs_orders.extract.sources import Source
from ns_hs_orders.extract.suiteql.keyset import Query, Row
from ns_hs_orders.extract.suiteql.session_time import SESSION_MASK, UTC_MASK, agrees, zone_named
from ns_hs_orders.fields.field import SourceColumn
from ns_hs_orders.fields.field_map import FieldMap

_ZONE = f"SELECT SESSIONTIMEZONE AS tz, TO_CHAR(CURRENT_DATE, '{SESSION_MASK}') AS session_now FROM DUAL"  # noqa: S608
_STAMPS = (
    f"SELECT t.id AS id, TO_CHAR(t.lastmodifieddate, '{SESSION_MASK}') AS modified_session, "  # noqa: S608
    f"TO_CHAR(SYS_EXTRACT_UTC(t.lastmodifieddate), '{UTC_MASK}') AS modified_utc "
    "FROM transaction t WHERE t.type = 'SalesOrd' AND ROWNUM <= 100"
)


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
        """Where the mapping file or a setting names a column; of the file's, the columns that exist near its name, too."""
        if not column.origin:
            return f" (NS_HS_{column.setting.upper()})" if column.setting else ""
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
            setting = f" (NS_HS_{column.setting.upper()})" if column.setting else ""
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
