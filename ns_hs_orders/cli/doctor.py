"""`ns-hs-orders doctor`: is everything there that the sync needs, and what to do where it is not.

Belongs here: printing findings and the survey. Does not belong here: the checks (setup/doctor.py), the
judging of orders (setup/survey.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ns_hs_orders.cli.printing import progress, results
from ns_hs_orders.money import shown
from ns_hs_orders.progress import sentence
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.setup.checks.finding import Finding
    from ns_hs_orders.setup.survey import Survey

MARKS = {True: ("ok", "green"), False: ("FAIL", "bold red"), None: ("note", "yellow")}
MOST_ORDERS_NAMED = 10
LONGEST_FINDING = 2000


@click.command()
@click.option("--survey", is_flag=True, help="Reads the last 1,000 orders and suggests settings.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(*, survey: bool, as_json: bool) -> int:
    """Checks both accounts and tells what to do: one line a check, `ok`, `note` (nothing fails) or `FAIL`.

    Changes nothing in either account. Exit 1 when a check fails.
    """
    from ns_hs_orders.setup.doctor import examine
    from ns_hs_orders.wiring.check_up import look_at_pipelines, mapping_finding, patient, survey_of
    from ns_hs_orders.wiring.opening import open_session

    console = results()
    settings, mapping = load_settings(), None
    if not survey:
        settings, mapping = mapping_finding(settings)
    with open_session(settings) as session:
        if survey:
            with progress(not as_json) as told:
                found = survey_of(session, lambda *progress_of: told(sentence(*progress_of)))
            if as_json:
                click.echo(json.dumps(asdict(found), indent=2))
            else:
                print_survey(console, found)
            return 0
        findings = []
        for finding in examine(patient(session, mapping)):
            findings.append(finding)
            if not as_json:
                print_finding(console, finding)
        look_at_pipelines(session)
        mode = session.mode
    if as_json:
        click.echo(
            json.dumps({"mode": mode, "findings": [asdict(finding) for finding in findings]}, indent=2)
        )
    return 1 if any(finding.ok is False for finding in findings) else 0


def print_finding(console: Console, finding: Finding) -> None:
    """One line; a terminal gets it in columns, with what to do below."""
    mark, style = MARKS[finding.ok]
    if not console.is_terminal:
        to_do = f" → {finding.what_to_do}" if finding.what_to_do else ""
        line = inert(f"{mark:<4}  {finding.name:<24}  {finding.detail}{to_do}", LONGEST_FINDING)
        console.print(line, markup=False, soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=4)
    grid.add_column(width=24)
    grid.add_column(ratio=1)
    text = Text(inert(finding.detail, LONGEST_FINDING))
    if finding.what_to_do:
        text.append(f"\n→ {inert(finding.what_to_do, LONGEST_FINDING)}", style="bold")
    grid.add_row(Text(mark, style=style), finding.name, text)
    console.print(grid)


def print_survey(console: Console, found: Survey) -> None:
    """The survey for the terminal."""
    console.print(f"Mode {found.mode}: the last {found.orders:,} orders, {found.judged:,} judged.\n")
    _print_table(
        console,
        ["tax regime", "closed lines", "add up", "share"],
        (
            (one.tax_regime, one.closed_lines, f"{one.add_up:,}", f"{_percent(one.share)}")
            for one in found.shares
        ),
    )
    if found.do_not_add_up:
        named = inert(", ".join(found.do_not_add_up[:MOST_ORDERS_NAMED]), LONGEST_FINDING)
        more = len(found.do_not_add_up) - MOST_ORDERS_NAMED
        console.print(
            f"\nUnder the best of these, {len(found.do_not_add_up):,} of {found.judged:,} orders do not add up: {named}"
            f"{f' and {more:,} more' if more > 0 else ''}. Unexplained: {_amounts(found.unexplained_minor)}.\n",
            markup=False,
        )
        _print_table(
            console,
            ["item type", "orders with it", "do not add up", "by exactly its lines", "amount"],
            (
                (
                    one.item_type,
                    f"{one.orders:,}",
                    f"{one.do_not_add_up:,}",
                    f"{one.explained:,}",
                    _amounts(one.explained_minor),
                )
                for one in found.rest
            ),
        )
    for note in found.notes:
        console.print(f"\n{inert(note, LONGEST_FINDING)}", markup=False)
    if found.suggestions:
        console.print("\nSuggested settings:")
        for setting in found.suggestions:
            console.print(f"  {setting}", markup=False)


def _print_table(console: Console, heads: list[str], rows: Iterable[tuple[str, ...]]) -> None:
    from ns_hs_orders.report.tables import print_table

    right = [head for head in heads if head not in ("tax regime", "closed lines", "item type", "amount")]
    print_table(console, "", heads, rows, right=right, longest=1000)


def _percent(share: float) -> str:
    """Never 100 % for less than all."""
    return f"{int(share * 1000) / 10:.1f} %"


def _amounts(by_currency: dict[str, int]) -> str:
    return ", ".join(shown(amount, currency) for currency, amount in by_currency.items()) or "–"
