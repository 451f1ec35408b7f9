"""What breaks a frame's contract is found whichever way it is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors

from ns_hs_orders.columns import checked, schema_of, typed
from ns_hs_orders.extract.returns.schema import RawReturnLines, RawReturns
from ns_hs_orders.extract.schema import RawLines, RawOrders
from ns_hs_orders.mapping.returns.schema import HeldReturns, ReturnLines, Returns
from ns_hs_orders.mapping.schema import HeldOrders, OrderLines, Orders
from ns_hs_orders.push.returns.results import ReturnResults
from ns_hs_orders.push.schema import UpsertResults
from ns_hs_orders.reconcile.returns.compare import ReturnComparisons
from ns_hs_orders.reconcile.sales.net_schema import ComparedReturns
from ns_hs_orders.reconcile.schema import ComparedOrders, Differences

CONTRACTS = [
    RawOrders, RawLines, RawReturns, RawReturnLines, Orders, OrderLines, HeldOrders, Returns, ReturnLines, HeldReturns,
    UpsertResults, ReturnResults, ComparedOrders, Differences, ComparedReturns, ReturnComparisons,
]  # fmt: skip
of_each = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda one: one.__name__)


def frame_of(contract: type[pa.DataFrameModel], value: Callable[[Any], Any]) -> pd.DataFrame:
    """Two rows of the contract's types, each with what `value` gives for a column."""
    columns = schema_of(contract).columns
    return pd.DataFrame({name: typed([value(one)] * 2, one.dtype.type) for name, one in columns.items()})


def broken(
    contract: type[pa.DataFrameModel], frame: pd.DataFrame, *, by_pandera: bool
) -> set[tuple[str, ...]]:
    """What is broken: column, check and place of each case."""
    try:
        if by_pandera:
            schema_of(contract).validate(frame, lazy=True)
        else:
            checked(contract, frame)
    except SchemaErrors as errors:
        cases = errors.failure_cases[["schema_context", "column", "check", "index"]]
        return {tuple(str(one) for one in case) for case in cases.itertuples(index=False)}
    return set()


def odd_value(column: Any) -> Any:
    kind = column.dtype.type
    if isinstance(kind, pd.StringDtype):
        return "no such"
    return -5 if isinstance(kind, pd.Int64Dtype) else None


@of_each
@pytest.mark.parametrize("value", [lambda _: None, odd_value], ids=["all is missing", "odd values"])
def test_rows_that_break_a_contract_are_found_as_pandera_finds_them(contract, value) -> None:
    frame = frame_of(contract, lambda column: False if str(column.dtype) == "bool" else value(column))
    found = broken(contract, frame, by_pandera=False)
    assert found == broken(contract, frame, by_pandera=True)
    assert found or (contract in (RawLines, RawReturnLines) and value is odd_value)  # these hold any text


@of_each
def test_a_column_of_another_type_one_too_many_and_one_too_few_are_found(contract) -> None:
    empty = contract.empty()
    first = str(empty.columns[0])
    assert not broken(contract, empty, by_pandera=False)
    for frame in (
        empty.astype({first: "object"}),
        empty.assign(more=pd.Series([], dtype="Int64")),
        empty.drop(columns=first),
    ):
        found = broken(contract, frame, by_pandera=False)
        assert found == broken(contract, frame, by_pandera=True)
        assert found
