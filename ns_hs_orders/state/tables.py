"""The tables of the state store, in portable SQL types.

Belongs here: tables, columns, indexes and the revision of the schema. Does not belong here: statements
(the modules named for what they keep).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

REVISION = "0008"
"""The newest migration (migrations/versions): what a store must be at to be used."""

OLD_PROGRAMS_REFUSE = 3
"""More than any schema number that was known before there were migrations."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC moment, kept as microseconds since 1970, so that every database compares it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Microseconds since 1970. Raises TypeError on a naive datetime."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Word(TypeDecorator[str]):
    """A short text: an id, a reason, a name; nothing limits its length.

    A character that not every database can keep (NUL, half of a surrogate pair) becomes U+FFFD.
    """

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002
        """The text as it is kept; one function, since each order comes with dozens of texts."""
        return _kept


class Prose(Word):
    """A longer text: sentences, JSON."""

    impl = Text
    cache_ok = True


def _kept(text: str | None) -> str | None:
    if text is None or (text.isascii() and "\x00" not in text):
        return text
    return keepable(text)


def keepable(text: str) -> str:
    """The text with U+FFFD in place of each character that not every database can keep."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    # two halves of one character, as JSON spells it, become that character
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


metadata = MetaData()
_BigSerial = BigInteger().with_variant(Integer, "sqlite")

state_revision = Table("state_revision", metadata, Column("version_num", String(32), primary_key=True))
"""One row: the newest migration that the store has seen. Alembic writes it too, and named its column."""

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
"""One row, for programs from before there were migrations: a number that makes them refuse the store."""

counters = Table(
    "counters",
    metadata,
    Column("name", Word, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("stream", Word, primary_key=True),
    Column("stamp", Instant),
    Column("last_id", Word),
    Column("looked_at", Instant),
)
"""stamp, last_id: the newest row that was read of the stream. looked_at: NetSuite's clock when the last
complete look began."""

seen_changes = Table(
    "seen_changes",
    metadata,
    Column("stream", Word, primary_key=True),
    Column("row_key", Word, primary_key=True),
    Column("version", Word, nullable=False),
    Column("stamp", Instant, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("settled", Boolean, nullable=False),
    Index("seen_changes_by_stamp", "stream", "stamp"),
)
"""Rows of the streams as they were last seen. settled: an order read since holds all that the row tells."""

order_states = Table(
    "order_states",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("outcome", Word),
    Column("reason", Word),
    Column("explanation", Prose),
    Column("fingerprint", Word),
    Column("refused_fingerprint", Word),
    Column("confirmed_ticket", BigInteger, nullable=False, default=0),
    Column("newest_ticket", BigInteger, nullable=False, default=0),
    Column("order_id_hubspot", Word),
    Column("total_minor", BigInteger),
    Column("currency", Word),
    Column("order_on", Date),
    Column("lease_holder", Word),
    Column("lease_until", Instant),
    Column("written", Prose),
    Index("order_states_by_day", "order_on"),
)
"""newest_ticket: the highest ticket that was claimed, judged or confirmed; an older reading may not write.
refused_fingerprint: of what HubSpot refused for a reason that lies in it, None otherwise. written: JSON object of
property → digest of what was written last, of the fields whose edits in HubSpot stay."""

hubspot_edits = Table(
    "hubspot_edits",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("edits", Prose, nullable=False),
    Column("found_at", Instant, nullable=False),
)
"""What the last reconciliation of each order found changed in HubSpot: a JSON list. A write of it ends the row."""

trust_marks = Table(
    "trust_marks",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("record_id", Word, nullable=False),
    Column("verification", Word, nullable=False),
    Column("difference", Word, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("written_at", Instant, nullable=False),
)
"""What each order's record in HubSpot was last told of its dollars."""

