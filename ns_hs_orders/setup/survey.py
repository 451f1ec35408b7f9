"""The survey: how NetSuite's last orders add up under each rule, and the settings that follow from it.

Belongs here: judging the same orders under every tax regime and closed-line rule, and which item types the
orders that still do not add up have. Does not belong here: the rules themselves (mapping), printing
(cli/doctor.py). Nothing is written anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, product
from typing import get_args

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.extract.ports import ReadTickets, SuiteQL
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.extract.read import read_latest
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.judgement import Judgement, judge
from ns_hs_orders.mapping.raw import orders_with_lines
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import ClosedLines, TaxRegime
from ns_hs_orders.progress import Progress, quiet

ORDERS = 1000
TAX_LINE = "tax line without item type"
TAX_DETAILS = "SuiteTax details"
NO_TYPE = "no item type"
CLOSED = ", closed"

Pair = tuple[TaxRegime, ClosedLines]


@dataclass(frozen=True)
class RuleShare:
    """How many of the judged orders add up to the minor unit under one pair of rules."""

    tax_regime: TaxRegime
    closed_lines: ClosedLines
    add_up: int
    share: float


@dataclass(frozen=True)
class ItemTypeRest:
    """One item type among the orders that do not add up under the suggested rules.

    orders: all judged orders with it; do_not_add_up: those of them that do not; explained: those whose
    difference is exactly the lines of this type: left out though NetSuite counts them, or the reverse, or
    with the wrong sign. explained_minor: the size of these differences, by currency.
    """

    item_type: str
    orders: int
    do_not_add_up: int
    explained: int
    explained_minor: dict[str, int]


@dataclass(frozen=True)
class Survey:
    """What the last orders tell of the account.

    orders: those read. judged: those whose money can be read and that have lines; only they count. rest:
    item types, those that explain most first. unexplained_minor: by how much totals and lines differ,
    each order's size added up, by currency. suggestions: settings as they are written down.
    """

    mode: str
    orders: int
    judged: int
    shares: tuple[RuleShare, ...]
    rest: tuple[ItemTypeRest, ...]
    do_not_add_up: tuple[str, ...]
    unexplained_minor: dict[str, int]
    suggestions: tuple[str, ...]
    notes: tuple[str, ...]


def survey(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    options: SourceOptions,
    rules: MappingRules,
    *,
    mode: str,
    limit: int = ORDERS,
    progress: Progress = quiet,
) -> Survey:
    """Reads the newest orders and judges them under every rule. Raises RemoteError, ContractError, ConfigError.

    rules: those in force; of several that fit the orders equally well, they are kept.
    """
    plan, regimes = _plan(suiteql, options)
    raw = read_latest(suiteql, tickets, plan, limit=limit, progress=progress)
    judged = _judged(raw, rules, regimes)
    add_up = {pair: sum(not _rest(order) for order in found) for pair, found in judged.items()}
    best = max(
        add_up,
        key=lambda pair: (add_up[pair], pair[0] == rules.tax_regime, pair[1] == rules.closed_lines),
    )
    count = len(judged[best])
    failing = [order for order in judged[best] if _rest(order)]
    return Survey(
        mode=mode,
        orders=len(raw.orders),
        judged=count,
        shares=tuple(
            RuleShare(regime, closed, adding, adding / count if count else 0.0)
            for (regime, closed), adding in add_up.items()
        ),
        rest=_by_item_type(judged[best]),
        do_not_add_up=tuple(order.raw.order_number or order.raw.order_id_netsuite for order in failing),
        unexplained_minor=_sums((order, _rest(order)) for order in failing),
        suggestions=(f"NS_HS_TAX_REGIME={best[0]}", f"NS_HS_CLOSED_LINES={best[1]}") if add_up[best] else (),
        notes=tuple(_notes(add_up, best, regimes, len(raw.orders), count)),
    )


def _plan(suiteql: SuiteQL, options: SourceOptions) -> tuple[SourcePlan, tuple[TaxRegime, ...]]:
    """A plan that reads what both regimes need, or legacy's alone where there are no SuiteTax details."""
    legacy = probe(suiteql, replace(options, tax_regime="legacy"))
    try:
        return probe(suiteql, replace(options, tax_regime="suitetax")), get_args(TaxRegime)
    except ConfigError:
        # Everything else was there a moment ago: only the table of the details is missing.
        return legacy, ("legacy",)


