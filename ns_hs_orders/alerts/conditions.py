"""Which conditions hold: failed jobs, red days, stuck orders and returns. Pure rules.

Belongs here: what counts as a condition, its stable name, its words and links. Does not belong here: whether
somebody knows already (changes.py), how it is written down (messages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from ns_hs_orders.alerts.inert import inert
from ns_hs_orders.alerts.ports import FinishedRun, OrderNow, RedDay, WaitingOrder
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import from_minor, shown

FAILED_JOB = "job failed: "
RED_DAY = "day differs: "
STUCK_ORDER = "order stuck: "
STUCK_RETURN = "return stuck: "
STUCK = (STUCK_ORDER, STUCK_RETURN)
BY_HAND = "__ASSET_JOB"
LONGEST_NAME = 120
FAILING_FOR_SURE = timedelta(minutes=1)
"""A valuable order that failed is tried again within seconds: only one that still fails is worth a message."""


@dataclass(frozen=True)
class Link:
    """A link of a message. label: words of ours."""

    label: str
    url: str


@dataclass(frozen=True)
class Condition:
    """One condition as it is now. name: stable, so that it is told once. is_urgent: told at once, come what may."""

    name: str
    summary: str
    details: str = ""
    links: tuple[Link, ...] = ()
    is_urgent: bool = True


@dataclass(frozen=True)
class Places:
    """Where links lead. order_netsuite, return_netsuite, order_hubspot: address with `{id}` in it, "" where none is known.

    A return that is a record is one of HubSpot's orders.
    """

    dagster: str
    order_netsuite: str = ""
    order_hubspot: str = ""
    return_netsuite: str = ""

    def run(self, run_id: str) -> Link:
        """A Dagster run."""
        return Link("Dagster run", f"{self.dagster}/runs/{quote(run_id, safe='')}")

    def day(self, day: date) -> Link:
        """The reconciliation of a day, in Dagster."""
        return Link(
            "reconciliation", f"{self.dagster}/assets/reconciliation_report?partition={day.isoformat()}"
        )

    def order(
        self, order_id: str, order_id_hubspot: str | None, *, is_return: bool = False
    ) -> tuple[Link, ...]:
        """Both records of an order or return, as far as they are known."""
        known = (
            ("NetSuite", self.return_netsuite if is_return else self.order_netsuite, order_id),
            ("HubSpot", self.order_hubspot, order_id_hubspot),
        )
        return tuple(
            Link(label, address.replace("{id}", quote(record, safe="")))
            for label, address, record in known
            if address and record
        )


@dataclass(frozen=True)
class Limits:
    """From when on an order counts as stuck. stuck_amount: in the order's own currency, None for off.

    meanings: reason code → sentence.
    """

    stuck_after: timedelta
    stuck_amount: Decimal | None
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JobFailure:
    """The last failure of a job. recovered_by: the later run that succeeded, None before."""

    run_id: str
    ended_at: datetime
    why: str
    recovered_by: str | None = None


def job_failures(
    known: Mapping[str, JobFailure], finished: Sequence[FinishedRun], why: Mapping[str, str]
) -> dict[str, JobFailure]:
    """The last failure of each job after these runs, given in the order of their ends.

    A job recovers by a run that began after the failure: one that was under way already proves nothing.
    why: run id → sentence, of the failed ones.
    """
    failures = dict(known)
    for run in finished:
        if not run.succeeded:
            failures[run.job] = JobFailure(run.run_id, run.ended_at, why.get(run.run_id, ""))
            continue
        last = failures.get(run.job)
        if last and last.recovered_by is None and run.started_at >= last.ended_at:
            failures[run.job] = JobFailure(last.run_id, last.ended_at, last.why, run.run_id)
    return failures


def failed_job(job: str, failure: JobFailure, places: Places) -> Condition:
    """A job whose last run failed."""
    return Condition(
        f"{FAILED_JOB}{job}"[:LONGEST_NAME],
        f"{_job(job)} failed.",
        inert(failure.why),
        (places.run(failure.run_id),),
    )


def red_day(day: date, found: RedDay, places: Places) -> Condition:
    """A day that does not agree: dollars or other fields differ."""
    orders = (
        f": {found.orders:,} {'order differs' if found.orders == 1 else 'orders differ'}"
        if found.orders
        else ""
    )
    sums = [_shown(minor, code) for code, minor in sorted(found.difference_minor.items()) if minor]
    return Condition(
        f"{RED_DAY}{day.isoformat()}",
        f"{day.isoformat()} does not agree{orders}.",
        f"HubSpot less NetSuite: {' · '.join(sums)}." if sums else "",
        (places.day(day), *((places.run(found.run_id),) if found.run_id else ())),
    )


def stuck_orders(
    waiting: Sequence[WaitingOrder],
    limits: Limits,
    now: datetime,
    places: Places,
    *,
    are_returns: bool = False,
) -> list[Condition]:
    """Those that wait longer than the limit, or that fail and are worth more than the sum; worthiest first.

    are_returns: they are named as returns.
    """
    found = sorted((one for one in waiting if is_stuck(one, limits, now)), key=_by_worth)
    return [_stuck_order(one, limits, now, places, is_return=are_returns) for one in found]


def is_stuck(one: WaitingOrder, limits: Limits, now: datetime) -> bool:
    """Whether somebody should look at the order."""
    since = waits_since(one)
    return is_valuable_and_fails(one, limits, now) or (
        since is not None and since <= now - limits.stuck_after
    )


def is_valuable_and_fails(one: WaitingOrder, limits: Limits, now: datetime) -> bool:
    """Whether the order fails and is worth more than the sum, in its own currency; an unreadable one is not."""
    if limits.stuck_amount is None or one.first_failed_at is None:
        return False
    fails_for_sure = one.outcome == "rejected" or one.first_failed_at <= now - FAILING_FOR_SURE
    return fails_for_sure and _worth(one) > limits.stuck_amount


def waits_since(one: WaitingOrder) -> datetime | None:
    """Since when the order waits; None where it is not known."""
    return min((at for at in (one.first_failed_at, one.counted_from) if at is not None), default=None)


def over(
    name: str, *, failures: Mapping[str, JobFailure], orders: Mapping[str, OrderNow], places: Places
) -> Condition:
    """A condition that no longer holds, in words. orders: and returns, whose internal ids are no order's."""
    _, _, what = name.partition(": ")
    if name.startswith(FAILED_JOB):
        failure = failures.get(what)
        links = (places.run(failure.recovered_by),) if failure and failure.recovered_by else ()
        return Condition(name, f"{_job(what)} succeeds again.", links=links)
    if name.startswith(RED_DAY):
        link = places.day(date.fromisoformat(what))
        return Condition(name, f"The dollars of {what} agree again.", links=(link,))
    order = orders.get(what, OrderNow(what, None, None, is_closed=False))
    is_return = name.startswith(STUCK_RETURN)
    return Condition(
        name,
        f"{'Return' if is_return else 'Order'} {inert(what)} is no longer stuck{_became(order)}.",
        links=places.order(what, order.order_id_hubspot, is_return=is_return),
    )


