"""Alerts over a real state in a file and a real receiver; only Dagster's runs are given by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ns_hs_orders.alerts.conditions import Limits, Places
from ns_hs_orders.alerts.delivery import AppriseMessenger
from ns_hs_orders.alerts.evaluate import Alerts, DigestAt
from ns_hs_orders.alerts.ports import FinishedRun, RedDay
from ns_hs_orders.push.ports import Claim, Confirmation, Verdict
from ns_hs_orders.state.alert_conditions import AlertConditions
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.orders.waiting_orders import WaitingOrders
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders_tests.alerts.receiver import Receiver

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 19)
PLACES = Places(
    "http://127.0.0.1:3000",
    "https://1234567.app.netsuite.com/app/accounting/transactions/salesord.nl?id={id}",
    "https://app.hubspot.com/contacts/55/record/0-123/{id}",
)
ZONE = ZoneInfo("America/Los_Angeles")


@dataclass
class GivenRuns:
    """Dagster's runs, as the tests say that they were."""

    runs: list[FinishedRun] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    red: dict[date, RedDay] = field(default_factory=dict)

    def ended(self, run_id: str, at: datetime, *, succeeded: bool, job: str = "sync_days") -> None:
        self.runs.append(FinishedRun(run_id, job, at - timedelta(seconds=5), at, succeeded))

    def finished(self, since: datetime) -> list[FinishedRun]:
        return sorted((one for one in self.runs if one.ended_at > since), key=lambda one: one.ended_at)

    def failure(self, run_id: str) -> str:
        return self.why.get(run_id, "")

    def red_day(self, day: date) -> RedDay:
        return self.red.get(day, RedDay())


@dataclass
class Desk:
    """One home's alerts, with a clock that the test moves."""

    state: State
    runs: GivenRuns
    urls: str
    digest_at: time | None = None
    now: datetime = NOW
    amount: Decimal | None = Decimal(10_000)

    def evaluate(self, minutes: float = 1) -> str:
        """Lets time pass and evaluates once, as a process of its own would."""
        self.now += timedelta(minutes=minutes)
        return Alerts(
            mode="sandbox",
            conditions=AlertConditions(self.state),
            orders=WaitingOrders(self.state),
            days=Days(self.state),
            runs=self.runs,
            notes=Notes(self.state),
            messenger=AppriseMessenger(self.urls),
            places=PLACES,
            limits=Limits(
                timedelta(minutes=30), self.amount, {"property_missing": "HubSpot lacks a property."}
            ),
            digest_at=DigestAt(self.digest_at, ZONE),
            clock=lambda: self.now,
        ).evaluate()

    def rejected(
        self, order_id: str, minor: int = 3000, currency: str = "USD", reason: str = "property_missing"
    ) -> None:
        """HubSpot refuses an order now."""
        OrderStateStore(self.state).record(
            [Verdict(order_id, 1, "rejected", reason, "no", DAY, currency, minor)],
            holder="run",
            run="run",
            now=self.now,
        )

    def written(self, order_id: str, minor: int = 3000, currency: str = "USD", ticket: int = 2) -> None:
        """HubSpot holds the order now."""
        states = OrderStateStore(self.state)
        claim = Claim(order_id, ticket, DAY, currency, minor, (f"{order_id}-1",), "9001", None)
        answers = states.claim([claim], holder="a", lease_until=self.now + timedelta(minutes=4), now=self.now)
        assert answers == {order_id: "claimed"}
        done = Confirmation(
            order_id,
            ticket,
            "print",
            "created",
            f"77{order_id}",
            {f"{order_id}-1": "7"},
            "9001",
            None,
            self.now,
        )
        assert states.confirm([done], holder="a", run="run") == {order_id}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver().start()
    yield opened
    opened.stop()


@pytest.fixture
def second_receiver() -> Iterator[Receiver]:
    opened = Receiver().start()
    yield opened
    opened.stop()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def desk(state: State, receiver: Receiver) -> Desk:
    return Desk(state, GivenRuns(), receiver.url)


@pytest.fixture
def desk_of(state: State) -> Callable[[str], Desk]:
    return lambda urls: Desk(state, GivenRuns(), urls)
