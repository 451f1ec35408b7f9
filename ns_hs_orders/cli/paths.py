"""Files and folders on the command line.

Belongs here: what a path argument must be. Does not belong here: what is read from it or written to it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class LocalPath(click.Path):
    """A path of this machine; a text that can be none is a usage error."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """The path, or a usage error."""
        if not os.fspath(value):
            self.fail("An empty text is no path: is a variable in the command not set?", param, ctx)
        try:
            return super().convert(value, param, ctx)
        except ValueError:  # half a surrogate pair, or a zero byte
            self.fail(f"{os.fspath(value)!r} can be no path on this machine.", param, ctx)
