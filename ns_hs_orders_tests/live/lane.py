"""A company with its live lane, for tests: looks and rounds until nothing is due.

Belongs here: driving the lane without Dagster. Does not belong here: assertions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders_tests.end_to_end.company import FIRST, Company

QUIET = timedelta(seconds=4)


@contextmanager
def lane_of(company: Company, **overrides: Any) -> Iterator[LiveLane]:
    """The lane, with its first look behind it."""
    with company.session(first_day=FIRST, **overrides) as session:
        lane = LiveLane(session, "live-run")
        lane.look()
        lane.sweep_if_due()
        settle(lane)
        yield lane


def settle(lane: LiveLane) -> Counter[str]:
    """Rounds until nothing is due now; outcome → orders."""
    outcomes: Counter[str] = Counter()
    while (turn := lane.round(500)).orders:
        outcomes += turn.outcomes
    return outcomes


def look(lane: LiveLane) -> Counter[str]:
    """One look and what follows from it."""
    lane.look()
    return settle(lane)


def save(company: Company, table: str, key: dict[str, str], **values: str | None) -> None:
    """An edit in NetSuite, stamped with a new second where the table has a stamp.

    Of two edits in one second the lane notices the second one only when it reads the row once more.
    """
    stamp = {
        "transaction": "lastmodifieddate",
        "transactionline": "linelastmodifieddate",
        "customer": "lastmodifieddate",
    }
    moved = {}
    if table in stamp:
        Event().wait(1 - datetime.now(UTC).microsecond / 1e6)
        moved[stamp[table]] = stamped()
    company.netsuite.update(table, key, {**moved, **values})


def stamped(moment: datetime | None = None) -> str:
    """A moment as NetSuite keeps it."""
    from ns_hs_orders.sandbox.world.model import stamp_text

    return stamp_text(moment or datetime.now(UTC))


def delete(company: Company, order_id: str, *, listed: bool = True) -> None:
    """An order deleted in NetSuite; listed: with its deleted record."""
    (row,) = company.netsuite.rows("transaction", id=order_id)
    company.netsuite.delete("transactionline", {"transaction": order_id})
    company.netsuite.delete("transaction", {"id": order_id})
    if listed:
        company.netsuite.insert(
            "deletedrecord",
            [
                {
                    "recordid": order_id,
                    "recordtypeid": "-30",
                    "type": "Sales Order",
                    "name": f"Sales Order #{row['tranid']}",
                    "deleteddate": stamped(),
                }
            ],
        )
