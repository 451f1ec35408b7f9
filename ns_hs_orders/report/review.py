"""The one value that every view of a reconciliation takes.

Belongs here: what a view may show, and nothing that it computes. Does not belong here: layout, or judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ns_hs_orders.reconcile.risk import RiskRow
from ns_hs_orders.reconcile.schema import Reconciliation


@dataclass(frozen=True)
class Review:
    """A result, and its money at risk, heaviest first."""

    result: Reconciliation
    risks: Sequence[RiskRow]
