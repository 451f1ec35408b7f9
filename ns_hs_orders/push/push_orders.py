"""The push: every mapped order ends in exactly one outcome, and HubSpot holds what is accepted.

Belongs here: what is written at all, judged in rounds. Does not belong here: units and threads
(under_way), the safe order of one unit (unit), calls (upserts, attachments), the frame (outcomes).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, cast
from uuid import uuid4

import pandas as pd

from ns_hs_orders.columns import parts, plain
from ns_hs_orders.errors import SyncError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.associations.attachments import LINKED
from ns_hs_orders.push.calls.bisection import write_apart
from ns_hs_orders.push.calls.refusals import refused_unwritten
from ns_hs_orders.push.calls.upserts import NO_ANSWER
from ns_hs_orders.push.jobs import Fate, Job, Tools
from ns_hs_orders.push.outcomes import outcome_frame, warning_codes
from ns_hs_orders.push.ports import (
    AssociationKind,
    Associations,
    Clock,
    CrmObjects,
    OrderState,
    OrderStates,
    Verdict,
)
from ns_hs_orders.push.schema import Directory, Linked, WantedOrder
from ns_hs_orders.push.stood_for import NAME, StandsFor, nothing_stands, stood_for
from ns_hs_orders.push.under_way import UnderWay
from ns_hs_orders.push.wanted import wanted_orders
from ns_hs_orders.push.written import digests

ROUND = 2000
CALLS_A_SECOND = 10.0
LEASE_SECONDS = 240.0
REQUEST_SECONDS = 150.0
_WAIT_SECONDS = 1.0


def push_orders(
    mapped: MappedOrders,
    *,
    crm: CrmObjects,
    associations: Associations,
    states: OrderStates,
    clock: Clock,
    run: str,
    field_map: FieldMap,
    directory: Directory,
    linked: Mapping[Linked, AssociationKind] = LINKED,
    definitions: str = "",
    send_refused_again: bool = False,
    stands_for: StandsFor = nothing_stands,
    threads: int = 8,
    calls_a_second: float = CALLS_A_SECOND,
    lease_seconds: float = LEASE_SECONDS,
    request_seconds: float = REQUEST_SECONDS,
    wait_seconds: float | None = None,
    progress: Progress = quiet,
) -> pd.DataFrame:
    """Writes what differs from the last confirmed version; returns the frame UpsertResults.

    Every order of `mapped` is in the frame once, those held back by the mapping included. Orders that
    another run holds (or was killed over), or that HubSpot did not answer for, are tried again within
    `wait_seconds` (None: for as long as a lease lasts; 0: not at all); what is still open then is `due`. An
    order over which HubSpot answers for none of its batch is found by halves, and the others are written.
    linked: what orders are associated with, and how.
    An order that HubSpot refused for what is in it is not sent again until it changes, or `definitions`
    (a digest of HubSpot's properties and currencies) does, unless `send_refused_again`. stands_for: asked of orders that
    HubSpot was never sent; one that another integration's record stands for is not made beside it, and is `due`.
    request_seconds: the longest that one call of a client may take, tries included; a claim lasts
    `lease_seconds`, which must be longer. threads: calls at once. calls_a_second: the budget, by which
    units are kept small enough for their claims, and the time left is told.

    Raises RemoteError where HubSpot refuses the sync as such (credentials, scopes, paths), after
    the orders that were not written have been recorded as due.
    """
    if lease_seconds <= request_seconds:
        raise ValueError("lease_seconds must be longer than request_seconds")
    stop = threading.Event()
    tools = Tools(
        crm=crm,
        associations=associations,
        states=states,
        clock=clock,
        holder=f"{run[:60]}/{uuid4().hex}",
        run=run,
        definitions=definitions,
        lease=timedelta(seconds=lease_seconds),
        request=timedelta(seconds=request_seconds),
        is_stopped=stop.is_set,
        left_when_edited=frozenset(field_map.left_when_edited),
        linked=linked,
    )
    push = _Push(tools, progress, mapped, send_refused_again=send_refused_again, stands_for=stands_for)
    held_states = push.record_held(mapped)
    warnings: dict[str, str] = {}
    line_counts: dict[str, int] = {}
    try:
        with UnderWay(
            tools,
            stop,
            push.fates,
            threads=threads,
            calls_a_second=calls_a_second,
            told=push.tell,
        ) as push.under_way:
            for orders, lines in parts(mapped.orders, mapped.lines, "order_id_netsuite", ROUND):
                wanted = wanted_orders(orders, lines, field_map, directory)
                warnings.update(
                    (one.key, warning_codes(codes, one))
                    for one, codes in zip(wanted, orders["warnings"].tolist(), strict=True)
                )
                line_counts.update((one.key, len(one.lines)) for one in wanted)
                push.add(_jobs(wanted, orders))
            push.finish()
            push.try_again(lease_seconds + _WAIT_SECONDS if wait_seconds is None else wait_seconds)
    except SyncError as error:
        push.record_unjudged(mapped.orders, error)
        raise
    return outcome_frame(mapped, push.fates, warnings, line_counts, held_states)


def _jobs(wanted: Sequence[WantedOrder], orders: pd.DataFrame) -> list[Job]:
    columns = (plain(orders[name]) for name in ("read_ticket", "order_on", "currency", "total_minor"))
    return [
        Job(one, ticket, order_on, currency, total_minor, None)
        for one, ticket, order_on, currency, total_minor in zip(wanted, *columns, strict=True)
    ]


@dataclass
class _Count:
    """Orders, and their lines."""

    orders: int = 0
    lines: int = 0

    def add(self, jobs: Sequence[Job]) -> None:
        self.orders += len(jobs)
        self.lines += sum(len(one.wanted.lines) for one in jobs)


class _Push:
    """One push: its tools, what is under way, and the fates so far."""

    under_way: UnderWay

    def __init__(
        self,
        tools: Tools,
        progress: Progress,
        mapped: MappedOrders,
        *,
        send_refused_again: bool,
        stands_for: StandsFor,
    ) -> None:
        self._send_refused_again = send_refused_again
        self._stands_for = stands_for
        self._tools = tools
        self._progress = progress
        self._total = len(mapped.orders)
        self._lines = int((mapped.lines["line_class"] == "goods").sum())
        self._judged = _Count()
        self._to_be_written = _Count()
        self._sent: list[Job] = []
        self._open: dict[str, Job] = {}
        self.fates: dict[str, Fate] = {}

    def record_held(self, mapped: MappedOrders) -> dict[str, OrderState]:
        """Records what the mapping held back; returns what the state knew of these orders."""
        verdicts = [*_verdicts(mapped.quarantined), *_verdicts(mapped.skipped)]
        known = self._tools.states.load([one.order_id for one in verdicts])
        self._record(verdicts)
        return known

    def record_unjudged(self, orders: pd.DataFrame, error: SyncError) -> None:
        """Records as due what the push did not come to, since the sync as such was refused."""
        left = orders[~orders["order_id_netsuite"].isin(list(self.fates))]
        columns = (
            plain(left[name])
            for name in ("order_id_netsuite", "read_ticket", "order_on", "currency", "total_minor")
        )
        self._record(
            [
                Verdict(order_id, ticket, "due", "sync_refused", str(error), order_on, currency, total_minor)
                for order_id, ticket, order_on, currency, total_minor in zip(*columns, strict=True)
            ]
        )

    def add(self, jobs: Sequence[Job]) -> None:
        """Judges one round of orders, and begins to write those that differ."""
        to_write = self._to_write(jobs)
        self._judged.add(jobs)
        self._to_be_written.add(to_write)
        self._sent += to_write
        self.under_way.add(to_write)
        # What is written is let go, so that memory does not grow with the range.
        self._sent = [
            job for job in self._sent if (fate := self.fates.get(job.wanted.key)) is None or fate.retry
        ]
        self.tell()

    def finish(self) -> None:
        """Writes what is left; keeps what is to be tried again."""
        self.under_way.finish()
        for job in self._sent:
            if self.fates[job.wanted.key].retry:
                self._open[job.wanted.key] = job
        self._sent = []
        self.tell()

    def tell(self) -> None:
        """How far it is. Of the orders not looked at yet, as many are written as of the others."""
        share = self._to_be_written.orders / self._judged.orders if self._judged.orders else 1.0
        seconds = self.under_way.seconds_left(
            share * (self._total - self._judged.orders), share * (self._lines - self._judged.lines)
        )
        self._progress("orders pushed", len(self.fates), self._total, seconds)

    def try_again(self, wait_seconds: float) -> None:
        """Writes once more what was held or not answered for, when the leases are over or at the end of the wait."""
        clock = self._tools.clock
        until = clock.now() + timedelta(seconds=wait_seconds)
        if wait_seconds > 0:
            self._write_apart()
        while self._open and clock.now() < until:
            known = self._tools.states.load(list(self._open))
            now = clock.now()
            leases = {key: known[key].lease_until for key in self._open if key in known}
            free = [
                job for key, job in self._open.items() if (lease := leases.get(key)) is None or lease <= now
            ]
            if not free:
                soonest = min(lease for lease in leases.values() if lease is not None)
                self._progress(
                    "orders that wait for a former write to end",
                    0,
                    len(self._open),
                    (soonest - now).total_seconds(),
                )
                clock.sleep(_WAIT_SECONDS)
                continue
            for job in free:
                del self._open[job.wanted.key]
            self._sent += (again := self._to_write(free))
            self.under_way.add(again)
            self.finish()
            self._write_apart()

    def _write_apart(self) -> None:
        """Writes at once, in groups that halve, what had no answer: its claims are still this push's own."""
        silent = [job for key, job in self._open.items() if self.fates[key].reason == NO_ANSWER]
        for job in write_apart(silent, self._written_again):
            del self._open[job.wanted.key]

    def _written_again(self, group: Sequence[Job]) -> list[Job]:
        """Writes a group; those that had no answer again."""
        self.under_way.add(group)
        self.under_way.finish()
        for job in group:
            if not self.fates[job.wanted.key].retry:
                del self._open[job.wanted.key]
        return [job for job in group if self.fates[job.wanted.key].reason == NO_ANSWER]

    def _to_write(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs that differ from what was confirmed last; the others get their fate here."""
        states = self._tools.states
        known = states.load([one.wanted.key for one in jobs])
        same, to_write = [], []
        refused: dict[str, Job] = {}
        before: dict[str, str | None] = {}
        for job in jobs:
            wanted = job.wanted
            state = known.get(wanted.key)
            refusal = refused_unwritten(wanted)
            if refusal is not None:
                hubspot_id = None if state is None else state.order_id_hubspot
                self.fates[wanted.key] = Fate("rejected", refusal.reason, refusal.explanation, hubspot_id)
                refused[wanted.key] = job
            elif state is not None and self._is_refused(state, wanted):
                self.fates[wanted.key] = Fate(
                    "rejected", state.reason, state.explanation, state.order_id_hubspot
                )
                refused[wanted.key] = job
                before[wanted.key] = state.refused_fingerprint
            elif state is not None and state.fingerprint == wanted.fingerprint:
                same.append(job)
            else:
                to_write.append(replace(job, state=state))
        self._record(
            [_verdict(job, self.fates[key], fingerprint=before.get(key)) for key, job in refused.items()]
        )
        recorded = self._record(
            [
                _verdict(
                    job,
                    Fate("unchanged"),
                    fingerprint=job.wanted.fingerprint,
                    written=self._digests_lacking(job.wanted, known[job.wanted.key]),
                )
                for job in same
            ]
        )
        for job in same:
            if job.wanted.key in recorded:
                self.fates[job.wanted.key] = Fate(
                    "unchanged", order_id_hubspot=known[job.wanted.key].order_id_hubspot
                )
            else:
                # somebody has moved it since it was loaded
                to_write.append(replace(job, state=known[job.wanted.key]))
        return self._without_stood_for(to_write)

    def _without_stood_for(self, jobs: list[Job]) -> list[Job]:
        """The jobs without orders that a record of another integration stands for: those wait for a person."""
        unsent = [one for one in jobs if one.state is None or one.state.order_id_hubspot is None]
        standing = self._stands_for({one.wanted.key: one.wanted.properties[NAME] for one in unsent})
        held = [one for one in unsent if one.wanted.key in standing]
        for job in held:
            self.fates[job.wanted.key] = stood_for(standing[job.wanted.key])
        self._record(
            [replace(_verdict(one, self.fates[one.wanted.key]), waits_for_person=True) for one in held]
        )
        return [one for one in jobs if one.wanted.key not in standing]

    def _digests_lacking(self, wanted: WantedOrder, state: OrderState) -> Mapping[str, str] | None:
        """The digests of an unchanged order, where the state does not have them all."""
        names = self._tools.left_when_edited
        return digests(wanted.properties, names) if names - state.written.keys() else None

    def _is_refused(self, state: OrderState, wanted: WantedOrder) -> bool:
        """Whether HubSpot refused the very same before, and would again."""
        return (
            not self._send_refused_again
            and state.outcome == "rejected"
            and state.refused_fingerprint == self._tools.refused_fingerprint(wanted)
        )

    def _record(self, verdicts: Sequence[Verdict]) -> set[str]:
        if not verdicts:
            return set()
        tools = self._tools
        return tools.states.record(verdicts, holder=tools.holder, run=tools.run, now=tools.clock.now())


def _verdict(
    job: Job, fate: Fate, *, fingerprint: str | None = None, written: Mapping[str, str] | None = None
) -> Verdict:
    return Verdict(
        order_id=job.wanted.key,
        ticket=job.ticket,
        outcome=cast('Literal["unchanged", "rejected", "due"]', fate.outcome),
        reason=fate.reason,
        explanation=fate.explanation,
        order_on=job.order_on,
        currency=job.currency,
        total_minor=job.total_minor,
        fingerprint=fingerprint,
        written=written,
    )


def _verdicts(held: pd.DataFrame) -> list[Verdict]:
    """The verdicts of a frame of held orders."""
    names = (
        "order_id_netsuite",
        "read_ticket",
        "outcome",
        "reason",
        "explanation",
        "order_on",
        "currency",
        "total_minor",
    )
    columns = [plain(held[name]) for name in names]
    return [
        Verdict(
            order_id,
            ticket,
            outcome,
            reason,
            explanation,
            order_on,
            currency,
            total_minor,
            needs_newer=outcome == "due",
        )
        for order_id, ticket, outcome, reason, explanation, order_on, currency, total_minor in zip(
            *columns, strict=True
        )
    ]
