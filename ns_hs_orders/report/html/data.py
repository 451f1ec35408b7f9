"""The rows behind the page's tables, as one JSON document that report.js reads.

Belongs here: which orders, differences and risks are in the file. Does not belong here: which orders a step opens to
(behind_steps), how a column is written (columns), or layout (page, report.js). Amounts are minor units as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ns_hs_orders.columns import plain
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import exponent
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.exceptions import RiskGroup, by_cause, by_owner
from ns_hs_orders.report.figures import LEFT_IN_HUBSPOT
from ns_hs_orders.report.html.behind_steps import MOST_LEFT_OUT, Row, candidates, left_out, steps
from ns_hs_orders.report.html.columns import addresses, amounts, counts, texts
from ns_hs_orders.report.net_figures import all_net, groups_of, return_records
from ns_hs_orders.report.review import Review

_ORDER_TEXTS = (
    "order_number",
    "order_id_netsuite",
    "customer_name",
    "rep_name",
    "outcome",
    "reason",
    "explanation",
    "currency",
    "currency_hubspot",
    "finding",
    "cause",
    "changed_by",
)
_STAGES = ("stage_netsuite", "stage_hubspot")
_ORDER_AMOUNTS = ("netsuite_minor", "hubspot_minor", "sales_netsuite_minor", "sales_hubspot_minor")
_ORDER_ADDRESSES = ("url_netsuite", "url_hubspot")
_DIFFERENCE_TEXTS = ("field", "netsuite", "hubspot", "cause", "finding", "currency")
_RISK_TEXTS = ("cause", "finding", "currency", "status", "explanation", "next_step")
_RETURN_TEXTS = {
    "order_number": "return_number",
    "order_id_netsuite": "return_id_netsuite",
    "customer_name": "customer_name",
    "rep_name": "rep_name",
    "its_order": "parent_order_number",
    "name": "name",
    "without_order": "without_order",
    "outcome": "outcome",
    "reason": "reason",
    "explanation": "explanation",
    "cause": "cause",
    "currency": "currency",
    "currency_hubspot": "currency_hubspot",
}
_RETURN_AMOUNTS = ("amount_minor", "returned_netsuite_minor", "returned_hubspot_minor", "over_minor")
_GROUP_AMOUNTS = (
    "gross_netsuite_minor",
    "returned_netsuite_minor",
    "net_netsuite_minor",
    "net_hubspot_minor",
)
_COLUMNS = (
    *_ORDER_TEXTS,
    *_STAGES,
    *_ORDER_AMOUNTS,
    *_ORDER_ADDRESSES,
    "order_on",
    "changed_at",
    "exchange_rate",
    "sales_on",
    "tax_netsuite_minor",
    "shipping_netsuite_minor",
    "closed_netsuite_minor",
)


def as_script(document: Mapping[str, Any]) -> str:
    """The document as the text of a script element: no text in it can end the element."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def document(review: Review) -> dict[str, Any]:
    """All rows. A difference, a risk and a step name their orders by their places among the orders.

    The orders are those that do not agree, then the largest of those that the definition leaves out, then those
    that agree but for edits that stay in HubSpot.
    """
    result = review.result
    listed = list(rows(candidates(result), _COLUMNS))
    differing = [row for row in listed if row["cause"] is not None]
    parts = left_out(result, listed)
    places = {row["order_id_netsuite"]: at for at, row in enumerate(differing)}
    shown = list(differing)
    of_steps = [
        row for steps_of in parts.values() for step in steps_of.values() for row, _ in step[:MOST_LEFT_OUT]
    ]
    at_risk = {risk.order_id_netsuite for risk in review.risks}
    of_returns = [row for row in _as_orders(result) if row["order_id_netsuite"] in at_risk]
    edited = set(result.differences["order_id_netsuite"])
    for row in [*of_steps, *of_returns, *(row for row in listed if row["order_id_netsuite"] in edited)]:
        if row["order_id_netsuite"] not in places:
            places[row["order_id_netsuite"]] = len(shown)
            shown.append(row)
    return {
        "exponents": _exponents(review, shown),
        "orders": {**_orders(shown), "listed": len(differing)},
        "differences": _differences(result, places),
        "risks": _risks(review.risks, places),
        "control": _control(result),
        "integrity": _integrity(result),
        **({} if result.net is None else {"net_groups": _net_groups(result), "returns": _returns(result)}),
        "risk_causes": _groups(by_cause(review.risks)),
        "risk_owners": _groups(by_owner(review.risks)),
        "steps": steps(differing, result),
        "left_out": {
            currency: {
                name: {
                    "orders": [places[row["order_id_netsuite"]] for row, _ in step[:MOST_LEFT_OUT]],
                    "amounts": [str(amount) for _, amount in step[:MOST_LEFT_OUT]],
                    "of": len(step),
                }
                for name, step in steps_of.items()
            }
            for currency, steps_of in parts.items()
        },
    }


