"""The plan of an adoption: one row a record of another integration, and the dollars that stand twice.

Belongs here: plain values and their sums. Does not belong here: finding (find), matching (match), or acting (act).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ns_hs_orders.money import shown

LONGEST_TOTAL = 40
Action = Literal["adopt", "archive", "leave"]
StandsFor = Literal["order", "return"]
Rule = Literal["key property", "external order id", "order name"]
LineAction = Literal["key", "take out", "detach", "leave"]
"""key: becomes the NetSuite line. take out: archived when the order is written. detach: taken off the order, since it
hangs on another record too. leave: stays, without a key."""

REASONS: dict[str, str] = {
    "no_match": "No order or return of NetSuite has this number or id.",
    "two_orders": "It names several orders or returns of NetSuite.",
    "two_records": "Several records of other integrations stand for this order or return.",
    "currency_differs": "Its currency is not the order's.",
    "amount_differs": "Its amount is not the order's.",
    "amount_unreadable": "Its amount, or that of its order, cannot be read.",
    "not_synced": "The sync does not carry this order, so nothing would keep the record up to date.",
    "is_a_return": "It stands for a return authorization, and the sync keeps no records of returns here.",
    "too_many": "More records would be archived at once than the share that is allowed.",
    "activities_unreadable": "What hangs on it cannot be read in full, so it may be lost with it.",
}
"""Reason code of a record that is left → sentence."""

NEXT_STEPS: dict[str, str] = {
    "no_match": "Look at it in HubSpot: archive it, or enter its order in NetSuite.",
    "two_orders": "Correct its name or its order id in HubSpot, then plan again.",
    "two_records": "Archive all but one of them in HubSpot, then plan again.",
    "currency_differs": "Find out which is right; correct or archive the record in HubSpot, then plan again.",
    "amount_differs": "Find out which is right; correct or archive the record in HubSpot, then plan again.",
    "amount_unreadable": "Correct the amount where it is wrong, or archive the record in HubSpot, then plan again.",
    "not_synced": "Mend what holds the order back (`ns-hs-orders explain ORDER`), or archive the record in HubSpot.",
    "is_a_return": "Archive it in HubSpot if its dollars should not count there, or set NS_HS_RETURNS=pipeline and plan again.",
    "too_many": "Look at the plan; if it is right, allow it with `--archive-up-to NUMBER`.",
    "activities_unreadable": "Give the token the scope to read them, or add `--leave-activities`.",
}


@dataclass(frozen=True)
class ForeignRecord:
    """An order of HubSpot without a key of ours, as it was read.

    source: who made it, in HubSpot's words. key_value: of the property that a setting names. total: HubSpot's text.
    amount_minor: None where there is none or it cannot be read in the currency.
    """

    record_id: str
    source: str
    name: str
    external_id: str
    key_value: str
    currency: str | None
    total: str
    amount_minor: int | None

    @property
    def shown_amount(self) -> str:
        """The amount with its currency, for people; what cannot be read, or has no currency, says so."""
        if self.amount_minor is not None and self.currency:
            return shown(self.amount_minor, self.currency)
        if not self.total:
            return "none"
        total = self.total[:LONGEST_TOTAL]
        return f"{total} {self.currency}, unreadable" if self.currency else f"{total} without a currency"

    @property
    def is_unreadable(self) -> bool:
        """Whether it has an amount that is in no sum."""
        return bool(self.total) and self.amount_minor is None


@dataclass(frozen=True)
class PlannedLine:
    """What becomes of one line item of an adopted record. key: the line key that it gets, of `key` and `take out`."""

    line_id: str
    action: LineAction
    key: str | None = None


@dataclass(frozen=True)
class MovedRecord:
    """An association of an archived record that ours lacks. type_ids, label_ids: as in push's AssociationInput."""

    to_type: str
    to_id: str
    type_ids: tuple[int, ...]
    label_ids: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PlanRow:
    """One record of another integration and what will happen to it.

    order_id, order_number: of the one order or return that it stands for, None where it is none or several; orders: all
    that it names. stands_for: which of both the one is. by: the first rule that named it. our_record_id: of our own
    record of it, None where there is none. reason: a key of REASONS, of `leave` only; why: in words with what was
    found. lines: of `adopt`. moved: of `archive`. is_synced: whether the sync would write it.
    """

    record: ForeignRecord
    action: Action
    order_id: str | None = None
    order_number: str | None = None
    orders: tuple[str, ...] = ()
    by: Rule | None = None
    our_record_id: str | None = None
    reason: str | None = None
    why: str = ""
    lines: tuple[PlannedLine, ...] = ()
    moved: tuple[MovedRecord, ...] = ()
    is_synced: bool = True
    stands_for: StandsFor = "order"

    def counted_lines(self) -> dict[str, int]:
        """Line action → number of line items."""
        return dict(Counter(one.action for one in self.lines))

    def counted_moves(self) -> dict[str, int]:
        """Object type → number of associations that are moved to our record."""
        return dict(Counter(one.to_type for one in self.moved))

    def as_json(self) -> dict[str, Any]:
        """The row as plain values; amounts in minor units."""
        record = self.record
        return {
            "record_id": record.record_id,
            "source": record.source,
            "name": record.name,
            "external_order_id": record.external_id,
            "currency": record.currency,
            "amount_minor": record.amount_minor,
            "order_id_netsuite": self.order_id,
            "order_number": self.order_number,
            "stands_for": self.stands_for if self.order_id is not None else None,
            "orders": list(self.orders),
            "by": self.by,
            "our_record_id": self.our_record_id,
            "action": self.action,
            "reason": self.reason,
            "why": self.why,
            "lines": self.counted_lines(),
            "moved": self.counted_moves(),
        }


