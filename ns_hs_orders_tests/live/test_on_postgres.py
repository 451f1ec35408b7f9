"""The whole sync with its state on a Postgres server: days, the live lane, a killed run, and `status`."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.state.database import open_state
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY
from ns_hs_orders_tests.live.world import AFTER_THE_LEASE, LIVE_ONCE, InProcess, running_world

ORDERS = 24


def test_days_the_live_lane_and_a_killed_run_end_in_agreement_with_the_state_on_postgres(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NS_HS_STATE_URL", postgres_url)
    with running_world(tmp_path, ORDERS) as world:
        known = set(world.orders)
        assert len(known) > ORDERS // 2
        assert not (world.company.home / "state").exists()
        with closing(open_state(postgres_url)) as state:
            assert known <= set(OrderStateStore(state).dated(FIRST, TODAY))

        assert world.sync()["unchanged"] >= len(known), "the fingerprints are found again"
        first, second = world.fresh_orders(2)
        world.edit(first, "seen by the lane")
        world.drain()
        assert world.memo(first) == "seen by the lane"

        world.edit(second, "written twice?")
        world.faults.add({"kind": "hold", "app": "hubspot", "path": "orders/batch/upsert"})
        killed = InProcess.start(world, LIVE_ONCE, tmp_path / "stop")
        world.until_held(killed.is_alive)
        killed.kill()
        world.faults.clear()
        assert second in world.due()
        world.drain()
        with closing(open_state(postgres_url)) as state:
            assert OrderStateStore(state).in_flight([second], world.now()) == {second}, "its lease holds"
        world.pass_time(AFTER_THE_LEASE)
        world.drain()
        assert world.memo(second) == "written twice?"
        world.agree()

        capsys.readouterr()
        assert main(["status", "--json"]) in (0, 1)
        shown = capsys.readouterr().out
        assert json.loads(shown)["state"] == open_address(postgres_url)


def open_address(url: str) -> str:
    """The address as it is shown: the driver named, without options."""
    return url.split("?")[0].replace("postgresql:", "postgresql+psycopg:").replace(":@", ":***@")
