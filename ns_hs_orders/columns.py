"""Columns: plain Python values into typed pandas columns, and back, at Arrow's speed.

Belongs here: the dtypes that the contracts use, what a missing value is on either side (None outside), and whether a frame
keeps its contract. Does not belong here: which columns there are (each stage's schema.py), or any meaning of a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import compute

if TYPE_CHECKING:
    import pandera.pandas as pa

    Contract = type[pa.DataFrameModel] | pa.DataFrameSchema

_LARGE = pyarrow.large_string()
_TO_THE_MILLISECOND = len("2026-03-01 17:00:00.000")


def typed(values: Sequence[Any], dtype: Any) -> Any:
    """A pandas column of text, whole numbers, dates, UTC times or booleans; None is missing. Text may be Arrow's.

    Raises ValueError or TypeError where a value is of another type (Arrow's errors are both).
    """
    if isinstance(dtype, pd.StringDtype):
        arrow = isinstance(values, (pyarrow.Array, pyarrow.ChunkedArray))
        return dtype.__from_arrow__(values if arrow else pyarrow.array(values, _LARGE))  # type: ignore[attr-defined]
    if isinstance(dtype, pd.Int64Dtype):
        return dtype.__from_arrow__(_whole_numbers(values))  # type: ignore[attr-defined]
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.__from_arrow__(pyarrow.array(values, dtype.pyarrow_dtype))  # type: ignore[attr-defined]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return dtype.__from_arrow__(pyarrow.array(values, pyarrow.timestamp("us", tz="UTC")))
    return pd.array(values, dtype=dtype)


def _whole_numbers(values: Sequence[Any]) -> Any:
    # Told the type beforehand, Arrow would cut a float down to an integer.
    inferred = pyarrow.array(values)
    if not pyarrow.types.is_integer(inferred.type) and not pyarrow.types.is_null(inferred.type):
        raise TypeError(f"a column of whole numbers cannot hold {inferred.type}")
    return inferred.cast(pyarrow.int64())


def schema_of(contract: Contract) -> pa.DataFrameSchema:
    """A frame's contract as a schema; one that is wider than its model is one already."""
    return contract.to_schema() if isinstance(contract, type) else contract


def checked(contract: Contract, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, which keeps its contract. Raises pandera's SchemaErrors with each row that breaks it.

    Where the frame has exactly the columns and types, pandera is asked only what they do not tell: it looks at each
    text to tell a column's type, which takes most of the time of a check. Where nothing else is broken either, its
    checks alone tell so, at a fifth of what it takes pandera to go through the columns.
    """
    if not (isinstance(contract, type) and _has_types_of(contract, frame)):
        return schema_of(contract).validate(frame, lazy=True)
    beyond_types = _beyond_types(contract)
    if frame.empty or _keeps(beyond_types, frame):
        return frame
    return beyond_types.validate(frame, lazy=True)


@cache
def dtypes(model: type[pa.DataFrameModel]) -> Mapping[str, Any]:
    """Column → the type that pandas holds it as, in the contract's order."""
    return {name: column.dtype.type for name, column in model.to_schema().columns.items()}


def _has_types_of(model: type[pa.DataFrameModel], frame: pd.DataFrame) -> bool:
    return dict(frame.dtypes.items()) == dtypes(model)


@cache
def _beyond_types(model: type[pa.DataFrameModel]) -> pa.DataFrameSchema:
    schema = deepcopy(model.to_schema())
    schema.strict = False
    schema.columns = {
        name: one for name, one in schema.columns.items() if one.checks or one.unique or not one.nullable
    }
    for column in schema.columns.values():
        column.dtype = None
    return schema


def _keeps(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> bool:
    """Whether the frame, of the right columns and types, breaks nothing. It is not said where: that is pandera's."""
    for name, one in schema.columns.items():
        column = frame[name]
        if (not one.nullable and column.hasnans) or (one.unique and not column.is_unique):
            return False
        if not all(check(column).check_passed for check in one.checks):
            return False
    if schema.unique and frame.duplicated(list(schema.unique)).any():
        return False
    return all(check(frame).check_passed for check in schema.checks)


def widened(model: type[pa.DataFrameModel], added: Mapping[str, pa.Column]) -> Contract:
    """A frame's contract with exactly these columns more, each like the column of a contract that it is given."""
    if not added:
        return model
    import pandera.pandas as pa

    more = {name: pa.Column(like.dtype, nullable=True, name=name) for name, like in added.items()}
    wide: pa.DataFrameSchema = model.to_schema().add_columns(more)
    return wide


def plain(column: pd.Series[Any]) -> list[Any]:
    """The values of a column as Python's own, None where one is missing."""
    values = column.array
    if isinstance(values.dtype, (pd.StringDtype, pd.ArrowDtype)):
        found: list[Any] = pyarrow.array(values, from_pandas=True).to_numpy(zero_copy_only=False).tolist()
        return found
    missing = column.isna()
    found = column.tolist()
    if not missing.any():
        return found
    return [None if absent else one for one, absent in zip(found, missing.tolist(), strict=True)]


def parts(
    orders: pd.DataFrame, lines: pd.DataFrame, key: str, size: int
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The orders in runs of at most `size`, each with its own lines, both in the order of their frames.

    key: the column of both frames that tells which lines are an order's; lines of no order are left out.
    """
    places = {one: number for number, one in enumerate(plain(orders[key]))}
    place = np.array([places.get(one, -1) for one in plain(lines[key])], dtype=np.int64)
    by_order = np.argsort(place, kind="stable")
    sorted_place = place[by_order]
    for start in range(0, len(orders), size):
        first, last = np.searchsorted(sorted_place, [start, start + size])
        yield orders.iloc[start : start + size], lines.iloc[by_order[first:last]]


def texts(column: pd.Series[Any]) -> list[str]:
    """A column of text or dates as text, dates as YYYY-MM-DD; empty where a value is missing."""
    return _filled(pyarrow.array(column.array, from_pandas=True).cast(_LARGE))


def utc_texts(column: pd.Series[Any]) -> list[str]:
    """UTC times as `2026-03-01T17:00:00.000Z`, cut at the millisecond; empty where one is missing."""
    stamps = pyarrow.array(column, from_pandas=True).cast(pyarrow.timestamp("us", tz="UTC"))
    # Without its zone, Arrow writes a time as ISO 8601 has it, but for the T and the Z: 2026-03-01 17:00:00.000000
    written = stamps.cast(pyarrow.timestamp("us")).cast(pyarrow.string())
    cut = compute.utf8_slice_codeunits(written, 0, _TO_THE_MILLISECOND)
    return _filled(compute.binary_join_element_wise(compute.replace_substring(cut, " ", "T"), "Z", ""))


def _filled(written: Any) -> list[str]:
    """Equal texts as one object: most columns repeat themselves."""
    encoded = written.fill_null("").dictionary_encode()
    if isinstance(encoded, pyarrow.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct: list[str] = encoded.dictionary.to_numpy(zero_copy_only=False).tolist()
    return [distinct[place] for place in encoded.indices.to_numpy().tolist()]
