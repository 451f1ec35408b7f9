"""Files as this program writes them: whole or not at all, for their owner alone, never through a link.

Belongs here: the one way to put bytes on this machine's disk, and to make folders and logs. Does not belong here:
what is in a file, or where it stands. Every function raises OSError where the disk refuses.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_file(path: Path, content: bytes) -> None:
    """Replaces `path` in one step by a file that only its owner can read, and that survives a power cut.

    A link at `path` is replaced, its target left alone. After an error `path` is what it was before.
    """
    with new_file(path) as file:
        file.write(content)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """As `write_file`, for content that is written bit by bit: it takes the place of `path` at the end of the block."""
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, _NEW, PRIVATE_FILE), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _keep_names(path.parent)


@contextmanager
def scratch_folder(beside: Path) -> Iterator[Path]:
    """A folder for its owner alone, on the disk of `beside`, that is gone after the block with all in it."""
    with TemporaryDirectory(prefix=f".{beside.name[:100]}.", dir=beside.parent) as name:
        yield Path(name)


def new_log(path: Path) -> BinaryIO:
    """An empty file for a process to write to as it goes; what stood at `path`, a link too, is gone."""
    private_folder(path.parent)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, _NEW, PRIVATE_FILE), "wb")


def private_file(path: Path) -> None:
    """Makes the file where there is none, for SQLite or a lock to use. A link at `path` is an OSError.

    A file that exists is never opened: to close it again would end every lock that SQLite holds on it in this
    process, and a database without its locks is spoiled by the next process (sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, _NEW, PRIVATE_FILE))
    except FileExistsError:
        if stat.S_ISLNK(path.lstat().st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def private_folder(path: Path) -> None:
    """Makes the folder and those above it, for their owner alone; those that exist keep their rights."""
    for folder in reversed([one for one in (path, *path.parents) if not one.exists()]):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(path))


def _keep_names(folder: Path) -> None:
    """The names in a folder outlive a power cut only once the folder itself is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
