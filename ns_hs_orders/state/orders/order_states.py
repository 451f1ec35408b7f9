"""What is known of each order: claims, confirmations, verdicts, links.

Belongs here: the transactions that push and reconcile rely on. Does not belong here: deciding what
an order's outcome is (push), or what differs (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from ns_hs_orders.push.ports import (
    ACCEPTED_OUTCOMES,
    Claim,
    ClaimAnswer,
    Confirmation,
    OrderState,
    Verdict,
)
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.arrivals import note_arrivals
from ns_hs_orders.state.orders.due import Failure, close_due, note_due, note_failures
from ns_hs_orders.state.orders.edits import heal_edits, note_edits
from ns_hs_orders.state.orders.events import OrderEvent, append_events
from ns_hs_orders.state.orders.rows import (
    confirmed_links,
    intended_links,
    link_row,
    load_states,
    locked_rows,
    written_digests,
    written_text,
)
from ns_hs_orders.state.orders.verdicts import StateRow, judge
from ns_hs_orders.state.proof.days import Days, mark_changed
from ns_hs_orders.state.tables import Prose, order_links, order_states

_FRESH_ROW = StateRow()


class OrderStateStore:
    """Implements push's `OrderStates` and reconcile's `KnownOrders`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def load(self, order_ids: Sequence[str], *, links: bool = True) -> dict[str, OrderState]:
        """The known states of these orders, with or without their links; unknown orders are absent."""
        found: dict[str, OrderState] = {}
        with self._state.read() as connection:
            for ids in chunks(order_ids):
                found.update(
                    load_states(
                        connection,
                        lambda column, ids=ids: column.in_(ids),  # type: ignore[misc]
                        links=links,
                    )
                )
        return found

    def dated(self, first: date, last: date) -> set[str]:
        """The ids of all orders known to be dated in the range."""
        ids = select(order_states.c.order_id).where(order_states.c.order_on.between(first, last))
        with self._state.read() as connection:
            return set(connection.scalars(ids))

    def in_flight(self, order_ids: Sequence[str], now: datetime) -> set[str]:
        """Those of the orders that somebody holds a running lease of."""
        held: set[str] = set()
        with self._state.read() as connection:
            for ids in chunks(order_ids):
                held.update(
                    connection.scalars(
                        select(order_states.c.order_id).where(
                            order_states.c.order_id.in_(ids), order_states.c.lease_until > now
                        )
                    )
                )
        return held

    def claim(
        self, claims: Sequence[Claim], *, holder: str, lease_until: datetime, now: datetime
    ) -> dict[str, ClaimAnswer]:
        """Claims what no newer reading has been taken of and no other holder's lease is running on."""
        answers: dict[str, ClaimAnswer] = {}
        with self._state.write() as connection:
            rows = locked_rows(self._state, connection, [one.order_id for one in claims])
            won: list[Claim] = []
            for one in claims:
                answers[one.order_id] = answer = _answer(rows[one.order_id], one, holder, now)
                if answer == "claimed":
                    won.append(one)
            if won:
                self._note_claims(connection, won, rows, holder=holder, lease_until=lease_until, now=now)
        return answers

    def _note_claims(
        self,
        connection: Connection,
        won: Sequence[Claim],
        rows: Mapping[str, StateRow],
        *,
        holder: str,
        lease_until: datetime,
        now: datetime,
    ) -> None:
        connection.execute(
            update(order_states)
            .where(order_states.c.order_id == bindparam("claimed_id"))
            .values(
                fingerprint=None,
                newest_ticket=bindparam("ticket"),
                order_on=bindparam("day"),
                currency=bindparam("code"),
                total_minor=bindparam("total"),
                lease_holder=holder,
                lease_until=lease_until,
                written=bindparam("still_written"),
            ),
            [
                {
                    "claimed_id": one.order_id,
                    "ticket": one.ticket,
                    "day": one.order_on,
                    "code": one.currency,
                    "total": one.total_minor,
                    "still_written": _still_written(rows[one.order_id], one),
                }
                for one in won
            ],
        )
        intended = [
            link_row(one.order_id, kind, key, None, True) for one in won for kind, key in intended_links(one)
        ]
        if intended:
            connection.execute(self._state.insert_or_ignore(order_links), intended)
        note_due(
            self._state,
            connection,
            [(one.order_id, one.ticket - 1) for one in won],
            "being_written",
            lease_until,
        )
        mark_changed(
            self._state,
            connection,
            [(day, one.ticket) for one in won for day in (one.order_on, rows[one.order_id].order_on)],
        )
        append_events(
            connection,
            [
                OrderEvent(
                    one.order_id, now, holder, "claimed", {"ticket": one.ticket, "lines": len(one.line_keys)}
                )
                for one in won
            ],
        )

    def confirm(self, confirmations: Sequence[Confirmation], *, holder: str, run: str) -> set[str]:
        """Records completed writes and releases their leases; returns the ids it could confirm."""
        with self._state.write() as connection:
            rows = locked_rows(self._state, connection, [one.order_id for one in confirmations], make=False)
            done = [
                one
                for one in confirmations
                if (row := rows.get(one.order_id, _FRESH_ROW)).lease_holder == holder
                and row.newest_ticket == one.ticket
            ]
            if done:
                self._note_confirmations(connection, done, run)
        return {one.order_id for one in done}

    def _note_confirmations(self, connection: Connection, done: Sequence[Confirmation], run: str) -> None:
        connection.execute(
            update(order_states)
            .where(order_states.c.order_id == bindparam("confirmed_id"))
            .values(
                outcome=bindparam("result"),
                reason=None,
                explanation=None,
                fingerprint=bindparam("digest"),
                refused_fingerprint=None,
                confirmed_ticket=bindparam("ticket"),
                order_id_hubspot=bindparam("hubspot"),
                written=bindparam("digests"),
                lease_holder=None,
                lease_until=None,
            ),
            [
                {
                    "confirmed_id": one.order_id,
                    "result": one.outcome,
                    "digest": one.fingerprint,
                    "ticket": one.ticket,
                    "hubspot": one.order_id_hubspot,
                    "digests": written_text(one.written),
                }
                for one in done
            ],
        )
        connection.execute(
            delete(order_links).where(order_links.c.order_id.in_([one.order_id for one in done]))
        )
        links = [link_row(one.order_id, *link, False) for one in done for link in confirmed_links(one)]
        if links:
            connection.execute(insert(order_links), links)
        note_arrivals(connection, {one.order_id: (one.ticket, one.confirmed_at) for one in done}, run)
        close_due(connection, [(one.order_id, one.ticket) for one in done])
        append_events(
            connection,
            [
                OrderEvent(
                    one.order_id,
                    one.confirmed_at,
                    run,
                    one.outcome,
                    {
                        "ticket": one.ticket,
                        "order_id_hubspot": one.order_id_hubspot,
                        "lines": len(one.line_ids),
                        "company": one.company_id,
                        "contact": one.contact_id,
                        **({"deal": one.deal_id} if one.deal_id else {}),
                        **({"parent": one.parent_id} if one.parent_id else {}),
                    },
                )
                for one in done
            ],
        )
        heal_edits(connection, done, run)

    def record(self, verdicts: Sequence[Verdict], *, holder: str, run: str, now: datetime) -> set[str]:
        """Records outcomes; returns the ids recorded (a newer reading's outcome wins and is kept)."""
        recorded: set[str] = set()
        for part in chunks(verdicts):
            with self._state.write() as connection:
                recorded |= self._record(connection, part, holder=holder, run=run, now=now)
        return recorded

    def _record(
        self, connection: Connection, verdicts: Sequence[Verdict], *, holder: str, run: str, now: datetime
    ) -> set[str]:
        rows = locked_rows(self._state, connection, [one.order_id for one in verdicts])
        judged = [
            (one, change)
            for one in verdicts
            if (change := judge(rows[one.order_id], one, holder=holder, now=now)) is not None
        ]
        if not judged:
            return set()
        connection.execute(
            update(order_states)
            .where(order_states.c.order_id == bindparam("judged_id"))
            .values(
                {
                    name: bindparam(f"new_{name}")
                    for name in (
                        "outcome",
                        "reason",
                        "explanation",
                        "confirmed_ticket",
                        "newest_ticket",
                        "order_on",
                        "currency",
                        "total_minor",
                        "refused_fingerprint",
                        "lease_holder",
                        "lease_until",
                    )
                }
                | {"written": func.coalesce(bindparam("new_written", type_=Prose), order_states.c.written)}
            ),
            [
                change.parameters(one) | {"new_written": written_text(one.written or {})}
                for one, change in judged
            ],
        )
        open_ones = [one for one, _ in judged if one.outcome in ("due", "rejected")]
        note_failures(
            self._state,
            connection,
            [
                Failure(
                    one.order_id,
                    one.reason or one.outcome,
                    one.ticket if one.needs_newer else one.ticket - 1,
                    is_rejected=one.outcome == "rejected",
                    waits_for_person=one.waits_for_person,
                )
                for one in open_ones
            ],
            now,
        )
        note_arrivals(
            connection,
            {one.order_id: (one.ticket, now) for one, _ in judged if one.outcome == "archived"},
            run,
        )
        close_due(
            connection,
            [(one.order_id, one.ticket) for one, _ in judged if one.outcome not in ("due", "rejected")],
        )
        mark_changed(
            self._state,
            connection,
            [(day, one.ticket) for one, change in judged for day in change.changed_days],
        )
        append_events(
            connection,
            [
                OrderEvent(
                    one.order_id,
                    now,
                    run,
                    one.outcome,
                    {
                        "ticket": one.ticket,
                        "reason": one.reason,
                        "explanation": one.explanation,
                        **one.details,
                    },
                )
                for one, change in judged
                if change.is_news
            ],
        )
        return {one.order_id for one, _ in judged}

    def mark_different(self, order_ids: Sequence[str], *, ticket: int, cause: str, now: datetime) -> None:
        """Clears the fingerprints and makes the orders due, so that the next sync writes them.

        An order confirmed with a higher ticket, or whose lease is running, is left alone.
        """
        for part in chunks(order_ids):
            with self._state.write() as connection:
                rows = locked_rows(self._state, connection, part)
                marked = [
                    one for one in part if rows[one].confirmed_ticket <= ticket and not rows[one].is_held(now)
                ]
                if not marked:
                    continue
                # an accepted order keeps the cause, so that a second look before the next sync tells the same
                accepted = order_states.c.outcome.in_(ACCEPTED_OUTCOMES)
                connection.execute(
                    update(order_states)
                    .where(order_states.c.order_id.in_(marked))
                    .values(fingerprint=None, reason=case((accepted, cause), else_=order_states.c.reason))
                )
                note_due(self._state, connection, [(one, ticket) for one in marked], cause, now)
                # one of another day than was compared waits for the night, too, where no live lane runs
                mark_changed(self._state, connection, [(rows[one].order_on, ticket) for one in marked])
                append_events(
                    connection,
                    [
                        OrderEvent(
                            one, now, "reconcile", "found different", {"ticket": ticket, "cause": cause}
                        )
                        for one in marked
                    ],
                )

    def forget_fingerprints(self, order_ids: Sequence[str]) -> None:
        """Clears the fingerprints, so that the next reading of the orders writes them; makes nothing due."""
        for part in chunks(order_ids):
            with self._state.write() as connection:
                connection.execute(
                    update(order_states).where(order_states.c.order_id.in_(part)).values(fingerprint=None)
                )

    def note_edits(
        self,
        edits: Mapping[str, Sequence[HubSpotEdit]],
        *,
        looked_at: Sequence[str],
        ticket: int,
        now: datetime,
    ) -> None:
        """Keeps what was changed in HubSpot for the event of its heal; forgets what is not there any more."""
        note_edits(self._state, edits, looked_at, ticket, now)

    def record_days(self, results: dict[date, bool | None], *, ticket: int) -> None:
        """Notes which days were proven (True), red (False), or could not be proven (None), with the ticket of the read."""
        Days(self._state).record(results, ticket=ticket)


def _still_written(row: StateRow, claim: Claim) -> str | None:
    """The digests that the claim does not change: what is about to be sent may, or may not, be written."""
    before = written_digests(row.written)
    return written_text({name: one for name, one in before.items() if claim.written.get(name) == one})


def _answer(row: StateRow, claim: Claim, holder: str, now: datetime) -> ClaimAnswer:
    if row.is_held(now) and row.lease_holder != holder:
        return "held"
    if claim.ticket < row.newest_ticket or claim.ticket < row.confirmed_ticket:
        return "newer"
    if claim.ticket == row.confirmed_ticket and row.fingerprint is not None:
        return "newer"
    return "claimed"
