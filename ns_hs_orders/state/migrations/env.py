"""Alembic's environment: the migrations run in the transaction of whoever opened the store.

Belongs here: handing that connection to Alembic. Does not belong here: connecting anywhere.
"""

from __future__ import annotations

from alembic import context

from ns_hs_orders.state.tables import metadata, state_revision

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=state_revision.name,
)
context.run_migrations()
