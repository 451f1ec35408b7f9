"""One order as it was read, before it becomes a row of a frame.

Belongs here: the plain value alone, so that reading needs no pandas, which is slow to import.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ns_hs_orders.extract.keyset import Row


@dataclass
class OrderReading:
    """One order as one reading saw it. shipments: JSON. tax: SuiteTax details' sum, decimal text."""

    header: Row
    lines: list[Row] = field(default_factory=list)
    tax: str | None = None
    shipments: str = "[]"
    settled: bool = True
