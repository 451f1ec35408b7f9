"""Exceptions that people judge, the numbers that were reported, and the months that are closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds the five tables."""
    op.create_table(
        "exceptions",
        sa.Column("order_id", sa.String, primary_key=True),
        sa.Column("order_on", sa.Date, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("cause", "finding", "signature")),
        *(sa.Column(name, sa.String) for name in ("order_number", "customer_name", "rep_name", "currency")),
        sa.Column("at_risk_minor", sa.BigInteger),
        sa.Column("difference_minor", sa.BigInteger),
        sa.Column("explanation", sa.Text, nullable=False),
        *(sa.Column(name, sa.String) for name in ("url_netsuite", "url_hubspot")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("first_seen_at", "last_seen_at")),
        sa.Column("gone_at", sa.BigInteger),
        sa.Column("acknowledged_by", sa.String),
        sa.Column("acknowledged_because", sa.Text),
        sa.Column("acknowledged_until", sa.Date),
        sa.Column("acknowledged_signature", sa.String),
    )
    op.create_index("exceptions_by_day", "exceptions", ["order_on"])
    _reported()
    op.create_table(
        "periods",
        sa.Column("month", sa.String, primary_key=True),
        sa.Column("closed_at", sa.BigInteger, nullable=False),
        sa.Column("closed_by", sa.String, nullable=False),
        sa.Column("sums", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("acknowledged", sa.Integer, nullable=False),
    )
    op.create_table(
        "period_events",
        sa.Column("event_id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("happened", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("period_events_by_month", "period_events", ["month", "event_id"])


def _reported() -> None:
    op.create_table(
        "reported_orders",
        sa.Column("report_id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("order_id", sa.String, nullable=False),
        sa.Column("order_on", sa.Date, nullable=False),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("order_number", sa.String),
        sa.Column("in_netsuite", sa.Boolean, nullable=False),
        sa.Column("currency", sa.String),
        sa.Column("netsuite_minor", sa.BigInteger),
        sa.Column("sales_minor", sa.BigInteger),
        sa.Column("stage", sa.String),
        sa.Column("rep_name", sa.String),
        sa.Column("standing", sa.String, nullable=False),
        sa.Column("definition", sa.String, nullable=False),
    )
    op.create_index("reported_orders_by_order", "reported_orders", ["order_id", "order_on", "report_id"])
    op.create_index("reported_orders_by_day", "reported_orders", ["order_on"])
    op.create_index("reported_orders_by_time", "reported_orders", ["reported_at"])
    op.create_table(
        "reported_days",
        sa.Column("report_id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("order_on", sa.Date, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("sales_netsuite_minor", sa.BigInteger, nullable=False),
        sa.Column("sales_hubspot_minor", sa.BigInteger, nullable=False),
        sa.Column("unexplained_minor", sa.BigInteger, nullable=False),
        sa.Column("counts_agree", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
    )
    op.create_index("reported_days_by_day", "reported_days", ["order_on", "currency", "report_id"])
