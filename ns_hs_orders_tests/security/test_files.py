"""Files are whole or not there, for their owner alone, and no link leads a write elsewhere."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ns_hs_orders.cli.children import child
from ns_hs_orders.defs.instance import dagster_home, workspace_file
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.errors import SyncError
from ns_hs_orders.files import new_file, new_log, private_file, private_folder, scratch_folder, write_file
from ns_hs_orders.sandbox.home import SandboxHome, ensure_credentials
from ns_hs_orders.sandbox.server import Sandbox, SandboxError
from ns_hs_orders.sandbox.world import generate, write_folder
from ns_hs_orders.state.database import open_state
from ns_hs_orders_tests.end_to_end.company import TODAY
from ns_hs_orders_tests.mapping.builders import raw_read


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of somebody else, which a planted link leads to."""
    path = tmp_path / "victim"
    path.write_text("theirs")
    return path


def test_a_link_in_the_place_of_a_file_is_replaced_and_its_target_left_alone(
    tmp_path: Path, victim: Path
) -> None:
    (tmp_path / "file").symlink_to(victim)
    write_file(tmp_path / "file", b"ours")
    assert victim.read_text() == "theirs"
    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"ours"
    assert mode(tmp_path / "file") == "0o600"


def test_a_link_in_the_place_of_the_temporary_file_is_refused(
    tmp_path: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
    (tmp_path / "file").write_text("before")
    (tmp_path / ".file.guessed").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "file", b"ours")
    assert (victim.read_text(), (tmp_path / "file").read_text()) == ("theirs", "before")


def test_an_error_in_the_middle_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    write_file(tmp_path / "file", b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(tmp_path / "file", b"after" * 100_000)
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def write_in_two_parts(path: Path, content: bytes, *, fails: bool = False) -> None:
    """Writes the content with a scratch folder beside it, or fails in the middle."""
    with scratch_folder(path) as scratch, new_file(path) as file:
        file.write(content[:2])
        (scratch / "rows").write_bytes(b"x")
        assert (scratch.parent, mode(scratch)) == (path.parent, "0o700")
        assert not path.exists() or path.read_bytes() == b"before"
        if fails:
            raise OSError(28, "No space left on device")
        file.write(content[2:])


def test_a_file_written_bit_by_bit_takes_its_place_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_in_two_parts(path, b"before")
    assert (path.read_bytes(), mode(path)) == (b"before", "0o600")
    with pytest.raises(OSError, match="No space left"):
        write_in_two_parts(path, b"after", fails=True)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
from ns_hs_orders import files
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
files.write_file(Path(sys.argv[1]), b"after" * 100_000)
"""


def test_a_process_killed_in_the_middle_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_file(tmp_path / "file", b"before")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "file")], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "file").read_bytes() == b"before"


def test_folders_are_made_for_their_owner_and_those_that_exist_are_left_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_folder(tmp_path / "a" / "b")
    assert [mode(one) for one in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [
        "0o755",
        "0o700",
        "0o700",
    ]
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        private_folder(tmp_path / "file")


def test_a_log_replaces_a_link_and_a_private_file_refuses_one(tmp_path: Path, victim: Path) -> None:
    (tmp_path / "log").symlink_to(victim)
    with new_log(tmp_path / "log") as log:
        log.write(b"ours")
    assert (victim.read_text(), (tmp_path / "log").read_bytes(), mode(tmp_path / "log")) == (
        "theirs",
        b"ours",
        "0o600",
    )
    (tmp_path / "db").symlink_to(victim)
    with pytest.raises(OSError, match=r"symbolic links|Too many levels"):
        private_file(tmp_path / "db")


def test_no_write_of_the_product_goes_through_a_planted_link(tmp_path: Path, victim: Path) -> None:
    """A link in the place of every file that has a name of its own."""
    home, world = tmp_path / "home", tmp_path / "world"
    planted = [
        "dagster/dagster.yaml", "dagster/workspace.yaml", "logs/x.log", "sandbox/netsuite_rsa.pem",
        "sandbox/credentials.json", "sandbox/switches.json",
        "storage/netsuite_raw_orders/day=2026-03-02/netsuite_raw_orders.parquet",
    ]  # fmt: skip
    for name in planted:
        private_folder((home / name).parent)
        (home / name).symlink_to(victim if name != "sandbox/credentials.json" else tmp_path / "nothing")
    (world / "netsuite").mkdir(parents=True)
    (world / "netsuite" / "transaction.csv").symlink_to(victim)

    dagster_home(home)
    workspace_file(home)
    with child("A process", [sys.executable, "-c", "pass"], {}, home / "logs" / "x.log"):
        pass
    (home / "sandbox" / "switches.json").unlink()
    ensure_credentials(SandboxHome(home))
    frame = raw_read().orders
    ParquetStorage(base=str(home / "storage")).save("netsuite_raw_orders", ["2026-03-02"], frame)
    write_folder(generate(2, 7, TODAY, days=1), world)

    assert victim.read_text() == "theirs"
    assert not (tmp_path / "nothing").exists()
    written = [home / name for name in planted if name != "dagster/dagster.yaml" and "switches" not in name]
    assert [one for one in written if one.is_symlink()] == []
    assert {mode(one) for one in written} == {"0o600"}


@pytest.mark.parametrize("name", ["serve.lock", "netsuite.sqlite", "hubspot.sqlite"])
def test_a_sandbox_whose_files_are_links_does_not_start(tmp_path: Path, victim: Path, name: str) -> None:
    home = SandboxHome(tmp_path / "home")
    home.create()
    (home.folder / name).symlink_to(victim)
    with pytest.raises((OSError, SandboxError)), Sandbox(home.root):
        pass
    assert victim.read_text() == "theirs"


def test_a_state_that_is_a_link_is_not_opened(tmp_path: Path, victim: Path) -> None:
    (tmp_path / "state.sqlite").symlink_to(victim)
    with pytest.raises(SyncError, match="cannot be opened"):
        open_state(f"sqlite:///{tmp_path / 'state.sqlite'}")
    assert victim.read_text() == "theirs"
