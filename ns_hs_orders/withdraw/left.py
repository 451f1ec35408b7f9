"""What returns left in HubSpot that NS_HS_RETURNS does not put there any more, and the words for it.

Belongs here: which of it the setting leaves behind, told apart and counted. Does not belong here: taking it out (act,
push.departed), or how it is found (wiring).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY, Field
from ns_hs_orders.fields.orders import RETURN_FIELDS
from ns_hs_orders.fields.returns import RETURN_AMOUNT, RETURN_DATE
from ns_hs_orders.push.ports import CrmRecord

Setting = Literal["pipeline", "amounts_only", "off"]

AMOUNTS_WRITTEN = "return amounts on orders"
"""Note: the properties of orders that were written with what their returns tell."""
_OF_RETURNS = frozenset(field.name for field in RETURN_FIELDS)


@dataclass(frozen=True)
class LeftReturns:
    """What is in HubSpot and does not belong there by the setting. records: of returns. orders: with return amounts.

    has_amounts: whether orders tell of returns, where they were not counted.
    """

    setting: Setting
    records: int = 0
    orders: int = 0
    has_amounts: bool = False

    def __bool__(self) -> bool:
        return bool(self.records or self.orders or self.has_amounts)

    @property
    def what(self) -> str:
        """One sentence."""
        records = f"{self.records:,} return record{'' if self.records == 1 else 's'}"
        orders = f"return amounts on {self.orders:,} order{'' if self.orders == 1 else 's'}"
        if not self.orders:
            orders = "return amounts on orders"
        parts = [records] * bool(self.records) + [orders] * bool(self.orders or self.has_amounts)
        if not parts:
            return f"HubSpot holds nothing of returns that NS_HS_RETURNS={self.setting} does not put there."
        return (
            f"HubSpot still holds {' and '.join(parts)}, which NS_HS_RETURNS={self.setting} keeps up no more."
        )

    @property
    def what_to_do(self) -> str:
        """The next step."""
        return (
            "`ns-hs-orders withdraw --plan` shows it, `ns-hs-orders withdraw --by NAME` takes it out; or set "
            "NS_HS_RETURNS back."
        )


def may_leave(setting: Setting) -> tuple[bool, bool]:
    """(return records, return amounts on orders): which of them a setting leaves behind."""
    return setting != "pipeline", setting == "off"


def amount_properties(written: Iterable[Field]) -> list[str]:
    """The properties of orders among these fields that tell of returns."""
    return [field.hubspot_property for field in written if field.name in _OF_RETURNS]


DEFAULT_AMOUNTS = tuple(amount_properties(RETURN_FIELDS))
READ_OF_RECORDS = (UNIQUE_ORDER_KEY, RETURN_AMOUNT, RETURN_DATE)


def records_to_go(found: Iterable[CrmRecord], orders: Collection[str]) -> dict[str, CrmRecord]:
    """Key → record, of those that are returns. orders: keys that the state knows as orders, on which somebody put a return
    amount by hand."""
    return {
        key: record
        for record in found
        if (key := record.properties.get(UNIQUE_ORDER_KEY))
        and key not in orders
        and record.properties.get(RETURN_AMOUNT)
        and not record.archived
    }
