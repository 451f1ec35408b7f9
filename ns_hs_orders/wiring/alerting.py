"""Wiring of alerts: settings and state meet the alerts' rules and their messenger.

Belongs here: opening what an evaluation needs. Does not belong here: rules, Dagster, clients: an evaluation
reads the state alone, so that it also works while NetSuite or HubSpot is down.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.alert_conditions import AlertConditions
from ns_hs_orders.state.database import STATE_OF_RETURNS, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.waiting_orders import WaitingOrders
from ns_hs_orders.state.portal import PortalNote
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.wiring.remotes import netsuite_record_url, remotes

if TYPE_CHECKING:
    from ns_hs_orders.alerts.conditions import Places
    from ns_hs_orders.alerts.evaluate import Alerts
    from ns_hs_orders.alerts.ports import Runs

HUBSPOT_RECORD = "https://app.hubspot.com/contacts/{portal}/record/0-123/{id}"


@contextmanager
def open_alerts(settings: Settings, runs: Runs) -> Iterator[Alerts | None]:
    """What tells people, closed at the end; None where no address is set. Raises ConfigError, SyncError."""
    urls = settings.alert_urls.get_secret_value()
    if not urls.strip(" ,\t\r\n"):
        yield None
        return
    from ns_hs_orders.alerts.conditions import Limits
    from ns_hs_orders.alerts.delivery import AppriseMessenger
    from ns_hs_orders.alerts.evaluate import Alerts, DigestAt
    from ns_hs_orders.push.calls.refusals import REJECTION_REASONS

    with ExitStack() as opened:
        state = opened.enter_context(closing(open_state(settings.state_address)))
        of_returns = None
        if settings.returns == "pipeline":
            of_returns = opened.enter_context(closing(open_state(settings.state_address, STATE_OF_RETURNS)))
        yield Alerts(
            mode=settings.mode,
            conditions=AlertConditions(state),
            orders=WaitingOrders(state),
            returns=None if of_returns is None else WaitingOrders(of_returns),
            days=Days(state),
            runs=runs,
            notes=Notes(state),
            messenger=AppriseMessenger(urls),
            places=_places(settings, PortalNote(state).find()),
            limits=Limits(
                timedelta(minutes=settings.alert_stuck_minutes), settings.alert_amount, REJECTION_REASONS
            ),
            digest_at=DigestAt(settings.alert_digest_time, ZoneInfo(settings.netsuite_time_zone)),
            clock=lambda: datetime.now(UTC),
        )


def _places(settings: Settings, portal_of_first_write: str | None) -> Places:
    from ns_hs_orders.alerts.conditions import Places

    if settings.mode == "sandbox":
        try:
            where = remotes(settings)
        except ConfigError:  # an emulator that is not running has no address to lead to
            return Places(settings.dagster_url)
        return Places(
            settings.dagster_url,
            netsuite_record_url(where.account),
            f"{where.hubspot_url}/orders/{{id}}",
            netsuite_record_url(where.account, "rtnauth"),
        )
    portal = settings.hubspot_portal_id or portal_of_first_write
    return Places(
        settings.dagster_url,
        netsuite_record_url(settings.netsuite_account),
        HUBSPOT_RECORD.replace("{portal}", portal) if portal else "",
        netsuite_record_url(settings.netsuite_account, "rtnauth"),
    )
