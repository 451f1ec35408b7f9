"""Schema 1: orders, their links and story, days, budgets, slots and lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Makes the tables of the first program."""
    op.create_table("schema_version", sa.Column("version", sa.Integer, primary_key=True))
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "watermarks",
        sa.Column("stream", sa.String(40), primary_key=True),
        sa.Column("stamp", sa.BigInteger),
        sa.Column("last_id", sa.String(40)),
    )
    op.create_table(
        "order_states",
        sa.Column("order_id", sa.String(40), primary_key=True),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", sa.String(60)),
        sa.Column("explanation", sa.Text),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("refused_fingerprint", sa.String(64)),
        sa.Column("confirmed_ticket", sa.BigInteger, nullable=False),
        sa.Column("newest_ticket", sa.BigInteger, nullable=False),
        sa.Column("order_id_hubspot", sa.String(40)),
        sa.Column("total_minor", sa.BigInteger),
        sa.Column("currency", sa.String(10)),
        sa.Column("order_on", sa.Date),
        sa.Column("lease_holder", sa.String(100)),
        sa.Column("lease_until", sa.BigInteger),
    )
    op.create_index("order_states_by_day", "order_states", ["order_on"])
    op.create_table(
        "order_links",
        sa.Column("order_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("hubspot_id", sa.String(40)),
        sa.Column("intended", sa.Boolean, nullable=False),
    )
    op.create_table(
        "due_orders",
        sa.Column("order_id", sa.String(40), primary_key=True),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.Column("noticed_ticket", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_failed_at", sa.BigInteger),
        sa.Column("next_try_at", sa.BigInteger, nullable=False),
    )
    op.create_index("due_orders_by_time", "due_orders", ["next_try_at"])
    op.create_table(
        "days",
        sa.Column("order_on", sa.Date, primary_key=True),
        sa.Column("changed_ticket", sa.BigInteger, nullable=False),
        sa.Column("proven_ticket", sa.BigInteger, nullable=False),
        sa.Column("result", sa.String(10)),
    )
    op.create_table(
        "budgets",
        sa.Column("family", sa.String(40), primary_key=True),
        sa.Column("calls_per_window", sa.Integer, nullable=False),
        sa.Column("halved_until", sa.Float, nullable=False),
        sa.Column("taken", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "slots",
        sa.Column("pool", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(40), primary_key=True),
        sa.Column("run", sa.String(100), nullable=False),
        sa.Column("heartbeat", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "order_events",
        sa.Column("event_id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("order_id", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("run", sa.String(100), nullable=False),
        sa.Column("happened", sa.String(20), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("order_events_by_order", "order_events", ["order_id", "event_id"])
