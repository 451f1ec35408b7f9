"""Change streams that a person leaves unread, because NetSuite no longer shows them for good.

Belongs here: noting the decision, and whether it still holds. Does not belong here: which streams are not read
(report.status). A decision is about the last look: once the stream is read again, it is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from ns_hs_orders.state.database import State
from ns_hs_orders.state.notes import Notes
from ns_hs_orders.state.tables import notes

_NOTE = "streams_left_unread"


def leave_unread(state: State, looked: Mapping[str, datetime], *, by: str, now: datetime) -> None:
    """Notes that a person leaves these streams unread. looked: stream → when it was looked at last."""
    kept = Notes(state).find(_NOTE, now=now) or {}
    kept |= {stream: {"looked_at": at.isoformat(), "by": by[:200]} for stream, at in looked.items()}
    Notes(state).keep(_NOTE, kept, now)


def left_unread(connection: Connection, looked: Mapping[str, datetime | None]) -> dict[str, str]:
    """Stream → who left it unread, of those that were not read since. looked: as in `leave_unread`."""
    value = connection.execute(select(notes.c.value).where(notes.c.name == _NOTE)).scalar()
    kept = json.loads(value) if value else {}
    return {
        stream: kept[stream]["by"]
        for stream, at in looked.items()
        if at is not None and stream in kept and datetime.fromisoformat(kept[stream]["looked_at"]) == at
    }
