"""What breaks a frame's contract is found whichever way it is checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
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
from ns_hs_orders.reconcile.returns.compared import ReturnComparisons
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


def good_frame(contract: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Two rows that break nothing, alike but for what must be unique."""
    schema = schema_of(contract)
    one_of_a_kind = (schema.unique or ())[-1:]
    return pd.DataFrame(
        {
            name: typed(["1", "2"] if name in one_of_a_kind else [good_value(column)] * 2, column.dtype.type)
            for name, column in schema.columns.items()
        }
    )


def good_value(column: Any) -> Any:
    told = column.checks[0].statistics if column.checks else {}
    if "allowed_values" in told:
        return min(told["allowed_values"])
    kind = column.dtype.type
    if isinstance(kind, pd.StringDtype):
        return "USD" if "A-Z" in str(told.get("pattern")) else "1"
    if isinstance(kind, pd.ArrowDtype):
        return date(2026, 3, 2)
    if isinstance(kind, pd.DatetimeTZDtype):
        return datetime(2026, 3, 2, tzinfo=UTC)
    return 0 if isinstance(kind, pd.Int64Dtype) else False


@of_each
def test_a_single_value_that_is_missing_odd_or_there_twice_is_found_by_its_column(contract) -> None:
    good, schema = good_frame(contract), schema_of(contract)
    assert not broken(contract, good, by_pandera=True)
    assert not broken(contract, good, by_pandera=False)
    found, expected = set(), set()
    for name, column in schema.columns.items():
        kind, values = column.dtype.type, good[name].tolist()
        for what, odd, counts in (
            ("missing", None, not column.nullable and str(column.dtype) != "bool"),
            ("odd", odd_value(column), bool(column.checks)),
            ("twice", values[0], name in (schema.unique or ())[-1:]),
        ):
            if counts:
                expected.add((what, name))
                worse = good.assign(**{name: typed([values[0], odd], kind)})
                found |= {(what, case[1]) for case in broken(contract, worse, by_pandera=False)}
    assert found >= expected
    assert expected


@of_each
def test_amounts_of_one_row_that_contradict_each_other_are_found_as_pandera_finds_them(contract) -> None:
    good, schema = good_frame(contract), schema_of(contract)
    amounts = [
        name for name, column in schema.columns.items() if isinstance(column.dtype.type, pd.Int64Dtype)
    ]
    for name in amounts if schema.checks else ():
        worse = good.assign(**{name: typed([0, 7], pd.Int64Dtype())})
        assert broken(contract, worse, by_pandera=False) == broken(contract, worse, by_pandera=True)
