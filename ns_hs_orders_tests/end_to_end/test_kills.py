"""A sync that is killed by `kill -9` in the middle of a write, and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.state.work import lanes
from ns_hs_orders.wiring import patience
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company
from ns_hs_orders_tests.end_to_end.conftest import Make, maker

# A claim outlasts the longest call. Short calls keep the wait for a dead run's claims short.
SHORT = {"HUBSPOT_CALL_SECONDS": 3.0, "HUBSPOT_READ_SECONDS": 3.0, "LEASE_MARGIN_SECONDS": 1.0}
DRIVER = f"""
from datetime import date
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring import patience
from ns_hs_orders.wiring.opening import open_session
vars(patience).update({SHORT!r})
with open_session(load_settings()) as session:
    raw = session.read_days(date.fromisoformat({FIRST.isoformat()!r}), date.fromisoformat({TODAY.isoformat()!r}))
    session.push(session.map(raw), run="killed")
"""


def content(company: Company) -> dict[str, Any]:
    """What HubSpot holds, without the link that names the sandbox's own account."""
    held = company.content()
    for order in held.values():
        order["properties"].pop("hs_external_order_url")
    return held


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What HubSpot holds after a sync that nobody killed."""
    with pytest.MonkeyPatch.context() as patch, maker(tmp_path_factory.mktemp("undisturbed"), patch) as make:
        company = make(40)
        assert company.sync().reconciliation.agrees
        return content(company)


@pytest.mark.parametrize(
    "path",
    ["orders/batch/upsert", "line_items/batch/upsert", "orders/line_items/batch/create"],
    ids=["while orders are written", "while lines are written", "while lines are associated"],
)
def test_a_killed_sync_that_is_run_again_ends_as_an_undisturbed_one(
    make: Make, monkeypatch: pytest.MonkeyPatch, path: str, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    company = make(40)
    company.sandbox.faults.add({"kind": "hold", "app": "hubspot", "path": path})

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=dict(os.environ), stdout=log, stderr=log
        )
    for _ in range(600):
        if company.sandbox.faults.held():
            break
        assert process.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    # HubSpot may still do what the dead sender asked for.
    assert company.sandbox.faults.release() == 1

    for name, seconds in SHORT.items():
        monkeypatch.setattr(patience, name, seconds)
    # A dead run keeps the lane until its heartbeat is old.
    monkeypatch.setattr(lanes, "FRESH", timedelta(seconds=3))
    again = company.sync()

    assert again.outcomes.get("due", 0) == 0
    assert again.reconciliation.agrees
    assert content(company) == undisturbed
    assert company.loose_lines() == set()
