"""Schema 2: watermarks, seen changes, changes that are due, arrivals, notes and alert conditions.

Several programs called their schema 1 or 2 and lacked some of it, so each step adds what is missing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds what the live lane keeps."""
    _add("order_states", sa.Column("refused_fingerprint", sa.String(64)))
    _add("watermarks", sa.Column("looked_at", sa.BigInteger))
    for name in ("noticed_at", "changed_at", "counted_from", "closed_at"):
        _add("due_orders", sa.Column(name, sa.BigInteger))
    _add("due_orders", sa.Column("closed_by", sa.String(200)))
    _add("budgets", sa.Column("live_asked_at", sa.Float, nullable=False, server_default="0"))
    _seen_changes()
    if _is_missing("arrivals"):
        op.create_table(
            "arrivals",
            sa.Column("arrival_id", _SERIAL, primary_key=True, autoincrement=True),
            sa.Column("order_id", sa.String(40), nullable=False),
            sa.Column("cause", sa.String(60), nullable=False),
            sa.Column("changed_at", sa.BigInteger, nullable=False),
            sa.Column("counted_from", sa.BigInteger, nullable=False),
            sa.Column("confirmed_at", sa.BigInteger, nullable=False),
            sa.Column("run", sa.String(100), nullable=False),
        )
        op.create_index("arrivals_by_time", "arrivals", ["confirmed_at"])
    if _is_missing("notes"):
        op.create_table(
            "notes",
            sa.Column("name", sa.String(60), primary_key=True),
            sa.Column("value", sa.Text, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
        )
    if _is_missing("alert_conditions"):
        op.create_table(
            "alert_conditions",
            sa.Column("name", sa.String(120), primary_key=True),
            sa.Column("state", sa.String(20), nullable=False),
            sa.Column("summary", sa.Text, nullable=False),
            sa.Column("since", sa.BigInteger, nullable=False),
            sa.Column("told_at", sa.BigInteger),
        )


def _seen_changes() -> None:
    if _is_missing("seen_changes"):
        op.create_table(
            "seen_changes",
            sa.Column("stream", sa.String(40), primary_key=True),
            sa.Column("row_key", sa.String(80), primary_key=True),
            sa.Column("version", sa.String(120), nullable=False),
            sa.Column("stamp", sa.BigInteger, nullable=False),
            sa.Column("first_seen_at", sa.BigInteger, nullable=False),
            sa.Column("settled", sa.Boolean, nullable=False),
        )
        op.create_index("seen_changes_by_stamp", "seen_changes", ["stream", "stamp"])
    elif "settled" not in _columns("seen_changes"):
        # the rows of that time needed no further reading
        _add("seen_changes", sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.true()))
        _add("seen_changes", sa.Column("first_seen_at", sa.BigInteger, nullable=False, server_default="0"))
        op.execute("UPDATE seen_changes SET first_seen_at = stamp")


def _add(table: str, column: sa.Column[Any]) -> None:
    if column.name not in _columns(table):
        op.add_column(table, column)


def _columns(table: str) -> set[str]:
    return {str(one["name"]) for one in sa.inspect(op.get_bind()).get_columns(table)}


def _is_missing(table: str) -> bool:
    return not sa.inspect(op.get_bind()).has_table(table)
