"""The others' packages in a virtual environment of their own, made when first needed.

Belongs here: making it. Does not belong here: what runs in it (contenders).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from benchmarks.stack import BenchmarkError, say

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"


def peers_python(folder: Path = FOLDER / ".venv") -> Path:
    """Its Python, with exactly the pinned requirements. Raises BenchmarkError where they cannot be installed."""
    python, stamp = folder / "bin" / "python", folder / "requirements.sha256"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    say(f"installing {REQUIREMENTS.name} of the peers into {folder}")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), *install, "-r", str(REQUIREMENTS)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchmarkError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    stamp.write_text(digest)
    return python
