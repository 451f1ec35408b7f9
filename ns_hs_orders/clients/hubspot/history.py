"""HubSpot's property history: which values a property had, since when, and who wrote them.

Belongs here: the one call, and reading its answer. Does not belong here: the names of users (settings), or what
a change means (reconcile).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ns_hs_orders.clients.hubspot.calls import ApiVersions, check_size, ids, results, segment
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory

MAX_BATCH = 50
"""HubSpot's limit for a batch read with histories; without them it is 100."""
_USER = "userId:"


class HubSpotHistory:
    """Implements reconcile.ports.ReadHistory."""

    def __init__(self, transport: Transport, versions: ApiVersions) -> None:
        self._transport = transport
        self._root = f"/crm/objects/{versions.objects}"

    def read_history(
        self,
        object_type: str,
        record_ids: Sequence[str],
        properties: Sequence[str],
        *,
        archived: bool = False,
    ) -> list[RecordHistory]:
        """Histories of at most 50 records; archived: of those in the recycle bin, and of no others.

        What HubSpot does not have is not in the answer; a merged record comes under its survivor's id. Raises
        RemoteError.
        """
        asked = list(dict.fromkeys(record_ids))
        check_size("batch/read with history", len(asked), MAX_BATCH)
        if not asked:
            return []
        answer = self._transport.send(
            "POST",
            f"{self._root}/{segment(object_type)}/batch/read",
            json={"inputs": ids(asked), "properties": [], "propertiesWithHistory": list(properties)},
            params={"archived": "true" if archived else "false"},
            family="objects",
            effect="read",
        )
        return [_history(one) for one in results(answer, "read") if one.get("id") is not None]


def _history(raw: Mapping[str, Any]) -> RecordHistory:
    found = raw.get("propertiesWithHistory")
    return RecordHistory(
        id=str(raw["id"]),
        versions={
            str(name): tuple(
                sorted(
                    (version for one in versions if (version := _version(one)) is not None),
                    key=lambda version: version.at,
                    reverse=True,
                )
            )
            for name, versions in (found.items() if isinstance(found, dict) else ())
            if isinstance(versions, list)
        },
        archived_at=_instant(raw.get("archivedAt")),
    )


def _version(raw: object) -> PropertyVersion | None:
    """One version; None where it does not tell since when it holds."""
    if not isinstance(raw, dict) or (at := _instant(raw.get("timestamp"))) is None:
        return None
    source_id = _text(raw.get("sourceId"))
    user_id = _text(raw.get("updatedByUserId"))
    if user_id is None and source_id is not None and source_id.startswith(_USER):
        user_id = source_id.removeprefix(_USER)
    return PropertyVersion(
        value=_text(raw.get("value")) or "",
        at=at,
        source_type=_text(raw.get("sourceType")) or "UNKNOWN",
        source_id=source_id,
        source_label=_text(raw.get("sourceLabel")),
        user_id=user_id,
    )


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