@dataclass(frozen=True)
class AdoptionPlan:
    """All records of other integrations, and what will happen to each.

    warnings: sentences about what could not be looked at.
    """

    rows: tuple[PlanRow, ...]
    warnings: tuple[str, ...] = ()

    def of(self, action: Action) -> list[PlanRow]:
        """The rows with one action."""
        return [row for row in self.rows if row.action == action]

    def only(self, stands_for: StandsFor) -> AdoptionPlan:
        """The plan of the records that stand for one order each, or for one return each."""
        rows = tuple(row for row in self.rows if row.order_id is not None and row.stands_for == stands_for)
        return AdoptionPlan(rows, self.warnings)

    @property
    def doubled(self) -> list[PlanRow]:
        """Records of orders whose dollars HubSpot holds a second time: beside ours, or beside another of the same."""
        seen: set[str] = set()
        found = []
        for row in self.rows:
            if row.order_id is None or row.stands_for == "return":
                continue
            if row.our_record_id is not None or row.order_id in seen:
                found.append(row)
            seen.add(row.order_id)
        return found

    @property
    def would_be_doubled(self) -> list[PlanRow]:
        """Records whose order the next sync would make once more."""
        doubled = {row.record.record_id for row in self.doubled}
        return [
            row
            for row in self.rows
            if row.order_id is not None
            and row.stands_for == "order"
            and row.record.record_id not in doubled
            and row.is_synced
        ]

    @property
    def of_held_back(self) -> list[PlanRow]:
        """Records of orders that the sync holds back: HubSpot holds their dollars once, and nothing keeps them up to date."""
        elsewhere = {row.record.record_id for row in (*self.doubled, *self.would_be_doubled)}
        return [
            row
            for row in self.rows
            if row.order_id is not None
            and row.stands_for == "order"
            and row.record.record_id not in elsewhere
        ]

    @property
    def returns(self) -> list[PlanRow]:
        """Records that stand for a return each, whatever becomes of them; their dollars are in no other sum."""
        return [row for row in self.rows if row.order_id is not None and row.stands_for == "return"]

    @property
    def unmatched(self) -> list[PlanRow]:
        """Records that stand for no order or return of NetSuite, or for nobody knows which."""
        return [row for row in self.rows if row.order_id is None]

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values; sums by currency in minor units, records without a readable amount counted."""
        return {
            "records": [row.as_json() for row in self.rows],
            "doubled": dollars_json(self.doubled),
            "would_be_doubled": dollars_json(self.would_be_doubled),
            "held_back": dollars_json(self.of_held_back),
            "returns": dollars_json(self.returns),
            "unmatched": dollars_json(self.unmatched),
            "warnings": list(self.warnings),
        }


def dollars(rows: Iterable[PlanRow]) -> dict[str, int]:
    """Currency → sum of the records' amounts, in minor units; what cannot be read is in no sum."""
    sums: dict[str, int] = {}
    for row in rows:
        if row.record.amount_minor is not None and row.record.currency:
            currency = row.record.currency
            sums[currency] = sums.get(currency, 0) + row.record.amount_minor
    return dict(sorted(sums.items()))


def dollars_json(rows: Iterable[PlanRow]) -> dict[str, Any]:
    """Number of records, sums by currency in minor units, and how many have no readable amount."""
    found = list(rows)
    return {
        "records": len(found),
        "minor": dollars(found),
        "without_amount": sum(row.record.amount_minor is None for row in found),
    }
