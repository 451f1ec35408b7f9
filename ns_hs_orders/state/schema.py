"""The schema of a store: whether it is what this program needs, and bringing it there.

Belongs here: making the tables of a new store, and running the migrations of an older one. Does not belong
here: what each migration does (migrations.versions), or the tables as they are now (tables).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.state.tables import OLD_PROGRAMS_REFUSE, REVISION, metadata, schema_version, state_revision

MIGRATIONS = Path(__file__).parent / "migrations"
_BEFORE_MIGRATIONS = {1: "0001", 2: "0001"}  # 0002 adds whatever is missing, for there were several of 2


def found_revision(connection: Connection) -> str | None:
    """The newest migration that the store has seen, None where it holds no tables of ours.

    Raises ConfigError on a store of a newer program.
    """
    has_table = inspect(connection).has_table
    if has_table(state_revision.name):
        found = connection.execute(select(state_revision.c.version_num)).scalar()
        if found is not None and found > REVISION:
            raise ConfigError(_of_another_program(found))
        return found
    if not has_table(schema_version.name):
        return None
    number = connection.execute(select(schema_version.c.version)).scalar() or 1
    if number not in _BEFORE_MIGRATIONS:
        raise ConfigError(_of_another_program(str(number)))
    return _BEFORE_MIGRATIONS[number]


def bring_forward(connection: Connection) -> None:
    """Makes the tables of a new store; runs the migrations that an older one has not seen.

    All within the caller's write transaction. Raises ConfigError on a store of a newer program.
    """
    found = found_revision(connection)
    if found is None:
        metadata.create_all(connection)
        connection.execute(insert(state_revision).values(version_num=REVISION))
        connection.execute(insert(schema_version).values(version=OLD_PROGRAMS_REFUSE))
    elif found != REVISION:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        state_revision.create(connection, checkfirst=True)
        if connection.execute(select(state_revision)).first() is None:
            connection.execute(insert(state_revision).values(version_num=found))
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command  # takes longer to import than an up-to-date store takes to open
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")


def _of_another_program(found: str) -> str:
    return (
        f"The state store has schema {found}; this program knows {REVISION} and those before it. "
        "Use the program version that made it, or a newer one."
    )
