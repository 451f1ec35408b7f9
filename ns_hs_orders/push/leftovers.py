"""Line items of ours that hang on an order in HubSpot though NetSuite no longer has them.

Belongs here: finding them, by the state's links and by asking HubSpot. Does not belong here: archiving
them (attachments), or associations with companies and contacts (unit).
"""

from __future__ import annotations

from collections.abc import Sequence

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.attachments import Attachments
from ns_hs_orders.push.bisection import Problem, problems_by_halves
from ns_hs_orders.push.jobs import InFlight
from ns_hs_orders.push.refusals import Refusal, refusal_of_call


def former_lines_apart(
    attachments: Attachments, orders: Sequence[InFlight]
) -> tuple[dict[str, set[str]], dict[str, Problem]]:
    """As `former_lines`, and HubSpot order id → problem, where HubSpot does not let some orders be asked about.

    Raises RemoteError where HubSpot refuses the sync as such.
    """
    former: dict[str, set[str]] = {}

    def ask(part: Sequence[InFlight]) -> dict[str, Problem]:
        former.update(former_lines(attachments, part))
        return {}

    return former, problems_by_halves(orders, ask, lambda one: one.order_id, _not_read)


def former_lines(attachments: Attachments, orders: Sequence[InFlight]) -> dict[str, set[str]]:
    """HubSpot order id → ids of line items of ours that are no longer wanted.

    A line that was only noted as intended may or may not have been written: HubSpot is asked by its
    key and by the order's associations. So it is for an order that HubSpot had before, while the
    state knows of no confirmed line of it, or that was found different. Raises RemoteError.
    """
    former: dict[str, set[str]] = {}
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
        for order_id, line_id in _attached_lines(attachments, to_ask):
            former.setdefault(order_id, set()).add(line_id)
    return former


def _attached_lines(attachments: Attachments, orders: Sequence[InFlight]) -> list[tuple[str, str]]:
    """(HubSpot order id, line item id) of lines of ours that are attached and not wanted."""
    by_id = {one.order_id: one for one in orders}
    candidates = {
        line_id: by_id[order_id]
        for order_id, ids in attachments.attached("line_items", list(by_id)).items()
        for line_id in ids - set(by_id[order_id].line_ids.values())
    }
    if not candidates:
        return []
    keys = attachments.line_keys(list(candidates))
    # what a person attached has no key of this order
    return [
        (one.order_id, line_id)
        for line_id, one in candidates.items()
        if keys.get(line_id, "").startswith(f"{one.key}-")
    ]


def _not_read(_: InFlight, error: RemoteError) -> Refusal:
    refusal = refusal_of_call(error)
    return Refusal(refusal.reason, f"HubSpot refused to show the order's lines. {refusal.explanation}")
