"""Which pandera model each stored asset keeps, and what Dagster and Parquet make of it.

Belongs here: asset name → model, as Arrow schema, as Dagster table schema. Does not belong here: the
models (each stage's schema.py). Models are imported when first asked for, to keep the code location light.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import dagster as dg

from ns_hs_orders.defs.columns import COLUMN_NOTES
from ns_hs_orders.fields.field import ADDED_PREFIX

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa
    import pyarrow

MODELS: dict[str, str] = {
    "netsuite_raw_orders": "ns_hs_orders.extract.schema:RawOrders",
    "netsuite_raw_lines": "ns_hs_orders.extract.schema:RawLines",
    "orders": "ns_hs_orders.mapping.schema:Orders",
    "order_lines": "ns_hs_orders.mapping.schema:OrderLines",
    "quarantined_orders": "ns_hs_orders.mapping.schema:HeldOrders",
    "skipped_orders": "ns_hs_orders.mapping.schema:HeldOrders",
    "hubspot_upsert_results": "ns_hs_orders.push.schema:UpsertResults",
    "reconciliation_report": "ns_hs_orders.reconcile.schema:Differences",
    "netsuite_raw_returns": "ns_hs_orders.extract.returns.schema:RawReturns",
    "netsuite_raw_return_lines": "ns_hs_orders.extract.returns.schema:RawReturnLines",
    "returns": "ns_hs_orders.mapping.returns.schema:Returns",
    "return_lines": "ns_hs_orders.mapping.returns.schema:ReturnLines",
    "quarantined_returns": "ns_hs_orders.mapping.returns.schema:HeldReturns",
    "skipped_returns": "ns_hs_orders.mapping.returns.schema:HeldReturns",
    "hubspot_return_results": "ns_hs_orders.push.returns.results:ReturnResults",
    "return_reconciliation": "ns_hs_orders.reconcile.returns.compared:ReturnComparisons",
}
DAY_COLUMN = "order_on"
RETURN_DAY_COLUMN = "return_on"
_STORED_PARTS = {"reconciliation_report": "differences", "return_reconciliation": "frame"}


@cache
def model(asset: str) -> type[pa.DataFrameModel]:
    """The pandera model of an asset's stored frame."""
    module, _, name = MODELS[asset].partition(":")
    found: type[pa.DataFrameModel] = getattr(import_module(module), name)
    return found


@cache
def arrow_schema(asset: str) -> pyarrow.Schema:
    """The explicit Arrow types that the asset's Parquet is written with."""
    import pyarrow

    return pyarrow.schema(
        [
            pyarrow.field(name, _arrow_type(str(column.dtype)), nullable=bool(column.nullable))
            for name, column in model(asset).to_schema().columns.items()
        ]
    )


def written_schema(asset: str, frame: pd.DataFrame) -> pyarrow.Schema:
    """The same with the columns of the mapping file's fields, whose types follow from the contract's dtypes."""
    import pyarrow

    schema = arrow_schema(asset)
    for name in frame.columns:
        if is_added(name):
            schema = schema.append(pyarrow.field(name, _arrow_type(str(frame[name].dtype))))
    return schema


def is_added(column: str) -> bool:
    """Whether the mapping file brought a column, whatever it says today."""
    return column.startswith(ADDED_PREFIX)


def _arrow_type(dtype: str) -> pyarrow.DataType:
    import pyarrow

    if dtype.startswith(("string", "str")):
        return pyarrow.string()
    if dtype.startswith("datetime64"):
        return pyarrow.timestamp("us", tz="UTC")
    if dtype.startswith("date32"):
        return pyarrow.date32()
    return {"Int64": pyarrow.int64(), "bool": pyarrow.bool_()}[dtype]


def pandas_type(arrow_type: pyarrow.DataType) -> Any:
    """The pandas dtype that the contracts use for an Arrow type; None keeps Arrow's own choice."""
    import pandas as pd
    import pyarrow

    return {
        pyarrow.string(): pd.StringDtype(na_value=float("nan")),  # pandas 3's own str dtype
        pyarrow.int64(): pd.Int64Dtype(),
        pyarrow.date32(): pd.ArrowDtype(pyarrow.date32()),
    }.get(arrow_type)


def table_schema(asset: str, frame: pd.DataFrame | None = None) -> dg.TableSchema:
    """The asset's columns for the Dagster UI, those of the mapping file's fields in a frame among them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=field.name,
                type=str(field.type),
                description=_added_note(field.name) if is_added(field.name) else COLUMN_NOTES.get(field.name),
                constraints=dg.TableColumnConstraints(nullable=field.nullable),
            )
            for field in (arrow_schema(asset) if frame is None else written_schema(asset, frame))
        ]
    )


def _added_note(column: str) -> str:
    return f"Field {column.removeprefix(ADDED_PREFIX)} of the mapping file."


def stored_part(asset: str, value: Any) -> pd.DataFrame:
    """The frame of an asset's value that is stored: the value itself, or a reconciliation's differences."""
    part = _STORED_PARTS.get(asset)
    frame: pd.DataFrame = getattr(value, part) if part else value
    return frame


def days_of(frame: pd.DataFrame) -> pd.Series[str]:
    """Each row's partition key, YYYY-MM-DD; raw frames hold the day as text already.

    A return's day is its own, not that of its order.
    """
    is_of_returns = RETURN_DAY_COLUMN in frame.columns
    return frame[RETURN_DAY_COLUMN if is_of_returns else DAY_COLUMN].astype("str")
