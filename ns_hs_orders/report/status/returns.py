"""The condition of return records: what of them is due, and what of that needs a person.

Belongs here: the same judgement as for orders, in words about returns. Does not belong here: orders (status), or layout
(status.text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ns_hs_orders.report.ports import DueKind, DueSum, FailuresSeen, Overview, PipelineProblem, StuckReason
from ns_hs_orders.report.status.needs import Need, amounts_text, pipeline_need, said, sum_json, together

_MOST_NAMED = 5


@dataclass(frozen=True)
class ReturnsStatus:
    """What the state of returns tells. failures: of the rounds of returns in the live lane, in a row."""

    due: Mapping[DueKind, DueSum]
    stuck_reasons: tuple[StuckReason, ...]
    failures: FailuresSeen | None
    pipeline_problem: PipelineProblem | None = None

    @property
    def stuck(self) -> DueSum:
        """Failing, refused and held returns together."""
        return together(self.due[kind] for kind in ("failing", "refused", "held") if kind in self.due)

    def sum_of(self, kind: DueKind) -> DueSum:
        """The due returns of one kind."""
        return self.due.get(kind, DueSum())

    def needs(self, at: datetime, stuck: timedelta) -> Iterable[Need]:
        """What needs a person. stuck: for how long returns may fail before somebody is told."""
        if self.pipeline_problem is not None:
            yield pipeline_need(
                self.pipeline_problem,
                "return_pipeline_missing",
                "NS_HS_HUBSPOT_RETURN_PIPELINE_ID",
                "No return can be written",
            )
        named = 0
        for one in self.stuck_reasons:
            if one.kind == "failing" and not (one.total.oldest and at - one.total.oldest > stuck):
                continue
            if named < _MOST_NAMED and (need := _need(one)):
                named += 1
                yield need
        if self.failures is not None and self.failures.count > 1 and self.pipeline_problem is None:
            yield Need(
                "returns_failing",
                said(
                    f"Returns failed {self.failures.count:,} times in a row, orders went on",
                    self.failures.summary,
                ),
                "They are tried again by themselves. `ns-hs-orders setup --plan` and `ns-hs-orders doctor` tell what "
                "is missing.",
            )

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        kinds: tuple[DueKind, ...] = ("waiting", "failing", "refused", "held", "closed")
        return {
            "due": {"stuck": sum_json(self.stuck), **{kind: sum_json(self.sum_of(kind)) for kind in kinds}},
            "failures": self.failures
            and asdict(self.failures)
            | {"retry_at": self.failures.retry_at.isoformat() if self.failures.retry_at else None},
        }


def returns_status(found: Overview | None) -> ReturnsStatus | None:
    """The status of what was found in the state of returns; None where there is none."""
    if found is None:
        return None
    return ReturnsStatus(found.due, found.stuck_reasons, found.failures, found.pipeline_problem)


def _need(one: StuckReason) -> Need | None:
    returns = f"{one.total.orders:,} {'return' if one.total.orders == 1 else 'returns'}"
    amounts = amounts_text(one.total)
    returns += f" ({amounts})" if amounts else ""
    explain = f"`ns-hs-orders explain {one.example}` tells all of one"
    close = f"`ns-hs-orders due close {one.example} --by NAME`"
    if one.kind == "refused":
        return Need(
            "returns_refused",
            said(f"HubSpot refuses {returns}, {one.reason}", one.explanation),
            f"{explain}. Mend the cause in NetSuite or HubSpot; it is tried again. A return that shall stay as it is: "
            f"{close}.",
        )
    if one.kind == "held":
        return Need(
            "returns_need_approval",
            said(f"A person must say whether {returns} may go from HubSpot", one.explanation),
            f"If they are really gone, `ns-hs-orders due approve {one.example} --by NAME` takes one out of HubSpot; "
            f"{close} leaves it there.",
        )
    if one.kind == "failing":
        return Need(
            "returns_stuck",
            said(f"{returns} could not be written, {one.reason}", one.explanation),
            f"They are tried again by themselves. {explain}; `ns-hs-orders due` lists them.",
        )
    return None
