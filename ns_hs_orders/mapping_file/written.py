"""A field map written out: as a mapping file, and as the rows of a table.

Belongs here: the text of both. Does not belong here: printing it (cli), or what a file may say (vocabulary.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ns_hs_orders.fields.field import Field, SourceColumn
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS, PRODUCT_FIELD, RETURN_FIELDS
from ns_hs_orders.fields.returns import RECORD_FIELDS
from ns_hs_orders.mapping_file.changes import NEVER_OFF, Account
from ns_hs_orders.mapping_file.sources import default_transform, direct_column, written_path

TABLE_HEADS = ("field", "name", "from NetSuite", "type", "HubSpot property", "made by", "edits in HubSpot")

_HEAD = """\
# The field map in force without a mapping file. Used as the file, it changes nothing.
# Keep what you change, and take out the rest: what a file does not name stays as it is.
"""


def as_file(field_map: FieldMap, account: Account) -> str:
    """The default fields as TOML, those that the settings switch off among them."""
    parts = [_HEAD]
    returns = RETURN_FIELDS if account.has_returns else ()
    products = (PRODUCT_FIELD,) if account.has_products else ()
    for section, fields, in_force in (
        ("orders", ORDER_FIELDS + returns, field_map.order_fields),
        ("lines", (*LINE_FIELDS, *products), field_map.line_fields),
        ("returns", RECORD_FIELDS if account.has_return_records else (), field_map.return_fields),
    ):
        by_name = {field.mapping_name: field for field in in_force}
        for field in fields:
            lines = _field(section, by_name.get(field.mapping_name, field), account)
            if field.mapping_name not in by_name:
                lines.append("off = true")
            parts.append("\n".join([f"[{section}.{field.mapping_name}]", *lines]) + "\n")
    return "\n".join(parts)


def rows(
    section: str, fields: Iterable[Field], columns: Iterable[SourceColumn] = ()
) -> Iterator[tuple[str, ...]]:
    """One row a field, as TABLE_HEADS names its cells. columns: raw columns in force, where they are known."""
    known = {column.name: column for column in columns}
    for field in fields:
        column = direct_column(section, field) and known.get(field.name)
        yield (
            field.label,
            field.mapping_name,
            (written_path(section, column, {}) if column else field.source) + _transform(field),
            field.kind,
            field.hubspot_property,
            "ours, unique" if field.unique else "ours" if field.own else "HubSpot's",
            field.when_edited,
        )


def _transform(field: Field) -> str:
    """What is done with the value of an added field, where that is not told by its type."""
    if field.reading is None:
        return ""
    steps = [step for step in field.reading.steps if step not in ("text", field.kind)]
    return (
        f" ({', '.join([*steps, *(['table of values'] if field.reading.table else [])])})"
        if (steps or field.reading.table)
        else ""
    )


def _field(section: str, field: Field, account: Account) -> list[str]:
    lines = []
    column = direct_column(section, field)
    path = written_path(section, column, account.columns) if column else ""
    if column and path:
        lines.append(f"netsuite = {_text(path)}")
        if (transform := default_transform(column, field)) != "text":
            lines.append(f"transform = {_text(transform)}")
    else:
        lines.append(f"# from NetSuite: {field.source}")
    lines += [
        f"hubspot = {_text(field.hubspot_property)}",
        f"type = {_text(field.kind)}",
        f"label = {_text(field.label)}",
    ]
    if field.group:
        lines.append(f"group = {_text(field.group)}")
    if field.description:
        lines.append(f"description = {_text(field.description)}")
    lines.append(f"heal = {_text(field.when_edited)}")
    if field.hubspot_property in NEVER_OFF[section]:
        lines.append("# needed: it cannot be switched off or renamed")
    return lines


def _text(value: str) -> str:
    """A TOML text; what JSON writes of one is TOML too."""
    return json.dumps(value, ensure_ascii=False)
