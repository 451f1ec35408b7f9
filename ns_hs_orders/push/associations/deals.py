"""Which deal of HubSpot an order names: by the deal's address, by its id, or by a unique property of deals.

Belongs here: reading addresses in every form that HubSpot has used, and looking deals up. Does not belong here: making
the association (attachments), or where NetSuite keeps the address (fields). Nothing is guessed: what is no address of
one deal, is another portal's, or is not in HubSpot, comes back as a problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.push.associations.survivors import records_by_key, survivors
from ns_hs_orders.push.calls.refusals import refusal_of_call
from ns_hs_orders.push.ports import CrmObjects
from ns_hs_orders.push.schema import NO_LINK, LinkRules, LinkTarget

NOT_A_DEAL = "deal_url_not_understood"
OTHER_PORTAL = "deal_of_another_portal"
NOT_THERE = "deal_not_in_hubspot"
SEVERAL = "several_deals"

_LONGEST_ID = 20
_VALUE_REFUSED = "value_not_allowed"
_AREAS = frozenset({"contacts", "deals", "sales", "crm", "l"})
_OF_OTHER_CRMS = ("pipedrive.com",)
"""Hosts whose addresses of deals look like HubSpot's without a portal."""
_BETWEEN_ADDRESSES = re.compile(r"[\s<>\"'|;,()\[\]{}]+")


class NamedDeal(NamedTuple):
    """A deal as an address names it. portal_id: None where the address names none."""

    record_id: str
    portal_id: str | None = None


def deal_of_url(text: str) -> NamedDeal | None:
    """The deal that an address leads to, None where it leads to no single deal.

    Any host will do, since portals have domains of their own; scheme, query, fragment and what follows the id count for
    nothing, except of HubSpot's login, which goes on to the address in its query. A bare number is a deal's id.
    """
    # characters that nobody sees come along when an address is copied
    address = "".join(one for one in text if unicodedata.category(one) != "Cf").strip().strip("<>\"'")
    if _is_id(address):
        return NamedDeal(address)
    if not address or any(one.isspace() for one in address):
        return None
    address = address.removeprefix("//")
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme.lower() not in ("http", "https") or "." not in host or host.endswith(_OF_OTHER_CRMS):
        return None
    return _deal_of_path(parts.path) or _deal_after_login(parts)


def _deal_after_login(parts: SplitResult) -> NamedDeal | None:
    if not parts.path.lower().startswith("/login"):
        return None
    goes_on_to = parse_qs(parts.query).get("loginRedirectUrl", [""])[0]
    return deal_of_url(goes_on_to) if "/login" not in goes_on_to.lower() else None


def _deal_of_path(path: str) -> NamedDeal | None:
    steps = [one for one in unquote(path).lower().split("/") if one]
    while steps and steps[0] in _AREAS and len(steps) > 1 and steps[1] in _AREAS:
        steps = steps[1:]  # /l/contacts/… asks for a login first
    area = steps[0] if steps and steps[0] in _AREAS else ""
    steps = steps[1:] if area else steps
    portal = steps[0] if steps and _is_id(steps[0]) else None
    steps = steps[1:] if portal else steps
    if area == "deals" and portal and steps and _is_id(steps[0]):
        return NamedDeal(steps[0], portal)
    forms = [["deal"], ["record", "0-3"], ["record", "deal"], ["objects", "0-3"]]
    for before in (*forms, *([["deals"]] if portal else [])):
        if steps[: len(before)] == before and len(steps) > len(before) and _is_id(steps[len(before)]):
            return NamedDeal(steps[len(before)], portal)
    return None


def deals_of_text(text: str) -> list[NamedDeal]:
    """The deals that a field names, each once: by its one address or id, or by the addresses in a longer text or link."""
    if (deal := deal_of_url(text)) is not None:
        return [deal]
    parts = (one.rstrip(".:") for one in _BETWEEN_ADDRESSES.split(text))
    named = [deal for one in parts if "/" in one and (deal := deal_of_url(one)) is not None]
    whole = {one.record_id for one in named if one.portal_id is not None}
    return list(
        dict.fromkeys(one for one in named if one.portal_id is not None or one.record_id not in whole)
    )


def find_deals(
    named: Iterable[tuple[str, str]], *, crm: CrmObjects, rules: LinkRules
) -> dict[tuple[str, str], LinkTarget]:
    """(deal's id or key, deal's URL), as orders hold them → the deal in HubSpot, or the problem.

    The id or key counts where there is one. Each deal is asked for once. Raises RemoteError where HubSpot could not be
    asked, ConfigError where the key is no unique property of deals.
    """
    ids: dict[tuple[str, str], str] = {}
    keys: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, str], LinkTarget] = {}
    for pair in dict.fromkeys(named):
        reference, url = pair[0].strip(), pair[1].strip()
        if reference and rules.deal_key_property:
            keys[pair] = reference
            continue
        if not reference and not url:
            found[pair] = NO_LINK
            continue
        deals = deals_of_text(reference or url)
        if not deals:
            found[pair] = LinkTarget(None, NOT_A_DEAL)
        elif len(deals) > 1:
            found[pair] = LinkTarget(None, SEVERAL)
        elif deals[0].portal_id is not None and deals[0].portal_id != rules.portal_id:
            found[pair] = LinkTarget(None, OTHER_PORTAL)
        else:
            ids[pair] = deals[0].record_id
    living = survivors(crm, "deals", ids.values())
    by_key = _by_key(crm, list(dict.fromkeys(keys.values())), rules.deal_key_property)
    for pair, record_id in ids.items():
        found[pair] = _target(living[record_id])
    for pair, key in keys.items():
        found[pair] = by_key[key]
    return found


def _by_key(crm: CrmObjects, keys: Sequence[str], key_property: str) -> dict[str, LinkTarget]:
    """Key → the deal that has it; an equal key goes before one that differs in case."""

    def refused(error: RemoteError) -> None:
        body = error.body if isinstance(error.body, Mapping) else {}
        of_value = refusal_of_call(error).reason == _VALUE_REFUSED
        if not of_value and key_property in f"{body.get('message')} {error}":
            raise ConfigError(
                f"NS_HS_DEAL_KEY_PROPERTY: HubSpot does not find deals by {key_property!r}; it must be a property of deals "
                f"with unique values. HubSpot said: {error}"
            ) from error

    found = records_by_key(crm, "deals", keys, key_property, [key_property], refused)
    exact: dict[str, str] = {}
    alike: dict[str, set[str]] = {}
    for record in found:
        key = record.properties.get(key_property) or ""
        exact[key] = record.id
        alike.setdefault(key.casefold(), set()).add(record.id)
    return {one: _one_of({exact[one]} if one in exact else alike.get(one.casefold(), set())) for one in keys}


def _one_of(record_ids: Set[str]) -> LinkTarget:
    return LinkTarget(None, SEVERAL) if len(record_ids) > 1 else _target(next(iter(record_ids), None))


def _target(record_id: str | None) -> LinkTarget:
    return LinkTarget(record_id) if record_id else LinkTarget(None, NOT_THERE)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and text.strip("0") != ""
