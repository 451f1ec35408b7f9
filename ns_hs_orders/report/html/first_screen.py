"""What is read first: do the dollars agree, which order matters most, and what to do about it.

Belongs here: the verdict, what to do first, the sums. Does not belong here: bridges, tables of many rows, layout.
It is plain HTML: it shows where no script runs, as in the preview of a mail.
"""

from __future__ import annotations

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.schema import Reconciliation, SalesSums
from ns_hs_orders.report.figures import sentence, signed
from ns_hs_orders.report.html.markup import Markup, element, link, table
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.review import Review

FIRST_ORDERS = 3
_LONGEST = 200


def verdict(result: Reconciliation) -> Markup:
    """Yes or no, in words, a sign and a colour, and the sentence with its numbers."""
    kind, sign, words = (
        ("agrees", "✓", "Yes, the dollars agree to the cent.")
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
        element("p", _numbers(result)),
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
    age = f"since {risk.first_seen_on}, {risk.age_days:,} day{'' if risk.age_days == 1 else 's'}"
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
    """Sales dollars of both sides, a row a currency and one of the base currency, under their definition."""
    columns = [
        ("Currency", False),
        ("Orders", True),
        ("NetSuite", True),
        ("HubSpot", True),
        ("Difference", True),
        ("Unexplained", True),
    ]
    rows: list[list[str]] = []
    for one in every_sums(result):
        code = one.currency

        def bare(amount: str, code: str = code) -> str:
            return amount.removesuffix(f" {code}")

        rest = signed(one.unexplained_minor, code)
        rows.append(
            [
                f"all, in {code}" if one is result.base else code,
                f"{one.orders:,}",
                bare(shown(one.sales_netsuite_minor, code)),
                bare(shown(one.sales_hubspot_minor, code)),
                bare(signed(one.sales_hubspot_minor - one.sales_netsuite_minor, code)),
                element("strong", bare(rest), class_="red") if one.unexplained_minor else bare(rest),
            ]
        )
    return element(
        "section",
        element("h2", "Sales dollars", id="sums"),
        table("Sales dollars by currency", columns, rows)
        if rows
        else element("p", "No order on either side."),
        element("p", result.definition.sentence, class_="definition"),
        class_="sums",
        aria_labelledby="sums",
    )


def every_sums(result: Reconciliation) -> list[SalesSums]:
    """The base currency's sums first, then each currency's; the base currency is left out where it is the only one."""
    each = list(result.sales.values())
    is_alone = result.base is None or [one.currency for one in each] == [result.base.currency]
    return each if is_alone or result.base is None else [result.base, *each]
