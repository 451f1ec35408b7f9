"""`ns-hs-orders rollups`: tells HubSpot's companies what they buy.

Belongs here: arguments and printing. Does not belong here: any figure (rollups).
"""

from __future__ import annotations

import json
from time import monotonic
from typing import TYPE_CHECKING

import click

from ns_hs_orders.cli.printing import progress, results
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.rollups.result import RollupRun
    from ns_hs_orders.rollups.schema import CompanyRollup


SECONDS_BETWEEN_LINES = 2.0


@click.command()
@click.option(
    "--company", "companies", multiple=True, metavar="ID", help="This HubSpot company only; may be repeated."
)
@click.option("--plan", "is_plan", is_flag=True, help="Shows what would be written, and writes nothing.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def rollups(companies: tuple[str, ...], *, is_plan: bool, as_json: bool) -> int:
    """Tells each company in HubSpot what it buys: orders, sales, open orders, returns. Only what changed is written.

    Exit 1 when a company could not be told, or with --plan could not be: HubSpot does not have it.
    """
    from uuid import uuid4

    from ns_hs_orders.progress import sentence
    from ns_hs_orders.wiring.opening import open_session
    from ns_hs_orders.wiring.rollups import plan_only, roll_up

    wrong = [one for one in companies if not (one.isascii() and one.isdigit())]
    if wrong:
        raise click.UsageError(f"{wrong[0]!r} is no id of a HubSpot company: ids are whole numbers.")
    asked = list(dict.fromkeys(companies)) or None
    settings = load_settings()
    with progress(not as_json) as told, open_session(settings) as session:
        last = -SECONDS_BETWEEN_LINES

        def tell(what: str, done: int, total: int, seconds_left: float | None = None) -> None:
            nonlocal last
            if done == total or monotonic() - last >= SECONDS_BETWEEN_LINES:
                last = monotonic()
                told(sentence(what, done, total, seconds_left))

        if is_plan:
            run = plan_only(session, asked, tell)
        else:
            run = roll_up(session, run=f"rollups {uuid4().hex[:8]}", company_ids=asked, progress=tell)
        calls = session.calls()
    if as_json:
        click.echo(json.dumps(_document(run, settings.mode, calls), indent=2, ensure_ascii=False))
    else:
        _print(run, settings.mode)
    return 1 if run.not_told else 0


def _print(run: RollupRun, mode: str) -> None:
    from ns_hs_orders.report.tables import print_table

    shown = (
        [one for one in run.rollups if one.outcome != "unchanged"] if not run.is_plan else list(run.rollups)
    )
    if shown:
        print_table(
            results(),
            f"mode {mode}",
            (
                "company",
                "id",
                "orders",
                "to date",
                "12 months",
                "last",
                "open",
                "worth",
                "returns %",
                "outcome",
                "why",
            ),
            [_row(one) for one in shown],
            right={"orders", "to date", "12 months", "open", "worth", "returns %"},
            whole={"id", "outcome"},
            prose={"why"},
            longest=1000,
        )
    click.echo(run.sentence + (" Nothing was written." if run.is_plan else ""))


def _row(one: CompanyRollup) -> list[str]:
    from ns_hs_orders import money

    figures = one.figures
    if figures is None:
        return [one.company_name, one.company_id, *[""] * 7, one.outcome, one.reason]

    def amount(minor: int | None) -> str:
        return "" if minor is None else money.shown(minor, figures.currency)

    return [
        one.company_name,
        one.company_id,
        f"{figures.orders:,}",
        amount(figures.sales_minor),
        amount(figures.sales_12_months_minor),
        figures.last_order_on.isoformat() if figures.last_order_on else "",
        f"{figures.open_orders:,}",
        amount(figures.open_minor),
        figures.returns_rate,
        one.outcome,
        one.reason or (_note(one)),
    ]


def _note(one: CompanyRollup) -> str:
    from ns_hs_orders.rollups.properties import note_of

    return note_of(one.figures) if one.figures else ""


def _document(run: RollupRun, mode: str, calls: dict[str, int]) -> dict[str, object]:
    return {
        "mode": mode,
        "as_of": run.as_of.isoformat(),
        "planned_only": run.is_plan,
        "outcomes": run.counts,
        "calls": calls,
        "companies": [
            {
                "company_id": one.company_id,
                "company": one.company_name,
                "outcome": one.outcome,
                "why": one.reason or None,
                "properties": one.wanted,
            }
            for one in run.rollups
        ],
    }
