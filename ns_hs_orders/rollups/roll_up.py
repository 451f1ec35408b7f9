"""One run of roll-ups: what each company bought, what it is to tell, and what it told already.

Belongs here: the order of the steps, and which companies are written. Does not belong here: any figure (figures), calls
that write (write), or when a run is made (wiring).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from ns_hs_orders.extract.orders import chunks
from ns_hs_orders.extract.probing.visibility import require_still_there
from ns_hs_orders.extract.suiteql.side_by_side import Readers
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.ports import CrmObjects, CrmRecord
from ns_hs_orders.rollups.companies import NAME, Companies, read_companies
from ns_hs_orders.rollups.customers import read_homes
from ns_hs_orders.rollups.figures import counts, figures_of, must_be_apart
from ns_hs_orders.rollups.pieces import Piece
from ns_hs_orders.rollups.ports import ToldCompany
from ns_hs_orders.rollups.properties import as_of_held, fingerprint, holds, is_told, properties_of
from ns_hs_orders.rollups.reading import base_currency, read_orders
from ns_hs_orders.rollups.returns import read_returns
from ns_hs_orders.rollups.schema import BUYING_AS_OF, CompanyRollup
from ns_hs_orders.rollups.selection import ENTITIES_A_QUERY, BuyingSource

GONE = "HubSpot does not have this company; NetSuite's customer names it. Correct its HubSpot id in NetSuite, or restore it."
UNKNOWN = "HubSpot does not have this company, and no order in NetSuite is of it."


@dataclass(frozen=True)
class RollupPlan:
    """What every company is to tell.

    rollups: outcome `planned`, `unchanged` or `gone`. living: id asked, or former id → id it lives under. forgotten: ids
    that were told before and are no company of their own any more.
    """

    rollups: tuple[CompanyRollup, ...]
    living: Mapping[str, str]
    forgotten: frozenset[str]


def plan_rollups(
    source: BuyingSource,
    crm: CrmObjects,
    told: Mapping[str, ToldCompany],
    company_ids: Sequence[str] | None = None,
    *,
    with_returns: bool = True,
    progress: Progress = quiet,
) -> RollupPlan:
    """What each company is to tell: all that have bought or were told before, or those named.

    Raises ConfigError where the role no longer sees orders or customers, ContractError and RemoteError where a system
    could not be read.
    """
    for table in ("header", "line"):
        # a table that is hidden looks empty, and would empty every company
        require_still_there(source.suiteql, source.plan, table)
    if company_ids is None:
        homes = read_homes(source.suiteql, source.plan, source.rules)
        pieces = _by_entity(source, [one.entity_id for one in homes], with_returns=with_returns)
        buying = {one.company_id for one in homes if one.entity_id in pieces}
        companies = read_companies(crm, {*buying, *told})
    else:
        companies = read_companies(crm, company_ids)
        homes = read_homes(source.suiteql, source.plan, source.rules, companies.ids_in_netsuite)
        pieces = _by_entity(source, [one.entity_id for one in homes], with_returns=with_returns)
    entities = companies.entities(homes)
    of_company = {
        company_id: [piece for one in entities.get(company_id, ()) for piece in pieces.get(one, ())]
        for company_id in (*companies.records, *companies.missing)
    }
    _read_apart(source, entities, of_company, companies, with_returns=with_returns)
    base = cache(lambda: base_currency(source))
    rollups: list[CompanyRollup] = []
    for place, (company_id, found) in enumerate(of_company.items(), start=1):
        one = _rollup(
            source,
            companies.records.get(company_id),
            company_id,
            found,
            told,
            base,
            with_returns=with_returns,
        )
        rollups += [one] if one else []
        progress("companies looked at", place, len(of_company))
    forgotten = {one for one in told if one in companies.missing or companies.living.get(one, one) != one}
    return RollupPlan(tuple(rollups), companies.living, frozenset(forgotten))


def _by_entity(
    source: BuyingSource, entity_ids: Sequence[str], *, with_returns: bool, each: bool = False
) -> dict[str, list[Piece]]:
    parts = list(chunks(entity_ids, ENTITIES_A_QUERY))
    reads = [partial(read_orders, source, one, each=each) for one in parts]
    if with_returns:
        reads += [partial(read_returns, source, one, each=each) for one in parts]
    pieces: dict[str, list[Piece]] = defaultdict(list)
    with Readers(source.threads) as readers:
        for found in readers.map(lambda read: list(read()), reads):
            for one in found:
                pieces[one.entity_id].append(one)
    return dict(pieces)


def _read_apart(
    source: BuyingSource,
    entities: Mapping[str, Sequence[str]],
    of_company: dict[str, list[Piece]],
    companies: Companies,
    *,
    with_returns: bool,
) -> None:
    """Order by order, for the companies whose sums do not do."""
    left_out = source.definition.left_out
    apart = [
        company_id
        for company_id, found in of_company.items()
        if company_id in companies.records and must_be_apart(found, left_out)
    ]
    ids = [one for company_id in apart for one in entities.get(company_id, ())]
    pieces = _by_entity(source, ids, with_returns=with_returns, each=True) if ids else {}
    for company_id in apart:
        of_company[company_id] = [
            piece for one in entities.get(company_id, ()) for piece in pieces.get(one, ())
        ]


def _rollup(
    source: BuyingSource,
    record: CrmRecord | None,
    company_id: str,
    pieces: Collection[Piece],
    told: Mapping[str, ToldCompany],
    base: Callable[[], str],
    *,
    with_returns: bool,
) -> CompanyRollup | None:
    """None for a company that never bought and was told nothing."""
    if record is None:
        bought = any(one.orders and counts(one, source.definition.left_out) for one in pieces)
        return CompanyRollup(company_id, "", None, {}, "gone", GONE if bought else UNKNOWN)
    if not pieces and company_id not in told and not is_told(record.properties):
        return None
    figures = figures_of(pieces, source.definition.left_out, base, with_returns=with_returns)
    wanted = properties_of(figures)
    last = told.get(company_id)
    held_day = as_of_held(record.properties)
    is_same = last is not None and last.fingerprint == fingerprint(wanted)
    name = record.properties.get(NAME) or ""
    if holds(wanted, record.properties):
        day = last.as_of if last and is_same else held_day or source.span.as_of
        if held_day == day:
            return CompanyRollup(
                company_id, name, figures, {**wanted, BUYING_AS_OF: day.isoformat()}, "unchanged"
            )
    else:
        day = source.span.as_of
    return CompanyRollup(
        company_id,
        name,
        figures,
        {**wanted, BUYING_AS_OF: day.isoformat()},
        "planned",
        "changed in HubSpot since it was told" if is_same else "",
    )
