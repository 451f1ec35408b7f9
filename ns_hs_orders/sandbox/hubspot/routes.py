"""The paths of HubSpot's API, in both forms: v3/v4 and dated.

Belongs here: which handler a method and path lead to, and the scopes it needs. Does not belong: the handlers.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ns_hs_orders.sandbox.hubspot import scopes
from ns_hs_orders.sandbox.hubspot.endpoints import (
    account,
    associations,
    batches,
    lists,
    objects,
    pipelines,
    properties,
    search,
)
from ns_hs_orders.sandbox.hubspot.endpoints.call import Answer, Call
from ns_hs_orders.sandbox.hubspot.model.object_types import object_type

DATED_VERSIONS = ("2025-09", "2026-03", "2026-09")
# family → (its path in v3/v4 with the versions, its path with a dated version before the rest)
_FAMILIES = {
    "objects": ("/crm/{v3|v4}/objects", "/crm/objects"),
    "associations": ("/crm/{v4}/associations", "/crm/associations"),
    "properties": ("/crm/{v3}/properties", "/crm/properties"),
    "pipelines": ("/crm/{v3}/pipelines", "/crm/pipelines"),
    "owners": ("/crm/{v3}/owners", "/crm/owners"),
    "lists": ("/crm/{v3}/lists", "/crm/lists"),
    "limits": ("/crm/{v3}/limits", "/crm/limits"),
    "object-library": ("/crm/{v3}/object-library", "/crm/object-library"),
    "validations": ("/crm/{v3}/property-validations", "/crm/property-validations"),
    "account": ("/account-info/{v3}", "/account-info"),
    "currencies": ("/settings/{v3}/currencies", "/settings/currencies"),
    "oauth": ("/oauth/{v2}", "/oauth"),
}

Groups = tuple[tuple[str, ...], ...]
Scopes = Callable[[Mapping[str, str]], Groups]


class Route(NamedTuple):
    """Where a request goes. `scopes` gives groups of scopes; of each group the token needs one."""

    method: str
    pattern: re.Pattern[str]
    handler: Callable[[Call], Answer]
    scopes: Scopes
    writes: bool
    limit: str


class Match(NamedTuple):
    """A request's route, API version and path parameters."""

    route: Route
    version: str
    path: dict[str, str]


def _records(right: str) -> Scopes:
    return lambda path: (scopes.of_object(object_type(path["type"]).scope, right),)


def _pair(right: str) -> Scopes:
    def groups(path: Mapping[str, str]) -> Groups:
        start = object_type(path.get("from") or path["type"]).scope
        return (scopes.of_object(start, right), scopes.of_object(object_type(path["to"]).scope, right))

    return groups


def _schema(right: str) -> Scopes:
    return lambda path: (scopes.of_schema(object_type(path["type"]).scope, right),)


def _fixed(*names: str) -> Scopes:
    return lambda _: (names,) if names else ()


def _route(
    method: str, path: str, handler: Callable[[Call], Answer], needed: Scopes, *, writes: bool | None = None,
    limit: str = "objects",
) -> Route:  # fmt: skip
    pattern = re.compile(
        re.sub(r"\{(\w+)(?::([^}]+))?\}", lambda m: f"(?P<{m[1]}>{m[2] or '[^/]+'})", path) + "/?"
    )
    return Route(method, pattern, handler, needed, method != "GET" if writes is None else writes, limit)


def _batch(call: Call) -> Answer:
    return batches.OPERATIONS[call.path["operation"]](call)


_NAME, _PIPELINE, _STAGE = "/{type}/{name}", "/{type}/{pipeline}", "/{type}/{pipeline}/stages/{stage}"
_ONE = "/{type}/{id}/associations/{to}/{to_id}"

