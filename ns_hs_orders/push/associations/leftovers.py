"""Line items of ours that hang on an order in HubSpot and are not to: NetSuite no longer has them, or they are another
order's, as after a merge of two orders in HubSpot.

Belongs here: finding them, by the state's links and by asking HubSpot. Does not belong here: archiving or
detaching them (attachments), or associations with companies and contacts (unit).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.associations.attachments import Attachments
from ns_hs_orders.push.calls.bisection import Problem, problems_by_halves
from ns_hs_orders.push.calls.refusals import Refusal, refusal_of_call
from ns_hs_orders.push.jobs import InFlight
from ns_hs_orders.push.schema import order_of_line


@dataclass
class Leftovers:
    """HubSpot order id → ids of line items: former ones of the order's own, and those of other orders."""

    former: dict[str, set[str]] = field(default_factory=dict)
    of_others: dict[str, set[str]] = field(default_factory=dict)


def leftovers_apart(
    attachments: Attachments, orders: Sequence[InFlight]
) -> tuple[Leftovers, dict[str, Problem]]:
    """As `leftovers`, and HubSpot order id → problem, where HubSpot does not let some orders be asked about.

    Raises RemoteError where HubSpot refuses the sync as such.
    """
    found = Leftovers()

    def ask(part: Sequence[InFlight]) -> dict[str, Problem]:
        of_part = leftovers(attachments, part)
        found.former.update(of_part.former)
        found.of_others.update(of_part.of_others)
        return {}

    return found, problems_by_halves(orders, ask, lambda one: one.order_id, _not_read)


def leftovers(attachments: Attachments, orders: Sequence[InFlight]) -> Leftovers:
    """Line items of ours that are not wanted on these orders; what a person attached is not among them.

    A line that was only noted as intended may or may not have been written: HubSpot is asked by its
    key and by the order's associations. So it is for an order that HubSpot had before, while the
    state knows of no confirmed line of it, or that was found different. Raises RemoteError.
    """
    found = Leftovers()
    former = found.former
    unknown: dict[str, InFlight] = {}
    to_ask: list[InFlight] = []
    for one in orders:
        dropped = [(key, line_id) for key, line_id in one.former("line") if key not in one.line_ids]
        for key, line_id in dropped:
            if line_id is None:
                unknown[key] = one
            else:
                former.setdefault(one.order_id, set()).add(line_id)
        if one.may_have_unknown_lines or any(line_id is None for _, line_id in dropped):
            to_ask.append(one)
    if unknown:
        for key, line_id in attachments.line_ids(list(unknown)).items():
            if key in unknown:
                former.setdefault(unknown[key].order_id, set()).add(line_id)
    if to_ask:
        _add_attached(found, attachments, to_ask)
    return found


def _add_attached(found: Leftovers, attachments: Attachments, orders: Sequence[InFlight]) -> None:
    """Adds line items with a key of ours that are attached and not wanted."""
    by_id = {one.order_id: one for one in orders}
    candidates = {
        (order_id, line_id)
        for order_id, ids in attachments.attached("line_items", list(by_id)).items()
        for line_id in ids - set(by_id[order_id].line_ids.values())
    }
    if not candidates:
        return
    keys = attachments.line_keys(sorted({line_id for _, line_id in candidates}))
    for order_id, line_id in sorted(candidates):
        of_order = order_of_line(keys.get(line_id))
        if of_order is not None:  # what a person attached has no key of ours
            kind = found.former if of_order == by_id[order_id].key else found.of_others
            kind.setdefault(order_id, set()).add(line_id)


def _not_read(_: InFlight, error: RemoteError) -> Refusal:
    refusal = refusal_of_call(error)
    return Refusal(refusal.reason, f"HubSpot refused to show the order's lines. {refusal.explanation}")
