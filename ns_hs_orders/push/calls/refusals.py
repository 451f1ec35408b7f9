"""HubSpot's refusals in words that RevOps understands.

Belongs here: reading HubSpot's error messages, reason codes, and their sentences. Does not belong
here: which input a refusal is about (upserts).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS
from ns_hs_orders.push.ports import InputError

if TYPE_CHECKING:
    from ns_hs_orders.push.schema import WantedOrder

LONGEST_TEXT = 65_536
_LONGEST_QUOTE = 300
_LOOKED_UP_ANEW = frozenset({"deals", "contacts"})
"""Far ends that an order is written without, once HubSpot does not have them."""
_NOT_VALID = "Property values were not valid:"
_CURRENCIES = ("hs_currency_code", "hs_line_item_currency_code")
_PIPELINE = ("hs_pipeline", "hs_pipeline_stage")
_FAR_ENDS = {
    "line_items": "a line item",
    "companies": "its company",
    "contacts": "its contact",
    "deals": "its deal",
    "orders": "the order that it is a return of",
}
_LABELS = {one.hubspot_property: one.label for one in (*LINE_FIELDS, *ORDER_FIELDS)}

REJECTION_REASONS: dict[str, str] = {
    "company_not_in_hubspot": "HubSpot does not have the company or contact of the order's customer.",
    "currency_not_enabled": "HubSpot does not have the order's currency enabled.",
    "text_too_long": "A text of the order is longer than HubSpot stores.",
    "property_missing": "HubSpot does not have a property that the sync writes.",
    "property_read_only": "HubSpot does not let the sync write a property.",
    "owner_not_allowed": "HubSpot does not let the sales rep own records.",
    "stage_missing": "HubSpot does not have the pipeline or stage.",
    "value_not_allowed": "HubSpot does not allow a value of the order.",
    "required_property": "HubSpot demands a property that the order leaves empty.",
    "archived_in_hubspot": "An archived HubSpot record holds the key of the order or of a line.",
    "key_taken": "Another HubSpot record holds the key of the order or of a line.",
    "association_refused": "HubSpot refused to associate the order.",
    "hubspot_refused": "HubSpot refused the order.",
}
"""Reason code of a rejected order → sentence for RevOps."""

_REFUSED_AGAIN = frozenset(
    {
        "currency_not_enabled",
        "text_too_long",
        "property_missing",
        "property_read_only",
        "stage_missing",
        "value_not_allowed",
        "required_property",
    }
)
_SAME_FOR_ALL = frozenset({"property_missing", "property_read_only"})


@dataclass(frozen=True)
class Refusal:
    """Why HubSpot did not take one record. same_for_all: no record with this property would be taken."""

    reason: str
    explanation: str

    @property
    def same_for_all(self) -> bool:
        """Whether every input of the batch meets the same refusal."""
        return self.reason in _SAME_FOR_ALL

    @property
    def would_repeat(self) -> bool:
        """Whether the same order is refused again for as long as HubSpot's definitions stay as they are."""
        return self.reason in _REFUSED_AGAIN

    def of_line(self, name: str) -> Refusal:
        """The same refusal, said of a line of the order."""
        return Refusal(self.reason, f"Line {name!r}: {self.explanation}")


def refused_unwritten(wanted: WantedOrder) -> Refusal | None:
    """Why an order is not even sent: HubSpot could not take all of it, and half of it would remain there."""
    if wanted.missing_target is not None:
        return Refusal(
            "company_not_in_hubspot",
            f"{REJECTION_REASONS['company_not_in_hubspot']} NetSuite's customer holds the HubSpot id "
            f"{wanted.missing_target}; correct it in NetSuite, or restore the record in HubSpot.",
        )
    for line in wanted.lines:
        for name, value in line.properties.items():
            if len(value) > LONGEST_TEXT:
                return _too_long(_shown(name)).of_line(line.properties.get("hs_sku") or line.key)
    return None


def refusal_of_call(error: RemoteError) -> Refusal:
    """The refusal of a whole call."""
    body = error.body if isinstance(error.body, Mapping) else {}
    message = body.get("message") if isinstance(body.get("message"), str) else error.message
    return _refusal(str(message), conflict=error.status == 409)


def refusal_of_input(error: InputError) -> Refusal:
    """The refusal of one input of a batch that was otherwise taken."""
    return _refusal(error.message, conflict=error.category == "CONFLICT")


