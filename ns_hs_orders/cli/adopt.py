"""`ns-hs-orders adopt`: orders of HubSpot that something else wrote, shown with their dollars and adopted by key.

Belongs here: arguments, the question, and printing. Does not belong here: the rules (adopt).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click
from rich.console import Console

from ns_hs_orders.cli.printing import LONGEST_LINE, progress, results
from ns_hs_orders.money import shown
from ns_hs_orders.progress import sentence
from ns_hs_orders.report.inert import inert
from ns_hs_orders.settings import load_settings

if TYPE_CHECKING:
    from ns_hs_orders.adopt.act import Done
    from ns_hs_orders.adopt.schema import AdoptionPlan, PlanRow

ACTIONS = {"adopt": "adopt", "archive": "merge by archive", "leave": "leave"}
_COLUMNS = ("record", "source", "stands for", "by", "amount", "what will happen", "why")


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Shows what would happen, and changes nothing.")
@click.option("--yes", is_flag=True, help="Does it without asking.")
@click.option(
    "--archive-up-to", type=click.IntRange(min=0), help="Allows so many records to be archived at once."
)
@click.option(
    "--keep-lines", is_flag=True, help="Line items that match no line of NetSuite stay on adopted records."
)
@click.option(
    "--leave-activities", is_flag=True, help="Archives also where notes, tasks and the like cannot be read."
)
@click.option("--by", default="", help="Who decides it; told in the orders' stories.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def adopt(
    *,
    plan_only: bool,
    yes: bool,
    archive_up_to: int | None,
    keep_lines: bool,
    leave_activities: bool,
    by: str,
    as_json: bool,
) -> int:
    """Finds orders in HubSpot that something else wrote (no key of ours), and the orders and returns of NetSuite that
    they stand for.

    A record whose order or return the sync has not written gets the sync's key, so that the next sync updates it in place
    of making another. A record beside ours is archived, once what hangs on it and not on ours is moved. Whatever is not
    certain is listed and left. Asks before it does anything; `n` changes nothing.

    Exit 1 while a record that names an order or return of the sync is neither adopted nor archived, after `n` too.
    """
    from ns_hs_orders.wiring import adoption
    from ns_hs_orders.wiring.opening import open_session

    console = results()
    settings = load_settings()
    if plan_only and yes:
        raise click.UsageError("Say either --plan or --yes.")
    if as_json and not (plan_only or yes):
        raise click.UsageError("With --json, say --plan or --yes.")
    done: list[Done] = []
    with open_session(settings) as session:
        if not plan_only:
            adoption.finish(session)
        with progress(not as_json) as told:
            plan = adoption.plan(
                session,
                archive_up_to=archive_up_to,
                keep_unmatched=keep_lines,
                leave_activities=leave_activities,
                progress=lambda *of: told(sentence(*of)),
            )
        if not as_json:
            print_plan(console, plan, session.mode)
        to_do = [*plan.of("adopt"), *plan.of("archive")]
        if to_do and not plan_only and (yes or _agreed(plan)):
            with progress(not as_json) as told:
                done = adoption.carry_out(
                    session, plan, by=by.strip(), progress=lambda *of: told(sentence(*of))
                )
    if as_json:
        document = {"mode": settings.mode, "plan_only": plan_only, **plan.as_json()}
        document["done"] = [
            {"record_id": one.row.record.record_id, "outcome": one.outcome, "why": one.why} for one in done
        ]
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif plan_only:
        click.echo("Nothing was changed.")
    else:
        print_done(done)
    return 1 if _needs_a_person(plan, done) else 0


def print_plan(console: Console, plan: AdoptionPlan, mode: str) -> None:
    """The plan for people: one row a record, then the dollars."""
    from ns_hs_orders.adopt.schema import dollars
    from ns_hs_orders.report.tables import print_table

    count = len(plan.rows)
    who = "1 order in HubSpot carries" if count == 1 else f"{count:,} orders in HubSpot carry"
    console.print(f"Mode {mode}: {who} no key of the sync.", markup=False)
    if plan.rows:
        print_table(
            console,
            "",
            _COLUMNS,
            (_cells(row) for row in plan.rows),
            right=("amount",),
            whole=("record",),
            prose=("why",),
        )
    for label, rows in (
        ("Stand twice in HubSpot now", plan.doubled),
        ("Would be made once more by the next sync", plan.would_be_doubled),
        ("Stand for orders that the sync holds back", plan.of_held_back),
        ("Stand for returns, in no other sum here", plan.returns),
        ("Of no order or return of NetSuite, or of nobody knows which", plan.unmatched),
    ):
        if rows:
            unread = sum(row.record.amount_minor is None for row in rows)
            more = f", {unread:,} of them without a readable amount" if unread else ""
            sums = _amounts(dollars(rows)) or "no amount"
            console.print(f"{label}: {sums} ({_records(len(rows))}{more})", markup=False, soft_wrap=True)
    for warning in plan.warnings:
        console.print(inert(warning, LONGEST_LINE), markup=False, soft_wrap=True)


def print_done(done: Iterable[Done]) -> None:
    """What was done, and each record that it was not done with."""
    found = list(done)
    for outcome, words in (("adopted", "adopted"), ("archived", "archived, ours kept")):
        if count := sum(one.outcome == outcome for one in found):
            click.echo(f"{_records(count)} {words}.")
    for one in found:
        if one.why:
            click.echo(inert(f"Record {one.row.record.record_id}: {one.why}", LONGEST_LINE))
    if not found:
        click.echo("Nothing was changed.")
    elif any(one.outcome == "adopted" for one in found):
        click.echo("The next sync writes NetSuite's values to the adopted records.")


def _cells(row: PlanRow) -> tuple[str, ...]:
    record = row.record
    number = row.order_number or ""
    order = f"{number} ({row.order_id})".strip() if row.order_id else ", ".join(row.orders)
    if row.order_id and row.stands_for == "return":
        order = f"return {order}"
    return (
        record.record_id,
        record.source,
        order,
        row.by or "",
        record.shown_amount,
        ACTIONS[row.action],
        _why(row),
    )


def _why(row: PlanRow) -> str:
    """Why a record is left, or what else becomes of it."""
    if row.action == "leave":
        return row.why
    if row.action == "archive":
        moved = ", ".join(f"{count} {name}" for name, count in row.counted_moves().items()) or "nothing"
        return f"Ours is {row.our_record_id}, which is kept; moved to it first: {moved}."
    words = {
        "key": "become NetSuite's",
        "take out": "taken out when the order is written",
        "detach": "taken off, since another record has them too",
        "leave": "stay without a key",
    }
    lines = [f"{count} {words[name]}" for name, count in row.counted_lines().items()]
    return f"Gets the key of the {row.stands_for}. Line items: {', '.join(lines) or 'none'}."


def _agreed(plan: AdoptionPlan) -> bool:
    """Whether a person says yes. Raises a usage error where nobody is there to answer."""
    question = (
        f"Adopt {_records(len(plan.of('adopt')))} and archive {_records(len(plan.of('archive')))} in HubSpot?"
    )
    try:
        return click.confirm(question, err=True)
    except click.Abort as stop:
        if not isinstance(stop.__context__, EOFError):
            raise
        raise click.UsageError(
            "Nobody answered, so nothing was changed. Say --yes to do it without asking, or --plan to look."
        ) from None


def _needs_a_person(plan: AdoptionPlan, done: Iterable[Done]) -> bool:
    """Whether a record that names an order or return of the sync is left beside it."""
    settled = {one.row.record.record_id for one in done if one.outcome in ("adopted", "archived")}
    left = (row for row in plan.rows if row.record.record_id not in settled)
    return any(row.orders and (row.is_synced or row.our_record_id is not None) for row in left)


def _amounts(sums: Mapping[str, int]) -> str:
    return ", ".join(shown(minor, currency) for currency, minor in sums.items())


def _records(count: int) -> str:
    return f"{count:,} record" if count == 1 else f"{count:,} records"