def _as_orders(result: Reconciliation) -> Iterator[Row]:
    """Returns that differ under the columns of orders, so that a row of money at risk can name one."""
    for row in return_records(result):
        if row["cause"] is not None:
            yield {
                **dict.fromkeys(_COLUMNS),
                **{name: row[name] for name in _COLUMNS if name in row},
                "order_id_netsuite": row["return_id_netsuite"],
                "order_number": row["return_number"],
                "order_on": row["return_on"],
            }


def _net_groups(result: Reconciliation) -> dict[str, Any]:
    found = groups_of(result)
    return {
        "size": len(found),
        "columns": {
            **{
                name: texts([getattr(one, name) for one in found])
                for name in ("by", "view", "name", "currency")
            },
            **{name: counts(getattr(one, name) for one in found) for name in ("orders", "returns")},
            **{name: amounts(getattr(one, name) for one in found) for name in _GROUP_AMOUNTS},
            "difference_minor": amounts(one.net_hubspot_minor - one.net_netsuite_minor for one in found),
        },
    }


def _returns(result: Reconciliation) -> dict[str, Any]:
    """Every return, under the names by which tables show an order."""
    found = sorted(return_records(result), key=lambda row: (row["cause"] is None, not row["over_minor"]))
    return {
        "size": len(found),
        "columns": {
            **{name: texts([row[source] for row in found]) for name, source in _RETURN_TEXTS.items()},
            **{name: amounts(row[name] for row in found) for name in _RETURN_AMOUNTS},
            **{name: addresses([row[name] for row in found]) for name in _ORDER_ADDRESSES},
            "order_on": texts([row["return_on"].isoformat() for row in found]),
            "stage": texts([_words(row["stage"]) for row in found]),
        },
    }


def _differences(result: Reconciliation, places: Mapping[str, int]) -> dict[str, Any]:
    names = (*_DIFFERENCE_TEXTS, "order_id_netsuite", "difference_minor", "policy")
    found = [
        {**row, "cause": LEFT_IN_HUBSPOT} if row["policy"] == "report" else row
        for row in rows(result.differences, names)
    ]
    return {
        "size": len(found),
        "order": [places[row["order_id_netsuite"]] for row in found],
        "columns": {
            **{name: texts([row[name] for row in found]) for name in _DIFFERENCE_TEXTS},
            "difference_minor": amounts(row["difference_minor"] for row in found),
        },
    }


def _orders(shown: Sequence[Row]) -> dict[str, Any]:
    return {
        "size": len(shown),
        "columns": {
            **{name: texts([row[name] for row in shown]) for name in _ORDER_TEXTS},
            **{name: texts([_words(row[name]) for row in shown]) for name in _STAGES},
            **{name: amounts(row[name] for row in shown) for name in _ORDER_AMOUNTS},
            **{name: addresses([row[name] for row in shown]) for name in _ORDER_ADDRESSES},
            "difference_minor": amounts(_apart(row) for row in shown),
            "order_on": texts([row["order_on"].isoformat() for row in shown]),
            "changed_at": texts([_stamp(row["changed_at"]) for row in shown]),
        },
    }


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _words(code: str | None) -> str | None:
    return None if code is None else code.replace("_", " ")


