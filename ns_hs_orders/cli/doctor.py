"""`ns-hs-orders doctor`: is everything there that the sync needs, and what to do where it is not.

Belongs here: printing findings. Does not belong here: the checks (setup/doctor.py, setup/survey.py).
"""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.table import Table
from rich.text import Text

from ns_hs_orders.cli.printing import progress, results
from ns_hs_orders.settings import load_settings

MARKS = {True: ("ok", "green"), False: ("FAIL", "bold red"), None: ("note", "yellow")}


@click.command()
@click.option("--survey", is_flag=True, help="Reads the last 1,000 orders and suggests settings.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(*, survey: bool, as_json: bool) -> int:
    """Checks both accounts and tells what to do: one line a check. Exit 1 when a check fails."""
    from ns_hs_orders.setup.doctor import examine
    from ns_hs_orders.wiring import open_session

    console = results()
    with open_session(load_settings()) as session:
        if survey:
            with progress(not as_json) as told:
                found = session.survey(lambda what, done, total: told(f"{what}: {done:,} of {total:,}"))
            if as_json:
                click.echo(json.dumps(asdict(found), indent=2, default=str))
            else:
                console.print(found.text(), markup=False)
            return 0
        findings = []
        for finding in examine(session.patient()):
            findings.append(finding)
            if not as_json:
                mark, style = MARKS[finding.ok]
                grid = Table.grid(padding=(0, 2))
                grid.add_column(width=4)
                grid.add_column(width=24)
                grid.add_column(ratio=1)
                told_text = Text(finding.detail)
                if finding.what_to_do:
                    told_text.append(f"\n→ {finding.what_to_do}", style="bold")
                grid.add_row(Text(mark, style=style), finding.name, told_text)
                console.print(grid)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    return 1 if any(finding.ok is False for finding in findings) else 0
