"""The figures that every view shows, and the words for them.

Belongs here: picking and naming what a reader sees of a Reconciliation. Does not belong here: layout
(text, markdown, chart, as_json), or any judgement: what is red was decided in reconcile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ns_hs_orders.columns import plain
from ns_hs_orders.money import shown
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES
from ns_hs_orders.reconcile.integrity import LINKS
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.sales.net_schema import RED_FOR_NOBODY
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, POLICIES, CurrencySums, Reconciliation

LEFT_IN_HUBSPOT = "edited in HubSpot, left as it is"
"""How an edit that stays by policy is called where there is no room for more."""
SUM_COLUMNS = ("currency", "NetSuite", "eligible", "accepted", "HubSpot", "difference", "unexplained")


@dataclass(frozen=True)
class ShownDifference:
    """One difference as people read it. apart: the amount apart, where it is an amount."""

    order: str
    field: str
    netsuite: str
    hubspot: str
    apart: str
    cause: str


@dataclass(frozen=True)
class HeldGroup:
    """Orders of NetSuite with the same outcome, reason and currency that were not accepted; numbers: which."""

    outcome: str
    reason: str
    currency: str
    orders: int
    amount_minor: int | None
    numbers: tuple[str, ...] = ()

    @property
    def amount(self) -> str:
        """The sum as people read it, or words where amounts are unknown."""
        return "amount unknown" if self.amount_minor is None else shown(self.amount_minor, self.currency)


class Unlinked(NamedTuple):
    """An order, or an item by its SKU, that is not linked to what it names. reason: a key of LINK_WARNINGS."""

    reason: str
    currency: str
    order_on: date
    name: str
    minor: int


def sentence(result: Reconciliation) -> str:
    """What came out, in one sentence with its numbers."""
    accepted = sum(sums.orders_accepted for sums in result.currencies.values())
    what = f"{accepted:,} accepted order{'s' if accepted != 1 else ''} of {period(result)}"
    if result.agrees:
        count = len(result.currencies)
        of = what.replace("accepted order", "order", 1)
        returns = ""
        if result.net is not None:
            number = int(result.net.returns["outcome"].isin(ACCEPTED_OUTCOMES).sum())
            returns = f", and {number:,} return{'s' if number != 1 else ''}"
        currencies = "currency" if count == 1 else "currencies"
        return f"Every accepted order agrees to the cent: {of} in {count} {currencies}{returns}."
    differing = result.differences[result.differences["policy"] != "report"]
    causes = sorted(set(differing["cause"]))
    why = f" ({', '.join(causes)})" if causes else ""
    count = orders_that_differ(result)
    return (
        f"DOES NOT AGREE: {what}; {count:,} order{'s' if count != 1 else ''} differ{'s' if count == 1 else ''}"
        f"{why}{_returns_differ(result)}; {len(result.red_days)} red day{'s' if len(result.red_days) != 1 else ''}: {days(result)}."
    )


def _returns_differ(result: Reconciliation) -> str:
    """Of the red sentence: how many returns turn a day red, and why; "" for none."""
    net = result.net
    if net is None or not (found := [one for one in plain(net.returns["cause"]) if turns_red(one)]):
        return ""
    what = "return differs" if len(found) == 1 else "returns differ"
    return f"; {len(found):,} {what} ({', '.join(sorted(set(found)))})"


def turns_red(cause: str | None) -> bool:
    """Whether a return with this cause turns its day red."""
    return cause is not None and cause not in RED_FOR_NOBODY


def orders_that_differ(result: Reconciliation) -> int:
    """Orders with a difference other than edits that stay in HubSpot by policy."""
    differing = result.differences[result.differences["policy"] != "report"]
    return int(differing["order_id_netsuite"].nunique())


def period(result: Reconciliation) -> str:
    """The range in words."""
    return f"{result.first}" if result.first == result.last else f"{result.first} to {result.last}"


def days(result: Reconciliation, most: int = 5) -> str:
    """The red days, the first few by name."""
    named = [day.isoformat() for day in result.red_days[:most]]
    more = len(result.red_days) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "") if named else "none"


def sum_rows(result: Reconciliation) -> list[tuple[str, ...]]:
    """One row a currency under SUM_COLUMNS."""
    return [_sum_row(sums) for sums in result.currencies.values()]


def shown_differences(result: Reconciliation, most: int | None = None) -> list[ShownDifference]:
    """The differences, largest amounts first, at most `most`."""
    names = (
        "order_id_netsuite",
        "order_number",
        "currency",
        "field",
        "netsuite",
        "hubspot",
        "difference_minor",
        "cause",
        "policy",
    )
    ordered = sorted(rows(result.differences, names), key=lambda row: -abs(row["difference_minor"] or 0))
    return [
        ShownDifference(
            order=row["order_number"] or row["order_id_netsuite"],
            field=row["field"],
            netsuite=row["netsuite"] or "",
            hubspot=row["hubspot"] or "",
            apart=_apart(row["difference_minor"], row["currency"]),
            cause=LEFT_IN_HUBSPOT if row["policy"] == "report" else row["cause"],
        )
        for row in ordered[:most]
    ]


def next_steps(result: Reconciliation) -> list[tuple[str, str]]:
    """What to do about each cause that a difference has, in the order of CAUSES; then about edits that stay."""
    left = result.differences["policy"] == "report"
    found = set(result.differences["cause"][~left])
    steps = [(cause, NEXT_STEPS[cause]) for cause in CAUSES if cause in found]
    return [*steps, (LEFT_IN_HUBSPOT, POLICIES["report"])] if left.any() else steps


def held_groups(result: Reconciliation) -> list[HeldGroup]:
    """What is skipped, quarantined, rejected or due, by reason and currency, with its sums."""
    groups: dict[tuple[str, str, str], list[tuple[str, int | None]]] = {}
    names = (
        "order_id_netsuite",
        "order_number",
        "outcome",
        "finding",
        "reason",
        "currency",
        "netsuite_minor",
    )
    for row in rows(result.orders, names):
        is_held = row["outcome"] in ("skipped", "quarantined", "rejected", "due")
        if is_held and row["finding"] != "only in HubSpot":
            key = (row["outcome"], row["reason"] or "", row["currency"] or "")
            number = row["order_number"] or row["order_id_netsuite"]
            groups.setdefault(key, []).append((number, row["netsuite_minor"]))
    found = []
    for key, orders in sorted(groups.items()):
        known = [(number, int(amount)) for number, amount in orders if amount is not None]
        unknown = tuple(number for number, amount in orders if amount is None)
        if known:
            numbers = tuple(number for number, _ in known)
            found.append(HeldGroup(*key, len(known), sum(amount for _, amount in known), numbers))
        if unknown:
            found.append(HeldGroup(*key, len(unknown), None, unknown))
    return found


def unlinked(result: Reconciliation) -> list[Unlinked]:
    """What is written without a deal, contact or product that it names, by reason and currency, the largest first."""
    found = [
        Unlinked(one.reason, one.currency, one.order_on, named.name, named.minor)
        for one in result.integrity
        if one.rule == LINKS and one.reason is not None and one.currency
        for named in one.named
    ]
    return sorted(found, key=lambda one: (one.reason, one.currency, -one.minor, one.name, one.order_on))


def unlinked_groups(result: Reconciliation) -> list[HeldGroup]:
    """The same as sums. numbers: the orders or SKUs; amount_minor: of the orders, or of the lines with the SKUs."""
    orders = Counter[tuple[str, str]]()
    for one in result.integrity:
        if one.rule == LINKS and one.reason is not None and one.currency:
            orders[one.reason, one.currency] += one.orders
    worth: dict[tuple[str, str], Counter[str]] = {key: Counter() for key in sorted(orders)}
    for each in unlinked(result):
        worth[each.reason, each.currency][each.name] += each.minor
    return [
        HeldGroup("written", *key, orders[key], of.total(), tuple(name for name, _ in of.most_common()))
        for key, of in worth.items()
    ]


def few(numbers: tuple[str, ...], most: int = 3) -> str:
    """The first few order numbers, and how many more there are."""
    more = len(numbers) - most
    return ", ".join(numbers[:most]) + (f" and {more:,} more" if more > 0 else "")


def signed(minor: int, currency: str) -> str:
    """An amount with its sign always shown: `+0.01 USD`."""
    return f"{'+' if minor > 0 else ''}{shown(minor, currency)}"


def control_misses(result: Reconciliation) -> Iterator[tuple[date, str, int, int]]:
    """Control totals that disagree: day, currency, orders counted, orders read."""
    for total in result.control:
        if not total.agrees:
            yield total.order_on, total.currency, total.orders_counted, total.orders_read


def _apart(minor: int | None, currency: str | None) -> str:
    return "" if minor is None or currency is None else signed(int(minor), currency)


def _sum_row(sums: CurrencySums) -> tuple[str, ...]:
    amounts = (sums.netsuite_minor, sums.eligible_minor, sums.accepted_minor, sums.hubspot_minor)
    return (
        sums.currency,
        *(shown(minor, sums.currency).removesuffix(f" {sums.currency}") for minor in amounts),
        *(
            signed(minor, sums.currency).removesuffix(f" {sums.currency}")
            for minor in (sums.difference_minor, sums.unexplained_minor)
        ),
    )
