"""Read-only pages for people: the orders that HubSpot holds, one order whole, and one company.

Belongs here: HTML, self-contained and escaped. Does not belong: anything that changes data.
"""

import re
from html import escape

from ns_hs_orders.sandbox.hubspot.model import links, records
from ns_hs_orders.sandbox.hubspot.model.object_types import OBJECT_TYPES, ORDERS, ObjectType, object_type
from ns_hs_orders.sandbox.hubspot.model.session import Session

SHOWN = 100
_COLUMNS = (
    ("hs_order_name", "Order"), ("hs_external_order_id", "Order ID"), ("stage", "Stage"),
    ("hs_total_price", "Total"), ("hs_currency_code", "Currency"), ("hs_external_created_date", "Created"),
    ("hs_lastmodifieddate", "Last modified"),
)  # fmt: skip
_NAMES = ("name", "email", "dealname", "hs_order_name")
_WITH_PAGE = ("companies", "orders")
_STYLE = """body{font:14px system-ui,sans-serif;margin:2rem;color:#213343}table{border-collapse:collapse}
td,th{border-bottom:1px solid #dfe3eb;padding:.35rem .8rem;text-align:left;vertical-align:top}
th{color:#516f90;font-weight:600}a{color:#0068b1}td.n{text-align:right}"""


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )


def _stage_labels(session: Session) -> dict[str, str]:
    return dict(session.db.execute("SELECT id, label FROM stages WHERE type = 'orders'").fetchall())


def orders_page(session: Session, query: str) -> str:
    """The last hundred orders, or those whose name or order id holds the query."""
    like = "%" + query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = session.db.execute(
        "SELECT id, COUNT(*) OVER () AS total FROM records WHERE type = 'orders' AND archived_at IS NULL"
        " AND merged_into IS NULL AND (ifnull(json_extract(properties, '$.hs_order_name'), '') LIKE ? ESCAPE '\\'"
        " OR ifnull(json_extract(properties, '$.hs_external_order_id'), '') LIKE ? ESCAPE '\\')"
        " ORDER BY id DESC LIMIT ?",
        (like, like, SHOWN),
    ).fetchall()
    found = records.get_many(session, ORDERS, [row[0] for row in rows])
    labels = _stage_labels(session)
    lines = []
    for row in rows:
        values = found[row[0]].values(ORDERS)
        values["stage"] = labels.get(values.get("hs_pipeline_stage", ""), "")
        cells = [f'<td><a href="/orders/{row[0]}">{escape(values.get("hs_order_name", "—"))}</a></td>']
        for name, _ in _COLUMNS[1:]:
            number = ' class="n"' if name == "hs_total_price" else ""
            cells.append(f"<td{number}>{escape(values.get(name, ''))}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    total = rows[0]["total"] if rows else 0
    head = "".join(f"<th>{label}</th>" for _, label in _COLUMNS)
    return _page(
        "Orders in the HubSpot sandbox",
        f'<form><input name="q" value="{escape(query)}" placeholder="Order name or id"> <button>Search</button></form>'
        f"<p>{total} orders{', the last ' + str(SHOWN) + ' shown' if total > SHOWN else ''}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>",
    )


def order_page(session: Session, order_id: str) -> str | None:
    """One order with its properties, line items and other associations; None if it isn't there."""
    if not (order_id.isascii() and order_id.isdigit() and len(order_id) < 19):
        return None
    record = records.get_many(session, ORDERS, [int(order_id)], archived=None).get(int(order_id))
    if record is None:
        return None
    values = record.values(ORDERS)
    archived = "<p><strong>Archived</strong></p>" if record.archived_at is not None else ""
    title = values.get("hs_order_name", order_id)
    return _page(
        f"Order {title}",
        f'<p><a href="/">All orders</a></p>{archived}{_line_items(session, record.id)}{_others(session, record.id)}'
        f"<h2>Properties</h2>{_properties(session, ORDERS, values)}",
    )


def company_page(session: Session, company_id: str) -> str | None:
    """One company with its properties and its orders; None if it isn't there."""
    kind = object_type("companies")
    if not (company_id.isascii() and company_id.isdigit() and len(company_id) < 19):
        return None
    record = records.get_many(session, kind, [int(company_id)], archived=None).get(int(company_id))
    if record is None:
        return None
    values = record.values(kind)
    found = records.get_many(
        session, ORDERS, links.associated(session, kind.plural, record.id, ORDERS.plural)
    )
    orders = "".join(
        f'<tr><td><a href="/orders/{one}">{escape(found[one].properties.get("hs_order_name", "—"))}</a></td></tr>'
        for one in sorted(found, reverse=True)[:SHOWN]
    )
    return _page(
        f"Company {values.get('name', company_id)}",
        f'<p><a href="/">All orders</a></p><h2>Properties</h2>{_properties(session, kind, values)}'
        f"<h2>Orders ({len(found)})</h2><table>{orders}</table>",
    )


def _properties(session: Session, kind: ObjectType, values: dict[str, str]) -> str:
    stage = _stage_labels(session).get(values.get("hs_pipeline_stage", "")) if kind is ORDERS else None
    known = session.schema.properties(kind.plural)
    rows = "".join(
        f"<tr><th>{escape(known[name].label)}</th><td>{escape(name)}</td>"
        f"<td>{_value(value)}{' (' + escape(stage) + ')' if stage and name == 'hs_pipeline_stage' else ''}</td></tr>"
        for name, value in sorted(values.items())
        if name in known
    )
    return f"<table>{rows}</table>"


def _value(value: str) -> str:
    """Escaped; a web address is a link, as in HubSpot."""
    shown = escape(value)
    is_address = re.fullmatch(r"https?://[^\s<>\"']+", value) is not None
    return f'<a href="{shown}" rel="noopener noreferrer">{shown}</a>' if is_address else shown


def _line_items(session: Session, order_id: int) -> str:
    kind = object_type("line_items")
    ids = links.associated(session, ORDERS.plural, order_id, kind.plural)
    found = records.get_many(session, kind, ids)
    names = ("name", "hs_sku", "quantity", "price", "amount", "hs_line_item_currency_code", "hs_product_id")
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(found[one].properties.get(name, ''))}</td>" for name in names)
        + "</tr>"
        for one in sorted(found)
    )
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<h2>Line items ({len(found)})</h2><table><tr>{head}</tr>{rows}</table>"


def _others(session: Session, order_id: int) -> str:
    rows = []
    for kind in OBJECT_TYPES:
        if kind.plural in {"line_items", "products"}:
            continue
        associated = links.associated(session, ORDERS.plural, order_id, kind.plural)
        found = records.get_many(session, kind, associated)
        for one, types in associated.items():
            values = found[one].properties if one in found else {}
            name = next((values[name] for name in _NAMES if values.get(name)), "")
            labels = ", ".join(type_.label for type_ in types if type_.label)
            rows.append(
                f"<tr><th>{escape(kind.singular)}</th><td>{_linked(kind, one)}</td><td>{escape(name)}</td>"
                f"<td>{escape(labels)}</td></tr>"
            )
    return f"<h2>Associations</h2><table>{''.join(rows)}</table>"


def _linked(kind: ObjectType, record_id: int) -> str:
    has_page = kind.plural in _WITH_PAGE
    return f'<a href="/{kind.plural}/{record_id}">{record_id}</a>' if has_page else str(record_id)
