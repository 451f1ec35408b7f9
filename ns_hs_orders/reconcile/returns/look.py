"""The returns of a range as both systems have them, looked at again where that is in doubt.

Belongs here: reading returns, their orders and NetSuite's own counts in one pass, and putting both sides together, one
row a return. Does not belong here: what HubSpot's side is (returns.on_orders, returns.in_records), or sums (sales.net).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from ns_hs_orders.columns import checked, dtypes, plain, typed
from ns_hs_orders.errors import ContractError, MoneyError
from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.money import divide, nearest_minor
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.reconcile.look import Sides
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.read_back import BATCH, side_by_side
from ns_hs_orders.reconcile.returns.control import control_of_returns, letter_of
from ns_hs_orders.reconcile.returns.on_orders import RETURNED_PROPERTY
from ns_hs_orders.reconcile.returns.sides import (
    FoundReturns,
    HeldReturn,
    HeldReturnOnly,
    Parent,
    ReturnOfOrder,
    ReturnSides,
)
from ns_hs_orders.reconcile.sales.dollars import company_keys
from ns_hs_orders.reconcile.sales.net import COUNTS_NOTHING, net_red_days
from ns_hs_orders.reconcile.sales.net_schema import ComparedReturns

MOST_LOOKS = 3
_ALONE = {
    "none": "It stands alone: it was made from nothing.",
    "missing": "What it was made from is deleted in NetSuite.",
    "return": "It was made from another return.",
}
_NO_ORDER = "NetSuite has no order behind it."
_DELETED = "Its order is deleted in NetSuite."
_NOT_HELD = "HubSpot does not hold its order."


def look_at_returns(
    sides: Sides, returns: ReturnSides, first: date, last: date, progress: Progress = quiet
) -> FoundReturns:
    """Every return dated in the range, on either side, and NetSuite's control totals.

    Where something differs, all of it is read again, until two looks tell the same, at most three times.

    Raises RemoteError where either system could not be read, ContractError where a return has no outcome.
    """
    found = _look(sides, returns, first, last, progress)
    for _ in range(MOST_LOOKS - 1):
        if not net_red_days(_as_whole(found.returns), found.control):
            break
        again = _look(sides, returns, first, last, progress)
        is_same = again.control == found.control and again.returns.equals(found.returns)
        found = again
        if is_same:
            break
    return found


def _as_whole(returns: pd.DataFrame) -> pd.DataFrame:
    """What counts, as if all parts did: whether a return agrees does not depend on the definition."""
    return returns.assign(
        returned_netsuite_minor=returns["counted_minor"],
        returned_hubspot_minor=returns["counted_hubspot_minor"],
    )


def _look(sides: Sides, returns: ReturnSides, first: date, last: date, progress: Progress) -> FoundReturns:
    progress("returns read from NetSuite", 0, 0)
    raw = returns.read(first, last)
    counted = returns.counted(first, last)
    mapped = returns.map(raw)
    _check_whole(raw, mapped)
    parents = _parents(sides, returns, mapped, returns.orders_of_gone(first, last))
    held, only = returns.compare(mapped, parents, first, last)
    raw, mapped = _still_there(raw, mapped, held)
    frame = _frame(returns, raw, mapped, parents, held, only, first)
    progress("returns compared", len(frame), len(frame))
    return FoundReturns(frame, control_of_returns(raw, mapped, counted, undated=first), returns.held_in)


def _still_there(
    raw: RawReturnsRead, mapped: MappedReturns, held: Mapping[str, HeldReturn]
) -> tuple[RawReturnsRead, MappedReturns]:
    """Without the returns that NetSuite deleted or moved since: its own count has them still, so that all is read again."""

    def kept(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["return_id_netsuite"].isin(list(held))].reset_index(drop=True)

    return replace(raw, returns=kept(raw.returns)), replace(
        mapped,
        returns=kept(mapped.returns),
        quarantined=kept(mapped.quarantined),
        skipped=kept(mapped.skipped),
    )


def _check_whole(raw: RawReturnsRead, mapped: MappedReturns) -> None:
    keys = [
        key
        for frame in (mapped.returns, mapped.quarantined, mapped.skipped)
        for key in plain(frame["return_id_netsuite"])
    ]
    read = plain(raw.returns["return_id_netsuite"])
    if sorted(keys) != sorted(read):
        apart = sorted(set(keys) ^ set(read))
        raise ContractError(f"Returns with no outcome, or more than one: {', '.join(apart[:10]) or 'twice'}.")


def _parents(
    sides: Sides, returns: ReturnSides, mapped: MappedReturns, of_gone: Sequence[str]
) -> dict[str, Parent]:
    """The orders of the returns, by internal id; those that NetSuite does not have are absent. of_gone: others to be read."""
    ids = sorted(
        set(of_gone)
        | {
            key
            for frame in (mapped.returns, mapped.quarantined, mapped.skipped)
            for key in plain(frame["parent_order_id"])
            if key is not None
        }
    )
    if not ids:
        return {}
    raw = sides.read_orders_by_id(ids)
    orders, of_orders = sides.map_orders(raw), returns.of_orders(raw)
    states = sides.known.load(ids, links=False)
    records: dict[str | None, CrmRecord] = {}

    def read(batch: Sequence[str]) -> Any:
        names = [UNIQUE_ORDER_KEY, RETURNED_PROPERTY, "hs_currency_code"]
        return sides.crm.batch_read("orders", batch, names, key_property=UNIQUE_ORDER_KEY)

    for _, answer in side_by_side(read, ids, BATCH, sides.threads):
        records |= {one.properties.get(UNIQUE_ORDER_KEY): one for one in answer.results if not one.archived}
    found = {}
    for frame, is_valid in ((orders.orders, True), (orders.quarantined, False), (orders.skipped, False)):
        names = ["order_id_netsuite", "order_number", "order_on", "currency", "total_minor"]
        names += [] if is_valid else ["explanation"]
        for row in rows(frame, names):
            key = row["order_id_netsuite"]
            record = records.get(key)
            properties: Mapping[str, str | None] = {} if record is None else record.properties
            currency = properties.get("hs_currency_code") or None
            found[key] = Parent(
                row["order_number"],
                row["order_on"],
                row["currency"],
                row["total_minor"],
                tuple(
                    one
                    for one in sorted(
                        (ReturnOfOrder(*one) for one in of_orders.get(key, ())),
                        key=lambda one: (one.return_on, int(one.return_id_netsuite)),
                    )
                    if one.currency == row["currency"]
                ),
                None if record is None else record.id,
                _amount(properties.get(RETURNED_PROPERTY), currency),
                currency,
                states.get(key),
                row.get("explanation"),
            )
    return found


def _amount(text: str | None, currency: str | None) -> int | None:
    try:
        return nearest_minor(text, currency) if text and currency else None
    except MoneyError:
        return None


def _over_returns(parents: Iterable[Parent]) -> dict[str, int]:
    """Return → its part of what was returned beyond its order's total: the oldest ones use up the total first."""
    found = {}
    for parent in parents:
        if parent.total_minor is None:
            continue
        left = parent.total_minor
        for one in parent.returns:
            beyond = max(0, one.counted_minor - max(0, left))
            left -= one.counted_minor
            if beyond:
                found[one.return_id_netsuite] = beyond
    return found


