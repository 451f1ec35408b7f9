"""Texts of any length, and a mark that makes programs from before the migrations refuse the store.

SQLite never enforced a length, so there is nothing to change there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXTS = {
    "counters": ("name",),
    "watermarks": ("stream", "last_id"),
    "seen_changes": ("stream", "row_key", "version"),
    "order_states": (
        "order_id", "outcome", "reason", "fingerprint", "refused_fingerprint",
        "order_id_hubspot", "currency", "lease_holder",
    ),
    "order_links": ("order_id", "kind", "key", "hubspot_id"),
    "due_orders": ("order_id", "cause", "closed_by"),
    "arrivals": ("order_id", "cause", "run"),
    "notes": ("name",),
    "alert_conditions": ("name", "state"),
    "days": ("result",),
    "budgets": ("family",),
    "slots": ("pool", "holder"),
    "lanes": ("lane", "run"),
    "order_events": ("order_id", "run", "happened"),
}  # fmt: skip


def upgrade() -> None:
    """Takes the limits off."""
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _TEXTS.items():
            for column in columns:
                op.alter_column(table, column, type_=sa.String())
    op.execute("DELETE FROM schema_version")
    op.execute("INSERT INTO schema_version VALUES (3)")
