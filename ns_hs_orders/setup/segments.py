"""Segments (HubSpot's saved lists) of orders: what the API allows for finding them where people look.

Belongs here: which segments there are, what is in them, and the steps that make them. Does not belong here: the calls
(clients). Views of the index page, columns and the navigation cannot be made through the API: the docs show the clicks.
A segment is known by its name: one that exists is left as it is, whatever a person made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.trust import VERIFICATION
from ns_hs_orders.setup.plan import Step

SCOPES = ("crm.lists.read", "crm.lists.write")
REFUSED = (400, 402, 403, 404, 405, 415, 501)
"""A portal may have no segments of orders, no room for one more, or a token without the scopes."""
WITHOUT = (
    f"Nothing fails without it; give the token {' and '.join(SCOPES)}, make it by hand as docs/where-orders-are-seen.md "
    "shows, or set NS_HS_SEGMENTS=off."
)

Filter = Mapping[str, Any]


class Segments(Protocol):
    """HubSpot's segments of orders. Both raise RemoteError."""

    def segment_exists(self, name: str) -> bool:
        """Whether there is a segment of orders with this name."""
        ...

    def create_segment(self, name: str, filters: Sequence[Filter]) -> None:
        """Makes an active segment of the orders that pass all filters."""
        ...


@dataclass(frozen=True)
class Segment:
    """A segment. filters: asked when it is made, since stages have ids by then only; all of them must pass."""

    name: str
    filters: Callable[[], list[Filter]]


def wanted_segments(field_map: FieldMap, open_stages: Callable[[], Sequence[str]]) -> list[Segment]:
    """The segments of an account. open_stages: ids of the stages of orders that are still open."""
    own = {f.hubspot_property for f in (*field_map.order_fields, *field_map.trust_fields)}
    return list(_wanted(own, open_stages))


def _wanted(own: set[str], open_stages: Callable[[], Sequence[str]]) -> Iterator[Segment]:
    yield Segment("NetSuite orders: open", lambda: [any_of("hs_pipeline_stage", open_stages())])
    if VERIFICATION in own:
        yield Segment("NetSuite orders: dollars differ", lambda: [any_of(VERIFICATION, ["differs"])])
        yield Segment("NetSuite orders: newer version held back", lambda: [any_of(VERIFICATION, ["held"])])
    if "netsuite_returned_amount" in own:
        yield Segment("NetSuite orders: with returns", lambda: [above("netsuite_returned_amount", 0)])
    yield Segment("Orders of other integrations", lambda: [is_empty(UNIQUE_ORDER_KEY)])


def segment_steps(segments: Segments, wanted: Sequence[Segment]) -> tuple[list[Step], list[str]]:
    """The steps for the segments that are missing, each optional; and what cannot be looked at, in words."""
    steps = []
    for one in wanted:
        try:
            if segments.segment_exists(one.name):
                continue
        except RemoteError as error:
            if error.transient or error.status not in REFUSED:
                raise
            return [], [f"Segments of orders cannot be made here. {WITHOUT} HubSpot said: {error}"]
        steps.append(_step(segments, one))
    return steps, []


def _step(segments: Segments, wanted: Segment) -> Step:
    return Step(
        f"segment {wanted.name!r}",
        WITHOUT,
        "segments",
        lambda: segments.create_segment(wanted.name, wanted.filters()),
        lambda: segments.segment_exists(wanted.name),
        refusals=REFUSED,
        is_optional=True,
    )


def any_of(name: str, values: Sequence[str]) -> Filter:
    """One of the options of an enumeration."""
    operation = {"operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": list(values)}
    return _filter(name, operation)


def above(name: str, value: int) -> Filter:
    """A number above another."""
    return _filter(name, {"operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": value})


def is_empty(name: str) -> Filter:
    """No value."""
    return _filter(name, {"operationType": "ALL_PROPERTY", "operator": "IS_UNKNOWN"})


def _filter(name: str, operation: Mapping[str, Any]) -> Filter:
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {**operation, "includeObjectsWithNoValueSet": False},
    }
