"""Which deal of HubSpot an order names: by the deal's address, by its id, or by a unique property of deals.

Belongs here: reading addresses in every form that HubSpot has used, and looking deals up. Does not belong here: making
the association (attachments), or where NetSuite keeps the address (fields). Nothing is guessed: what is no address of
one deal, is another portal's, or is not in HubSpot, comes back as a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.push.ports import CrmObjects
from ns_hs_orders.push.schema import NO_LINK, LinkRules, LinkTarget
from ns_hs_orders.push.survivors import records_by_key, survivors

NOT_A_DEAL = "deal_url_not_understood"
OTHER_PORTAL = "deal_of_another_portal"
NOT_THERE = "deal_not_in_hubspot"

_LONGEST_ID = 20
_AREAS = frozenset({"contacts", "deals", "sales", "crm", "l"})


class NamedDeal(NamedTuple):
    """A deal as an address names it. portal_id: None where the address names none."""

    record_id: str
    portal_id: str | None = None


def deal_of_url(text: str) -> NamedDeal | None:
    """The deal that an address leads to, None where it leads to no single deal.

    Any host will do, since portals have domains of their own; scheme, query, fragment and what follows the id count for
    nothing. A bare number is a deal's id.
    """
    address = text.strip().strip("<>\"'")
    if _is_id(address):
        return NamedDeal(address)
    if not address or any(one.isspace() for one in address):
        return None
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or ""):
        return None
    steps = [one for one in unquote(parts.path).lower().split("/") if one]
    while steps and steps[0] in _AREAS and len(steps) > 1 and steps[1] in _AREAS:
        steps = steps[1:]  # /l/contacts/… asks for a login first
    area = steps[0] if steps and steps[0] in _AREAS else ""
    steps = steps[1:] if area else steps
    portal = steps[0] if steps and _is_id(steps[0]) else None
    steps = steps[1:] if portal else steps
    if area == "deals" and portal and steps and _is_id(steps[0]):
        return NamedDeal(steps[0], portal)
    for before in (["deal"], ["record", "0-3"], ["record", "deal"]):
        if steps[: len(before)] == before and len(steps) > len(before) and _is_id(steps[len(before)]):
            return NamedDeal(steps[len(before)], portal)
    return None


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
        deal = deal_of_url(reference or url)
        if deal is None:
            found[pair] = LinkTarget(None, NOT_A_DEAL)
        elif deal.portal_id is not None and deal.portal_id != rules.portal_id:
            found[pair] = LinkTarget(None, OTHER_PORTAL)
        else:
            ids[pair] = deal.record_id
    living = survivors(crm, "deals", ids.values())
    by_key = _by_key(crm, list(dict.fromkeys(keys.values())), rules.deal_key_property)
    for pair, record_id in ids.items():
        found[pair] = _target(living[record_id])
    for pair, key in keys.items():
        found[pair] = _target(by_key.get(key.casefold()))
    return found


def _by_key(crm: CrmObjects, keys: Sequence[str], key_property: str) -> dict[str, str]:
    """Key, without its case → record id, of deals that exist."""

    def refused(error: RemoteError) -> None:
        body = error.body if isinstance(error.body, Mapping) else {}
        if key_property in f"{body.get('message')} {error}":
            raise ConfigError(
                f"NS_HS_DEAL_KEY_PROPERTY: HubSpot does not find deals by {key_property!r}; it must be a property of deals "
                f"with unique values. HubSpot said: {error}"
            ) from error

    found = records_by_key(crm, "deals", keys, key_property, [key_property], refused)
    return {key.casefold(): one.id for one in found if (key := one.properties.get(key_property) or "")}


def _target(record_id: str | None) -> LinkTarget:
    return LinkTarget(record_id) if record_id else LinkTarget(None, NOT_THERE)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and text.strip("0") != ""
