"""The orders of the contest: made once, mapped once by our mapping, the same strings for everybody.

Belongs here: the world, the mapped orders as files, and HubSpot's store as setup leaves it. Does not belong here:
writing them to HubSpot (contenders), or measuring (contest).
"""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.stack import BenchmarkError, Stack, say
from benchmarks.three_lines import fill
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.sandbox.home import SandboxHome
from ns_hs_orders.settings import Settings
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.session import Session

DAYS: Final = 31
BAD_EVERY: Final = 1000
BAD_AT: Final = 50  # early in each thousand, so that the slowest contender meets one too
TOO_LONG: Final = "x" * 70_000  # HubSpot takes 65,536 characters


@dataclass(frozen=True)
class Workload:
    """Orders as files: `records` for everybody (JSON lines), `mapped` for our push (pickle).

    expected: order key → line keys and company of the orders that HubSpot will take. bad: keys of those it refuses.
    """

    records: Path
    mapped: Path
    expected: dict[str, tuple[frozenset[str], str]]
    bad: frozenset[str]

    @property
    def orders(self) -> int:
        """How many there are, bad ones included."""
        return len(self.expected) + len(self.bad)

    @property
    def lines(self) -> int:
        """Lines of the orders that HubSpot will take."""
        return sum(len(keys) for keys, _ in self.expected.values())


def prepare(home: Path, orders: int, bad_orders: int) -> tuple[Workload, Workload]:
    """Makes the world in `home`, sets HubSpot up; returns all orders, and the first ones with bad ones among them.

    Raises BenchmarkError where mapping holds one back.
    """
    stack = Stack(home, {})
    first = datetime.now(UTC).date() - timedelta(days=DAYS)
    with stack.stores() as (netsuite, hubspot):
        fill(netsuite, hubspot, orders=orders, first=first, days=DAYS)
    try:
        stack.start_sandbox("--limits", "off", "--latency", "0")
        stack.command("setup")
        say("mapping the orders")
        with open_session(Settings(_env_file=None, mode="sandbox", home=str(home))) as session:
            mapped = session.map(session.read_days(first, first + timedelta(days=DAYS - 1)))
            if len(mapped.orders) != orders:
                raise BenchmarkError(f"{len(mapped.orders):,} of {orders:,} orders are valid.")
            return (
                _written(home / "all", session, mapped, frozenset()),
                _written(home / "with-bad", session, *_with_bad_orders(mapped, bad_orders)),
            )
    finally:
        stack.close()


def fresh_home(template: Path, home: Path) -> None:
    """A home whose HubSpot is as setup left it, and whose state knows nothing."""
    source = SandboxHome(template)
    shutil.copytree(
        source.folder,
        SandboxHome(home).folder,
        ignore=shutil.ignore_patterns(f"{source.netsuite_path.name}*", "addresses.json", "*.lock"),
    )


def _with_bad_orders(mapped: MappedOrders, count: int) -> tuple[MappedOrders, frozenset[str]]:
    orders = mapped.orders.iloc[:count].reset_index(drop=True)
    places = list(range(min(BAD_AT, count - 1), count, BAD_EVERY))
    orders.loc[places, "memo"] = TOO_LONG
    lines = mapped.lines[mapped.lines["order_id_netsuite"].isin(orders["order_id_netsuite"])]
    held = (mapped.quarantined, mapped.skipped)
    return MappedOrders(orders, lines.reset_index(drop=True), *held), frozenset(
        orders.loc[places, "order_id_netsuite"]
    )


def _written(stem: Path, session: Session, mapped: MappedOrders, bad: frozenset[str]) -> Workload:
    wanted = session.wanted(mapped)
    records = stem.with_suffix(".jsonl")
    with records.open("w") as file:
        file.writelines(json.dumps(_record(order)) + "\n" for order in wanted)
    frames = stem.with_suffix(".pickle")
    frames.write_bytes(pickle.dumps((mapped.orders, mapped.lines, mapped.quarantined, mapped.skipped)))
    expected = {
        order.key: (frozenset(line.key for line in order.lines), order.company_id or "")
        for order in wanted
        if order.key not in bad
    }
    return Workload(records, frames, expected, bad)


def _record(order: WantedOrder) -> dict[str, Any]:
    if order.company_id is None:
        raise BenchmarkError(f"Order {order.key} has no company.")
    return {
        "key": order.key,
        "company_id": order.company_id,
        "properties": order.properties,
        "lines": [{"key": line.key, "properties": line.properties} for line in order.lines],
    }
