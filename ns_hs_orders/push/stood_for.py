"""Orders that HubSpot has already, by a record that another integration made: they are not made once more.

Belongs here: what such an order's outcome is. Does not belong here: finding the records (adopt), or adopting them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ns_hs_orders.push.jobs import Fate

NAME = "hs_order_name"
STOOD_FOR = "record_of_another_integration"

StandsFor = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Internal id → order number, of orders that HubSpot was never sent; answers internal id → the record that stands for it."""


def nothing_stands(_: Mapping[str, str]) -> Mapping[str, str]:
    """Where nobody chose to adopt first: every order is made."""
    return {}


def stood_for(record_id: str) -> Fate:
    """The outcome of an order that a record stands for. retry is False: a person decides first."""
    return Fate(
        "due",
        STOOD_FOR,
        f"HubSpot's record {record_id}, which another integration made, stands for it already, so it is not made once "
        "more (NS_HS_ADOPT_FIRST). Run `ns-hs-orders adopt --plan`.",
    )
