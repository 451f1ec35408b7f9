"""Which signs the amounts of returns have in an account.

Belongs here: the signs as a value. Does not belong here: finding them out (returns.survey), or judging one return
(mapping).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Sign = Literal["positive", "negative"]
SIGNS = ("positive", "negative")


@dataclass(frozen=True)
class ReturnSigns:
    """The sign of a plain return's total, goods lines and refunds; None where the sample does not tell.

    sampled: returns looked at. add_up: those whose lines make their total in exactly one sign.
    """

    total: Sign | None = None
    lines: Sign | None = None
    refunds: Sign | None = None
    sampled: int = 0
    add_up: int = 0

    def in_words(self) -> str:
        """One sentence for people."""
        told = ", ".join(
            f"{what} {sign or 'not clear'}"
            for what, sign in (("total", self.total), ("lines", self.lines), ("refunds", self.refunds))
        )
        sentence = f"Signs by a survey of the newest {self.sampled:,} returns, of which {self.add_up:,} add up: {told}."
        if self.sampled and None in (self.total, self.lines):
            sentence += " What is not clear is judged return by return: its lines must make its total in one of the signs."
        return sentence


def makes(total: Decimal, amount: Decimal, tax: Decimal) -> bool:
    """Whether lines and tax details make a total of this size, whatever their signs."""
    return total in (abs(amount + tax), abs(amount - tax))
