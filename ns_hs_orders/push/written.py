"""What NetSuite's value was when a field was written last, of the fields whose edits in HubSpot stay.

Belongs here: the digests that tell an edit in HubSpot from a change in NetSuite. Does not belong here: which fields
those are (the field map), or keeping the digests (state). No text is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256

from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import WantedOrder

_DIGITS = 16


def digests(properties: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Property → digest of its value, of those that are named; "" for an empty value."""
    return {name: _digest(properties[name]) for name in names if name in properties}


def left_as_edited(wanted: WantedOrder, state: OrderState | None, names: Collection[str]) -> frozenset[str]:
    """Those of the named properties whose value in NetSuite is the one that was written last.

    What HubSpot holds otherwise in them was edited there. None where nothing is known to have been written.
    """
    if state is None:
        return frozenset()
    if state.fingerprint == wanted.fingerprint:
        return frozenset(name for name in names if name in wanted.properties)
    now = digests(wanted.properties, [name for name in names if name in state.written])
    return frozenset(name for name, digest in now.items() if state.written[name] == digest)


def _digest(value: str) -> str:
    return sha256(value.encode(errors="surrogatepass")).hexdigest()[:_DIGITS] if value else ""
