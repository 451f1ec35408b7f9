"""One module a migration, never changed once released; each names the one before it.

Belongs here: steps from one schema to the next, in words of Alembic alone. Does not belong here: imports of
state.tables, which describes today's tables, not those of that time.
"""
