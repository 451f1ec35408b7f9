"""What was reported of returns, beside orders: a row a return, and what each day's sums have of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Adds the columns; whatever was reported before had no returns."""
    op.add_column(
        "reported_orders", sa.Column("is_return", sa.Boolean, nullable=False, server_default=sa.false())
    )
    for name in ("returned_netsuite_minor", "returned_hubspot_minor"):
        op.add_column("reported_days", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
