"""Owners by name: HubSpot holds the owner of an order as an id, which tells a reader nothing.

Belongs here: putting names for ids in differences. Does not belong here: asking HubSpot for its owners (clients), or
whether two owners differ (compare): that is decided by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ns_hs_orders.reconcile.compare import FieldDifference
from ns_hs_orders.reconcile.compared import ComparedOrder

OWNER = "hubspot_owner_id"


def name_owners(
    compared: Sequence[ComparedOrder], owner_names: Callable[[], Mapping[str, str]]
) -> list[ComparedOrder]:
    """The same orders, with owners by name where one differs; an id that HubSpot has no name for stays.

    owner_names: owner id → name, asked only where an owner differs. Raises what it raises.
    """
    if not any(one.hubspot_property == OWNER for order in compared for one in order.found):
        return list(compared)
    names = owner_names()
    return [
        order._replace(found=tuple(_named(one, names) for one in order.found)) if order.found else order
        for order in compared
    ]


def _named(one: FieldDifference, names: Mapping[str, str]) -> FieldDifference:
    if one.hubspot_property != OWNER:
        return one
    ours, theirs = (names.get(owner or "", owner) for owner in (one.netsuite, one.hubspot))
    if ours == theirs:  # two people of one name
        ours, theirs = (f"{names.get(owner or '', '')} ({owner})" for owner in (one.netsuite, one.hubspot))
    return replace(one, netsuite=ours, hubspot=theirs)
