"""What was written last of the fields whose edits stay, edits that a write will heal, and marks of trust."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds them, empty: what is not known to have been written is written once more."""
    op.add_column("order_states", sa.Column("written", sa.Text))
    op.create_table(
        "hubspot_edits",
        sa.Column("order_id", sa.String, primary_key=True),
        sa.Column("edits", sa.Text, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "trust_marks",
        sa.Column("order_id", sa.String, primary_key=True),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("verification", sa.String, nullable=False),
        sa.Column("difference", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
