"""Whether the role sees return authorizations, and what they are like: the part of a plan that is about returns.

Belongs here: probing the sources of returns, and telling "there are none" from "they are hidden". Does not belong
here: the plan of orders (plan), reading returns (returns), or their signs (returns.survey).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ns_hs_orders.extract import sources
from ns_hs_orders.extract.change_sources import RETURN_STREAMS
from ns_hs_orders.extract.orders import ID, chunks, read_lines
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan
from ns_hs_orders.extract.probing.refusals import answered_unless_refused
from ns_hs_orders.extract.related import read_tax_details
from ns_hs_orders.extract.returns.signs import ReturnSigns
from ns_hs_orders.extract.returns.sources import (
    ADDED,
    BY_BILL,
    BY_ORDER,
    MADE_FROM,
    RETURN,
    RETURN_COSTS,
    return_header,
    way_query,
)
from ns_hs_orders.extract.returns.survey import SAMPLE, signs_of
from ns_hs_orders.extract.sources import Source
from ns_hs_orders.extract.suiteql.keyset import Query, Row, pages
from ns_hs_orders.extract.suiteql.literals import id_list

_NOT_OF_RETURNS = frozenset({"shipment", "shipment_by_line", "tracking", "partner", "address"})
_VISIBLE = "SELECT t.id AS id FROM transaction t WHERE t.type = 'RtnAuth' AND ROWNUM <= 1"
_TRACES = (
    (
        "SELECT f.id AS id FROM transaction f INNER JOIN transactionline fl ON fl.transaction = f.id "
        "LEFT JOIN transaction p ON p.id = fl.createdfrom WHERE f.type IN ('CustCred', 'CashRfnd') "
        "AND fl.mainline = 'T' AND fl.createdfrom IS NOT NULL AND p.id IS NULL AND ROWNUM <= 1"
    ),
    "SELECT l.nextdoc AS id FROM NextTransactionLink l WHERE l.nexttype = 'RtnAuth' AND ROWNUM <= 1",
    "SELECT l.nextdoc AS id FROM NextTransactionLineLink l WHERE l.nexttype = 'RtnAuth' AND ROWNUM <= 1",
)
"""What is left of returns where they are hidden: refunds made from something unseen, links to them."""
_DELETED = (
    "SELECT d.recordid AS id FROM DeletedRecord d WHERE d.name LIKE 'Return Authorization%' AND ROWNUM <= 1"
)


def probe_returns(
    suiteql: SuiteQL,
    plan: SourcePlan,
    *,
    changes: bool = False,
    filled_before: frozenset[str] = frozenset(),
) -> SourcePlan:
    """The plan with what the account shows of returns; as it was where they are not asked for.

    changes: also the change streams of returns. filled_before: sources that are known to have had rows once. Where the
    role does not see returns, the plan has none and a warning that names what it costs. Raises RemoteError.
    """
    if not plan.options.with_returns:
        return plan
    wanted = _wanted(plan)
    found: dict[str, bool] = {}
    for source in wanted:
        rows = _rows(suiteql, plan, source)
        if rows is None:
            return _without(plan, f"NetSuite does not show {source.table.split()[0]} for returns.")
        found[source.name] = bool(rows)
    ways = [way_query(plan, way, "ROWNUM <= 1") for way in (BY_ORDER, BY_BILL)]
    for query in (*ways, refunds_query(plan, ["0"])):
        if _answer(suiteql, query) is None:
            return _without(plan, "NetSuite refuses to tell what returns were made from, or their refunds.")
    if not found[RETURN] and returns_are_hidden(suiteql, filled_before=RETURN in filled_before):
        return _without(
            plan,
            "The role does not see return authorizations, though there are traces of some. Give it View on Return "
            "Authorization, in all subsidiaries; until then returns are switched off.",
        )
    streams = []
    for source in RETURN_STREAMS if changes else ():
        if _rows(suiteql, plan, source) is None:
            plan = replace(plan, warnings=(*plan.warnings, f"{source.name} cannot be read: {source.costs}."))
        else:
            streams.append(source)
    plan = replace(
        plan,
        sources={**plan.sources, **{one.name: one for one in (*wanted, *streams)}},
        columns={**plan.columns, **{one.name: one.columns for one in (*wanted, *streams)}},
        filled=plan.filled | ({RETURN} if found[RETURN] else frozenset()),
    )
    return replace(plan, return_signs=_survey(suiteql, plan) if found[RETURN] else ReturnSigns())


def wanted_return_sources(options: SourceOptions) -> list[Source]:
    """The sources of returns, before it is known which of their columns the account has."""
    if not options.with_returns:
        return []
    names = frozenset(column.name for column in options.field_map.header_columns)
    return [return_header(options.field_map, names, options.field_map.return_columns), MADE_FROM]


def of_returns(plan: SourcePlan) -> SourcePlan:
    """The plan by which returns are read as orders are: their headers in place of the orders', no shipments."""
    columns = {name: found for name, found in plan.columns.items() if name not in _NOT_OF_RETURNS}
    return replace(
        plan,
        sources={**plan.sources, "header": plan.sources[RETURN]},
        columns={**columns, "header": plan.columns[RETURN]},
        filled=plan.filled - _NOT_OF_RETURNS,
    )


