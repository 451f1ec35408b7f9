"""The wiring of alerts: from settings to what a receiver gets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.push.ports import Claim, Confirmation, Verdict
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.state.database import STATE_OF_RETURNS, open_state
from ns_hs_orders.state.orders.due import DueOrders
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.portal import PortalNote
from ns_hs_orders.wiring.alerting import open_alerts
from ns_hs_orders_tests.alerts.conftest import GivenRuns
from ns_hs_orders_tests.alerts.receiver import Receiver

DAY = date(2026, 11, 19)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver().start()
    yield opened
    opened.stop()


def live(home: Path, urls: str, **more: Any) -> Settings:
    return load_settings(
        mode="live",
        home=home,
        netsuite_account="1234567_SB1",
        netsuite_client_id="client",
        netsuite_certificate_id="certificate",
        netsuite_private_key_path="key.pem",
        hubspot_token="canary-token",
        alert_urls=urls,
        alert_digest_at="off",
        **more,
    )


def has_a_stuck_order(settings: Settings, portal: str | None, part: str = "") -> None:
    """An order that was written once, and that HubSpot has refused for an hour. part: the store that it is in."""
    then = datetime.now(UTC) - timedelta(hours=1)
    state = open_state(settings.state_address, part)
    if portal:
        PortalNote(state).keep(portal)
    states = OrderStateStore(state)
    claim = Claim("12", 1, DAY, "USD", 100, (), "9001", None)
    states.claim([claim], holder="a", lease_until=then + timedelta(minutes=4), now=then)
    done = Confirmation("12", 1, "print", "created", "7712", {}, "9001", None, then)
    states.confirm([done], holder="a", run="run")
    refused = Verdict("12", 2, "rejected", "property_missing", "no", DAY, "USD", 100)
    states.record([refused], holder="a", run="run", now=then)
    state.close()


def evaluate(settings: Settings) -> str:
    with open_alerts(settings, GivenRuns()) as alerts:
        assert alerts is not None
        return alerts.evaluate()


@pytest.mark.parametrize(
    "portal_setting, first_write, portal",
    [("55", None, "55"), ("", "66", "66"), ("55", "66", "55")],
)
def test_the_links_of_an_order_lead_to_both_real_accounts(
    portal_setting: str, first_write: str | None, portal: str, tmp_path: Path, receiver: Receiver
) -> None:
    settings = live(
        tmp_path, receiver.url, hubspot_portal_id=portal_setting, dagster_url="https://dagster.example/"
    )
    has_a_stuck_order(settings, first_write)
    assert evaluate(settings) == "Told of 1 new and 0 over. 1 condition open."
    (body,) = receiver.bodies
    assert "HubSpot does not have a property that the sync writes (property_missing)." in body
    assert body.endswith(
        " [NetSuite](https://1234567-sb1.app.netsuite.com/app/accounting/transactions/salesord.nl?id=12)"
        f" [HubSpot](https://app.hubspot.com/contacts/{portal}/record/0-123/7712)"
    )
    assert receiver.titles == ["ns_hs_orders (live): 1 new"]


def test_a_return_that_hubspot_refuses_is_told_of_as_a_return_and_so_is_its_end(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = live(tmp_path, receiver.url, hubspot_portal_id="55")
    has_a_stuck_order(settings, None, STATE_OF_RETURNS)
    assert evaluate(settings) == "Told of 1 new and 0 over. 1 condition open."
    state = open_state(settings.state_address, STATE_OF_RETURNS)
    assert DueOrders(state).close(["12"], by="Ann", now=datetime.now(UTC)) == {"12"}
    state.close()
    assert evaluate(settings) == "Told of 0 new and 1 over. All is well."
    new, over = receiver.bodies
    links = (
        " [NetSuite](https://1234567-sb1.app.netsuite.com/app/accounting/transactions/rtnauth.nl?id=12)"
        " [HubSpot](https://app.hubspot.com/contacts/55/record/0-123/7712)"
    )
    assert "- **Return 12 is stuck: 1.00 USD.** Rejected since " in new
    assert new.endswith(links)
    assert over.endswith(f"- **Return 12 is no longer stuck: a person closed it.**{links}")


def test_an_unknown_portal_or_an_emulator_that_does_not_run_leaves_its_link_out(
    tmp_path: Path, receiver: Receiver
) -> None:
    settings = live(tmp_path, receiver.url)
    has_a_stuck_order(settings, None)
    evaluate(settings)
    assert "[NetSuite]" in receiver.bodies[0]
    assert "[HubSpot]" not in receiver.bodies[0]
    sandbox = load_settings(home=tmp_path / "other", alert_urls=receiver.url, alert_digest_at="off")
    has_a_stuck_order(sandbox, None)
    evaluate(sandbox)
    assert "](" not in receiver.bodies[1]


def test_without_an_address_nothing_is_opened(tmp_path: Path) -> None:
    with open_alerts(load_settings(home=tmp_path, alert_urls=" , "), GivenRuns()) as alerts:
        assert alerts is None
    assert list(tmp_path.iterdir()) == []
