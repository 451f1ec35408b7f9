"""Pieces of buying: what one answer of NetSuite adds to a company, before anything is added up.

Belongs here: the plain values between reading and figures, and the span of time that they are about. Does not belong
here: queries (reading) or sums (figures).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from ns_hs_orders.rollups.schema import When

Kind = Literal["order", "return"]


class Piece(NamedTuple):
    """Part of the sales dollars of some orders of one entity that share currency, stage and span.

    orders: how many it counts; 0 for a part of orders that another piece counts. amount: signed, in the currency;
    None where it cannot be read. stage: None for a status letter that is not in the stage map. order_id and rate: of
    the one order that it is about, None where NetSuite added several. kind: a return's amount is positive.
    """

    entity_id: str
    currency: str | None
    stage: str | None
    when: When
    orders: int
    amount: Decimal | None
    last_on: date | None = None
    order_id: str | None = None
    rate: str | None = None
    kind: Kind = "order"


@dataclass(frozen=True)
class Span:
    """The twelve months that end on a day, in NetSuite's zone."""

    as_of: date

    @property
    def first(self) -> date:
        """The day after the same day of the year before; after 28 February for a 29th."""
        try:
            year_ago = self.as_of.replace(year=self.as_of.year - 1)
        except ValueError:
            year_ago = self.as_of.replace(year=self.as_of.year - 1, day=28)
        return year_ago + timedelta(days=1)

    def when(self, on: date) -> When:
        """Where a day lies."""
        if on > self.as_of:
            return "later"
        return "within" if on >= self.first else "before"
