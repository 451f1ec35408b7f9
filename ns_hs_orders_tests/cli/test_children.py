"""Processes of a command: the port is the child's own, and a death is noticed and named."""

from __future__ import annotations

import socket
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ns_hs_orders.cli.children import Child, child, is_taken, listening, waited, watch
from ns_hs_orders.errors import SyncError
from ns_hs_orders.settings import child_environment

# As Dagster's webserver: it binds only seconds after it was started, and ends where the port is gone.
SLOW_SERVER = """
import http.server, sys, time
name, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
time.sleep(seconds)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(name.encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer.allow_reuse_address = False
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


def server(name: str, folder: Path, seconds: float) -> Callable[[int], AbstractContextManager[Child]]:
    def start(port: int) -> AbstractContextManager[Child]:
        command = [sys.executable, "-c", SLOW_SERVER, name, str(port), str(seconds)]
        return child(f"Server {name}", command, child_environment(), folder / f"{name}.log")

    return start


def said_at(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_two_that_start_together_get_a_port_each_and_never_take_the_others_for_their_own(
    tmp_path: Path,
) -> None:
    first_port = free_port()
    seen: dict[str, tuple[str, str]] = {}
    both_serve = threading.Barrier(2, timeout=30)

    def serve(name: str, seconds: float) -> None:
        start = server(name, tmp_path, seconds)
        with listening(start, lambda url: said_at(url) == name, first_port) as (one, url):
            both_serve.wait()
            seen[name] = (url, said_at(url))
            assert one.is_alive
            both_serve.wait()

    threads = [threading.Thread(target=serve, args=args) for args in (("a", 0.3), ("b", 1.0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen["a"] == (f"http://127.0.0.1:{first_port}", "a")
    assert seen["b"][1] == "b"
    assert seen["b"][0] != seen["a"][0]


def test_a_child_that_ends_although_its_port_is_free_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    def start(_port: int) -> AbstractContextManager[Child]:
        command = [sys.executable, "-c", "import sys; sys.exit('no such option')"]
        return child("The server", command, child_environment(), tmp_path / "server.log")

    with (
        pytest.raises(SyncError, match=r"The server did not start: .*exit code 1; its log is .*server\.log"),
        listening(start, lambda _: False, free_port()),
    ):
        pass
    assert (tmp_path / "server.log").read_text().strip() == "no such option"


def test_the_end_of_a_needed_child_ends_the_watch_and_names_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time, sys; time.sleep(0.2); sys.exit(7)"]
    log = tmp_path / "logs" / "daemon.log"
    with (
        child("The daemon", command, child_environment(), log) as one,
        pytest.raises(SyncError) as caught,
    ):
        watch([one], lambda _: None)
    assert str(caught.value) == f"The daemon ended with exit code 7; its log is {log}."


def test_the_end_of_another_child_is_told_once_and_the_watch_goes_on(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        child(
            "Time", [sys.executable, "-c", ""], child_environment(), tmp_path / "t.log", is_needed=False
        ) as time_,
        child(
            "The server",
            [sys.executable, "-c", "import time; time.sleep(2)"],
            child_environment(),
            tmp_path / "s.log",
        ) as needed,
        pytest.raises(SyncError, match="The server ended"),
    ):
        watch([time_, needed], told.append)
    assert told == [f"Time ended with exit code 0; its log is {tmp_path / 't.log'}."]


def test_every_child_is_ended_with_its_command(tmp_path: Path) -> None:
    port = free_port()
    with server("a", tmp_path, 0)(port) as one:
        assert waited(lambda: said_at(f"http://127.0.0.1:{port}"), one) == "a"
        assert is_taken(port)
    assert not one.is_alive
    assert said_at(f"http://127.0.0.1:{port}") == ""


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    port = free_port()
    grandchild = [sys.executable, "-c", SLOW_SERVER, "grandchild", str(port), "0"]
    command = [
        sys.executable,
        "-c",
        f"import subprocess, time; subprocess.Popen({grandchild!r}); time.sleep(60)",
    ]
    with child("The daemon", command, child_environment(), tmp_path / "daemon.log") as one:
        assert waited(lambda: said_at(f"http://127.0.0.1:{port}"), one) == "grandchild"
    ended = threading.Event()
    for _ in range(50):
        if not said_at(f"http://127.0.0.1:{port}"):
            ended.set()
            break
        threading.Event().wait(0.1)
    assert ended.is_set()