ROUTES: dict[str, tuple[Route, ...]] = {
    "objects": (
        _route("POST", "/{type}/batch/{operation:read}", _batch, _records("read"), writes=False),
        _route("POST", "/{type}/batch/{operation:create|update|upsert|archive}", _batch, _records("write")),
        _route("POST", "/{type}/search", search.search, _records("read"), writes=False, limit="search"),
        _route("POST", "/{type}/merge", objects.merge, _records("write")),
        _route("GET", "/{type}", objects.list_records, _records("read")),
        _route("POST", "/{type}", objects.create, _records("write")),
        _route("PUT", "/{type}/{id}/associations/default/{to}/{to_id}", associations.put_default, _pair("write"),
               limit="associations"),
        _route("GET", "/{type}/{id}/associations/{to}", associations.list_one, _pair("read"), limit="associations"),
        _route("PUT", _ONE, associations.put_one, _pair("write"), limit="associations"),
        _route("DELETE", _ONE, associations.delete_one, _pair("write"), limit="associations"),
        _route("GET", "/{type}/{id}", objects.read, _records("read")),
        _route("PATCH", "/{type}/{id}", objects.update, _records("write")),
        _route("DELETE", "/{type}/{id}", objects.archive, _records("write")),
    ),
    "associations": (
        _route("GET", "/definitions/configurations/all", associations.configurations, _fixed()),
        _route("GET", "/definitions/configurations/{from}/{to}", associations.configurations, _pair("read")),
        _route("POST", "/{from}/{to}/batch/create", associations.batch_create, _pair("write"), limit="associations"),
        _route("POST", "/{from}/{to}/batch/associate/default", associations.batch_default, _pair("write"),
               limit="associations"),
        _route("POST", "/{from}/{to}/batch/archive", associations.batch_archive, _pair("write"), limit="associations"),
        _route("POST", "/{from}/{to}/batch/labels/archive", associations.batch_archive_labels, _pair("write"),
               limit="associations"),
        _route("POST", "/{from}/{to}/batch/read", associations.batch_read, _pair("read"), writes=False,
               limit="associations"),
        _route("GET", "/{from}/{to}/labels", associations.list_labels, _pair("read"), limit="associations"),
        _route("POST", "/{from}/{to}/labels", associations.create_label, _pair("write"), limit="associations"),
        _route("DELETE", "/{from}/{to}/labels/{type_id}", associations.delete_label, _pair("write"),
               limit="associations"),
    ),
    "properties": (
        _route("POST", "/{type}/batch/create", properties.batch_create, _schema("write")),
        _route("POST", "/{type}/batch/read", properties.batch_read, _schema("read"), writes=False),
        _route("POST", "/{type}/batch/archive", properties.batch_archive, _schema("write")),
        _route("GET", "/{type}/groups", properties.list_groups, _schema("read")),
        _route("POST", "/{type}/groups", properties.create_group, _schema("write")),
        _route("GET", "/{type}/groups/{name}", properties.read_group, _schema("read")),
        _route("PATCH", "/{type}/groups/{name}", properties.update_group, _schema("write")),
        _route("DELETE", "/{type}/groups/{name}", properties.archive_group, _schema("write")),
        _route("GET", "/{type}", properties.list_all, _schema("read")),
        _route("POST", "/{type}", properties.create, _schema("write")),
        _route("GET", _NAME, properties.read, _schema("read")),
        _route("PATCH", _NAME, properties.update, _schema("write")),
        _route("DELETE", _NAME, properties.archive, _schema("write")),
    ),
    "pipelines": (
        _route("GET", "/{type}", pipelines.list_all, _schema("read")),
        _route("POST", "/{type}", pipelines.create, _schema("write")),
        _route("GET", _PIPELINE, pipelines.read, _schema("read")),
        _route("PUT", _PIPELINE, pipelines.replace, _schema("write")),
        _route("PATCH", _PIPELINE, pipelines.update, _schema("write")),
        _route("DELETE", _PIPELINE, pipelines.delete, _schema("write")),
        _route("GET", f"{_PIPELINE}/audit", pipelines.audit, _schema("read")),
        _route("GET", f"{_PIPELINE}/stages", pipelines.list_stages, _schema("read")),
        _route("POST", f"{_PIPELINE}/stages", pipelines.create_stage, _schema("write")),
        _route("GET", _STAGE, pipelines.read_stage, _schema("read")),
        _route("PUT", _STAGE, pipelines.change_stage, _schema("write")),
        _route("PATCH", _STAGE, pipelines.change_stage, _schema("write")),
        _route("DELETE", _STAGE, pipelines.delete_stage, _schema("write")),
        _route("GET", f"{_STAGE}/audit", pipelines.audit, _schema("read")),
    ),
    "owners": (
        _route("GET", "", account.list_owners, _fixed("crm.objects.owners.read")),
        _route("GET", "/{owner}", account.read_owner, _fixed("crm.objects.owners.read")),
    ),
    "lists": (
        _route("POST", "", lists.create, _fixed("crm.lists.write")),
        _route("GET", "/object-type-id/{type}/name/{name}", lists.read_by_name, _fixed("crm.lists.read")),
        _route("GET", "/{list}/memberships", lists.members, _fixed("crm.lists.read")),
        _route("GET", "/{list}", lists.read, _fixed("crm.lists.read")),
        _route("DELETE", "/{list}", lists.remove, _fixed("crm.lists.write")),
    ),
    "limits": (
        _route("GET", "/associations/records/{from}/{to}", account.association_limits, _fixed()),
        _route("GET", "/custom-properties", account.property_limits, _fixed()),
    ),
    "object-library": (
        _route("GET", "/enablement", account.all_enablements, _fixed()),
        _route("GET", "/enablement/{type}", account.enablement, _fixed()),
    ),
    "validations": (
        _route("GET", "/{type}", account.no_rules, _schema("read")),
        _route("GET", _NAME, account.no_rules, _schema("read")),
    ),
    "account": (
        _route("GET", "/details", account.details, _fixed()),
        _route("GET", "/api-usage/daily/private-apps", account.usage, _fixed()),
    ),
    "currencies": (
        _route("GET", "/codes", account.codes, _fixed("settings.currencies.read")),
        _route("GET", "/company-currency", account.company_currency, _fixed("settings.currencies.read")),
        _route("GET", "/exchange-rates", account.list_rates, _fixed("settings.currencies.read")),
        _route("GET", "/exchange-rates/{which:current}", account.list_rates, _fixed("settings.currencies.read")),
        _route("POST", "/exchange-rates", account.create_rate, _fixed("settings.currencies.write")),
        _route("POST", "/exchange-rates/batch/read", account.read_rates, _fixed("settings.currencies.read"),
               writes=False),
    ),
    "oauth": (
        _route("POST", "/private-apps/get/access-token-info", account.token_info, _fixed(), writes=False),
    ),
}  # fmt: skip


def _prefixes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    dated = "|".join(DATED_VERSIONS)
    for family, (numbered, plain) in _FAMILIES.items():
        start, versions, end = re.split(r"[{}]", numbered)
        found.append((family, re.compile(f"{start}(?P<version>{versions}){end}(?P<rest>/.*)?")))
        found.append((family, re.compile(f"{plain}/(?P<version>{dated})(?P<rest>/.*)?")))
    return tuple(found)


_PREFIXES = _prefixes()


def find(method: str, path: str) -> Match | int:
    """The route of a request, or 404 for an unknown path, 405 for a method that the path doesn't take."""
    status = 404
    for family, prefix in _PREFIXES:
        matched = prefix.fullmatch(path)
        if matched is None:
            continue
        rest = matched["rest"] or ""
        for route in ROUTES[family]:
            inside = route.pattern.fullmatch(rest)
            if inside is None:
                continue
            if route.method == method:
                return Match(route, matched["version"], inside.groupdict())
            status = 405
    return status
