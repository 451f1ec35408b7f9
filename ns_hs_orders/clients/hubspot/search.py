"""HubSpot's search: our orders by order date, orders that are not ours by name and external id, products by SKU.

Belongs here: what reconciliation asks, and the push of products. Does not belong here: reading records (objects);
the index lags behind writes, so nothing here is a proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, date, datetime
from typing import Any

from ns_hs_orders.clients.hubspot.calls import ApiVersions, next_cursor, records, segment
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ContractError
from ns_hs_orders.push.ports import CrmRecord

PAGE = 200
MOST_CHARACTERS = 3000
"""Of a search's body."""
MOST_GROUPS = 5
"""Of filters, in one search."""
MOST_VALUES = 100
"""Of one IN filter."""
NAME_PROPERTY = "hs_order_name"
EXTERNAL_ID_PROPERTY = "hs_external_order_id"
SKU_PROPERTY = "hs_sku"
KEY_PROPERTY = "netsuite_internal_id"
DATE_PROPERTY = "netsuite_order_date"
RETURN_DATE_PROPERTY = "netsuite_return_date"
RETURN_AMOUNT_PROPERTY = "netsuite_return_amount"

Filter = dict[str, Any]
Filters = list[Filter]


class HubSpotSearch:
    """Implements reconcile.ports.OrderSearch, push.ports.ProductSearch, adopt.ports.ForeignSearch and
    withdraw.ports.SearchByProperty."""

    def __init__(
        self,
        transport: Transport,
        versions: ApiVersions,
        *,
        key_property: str = KEY_PROPERTY,
        date_property: str = DATE_PROPERTY,
    ) -> None:
        self._transport = transport
        self._root = f"/crm/objects/{versions.objects}"
        self._definitions = f"/crm/properties/{versions.properties}"
        self._key = key_property
        self._date = date_property

    def orders_dated(self, first: date, last: date) -> list[str]:
        """Keys of all orders of ours that the index dates from first to last, both included; returns left out.

        Raises RemoteError; ContractError for a page that contradicts itself.
        """
        # a return has no order date, unless a person gave it one
        found = self._dated(self._date, first, last, [self._key, RETURN_AMOUNT_PROPERTY])
        return [
            key
            for record in found
            if (key := record.properties.get(self._key)) and not record.properties.get(RETURN_AMOUNT_PROPERTY)
        ]

    def returns_dated(self, first: date, last: date) -> list[str]:
        """Keys of all returns of ours that the index dates from first to last, both included. Raises the same."""
        found = self._dated(RETURN_DATE_PROPERTY, first, last, [self._key])
        return [key for record in found if (key := record.properties.get(self._key))]

    def _dated(
        self, date_property: str, first: date, last: date, properties: Sequence[str]
    ) -> Iterator[CrmRecord]:
        dated = {
            "propertyName": date_property,
            "operator": "BETWEEN",
            "value": _midnight(first),
            "highValue": _midnight(last),
        }
        with_key = {"propertyName": self._key, "operator": "HAS_PROPERTY"}
        return self._all([[dated, with_key]], properties)

    def orders_without_key(
        self, names: Sequence[str], external_ids: Sequence[str], key_property: str = ""
    ) -> list[str]:
        """Record ids of orders without our key that carry one of the order names or external order ids.

        key_property: another property that may hold one of the external ids, "" for none. The index minds no case, so
        neither does this. Where HubSpot holds few orders without our key, all of them are looked at: that takes fewer
        calls than naming each order. Raises what `orders_dated` raises.
        """
        without_key = {"propertyName": self._key, "operator": "NOT_HAS_PROPERTY"}
        wanted = {NAME_PROPERTY: _folded(names), EXTERNAL_ID_PROPERTY: _folded(external_ids)}
        if key_property:
            wanted |= {key_property: _folded(external_ids)}
        properties = list(wanted)
        if not any(wanted.values()):
            return []
        page, more, total = self._page([[without_key]], properties, 0)
        found = list(page)
        if more:
            asked = wanted | (
                {key_property: self._takes(key_property, wanted[key_property])} if key_property else {}
            )
            questions = list(_questions([without_key], asked, properties))
            if total > PAGE * len(questions):
                found = [record for groups in questions for record in self._all(groups, properties)]
            else:
                found += self._all([[without_key]], properties, _last_id(page, 0))
        return list(
            dict.fromkeys(
                record.id
                for record in found
                if any(_fold(record.properties.get(name)) in values for name, values in wanted.items())
            )
        )

    def _takes(self, name: str, values: Set[str]) -> Set[str]:
        """Those of the values that a filter on this property of orders may name: HubSpot refuses texts on a number."""
        answer = self._transport.send(
            "GET", f"{self._definitions}/orders/{segment(name)}", family="objects", effect="read"
        )
        if answer.json.get("type") != "number":
            return values
        return {one for one in values if one.isascii() and one.isdigit()}

    def orders_of_others(self, properties: Sequence[str] = (), *, has_key: bool = True) -> list[CrmRecord]:
        """All orders without our key, with these properties, by record id.

        has_key: whether HubSpot's orders have the property of our key at all; without it, all are others'. Raises what
        `orders_dated` raises.
        """
        without_key = {"propertyName": self._key, "operator": "NOT_HAS_PROPERTY"}
        return list(self._all([[without_key] if has_key else []], properties))

    def records_having(self, having: Sequence[str], properties: Sequence[str]) -> list[CrmRecord]:
        """All orders and returns of ours that have a value of one of `having`, with these properties.

        Raises what `orders_dated` raises.
        """
        found: dict[str, CrmRecord] = {}
        for groups in self._having(having):
            found |= {record.id: record for record in self._all(groups, properties)}
        return list(found.values())

    def count_having(self, having: Sequence[str]) -> int:
        """How many they are, by the index. Raises what `orders_dated` raises."""
        asked = list(self._having(having))
        if len(asked) == 1:
            return self._page(asked[0], [self._key], 0)[2]
        return len(self.records_having(having, [self._key]))

    def _having(self, properties: Sequence[str]) -> Iterator[list[Filters]]:
        with_key = {"propertyName": self._key, "operator": "HAS_PROPERTY"}
        for start in range(0, len(properties), MOST_GROUPS):
            some = properties[start : start + MOST_GROUPS]
            yield [[{"propertyName": one, "operator": "HAS_PROPERTY"}, with_key] for one in some]

    def products_with_sku(self, skus: Sequence[str]) -> list[str]:
        """Record ids of products whose SKU is one of these, case apart. Raises what `orders_dated` raises."""
        questions = _questions([], {SKU_PROPERTY: _folded(skus)}, [SKU_PROPERTY])
        found = (
            record
            for groups in questions
            for record in self._all(groups, [SKU_PROPERTY], object_type="products")
        )
        return list(dict.fromkeys(record.id for record in found))

    def _all(
        self,
        groups: Sequence[Filters],
        properties: Sequence[str],
        after_id: int = 0,
        object_type: str = "orders",
    ) -> Iterator[CrmRecord]:
        """Every record that meets one of the groups of filters.

        Each page goes on after the last record id, so neither a change between two pages nor the
        10,000 results that one search may show loses an order.
        """
        more = True
        while more:
            page, more, _ = self._page(groups, properties, after_id, object_type)
            after_id = _last_id(page, after_id)
            yield from page

    def _page(
        self, groups: Sequence[Filters], properties: Sequence[str], after_id: int, object_type: str = "orders"
    ) -> tuple[Sequence[CrmRecord], bool, int]:
        """One page, whether more follow, and how many there are in all."""
        answer = self._transport.send(
            "POST",
            f"{self._root}/{object_type}/search",
            json=_request(groups, properties, after_id),
            family="search",
            effect="read",
        )
        page = records(answer, "read")
        more = next_cursor(answer.json) is not None
        if more and not page:
            raise ContractError("HubSpot's search page is empty and says that more results follow.")
        total = answer.json.get("total")
        return page, more, total if isinstance(total, int) else len(page)


