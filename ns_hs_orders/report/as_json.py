"""The reconciliation for machines: one JSON document, amounts in minor units.

Belongs here: the shape of the document. Does not belong here: where it is written.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.sales.net_schema import NetSales, NetSums
from ns_hs_orders.reconcile.schema import CurrencySums, Reconciliation, next_step
from ns_hs_orders.report.net_figures import groups_of, return_misses, return_records


def as_json(result: Reconciliation) -> dict[str, Any]:
    """The document, ready for `json.dumps`; `order` is the number, or the internal id without one."""
    names = (
        "order_id_netsuite",
        "order_number",
        "order_on",
        "finding",
        "field",
        "netsuite",
        "hubspot",
        "currency",
        "difference_minor",
        "cause",
        "policy",
        "changed_by",
        "changed_at",
    )
    told = _told(result)
    return {
        "mode": result.mode,
        "from": result.first.isoformat(),
        "to": result.last.isoformat(),
        "made_at": result.made_at.isoformat(),
        "agrees": result.agrees,
        "red_days": [day.isoformat() for day in result.red_days],
        "outcomes": dict(result.outcomes),
        "definition": {
            **asdict(result.definition),
            "version": result.definition.version,
            "sentence": result.definition.sentence,
        },
        "sales": {code: asdict(sums) for code, sums in result.sales.items()},
        "base": None if result.base is None else asdict(result.base),
        **({} if result.net is None else {"net": _net(result, result.net)}),
        **({"net_missing": result.net_missing} if result.net_missing else {}),
        "currencies": {code: _currency(sums) for code, sums in result.currencies.items()},
        "unknown_amounts": [
            {
                "order": unknown.order_number or unknown.order_id_netsuite,
                "order_id": unknown.order_id_netsuite,
                "day": unknown.order_on.isoformat() if unknown.order_on else None,
                "system": unknown.system,
                "raw_total": unknown.raw_total,
                "raw_currency": unknown.raw_currency,
            }
            for unknown in result.unknown_amounts
        ],
        "control": [
            {**asdict(total), "order_on": total.order_on.isoformat(), "agrees": total.agrees}
            for total in result.control
            if not total.agrees
        ],
        "differences": [
            {
                "order": row["order_number"] or row["order_id_netsuite"],
                "order_id": row["order_id_netsuite"],
                "day": row["order_on"].isoformat(),
                "finding": row["finding"],
                "field": row["field"],
                "netsuite": row["netsuite"],
                "hubspot": row["hubspot"],
                "currency": row["currency"],
                "difference_minor": None if row["difference_minor"] is None else int(row["difference_minor"]),
                "cause": row["cause"],
                "policy": row["policy"],
                "next_step": next_step(row["cause"], row["policy"]),
                "explanation": told.get(row["order_id_netsuite"]),
                "changed_by": row["changed_by"],
                "changed_at": row["changed_at"].isoformat() if row["changed_at"] is not None else None,
            }
            for row in rows(result.differences, names)
        ],
        "integrity": [{**asdict(one), "order_on": one.order_on.isoformat()} for one in result.integrity],
    }


def _net(result: Reconciliation, net: NetSales) -> dict[str, Any]:
    """Gross, returned and net by currency and in base currency, their groups, and every return."""
    return {
        "held_in": net.held_in,
        "sums": {code: _net_sums(sums) for code, sums in net.sums.items()},
        "base": None if net.base is None else _net_sums(net.base),
        "groups": [
            {
                **asdict(one),
                "net_netsuite_minor": one.net_netsuite_minor,
                "net_hubspot_minor": one.net_hubspot_minor,
            }
            for one in groups_of(result)
        ],
        "control": [{**asdict(one), "return_on": one.return_on.isoformat()} for one in return_misses(result)],
        "returns": [
            {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
            for row in return_records(result)
        ],
    }


def _net_sums(sums: NetSums) -> dict[str, Any]:
    return {
        "orders": sums.orders,
        "returns": sums.returns,
        "gross_netsuite_minor": sums.gross.sales_netsuite_minor,
        "returned_netsuite_minor": sums.returned.returned_netsuite_minor,
        "net_netsuite_minor": sums.net_netsuite_minor,
        "gross_hubspot_minor": sums.gross.sales_hubspot_minor,
        "returned_hubspot_minor": sums.returned.returned_hubspot_minor,
        "net_hubspot_minor": sums.net_hubspot_minor,
        "difference_minor": sums.difference_minor,
        "unexplained_minor": sums.unexplained_minor,
        "returned": asdict(sums.returned),
    }


def _told(result: Reconciliation) -> dict[str, str | None]:
    """What happened to each order that differs, in words; by internal id."""
    differing = result.orders[
        result.orders["order_id_netsuite"].isin(result.differences["order_id_netsuite"])
    ]
    names = ("order_id_netsuite", "explanation")
    return {row["order_id_netsuite"]: row["explanation"] for row in rows(differing, names)}


def _currency(sums: CurrencySums) -> dict[str, Any]:
    document = asdict(sums)
    del document["currency"]
    document["bridge"] = [asdict(step) for step in sums.bridge]
    return document
