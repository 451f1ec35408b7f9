"""The reconciliation as markdown for Dagster's asset page.

Belongs here: short markdown, and making foreign text inert in it. Does not belong here: figures.
The page shows markdown under 1,000 characters inline and cuts nothing off; what is longer hides behind a
link. So the sums, the bridge and the differences are texts of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.sales.net_groups import KINDS
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import (
    SUM_COLUMNS,
    held_groups,
    next_steps,
    sentence,
    shown_differences,
    sum_rows,
)
from ns_hs_orders.report.net_figures import (
    GROUP_COLUMNS,
    NET_COLUMNS,
    RETURN_COLUMNS,
    SHORT_NET_COLUMNS,
    all_bridges,
    bridge_row,
    group_tables,
    short_net_rows,
    shown_returns,
)
from ns_hs_orders.report.sales_figures import (
    BRIDGE_COLUMNS,
    SALES_COLUMNS,
    all_sums,
    apart,
    net_missing,
    sales_bridge_rows,
    sales_rows,
    without_rate,
)

MOST_ROWS = 10
INLINE = 1000
_LONGEST = 40
_SHORT = 24
_WIDE = 80
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_MARKUP = re.compile(r"[\\`*_\[\]#!~<>&|]")


def summary(result: Reconciliation) -> str:
    """The sentence, what sales dollars are, then one row a currency."""
    rows: Sequence[Sequence[str]] = [(*row[:1], *row[3:]) for row in sales_rows(result)]
    columns: Sequence[str] = (*SALES_COLUMNS[:1], *SALES_COLUMNS[3:])
    if result.net is not None:
        rows, columns = short_net_rows(result), SHORT_NET_COLUMNS
    first, last = f"**{escaped(sentence(result), longest=400)}**", table(columns, rows)
    notes = [apart(result), without_rate(result), net_missing(result)]
    # the page hides what is longer; net sales need more columns, and the definition is beside each other number
    shorter = f"Sales dollars by {result.definition.version}."
    texts = [[*notes, result.definition.sentence]]
    if result.net is not None:
        texts += [[*notes, shorter], [*notes[1:], shorter]]
    told = [
        "\n\n".join([first, *(escaped(text, longest=300) for text in words if text), last]) for words in texts
    ]
    return next((text for text in told if len(text) < INLINE), told[0])


def proof(result: Reconciliation) -> str:
    """One row a currency: what was accepted, by its whole total, against what HubSpot holds of it."""
    columns = (*SUM_COLUMNS[:1], *SUM_COLUMNS[3:])
    return table(columns, [(*row[:1], *row[3:]) for row in sum_rows(result)])


def bridge(result: Reconciliation) -> str:
    """The dollar bridge of each currency, in as many rows as it takes."""
    rows = sales_bridge_rows(result)
    return table(BRIDGE_COLUMNS, rows, most=len(rows))


def net_bridges(result: Reconciliation) -> str:
    """The bridges of returns and of net of each currency."""
    of_net = all_bridges(result)[len(all_sums(result)) :]
    rows = [bridge_row(one.view, step, one.currency) for one in of_net for step in one.steps]
    return table(("view", *BRIDGE_COLUMNS[1:]), rows, most=len(rows), longest=_WIDE)


def net_groups(result: Reconciliation) -> str:
    """Net sales by day (of a range), sales rep, company and store: the largest of each."""
    kinds = KINDS if result.first != result.last else KINDS[1:]
    parts = [
        f"**{escaped(title, longest=_WIDE)}**\n\n{table(GROUP_COLUMNS, rows, most=len(rows))}"
        for title, rows in group_tables(result, MOST_ROWS, kinds)
    ]
    return "\n\n".join(parts)


def returns(result: Reconciliation, most: int = MOST_ROWS) -> str:
    """The returns to look at: those that differ, without an order, or beyond their order's total."""
    found = shown_returns(result)
    if not found:
        return "No return has to be looked at."
    rows = [one[:-1] for one in found[:most]]
    return table(RETURN_COLUMNS, rows, most=most, total=len(found))