def _frame(
    sides: ReturnSides,
    raw: RawReturnsRead,
    mapped: MappedReturns,
    parents: Mapping[str, Parent],
    held: Mapping[str, HeldReturn],
    only: Iterable[HeldReturnOnly],
    undated: date,
) -> pd.DataFrame:
    types = dtypes(ComparedReturns)
    records = [*_valid(mapped, parents), *_held_back(sides, raw, mapped, parents, undated)]
    over = _over_returns(parents.values())
    for row in records:
        row["over_minor"] = over.get(row["return_id_netsuite"], 0)
        row |= _of_hubspot(held[row["return_id_netsuite"]])
    records += [
        {
            "return_id_netsuite": one.key,
            "return_number": one.number,
            "return_on": one.return_on,
            "parent_order_id": one.order_id,
            "over_minor": 0,
            **_of_hubspot(one.held),
        }
        for one in only
    ]
    records.sort(
        key=lambda one: (one["return_on"], len(one["return_id_netsuite"]), one["return_id_netsuite"])
    )
    for row in records:
        record_id = row["return_id_hubspot"]
        row["url_hubspot"] = sides.url_hubspot.replace("{id}", record_id) or None if record_id else None
    frame = pd.DataFrame(
        {name: typed([row.get(name) for row in records], dtype) for name, dtype in types.items()}
    )
    return checked(ComparedReturns, frame)


