"""The shape of request bodies: HubSpot refuses what its models can't take before it looks at the content.

Belongs here: the JSON type of each field. Does not belong: which fields an endpoint needs.
"""

from typing import Any

from ns_hs_orders.sandbox.hubspot.errors import bad_request

_SCALARS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(
        (
            "idProperty", "objectWriteTraceId", "propertyName", "operator", "label", "inverseLabel", "name", "type",
            "fieldType", "groupName", "description", "query", "tokenKey", "stageId", "pipelineId", "fromCurrencyCode",
            "direction", "associationCategory",
        ),
        (str,),
    ),
    **dict.fromkeys(("associationTypeId", "limit", "displayOrder"), (int,)),
    **dict.fromkeys(("hasUniqueValue", "hidden", "formField", "archived"), (bool,)),
    **dict.fromkeys(("value", "highValue", "after", "conversionRate"), (str, int)),
}  # fmt: skip
_OBJECT_LISTS = {"inputs", "types", "associations", "filterGroups", "filters", "stages", "options"}
_TEXT_LISTS = {"propertiesWithHistory", "values"}
_OBJECTS = {"from", "metadata"}


def shaped(value: Any) -> Any:
    """The body without its nulls, which count as absent everywhere but in property values.

    Raises:
        ApiError: 400 for a field of another JSON type than HubSpot's models have.
    """
    if isinstance(value, list):
        return [shaped(one) for one in value]
    if not isinstance(value, dict):
        return value
    body: dict[str, Any] = {}
    for name, field in value.items():
        if field is not None:
            _check(name, field)
            body[name] = field if name in {"properties", "metadata"} else shaped(field)
    return body


def _check(name: str, field: Any) -> None:
    if name in _SCALARS:
        fits = isinstance(field, _SCALARS[name]) and (not isinstance(field, bool) or bool in _SCALARS[name])
    elif name in _OBJECT_LISTS:
        fits = isinstance(field, list) and all(isinstance(one, dict) for one in field)
    elif name in _TEXT_LISTS:
        fits = isinstance(field, list) and all(isinstance(one, str | int) for one in field)
    elif name == "properties":
        # An object of values in a write, a list of names in a read.
        fits = isinstance(field, dict) or (
            isinstance(field, list) and all(isinstance(one, str) for one in field)
        )
    elif name in _OBJECTS:
        fits = isinstance(field, dict)
    else:
        return
    if not fits:
        raise bad_request(f"Invalid input JSON: cannot deserialize value of {name}", {"field": [name]})
