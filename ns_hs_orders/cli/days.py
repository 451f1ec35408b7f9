"""Order dates on the command line.

Belongs here: the --from and --to options that several commands share.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click


class OrderDate(click.ParamType[date]):
    """A date, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-20.", param, ctx)


def range_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds --from and --to, order dates in the account's zone, both included."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--to", "last", type=OrderDate(), required=required, help="Last order date.")(
            command
        )
        return click.option("--from", "first", type=OrderDate(), required=required, help="First order date.")(
            command
        )

    return add
