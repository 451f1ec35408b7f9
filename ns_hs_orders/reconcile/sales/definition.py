"""What counts as sales dollars: one definition, chosen by settings, versioned, printed beside each number.

Belongs here: the definition, its words and its written form. Does not belong here: amounts (sales), or
where the choice comes from (settings).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ns_hs_orders.errors import ConfigError, MoneyError
from ns_hs_orders.mapping.schema import STAGES
from ns_hs_orders.money import exponent

DateBasis = Literal["order_date", "sales_effective_date"]
FORM = 1
"""Rises when the same choices come to mean another number."""
RETURNS_COUNT = "returns by their own date, closed ones as received, none pending approval or cancelled"
"""Which returns count, in words."""


@dataclass(frozen=True)
class SalesDefinition:
    """Which part of an order's total is sales.

    stages: those that count, of STAGES. less_closed: without what was closed and not billed
    (`netsuite_closed_amount`). date_basis: the date by which an order belongs to a range; by sales effective
    date, an order without one belongs to its order date. base_currency: ISO code of NetSuite's base currency,
    "" for the one whose orders have the exchange rate 1. less_returns: whether net sales are told too: sales less what
    was returned, with the same parts (tax, shipping) left out. Returns count by their own date; pending approval and
    cancelled ones count nothing, closed ones what was received of them.

    Raises ConfigError for a stage that there is not, for no stage at all, or for a base currency that there is not.
    """

    stages: tuple[str, ...] = tuple(stage for stage in STAGES if stage != "cancelled")
    with_tax: bool = True
    with_shipping: bool = True
    less_closed: bool = True
    date_basis: DateBasis = "order_date"
    base_currency: str = ""
    less_returns: bool = False

    def __post_init__(self) -> None:
        unknown = [stage for stage in self.stages if stage not in STAGES]
        if unknown or not self.stages:
            raise ConfigError(
                f"Sales stages: {', '.join(unknown) or 'none'} given; possible ones are {', '.join(STAGES)}."
            )
        if self.date_basis not in get_args(DateBasis):
            raise ConfigError(
                f"Sales date: {self.date_basis!r} is not one of {', '.join(get_args(DateBasis))}."
            )
        if self.base_currency:
            try:
                exponent(self.base_currency)
            except MoneyError as error:
                raise ConfigError(
                    f"NS_HS_BASE_CURRENCY: {error} Set it to NetSuite's base currency, such as USD, or leave it empty."
                ) from error
        object.__setattr__(self, "stages", tuple(stage for stage in STAGES if stage in self.stages))

    @property
    def left_out(self) -> frozenset[str]:
        """The stages that do not count."""
        return frozenset(STAGES) - set(self.stages)

    @property
    def version(self) -> str:
        """Names the definition: `sales-1-3f9a0c`; other choices have another one."""
        return f"sales-{FORM}-{hashlib.sha256(self.written().encode()).hexdigest()[:6]}"

    @property
    def sentence(self) -> str:
        """The definition in words."""
        left_out = [stage.replace("_", " ") for stage in STAGES if stage in self.left_out]
        which = f"all stages but {', '.join(left_out)}" if left_out else "all stages"
        if len(left_out) > len(self.stages):
            which = f"stages {', '.join(stage.replace('_', ' ') for stage in self.stages)}"
        tax = {
            (True, True): "with tax and shipping",
            (True, False): "with tax, without shipping",
            (False, True): "without tax, with shipping",
            (False, False): "without tax and shipping",
        }[self.with_tax, self.with_shipping]
        closed = ", less what was closed unbilled" if self.less_closed else ""
        by = self.date_basis.replace("_", " ")
        net = f"; net of {RETURNS_COUNT}" if self.less_returns else ""
        return f"Sales dollars: {which}, by {by}, {tax}{closed}{net} ({self.version})."

    def written(self) -> str:
        """As JSON, always the same text for the same choices; without returns, the text from before there were any."""
        choices = asdict(self)
        if not self.less_returns:
            del choices["less_returns"]
        return json.dumps(choices, sort_keys=True)


def read_definition(text: str) -> SalesDefinition:
    """A definition from its written form. Raises ConfigError where the text is none."""
    try:
        document: Mapping[str, Any] = json.loads(text)
        return SalesDefinition(**{**document, "stages": tuple(document["stages"])})
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{text[:80]!r} is not a definition of sales dollars.") from error
