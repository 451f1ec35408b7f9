"""Which contact of HubSpot an order names: by a contact's id, by the order's e-mail, or by the customer's.

Belongs here: reading addresses as HubSpot compares them, and looking contacts up. Does not belong here: making the
association (attachments), or the contact that a customer itself is (mapping). Contacts are never made, and where several
match none is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ns_hs_orders.push.associations.survivors import records_by_key, survivors
from ns_hs_orders.push.ports import CrmObjects, CrmRecord
from ns_hs_orders.push.schema import NO_LINK, ContactWay, LinkTarget, NamedContact

NOT_THERE = "contact_not_in_hubspot"
SEVERAL = "several_contacts"

_EMAIL = "email"
_MORE_EMAILS = "hs_additional_emails"
_LONGEST_EMAIL = 254


def addresses(text: str) -> list[str]:
    """The e-mail addresses of a field, each once, as HubSpot keeps them: trimmed and in lower case."""
    parts = (one.strip("'\"") for one in re.split(r"[\s,;<>]+", text.lower()))
    return list(
        dict.fromkeys(
            one
            for one in parts
            if len(one) <= _LONGEST_EMAIL and re.fullmatch(r"[^@\"']+@[^@\"']+\.[^@.\"']+", one)
        )
    )


def find_contacts(
    named: Iterable[NamedContact], *, crm: CrmObjects, ways: tuple[ContactWay, ...]
) -> dict[NamedContact, LinkTarget]:
    """What orders hold → the contact in HubSpot, or the problem: by the first way that finds one.

    A way that several contacts match ends the search. Each id and each address is asked for once. Raises RemoteError
    where HubSpot could not be asked.
    """
    asked = list(dict.fromkeys(named))
    references = {one.reference.strip() for one in asked if "id" in ways and one.reference.strip()}
    emails = {address for one in asked for way in ways if way != "id" for address in addresses(one.of(way))}
    living = survivors(crm, "contacts", references)
    by_email: dict[str, set[str]] = {}
    properties = (_EMAIL, _MORE_EMAILS)
    for record in records_by_key(crm, "contacts", sorted(emails), _EMAIL, properties, keys_of=_emails_of):
        for address in _emails_of(record):
            by_email.setdefault(address, set()).add(record.id)

    def found(one: NamedContact) -> LinkTarget:
        has_name = False
        for way in ways:
            text = one.of(way).strip()
            has_name = has_name or bool(text)
            if way == "id":
                matches = {record_id} if (record_id := living.get(text)) else set()
            else:
                matches = {
                    record_id for address in addresses(text) for record_id in by_email.get(address, ())
                }
            if len(matches) > 1:
                return LinkTarget(None, SEVERAL)
            if matches:
                return LinkTarget(matches.pop())
        return LinkTarget(None, NOT_THERE) if has_name else NO_LINK

    return {one: found(one) for one in asked}


def _emails_of(record: CrmRecord) -> list[str]:
    """A contact's own e-mail, and those that it has from contacts that were merged into it."""
    return addresses(" ".join(record.properties.get(name) or "" for name in (_EMAIL, _MORE_EMAILS)))
