"""What companies in HubSpot were told of their buying, and which are to be looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds them, empty: each company is told once."""
    op.create_table(
        "told_companies",
        sa.Column("company_id", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "due_companies",
        sa.Column("company_id", sa.String, primary_key=True),
        sa.Column("noticed_at", sa.BigInteger, nullable=False),
    )
