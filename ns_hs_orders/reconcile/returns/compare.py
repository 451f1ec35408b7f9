"""Return records: what NetSuite says of each return against what HubSpot holds of it, one row a return.

Belongs here: reading both sides again, the finding and the cause of each return, and making due what differs. Does not
belong here: net sales (they are NetSuite's amounts on orders), the comparison of fields (compare) or of causes (causes),
which are those of orders. Nothing here writes to HubSpot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.columns import checked, plain, typed
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.returns import RETURN_AMOUNT, RETURN_COUNTED_AMOUNT, RETURN_DATE
from ns_hs_orders.mapping.schema import Date, MappedOrders
from ns_hs_orders.money import nearest_minor, shown
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.departed import CANCELLED_STATUS
from ns_hs_orders.push.ports import AssociationKind, OrderState
from ns_hs_orders.push.schema import OUTCOMES, WantedOrder
from ns_hs_orders.reconcile.causes import (
    DELETED,
    EDITED_IN_NETSUITE,
    MOVED,
    NOT_YET_PUSHED,
    OF_HUBSPOTS_SIDE,
    Verdict,
    agreement,
    verdict,
    verdict_only_in_hubspot,
)
from ns_hs_orders.reconcile.compare import FieldDifference, FieldKinds, differences
from ns_hs_orders.reconcile.equality import day_of
from ns_hs_orders.reconcile.history.edits import sorted_out
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, rows
from ns_hs_orders.reconcile.ports import KnownOrders, ReadAssociations, ReadBack
from ns_hs_orders.reconcile.read_back import ASSOCIATION_BATCH, HeldOrder, read_held_orders, side_by_side
from ns_hs_orders.reconcile.schema import CAUSES, FINDINGS

CURRENCY = "hs_currency_code"
PARENT_LABEL = "returned order"
WRITTEN_AGAIN = frozenset({*OF_HUBSPOTS_SIDE, NOT_YET_PUSHED, EDITED_IN_NETSUITE, DELETED, MOVED})
"""Causes that the next sync mends."""


class ReturnComparisons(pa.DataFrameModel):
    """One row a return of the range, on either side, by day and key.

    Amounts in minor units of `currency` (NetSuite's, else HubSpot's), positive. amount_minor, counted_minor: NetSuite's, empty where it does not
    have the return or its amount cannot be read. hubspot_*: what the record holds, in
    hubspot_currency, since somebody may have changed it there; empty where there is none or it cannot be read. finding: as in schema.FINDINGS; cause: as in schema.CAUSES, empty where the return agrees. fields:
    what differs, by label, joined by `; `.
    """

    return_id_netsuite: Series[str]
    return_number: Series[str] = pa.Field(nullable=True)
    return_on: Series[Date]
    parent_order_id: Series[str] = pa.Field(nullable=True)
    customer_name: Series[str] = pa.Field(nullable=True)
    rep_name: Series[str] = pa.Field(nullable=True)
    outcome: Series[str] = pa.Field(isin=OUTCOMES)
    currency: Series[str] = pa.Field(nullable=True)
    amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    counted_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_amount_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_counted_minor: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    hubspot_currency: Series[str] = pa.Field(nullable=True)
    finding: Series[str] = pa.Field(isin=FINDINGS)
    cause: Series[str] = pa.Field(isin=tuple(CAUSES), nullable=True)
    explanation: Series[str] = pa.Field(nullable=True)
    fields: Series[str] = pa.Field(nullable=True)
    return_id_hubspot: Series[str] = pa.Field(nullable=True)

    class Config:
        """Nothing more and nothing less than these columns; types are never coerced."""

        strict = True
        unique = ("return_id_netsuite",)


class ReturnSearch(Protocol):
    """HubSpot's search index, which lags behind writes."""

    def returns_dated(self, first: date, last: date) -> list[str]:
        """Keys of all returns of ours whose date lies in the range."""
        ...


