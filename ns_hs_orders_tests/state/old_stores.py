"""Stores as released programs left them: their own DDL (stores/*.sql), with a row in each table that matters.

Belongs here: making them. Does not belong here: what becomes of them (test_migrations).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from ns_hs_orders.state.postgres import with_driver

STORES = ("schema_1", "schema_2_first", "schema_2", "schema_3")
AT = 1_772_625_600_000_000
"""2026-03-04 12:00 UTC, as stores keep it."""

_WORDS = {
    "sqlite": {"{BLOB}": "BLOB", "{SERIAL}": "INTEGER", "{VERSION}": "INTEGER", "{NO_BYTES}": "X''"},
    "postgresql": {"{BLOB}": "BYTEA", "{SERIAL}": "BIGSERIAL", "{VERSION}": "SERIAL", "{NO_BYTES}": "''"},
}
_ROWS_OF_ALL = f"""
INSERT INTO schema_version VALUES ({{NUMBER}});
INSERT INTO counters VALUES ('read_ticket', 7), ('hubspot_portal', 8675309);
INSERT INTO watermarks (stream, stamp, last_id) VALUES ('orders', {AT}, '12');
INSERT INTO order_states (order_id, outcome, fingerprint, confirmed_ticket, newest_ticket, order_id_hubspot,
 total_minor, currency, order_on) VALUES ('1', 'created', 'print1', 3, 3, '42', 3000, 'USD', '2026-03-02');
INSERT INTO order_states (order_id, outcome, confirmed_ticket, newest_ticket, lease_holder, lease_until)
 VALUES ('2', 'due', 0, 5, 'somebody', {AT});
INSERT INTO order_links VALUES ('1', 'line', '1-1', '71', false), ('2', 'line', '2-1', NULL, true);
INSERT INTO due_orders (order_id, cause, noticed_ticket, attempts, first_failed_at, next_try_at)
 VALUES ('2', 'no_answer', 4, 3, {AT}, {AT});
INSERT INTO days VALUES ('2026-03-02', 3, 6, 'proven');
INSERT INTO slots VALUES ('netsuite', 0, 'somebody', {AT});
INSERT INTO lanes VALUES ('day', 'run', {AT});
INSERT INTO order_events (order_id, at, run, happened, details) VALUES ('1', {AT}, 'run', 'created', '{{{{}}}}')
""".replace("{{}}", "{}")
_ROWS = {
    "schema_1": ["INSERT INTO budgets VALUES ('search', 4, 0, {NO_BYTES})"],
    "schema_2_first": [
        "INSERT INTO budgets VALUES ('search', 4, 0, {NO_BYTES}, 0)",
        f"INSERT INTO seen_changes VALUES ('orders', '12', 'a', {AT})",
        f"INSERT INTO notes VALUES ('n', '[1]', {AT})",
    ],
    "schema_2": [
        "INSERT INTO budgets VALUES ('search', 4, 0, {NO_BYTES}, 0)",
        f"INSERT INTO seen_changes VALUES ('orders', '12', 'a', {AT}, {AT}, true)",
        f"INSERT INTO notes VALUES ('n', '[1]', {AT})",
        f"UPDATE due_orders SET noticed_at = {AT}, closed_by = 'Ann'",
        f"INSERT INTO arrivals VALUES (1, '1', 'orders', {AT}, {AT}, {AT}, 'run')",
        f"INSERT INTO alert_conditions VALUES ('c', 'open', 'Something is.', {AT}, NULL)",
    ],
}
_ROWS["schema_3"] = [*_ROWS["schema_2"], "INSERT INTO state_revision VALUES ('0003')"]


def make_store(url: str, name: str) -> None:
    """Makes the store at this address, which holds nothing yet."""
    address = with_driver(make_url(url))
    if address.get_backend_name() == "sqlite":
        Path(address.database or "").parent.mkdir()
    ddl = (Path(__file__).parent / "stores" / f"{name}.sql").read_text()
    words = {**_WORDS[address.get_backend_name()], "{NUMBER}": name.split("_")[1]}
    engine = create_engine(address)
    with engine.begin() as connection:
        for statement in [*ddl.split(";\n"), *_ROWS_OF_ALL.split(";\n"), *_ROWS[name]]:
            for word, ours in words.items():
                statement = statement.replace(word, ours)
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
