"""Orders that NetSuite no longer has, over a session: judged with NetSuite's and the state's help, then taken out.

Belongs here: handing push.departed its systems and state, for both lanes. Does not belong here: any rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from ns_hs_orders.state.orders.departures import Departures
from ns_hs_orders.wiring.rollups import note_departed_orders
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.push.ports import OrderState

AT_ONCE = timedelta(minutes=2)
"""Departures so close together count as one, however many rounds they come in."""

Told = Callable[[str], None]


class DepartureDesk:
    """Settles absent orders. run: whom their events name."""

    def __init__(self, session: Session, run: str, told: Told) -> None:
        self._session = session
        self._run = run
        self._told = told
        self._departures = Departures(session.state)

    def settle_days(self, first: date, last: date, orders: pd.DataFrame) -> Counter[str]:
        """Settles what the state dates in the range and NetSuite's reading of it did not bring.

        orders: the reading (RawOrders). It may be an old one, pushed again: it tells nothing of an order
        that was read after it.
        """
        read = set(orders["order_id_netsuite"])
        before = int(orders["read_ticket"].min()) if len(orders) else None
        return self.settle([one for one in self._departures.dated(first, last, before) if one not in read])

    def settle(self, ids: Sequence[str]) -> Counter[str]:
        """Takes out of HubSpot what is gone from NetSuite; what may be there after all stays due."""
        if not ids:
            return Counter()
        session = self._session
        ticket = session.tickets.next_ticket()
        states = session.states.load(ids)
        ours = [one for one in ids if one in states and states[one].outcome != "archived"]
        strange = [one for one in ids if one not in states]
        gone = [one for one in ids if one in states and one not in ours]
        session.due_orders.drop(gone, ticket)
        outcomes = Counter({"archived": len(gone)})
        if strange and not self._sees_others(ids):
            session.due_orders.put_off(strange, cause="unreadable", ticket=ticket, now=session.now())
            outcomes["due"] += len(strange)
        else:
            # what the state never knew is no sales order, such as the invoice of something else
            session.due_orders.drop(strange, ticket)
            outcomes["skipped"] += len(strange)
        return +outcomes + (self._take_out(ours, ticket) if ours else Counter())

    def witnesses(self, besides: Collection[str]) -> list[str]:
        """Up to a hundred other orders that NetSuite should have."""
        return self._departures.witnesses(set(besides))

    def _sees_others(self, besides: Collection[str]) -> bool:
        """Whether NetSuite shows the orders that it should have: a role that lost a permission sees none."""
        from ns_hs_orders.extract.changes import records_present

        witnesses = self.witnesses(besides)
        return 2 * len(records_present(self._session.netsuite, witnesses)) >= len(witnesses)

    def _take_out(self, ids: Sequence[str], ticket: int) -> Counter[str]:
        from ns_hs_orders.extract.changes import records_deleted, records_present
        from ns_hs_orders.push.departed import NEEDS_APPROVAL, Absence, Departure, judge_absence
        from ns_hs_orders.push.jobs import Tools

        session, departures, now = self._session, self._departures, self._session.now()
        witnesses = frozenset(departures.witnesses(set(ids)))
        present = records_present(session.netsuite, [*ids, *witnesses])
        listed = records_deleted(session.netsuite, ids)
        approved = departures.approved(now)
        verdict = judge_absence(
            ids,
            Absence(
                present=frozenset(present & set(ids)),
                witnesses=witnesses,
                witnesses_present=frozenset(present & witnesses),
                listed_deleted=None if listed is None else frozenset(listed),
                archived_lately=departures.archived_since(now - AT_ONCE, approved),
                known_orders=departures.known_orders(),
                held_already=len(departures.held(NEEDS_APPROVAL) - approved - set(ids)),
                approved=approved,
            ),
            share_percent=session.settings.archive_share_percent,
            records=session.records,
        )
        states = session.states.load(ids)
        self._keep(verdict.kept, states, ticket)
        if not verdict.gone:
            return Counter({"due": len(ids)})
        session.check_portal()
        departure = Departure(
            Tools(
                crm=session.hubspot.objects,
                associations=session.hubspot.associations,
                states=session.states,
                clock=session.hubspot.clock,
                holder=f"{self._run[:60]}/{uuid4().hex}",
                run=self._run,
                definitions="",
                lease=timedelta(seconds=session.lease_seconds),
                request=timedelta(seconds=session.hubspot.request_deadline),
                is_stopped=lambda: False,
            ),
            ticket,
            session.cancelled_properties(),
        )
        note_departed_orders(session, verdict.gone)
        departure.take_out(verdict.gone, states, now.date())
        self._told(f"{len(verdict.gone):,} {session.records} that NetSuite deleted were taken out of HubSpot")
        gone = Counter(departure.fates.values())
        return gone + Counter({"due": len(ids) - gone.total()})

    def _keep(
        self, kept: Mapping[str, tuple[str, str]], states: Mapping[str, OrderState], ticket: int
    ) -> None:
        from ns_hs_orders.push.departed import NEEDS_APPROVAL
        from ns_hs_orders.push.ports import Verdict

        self._session.states.record(
            [
                Verdict(
                    one,
                    ticket,
                    "due",
                    reason,
                    explanation,
                    states[one].order_on,
                    states[one].currency,
                    states[one].total_minor,
                    needs_newer=True,
                    waits_for_person=reason == NEEDS_APPROVAL,
                )
                for one, (reason, explanation) in kept.items()
            ],
            holder=self._run,
            run=self._run,
            now=self._session.now(),
        )