def association_refused(to_type: str, record_id: str, refusal: Refusal) -> Refusal:
    """The refusal to associate an order with a record, or to take the association away."""
    words = (
        f"HubSpot refused to associate the order with {_FAR_ENDS.get(to_type, to_type)} (record {record_id}). "
        f"{refusal.explanation}"
    )
    if to_type in _LOOKED_UP_ANEW:
        words += " If the record was archived a moment ago, the next try goes without it."
    return Refusal("association_refused", words)


def association_not_shown(to_type: str, error: RemoteError) -> Refusal:
    """The refusal to show what an order is associated with."""
    refusal = refusal_of_call(error)
    far_end = _FAR_ENDS.get(to_type, to_type)
    return Refusal(
        refusal.reason,
        f"HubSpot refused to show the order's association with {far_end}. {refusal.explanation}",
    )


def not_archived(what: str, error: RemoteError) -> Refusal:
    """The refusal to archive a record."""
    refusal = refusal_of_call(error)
    return Refusal(refusal.reason, f"HubSpot refused to archive {what}. {refusal.explanation}")


def _refusal(message: str, *, conflict: bool) -> Refusal:
    details = _details(message)
    if details:
        found = [_of_property(one) for one in details]
        first = min(found, key=lambda one: one.same_for_all)
        others = [one.explanation for one in found if one is not first]
        return Refusal(first.reason, " ".join([first.explanation, *others]))
    if "archived" in message.lower():
        return Refusal(
            "archived_in_hubspot",
            "An archived HubSpot record holds this key. Restore it in HubSpot's recycle bin, or delete it for "
            f"good, then sync again. HubSpot said: {_quoted(message)}",
        )
    if conflict:
        return Refusal(
            "key_taken",
            "Another HubSpot record, perhaps an archived one, holds this key. "
            f"HubSpot said: {_quoted(message)}",
        )
    if re.search(r"required propert|MISSING_(CONDITIONAL_)?REQUIRED_PROPERTY", message, re.IGNORECASE):
        return Refusal(
            "required_property",
            f"HubSpot demands a property that this order leaves empty. HubSpot said: {_quoted(message)}",
        )
    return Refusal("hubspot_refused", f"HubSpot said: {_quoted(message)}")


def _details(message: str) -> list[Mapping[str, Any]]:
    """The JSON list that HubSpot's message carries, or nothing."""
    _, found, text = message.partition(_NOT_VALID)
    if not found:
        return []
    try:
        details = json.loads(text)
    except ValueError:
        return []
    return [one for one in details if isinstance(one, Mapping)] if isinstance(details, list) else []


def _of_property(detail: Mapping[str, Any]) -> Refusal:
    name, code = str(detail.get("name", "")), str(detail.get("error", ""))
    said = str(detail.get("message", ""))
    shown = _shown(name)
    if code == "INVALID_OPTION" and name in _CURRENCIES:
        currency = said.partition(" was not ")[0]
        return Refusal(
            "currency_not_enabled",
            f"HubSpot does not have the currency {currency[:10]} enabled. Add it in HubSpot under Settings → "
            "Account Defaults → Currency.",
        )
    if code == "PROPERTY_DOESNT_EXIST":
        return Refusal(
            "property_missing", f"HubSpot does not have the property {shown}. Run `ns-hs-orders setup`."
        )
    if code == "READ_ONLY_VALUE":
        return Refusal("property_read_only", f"HubSpot does not let the sync write {shown}.")
    if code == "INVALID_OWNER_ID" or name == "hubspot_owner_id":
        return Refusal("owner_not_allowed", f"HubSpot does not accept the owner: {_quoted(said)}")
    if code == "INVALID_OPTION" and name in _PIPELINE:
        return Refusal(
            "stage_missing", "HubSpot does not have the pipeline stage. Run `ns-hs-orders setup --plan`."
        )
    if code == "STRING_TOO_LONG" or re.search(r"too long|characters long|length", said):
        return _too_long(shown)
    return Refusal("value_not_allowed", f"HubSpot does not accept {shown}: {_quoted(said)}")


def _shown(name: str) -> str:
    return f"“{_LABELS[name]}” ({name})" if name in _LABELS else f"“{name}”"


def _too_long(shown: str) -> Refusal:
    return Refusal(
        "text_too_long",
        f"{shown} is longer than the {LONGEST_TEXT:,} characters that HubSpot stores. Shorten it in NetSuite.",
    )


def _quoted(text: str) -> str:
    """HubSpot's own words, cut where they are a long list."""
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
