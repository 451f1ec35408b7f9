"""Edits in HubSpot: which of them stay by policy, and which the next sync overwrites.

Belongs here: sorting an order's differences by the field's policy, and what the event of a heal will tell. Does not
belong here: when two values differ (compare), the cause (causes), or writing (push).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ns_hs_orders.columns import plain
from ns_hs_orders.extract.card_numbers import mask_card_numbers
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.push.written import left_as_edited
from ns_hs_orders.reconcile.causes import (
    DELETED,
    DUPLICATES,
    EARLIER,
    LINE_BY_A_PERSON,
    OF_HUBSPOTS_SIDE,
    ONLY_IN_HUBSPOT,
    Verdict,
)
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.reconcile.schema import Reconciliation

LONGEST_TEXT = 200
LEFT_ALONE = frozenset({*DUPLICATES, EARLIER, LINE_BY_A_PERSON, ONLY_IN_HUBSPOT})
"""Causes of which no sync touches what HubSpot holds: a person has to act, there or in NetSuite."""


def sorted_out(
    found: Sequence[FieldDifference], wanted: WantedOrder, state: OrderState | None, kinds: FieldKinds
) -> tuple[list[FieldDifference], list[FieldDifference]]:
    """(what the next sync writes, edits that are only reported); what is kept by policy is in neither.

    A field whose value in NetSuite is not the one that was written last is written, whatever its policy.
    """
    names = [one.hubspot_property for one in found if one.hubspot_property in kinds.left_when_edited]
    if not names:
        return list(found), []
    stays = left_as_edited(wanted, state, [name for name in names if name is not None])
    written = [one for one in found if one.hubspot_property not in stays]
    reported = [
        replace(one, is_reported=True, hubspot=_masked(one.hubspot))
        for one in found
        if one.hubspot_property in stays and kinds.left_when_edited[one.hubspot_property or ""] == "report"
    ]
    return written, reported


def edits_found(result: Reconciliation) -> dict[str, list[HubSpotEdit]]:
    """Order id → what HubSpot holds otherwise than it was written, texts shortened, card numbers masked."""
    names = ("order_id_netsuite", "cause", "field", "hubspot_property", "netsuite", "hubspot", "policy")
    columns = (plain(result.differences[name]) for name in names)
    found: dict[str, list[HubSpotEdit]] = {}
    for order_id, cause, label, hubspot_property, ours, theirs, policy in zip(*columns, strict=True):
        if cause in OF_HUBSPOTS_SIDE and policy != "person":
            edit = HubSpotEdit(label, hubspot_property, _short(ours), _short(theirs), policy == "report")
            found.setdefault(order_id, []).append(edit)
    return found


def policy_of(difference: FieldDifference, verdict: Verdict) -> str:
    """What becomes of a difference of an order with this verdict: as in schema.POLICIES."""
    if difference.is_reported:
        return "report"
    kept_as_cancelled = verdict.cause == DELETED and verdict.outcome == "archived"
    left = difference.is_a_persons_line or kept_as_cancelled or verdict.cause in LEFT_ALONE
    return "person" if left else "heal"


def _short(text: str | None) -> str | None:
    shown = _masked(text)
    return shown if shown is None or len(shown) <= LONGEST_TEXT else shown[: LONGEST_TEXT - 1] + "…"


def _masked(text: str | None) -> str | None:
    return None if text is None else mask_card_numbers(text)[0]