def _apart(row: Row) -> int | None:
    """What the order adds to HubSpot's sales over NetSuite's; None where the currencies are not the same."""
    if row["currency_hubspot"] not in (None, row["currency"]) and row["currency"] is not None:
        return None
    return int(row["sales_hubspot_minor"] or 0) - int(row["sales_netsuite_minor"] or 0)


def _risks(risks: Sequence[RiskRow], places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "size": len(risks),
        "order": [places[risk.order_id_netsuite] for risk in risks],
        "columns": {
            **{name: texts([getattr(risk, name) for risk in risks]) for name in _RISK_TEXTS},
            "rank": counts(range(1, len(risks) + 1)),
            "at_risk_minor": amounts(risk.at_risk_minor for risk in risks),
            "difference_minor": amounts(risk.difference_minor for risk in risks),
            "age_days": counts(risk.age_days for risk in risks),
            "first_seen_on": texts([risk.first_seen_on.isoformat() for risk in risks]),
            "last_seen_on": texts([risk.last_seen_on.isoformat() for risk in risks]),
            "acknowledged": texts([acknowledged(risk) for risk in risks]),
        },
    }


def acknowledged(risk: RiskRow) -> str | None:
    """Who accepted it, why and until when; None where nobody did."""
    if risk.acknowledged_by is None:
        return None
    until = f", until {risk.acknowledged_until}" if risk.acknowledged_until else ""
    why = f": {risk.acknowledged_because}" if risk.acknowledged_because else ""
    return f"{risk.acknowledged_by}{until}{why}"


def _groups(groups: Sequence[RiskGroup]) -> dict[str, Any]:
    return {
        "size": len(groups),
        "columns": {
            "name": texts([group.name for group in groups]),
            "currency": texts([group.currency for group in groups]),
            "orders": counts(group.orders for group in groups),
            "acknowledged": counts(group.acknowledged for group in groups),
            "at_risk_minor": amounts(group.at_risk_minor if group.currency else None for group in groups),
        },
    }


def _control(result: Reconciliation) -> dict[str, Any]:
    control = sorted(result.control, key=lambda total: (total.agrees, total.order_on, total.currency))
    return {
        "size": len(control),
        "columns": {
            "order_on": texts([total.order_on.isoformat() for total in control]),
            "currency": texts([total.currency for total in control]),
            "orders_counted": counts(total.orders_counted for total in control),
            "orders_read": counts(total.orders_read for total in control),
            "total_counted_minor": amounts(total.total_counted_minor for total in control),
            "total_read_minor": amounts(total.total_read_minor for total in control),
            "agrees": texts(["agrees" if total.agrees else "does not agree" for total in control]),
        },
    }


def _integrity(result: Reconciliation) -> dict[str, Any]:
    """Orders that are not whole, those without a named reason first."""
    keys, of_people = (plain(result.orders[name]) for name in ("order_id_netsuite", "order_number"))
    numbers = dict(zip(keys, of_people, strict=True))
    found = sorted(result.integrity, key=lambda one: (one.reason is not None, one.order_on, one.rule))
    return {
        "size": len(found),
        "columns": {
            "order": texts(
                [numbers.get(one.order) or one.order or f"{one.orders:,} orders" for one in found]
            ),
            "order_on": texts([one.order_on.isoformat() for one in found]),
            "system": texts([one.system for one in found]),
            "rule": texts([one.rule for one in found]),
            "words": texts([one.words for one in found]),
            "reason": texts([_words(one.reason) for one in found]),
            "currency": texts([one.currency for one in found]),
            "amount_minor": amounts(one.amount_minor for one in found),
        },
    }


def _exponents(review: Review, shown: Sequence[Row]) -> dict[str, int]:
    """Decimals of every currency in the file; one that nobody knows has none, and its amounts stay minor units."""
    named: Iterable[str | None] = [
        *review.result.currencies,
        *(sums.currency for _, sums in all_net(review.result)),
        *(row[name] for row in shown for name in ("currency", "currency_hubspot")),
        *(risk.currency for risk in review.risks),
        *(total.currency for total in review.result.control),
        *(one.currency for one in review.result.integrity),
    ]
    found = {}
    for currency in sorted({one for one in named if one}):
        try:
            found[currency] = exponent(currency)
        except MoneyError:
            continue
    return found
