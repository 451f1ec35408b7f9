"""The world of one seed: both emulators with a made-up company in a home of its own, and how NetSuite changes.

Belongs here: making homes from a template, and what happens in NetSuite. Does not belong here: faults
(schedule), processes (syncing), what HubSpot must hold (oracle).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.faults.clock import ScaledClock
from ns_hs_orders.sandbox.home import SandboxHome
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import generate, happenings, load_world, with_suitetax
from ns_hs_orders.sandbox.world.company.bad_orders import TEST_CARD
from ns_hs_orders.sandbox.world.model import stamp_text
from ns_hs_orders.sandbox.world.standing import Standing, read_standing
from ns_hs_orders.settings import load_settings
from ns_hs_orders.setup.plan import apply, plan
from ns_hs_orders.wiring.opening import open_session

TODAY: Final = date(2025, 11, 20)
BEGAN: Final = datetime(2025, 11, 20, 17, 0, tzinfo=UTC)
SCALE: Final = 20.0
_SLOWER: Final = 4
"""How much slower time runs where calls are counted: what is late by the machine's doing must stay small
beside a window."""
_TIGHT_SHARE: Final = 0.1
ORDERS: Final = (125, 160)
DAYS: Final = 8
DAYS_BEFORE: Final = 10
"""Order dates are moved back by edits; the sync covers these days before the world's first as well."""
_CARDS: Final = ("4012888888881881", "5555-5555-5555-4444", "3782 822463 10005")
_EVENTS: Final[tuple[tuple[Callable[[Standing], Any], int], ...]] = (
    (lambda world: happenings.new_order(world, 1), 6),
    (happenings.header_edit, 4),
    (happenings.line_edit, 6),
    (happenings.line_removal, 3),
    (happenings.approval, 2),
    (happenings.fulfilment, 4),
    (happenings.billing, 2),
    (happenings.tracking_edit, 3),
    (happenings.cancellation, 1),
    (happenings.customer_change, 4),
    (happenings.goods_return, 1),
    (happenings.deletion, 3),
    (happenings.customer_joins_hubspot, 1),
)


class Template:
    """An account that is set up and empty, to be copied: keys and HubSpot's definitions take long to make."""

    def __init__(self, folder: Path) -> None:
        self._home = SandboxHome(folder)
        with Sandbox(folder, limits="off"):
            NetSuiteStore(self._home.netsuite_path).close()
            with open_session(load_settings(home=folder)) as session:
                apply(
                    plan(session.definitions, session.field_map, pipeline_id="", stage_ids={}), _tell_nobody
                )

    def copy(self, folder: Path) -> None:
        """A home with the same credentials and definitions."""
        made = SandboxHome(folder)
        made.create()
        for name in ("credentials.json", "hubspot.sqlite", "netsuite.sqlite"):
            shutil.copy(self._home.folder / name, made.folder / name)


