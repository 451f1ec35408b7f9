"""`ns-hs-orders explain`: the story of one order."""

from __future__ import annotations

import click


@click.command()
@click.argument("order")
def explain(order: str) -> int:
    """The story of one order."""
    raise click.ClickException(order)
