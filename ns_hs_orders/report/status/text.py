"""The status and the due orders in a terminal.

Belongs here: layout, and making text of orders inert. Does not belong here: what is told (status).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from rich.console import Console
from rich.text import Text

from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.ports import BudgetSeen, DueKind, DueLine
from ns_hs_orders.report.status.condition import LaneStatus, Status, span
from ns_hs_orders.report.status.needs import amount_text, amounts_text
from ns_hs_orders.report.tables import print_table

MOST_DUE = 100
NOTHING_RAN = "Nothing ran yet in this home."
_LONGEST = 600
_LONGEST_CELL = 60
_RIGHT = frozenset({"amount", "age", "tries", "first failure"})
_WHOLE = frozenset({"amount", "tries", "next try", "kind"})


def print_status(status: Status, console: Console) -> None:
    """What needs a person first, then every figure, in one screen."""
    where = f"mode {status.mode}, home {status.home}, state {status.state}, {_when(status.at)} UTC"
    if status.nothing_ran:
        _say(console, NOTHING_RAN, "bold yellow")
        _say(console, where)
        _say(
            console, "If that is not so, NS_HS_HOME or NS_HS_STATE_URL names another home than the runs use."
        )
        return
    if status.needs:
        _say(console, "Something needs a person.", "bold red")
    else:
        _say(console, "Nothing needs a person.", "bold green")
    _say(console, where)
    for need in status.needs:
        _say(console, f"- {need.what}", "red")
        _say(console, f"  → {need.do}")
    console.print()
    _print_lanes(status, console)
    _print_due(status, console)
    _print_returns(status, console)
    _print_budgets(status.budgets, status.at, console)
    _print_days(status, console)


def print_due(
    lines: Sequence[DueLine], at: datetime, console: Console, *, what: Literal["order", "return"] = "order"
) -> None:
    """Due orders, or returns, the longest stuck first."""
    if not lines:
        _say(console, f"No {what} is due.", "green")
        return
    records = [
        (
            line.order_id,
            line.kind,
            line.reason,
            amount_text(line.total_minor, line.currency),
            str(line.attempts),
            _ago(at, line.first_failed_at),
            _next_try(line, at),
            f"{_ago(at, line.closed_at)} by {line.closed_by}" if line.closed_at else "",
        )
        for line in lines[:MOST_DUE]
    ]
    columns = (what, "kind", "reason", "amount", "tries", "first failure", "next try", "closed")
    _table(console, f"Due {what}s", columns, records)
    if len(lines) > MOST_DUE:
        _say(console, f"And {len(lines) - MOST_DUE:,} more; --json lists all.")


def _print_lanes(status: Status, console: Console) -> None:
    _table(
        console,
        "Lanes",
        ("lane", "", "run", "last heartbeat"),
        (
            (lane.lane, _condition(lane), lane.run or "", _ago(status.at, lane.heartbeat_at))
            for lane in status.lanes
        ),
    )
    if status.failures:
        retry = f"; next try {_when(status.failures.retry_at)} UTC" if status.failures.retry_at else ""
        _say(
            console,
            f"The live lane failed {status.failures.count:,} times in a row: {status.failures.summary}{retry}",
            "yellow",
        )
    if status.streams:
        _table(
            console,
            "What the live lane has read of NetSuite",
            ("stream", "newest change (UTC)", "last looked (UTC)", "age", ""),
            (
                (
                    stream.stream,
                    _when(stream.newest_at),
                    _when(stream.looked_at),
                    span(status.at - stream.looked_at) if stream.looked_at else "never",
                    f"left unread by {stream.left_unread_by}" if stream.left_unread_by else "",
                )
                for stream in status.streams
            ),
        )
    _say(console, f"Delay of the last 24 h: {_delay(status)}")


def _print_due(status: Status, console: Console) -> None:
    for name, total, kinds in (
        ("due, no try failed", status.sum_of("waiting"), ""),
        ("stuck", status.stuck, _kinds(status)),
        ("closed by a person", status.sum_of("closed"), ""),
    ):
        parts = [part for part in (kinds, amounts_text(total)) if part]
        told = f" ({'; '.join(parts)})" if parts else ""
        _say(console, f"Orders {name}: {total.orders:,}{told}")
    if status.oldest_stuck:
        count, stuck = len(status.oldest_stuck), status.stuck.orders
        _table(
            console,
            "Stuck orders" if count == stuck else f"Stuck orders, the {count} oldest of {stuck:,}",
            ("order", "reason", "amount", "age", "tries", "next try"),
            (
                (
                    line.order_id,
                    line.reason,
                    amount_text(line.total_minor, line.currency),
                    span(status.at - line.first_failed_at) if line.first_failed_at else "",
                    str(line.attempts),
                    _next_try(line, status.at),
                )
                for line in status.oldest_stuck
            ),
        )


def _print_returns(status: Status, console: Console) -> None:
    returns = status.returns
    if returns is None:
        return
    waiting, closed = returns.sum_of("waiting"), returns.sum_of("closed")
    parts = [f"{waiting.orders:,} due, no try failed", f"{returns.stuck.orders:,} stuck"]
    parts += [f"{closed.orders:,} closed by a person"] if closed.orders else []
    amounts = amounts_text(returns.stuck)
    _say(console, f"Returns: {', '.join(parts)}{f' ({amounts})' if amounts else ''}")


def _print_budgets(budgets: Sequence[BudgetSeen], at: datetime, console: Console) -> None:
    parts = []
    for one in budgets:
        window = "at once" if one.window_seconds is None else f"in {one.window_seconds:g} s"
        halved = f", halved for {span(one.halved_until - at)} more" if one.halved_until else ""
        parts.append(f"{one.family} {one.used:,} of {one.allowed:,} {window}{halved}")
    _say(console, f"API budget used: {'; '.join(parts)}")


def _print_days(status: Status, console: Console) -> None:
    days = status.days
    newest = f", the newest {days.newest_proven}" if days.newest_proven else ""
    red = f" ({', '.join(day.isoformat() for day in days.red[:10])}{', …' if len(days.red) > 10 else ''})"
    _say(
        console,
        f"Last reconciliation: {days.proven:,} days proven{newest}; {len(days.red):,} red{red if days.red else ''}; "
        f"{days.changed:,} changed since they were proven",
    )


def _condition(lane: LaneStatus) -> str:
    return "left without a word" if lane.condition == "left" else lane.condition


def _kinds(status: Status) -> str:
    words: dict[DueKind, str] = {
        "refused": "refused by HubSpot",
        "failing": "failing",
        "held": "held for approval",
    }
    return ", ".join(
        f"{status.due[kind].orders:,} {text}" for kind, text in words.items() if kind in status.due
    )


def _delay(status: Status) -> str:
    delay = status.delay
    if not delay.arrivals:
        return "nothing arrived"
    return (
        f"{delay.arrivals:,} arrived, p50 {delay.p50_seconds:.1f} s, p95 {delay.p95_seconds:.1f} s, "
        f"max {delay.max_seconds:.1f} s; {delay.over_limit:,} over the limit of {delay.limit_seconds} s"
    )


def _next_try(line: DueLine, at: datetime) -> str:
    if line.closed_at:
        return "on a change"
    return f"in {span(line.next_try_at - at)}" if line.next_try_at > at else "now"


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _ago(at: datetime, moment: datetime | None) -> str:
    return f"{span(at - moment)} ago" if moment else ""


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(inert(text, _LONGEST), style=style), soft_wrap=not console.is_terminal)


def _table(console: Console, title: str, columns: Sequence[str], records: Iterable[Sequence[str]]) -> None:
    print_table(console, title, columns, records, right=_RIGHT, whole=_WHOLE, longest=_LONGEST_CELL)
