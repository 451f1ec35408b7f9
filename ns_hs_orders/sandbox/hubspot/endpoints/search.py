"""Search: filters, sorts, pages, and an index that may lag behind the records.

Belongs here: everything that search answers. Does not belong: list and batch/read, which see the store itself.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call, rendered
from ns_hs_orders.sandbox.hubspot.errors import bad_request
from ns_hs_orders.sandbox.hubspot.model import records
from ns_hs_orders.sandbox.hubspot.model.native_properties import Definition
from ns_hs_orders.sandbox.hubspot.model.object_types import ObjectType
from ns_hs_orders.sandbox.hubspot.model.past import as_of
from ns_hs_orders.sandbox.hubspot.model.records import Record
from ns_hs_orders.sandbox.hubspot.model.values import RefusedValueError, normalise

MAX_PAGE, MAX_TOTAL = 200, 10_000
MAX_GROUPS, MAX_FILTERS_PER_GROUP, MAX_FILTERS = 5, 6, 18
MAX_BODY = 3000
_EMPTY_OPERATORS = {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}
_LIST_OPERATORS = {"IN", "NOT_IN"}
_VALUE_OPERATORS = {"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN", "BETWEEN"}
_COMPUTED = ("hs_object_id", "hs_lastmod", "hs_createdate", "createdate", "lastmodifieddate")
_WORD = re.compile(r"\w+")

Test = Callable[[str | None], bool]


@dataclass(frozen=True)
class _Filter:
    name: str
    passes: Test
    equals: str | None  # a value that SQLite can look for first
    sql: str | None = None  # the whole filter in SQL, of a property's value `held`
    arguments: tuple[str, ...] = ()
    above: str | None = None  # the whole number that it must be above


def search(call: Call) -> Answer:
    """POST: one page of what the index knows; archived records are never in it."""
    kind, body = call.kind, call.mapping()
    limit, after = _page(body)
    groups = _groups(call, kind, body.get("filterGroups") or [])
    ids = _ids_in_order(call, kind, groups, body)
    if ids is not None:
        total, page = (
            len(ids),
            list(records.get_many(call.session, kind, ids[after : after + limit]).values()),
        )
    else:
        matches = [
            record
            for record in _candidates(call, kind, groups)
            if _matches(record.values(kind), groups)
            and _has_text(record.values(kind), kind, body.get("query"))
        ]
        matches = _sorted(call, kind, matches, body.get("sorts") or [])
        total, page = len(matches), matches[after : after + limit]
    answer: dict[str, Any] = {
        "total": total,
        "results": [rendered(call, kind, record, list(body.get("properties") or ())) for record in page],
    }
    if after + limit < total:
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Answer(200, answer)


def _page(body: dict[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", 10), str(body.get("after") or "0")
    if type(limit) is not int or not 0 <= limit <= MAX_PAGE:
        raise bad_request(f"limit must be at most {MAX_PAGE}, was {limit}", {"limit": [str(limit)]})
    if not after.isdigit():
        raise bad_request(f"after must be an integer, was {after}", {"after": [after]})
    if int(after) + limit > MAX_TOTAL:
        raise bad_request(
            f"The search endpoints are limited to {MAX_TOTAL} total results for any given query.",
            {"after": [after]},
        )
    if len(json.dumps(body)) > MAX_BODY:
        raise bad_request(f"A search request has at most {MAX_BODY} characters.")
    return limit or 10, int(after)


def _groups(call: Call, kind: ObjectType, given: list[Any]) -> list[list[_Filter]]:
    filters = [group.get("filters") or [] for group in given if isinstance(group, dict)]
    if (
        len(filters) > MAX_GROUPS
        or any(len(group) > MAX_FILTERS_PER_GROUP for group in filters)
        or sum(map(len, filters)) > MAX_FILTERS
    ):
        raise bad_request(
            f"At most {MAX_GROUPS} filterGroups of {MAX_FILTERS_PER_GROUP} filters, {MAX_FILTERS} in all, are allowed."
        )
    return [[_filter(call, kind, one) for one in group] for group in filters]


def _filter(call: Call, kind: ObjectType, given: dict[str, Any]) -> _Filter:
    name, operator = given.get("propertyName"), given.get("operator")
    definition = call.session.schema.properties(kind.plural).get(str(name))
    if definition is None:
        raise bad_request(f"There was a problem with the request: property {name} does not exist.")
    if operator in _EMPTY_OPERATORS:
        return _Filter(
            definition.name, _presence(operator), None, f"held IS {'NOT ' * (operator == 'HAS_PROPERTY')}NULL"
        )
    if operator in _LIST_OPERATORS:
        return _Filter(definition.name, _membership(definition, operator, given), None)
    if operator not in _VALUE_OPERATORS:
        raise bad_request(f"operator {operator} is not one of the allowed ones.")
    if "value" not in given:
        raise bad_request(f"operator {operator} of {name} needs a value.")
    value = _in_form(definition, str(given["value"]))
    if operator == "BETWEEN":
        if "highValue" not in given:
            raise bad_request(f"operator BETWEEN of {name} needs a highValue.")
        low, high = _key(definition, value), _key(definition, _in_form(definition, str(given["highValue"])))
        return _Filter(
            definition.name,
            lambda held: held is not None and low <= _key(definition, held) <= high,
            None,
            "held BETWEEN ? AND ?" if definition.type == "date" else None,
            (str(low), str(high)),
        )
    return _Filter(
        definition.name,
        _comparison(definition, operator, value),
        value if operator == "EQ" else None,
        above=value if operator == "GT" and value.isdigit() else None,
    )


def _presence(operator: str) -> Test:
    wanted = operator == "HAS_PROPERTY"
    return lambda held: (held is not None) == wanted


def _membership(definition: Definition, operator: str, given: dict[str, Any]) -> Test:
    values = given.get("values")
    if not isinstance(values, list):
        raise bad_request(f"operator {operator} of {definition.name} needs values.")
    allowed = {_key(definition, _in_form(definition, str(value))) for value in values}
    wanted = operator == "IN"
    return lambda held: (held is not None and _key(definition, held) in allowed) == wanted


def _comparison(definition: Definition, operator: str, value: str) -> Test:
    wanted = _key(definition, value)
    words = set(_WORD.findall(value.lower()))
    tests: dict[str, Test] = {
        "EQ": lambda held: held is not None and _key(definition, held) == wanted,
        "NEQ": lambda held: held is None or _key(definition, held) != wanted,
        "LT": lambda held: held is not None and _key(definition, held) < wanted,
        "LTE": lambda held: held is not None and _key(definition, held) <= wanted,
        "GT": lambda held: held is not None and _key(definition, held) > wanted,
        "GTE": lambda held: held is not None and _key(definition, held) >= wanted,
        "CONTAINS_TOKEN": lambda held: held is not None and words <= set(_WORD.findall(held.lower())),
        "NOT_CONTAINS_TOKEN": lambda held: held is None or not words <= set(_WORD.findall(held.lower())),
    }
    return tests[operator]


def _in_form(definition: Definition, value: str) -> str:
    """A filter's value in the form in which values are kept: dates and times may come as epoch milliseconds."""
    if definition.type not in {"date", "datetime"}:
        return value
    try:
        return normalise(definition, value, None)
    except RefusedValueError as error:
        raise bad_request(error.refused.message, {"propertyName": [definition.name]}) from error