@dataclass(frozen=True)
class ReturnSides:
    """Both systems and the state of returns. Frames are those of push.returns.as_orders.

    read: returns dated in a range. read_by_id: these, those that NetSuite does not have left out. wanted: what HubSpot
    should hold for the valid ones. parent: how a return is associated with its order, None where the portal has none.
    with_contacts: whether contacts are read.
    """

    next_ticket: Callable[[], int]
    read: Callable[[date, date], MappedOrders]
    read_by_id: Callable[[Sequence[str]], MappedOrders]
    wanted: Callable[[MappedOrders], Iterable[WantedOrder]]
    crm: ReadBack
    associations: ReadAssociations
    search: ReturnSearch
    known: KnownOrders
    parent: Callable[[], AssociationKind | None]
    threads: int = 1
    with_contacts: bool = True


@dataclass(frozen=True)
class ReturnComparison:
    """The frame ReturnComparisons of a range, and the ticket of the read that it rests on."""

    frame: pd.DataFrame
    ticket: int

    @property
    def agrees(self) -> bool:
        """Whether HubSpot holds every return that it has to hold as NetSuite has it."""
        return not _written_again(self.frame).any()


@dataclass(frozen=True)
class _Return:
    """A return as NetSuite has it now, and what counts of it."""

    order: NetSuiteOrder
    counted_minor: int | None
    parent_order_id: str | None


def compare_returns(
    sides: ReturnSides,
    field_map: FieldMap,
    first: date,
    last: date,
    *,
    clock: Callable[[], datetime],
    progress: Progress = quiet,
) -> ReturnComparison:
    """Compares both systems for the returns dated from `first` to `last`; what differs is looked at twice.

    Raises RemoteError where either system could not be read; then nothing is told.
    """
    ticket = sides.next_ticket()
    kinds = FieldKinds.of(field_map)
    found = _returns(sides, sides.read(first, last), first)
    keys = found.keys() | sides.known.dated(first, last) | set(sides.search.returns_dated(first, last))
    looked = _look(sides, field_map, kinds, found, sorted(keys), (first, last), clock, progress)
    again = [key for key, row in looked.items() if row["finding"] != "agrees" or key not in found]
    if again:
        numbers = [key for key in again if key.isascii() and key.isdigit()]
        renewed = _returns(sides, sides.read_by_id(numbers), first)
        found = {key: one for key, one in found.items() if key not in again} | renewed
        for key in again:
            looked.pop(key)
        looked |= _look(sides, field_map, kinds, found, again, (first, last), clock, quiet)
    ordered = sorted(looked.values(), key=lambda row: (row["return_on"], len(row["return_id_netsuite"]), row["return_id_netsuite"]))  # fmt: skip
    return ReturnComparison(_frame(ordered), ticket)


def after_compare(found: ReturnComparison, known: KnownOrders, now: datetime) -> None:
    """Makes due what the next sync mends."""
    frame = found.frame[_written_again(found.frame)]
    for cause in sorted(WRITTEN_AGAIN):
        ids = plain(frame.loc[frame["cause"] == cause, "return_id_netsuite"])
        if ids:
            known.mark_different(ids, ticket=found.ticket, cause=cause, now=now)


