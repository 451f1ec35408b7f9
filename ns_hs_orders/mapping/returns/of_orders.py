"""What an order's returns make of it: returned and refunded amounts, its net total and return status.

Belongs here: sums over the returns of one order. Does not belong here: judging a return (returns.judgement), or
the frames of returns (map_returns.py).
"""

from __future__ import annotations

from typing import NamedTuple

from ns_hs_orders.mapping.returns.judgement import judge_return
from ns_hs_orders.mapping.returns.raw import NO_RETURNS, returns_in
from ns_hs_orders.mapping.returns.schema import RETURN_STAGE_LABELS
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import Problem


class OrderReturns(NamedTuple):
    """Amounts in minor units of the order's currency; all None where it is not known whether there are returns.

    status: the stages that its returns are in, by their labels in the pipeline's order, None for none.
    warnings: keys of schema.WARNINGS.
    """

    returned_minor: int | None = None
    refunded_minor: int | None = None
    net_total_minor: int | None = None
    status: str | None = None
    warnings: tuple[str, ...] = ()


UNKNOWN = OrderReturns()


def order_returns(
    text: str | None, total: int, currency: str, rules: MappingRules, problems: list[Problem]
) -> OrderReturns:
    """The sums over all returns of an order, whatever their dates and whether or not they are in the sync.

    A return that cannot be read or does not add up, and one in another currency, is not counted, with a warning.
    text: the column `returns` of RawOrders.
    """
    if text is None:
        return UNKNOWN
    if text == NO_RETURNS:
        return OrderReturns(0, 0, total)
    try:
        judged = [judge_return(raw, lines, rules) for raw, lines in returns_in(text)]
    except ValueError as error:
        problems.append(Problem("breaks_contract", f"The returns cannot be read: {error}."))
        return UNKNOWN
    sound = [one for one in judged if one.raw.settled and not one.problems]
    same = [one for one in sound if one.currency == currency]
    returned = sum(one.counted_minor for one in same)
    stages = {one.stage for one in judged}
    warnings = {
        "return_held": len(sound) < len(judged),
        "return_in_other_currency": len(same) < len(sound),
        "returned_above_total": returned > total,
    }
    return OrderReturns(
        returned,
        sum(one.refund_minor for one in same),
        total - returned,
        ", ".join(label for stage, label in RETURN_STAGE_LABELS.items() if stage in stages) or None,
        tuple(code for code, holds in warnings.items() if holds),
    )
