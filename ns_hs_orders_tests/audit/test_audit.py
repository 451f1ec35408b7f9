"""The audit fails for a known vulnerability, and says when it could not ask. pip-audit runs for real, the service is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_hs_orders_tests.audit.__main__ import LOCK, audit
from ns_hs_orders_tests.clients.conftest import Received, Scripted, ScriptedServer

VULNERABILITY = {
    "vulns": [
        {
            "id": "PYSEC-2026-1", "summary": "Bad.", "modified": "2026-01-01T00:00:00Z", "aliases": [],
            "published": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"name": "requests", "ecosystem": "PyPI"},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}]}],
        }
    ]
}  # fmt: skip


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def small_lock(tmp_path: Path) -> str:
    """requests alone, pinned and hashed as in the lock file."""
    lines = LOCK.read_text().splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("requests=="))
    end = next(at for at in range(start + 1, len(lines)) if not lines[at].startswith(" "))
    path = tmp_path / "requirements.lock"
    path.write_text("".join(lines[start:end]))
    return str(path)


def test_a_known_vulnerability_fails_and_names_the_version_that_mends_it(
    service: ScriptedServer, small_lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service.script(lambda _: Scripted(200, VULNERABILITY))
    assert audit("-r", small_lock, "-s", "osv", "--osv-url", service.url) == 1
    said = capsys.readouterr().out
    assert "PYSEC-2026-1, mended in 99.0." in said
    assert "1 of 1 audited requirements" in said


def test_without_a_vulnerability_it_says_how_many_were_audited(
    service: ScriptedServer, small_lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Received] = []

    def answer(received: Received) -> Scripted:
        asked.append(received)
        return Scripted(200, {})

    service.script(answer)
    assert audit("-r", small_lock, "-s", "osv", "--osv-url", service.url) == 0
    assert [one.json["package"]["name"] for one in asked] == ["requests"]
    assert capsys.readouterr().out == "1 of 1 pinned requirements audited: no known vulnerability.\n"


def test_a_service_that_cannot_be_reached_is_told_and_fails_nothing(
    small_lock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit("-r", small_lock, "-s", "osv", "--osv-url", "http://127.0.0.1:9/") == 0
    assert capsys.readouterr().out.startswith(
        "The audit could not reach its service, so nothing was audited: "
    )


def test_a_lock_file_that_cannot_be_read_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock").write_text("requests>=2\n")
    assert audit("-r", str(tmp_path / "lock")) == 2
    assert capsys.readouterr().out.startswith("The audit failed: ")