def _of_hubspot(held: HeldReturn) -> dict[str, Any]:
    return {
        "outcome": held.outcome,
        "finding": held.finding,
        "cause": held.cause,
        "reason": held.reason,
        "explanation": held.explanation,
        "counted_hubspot_minor": held.counted_minor,
        "currency_hubspot": held.currency,
        "return_id_hubspot": held.record_id,
    }


def _valid(mapped: MappedReturns, parents: Mapping[str, Parent]) -> Iterable[dict[str, Any]]:
    returns = mapped.returns
    companies = plain(
        pd.Series(company_keys(returns["customer_id"], returns["company_id_hubspot"]), index=returns.index)
    )
    names = (
        "return_id_netsuite", "return_number", "return_on", "customer_name", "rep_name", "source_store", "stage",
        "currency", "exchange_rate", "amount_minor", "counted_minor", "tax_minor", "shipping_cost_minor",
        "parent_kind", "parent_order_id", "parent_order_number", "parent_order_on", "return_url",
    )  # fmt: skip
    for row, company in zip(rows(returns, names), companies, strict=True):
        shares = (int(row["counted_minor"]), int(row["amount_minor"]))
        yield {
            **row,
            "company": company,
            "tax_minor": _share(int(row["tax_minor"]), *shares),
            "shipping_minor": _share(int(row["shipping_cost_minor"]), *shares),
            "without_order": _without_order(row["parent_kind"], row["parent_order_id"], parents),
            "url_netsuite": row["return_url"],
        }


def _held_back(
    sides: ReturnSides,
    raw: RawReturnsRead,
    mapped: MappedReturns,
    parents: Mapping[str, Parent],
    undated: date,
) -> Iterable[dict[str, Any]]:
    """Returns that are held back. What counts of one is known where its order tells it; else the whole of it does, unless
    its stage counts nothing. Its tax and shipping are not known.
    """
    known = raw.returns.set_index("return_id_netsuite")
    names = (
        "return_id_netsuite", "return_number", "return_on", "customer_id", "customer_name", "rep_name", "status",
        "currency", "amount_minor", "parent_order_id",
    )  # fmt: skip
    for frame in (mapped.quarantined, mapped.skipped):
        of_raw = known.reindex(frame["return_id_netsuite"].to_numpy())
        is_company = (of_raw["customer_is_person"] != "T").to_numpy()
        companies = of_raw["customer_hubspot_id"].where(is_company).reset_index(drop=True)
        keys = plain(pd.Series(company_keys(frame["customer_id"], companies)))
        stores, rates = plain(of_raw["source_store"]), plain(of_raw["exchange_rate"])
        for row, company, store, rate in zip(rows(frame, names), keys, stores, rates, strict=True):
            stage = sides.stage_of_status.get(letter_of(row["status"]))
            parent = parents.get(row["parent_order_id"] or "")
            whole = None if row["currency"] is None else row["amount_minor"]
            counted = None if whole is None else 0 if stage in COUNTS_NOTHING else int(whole)
            for one in parent.returns if parent is not None and whole is not None else ():
                if one.return_id_netsuite == row["return_id_netsuite"]:
                    counted = one.counted_minor
            yield {
                **row,
                "return_on": row["return_on"] or undated,
                "company": company,
                "source_store": store,
                "exchange_rate": rate,
                "stage": stage,
                "amount_minor": whole,
                "counted_minor": counted,
                "parent_order_number": None if parent is None else parent.order_number,
                "parent_order_on": None if parent is None else parent.order_on,
                "without_order": _without_order(None, row["parent_order_id"], parents),
                "url_netsuite": sides.url_netsuite.replace("{id}", row["return_id_netsuite"]) or None,
            }


def _without_order(kind: str | None, order: str | None, parents: Mapping[str, Parent]) -> str | None:
    if order is None:
        return _ALONE.get(kind or "none", _NO_ORDER)
    parent = parents.get(order)
    if parent is None:
        return _DELETED
    if parent.record_id is None:
        return f"{_NOT_HELD} {parent.explanation}" if parent.explanation else _NOT_HELD
    return None


def _share(part: int, counted: int, whole: int) -> int:
    """What of a part counts, in the proportion of the whole; half-up."""
    if counted == whole or not part or not whole:
        return part if counted == whole else 0
    return int(divide(Decimal(part * counted), Decimal(whole), 0))
