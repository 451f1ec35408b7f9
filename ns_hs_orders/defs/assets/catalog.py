"""What the UI tells of each asset: description, owner, kinds, group.

Belongs here: the words. Does not belong here: how an asset is computed, or its columns (they come with
each materialization, since their contracts would make the code location slow to import).
"""

from __future__ import annotations

import dagster as dg

OWNERS = ["team:revops"]
TAGS = {"domain": "sales_orders"}
DAY_LANE_POOL = "day_lane"
CODE_VERSION = "1"

_NOTES: dict[str, tuple[str, set[str], str]] = {
    "netsuite_raw_orders": (
        "netsuite",
        {"netsuite", "parquet"},
        (
            "Sales orders of the day as NetSuite said it, one row an order: header, customer, sales rep, "
            "ship-to address and shipments. Amounts are text, card numbers are masked."
        ),
    ),
    "netsuite_raw_lines": (
        "netsuite",
        {"netsuite", "parquet"},
        "All transaction lines of those orders, with NetSuite's own signs.",
    ),
    "orders": (
        "mapping",
        {"pandas", "parquet"},
        (
            "Valid, eligible orders with every field of the field map. Amounts are integer minor units beside "
            "their currency, and add up exactly."
        ),
    ),
    "order_lines": (
        "mapping",
        {"pandas", "parquet"},
        "The lines of those orders, each with exactly one class; goods become HubSpot line items.",
    ),
    "quarantined_orders": (
        "mapping",
        {"pandas", "parquet"},
        "Orders held back since NetSuite's data does not pass validation, each with a reason in words.",
    ),
    "skipped_orders": (
        "mapping",
        {"pandas", "parquet"},
        "Orders outside the sync criteria, by customer: the visibility gap, in dollars.",
    ),
    "hubspot_upsert_results": (
        "hubspot",
        {"hubspot", "parquet"},
        "One outcome an order: created, updated, unchanged, skipped, quarantined, rejected or due.",
    ),
    "reconciliation_report": (
        "reconciliation",
        {"netsuite", "hubspot", "parquet"},
        (
            "Both systems read again and compared to the cent: every difference with its field, both values and "
            "its cause. An empty day is a day without a difference."
        ),
    ),
    "order_changes": (
        "live",
        {"netsuite", "hubspot"},
        (
            "The live lane: orders that changed in NetSuite, read and written within a minute of their save. Holds "
            "no data of its own; its plots show how long changes took. Days are proven by the day lane."
        ),
    ),
    "netsuite_raw_returns": (
        "netsuite",
        {"netsuite", "parquet"},
        (
            "Return authorizations of the day as NetSuite said it, one row a return, with what it was made from and "
            "its refunds. Amounts are text with NetSuite's signs, card numbers are masked."
        ),
    ),
    "netsuite_raw_return_lines": (
        "netsuite",
        {"netsuite", "parquet"},
        "All transaction lines of those returns, with NetSuite's own signs.",
    ),
    "returns": (
        "mapping",
        {"pandas", "parquet"},
        (
            "Valid, eligible returns, each with its order and what counts of it. Amounts are positive integer minor "
            "units beside their currency."
        ),
    ),
    "return_lines": (
        "mapping",
        {"pandas", "parquet"},
        "The lines of those returns; what was sent back becomes HubSpot line items without a price.",
    ),
    "quarantined_returns": (
        "mapping",
        {"pandas", "parquet"},
        "Returns held back since NetSuite's data does not pass validation, each with a reason in words.",
    ),
    "skipped_returns": (
        "mapping",
        {"pandas", "parquet"},
        "Returns outside the sync criteria, by customer.",
    ),
    "hubspot_return_results": (
        "hubspot",
        {"hubspot", "parquet"},
        (
            "One outcome a return in HubSpot's pipeline of returns: created, updated, unchanged, skipped, "
            "quarantined, rejected or due."
        ),
    ),
    "return_reconciliation": (
        "reconciliation",
        {"netsuite", "hubspot", "parquet"},
        "One row a return: both systems read again and compared, with finding and cause.",
    ),
    "company_rollups": (
        "hubspot",
        {"netsuite", "hubspot"},
        (
            "What each company in HubSpot tells of its buying: orders, sales, open orders, returns rate, from "
            "NetSuite's own sums. Holds no data of its own; only what changed is written, and read back."
        ),
    ),
    "proven_days": (
        "reconciliation",
        {"hubspot"},
        (
            "RevOps's audit calendar, without data: a day is materialized when its dollars agree, and shows as "
            "failed when they do not. Materialize a red day again to write and prove it."
        ),
    ),
}


def spec(asset: str) -> dg.AssetSpec:
    """The asset's spec."""
    group, kinds, description = _NOTES[asset]
    return dg.AssetSpec(
        key=asset,
        description=description,
        group_name=group,
        kinds=kinds,
        owners=OWNERS,
        tags=TAGS,
        code_version=CODE_VERSION,
    )


def out(asset: str, freshness: dg.FreshnessPolicy | None = None) -> dg.AssetOut:
    """The same for an asset that several are made with in one step, stored as Parquet by day."""
    described = spec(asset)
    return dg.AssetOut.from_spec(
        described.replace_attributes(freshness_policy=freshness) if freshness else described
    )


def out_without_data(asset: str) -> dg.AssetOut:
    """The same for an asset that holds no data and is materialized only by an event of its own."""
    described = spec(asset)
    return dg.AssetOut(
        description=described.description,
        group_name=described.group_name,
        kinds=described.kinds,
        owners=OWNERS,
        tags=TAGS,
        code_version=CODE_VERSION,
        is_required=False,
        dagster_type=dg.Nothing,
    )
