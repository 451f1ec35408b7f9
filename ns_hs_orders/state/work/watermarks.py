"""Watermarks: how far each change stream of NetSuite has been read, and which of its rows are done with.

Belongs here: the one transaction that enters a look's due orders and moves the watermark. Does not belong
here: what a stream is, or which rows are news (extract.changes, live.look).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from ns_hs_orders.live.ports import Noticed, SeenChange, Watermark
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.orders.due import note_changes
from ns_hs_orders.state.tables import seen_changes, watermarks

_ROWS_A_STATEMENT = 5000


class WatermarkStore:
    """Implements live.ports.Watermarks."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> dict[str, Watermark]:
        """Stream → watermark, of streams that were looked at."""
        with self._state.read() as connection:
            return {row.stream: Watermark(*row) for row in connection.execute(select(watermarks))}

    def seen(self, stream: str, since: datetime | None = None) -> dict[str, SeenChange]:
        """Row key → what was seen of it; since: only rows stamped at or after it."""
        query = select(
            seen_changes.c.row_key,
            seen_changes.c.version,
            seen_changes.c.stamp,
            seen_changes.c.first_seen_at,
            seen_changes.c.settled,
        ).where(seen_changes.c.stream == stream)
        if since is not None:
            query = query.where(seen_changes.c.stamp >= since)
        with self._state.read() as connection:
            return {row.row_key: SeenChange(*row) for row in connection.execute(query)}

    def count_seen(self, stream: str, since: datetime) -> int:
        """How many seen rows are stamped at or after `since`."""
        query = select(func.count()).where(seen_changes.c.stream == stream, seen_changes.c.stamp >= since)
        with self._state.read() as connection:
            return int(connection.execute(query).scalar_one())

    def record(
        self,
        moved: Watermark,
        *,
        noticed: Sequence[Noticed],
        seen: Sequence[SeenChange],
        ticket: int,
        now: datetime,
        forget_before: datetime | None = None,
        forget: Sequence[str] = (),
    ) -> None:
        """Enters the due orders, notes the rows, moves the watermark: all or nothing.

        forget_before, forget: rows that no look will show again, by stamp or by key.
        """
        with self._state.write() as connection:
            for part in chunks(noticed, _ROWS_A_STATEMENT):
                note_changes(self._state, connection, part, ticket, now)
            upsert = self._state.insert_or_update(
                seen_changes,
                lambda new: {
                    "version": new.version,
                    "stamp": new.stamp,
                    "first_seen_at": new.first_seen_at,
                    "settled": new.settled,
                },
            )
            for rows in chunks(seen, _ROWS_A_STATEMENT):
                connection.execute(
                    upsert,
                    [
                        {
                            "stream": moved.stream,
                            "row_key": one.row_key,
                            "version": one.version,
                            "stamp": one.stamp,
                            "first_seen_at": one.first_seen_at,
                            "settled": one.settled,
                        }
                        for one in rows
                    ],
                )
            of_stream = seen_changes.c.stream == moved.stream
            if forget_before is not None:
                connection.execute(
                    delete(seen_changes).where(of_stream, seen_changes.c.stamp < forget_before)
                )
            for keys in chunks(forget):
                connection.execute(delete(seen_changes).where(of_stream, seen_changes.c.row_key.in_(keys)))
            connection.execute(
                self._state.insert_or_update(
                    watermarks,
                    lambda new: {"stamp": new.stamp, "last_id": new.last_id, "looked_at": new.looked_at},
                ).values(
                    stream=moved.stream,
                    stamp=moved.stamp,
                    last_id=moved.last_id,
                    looked_at=moved.looked_at,
                )
            )