def are_visible(suiteql: SuiteQL) -> bool:
    """Whether the role sees one return authorization at least."""
    return bool(suiteql.query(_VISIBLE, limit=1).rows)


def returns_are_hidden(suiteql: SuiteQL, *, filled_before: bool) -> bool:
    """Whether returns that the role does not see are there all the same, asked where it sees none.

    They left traces; or there were some before, and none is listed as deleted.
    """
    for trace in _TRACES:
        if answered_unless_refused(suiteql, lambda trace=trace: suiteql.query(trace, limit=1).rows):  # type: ignore[misc]
            return True
    if not filled_before:
        return False
    return not answered_unless_refused(suiteql, lambda: suiteql.query(_DELETED, limit=1).rows)


def refunds_query(plan: SourcePlan, return_ids: Sequence[str]) -> Query:
    """Credit memos and cash refunds that were made from these returns, at most 1,000."""
    voided = any(column.name == "voided" for column in plan.columns["header"])
    return Query(
        select={
            "id": "f.id",
            "return_id": "fl.createdfrom",
            "type": "f.type",
            "currency": "cur.symbol",
            "total": "f.foreigntotal",
            **({"voided": "f.voided"} if voided else {}),
        },
        source="transaction f INNER JOIN transactionline fl ON fl.transaction = f.id "
        "LEFT JOIN currency cur ON cur.id = f.currency",
        where=(
            "f.type IN ('CustCred', 'CashRfnd')",
            "fl.mainline = 'T'",
            f"fl.createdfrom IN ({id_list(return_ids)})",
        ),
        key="id",
        wrapped=plan.wrapped,
    )


def _wanted(plan: SourcePlan) -> list[Source]:
    known = frozenset(column.name for column in plan.columns["header"])
    added = tuple(column for column in plan.columns.get(ADDED, ()) if column.origin)
    return [return_header(plan.options.field_map, known, added), MADE_FROM]


def _rows(suiteql: SuiteQL, plan: SourcePlan, source: Source) -> list[Row] | None:
    """One row at most; None where NetSuite refuses the source."""
    query = Query(
        select={c.name: sources.rendered(c, utc=plan.utc_stamps) for c in source.columns},
        source=source.tables(source.columns),
        where=(*source.where, "ROWNUM <= 1"),
        key=source.columns[0].name,
        wrapped=plan.wrapped,
    )
    return _answer(suiteql, query)


def _answer(suiteql: SuiteQL, query: Query) -> list[Row] | None:
    return answered_unless_refused(suiteql, lambda: suiteql.query(query.text(), limit=1).rows)


def _without(plan: SourcePlan, why: str) -> SourcePlan:
    return replace(plan, warnings=(*plan.warnings, f"{why} Missing: {RETURN_COSTS}."))


def _survey(suiteql: SuiteQL, plan: SourcePlan) -> ReturnSigns:
    """The signs of the newest returns."""
    view = of_returns(plan)
    query = view.query("header", ID, only=(ID, "total"))
    headers = suiteql.query(query.text(descending=True), query.params, limit=SAMPLE).rows
    ids = [str(row[ID]) for row in headers]
    lines: dict[str, list[Row]] = {}
    refunds: list[Row] = []
    for chunk in chunks(ids, plan.options.line_orders):
        lines |= read_lines(suiteql, view, chunk)
        for page in pages(suiteql, refunds_query(plan, chunk), after=0, repeats=True):
            refunds += page
    return signs_of(headers, lines, read_tax_details(suiteql, view, ids), refunds)
