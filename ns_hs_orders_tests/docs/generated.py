"""The parts of the docs that are made from the code: settings, field map, checks, commands.

`python -m ns_hs_orders_tests.docs.generated` writes them anew; the tests beside hold them true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ns_hs_orders.defs.checks import DESCRIPTIONS
from ns_hs_orders.fields.field import Field
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS, PRODUCT_FIELD, RETURN_FIELDS
from ns_hs_orders.fields.returns import RECORD_FIELDS, RECORD_LINE_FIELDS, return_field_map
from ns_hs_orders.fields.trust import TRUST_FIELDS
from ns_hs_orders.mapping.returns.schema import RETURN_QUARANTINE_REASONS, RETURN_WARNINGS
from ns_hs_orders.mapping.rules import BY_BILLING, DEFAULT_STAGES
from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, SKIP_REASONS, WARNINGS
from ns_hs_orders.mapping_file.vocabulary import JOINS, KEYS, LAST_STEPS, TEXT_STEPS, TYPES
from ns_hs_orders.mapping_file.written import TABLE_HEADS, rows
from ns_hs_orders.push.schema import LINK_WARNINGS
from ns_hs_orders.reconcile.sales.net_schema import RETURN_CAUSES, RETURN_NEXT_STEPS, ComparedReturns
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, ComparedOrders, Differences
from ns_hs_orders.report.spreadsheets.sheets import (
    AT_RISK_COLUMNS,
    BRIDGE_COLUMNS,
    DIFFERENCE_COLUMNS,
    NET_SALES_COLUMNS,
    ORDER_COLUMNS,
    RETURN_COLUMNS,
    BridgeRow,
    Column,
)
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS
from ns_hs_orders.settings import PREFIX, Settings
from ns_hs_orders.setup.groups import GROUP_LABELS
from ns_hs_orders.setup.requirements import STAGE_LABELS, wanted_properties
from ns_hs_orders.setup.segments import wanted_segments
from ns_hs_orders.wiring.stage_options import field_map_of

ROOT = Path(__file__).parents[2]

NETSUITE_STATUSES = {
    "A": "Pending Approval",
    "B": "Pending Fulfillment",
    "C": "Cancelled",
    "D": "Partially Fulfilled",
    "E": "Pending Billing/Partially Fulfilled",
    "F": "Pending Billing",
    "G": "Billed",
    "H": "Closed",
}
STAGE_MEANINGS = {
    "pending_approval": "Entered, and not approved yet. Nothing is shipped.",
    "pending_fulfillment": "Approved. Some or all goods are still to be shipped: see *Fulfillment*.",
    "fulfilled": "All goods are shipped, and the invoice is still to come.",
    "billed": "Invoiced.",
    "cancelled": "Cancelled, or closed without anything billed. By default it counts in no sales dollars.",
}
SEGMENT_MEANINGS = {
    "NetSuite orders: open": "stage is Pending Approval, Pending Fulfillment or Fulfilled",
    "NetSuite orders: dollars differ": "*Dollars verified* is differs: do not rely on these dollars",
    "NetSuite orders: newer version held back": "*Dollars verified* is held: NetSuite has another version",
    "NetSuite orders: with returns": "*NetSuite Returned Amount* is above zero; only where returns are carried",
    "Orders of other integrations": "the sync's key is empty: [something else wrote them](beside-another-integration.md)",
}
REP_FIELDS = {
    "hs_order_name": "The order's number in NetSuite.",
    "hs_external_order_url": "Opens the order in NetSuite.",
    "hs_external_order_status": "NetSuite's own status, finer than the stage.",
    "hs_total_price": "The total of the order, with tax and shipping, after discounts.",
    "hs_subtotal_price": "The goods, before discounts.",
    "hs_order_discount": "All discounts of the order, as a positive amount.",
    "hs_shipping_cost": "Shipping and handling.",
    "hs_tax": "Tax.",
    "netsuite_payment_applied": "Payments and gift certificates on the order itself.",
    "netsuite_closed_amount": "What was closed and will not be billed. It is still in the total.",
    "netsuite_returned_amount": "What was returned of the order, with tax.",
    "netsuite_refund_amount": "What was refunded for these returns.",
    "netsuite_net_total": "The total less what was returned.",
    "netsuite_return_status": "How far the returns of the order are.",
    "hs_currency_code": "The currency of all these amounts.",
    "hs_fulfillment_status": "How many units are shipped.",
    "hs_shipping_tracking_number": "The carrier's numbers, one for each shipment.",
    "hs_shipping_status_url": "Opens the carrier's page.",
    "netsuite_order_date": "The date of the order in NetSuite. HubSpot's *Create date* is when the copy was made.",
    "netsuite_sales_effective_date": "The date on which the sale counts, where it is not the order date.",
    "netsuite_po_number": "The customer's purchase order number.",
    "netsuite_hubspot_deal_url": "The deal that the order came from, where NetSuite knows it.",
    "netsuite_partner": "The partner who gets credit for the order.",
    "hubspot_owner_id": "The sales rep of the order in NetSuite, where that person is a user of HubSpot.",
}
"""Property of an order → what a sales rep wants to know of it."""


def settings_table() -> str:
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(
            f"| `{PREFIX}{name.upper()}` | {_default(field.get_default(call_default_factory=True))} | {field.description} |"
        )
    return "\n".join(rows)


def _default(value: object) -> str:
    if hasattr(value, "get_secret_value"):
        return "–"
    if isinstance(value, frozenset) and value:
        return f"`{','.join(sorted(value))}`"
    if isinstance(value, frozenset | dict) or value in ("", None, ()):
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def env_example() -> str:
    lines = ["# Copy to .env and set what you need. The README's table tells what each one means.", ""]
    for name, field in Settings.model_fields.items():
        default = _default(field.get_default(call_default_factory=True)).strip("`–")
        lines.append(f"# {PREFIX}{name.upper()}={default}")
    return "\n".join(lines) + "\n"


def field_table(section: str, fields: tuple[Field, ...]) -> str:
    """The field map as `ns-hs-orders mapping` prints it."""
    table = [f"| {' | '.join(TABLE_HEADS)} |", "|" + "---|" * len(TABLE_HEADS)]
    for label, name, source, kind, written_to, made_by, edits in rows(section, fields):
        table.append(f"| {label} | `{name}` | {source} | {kind} | `{written_to}` | {made_by} | {edits} |")
    return "\n".join(table)


def words_table(head: str, words: Mapping[str, str]) -> str:
    return "\n".join([f"| {head} | meaning |", "|---|---|", *(f"| `{k}` | {v} |" for k, v in words.items())])


def joins_table() -> str:
    table = ["| in | join | table |", "|---|---|---|"]
    for section in ("orders", "lines"):
        for name, (alias, joins) in JOINS[section].items():
            (of,) = re.findall(rf"JOIN (\w+) {alias} ", joins[-1])
            table.append(f"| {'orders, returns' if section == 'orders' else section} | `{name}` | {of} |")
    return "\n".join(table)


def trust_table() -> str:
    rows = ["| property | internal name | what it tells |", "|---|---|---|"]
    rows += [f"| {f.label} | `{f.hubspot_property}` | {f.description} |" for f in TRUST_FIELDS]
    return "\n".join(rows)


def company_table() -> str:
    rows = ["| property | internal name | from NetSuite | what it tells |", "|---|---|---|---|"]
    rows += [f"| {f.label} | `{f.hubspot_property}` | {f.source} | {f.description} |" for f in ROLLUP_FIELDS]
    return "\n".join(rows)


def groups_table() -> str:
    field_map = field_map_of(Settings(_env_file=None, company_rollups="on"))
    found: dict[tuple[str, str], list[str]] = {}
    for object_type, wanted in wanted_properties(field_map, return_field_map(field_map)).items():
        for one in wanted:
            found.setdefault((object_type, one.group), []).append(one.label)
    rows = ["| group | of | properties |", "|---|---|---|"]
    for (object_type, group), labels in found.items():
        rows.append(f"| {GROUP_LABELS[group]} | {object_type.replace('_', ' ')} | {' · '.join(labels)} |")
    return "\n".join(rows)


def hubspots_own_table() -> str:
    own = [f for f in ORDER_FIELDS if f.hubspot_property in REP_FIELDS and not f.own]
    rows = ["| here | HubSpot's internal name |", "|---|---|"]
    return "\n".join([*rows, *(f"| {f.label} | `{f.hubspot_property}` |" for f in own)])


def segments_table() -> str:
    rows = ["| segment | which orders |", "|---|---|"]
    wanted = wanted_segments(field_map_of(Settings(_env_file=None)), tuple)
    return "\n".join([*rows, *(f"| {one.name} | {SEGMENT_MEANINGS[one.name]} |" for one in wanted)])


def reasons_table(reasons: dict[str, str]) -> str:
    return "\n".join(["| code | meaning |", "|---|---|", *(f"| `{k}` | {v} |" for k, v in reasons.items())])


def stages_table() -> str:
    rows = ["| stage | meaning | status in NetSuite |", "|---|---|---|"]
    for key, (label, _) in STAGE_LABELS.items():
        statuses = [
            NETSUITE_STATUSES[letter]
            for letter, stage in DEFAULT_STAGES.items()
            if stage == key or (stage == BY_BILLING and key in ("billed", "cancelled"))
        ]
        rows.append(f"| {label} | {STAGE_MEANINGS[key]} | {', '.join(statuses)} |")
    return "\n".join(rows)


def rep_fields_table() -> str:
    labels = {field.hubspot_property: field.label for field in ORDER_FIELDS + RETURN_FIELDS}
    labels |= {"hubspot_owner_id": "Owner"}
    rows = ["| field | what it is |", "|---|---|"]
    rows += [f"| {labels[name]} | {text} |" for name, text in REP_FIELDS.items()]
    return "\n".join(rows)


def rep_trust_table() -> str:
    rows = ["| field | what it says |", "|---|---|"]
    rows += [f"| {f.label} | {f.description.removesuffix(' Written by the sync.')} |" for f in TRUST_FIELDS]
    return "\n".join(rows)


def rep_buying_table() -> str:
    rows = ["| field | what it says |", "|---|---|"]
    rows += [f"| {f.label} | {f.description} |" for f in ROLLUP_FIELDS]
    return "\n".join(rows)


def file_columns_table() -> str:
    tables: dict[str, tuple[Iterable[Column], Iterable[str]]] = {
        "bridge": (BRIDGE_COLUMNS, BridgeRow._fields),
        "net_sales": (NET_SALES_COLUMNS, [column.source for column in NET_SALES_COLUMNS]),
        "returns": (RETURN_COLUMNS, ComparedReturns.to_schema().columns),
        "at_risk": (AT_RISK_COLUMNS, [column.source for column in AT_RISK_COLUMNS]),
        "differences": (DIFFERENCE_COLUMNS, Differences.to_schema().columns),
        "orders": (ORDER_COLUMNS, ComparedOrders.to_schema().columns),
    }
    rows = ["| file | columns |", "|---|---|"]
    for name, (columns, of_parquet) in tables.items():
        rows.append(f"| `{name}.csv` | {', '.join(f'`{column.name}`' for column in columns)} |")
        rows.append(f"| `{name}.parquet` | {', '.join(f'`{column}`' for column in of_parquet)} |")
    return "\n".join(rows)


def causes_table() -> str:
    rows = ["| cause | meaning | what to do |", "|---|---|---|"]
    rows += [f"| {cause} | {text} | {NEXT_STEPS[cause]} |" for cause, text in CAUSES.items()]
    return "\n".join(rows)


def return_causes_table() -> str:
    rows = ["| name | meaning | what to do |", "|---|---|---|"]
    rows += [f"| {name} | {text} | {RETURN_NEXT_STEPS[name]} |" for name, text in RETURN_CAUSES.items()]
    return "\n".join(rows)


def checks_table() -> str:
    rows = ["| check | asset | true when |", "|---|---|---|"]
    rows += [f"| `{name}` | `{asset}` | {text} |" for name, (asset, text) in DESCRIPTIONS.items()]
    return "\n".join(rows)


SECTIONS: dict[tuple[str, str], Callable[[], str]] = {
    ("README.md", "settings"): settings_table,
    ("docs/for-revops.md", "checks"): checks_table,
    ("docs/for-revops.md", "quarantine reasons"): lambda: reasons_table(QUARANTINE_REASONS),
    ("docs/for-revops.md", "skip reasons"): lambda: reasons_table(SKIP_REASONS),
    ("docs/for-revops.md", "warnings"): lambda: reasons_table(WARNINGS),
    ("docs/for-revops.md", "return quarantine reasons"): lambda: reasons_table(RETURN_QUARANTINE_REASONS),
    ("docs/for-revops.md", "return warnings"): lambda: reasons_table(RETURN_WARNINGS),
    ("docs/for-revops.md", "link warnings"): lambda: reasons_table(LINK_WARNINGS),
    ("docs/for-revops.md", "causes"): causes_table,
    ("docs/for-revops.md", "return causes"): return_causes_table,
    ("docs/for-sales-reps.md", "stages"): stages_table,
    ("docs/for-sales-reps.md", "rep fields"): rep_fields_table,
    ("docs/for-sales-reps.md", "rep trust fields"): rep_trust_table,
    ("docs/for-sales-reps.md", "rep buying fields"): rep_buying_table,
    ("docs/where-orders-are-seen.md", "groups"): groups_table,
    ("docs/where-orders-are-seen.md", "segments"): segments_table,
    ("docs/where-orders-are-seen.md", "HubSpot's own"): hubspots_own_table,
    ("docs/field-map.md", "company fields"): company_table,
    ("docs/commands.md", "file columns"): file_columns_table,
    ("docs/field-map.md", "order fields"): lambda: field_table("orders", (*ORDER_FIELDS, *RETURN_FIELDS)),
    ("docs/field-map.md", "return fields"): lambda: field_table("returns", RECORD_FIELDS),
    ("docs/field-map.md", "return line fields"): lambda: field_table("returns", RECORD_LINE_FIELDS),
    ("docs/field-map.md", "trust fields"): trust_table,
    ("docs/field-map.md", "line fields"): lambda: field_table("lines", (*LINE_FIELDS, PRODUCT_FIELD)),
    ("docs/mapping-file.md", "mapping keys"): lambda: words_table("key", KEYS),
    ("docs/mapping-file.md", "mapping types"): lambda: words_table(
        "type", {str(name): meaning for name, meaning in TYPES.items()}
    ),
    ("docs/mapping-file.md", "mapping text transforms"): lambda: words_table("transform", TEXT_STEPS),
    ("docs/mapping-file.md", "mapping last transforms"): lambda: words_table(
        "transform", {name: meaning for name, (_, meaning) in LAST_STEPS.items()}
    ),
    ("docs/mapping-file.md", "mapping joins"): joins_table,
}


def section(file: str, name: str) -> re.Match[str]:
    """What stands between the two markers of a section."""
    text = (ROOT / file).read_text()
    found = re.search(rf"(<!-- {name} -->\n)(.*?)\n?(<!-- /{name} -->)", text, re.DOTALL)
    assert found, f"{file} has no section {name!r}"
    return found


def write() -> None:
    for (file, name), make in SECTIONS.items():
        path = ROOT / file
        found = section(file, name)
        path.write_text(path.read_text().replace(found[0], found[1] + make() + "\n" + found[3]))
    (ROOT / ".env.example").write_text(env_example())


if __name__ == "__main__":
    write()
    print(json.dumps([f"{file}: {name}" for file, name in SECTIONS], indent=2))  # noqa: T201
