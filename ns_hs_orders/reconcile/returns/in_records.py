"""HubSpot's side of returns that are records of their own, in the terms of net sales.

Belongs here: what a comparison of records says of each return. Does not belong here: comparing records
(returns.compare), returns that stand on their orders alone (returns.on_orders), or sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ns_hs_orders.columns import plain
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.returns.compared import ReturnComparison
from ns_hs_orders.reconcile.returns.sides import HeldReturn, HeldReturnOnly


def held_in_records(
    mapped: MappedReturns, compared: ReturnComparison
) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
    """What HubSpot's records tell of each mapped return, and those that HubSpot alone dates in the range.

    compared: of the same reading of the same days. One whose counted amount or currency cannot be read in HubSpot is of an
    unknown amount. A return that was deleted or moved to another day since is left out.
    """
    keys = {
        key
        for frame in (mapped.returns, mapped.quarantined, mapped.skipped)
        for key in plain(frame["return_id_netsuite"])
    }
    names = (
        "return_id_netsuite", "return_number", "return_on", "outcome", "finding", "cause", "explanation", "fields",
        "hubspot_currency", "hubspot_counted_minor", "return_id_hubspot",
    )  # fmt: skip
    found: dict[str, HeldReturn] = {}
    only: list[HeldReturnOnly] = []
    for row in rows(compared.frame, names):
        held = _held(row)
        if row["return_id_netsuite"] in keys:
            found[row["return_id_netsuite"]] = held
        else:
            only.append(
                HeldReturnOnly(row["return_id_netsuite"], row["return_number"], row["return_on"], held)
            )
    return found, only


def _held(row: Mapping[str, Any]) -> HeldReturn:
    counted = row["hubspot_counted_minor"]
    what = row["explanation"]
    if what is None and row["fields"]:
        what = f"What differs: {row['fields']}."
    return HeldReturn(
        row["outcome"],
        row["finding"],
        row["cause"],
        None,
        what,
        None if counted is None else int(counted),
        None if counted is None else row["hubspot_currency"],
        row["return_id_hubspot"],
    )
