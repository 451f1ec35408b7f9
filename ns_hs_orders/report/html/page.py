"""The whole file: one HTML page with its style, its script and its rows inside.

Belongs here: sections in their order, and what the page may do (nothing but run its own script). Does not belong
here: figures, the first screen, bridges, or rows (data).
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, SKIP_REASONS
from ns_hs_orders.money import shown
from ns_hs_orders.push.calls.refusals import REJECTION_REASONS
from ns_hs_orders.reconcile.sales.net_schema import RETURN_CAUSES, RETURN_NEXT_STEPS
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, Reconciliation
from ns_hs_orders.report.checks import checks
from ns_hs_orders.report.figures import held_groups, period
from ns_hs_orders.report.html.bridges import bridges
from ns_hs_orders.report.html.data import as_script, document
from ns_hs_orders.report.html.first_screen import sums, verdict, what_to_do_first
from ns_hs_orders.report.html.markup import Markup, element, table
from ns_hs_orders.report.html.net import both_sides, missed, net_bridges, notes, pictures
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.review import Review

_CONTENTS = (
    ("sums", "Sales dollars"),
    ("bridge", "From NetSuite to HubSpot"),
    ("net", "Gross, returned, net"),
    ("risks", "Money at risk"),
    ("differences", "Differences"),
    ("orders", "Orders"),
    ("held", "Held back"),
    ("checks", "Checks"),
    ("control", "Control totals"),
    ("glossary", "Causes"),
    ("made", "How it was made"),
)
_LONGEST = 200
_LONGEST_SUMMARY = 1000


def page(review: Review) -> bytes:
    """The file, UTF-8. It loads nothing, sends nothing, and runs no script but its own."""
    style, script = _resource("style.css"), _resource("report.js")
    result = review.result
    title = f"Sales orders of {period(result)}: NetSuite and HubSpot"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#main", class_="skip"),
        _header(result),
        element("main", *_sections(review), id="main", tabindex="-1"),
        element("script", Markup(as_script(document(review))), type="application/json", id="data"),
        element("script", Markup(script)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n".encode()


def _policy(style: str, script: str) -> str:
    def digest(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _header(result: Reconciliation) -> Markup:
    return element(
        "header",
        element("h1", f"Sales orders of {period(result)}"),
        element(
            "p",
            f"NetSuite and HubSpot compared, order by order · {result.mode} · {result.made_at:%Y-%m-%d %H:%M} UTC",
        ),
        element(
            "nav",
            *(
                element("a", words, href=f"#{name}")
                for name, words in _CONTENTS
                if name != "net" or result.net is not None
            ),
            aria_label="Contents",
        ),
    )


def _sections(review: Review) -> list[Markup]:
    result = review.result
    return [
        verdict(result),
        what_to_do_first(review),
        sums(result),
        _section(
            "bridge",
            "From NetSuite to HubSpot",
            "Each step has one cause. Open a step to see its orders.",
            bridges(result),
        ),
        *([_net(result)] if result.net is not None else []),
        _section(
            "risks",
            "Money at risk",
            "Every order that is not right, heaviest first: amount at risk × days since it was first seen.",
            element(
                "div",
                element("div", element("h3", "By cause"), _rows("risk_causes", "Money at risk by cause")),
                element("div", element("h3", "By owner"), _rows("risk_owners", "Money at risk by owner")),
                class_="two",
            ),
            element("h3", "Order by order"),
            _rows("risks", "Money at risk, order by order"),
        ),
        _section(
            "differences",
            "Differences",
            "Every field that is not the same, both values side by side.",
            _rows("differences", "Differences, field by field"),
        ),
        _section(
            "orders",
            "Orders",
            _agreeing(result),
            _rows("orders", "Orders that do not agree"),
        ),
        _section(
            "held", "Held back", "What HubSpot does not have, and why.", _outcomes(result), _held(result)
        ),
        _section(
            "checks",
            "Checks",
            None,
            _checks(result),
            element("h3", "Orders that are not whole"),
            _rows("integrity", "Orders that are not whole"),
        ),
        _section(
            "control",
            "Control totals",
            _control_words(result),
            _rows("control", "Control totals by day and currency"),
            _unknown(result),
        ),
        _section("glossary", "Causes", "What each cause means, and what to do about it.", _glossary(result)),
        _section("made", "How it was made", None, _made(result)),
    ]


def _net(result: Reconciliation) -> Markup:
    """Gross, returned and net: by day as a picture, the bridges, the groups, and each return."""
    return _section(
        "net",
        "Gross, returned and net",
        "Returns count on their own day. What HubSpot holds of an order or return goes to NetSuite's rep, company and "
        "store of it.",
        notes(result),
        both_sides(result),
        pictures(result),
        missed(result),
        net_bridges(result),
        element("h3", "By day, sales rep, company and store"),
        _rows("net_groups", "Net sales by day, sales rep, company and store"),
        element("h3", "Return by return"),
        _rows("returns", "Returns"),
    )


def _section(name: str, heading: str, words: str | None, *content: Markup | None) -> Markup:
    return element(
        "section",
        element("h2", heading, id=name, tabindex="-1"),
        element("p", words) if words else None,
        *content,
        aria_labelledby=name,
    )


def _rows(view: str, caption: str) -> Markup:
    """The place of a table of many rows; report.js puts the table there."""
    alone = element("p", "Open the file in a browser to see this table.", class_="small")
    return element("div", alone, data_view=view, data_caption=caption, class_="rows")


def _agreeing(result: Reconciliation) -> str:
    """How many orders agree, and what they are worth in NetSuite."""
    agreeing = result.orders[result.orders["cause"].isna()]
    worth = ", ".join(
        shown(int(minor), str(code))
        for code, minor in agreeing.groupby("currency")["netsuite_minor"].sum().items()
    )
    return (
        f"{len(agreeing):,} order{' agrees' if len(agreeing) == 1 else 's agree'} in every field"
        f"{f' ({worth})' if worth else ''} and {'is' if len(agreeing) == 1 else 'are'} not listed. "
        f"{len(result.orders) - len(agreeing):,} {'does' if len(result.orders) - len(agreeing) == 1 else 'do'} not:"
    )


def _outcomes(result: Reconciliation) -> Markup:
    counts = " · ".join(f"{count:,} {outcome}" for outcome, count in result.outcomes.items())
    return element("p", f"All orders by outcome: {counts or 'none'}.")


def _held(result: Reconciliation) -> Markup | None:
    meanings = {**QUARANTINE_REASONS, **SKIP_REASONS, **REJECTION_REASONS}
    rows = [
        [
            group.outcome,
            group.reason,
            meanings.get(group.reason, ""),
            f"{group.orders:,}",
            group.amount,
        ]
        for group in held_groups(result)
    ]
    columns = [("Outcome", False), ("Reason", False), ("Meaning", False), ("Orders", True), ("Amount", True)]
    return table("Held back by reason", columns, rows) if rows else None


def _checks(result: Reconciliation) -> Markup:
    """Each check of the reconciliation, and what it found."""
    return element(
        "ul",
        *(
            element(
                "li",
                element(
                    "span",
                    "✓" if one.passed else "✕",
                    class_="green" if one.passed else "red",
                    aria_hidden="true",
                ),
                element("span", "Passed. " if one.passed else "Failed. ", class_="unseen"),
                inert(one.summary, _LONGEST_SUMMARY),
            )
            for one in checks(result)
        ),
        class_="checks",
    )


def _control_words(result: Reconciliation) -> str:
    misses = sum(not total.agrees for total in result.control)
    counted = len(result.control)
    what = f"{counted:,} count{'' if counted == 1 else 's'} of orders by day and currency, made by NetSuite itself"
    if not misses:
        return f"{what}: all agree with what was read."
    return f"{what}: {misses:,} do not agree with what was read. Read those days again."


def _unknown(result: Reconciliation) -> Markup | None:
    rows = [
        [
            inert(one.order_number or one.order_id_netsuite, _LONGEST),
            "no day" if one.order_on is None else one.order_on.isoformat(),
            one.system,
            inert(one.raw_total or "none", _LONGEST),
            inert(one.raw_currency or "none", _LONGEST),
        ]
        for one in result.unknown_amounts
    ]
    if not rows:
        return None
    columns = [
        ("Order", False),
        ("Day", False),
        ("In", False),
        ("Total as read", False),
        ("Currency as read", False),
    ]
    return element("div", element("h3", "Amount unknown, in no sum"), table("Amount unknown", columns, rows))


def _glossary(result: Reconciliation) -> Markup:
    rows = [[cause, meaning, NEXT_STEPS[cause]] for cause, meaning in CAUSES.items()]
    if result.net is not None:
        rows += [[cause, meaning, RETURN_NEXT_STEPS[cause]] for cause, meaning in RETURN_CAUSES.items()]
    return table("Causes", [("Cause", False), ("Meaning", False), ("What to do", False)], rows)


def _made(result: Reconciliation) -> Markup:
    facts = (
        ("Mode", result.mode),
        ("Order dates", period(result)),
        ("Made at", f"{result.made_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Definition", f"{result.definition.version}: {result.definition.written()}"),
        ("Read of NetSuite", f"ticket {result.ticket}"),
        ("Red days", ", ".join(day.isoformat() for day in result.red_days) or "none"),
    )
    return element("dl", *(Markup(element("dt", name) + element("dd", value)) for name, value in facts))
