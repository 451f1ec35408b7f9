"""Mapped rows into typed frames, and what a frame's contract says of single rows.

Belongs here: building a frame of a contract, and turning a broken contract into one problem a row. Does not belong
here: which rows there are (map_orders.py, map_returns.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandera.errors import SchemaErrors

from ns_hs_orders.columns import checked, dtypes, schema_of, typed
from ns_hs_orders.errors import ContractError
from ns_hs_orders.mapping.schema import Problem

if TYPE_CHECKING:
    import pandera.pandas as pa

    from ns_hs_orders.columns import Contract


def made_frame(contract: Contract, rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """The frame of a contract; each row has the values of its columns, in their order."""
    if not rows and isinstance(contract, type):
        return _empty(contract).copy()
    columns: Mapping[str, Any] = schema_of(contract).columns
    values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pd.DataFrame(
        {
            name: typed(column_values, column.dtype.type)
            for (name, column), column_values in zip(columns.items(), values, strict=True)
        }
    )


@cache
def _empty(model: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Most readings have no order that is held back, or none that is skipped."""
    return pd.DataFrame({name: typed([], dtype) for name, dtype in dtypes(model).items()})


def broken_rows(
    contract: Contract,
    frame: pd.DataFrame,
    key: str,
    reason_of_column: Mapping[str, str],
    reasons: Mapping[str, str],
    priority: Sequence[str],
) -> dict[str, Problem]:
    """Key → what its row breaks, the first by priority. Raises ContractError where the frame as a whole is wrong.

    reasons: reason codes; a check that is named as one is filed under it.
    """
    try:
        checked(contract, frame)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return {}
    ids = frame[key].tolist()
    broken: dict[str, Problem] = {}
    for context, column, check, index in zip(
        *(cases[name] for name in ("schema_context", "column", "check", "index")), strict=True
    ):
        if pd.isna(index):
            raise ContractError(
                f"{schema_of(contract).name} breaks its contract as a whole: {column} {check}. This is a fault of the "
                "mapping, not of the data; please report it."
            )
        if context == "Column":
            reason = reason_of_column.get(str(column), "breaks_contract")
            problem = Problem(reason, f"{column} breaks its contract ({check}).")
        else:
            # a check of several columns is reported once for each of them, so that only its own name tells
            reason = str(check) if str(check) in reasons else "breaks_contract"
            problem = Problem(reason, f"The row breaks its contract ({check}).")
        known = broken.setdefault(ids[int(index)], problem)
        if priority.index(problem.reason) < priority.index(known.reason):
            broken[ids[int(index)]] = problem
    return broken