def _key(definition: Definition, value: str) -> Any:
    if definition.type == "number":
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise bad_request(f"{value} is not a number", {"propertyName": [definition.name]}) from error
    return value.lower() if definition.type == "string" else value


def _ids_in_order(
    call: Call, kind: ObjectType, groups: list[list[_Filter]], body: dict[str, Any]
) -> list[int] | None:
    """The ids of all matches by id, where SQLite alone can tell them; None where it cannot."""
    by_id = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
    lagging = call.session.switches.hubspot_search_lag_seconds
    if len(groups) != 1 or body.get("query") or (body.get("sorts") or [by_id]) != [by_id] or lagging:
        return None
    sql = "SELECT id FROM records WHERE type = ? AND archived_at IS NULL AND merged_into IS NULL"
    arguments: list[str] = [kind.plural]
    for one in groups[0]:
        if one.name == "hs_object_id" and one.above is not None:
            sql, arguments = f"{sql} AND id > ?", [*arguments, one.above]
        elif one.sql is not None and not one.name.startswith(_COMPUTED):
            held = "json_extract(properties, ?)"
            sql += f" AND {one.sql.replace('held', held)}"
            arguments += [f"$.{one.name}", *one.arguments]
        else:
            return None
    return [row[0] for row in call.session.db.execute(f"{sql} ORDER BY id", arguments)]


