"""The sandbox's shell: two emulators, one home, faults, the log of calls, other processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from ns_hs_orders.sandbox.faults import KINDS, FaultError, FaultRule
from ns_hs_orders.sandbox.home import SandboxHome, read_addresses
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.tables import TABLES
from ns_hs_orders.sandbox.server import Sandbox, SandboxError
from ns_hs_orders.sandbox.switches import SwitchBoard, SwitchError, Switches
from ns_hs_orders_tests.sandbox.netsuite.conftest import Client, fill

IDS = "SELECT id FROM transaction ORDER BY id"
ROW = "SELECT memo FROM transaction WHERE id = 9"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("home")) as running:
        store = NetSuiteStore(running.home.netsuite_path)
        fill(store)
        store.close()
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox)
    made.sign_in()
    sandbox.calls.clear()
    yield made
    sandbox.faults.clear()
    sandbox.switches.reset()
    made.session.close()


def control(sandbox: Sandbox, method: str, name: str, content: Any = None, *, hubspot: bool = False) -> Any:
    base = sandbox.hubspot_url if hubspot else sandbox.netsuite_url
    answer = requests.request(method, f"{base}/__sandbox__/{name}", json=content, timeout=10)
    return answer.json()


# Faults


def test_a_status_fault_fires_as_often_as_told_and_leaves_the_emulator_alone(
    client: Client, sandbox: Sandbox
) -> None:
    rule = {"kind": "status", "app": "netsuite", "path": "suiteql", "status": 429, "answer": {"e": 1},
            "headers": {"Retry-After": "3"}, "times": 2, "after": 1}  # fmt: skip
    control(sandbox, "POST", "faults", [rule])
    answers = [client.query(IDS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert (answers[1].json(), answers[1].headers["Retry-After"]) == ({"e": 1}, "3")
    (listed,) = control(sandbox, "GET", "faults", hubspot=True)
    assert (listed["matched"], listed["fired"]) == (3, 2)


@pytest.mark.parametrize("kind", ["reset", "reset_after", "reset_mid_body", "truncated"])
def test_a_broken_connection_is_an_error_to_the_client(client: Client, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add({"kind": kind})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.query(IDS)
    assert len(client.query(IDS).json()["items"]) == 4


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after"])
def test_an_answer_can_fail_to_come(client: Client, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add({"kind": kind})
    with pytest.raises(requests.ReadTimeout):
        client.query(IDS, timeout=0.2)
    assert client.query(IDS).status_code == 200
    assert [call.status for call in sandbox.calls.calls()] == [None, 200]


@pytest.mark.parametrize(
    "kind, done", [("reset", 0), ("status", 0), ("reset_after", 1), ("reset_mid_body", 1), ("truncated", 1)]
)
def test_a_lost_answer_leaves_its_work_done(sandbox: Sandbox, kind: str, done: int) -> None:
    hubspot = HubSpotStore(sandbox.home.hubspot_path)
    before = len(hubspot.objects("companies"))
    sandbox.faults.add({"kind": kind, "app": "hubspot", "method": "POST"})
    with contextlib.suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        requests.post(
            f"{sandbox.hubspot_url}/crm/v3/objects/companies",
            json={"properties": {"name": kind}},
            headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
            timeout=10,
        )
    assert sandbox.faults.listing()[-1]["fired"] == 1
    assert len(hubspot.objects("companies")) == before + done
    sandbox.faults.clear()


def test_an_answer_that_is_no_json(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add({"kind": "not_json"})
    answer = client.query(IDS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_empty_page_contradicts_its_own_total(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add({"kind": "empty_page"})
    page = client.query(IDS).json()
    assert (page["items"], page["count"], page["totalResults"]) == ([], 0, 4)


@pytest.mark.parametrize(
    "kind, shown",
    [("fewer", 3), ("duplicated", 8), ("unordered", 4)],
    ids=["fewer", "duplicated", "unordered"],
)
def test_an_answer_can_leave_rows_out_or_give_them_twice_or_in_another_order(
    client: Client, sandbox: Sandbox, kind: str, shown: int
) -> None:
    right = client.query(IDS).json()
    sandbox.faults.add({"kind": kind, "seed": 3})
    wrong = client.query(IDS).json()
    assert (len(wrong["items"]), wrong["totalResults"]) == (shown, right["totalResults"])
    assert wrong["items"] != right["items"]
    assert all(row in right["items"] for row in wrong["items"])


def test_a_batch_can_be_done_for_some_inputs_and_refused_for_others(sandbox: Sandbox) -> None:
    hubspot = HubSpotStore(sandbox.home.hubspot_path)
    before = len(hubspot.objects("companies"))
    sandbox.faults.add({"kind": "mixed", "app": "hubspot", "seed": 1})
    inputs = [
        {"properties": {"name": f"mixed {number}"}, "objectWriteTraceId": f"t{number}"} for number in range(4)
    ]
    answer = requests.post(
        f"{sandbox.hubspot_url}/crm/objects/2026-03/companies/batch/create",
        json={"inputs": inputs},
        headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
        timeout=10,
    )
    (error,) = answer.json()["errors"]
    made = {one["properties"]["name"] for one in hubspot.objects("companies")[before:]}
    (refused,) = error["context"]["objectWriteTraceId"]
    assert answer.status_code == 207
    assert (len(answer.json()["results"]), answer.json()["numErrors"]) == (3, 1)
    assert made == {f"mixed {number}" for number in range(4)} - {f"mixed {refused[1:]}"}
    sandbox.faults.clear()


def test_a_batch_of_one_that_is_refused_in_part_does_nothing(sandbox: Sandbox) -> None:
    hubspot = HubSpotStore(sandbox.home.hubspot_path)
    before = len(hubspot.objects("companies"))
    sandbox.faults.add({"kind": "mixed", "app": "hubspot"})
    answer = requests.post(
        f"{sandbox.hubspot_url}/crm/objects/2026-03/companies/batch/archive",
        json={"inputs": [{"id": "18000000501"}]},
        headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["errors"][0]["context"]) == (207, {"ids": ["18000000501"]})
    assert len(hubspot.objects("companies")) == before
    sandbox.faults.clear()


def test_the_log_of_calls_tells_when_the_emulator_is_done_though_nobody_waits(sandbox: Sandbox) -> None:
    sandbox.calls.clear()
    sandbox.faults.add({"kind": "hold", "app": "hubspot", "method": "POST"})
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{sandbox.hubspot_url}/crm/v3/objects/companies",
            json={"properties": {"name": "nobody waits"}},
            headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
            timeout=0.2,
        )
    (call,) = sandbox.calls.calls()
    assert call.done_at is None
    sandbox.faults.release()
    while call.done_at is None:
        assert call.status in (None, 201)
    assert call.done_at >= call.began_at + 0.2
    sandbox.faults.clear()


def test_a_held_request_is_done_when_it_is_released(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add({"kind": "hold", "body": "ORDER BY id"})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.query, IDS)
        while not sandbox.faults.held():
            assert not waiting.done()
        assert control(sandbox, "POST", "release") == {"released": 1}
        assert len(waiting.result().json()["items"]) == 4


def test_a_held_request_is_done_even_after_its_sender_gave_up(sandbox: Sandbox) -> None:
    hubspot = HubSpotStore(sandbox.home.hubspot_path)
    before = len(hubspot.objects("companies"))
    sandbox.faults.add({"kind": "hold", "app": "hubspot", "method": "POST"})
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{sandbox.hubspot_url}/crm/v3/objects/companies",
            json={"properties": {"name": "late"}},
            headers={"Authorization": f"Bearer {sandbox.hubspot_token}"},
            timeout=0.2,
        )
    assert len(hubspot.objects("companies")) == before
    sandbox.faults.release()
    deadline = time.monotonic() + 10
    while len(hubspot.objects("companies")) == before:
        assert time.monotonic() < deadline
    assert len(hubspot.objects("companies")) == before + 1
    sandbox.faults.clear()


def test_a_slow_answer_comes_in_the_end(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add({"kind": "slow", "ms": 300, "times": 0})
    with pytest.raises(requests.ReadTimeout):
        client.query(IDS, timeout=0.1)
    assert client.query(IDS).elapsed.total_seconds() >= 0.3


def test_a_seeded_fault_hits_the_same_requests_again() -> None:
    def hits(seed: int) -> list[bool]:
        rule = FaultRule("status", probability=0.5, seed=seed, times=0)
        return [rule.fires("netsuite", "GET", "/", "") for _ in range(40)]

    assert hits(7) == hits(7)
    assert hits(7) != hits(8)
    assert 5 < sum(hits(7)) < 35


def test_a_fault_of_one_system_leaves_the_other_alone(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add({"kind": "status", "app": "hubspot", "status": 418})
    assert client.query(IDS).status_code == 200
    assert requests.get(f"{sandbox.hubspot_url}/crm/v3/owners", timeout=10).status_code == 418


@pytest.mark.parametrize(
    "rule",
    [{"kind": "flood"}, {"path": "x"}, {"kind": "reset", "paht": "x"}, {"kind": "reset", "path": "("}, 5],
)
def test_a_rule_that_is_no_rule_is_refused(sandbox: Sandbox, rule: Any) -> None:
    assert "error" in control(sandbox, "POST", "faults", [rule])
    assert control(sandbox, "GET", "faults") == []
    with pytest.raises(FaultError):
        sandbox.faults.add(rule)


# Log and switches


def test_the_log_keeps_the_order_of_calls_to_both_systems(client: Client, sandbox: Sandbox) -> None:
    client.query(IDS)
    requests.get(f"{sandbox.hubspot_url}/nowhere?a=1", timeout=10)
    log = control(sandbox, "GET", "calls")
    assert [(call["app"], call["method"], call["status"]) for call in log["calls"]] == [
        ("netsuite", "POST", 200),
        ("hubspot", "GET", log["calls"][1]["status"]),
    ]
    assert log["calls"][1]["query"] == "a=1"
    assert all(0 <= call["ended_at"] - call["began_at"] < 10 for call in log["calls"])
    assert log["counts"]["hubspot GET /nowhere"] == 1
    assert control(sandbox, "DELETE", "calls")["calls"] == []


def test_a_switch_set_over_http_is_kept_and_in_force(client: Client, sandbox: Sandbox) -> None:
    assert control(sandbox, "PUT", "switches", {"hidden_tables": ["transaction"]})["hidden_tables"] == [
        "transaction"
    ]
    assert client.query(IDS).status_code == 400
    assert json.loads(sandbox.home.switches_path.read_text())["hidden_tables"] == ["transaction"]
    assert "error" in control(sandbox, "PUT", "switches", {"no_such_switch": True})
    # Another process changes the file.
    SwitchBoard(sandbox.home.switches_path).change(hidden_tables=())
    assert client.query(IDS).status_code == 200


@pytest.mark.parametrize("changes", [{"nothing": 1}, {"latency_ms": "fast"}, {"oneworld": 1}])
def test_a_wrong_switch_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(SwitchError):
        SwitchBoard(tmp_path / "switches.json").change(**changes)


def test_latency_is_added_to_both_systems(client: Client, sandbox: Sandbox) -> None:
    sandbox.switches.change(latency_ms=120)
    assert client.query(IDS).elapsed.total_seconds() >= 0.12
    assert requests.get(f"{sandbox.hubspot_url}/nowhere", timeout=10).elapsed.total_seconds() >= 0.12


# Homes


def test_secrets_are_for_their_owner_alone_and_stay_the_same(tmp_path: Path) -> None:
    first, second = Sandbox(tmp_path), Sandbox(tmp_path)
    assert first.credentials == second.credentials
    assert first.credentials != Sandbox(tmp_path / "other").credentials
    home = SandboxHome(tmp_path)
    for path in (home.credentials_path, *home.folder.glob("*.pem")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert first.hubspot_token not in repr(first.credentials)


def test_addresses_are_published_while_the_sandbox_runs(tmp_path: Path) -> None:
    assert read_addresses(tmp_path) is None
    with Sandbox(tmp_path) as sandbox:
        found = read_addresses(tmp_path)
        assert found is not None
        assert (found.netsuite_url, found.hubspot_url) == (sandbox.netsuite_url, sandbox.hubspot_url)
        assert found.pid == os.getpid()
        assert found.credentials == sandbox.credentials
        assert stat.S_IMODE(sandbox.home.addresses_path.stat().st_mode) == 0o600
        with pytest.raises(SandboxError, match="runs in"):
            Sandbox(tmp_path).start()
        left = sandbox.home.addresses_path.read_text()
    assert read_addresses(tmp_path) is None
    # A file that a killed process left behind names ports that answer no more.
    sandbox.home.addresses_path.write_text(left)
    assert read_addresses(tmp_path) is None


def test_a_taken_port_is_a_clear_error(sandbox: Sandbox, tmp_path: Path) -> None:
    port = int(sandbox.netsuite_url.rpartition(":")[2])
    with pytest.raises(SandboxError, match=f"Port {port}"):
        Sandbox(tmp_path, netsuite_port=port).start()


def test_state_survives_a_restart_and_tokens_do_not(tmp_path: Path) -> None:
    with Sandbox(tmp_path, switches={"short_decimals": True}) as first:
        store = NetSuiteStore(first.home.netsuite_path)
        fill(store)
        store.close()
        client = Client(first)
        client.sign_in()
    with Sandbox(tmp_path) as second:
        client.sandbox = second
        assert client.query(IDS).status_code == 401
        client.sign_in()
        items = client.query("SELECT foreigntotal FROM transaction WHERE id = 100").json()["items"]
        assert items == [{"links": [], "foreigntotal": ".1"}]


SERVE = """
import sys
from pathlib import Path
from ns_hs_orders.sandbox.netsuite.tables import TABLES
from ns_hs_orders.sandbox.server import Sandbox, run_forever
print("ended by", run_forever(Sandbox(Path(sys.argv[1])), lambda sandbox: print("ready", flush=True)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_in_another_process_sees_our_writes_and_ends_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    def ignoring() -> None:
        # As a shell does with the jobs that it starts in the background.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True, preexec_fn=ignoring
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    found = read_addresses(tmp_path)
    assert found is not None
    assert found.pid == process.pid
    with pytest.raises(SandboxError, match=str(process.pid)):
        Sandbox(tmp_path).start()
    store = NetSuiteStore(SandboxHome(tmp_path).netsuite_path)
    fill(store)
    client = Client(_Remote(found.netsuite_url, tmp_path))  # type: ignore[arg-type]
    client.sign_in()
    assert len(client.query(IDS).json()["items"]) == 4
    store.update("transaction", {"id": "9"}, {"memo": "changed outside"})
    assert client.query(ROW).json()["items"] == [{"links": [], "memo": "changed outside"}]
    store.add_column("transaction", "custbody_late")
    assert client.query("SELECT custbody_late FROM transaction").status_code == 200
    store.close()
    process.send_signal(number)
    assert process.wait(timeout=20) == 0
    assert process.stdout.read() == f"ended by {int(number)}\n"
    assert read_addresses(tmp_path) is None


class _Remote:
    """What the tests' client needs of a sandbox that runs elsewhere."""

    def __init__(self, url: str, home: Path) -> None:
        self.netsuite_url = url
        self.netsuite_credentials = Sandbox(home).netsuite_credentials


DOC = Path(__file__).parents[2] / "docs" / "sandbox-netsuite.md"


def test_the_page_names_every_table_and_every_kind_of_fault_and_the_true_defaults() -> None:
    text = DOC.read_text()
    for name in (*TABLES, *KINDS):
        assert f"`{name}`" in text, name
    defaults = Switches().as_json()
    documented = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text, re.MULTILINE)
    on_other_pages = re.compile("hubspot_|(order|return)_stamp_")
    assert {name for name, _ in documented} == {one for one in defaults if not on_other_pages.match(one)}
    for name, shown in documented:
        value = defaults[name]
        assert shown == (value if isinstance(value, str) else json.dumps(value)), name


def test_a_sandbox_that_is_started_again_is_where_it_was_so_that_links_into_it_stay_good(
    tmp_path: Path,
) -> None:
    with Sandbox(tmp_path) as first:
        urls = first.netsuite_url, first.hubspot_url
    with Sandbox(tmp_path) as again:
        assert (again.netsuite_url, again.hubspot_url) == urls


def test_a_port_that_something_else_took_meanwhile_is_left_to_it(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as first:
        port = urlsplit(first.hubspot_url).port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port or 0))
        other.listen()
        with Sandbox(tmp_path) as again:
            assert urlsplit(again.hubspot_url).port != port
            assert requests.get(again.hubspot_url, timeout=5).status_code == 200