def _request(groups: Sequence[Filters], properties: Sequence[str], after_id: int) -> dict[str, Any]:
    after = [{"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)}] if after_id else []
    return {
        "filterGroups": [{"filters": [*filters, *after]} for filters in groups if filters or after],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": PAGE,
        "after": "0",
    }


def _questions(
    always: Filters, wanted: Mapping[str, Set[str]], properties: Sequence[str]
) -> Iterator[list[Filters]]:
    """Filter groups that name all wanted values, as many in one question as HubSpot takes."""

    def groups(values: Mapping[str, Sequence[str]]) -> list[Filters]:
        return [
            [*always, {"propertyName": name, "operator": "IN", "values": list(some)}]
            for name, some in values.items()
            if some
        ]

    room = MOST_CHARACTERS - len(
        json.dumps(_request(groups({name: ["x"] for name in wanted}), properties, 10**18))
    )
    asked: dict[str, list[str]] = {name: [] for name in wanted}
    left = room
    for name, value in ((one, value) for one in wanted for value in sorted(wanted[one])):
        size = len(json.dumps(value)) + len(", ")
        if size > room:
            continue  # no order of NetSuite has a number as long as this, no item such a name
        if size > left or len(asked[name]) == MOST_VALUES:
            yield groups(asked)
            asked, left = {one: [] for one in wanted}, room
        asked[name].append(value)
        left -= size
    if any(asked.values()):
        yield groups(asked)


def _last_id(page: Sequence[CrmRecord], before: int) -> int:
    """The id of a page's last record. Raises ContractError where the ids do not rise."""
    for record in page:
        if not record.id.isdecimal() or int(record.id) <= before:
            raise ContractError(
                f"HubSpot's search was asked for ids over {before} in order; got {record.id!r}."
            )
        before = int(record.id)
    return before


def _folded(values: Iterable[str]) -> set[str]:
    return {folded for value in values if (folded := _fold(value))}


def _fold(value: str | None) -> str:
    return (value or "").strip().lower()


def _midnight(day: date) -> str:
    """A date as HubSpot keeps it: epoch milliseconds of midnight UTC."""
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000)