def _written_again(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows the next sync mends: not those that NetSuite deleted and HubSpot keeps as cancelled, by setting."""
    kept_as_cancelled = (frame["cause"] == DELETED) & (frame["outcome"] == "archived")
    return frame["cause"].isin(WRITTEN_AGAIN) & ~kept_as_cancelled.fillna(value=False)


def _returns(sides: ReturnSides, mapped: MappedOrders, undated: date) -> dict[str, _Return]:
    """Every return that was read, by key. undated: the day of one whose date cannot be read."""
    wanted = {one.key: one for one in sides.wanted(mapped)}
    found: dict[str, _Return] = {}
    for frame, valid in ((mapped.orders, True), (mapped.quarantined, False), (mapped.skipped, False)):
        names = ["order_id_netsuite", "order_number", "order_on", "customer_name", "rep_name", "currency"]
        names += ["total_minor", "parent_order_id"]
        names += (
            ["counted_minor"] if valid else ["outcome", "reason", "explanation", "raw_total", "raw_currency"]
        )
        for row in rows(frame, names):
            key = row["order_id_netsuite"]
            order = NetSuiteOrder(
                key=key,
                order_number=row["order_number"],
                order_on=row["order_on"] or undated,
                customer_name=row["customer_name"],
                rep_name=row["rep_name"],
                standing="valid" if valid else row["outcome"],
                reason=row.get("reason"),
                explanation=row.get("explanation"),
                currency=row["currency"],
                total_minor=row["total_minor"],
                raw_total=row.get("raw_total"),
                raw_currency=row.get("raw_currency"),
                fingerprint=wanted[key].fingerprint if valid else None,
                wanted=wanted[key] if valid else None,
            )
            found[key] = _Return(order, row.get("counted_minor"), row["parent_order_id"])
    return found


def _look(
    sides: ReturnSides,
    field_map: FieldMap,
    kinds: FieldKinds,
    found: Mapping[str, _Return],
    keys: Sequence[str],
    days: tuple[date, date],
    clock: Callable[[], datetime],
    progress: Progress,
) -> dict[str, dict[str, Any]]:
    """One row a return, by key; what neither side dates in the range is left out."""
    states = sides.known.load(keys)
    flying = sides.known.in_flight(keys, clock())
    held = read_held_orders(
        sides.crm,
        sides.associations,
        keys,
        field_map,
        progress,
        threads=sides.threads,
        with_contacts=sides.with_contacts,
    )
    parents = _parents(sides, found, held)
    looked = {}
    for key in keys:
        row = _row(
            key, found.get(key), held.get(key), states.get(key), kinds, days, parents, is_flying=key in flying
        )
        if row is not None:
            looked[key] = row
    return looked


def _parents(
    sides: ReturnSides, found: Mapping[str, _Return], held: Mapping[str, HeldOrder]
) -> dict[str, set[str]]:
    """HubSpot id of a return → ids of the orders that it is associated with as it should be."""
    asked = [
        one.record_id
        for key, one in held.items()
        if key in found and (wanted := found[key].order.wanted) and wanted.parent_id
    ]
    kind = sides.parent() if asked else None
    ends: dict[str, set[str]] = {}
    if kind is None:
        return ends
    for _, answer in side_by_side(
        lambda batch: sides.associations.read("orders", "orders", batch),
        asked,
        ASSOCIATION_BATCH,
        sides.threads,
    ):
        for end in answer:
            if kind.type_id in end.type_ids:
                ends.setdefault(end.from_id, set()).add(end.to_id)
    return ends


def _row(
    key: str,
    found: _Return | None,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    days: tuple[date, date],
    parents: Mapping[str, set[str]],
    *,
    is_flying: bool,
) -> dict[str, Any] | None:
    order = None if found is None else found.order
    held_on = day_of(held.properties.get(RETURN_DATE) or "") if held else None
    if order is not None and days[0] <= order.order_on <= days[1]:
        judged, apart = _judged(order, held, state, kinds, parents, is_flying=is_flying)
        on = order.order_on
    elif held is not None and held_on is not None and days[0] <= held_on <= days[1]:
        judged = verdict_only_in_hubspot(
            state,
            elsewhere=order.order_on if order else None,
            is_cancelled=held.properties.get("hs_external_order_status") == CANCELLED_STATUS,
        )
        apart, on = [], held_on
    else:
        return None
    currency = (
        (order.currency if order else None) or (held.properties.get(CURRENCY) if held else None) or None
    )
    return {
        "return_id_netsuite": key,
        "return_number": order.order_number
        if order
        else (held.properties.get("hs_order_name") if held else None),
        "return_on": on,
        "parent_order_id": found.parent_order_id if found else None,
        "customer_name": order.customer_name if order else None,
        "rep_name": order.rep_name if order else None,
        "outcome": judged.outcome,
        "currency": currency,
        "amount_minor": order.total_minor if order else None,
        "counted_minor": found.counted_minor if found else None,
        "hubspot_amount_minor": _held_minor(held, RETURN_AMOUNT),
        "hubspot_counted_minor": _held_minor(held, RETURN_COUNTED_AMOUNT),
        "hubspot_currency": (held.properties.get(CURRENCY) or None) if held else None,
        "finding": judged.finding,
        "cause": judged.cause,
        "explanation": judged.explanation,
        "fields": "; ".join(dict.fromkeys(one.field for one in apart)) or None,
        "return_id_hubspot": held.record_id if held else None,
    }


def _judged(
    order: NetSuiteOrder,
    held: HeldOrder | None,
    state: OrderState | None,
    kinds: FieldKinds,
    parents: Mapping[str, set[str]],
    *,
    is_flying: bool,
) -> tuple[Verdict, list[FieldDifference]]:
    apart: list[FieldDifference] = []
    reported: list[FieldDifference] = []
    wanted = order.wanted
    if wanted is not None and held is not None:
        apart = differences(wanted, held, kinds)
        if wanted.parent_id not in parents.get(held.record_id, ()):
            apart += _no_parent(wanted)
        apart, reported = sorted_out(apart, wanted, state, kinds)
        if not apart:
            return agreement(state), reported
    same = held is not None and _held_minor(held, RETURN_AMOUNT) == order.total_minor
    judged = verdict(order, held, state, apart, same_amount=same, in_flight=is_flying)
    return judged, [*apart, *reported]


def parent_missing(
    wanted: WantedOrder, orders: Mapping[str, frozenset[int]], kind: AssociationKind | None
) -> list[FieldDifference]:
    """What differs where a return is not associated with its order as it should be.

    orders: order → type ids of its association with the return. kind: None where the portal allows none.
    """
    types = orders.get(wanted.parent_id or "", frozenset())
    return [] if kind is not None and kind.type_id in types else _no_parent(wanted)


def _no_parent(wanted: WantedOrder) -> list[FieldDifference]:
    if wanted.parent_id is None:
        return []
    return [FieldDifference(PARENT_LABEL, "association missing", wanted.parent_id, None)]


def _held_minor(held: HeldOrder | None, name: str) -> int | None:
    if held is None:
        return None
    try:
        return nearest_minor(held.properties.get(name) or "", held.properties.get(CURRENCY) or "")
    except MoneyError:
        return None


def _frame(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    schema = ReturnComparisons.to_schema().columns
    frame = pd.DataFrame(
        {name: typed([row[name] for row in found], column.dtype.type) for name, column in schema.items()}
    )
    return checked(ReturnComparisons, frame)


def return_checks(found: ReturnComparison) -> list[CheckResult]:
    """`return_records_agree`: HubSpot holds every return that it has to hold as NetSuite has it."""
    frame = found.frame
    apart = frame[_written_again(frame)]
    numbers: dict[str, int | str] = {"returns compared": len(frame)}
    numbers |= {f"finding: {name}": int(n) for name, n in frame["finding"].value_counts().items()}
    numbers |= {f"cause: {name}": int(n) for name, n in frame["cause"].dropna().value_counts().items()}
    shown_ones = zip(apart["return_number"].fillna("?"), apart["fields"].fillna(""), strict=True)
    numbers |= {str(number): str(fields)[:300] for number, fields in list(shown_ones)[:10]}
    days = tuple(sorted(set(plain(apart["return_on"]))))
    return [CheckResult("return_records_agree", apart.empty, summary(found), numbers, red_days=days)]


def summary(found: ReturnComparison) -> str:
    """What was found, in one sentence: `12 returns agree, 1 differs: amounts 30.00 USD`."""
    frame = found.frame
    apart = frame[_written_again(frame)]
    text = f"{int((frame['finding'] == 'agrees').sum()):,} returns agree"
    if apart.empty:
        return f"{text}, none differs."
    sums = apart.dropna(subset=["currency", "amount_minor"]).groupby("currency")["amount_minor"].sum()
    amounts = " · ".join(shown(int(minor), str(code)) for code, minor in sums.items())
    return f"{text}, {len(apart):,} differ ({amounts or 'amounts unknown'}); the next sync writes them."