def _judged(raw: RawRead, rules: MappingRules, regimes: Sequence[TaxRegime]) -> dict[Pair, list[Judgement]]:
    """The orders whose money can be read under every pair of rules, so that all shares are of the same ones."""
    orders = [
        (order, lines) for order, lines in orders_with_lines(raw, *rules.added_columns) if order.settled
    ]
    found: dict[Pair, list[Judgement]] = {}
    for regime, closed in product(regimes, get_args(ClosedLines)):
        tried = replace(rules, tax_regime=regime, closed_lines=closed)
        found[regime, closed] = [judge(order, lines, tried) for order, lines in orders]
    readable = [
        all(order.amounts is not None and order.lines.lines for order in same)
        for same in zip(*found.values(), strict=True)
    ]
    return {pair: list(compress(judged, readable)) for pair, judged in found.items()}


def _rest(order: Judgement) -> int:
    """NetSuite's total less what the lines make."""
    return 0 if order.amounts is None else order.amounts.total_minor - order.amounts.lines_make


def _by_item_type(orders: Iterable[Judgement]) -> tuple[ItemTypeRest, ...]:
    present: Counter[str] = Counter()
    failing: Counter[str] = Counter()
    explained: dict[str, list[tuple[Judgement, int]]] = {}
    for order in orders:
        types = _types(order)
        present.update(types.keys())
        if rest := _rest(order):
            failing.update(types.keys())
            explains = [name for name, sums in types.items() if _explains(rest, *sums)]
            if len(explains) == 1:
                explained.setdefault(explains[0], []).append((order, rest))
    found = [
        ItemTypeRest(name, present[name], count, len(explained.get(name, ())), _sums(explained.get(name, ())))
        for name, count in failing.items()
    ]
    return tuple(
        sorted(found, key=lambda one: (-one.explained, -one.do_not_add_up / one.orders, one.item_type))
    )


def _types(order: Judgement) -> dict[str, tuple[int, int]]:
    """Item type → what its lines add to the order, and what those of its lines that are left out would add."""
    found: dict[str, tuple[int, int]] = {}
    for line in order.lines.lines:
        name = line.item_type or (TAX_LINE if line.line_class == "tax" else NO_TYPE)
        name += CLOSED if line.is_closed else ""
        counted, left_out = found.get(name, (0, 0))
        amount = line.amount_minor or 0
        found[name] = (
            (counted, left_out + amount) if line.line_class == "ignored" else (counted + amount, left_out)
        )
    details = (order.amounts.tax_minor if order.amounts else 0) - order.lines.sums.get("tax", 0)
    if details:
        found[TAX_DETAILS] = (details, 0)
    return found


def _explains(rest: int, counted: int, left_out: int) -> bool:
    """Left out though NetSuite counts it; counted though it does not; or counted with the wrong sign."""
    return rest == left_out or (counted != 0 and rest in (-counted, -2 * counted))


def _sums(orders: Iterable[tuple[Judgement, int]]) -> dict[str, int]:
    """Sizes by currency: what one order has too much must not hide what another lacks."""
    sums: Counter[str] = Counter()
    for order, amount in orders:
        sums[order.currency or ""] += abs(amount)
    return dict(sorted(sums.items()))


def _notes(
    add_up: Mapping[Pair, int], best: Pair, regimes: Sequence[TaxRegime], orders: int, judged: int
) -> Iterator[str]:
    if orders > judged:
        yield (
            f"{orders - judged} orders are not judged: an amount cannot be read, there are no lines, or they were "
            "changing."
        )
    if not judged:
        yield "NetSuite shows no order to judge. Run doctor: the role may not see them."
        return
    if not add_up[best]:
        yield "No rule makes any order add up; see the item types, and ask who knows the account."
        return
    if len(regimes) == 1:
        yield "NetSuite shows no SuiteTax details (transactiontaxdetail), so only the legacy regime is judged."
    elif add_up["legacy", best[1]] == add_up["suitetax", best[1]]:
        yield "These orders do not tell the tax regimes apart; the one in force is kept."
    if add_up[best[0], "counted"] == add_up[best[0], "not_counted"]:
        yield "These orders do not tell the closed-line rules apart; the one in force is kept."
