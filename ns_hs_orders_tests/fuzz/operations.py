"""The emulators' own operations as OpenAPI documents, made from their routes.

Belongs here: paths, and bodies of roughly the right shape, so that what is tried gets past the first check. Does not belong
here: the vendors' documents, or what an answer must be like (test_emulators).
"""

from __future__ import annotations

import re
from typing import Any

from ns_hs_orders.sandbox.hubspot.routes import _FAMILIES, ROUTES

Document = dict[str, Any]
_GROUP = re.compile(r"\(\?P<(\w+)>([^()]*)\)")

TEXT = {"type": "string", "maxLength": 20}
ANYTHING: Document = {}
SCALAR = {"anyOf": [TEXT, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]}


def _one_of(*words: str) -> Document:
    return {"anyOf": [{"enum": list(words)}, TEXT]}


NAME = _one_of(
    "hs_order_name", "hs_total_price", "hs_currency_code", "hs_pipeline", "hs_pipeline_stage", "name", "hs_object_id",
    "hs_createdate", "hubspot_owner_id", "quantity", "price", "domain", "createdate", "hs_lastmodifieddate",
)  # fmt: skip
REFERENCE = {
    "type": "object",
    "properties": {"id": {"anyOf": [_one_of("1", "2", "9001", "0"), {"type": "integer"}]}},
}
TYPES = {
    "type": "array", "maxItems": 2,
    "items": {"type": "object", "properties": {
        "associationCategory": _one_of("HUBSPOT_DEFINED", "USER_DEFINED"),
        "associationTypeId": {"anyOf": [{"enum": [507, 509, 512, 513, 1, 279]}, {"type": "integer"}]},
    }},
}  # fmt: skip
PROPERTIES = {
    "type": "object", "maxProperties": 3, "properties": {
        "hs_total_price": SCALAR, "hs_order_name": SCALAR, "hs_currency_code": SCALAR, "hs_pipeline_stage": SCALAR,
        "hs_createdate": SCALAR, "hubspot_owner_id": SCALAR, "name": SCALAR, "quantity": SCALAR, "price": SCALAR,
    },
    "additionalProperties": SCALAR,
}  # fmt: skip
OPTION = {"type": "object", "properties": {"label": TEXT, "value": TEXT, "displayOrder": {"type": "integer"}}}
STAGE = {
    "type": "object", "properties": {
        "label": TEXT, "displayOrder": {"type": "integer"}, "stageId": TEXT,
        "metadata": {"type": "object", "additionalProperties": SCALAR},
    },
}  # fmt: skip
FILTER = {
    "type": "object", "properties": {
        "propertyName": NAME,
        "operator": _one_of("EQ", "NEQ", "LT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "CONTAINS_TOKEN"),
        "value": SCALAR, "highValue": SCALAR, "values": {"type": "array", "items": TEXT, "maxItems": 3},
    },
}  # fmt: skip
INPUT = {
    "type": "object", "properties": {
        "id": _one_of("1", "2", "9001"), "idProperty": NAME, "objectWriteTraceId": TEXT, "properties": PROPERTIES,
        "associations": {"type": "array", "maxItems": 2,
                         "items": {"type": "object", "properties": {"to": REFERENCE, "types": TYPES}}},
        "from": REFERENCE, "to": {"anyOf": [REFERENCE, {"type": "array", "items": REFERENCE, "maxItems": 2}]},
        "types": TYPES, "name": NAME, "label": TEXT,
        "type": _one_of("string", "number", "date", "enumeration", "bool"),
        "fieldType": _one_of("text", "number", "date", "select", "booleancheckbox"), "groupName": TEXT,
        "hasUniqueValue": {"type": "boolean"}, "options": {"type": "array", "items": OPTION, "maxItems": 2},
        "fromCurrencyCode": _one_of("EUR", "USD"), "toCurrencyCode": _one_of("USD"), "conversionRate": SCALAR,
    },
}  # fmt: skip
BODY = {
    "type": "object", "properties": {
        **INPUT["properties"],  # type: ignore[dict-item]
        "inputs": {"type": "array", "items": INPUT, "maxItems": 3},
        "propertiesWithHistory": {"type": "array", "items": NAME, "maxItems": 2},
        "filterGroups": {"type": "array", "maxItems": 2, "items": {
            "type": "object", "properties": {"filters": {"type": "array", "items": FILTER, "maxItems": 2}},
        }},
        "sorts": {"type": "array", "maxItems": 2, "items": {"anyOf": [
            TEXT, {"type": "object", "properties": {"propertyName": NAME, "direction": _one_of("ASCENDING", "DESCENDING")}},
        ]}},
        "limit": {"anyOf": [{"enum": [0, 1, 100]}, {"type": "integer"}]},
        "after": SCALAR, "query": TEXT, "archived": {"type": "boolean"}, "displayOrder": {"type": "integer"},
        "stages": {"type": "array", "items": STAGE, "maxItems": 3}, "pipelineId": TEXT, "stageId": TEXT,
        "metadata": {"type": "object", "additionalProperties": SCALAR}, "tokenKey": TEXT,
        "primaryObjectId": _one_of("1", "2"), "objectIdToMerge": _one_of("1", "2"), "inverseLabel": TEXT,
    },
}  # fmt: skip
OBJECT_TYPE = _one_of("orders", "line_items", "companies", "contacts", "deals", "0-123", "0-2", "order")
SEGMENTS = {
    "type": OBJECT_TYPE, "from": OBJECT_TYPE, "to": OBJECT_TYPE, "name": NAME,
    "id": _one_of("1", "2", "9001", "0"), "to_id": _one_of("1", "9001"), "type_id": _one_of("1", "509"),
}  # fmt: skip
QUERY = {
    "limit": {"anyOf": [{"enum": [1, 100]}, SCALAR]}, "after": _one_of("0", "1"), "archived": _one_of("true", "false"),
    "properties": NAME, "propertiesWithHistory": NAME, "associations": OBJECT_TYPE, "idProperty": NAME,
    "email": TEXT, "validateReferencesBeforeDelete": _one_of("true"),
}  # fmt: skip


def _templates(pattern: str) -> list[str]:
    """`/(?P<type>[^/]+)/batch/(?P<operation>read)/?` → `/{type}/batch/read`; one for each alternative."""
    found = [pattern.removesuffix("/?")]
    while any(_GROUP.search(one) for one in found):
        wider = []
        for one in found:
            group = _GROUP.search(one)
            assert group
            choices = [f"{{{group[1]}}}"] if group[2] == "[^/]+" else group[2].split("|")
            wider += [one[: group.start()] + choice + one[group.end() :] for choice in choices]
        found = wider
    return found


def _parameters(path: str, query: dict[str, Document]) -> list[Document]:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": SEGMENTS.get(name, TEXT)}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    return inside + [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()]


def _operation(
    path: str, body: Document | None, query: dict[str, Document], media: str = "application/json"
) -> Document:
    operation: Document = {
        "parameters": _parameters(path, query),
        "responses": {"default": {"description": "any"}},
    }
    if body is not None:
        operation["requestBody"] = {"content": {media: {"schema": body}}}
    return operation


def _document(paths: Document) -> Document:
    return {"openapi": "3.0.3", "info": {"title": "emulator", "version": "1"}, "paths": paths}


def hubspot_operations() -> Document:
    """Every route of the HubSpot emulator, in its numbered and its dated form in turn."""
    paths: Document = {}
    count = 0
    for family, routes in ROUTES.items():
        numbered, plain = _FAMILIES[family]
        bases = [re.sub(r"\{(\w+)[^}]*\}", r"\1", numbered), f"{plain}/2026-03"]
        for route in routes:
            for template in _templates(route.pattern.pattern):
                count += 1
                path = bases[count % 2] + template
                with_body = route.method in ("POST", "PUT", "PATCH")
                paths.setdefault(path, {})[route.method.lower()] = _operation(
                    path, BODY if with_body else None, QUERY
                )
    return _document(paths)


QUERIES = _one_of(
    "SELECT id FROM transaction", "SELECT COUNT(*) AS n FROM transaction t WHERE t.id > 5", "SELECT", "SELECT * FROM customer",
    "SELECT t.id, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS d FROM transaction t WHERE t.tranid = ? ORDER BY t.id",
    "SELECT id FROM transaction WHERE id = ?", "SELECT 1/0 FROM DUAL", "SELECT TO_DATE('x', 'YYYY') FROM DUAL",
    "SELECT SUM(foreigntotal) FROM transaction GROUP BY currency", "DROP TABLE transaction", "SELECT id FROM nowhere",
    "WITH a AS (SELECT id FROM job) SELECT * FROM a", "SELECT CAST('9e999' AS NUMBER) FROM DUAL",
    "SELECT id FROM transaction WHERE memo LIKE '%x' ESCAPE '!'", "SELECT SUBSTR('abc', -1, 9999999999999999999) FROM DUAL",
)  # fmt: skip


def netsuite_operations() -> Document:
    """Every route of the NetSuite emulator."""
    rest, suiteql, token = (
        "/services/rest",
        "/services/rest/query/v1/suiteql",
        "/services/rest/auth/oauth2/v1/token",
    )
    body = {
        "type": "object", "required": ["q"],
        "properties": {"q": QUERIES, "params": {"type": "array", "items": SCALAR, "maxItems": 3}},
    }  # fmt: skip
    form = {
        "type": "object", "properties": {
            "grant_type": _one_of("client_credentials"), "client_assertion": _one_of("a.b.c", "e30.e30.x"),
            "client_assertion_type": _one_of("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        },
    }  # fmt: skip
    paging: dict[str, Document] = {"limit": _one_of("1", "5", "1000"), "offset": _one_of("0", "5")}
    return _document(
        {
            suiteql: {"post": _operation(suiteql, body, paging)},
            token: {"post": _operation(token, form, {}, "application/x-www-form-urlencoded")},
            f"{rest}/system/v1/serverTime": {"get": _operation("", None, {})},
            f"{rest}/system/v1/governanceLimits": {"get": _operation("", None, {})},
        }
    )
