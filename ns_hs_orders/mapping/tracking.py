"""Tracking numbers of an order's shipments, and the carrier's page for one of them.

Belongs here: which shipments count, how their numbers are joined, and the carriers' addresses. Does not
belong here: reading shipments (extract).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from ns_hs_orders.mapping.raw import read_list

LONGEST_TEXT = 65_536
SEPARATOR = ", "

_PAGES = {
    "ups": "https://www.ups.com/track?tracknum={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
}
_BY_NUMBER = (
    ("ups", re.compile(r"1Z[0-9A-Z]{16}")),
    ("usps", re.compile(r"9[1-5][0-9]{20}|[A-Z]{2}[0-9]{9}US")),
    ("dhl", re.compile(r"J?JD[0-9]{16,18}")),
)
_BY_NAME = tuple((carrier, re.compile(rf"\b{carrier}\b", re.IGNORECASE)) for carrier in _PAGES)


NUMBER = "{number}"
"""Where the parcel's number belongs in a carrier's address of a setting."""
_NO_MORE: Mapping[str, str] = MappingProxyType({})


def tracking(shipments: str, pages: Mapping[str, str] = _NO_MORE) -> tuple[str | None, str | None]:
    """The tracking numbers of shipped fulfillments, and the carrier's page of the newest it is known for.

    shipments: the JSON text of RawOrders. pages: name of a carrier, or a word of the shipping method → its address with
    `{number}` in it; asked before the carriers that are known here. The numbers are distinct, in the order of the
    fulfillments, joined by `, ` and never cut inside a number. Raises ValueError for text of another form.
    """
    parcels: dict[str, Any] = {}
    for shipment in read_list(shipments):
        if not isinstance(shipment, dict):
            raise ValueError("a shipment is not an object")  # noqa: TRY004 - callers catch one type for bad text
        number = shipment.get("tracking")
        if isinstance(number, str) and number.strip() and _is_shipped(shipment.get("status")):
            parcels.setdefault(number.strip(), shipment)
    if not parcels:
        return None, None
    url = next(
        (page for number in reversed(parcels) if (page := carrier_page(number, parcels[number], pages))),
        None,
    )
    return joined(list(parcels)), url


def _is_shipped(status: object) -> bool:
    """A fulfillment may exist as picked (A) or packed (B) without having left; C is shipped."""
    return isinstance(status, str) and status.rpartition(":")[2].strip() == "C"


def joined(numbers: list[str]) -> str | None:
    """The numbers joined, as many whole ones from the first as HubSpot's longest text holds."""
    fitting, length = [], -len(SEPARATOR)
    for number in numbers:
        length += len(SEPARATOR) + len(number)
        if length > LONGEST_TEXT:
            break
        fitting.append(number)
    return SEPARATOR.join(fitting) or None


def carrier_page(number: str, shipment: dict[str, Any], pages: Mapping[str, str] = _NO_MORE) -> str | None:
    """The carrier's page for a number, always https: the number itself where it is an address, else by the carriers of
    `pages`, else by the number's own form, else by the shipping method's name.

    Forms that several carriers use (twelve digits, ten digits) tell nothing by themselves.
    """
    if is_address(number):
        return number
    names = [name for field in ("method", "carrier") if isinstance(name := shipment.get(field), str)]
    for carrier, address in pages.items():
        word = re.compile(rf"(?<!\w){re.escape(carrier)}(?!\w)", re.IGNORECASE)
        if any(word.search(name) for name in names):
            return address.replace(NUMBER, quote(number, safe=""))
    # as people type it: in groups, or in small letters
    bare = re.sub(r"[\s-]", "", number).upper()
    for carrier, form in _BY_NUMBER:
        if form.fullmatch(bare):
            return _PAGES[carrier].format(bare)
    for name in names:
        for carrier, word in _BY_NAME:
            if word.search(name):
                return _PAGES[carrier].format(quote(number, safe=""))
    return None


def is_address(text: str) -> bool:
    """Whether the text is an https address that a browser can open, without credentials or blanks in it."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = text.isascii() and not re.search(r"[\s<>\"'\\^`{|}]", text)
    return plain and parts.scheme == "https" and bool(parts.hostname) and parts.username is None
