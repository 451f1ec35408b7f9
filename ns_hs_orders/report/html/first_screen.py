"""What is read first: do the dollars agree, which order matters most, and what to do about it.

Belongs here: the verdict, what to do first, the sums. Does not belong here: bridges, tables of many rows, layout.
It is plain HTML: it shows where no script runs, as in the preview of a mail.
"""

from __future__ import annotations

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.figures import sentence
from ns_hs_orders.report.html.markup import Markup, element, link, table
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.net_figures import SHORT_NET_COLUMNS, all_net, short_net_rows
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.sales_figures import SALES_COLUMNS, all_sums, apart, net_missing, sales_rows

FIRST_ORDERS = 3
_LONGEST = 200
_LONGEST_REASON = 1000


def verdict(result: Reconciliation) -> Markup:
    """Yes or no, in words, a sign and a colour, and the sentence with its numbers."""
    kind, sign, words = (
        ("agrees", "✓", "Yes, every accepted order agrees to the cent.")
        if result.agrees
        else ("differs", "✕", "No, the dollars do not agree.")
    )
    return element(
        "section",
        element("h2", "Do the dollars agree?", id="verdict", class_="kicker"),
        element(
            "p",
            element("span", sign, class_="sign", aria_hidden="true"),
            element("strong", words),
            class_="answer",
        ),
        element("p", " ".join(filter(None, (_numbers(result), apart(result))))),
        class_=f"verdict {kind}",
        aria_labelledby="verdict",
    )


def _numbers(result: Reconciliation) -> str:
    """The sentence that every view has, less its verdict."""
    _, _, numbers = sentence(result).partition(": ")
    return f"{numbers[:1].upper()}{numbers[1:]}"


def what_to_do_first(review: Review) -> Markup:
    """The heaviest orders that nobody has acknowledged, each with its next step."""
    waiting = [risk for risk in review.risks if risk.status != "acknowledged"]
    if not waiting:
        accepted = f" {len(review.risks):,} acknowledged below." if review.risks else ""
        content = element("p", f"Nothing: no order waits for a person.{accepted}")
    else:
        content = element("ol", *(_first(risk) for risk in waiting[:FIRST_ORDERS]), class_="first")
    more = len(waiting) - FIRST_ORDERS
    return element(
        "section",
        element("h2", "What to do first", id="first", class_="kicker"),
        content,
        element("p", "Then ", element("a", f"{more:,} more, ranked", href="#risks"), ".")
        if more > 0
        else None,
        class_="todo",
        aria_labelledby="first",
    )


def _first(risk: RiskRow) -> Markup:
    name = inert(risk.order_number or risk.order_id_netsuite, _LONGEST)
    worth = (
        "amount unknown"
        if risk.at_risk_minor is None or risk.currency is None
        else f"{shown(risk.at_risk_minor, risk.currency)} at risk"
    )
    days = f"{risk.age_days:,} day{'' if risk.age_days == 1 else 's'}" if risk.age_days else "new"
    age = f"since {risk.first_seen_on}, {days}"
    about = [risk.cause, age, inert(risk.rep_name or "no owner", _LONGEST)]
    links = [
        made
        for url, system in ((risk.url_netsuite, "NetSuite"), (risk.url_hubspot, "HubSpot"))
        if (made := link(url, f"Open in {system}", f"Open {name} in {system}"))
    ]
    return element(
        "li",
        element(
            "p",
            element("strong", name),
            " ",
            element("span", inert(risk.customer_name or "", _LONGEST)),
            element("strong", worth, class_="worth"),
            class_="what",
        ),
        element("p", " · ".join(about), class_="small"),
        element("p", inert(risk.explanation, _LONGEST)) if risk.explanation else None,
        element("p", risk.next_step, class_="step"),
        element("p", *links, class_="links") if links else None,
    )


def sums(result: Reconciliation) -> Markup:
    """Sales dollars of both sides, a row a currency and one of all in the base currency, under their definition.

    Gross, returned and net, where returns are read.
    """
    headings: tuple[str, ...] = tuple(SALES_COLUMNS[at] for at in _SUMS_SHOWN)
    found = [
        (tuple(row[at] for at in _SUMS_SHOWN), one.unexplained_minor)
        for row, (_, one) in zip(sales_rows(result), all_sums(result), strict=True)
    ]
    if result.net is not None:
        headings = SHORT_NET_COLUMNS
        found = [
            (row, one.unexplained_minor)
            for row, (_, one) in zip(short_net_rows(result), all_net(result), strict=True)
        ]
    columns = [(heading[:1].upper() + heading[1:], at > 0) for at, heading in enumerate(headings)]
    rows: list[list[str]] = [
        [*row[:-1], element("strong", row[-1], class_="red") if rest else row[-1]] for row, rest in found
    ]
    return element(
        "section",
        element("h2", "Sales dollars", id="sums"),
        table("Sales dollars by currency", columns, rows)
        if rows
        else element("p", "No order on either side."),
        element("p", element("strong", inert(net_missing(result), _LONGEST_REASON), class_="red"))
        if result.net_missing
        else None,
        element("p", result.definition.sentence, class_="definition"),
        class_="sums" if result.net is None else "sums net",
        aria_labelledby="sums",
    )


_SUMS_SHOWN = [at for at, name in enumerate(SALES_COLUMNS) if name not in ("all orders", "not sales")]
