"""A setup that is killed by `kill -9` in the middle of a write, and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ns_hs_orders.setup.requirements import PARENT_LABEL, RETURNS, SALES_ORDERS
from ns_hs_orders_tests.setup.conftest import Command, Home
from ns_hs_orders_tests.setup.test_setup import OWN

LISTS, LABELS = "/crm/lists/[^/]+$", "/orders/orders/labels$"
DRIVER = """
import os, sys
import ns_hs_orders.wiring.check_up, ns_hs_orders.wiring.opening, ns_hs_orders.setup.plan, ns_hs_orders.setup.segments
from ns_hs_orders.cli import main
for _ in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(2, 1)
        os._exit(main(["setup"]))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A setup for each line: imports are paid for once."""


@dataclass
class Setups:
    """Setups that are killed. process: DRIVER."""

    home: Home
    process: subprocess.Popen[str]

    def kill_while_it_writes(self, path: str) -> None:
        """Starts one, and kills it while HubSpot holds a write to the path."""
        into, out = self.process.stdin, self.process.stdout
        assert into is not None
        assert out is not None
        waiting = self.home.sandbox.faults.held()
        self.home.sandbox.faults.add({"kind": "hold", "app": "hubspot", "method": "POST", "path": path})
        into.write("\n")
        into.flush()
        child = int(out.readline())
        for _ in range(600):
            if self.home.sandbox.faults.held() > waiting:
                break
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        assert out.readline() == f"{int(signal.SIGKILL)}\n"


@pytest.fixture
def setups(empty: Home, tmp_path: Path) -> Iterator[Setups]:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER],
            env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        with process:
            yield Setups(empty, process)


def release(home: Home, count: int) -> None:
    """Lets HubSpot do what the dead senders asked for, and waits until it has."""
    before = len(home.hubspot.calls())
    assert home.sandbox.faults.release() == count
    for _ in range(200):
        if len(home.hubspot.calls()) >= before + count:
            return
        time.sleep(0.05)
    raise AssertionError("HubSpot did not do what it held.")


def made_by(home: Home, start: str) -> int:
    """How many writes to a path that begins so HubSpot took."""
    return sum(
        one.method == "POST" and one.path.startswith(start) and one.status < 300
        for one in home.hubspot.calls()
    )


def test_a_setup_that_is_killed_at_any_write_and_run_again_has_made_each_thing_once(
    empty: Home, run: Command, setups: Setups
) -> None:
    for path in ("/properties/[^/]+/orders$", "/pipelines/[^/]+/orders$", LABELS):
        setups.kill_while_it_writes(path)
    # the property and the pipeline were made by the next setup before the dead one's write arrives
    release(empty, 3)
    setups.kill_while_it_writes(LISTS)

    assert run("setup").code == 0
    release(empty, 1)

    names = [
        (kind, one["name"])
        for kind in ("orders", "line_items")
        for one in empty.client.settings.properties(kind)
        if (kind, one["name"]) in {(kind, wanted.name) for kind, wanted in OWN}
    ]
    assert Counter(names) == Counter((kind, wanted.name) for kind, wanted in OWN)
    labels = Counter(one.label for one in empty.definitions.pipelines("orders"))
    assert (labels[SALES_ORDERS.label], labels[RETURNS.label]) == (1, 1)
    types = [one["label"] for one in empty.client.settings.association_types("orders", "orders")]
    assert (types.count(PARENT_LABEL.label), types.count(PARENT_LABEL.inverse)) == (1, 1)
    assert made_by(empty, "/crm/lists/") == 5
    before = empty.writes()
    assert run("setup", "--plan").out.splitlines()[1:] == ["Nothing to change."]
    assert run("setup").out.splitlines()[1:] == ["Nothing to change."]
    assert empty.writes() == before
