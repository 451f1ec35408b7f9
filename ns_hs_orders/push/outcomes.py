"""The frame of outcomes: every order that was read, with exactly one outcome.

Belongs here: putting fates and mapped frames together. Does not belong here: deciding a fate (unit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ns_hs_orders.columns import checked, plain, typed
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.jobs import Fate
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import UpsertResults, WantedOrder

_CARRIED = (
    "order_id_netsuite",
    "order_number",
    "order_on",
    "customer_id",
    "customer_name",
    "rep_name",
    "currency",
    "total_minor",
    "modified_at",
    "read_ticket",
)
_TEXT = pd.StringDtype(na_value=float("nan"))  # pandas' own str
_HELD = ("raw_currency", "raw_total", "outcome", "reason", "explanation")


def outcome_frame(
    mapped: MappedOrders,
    fates: Mapping[str, Fate],
    warnings: Mapping[str, str],
    line_counts: Mapping[str, int],
    states: Mapping[str, OrderState],
) -> pd.DataFrame:
    """The validated frame UpsertResults.

    fates, warnings and line_counts: by id, of every order of `mapped.orders`. states: of the orders
    that are held back, for the HubSpot id of an earlier version.
    """
    held = pd.concat([mapped.quarantined, mapped.skipped], ignore_index=True)
    pushed_ids: list[str] = plain(mapped.orders["order_id_netsuite"])
    held_ids: list[str] = plain(held["order_id_netsuite"])
    pushed = [fates[one] for one in pushed_ids]
    carried = pd.concat([mapped.orders[[*_CARRIED]], held[[*_CARRIED]]], ignore_index=True)
    given = held[[*_HELD]]
    nothing: list[Any] = [None] * len(pushed)

    def with_held(values: Sequence[Any], column: str) -> list[Any]:
        return [*values, *plain(given[column])]

    columns = {name: carried[name].array for name in _CARRIED} | {
        "outcome": _text(with_held([one.outcome for one in pushed], "outcome")),
        "reason": _text(with_held([one.reason for one in pushed], "reason")),
        "explanation": _text(with_held([one.explanation for one in pushed], "explanation")),
        "raw_currency": _text(with_held(nothing, "raw_currency")),
        "raw_total": _text(with_held(nothing, "raw_total")),
        "order_id_hubspot": _text(
            [one.order_id_hubspot for one in pushed]
            + [states[one].order_id_hubspot if one in states else None for one in held_ids]
        ),
        "lines": _count([line_counts.get(one, 0) for one in pushed_ids] + [0] * len(held)),
        "lines_archived": _count([one.lines_archived for one in pushed] + [0] * len(held)),
        "warnings": _text([warnings[one] for one in pushed_ids] + [""] * len(held)),
        "confirmed_at": typed(
            [one.confirmed_at for one in pushed] + [None] * len(held), pd.DatetimeTZDtype("us", "UTC")
        ),
    }
    names = list(UpsertResults.to_schema().columns)
    return checked(UpsertResults, pd.DataFrame({name: columns[name] for name in names}))


def warning_codes(mapped: str, wanted: WantedOrder) -> str:
    """The order's warning codes, those of the mapping, `unknown_rep` and those of its associations."""
    codes = [mapped, "unknown_rep" if wanted.unknown_rep else "", *wanted.link_warnings]
    return ",".join(one for one in codes if one)


def _text(values: Sequence[Any]) -> Any:
    return typed(values, _TEXT)


def _count(values: Sequence[int]) -> Any:
    return typed(values, pd.Int64Dtype())