told_companies = Table(
    "told_companies",
    metadata,
    Column("company_id", Word, primary_key=True),
    Column("fingerprint", Word, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("written_at", Instant, nullable=False),
)
"""What each company in HubSpot was last told of its buying. fingerprint: of the figures, without their day as_of."""

due_companies = Table(
    "due_companies",
    metadata,
    Column("company_id", Word, primary_key=True),
    Column("noticed_at", Instant, nullable=False),
)
"""Companies of which an order changed since their figures were last looked at."""

order_links = Table(
    "order_links",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("key", Word, primary_key=True),
    Column("hubspot_id", Word),
    Column("intended", Boolean, nullable=False),
)

due_orders = Table(
    "due_orders",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("cause", Word, nullable=False),
    Column("noticed_ticket", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("first_failed_at", Instant),
    Column("next_try_at", Instant, nullable=False),
    Column("noticed_at", Instant),
    Column("changed_at", Instant),
    Column("counted_from", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Word),
    Index("due_orders_by_time", "next_try_at"),
)
"""noticed_at: when its newest change was noticed, by our clock. changed_at: when NetSuite says that the oldest change that has not arrived was made, by our clock; counted_from: the same, or
later where NetSuite cannot have committed it before. Both are empty where no stream noticed the order.
closed_at, closed_by: a person wants no more tries, until NetSuite changes the order again."""

arrivals = Table(
    "arrivals",
    metadata,
    Column("arrival_id", _BigSerial, primary_key=True, autoincrement=True),
    Column("order_id", Word, nullable=False),
    Column("cause", Word, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("counted_from", Instant, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("run", Word, nullable=False),
    Index("arrivals_by_time", "confirmed_at"),
)
"""Append-only: each change of NetSuite that a confirmed write brought to HubSpot, and how long it took."""

notes = Table(
    "notes",
    metadata,
    Column("name", Word, primary_key=True),
    Column("value", Prose, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Small facts that outlive a run: what an account can be asked, a lane's failures in a row."""

alert_conditions = Table(
    "alert_conditions",
    metadata,
    Column("name", Word, primary_key=True),
    Column("state", Word, nullable=False),
    Column("summary", Prose, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),
)
"""What somebody was told of, or is to be told of: one row a condition, `open` or `over`."""

days = Table(
    "days",
    metadata,
    Column("order_on", Date, primary_key=True),
    Column("changed_ticket", BigInteger, nullable=False, default=0),
    Column("proven_ticket", BigInteger, nullable=False, default=0),
    Column("result", Word),
)
"""proven_ticket: of the last reconciliation, whatever it found; result: proven or red."""

budgets = Table(
    "budgets",
    metadata,
    Column("family", Word, primary_key=True),
    Column("calls_per_window", Integer, nullable=False),
    Column("halved_until", Float, nullable=False, default=0.0),
    Column("taken", LargeBinary, nullable=False, default=b""),
    Column("live_asked_at", Float, nullable=False, default=0.0),
)
"""taken: the moments of the calls that count, eight bytes each: of the answer; less than 0, of the start, without one.
live_asked_at: when the live lane asked last, so that others give way."""

slots = Table(
    "slots",
    metadata,
    Column("pool", Word, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("holder", Word, nullable=False),
    Column("until", Instant, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("lane", Word, primary_key=True),
    Column("run", Word, nullable=False),
    Column("heartbeat", Instant, nullable=False),
)

order_events = Table(
    "order_events",
    metadata,
    Column("event_id", _BigSerial, primary_key=True, autoincrement=True),
    Column("order_id", Word, nullable=False),
    Column("at", Instant, nullable=False),
    Column("run", Word, nullable=False),
    Column("happened", Word, nullable=False),
    Column("details", Prose, nullable=False, default="{}"),
    Index("order_events_by_order", "order_id", "event_id"),
)
"""Append-only. details: JSON object, as in events.OrderEvent."""

exceptions = Table(
    "exceptions",
    metadata,
    Column("order_id", Word, primary_key=True),
    Column("order_on", Date, primary_key=True),
    Column("cause", Word, nullable=False),
    Column("finding", Word, nullable=False),
    Column("signature", Word, nullable=False),
    Column("order_number", Word),
    Column("customer_name", Word),
    Column("rep_name", Word),
    Column("currency", Word),
    Column("at_risk_minor", BigInteger),
    Column("difference_minor", BigInteger),
    Column("explanation", Prose, nullable=False),
    Column("url_netsuite", Word),
    Column("url_hubspot", Word),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("acknowledged_by", Word),
    Column("acknowledged_because", Prose),
    Column("acknowledged_until", Date),
    Column("acknowledged_signature", Word),
    Index("exceptions_by_day", "order_on"),
)
"""Orders that a reconciliation found not right, by the day that it found them under; gone_at: since when it is
right. An acknowledgement holds while both signatures are the same, until its last day (UTC)."""

reported_orders = Table(
    "reported_orders",
    metadata,
    Column("report_id", _BigSerial, primary_key=True, autoincrement=True),
    Column("order_id", Word, nullable=False),
    Column("order_on", Date, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("order_number", Word),
    Column("in_netsuite", Boolean, nullable=False),
    Column("currency", Word),
    Column("netsuite_minor", BigInteger),
    Column("sales_minor", BigInteger),
    Column("stage", Word),
    Column("rep_name", Word),
    Column("standing", Word, nullable=False),
    Column("definition", Word, nullable=False),
    Column("is_return", Boolean, nullable=False, default=False),
    Index("reported_orders_by_order", "order_id", "order_on", "report_id"),
    Index("reported_orders_by_day", "order_on"),
    Index("reported_orders_by_time", "reported_at"),
)
"""Append-only: a row each time that a reconciliation shows an order of a day otherwise than its last row does.
standing: `agrees`, a cause, or `vanished`. Of a return, amounts are negative."""

reported_days = Table(
    "reported_days",
    metadata,
    Column("report_id", _BigSerial, primary_key=True, autoincrement=True),
    Column("order_on", Date, nullable=False),
    Column("currency", Word, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("sales_netsuite_minor", BigInteger, nullable=False),
    Column("sales_hubspot_minor", BigInteger, nullable=False),
    Column("unexplained_minor", BigInteger, nullable=False),
    Column("counts_agree", Boolean, nullable=False),
    Column("definition", Prose, nullable=False),
    Column("returned_netsuite_minor", BigInteger, nullable=False, default=0),
    Column("returned_hubspot_minor", BigInteger, nullable=False, default=0),
    Index("reported_days_by_day", "order_on", "currency", "report_id"),
)
"""Append-only: the same for the sums of a day in one currency; no currency: a day without orders."""

periods = Table(
    "periods",
    metadata,
    Column("month", Word, primary_key=True),
    Column("closed_at", Instant, nullable=False),
    Column("closed_by", Word, nullable=False),
    Column("sums", Prose, nullable=False),
    Column("definition", Prose, nullable=False),
    Column("acknowledged", Integer, nullable=False),
)
"""Months that are closed now. sums: JSON, currency → minor units. acknowledged: exceptions at the closing."""

period_events = Table(
    "period_events",
    metadata,
    Column("event_id", _BigSerial, primary_key=True, autoincrement=True),
    Column("month", Word, nullable=False),
    Column("at", Instant, nullable=False),
    Column("happened", Word, nullable=False),
    Column("by", Word, nullable=False),
    Column("details", Prose, nullable=False),
    Index("period_events_by_month", "month", "event_id"),
)
"""Append-only: each closing and reopening of a month. details: JSON."""
