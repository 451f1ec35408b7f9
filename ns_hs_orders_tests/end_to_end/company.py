"""A company in both emulators, as the end-to-end tests see it: sync it, prove it, look at both sides.

Belongs here: opening, syncing, and reading what HubSpot's emulator holds. Does not belong here: worlds
(conftest) or assertions (tests).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ns_hs_orders.cli import main
from ns_hs_orders.fields.returns import RETURN_AMOUNT
from ns_hs_orders.money import to_minor
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.setup.plan import apply
from ns_hs_orders.wiring.check_up import setup_steps
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.net_sales import tells_net_sales
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.returns.session import open_returns
from ns_hs_orders.wiring.session import Session

TODAY = date(2025, 11, 20)
FIRST = date(2025, 11, 17)
DAYS = (TODAY - FIRST).days + 1
ORDER_TO_PRIMARY_COMPANY = 509


@dataclass(frozen=True)
class Round:
    """One sync with its proof."""

    results: pd.DataFrame
    reconciliation: Reconciliation

    @property
    def outcomes(self) -> dict[str, int]:
        return {str(name): int(n) for name, n in self.results["outcome"].value_counts().items()}

    def outcome_of(self, key: str) -> tuple[str, str | None]:
        """(outcome, reason) of an order, by id or number."""
        rows = self.results[
            (self.results["order_id_netsuite"] == key) | (self.results["order_number"] == key)
        ]
        (outcome,), (reason,) = rows["outcome"].tolist(), rows["reason"].tolist()
        return outcome, None if pd.isna(reason) else reason


@dataclass(frozen=True)
class Company:
    """A running sandbox, both stores, and the home around them."""

    home: Path
    sandbox: Sandbox
    netsuite: NetSuiteStore
    hubspot: HubSpotStore
    planted: Mapping[str, list[str]]
    first: date = FIRST
    last: date = TODAY

    def settings(self, **overrides: Any) -> Settings:
        return load_settings(home=self.home, **overrides)

    @contextmanager
    def session(self, **overrides: Any) -> Iterator[Session]:
        with open_session(self.settings(**overrides)) as session:
            yield session

    def provision(self, **overrides: Any) -> None:
        with self.session(**overrides) as session:
            apply(setup_steps(session), lambda _: None)

    def sync(self, first: date | None = None, last: date | None = None, **overrides: Any) -> Round:
        """Reads, maps, pushes and proves the days through the session, without Dagster."""
        first, last = first or self.first, last or self.last
        with self.session(**overrides) as session:
            results = _carried_over(session, first, last)
            reconciliation = session.reconcile(first, last)
            session.record(reconciliation)
        return Round(results, reconciliation)

    def carry_over(self, **overrides: Any) -> None:
        """As `sync` without its proof, which costs as much again, for tests that begin with what HubSpot then holds."""
        with self.session(**overrides) as session:
            _carried_over(session, self.first, self.last)

    def reconcile(
        self, first: date | None = None, last: date | None = None, **overrides: Any
    ) -> Reconciliation:
        """Compares both systems and notes the result, as the job does."""
        with self.session(**overrides) as session:
            result = session.reconcile(first or self.first, last or self.last)
            session.record(result)
        return result

    def command(self, name: str, *more: str) -> int:
        """`ns-hs-orders <name> --from … --to …` in this process; the home comes from the environment."""
        return main([name, "--from", self.first.isoformat(), "--to", self.last.isoformat(), *more])

    def held(self, *, with_returns: bool = False) -> dict[str, dict[str, Any]]:
        """NetSuite id → what HubSpot holds of the order: record id, properties, lines by key, companies.

        with_returns: return records, too, which are of the same object.
        """
        lines = {one["id"]: one["properties"] for one in self.hubspot.objects("line_items")}
        ends: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for from_type, from_id, to_type, to_id, type_id in self.hubspot.associations():
            if from_type == "orders":
                ends.setdefault((from_id, to_type), []).append((to_id, type_id))
        found: dict[str, dict[str, Any]] = {}
        for one in self.hubspot.objects("orders"):
            if one["properties"].get(RETURN_AMOUNT) and not with_returns:
                continue
            key = one["properties"].get("netsuite_internal_id") or f"hubspot {one['id']}"
            assert key not in found, f"order {key} is in HubSpot twice"
            of_order = {to for to, _ in ends.get((one["id"], "line_items"), [])}
            keyed = [
                (lines[line_id].get("netsuite_line_key") or line_id, lines[line_id]) for line_id in of_order
            ]
            assert len(dict(keyed)) == len(keyed), f"a line of order {key} is in HubSpot twice"
            found[key] = {
                "id": one["id"],
                "properties": one["properties"],
                "lines": dict(keyed),
                "companies": {
                    to
                    for to, type_id in ends.get((one["id"], "companies"), [])
                    if type_id == ORDER_TO_PRIMARY_COMPANY
                },
                "contacts": {to for to, _ in ends.get((one["id"], "contacts"), [])},
            }
        return found

    def order(self, key: str) -> dict[str, Any]:
        return self.held(with_returns=True)[key]

    def content(self) -> dict[str, Any]:
        """All that HubSpot holds of the orders, without the ids and times that every run makes anew."""
        return {
            key: {
                "properties": _plain(one["properties"]),
                "lines": {name: _plain(line) for name, line in one["lines"].items()},
                "companies": one["companies"],
                "contacts": one["contacts"],
            }
            for key, one in self.held().items()
        }

    def loose_lines(self) -> set[str]:
        """Keys of line items that hang on no order."""
        attached = {key for one in self.held(with_returns=True).values() for key in one["lines"]}
        held = {one["properties"]["netsuite_line_key"] for one in self.hubspot.objects("line_items")}
        return held - attached

    def sums(self) -> dict[str, int]:
        """Currency → sum of the order totals that HubSpot holds, in minor units."""
        sums: dict[str, int] = {}
        for one in self.hubspot.objects("orders"):
            held = one["properties"]
            currency = held["hs_currency_code"]
            sums[currency] = sums.get(currency, 0) + to_minor(held["hs_total_price"], currency)
        return sums

    def edit(self, key: str, **properties: str) -> None:
        """Changes an order as a person does in HubSpot."""
        self.hubspot.edit("orders", self.order(key)["id"], properties)

    def number_of(self, key: str) -> str:
        (row,) = self.netsuite.rows("transaction", id=key)
        return row["tranid"] or ""

    def id_of(self, number: str) -> str:
        rows = [row for row in self.netsuite.rows("transaction", tranid=number) if row["type"] == "SalesOrd"]
        return rows[0]["id"] or ""

    def planted_ids(self, code: str) -> list[str]:
        """Ids of the orders that the world made bad in this way."""
        return [self.id_of(number) for number in self.planted[code]]


def _carried_over(session: Session, first: date, last: date) -> pd.DataFrame:
    raw = session.read_days(first, last)
    mapped = session.map(raw)
    results = session.push(mapped, run="end-to-end")
    DepartureDesk(session, "end-to-end", lambda _: None).settle_days(first, last, raw.orders)
    if tells_net_sales(session) and session.settings.returns == "pipeline":
        with open_returns(session) as returns:
            returns.push(returns.map(returns.read_days(first, last)), run="end-to-end")
    return results


_MADE_BY_HUBSPOT = frozenset(
    {
        "hs_object_id",
        "hs_createdate",
        "hs_lastmodifieddate",
        "hs_closed_date",
        "hubspot_owner_assigneddate",
        "createdate",
        "lastmodifieddate",
    }
)


def _plain(properties: Mapping[str, str | None]) -> dict[str, str | None]:
    return {
        name: value
        for name, value in properties.items()
        if name not in _MADE_BY_HUBSPOT
        and not name.startswith(("hs_object_source", "hs_updated_by", "hs_created_by"))
    }


def accepted(result: Reconciliation, currency: str | None = None) -> list[str]:
    """Ids of the orders that agree, largest first."""
    orders = result.orders
    chosen = orders[orders["finding"].eq("agrees") & orders["hubspot_minor"].notna()]
    if currency:
        chosen = chosen[chosen["currency"] == currency]
    found: list[str] = chosen.sort_values("netsuite_minor", ascending=False)["order_id_netsuite"].tolist()
    return found


def output(capsys: Any) -> dict[str, Any]:
    """The JSON that the last command printed."""
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document
