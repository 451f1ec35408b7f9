"""Wiring of reports: a result meets what the state knows of its exceptions, and becomes a report in its place.

Belongs here: joining the two, and noting where the last report is. Does not belong here: what a report shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from ns_hs_orders.alerts.digest import REPORT_NOTE
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.arrivals import ArrivalLog
from ns_hs_orders.state.proof.exceptions import ExceptionLog
from ns_hs_orders.wiring.on_call import existing_state

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.schema import Reconciliation
    from ns_hs_orders.report.review import Review
    from ns_hs_orders.wiring.session import Session


def delays_by_day(session: Session, first: date, last: date) -> Mapping[date, Sequence[float]]:
    """How many seconds each change of the days' orders took to HubSpot, by order date."""
    return ArrivalLog(session.state).seconds_by_day(first, last)


def recorded_review(session: Session, result: Reconciliation) -> Review:
    """The review of a result that the session has recorded."""
    from ns_hs_orders.reconcile.risk import money_at_risk
    from ns_hs_orders.report.review import Review

    return Review(result, money_at_risk(result, ExceptionLog(session.state).dated(result.first, result.last)))


def publish(session: Session, review: Review) -> str:
    """Writes the HTML report in its place, and returns its address. Raises SyncError."""
    from ns_hs_orders.report.publish import write_report

    address = write_report(review, session.settings.reports_address)
    Notes(session.state).keep(REPORT_NOTE, address, session.now())
    return address


def publish_whole(settings: Settings, result: Reconciliation) -> str:
    """Writes the HTML report of a range that took several runs, each with its own, and returns its address.

    Over the state alone: no system is opened. Raises SyncError.
    """
    from ns_hs_orders.report.publish import write_report

    address = write_report(review_of(settings, result), settings.reports_address)
    with existing_state(settings) as state:
        if state is not None:
            Notes(state).keep(REPORT_NOTE, address, datetime.now(UTC))
    return address


def review_of(settings: Settings, result: Reconciliation) -> Review:
    """The review of a result, over the state alone: no system is opened."""
    from ns_hs_orders.reconcile.risk import money_at_risk
    from ns_hs_orders.report.review import Review

    with existing_state(settings) as state:
        known = {} if state is None else ExceptionLog(state).dated(result.first, result.last)
    return Review(result, money_at_risk(result, known))
