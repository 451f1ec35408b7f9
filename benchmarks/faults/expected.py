"""What HubSpot must hold, as plain values.

Belongs here: the values. Does not belong here: working them out (oracle), or comparing (proof).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

EXPONENTS: Final = {"USD": 2, "EUR": 2, "CAD": 2, "CHF": 2, "JPY": 0}
"""Decimals of the currencies that the world trades in."""


@dataclass
class ExpectedOrder:
    """An order as HubSpot must hold it. numbers: properties compared as numbers. stage: its label, lower case.

    deal: of its URL, "" where it has none that HubSpot knows.
    """

    key: str
    currency: str
    total: Decimal
    company: str
    deal: str
    stage: str
    texts: dict[str, str]
    numbers: dict[str, Decimal]
    lines: dict[str, ExpectedLine]


@dataclass
class ExpectedLine:
    """A goods line. units: None where NetSuite says none."""

    amount: Decimal
    units: Decimal | None
    exponent: int
    texts: dict[str, str]


@dataclass
class Expected:
    """held: orders that must not be in HubSpot → outcome. totals: of every order, as NetSuite says it."""

    orders: dict[str, ExpectedOrder] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