def _candidates(call: Call, kind: ObjectType, groups: list[list[_Filter]]) -> list[Record]:
    """Live records as the index has them. One equality filter is looked for by SQLite itself."""
    lag = call.session.switches.hubspot_search_lag_seconds * 1000
    sql, arguments = (
        "SELECT id FROM records WHERE type = ? AND archived_at IS NULL AND merged_into IS NULL",
        [kind.plural],
    )
    exact = next((one for one in groups[0] if one.equals is not None), None) if len(groups) == 1 else None
    if exact is not None and exact.name == "hs_object_id" and exact.equals and exact.equals.isdigit():
        sql, arguments = f"{sql} AND id = ?", [kind.plural, exact.equals]
    elif exact is not None and not lag and not exact.name.startswith(_COMPUTED):
        definition = call.session.schema.properties(kind.plural)[exact.name]
        if definition.type in {"date", "enumeration", "bool"}:
            sql = f"{sql} AND json_extract(properties, ?) = ?"
            arguments = [kind.plural, f"$.{exact.name}", str(exact.equals)]
    ids = [row[0] for row in call.session.db.execute(sql, arguments)]
    found = list(records.get_many(call.session, kind, ids).values())
    if not lag:
        return found
    cutoff = call.session.now_ms - lag
    seen = [
        record if record.updated_at <= cutoff else as_of(call.session, kind, record, at_ms=cutoff)
        for record in found
    ]
    return [record for record in seen if record is not None]


def _matches(values: dict[str, str], groups: list[list[_Filter]]) -> bool:
    return not groups or any(all(one.passes(values.get(one.name)) for one in group) for group in groups)


def _has_text(values: dict[str, str], kind: ObjectType, query: Any) -> bool:
    if not query:
        return True
    words = str(query).lower().split()
    texts = [values.get(name, "").lower() for name in kind.search_text]
    return all(any(word in text for text in texts) for word in words)


def _sorted(call: Call, kind: ObjectType, found: list[Record], sorts: list[Any]) -> list[Record]:
    if len(sorts) > 1:
        raise bad_request("Only one sort is allowed.")
    found.sort(key=lambda record: record.id)
    if not sorts:
        return found
    given = sorts[0]
    name = given.get("propertyName") if isinstance(given, dict) else str(given).removeprefix("-")
    down = given.get("direction") == "DESCENDING" if isinstance(given, dict) else str(given).startswith("-")
    definition = call.session.schema.properties(kind.plural).get(str(name))
    if definition is None:
        raise bad_request(f"There was a problem with the request: property {name} does not exist.")
    with_value = [record for record in found if definition.name in record.values(kind)]
    without = [record for record in found if definition.name not in record.values(kind)]
    with_value.sort(key=lambda record: _key(definition, record.values(kind)[definition.name]), reverse=down)
    return with_value + without