class World:
    """One seed's company, running. is_tight: whether the budget of calls is small, drawn
    unless told. cards: card numbers that NetSuite's texts hold, as they are written there."""

    def __init__(
        self, home: Path, template: Template, seed: int, *, scale: float = SCALE, is_tight: bool | None = None
    ) -> None:
        self.home = home
        self.rng = Random(f"world {seed}")
        self.seed = seed
        drawn = self.rng.random() < _TIGHT_SHARE
        self.is_tight = drawn if is_tight is None else is_tight
        self.clock = ScaledClock.start(BEGAN, scale / _SLOWER if self.is_tight else scale)
        self.suitetax = self.rng.random() < 0.2
        self.first = TODAY - timedelta(days=DAYS - 1 + DAYS_BEFORE)
        self.last = TODAY + timedelta(days=3)
        self.cards = [TEST_CARD]
        self._skipped: list[tuple[float, float]] = []
        self._undo: list[tuple[str, str, dict[str, str | None]]] = []
        template.copy(home)
        self.sandbox = Sandbox(home, switches=self._switches(), clock=lambda: self.clock.now())
        self.netsuite = NetSuiteStore(self.sandbox.home.netsuite_path)
        self.hubspot = HubSpotStore(self.sandbox.home.hubspot_path, lambda: self.clock.now())
        made = generate(self.rng.randint(*ORDERS), seed, TODAY, days=DAYS)
        load_world(with_suitetax(made) if self.suitetax else made, self.netsuite, self.hubspot)
        noted = {"first_order_date": self.first.isoformat(), "last_order_date": self.last.isoformat()}
        (self.sandbox.home.folder / "world.json").write_text(json.dumps(noted))

    def _switches(self) -> dict[str, Any]:
        return {
            # the campaign counts calls itself; the emulator only tells of limits that are never reached
            "hubspot_calls_per_10_seconds": 0,
            "hubspot_association_calls_per_10_seconds": 0,
            "hubspot_search_calls_per_second": 0,
            "hubspot_calls_per_day": 0,
            "token_lifetime_seconds": self.rng.choice((60, 300, 3600)),
            "hubspot_search_lag_seconds": self.rng.choice((0, 10, 60)),
            "hubspot_upsert_echoes_key": self.rng.choice(("always", "when_sent", "never")),
            "hubspot_empty_as_null": self.rng.random() < 0.5,
            "order_stamp_moves_on_tracking_edit": self.rng.random() < 0.3,
            "order_stamp_moves_on_line_edit": self.rng.random() < 0.3,
        }

    def change(self, events: int) -> None:
        """So many things happen in NetSuite, now; now and then one is taken back, without a trace in its stamps."""
        with self.netsuite.transaction():
            standing = read_standing(
                self.netsuite, self.hubspot, self.seed, self.clock.now(), self.sandbox.switches()
            )
            standing.rng = self.rng
            happen, weights = zip(*_EVENTS, strict=True)
            for event in self.rng.choices(happen, weights, k=events):
                event(standing)
            if self.rng.random() < 0.3:
                self._write_card(standing)

    def change_orders(self, order_ids: Sequence[str]) -> None:
        """Things happen to these very orders, such as those that a killed process was writing."""
        with self.netsuite.transaction():
            standing = read_standing(
                self.netsuite, self.hubspot, self.seed, self.clock.now(), self.sandbox.switches()
            )
            standing.rng = self.rng
            standing.orders = {key: standing.orders[key] for key in order_ids if key in standing.orders}
            for event, share in (
                (happenings.deletion, 6),
                (happenings.line_removal, 4),
                (happenings.header_edit, 4),
                (happenings.line_edit, 8),
                (happenings.customer_change, 10),
            ):
                for _ in range(1 + len(order_ids) // share if order_ids else 0):
                    event(standing)

    def nudge(self, count: int) -> None:
        """Lines change in a way that moves no header's stamp; `take_back` undoes it."""
        orders = [
            one for one in self.netsuite.rows("transaction", type="SalesOrd") if one["status"] in ("A", "B")
        ]
        for order in self.rng.sample(orders, min(count, len(orders))):
            lines = self.netsuite.rows("transactionline", transaction=order["id"] or "")
            goods = [one for one in lines if one["itemtype"] == "InvtPart" and one["mainline"] != "T"]
            if goods:
                key = goods[0]["uniquekey"] or ""
                self._undo.append(("transactionline", key, {"memo": goods[0]["memo"]}))
                self._note_line(key, {"memo": f"Nudged {self.rng.randrange(10**6)}"})

    def take_back(self) -> None:
        """What `nudge` changed is as it was."""
        for _, key, values in self._undo:
            self._note_line(key, values)
        self._undo.clear()

    def _note_line(self, key: str, values: dict[str, str | None]) -> None:
        stamp = {"linelastmodifieddate": stamp_text(self.clock.now())}
        self.netsuite.update("transactionline", {"uniquekey": key}, {**values, **stamp})

    def _write_card(self, standing: Standing) -> None:
        """Somebody types a card number where none belongs."""
        order = standing.pick("ABDEFG")
        if order is None:
            return
        card = self.rng.choice(_CARDS)
        self.cards.append(card)
        column = self.rng.choice(("memo", "otherrefnum", "custbody_payment_note"))
        self.netsuite.update(
            "transaction",
            {"id": order["id"] or ""},
            {column: f"card {card} please", "lastmodifieddate": stamp_text(standing.now)},
        )
        standing.drop(order)

    def skip(self, seconds: float) -> None:
        """Time passes at once. Only while no process syncs and no request is under way."""
        self.clock = self.clock.later(seconds)
        self._skipped.append((time.time(), seconds))

    def seconds_at(self, at: float) -> float:
        """A moment of the machine (seconds since 1970) in the world's seconds, what was skipped before it included."""
        return at * self.clock.scale + sum(seconds for moment, seconds in self._skipped if moment <= at)

    def close(self) -> None:
        """Closes both stores; the sandbox is stopped by whoever started it."""
        self.netsuite.close()
        self.hubspot.close()


def _tell_nobody(_what: object) -> None:
    """Set-up is told to nobody."""
