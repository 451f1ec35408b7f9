"""HubSpot's error answers: category, message, context, in the words that the API uses.

Belongs here: every refusal that an endpoint can answer. Does not belong: deciding when to refuse.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Context = dict[str, list[str]]


class HubSpotSandboxError(Exception):
    """A wrong use of the emulator from its own side (seed, load, edit), not an API answer."""


class LoadRefusedError(HubSpotSandboxError):
    """A row that HubSpot could not hold.

    Its text names the object type, the record and the column. plural, record_id, column, reason: the same in parts,
    column and reason as far as they are known.
    """

    def __init__(
        self, message: str, *, plural: str, record_id: str | None, column: str | None, reason: str
    ) -> None:
        super().__init__(message)
        self.plural = plural
        self.record_id = record_id
        self.column = column
        self.reason = reason


@dataclass(eq=False)
class ApiError(Exception):
    """One refusal: the HTTP status and the fields of HubSpot's Error model."""

    status: int
    category: str
    message: str
    context: Context = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    sub_category: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.category}: {self.message}"

    @property
    def first_refusal(self) -> tuple[str | None, str]:
        """The first property that is refused, where one is named, and why, in words."""
        context, message = self.context, self.message
        if self.errors:
            context, message = self.errors[0].get("context", {}), self.errors[0]["message"]
        names = context.get("propertyName") or context.get("properties")
        return (names[0] if names else None), message

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The body of a request that failed as a whole."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "category": self.category,
        }
        if self.sub_category:
            body["subCategory"] = self.sub_category
        if self.context:
            body["context"] = self.context
        if self.errors:
            body["errors"] = self.errors
        if self.links:
            body["links"] = self.links
        return body | self.extra

    def item(self, trace_id: str | None) -> dict[str, Any]:
        """The same refusal as one of the `errors[]` of a 207 answer."""
        context = dict(self.context)
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        item: dict[str, Any] = {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
            "errors": self.errors,
            "links": self.links,
        }
        if self.sub_category:
            item["subCategory"] = self.sub_category
        return item


@dataclass(frozen=True)
class ValueRefused:
    """One property value that HubSpot does not take: its code and message."""

    name: str
    error: str
    message: str


def bad_request(message: str, context: Context | None = None) -> ApiError:
    """400 VALIDATION_ERROR."""
    return ApiError(400, "VALIDATION_ERROR", message, context or {})


def invalid_values(refused: Sequence[ValueRefused], portal_id: int) -> ApiError:
    """400 for values; the message carries HubSpot's JSON list, as the API really does."""
    details = [
        {
            "isValid": False,
            "message": value.message,
            "error": value.error,
            "name": value.name,
            "localizedErrorMessage": value.message,
            "portalId": portal_id,
        }
        for value in refused
    ]
    return ApiError(
        400,
        "VALIDATION_ERROR",
        "Property values were not valid: " + json.dumps(details, ensure_ascii=False, separators=(",", ":")),
        errors=[
            {"message": value.message, "code": value.error, "context": {"propertyName": [value.name]}}
            for value in refused
        ],
    )


def required_missing(object_label: str, names: Sequence[str]) -> ApiError:
    """400: a record can't be created without these properties."""
    return ApiError(
        400,
        "VALIDATION_ERROR",
        f"Error creating {object_label}. Some required properties were not set.",
        {"properties": list(names)},
    )


def duplicate_ids(ids: Sequence[str]) -> ApiError:
    """400: the same id or key twice in one batch; trace ids don't help."""
    return bad_request(
        f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique", {"ids": list(ids)}
    )


def too_many_inputs(limit: int, got: int) -> ApiError:
    """400: more inputs than a batch takes."""
    return bad_request(f"The number of inputs in a batch request cannot exceed {limit}. Received {got}.")


def too_many_histories(limit: int) -> ApiError:
    """400: more inputs than a batch read with property histories takes."""
    return bad_request(
        "The maximum number of inputs supported in a batch request for property histories is "
        f"{limit}. Please reduce the number of items and try again"
    )


def not_found(message: str = "resource not found", context: Context | None = None) -> ApiError:
    """404 OBJECT_NOT_FOUND."""
    return ApiError(404, "OBJECT_NOT_FOUND", message, context or {})


def objects_not_found(object_label: str, ids: Sequence[str]) -> ApiError:
    """The item of a batch answer that lists every id that isn't there."""
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"Could not get some {object_label} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        {"ids": list(ids)},
    )


def unique_conflict(object_label: str, name: str, value: str, existing_id: int) -> ApiError:
    """409: another record holds this unique value."""
    return ApiError(
        409,
        "CONFLICT",
        f"{object_label} already exists. Existing ID: {existing_id}",
        {"propertyName": [name], "propertyValue": [value]},
    )


def non_unique_upsert(type_id: str, name: str) -> ApiError:
    """400: idProperty names a property without hasUniqueValue."""
    return bad_request(f"Unable to perform upsert by non-unique {type_id} property {name}")


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    """403 MISSING_SCOPES."""
    return ApiError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def unauthorized() -> ApiError:
    """401: no token, or one that HubSpot doesn't know."""
    return ApiError(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def rate_limited(policy: str, words: str) -> ApiError:
    """429; `policy` is DAILY, TEN_SECONDLY_ROLLING or SECONDLY, `words` how the message says it."""
    return ApiError(
        429,
        "RATE_LIMITS",
        f"You have reached your {words} limit.",
        extra={"errorType": "RATE_LIMIT", "policyName": policy},
    )


def locked() -> ApiError:
    """423: bulk writes came too fast; HubSpot asks for two seconds between requests."""
    return ApiError(
        423, "LOCKED", "The resource is locked by another operation. Wait 2 seconds and try again."
    )


def property_does_not_exist(name: str) -> ValueRefused:
    """A value for a property that the object type doesn't have."""
    return ValueRefused(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def invalid_option(name: str, value: str, allowed: Mapping[str, str] | Sequence[str]) -> ValueRefused:
    """A value outside an enumeration."""
    return ValueRefused(
        name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
    )