def held_back(result: Reconciliation) -> str:
    """What is skipped, quarantined, rejected or due, by reason, with its sums."""
    rows = [
        (group.outcome, group.reason, f"{group.orders:,}", group.amount)
        for group in sorted(held_groups(result), key=lambda group: -group.orders)
    ]
    return table(("outcome", "reason", "orders", "amount"), rows) if rows else "Nothing is held back."


def largest_differences(result: Reconciliation, most: int = MOST_ROWS) -> str:
    """The largest differences, both values side by side."""
    count = len(result.differences)
    if not count:
        return "No difference."
    rows = [
        (one.order, one.field, one.netsuite, one.hubspot, one.apart, one.cause)
        for one in shown_differences(result, most)
    ]
    return table(
        ("order", "field", "NetSuite says", "HubSpot says", "apart", "cause"), rows, most=most, total=count
    )


def money_at_risk(risks: Sequence[RiskRow], most: int = MOST_ROWS) -> str:
    """The heaviest of what is not right, as many rows as the page shows inline."""
    if not risks:
        return "Nothing is at risk."
    rows = [
        (
            one.order_number or one.order_id_netsuite,
            one.rep_name or "nobody",
            one.cause,
            "unknown" if one.at_risk_minor is None else shown(one.at_risk_minor, one.currency or ""),
            f"{one.age_days}",
            one.status,
        )
        for one in risks[:most]
    ]
    columns = ("order", "owner", "cause", "at risk", "days", "status")
    count = len(rows)
    while len(text := table(columns, rows, most=count, total=len(risks), longest=_SHORT)) >= INLINE and count:
        count -= 1
    return text


def links(risks: Sequence[RiskRow], most: int = MOST_ROWS) -> str:
    """The records of the heaviest ones in both systems."""
    lines = []
    for one in risks[:most]:
        places = [
            f"[{name}]({url})"
            for name, url in (("NetSuite", one.url_netsuite), ("HubSpot", one.url_hubspot))
            if url is not None and _LINK.fullmatch(url)
        ]
        lines.append(
            f"- {escaped(one.order_number or one.order_id_netsuite)}: {', '.join(places) or 'no record'}"
        )
    return "\n".join(lines)


def to_do(result: Reconciliation) -> str:
    """What to do about each cause of a difference."""
    rows = [(escaped(cause), escaped(step, longest=INLINE)) for cause, step in next_steps(result)]
    return "\n".join(f"- **{cause}**: {step}" for cause, step in rows) or "Nothing."


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    most: int = MOST_ROWS,
    total: int | None = None,
    longest: int = _LONGEST,
) -> str:
    """A markdown table of at most `most` rows; says how many more there are. All text is made inert."""
    lines = [
        "| " + " | ".join(columns) + " |",
        "|" + "|".join("--:" if column in _RIGHT else "---" for column in columns) + "|",
    ]
    lines += [
        "| " + " | ".join(escaped(value, longest=longest) for value in row) + " |" for row in rows[:most]
    ]
    more = (len(rows) if total is None else total) - min(len(rows), most)
    if more > 0:
        lines.append(f"\n{more:,} more.")
    return "\n".join(lines)


def escaped(text: str, *, longest: int = _LONGEST) -> str:
    """Text that stands in markdown and HTML as itself: no markup, no link, no image, one line.

    Letters, digits and money stay readable. Characters that cannot be seen become a space. Addresses are
    broken by an invisible space, since renderers link them even after entities are resolved.
    """
    line = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in text[: longest + 1])
    if len(line) > longest:
        line = f"{line[: longest - 1]}…"
    return _ADDRESS.sub(rf"\g<0>{_BREAK}", _MARKUP.sub(_inert, line))


_BREAK = "&#8203;"
_ADDRESS = re.compile(r":(?=/)|@|\bwww(?=\.)", re.IGNORECASE)
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;"}
_RIGHT = frozenset(
    {
        *SALES_COLUMNS[1:], *SUM_COLUMNS[1:], *NET_COLUMNS[1:], *SHORT_NET_COLUMNS[1:], *GROUP_COLUMNS[1:], "orders",
        "amount", "apart", "at risk", "days", "counts",
    }
)  # fmt: skip
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]+")


def _inert(match: re.Match[str]) -> str:
    char = match.group(0)
    return _ENTITIES.get(char, f"\\{char}")
