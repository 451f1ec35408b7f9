"""Migrations of the state store's schema, run by Alembic when an older store is opened.

Belongs here: Alembic's environment and, in `versions`, one module a migration. Does not belong here: when they
run (state.schema), or the tables as they are now (state.tables).
"""
