"""HubSpot's search for our orders by order date.

Belongs here: the one search that reconciliation asks. Does not belong here: reading records (objects);
the index lags behind writes, so nothing here is a proof.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ns_hs_orders.clients.hubspot.calls import ApiVersions, next_cursor, records
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ContractError

PAGE = 200
KEY_PROPERTY = "netsuite_internal_id"
DATE_PROPERTY = "netsuite_order_date"


class HubSpotSearch:
    """Implements reconcile.ports.OrderSearch."""

    def __init__(
        self,
        transport: Transport,
        versions: ApiVersions,
        *,
        key_property: str = KEY_PROPERTY,
        date_property: str = DATE_PROPERTY,
    ) -> None:
        self._transport = transport
        self._path = f"/crm/objects/{versions.objects}/orders/search"
        self._key = key_property
        self._date = date_property

    def orders_dated(self, first: date, last: date) -> list[str]:
        """Keys of all orders of ours that the index dates from first to last, both included.

        Each page goes on after the last record id, so neither a change between two pages nor the
        10,000 results that one search may show loses an order. Raises RemoteError; ContractError for
        a page that contradicts itself.
        """
        found: list[str] = []
        last_id = 0
        while True:
            answer = self._transport.send(
                "POST", self._path, json=self._request(first, last, last_id), family="search", effect="read"
            )
            page = records(answer, "read")
            more = next_cursor(answer.json) is not None
            if not page:
                if more:
                    raise ContractError("HubSpot's search page is empty and says that more results follow.")
                return found
            for record in page:
                if not record.id.isdecimal() or int(record.id) <= last_id:
                    raise ContractError(
                        f"HubSpot's search was asked for ids over {last_id} in order; got {record.id!r}."
                    )
                last_id = int(record.id)
            found.extend(key for record in page if (key := record.properties.get(self._key)))
            if not more:
                return found

    def _request(self, first: date, last: date, after_id: int) -> dict[str, Any]:
        filters: list[dict[str, str]] = [
            {
                "propertyName": self._date,
                "operator": "BETWEEN",
                "value": _midnight(first),
                "highValue": _midnight(last),
            },
            {"propertyName": self._key, "operator": "HAS_PROPERTY"},
        ]
        if after_id:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)})
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": [self._key],
            "limit": PAGE,
            "after": "0",
        }


def _midnight(day: date) -> str:
    """A date as HubSpot keeps it: epoch milliseconds of midnight UTC."""
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000)
