"""Who decides something on the command line.

Belongs here: reading the --by that several commands share. Does not belong here: what is decided.
"""

from __future__ import annotations

import click


def person(by: str) -> str:
    """The name of whoever decides. Raises a usage error where it is empty."""
    if not by.strip():
        raise click.UsageError("Say who decides it: --by NAME.")
    return by.strip()