def _became(order: OrderNow) -> str:
    if order.is_closed:
        return ": a person closed it"
    return f": {order.outcome}" if order.outcome not in (None, "due", "rejected") else ""


def _stuck_order(
    one: WaitingOrder, limits: Limits, now: datetime, places: Places, *, is_return: bool
) -> Condition:
    amount = (
        "amount unknown"
        if one.total_minor is None or one.currency is None
        else _shown(one.total_minor, one.currency)
    )
    since = waits_since(one)
    tries = f", {one.attempts:,} tries" if one.attempts > 1 else ""
    waited = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    meaning = limits.meanings.get(one.cause, "").rstrip(".")
    why = f"{meaning} ({inert(one.cause)})" if meaning else inert(one.cause)
    return Condition(
        f"{STUCK_RETURN if is_return else STUCK_ORDER}{one.order_id}"[:LONGEST_NAME],
        f"{'Return' if is_return else 'Order'} {inert(one.order_id)} is stuck: {amount}.",
        f"{'Rejected' if one.outcome == 'rejected' else 'Due'}{waited}{tries}: {why}.",
        places.order(one.order_id, one.order_id_hubspot, is_return=is_return),
        is_valuable_and_fails(one, limits, now),
    )


def _by_worth(one: WaitingOrder) -> tuple[Decimal, str]:
    return -_worth(one), one.order_id


def _worth(one: WaitingOrder) -> Decimal:
    if one.total_minor is None or one.currency is None:
        return Decimal(0)
    try:
        return from_minor(one.total_minor, one.currency)
    except MoneyError:
        return Decimal(0)


def _shown(minor: int, currency: str) -> str:
    try:
        return shown(minor, currency)
    except MoneyError:
        return "amount unknown"


def _job(job: str) -> str:
    return "A materialization from the UI" if job == BY_HAND else f"Job {inert(job)}"
