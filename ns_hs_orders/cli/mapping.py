"""`ns-hs-orders mapping`: the field map in force, or the default one as a mapping file.

Belongs here: printing. Does not belong here: what a mapping file may say (mapping_file).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import click

from ns_hs_orders.cli.printing import LONGEST_LINE, results
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import load_settings

LONGEST_CELL = 200


@click.command()
@click.option("--default", "as_default", is_flag=True, help="The default field map as a mapping file (TOML).")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def mapping(*, as_default: bool, as_json: bool) -> int:
    """Prints the field map in force: what each field is taken from, and where it is written to.

    A mapping file (`mapping.toml`) adds fields, renames them and switches them off. Exit 2 where the file is wrong.
    In a pipe or a file it is one line a field, its columns parted by tabs. Asks neither NetSuite nor HubSpot.
    """
    from ns_hs_orders.mapping_file.in_force import field_map_of as map_of_account
    from ns_hs_orders.mapping_file.written import TABLE_HEADS, as_file, rows
    from ns_hs_orders.wiring.stage_options import account_of, field_map_of, unread_mapping_file

    settings = load_settings()
    if as_default:
        account = account_of(settings)
        click.echo(as_file(map_of_account(account), account), nl=False)
        return 0
    found = field_map_of(settings)
    path = settings.mapping_path
    if unread := unread_mapping_file(settings):
        click.echo(f"Note: {inert(unread, LONGEST_LINE)}", err=True)
    tables = {
        "orders": list(rows("orders", found.order_fields, found.header_columns)),
        "lines": list(rows("lines", found.line_fields, found.line_columns)),
        "returns": list(rows("returns", found.return_fields)),
    }
    if as_json:
        told = {name: [dict(zip(TABLE_HEADS, row, strict=True)) for row in of] for name, of in tables.items()}
        click.echo(json.dumps({"mapping_file": str(path) if path else None, **told}, indent=2))
        return 0
    console = results()
    said = f"Mapping file: {path or 'none; this is the default field map'}"
    if not console.is_terminal:
        for line in _lines(said, tables):
            click.echo(line)
        return 0
    from ns_hs_orders.report.tables import print_table

    console.print(said, markup=False, soft_wrap=True)
    for name, of in tables.items():
        if of:
            print_table(console, name.capitalize(), TABLE_HEADS, of, longest=LONGEST_CELL)
    return 0


def _lines(said: str, tables: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[str]:
    """A line a field, `orders.memo` first and its label last, for grep and cut; heads begin with #."""
    from ns_hs_orders.mapping_file.written import TABLE_HEADS

    _, _, *others = TABLE_HEADS
    yield f"# {inert(said, LONGEST_LINE)}"
    yield "\t".join(("# field", *others, "label"))
    for section, rows in tables.items():
        for title, name, *cells in rows:
            yield "\t".join(inert(cell, LONGEST_CELL) for cell in (f"{section}.{name}", *cells, title))
