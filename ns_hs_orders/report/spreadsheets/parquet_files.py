"""The result's frames as Parquet files, for programs: amounts in minor units, every column with its type.

Belongs here: Arrow types of what is written. Does not belong here: frames of the assets (Dagster's storage keeps
those), or where the files stand. Each file carries the range, the definition and the sentence as metadata.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import pandas as pd
import pyarrow
import pyarrow.parquet

from ns_hs_orders.report.figures import sentence
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.spreadsheets.sheets import (
    AT_RISK_COLUMNS,
    NET_SALES_COLUMNS,
    bridge_rows,
    net_sales_rows,
)

FILES = ("bridge", "at_risk", "differences", "orders")
NET_FILES = ("net_sales", "returns")
"""Those that are there only where returns are read."""
_BRIDGE = pyarrow.schema(
    [
        ("view", pyarrow.string()),
        ("currency", pyarrow.string()),
        ("step", pyarrow.string()),
        ("kind", pyarrow.string()),
        ("orders", pyarrow.int64()),
        ("amount_minor", pyarrow.int64()),
        ("meaning", pyarrow.string()),
    ]
)
_OF_KIND = {"money": pyarrow.int64(), "count": pyarrow.int64(), "date": pyarrow.date32()}
_AT_RISK = pyarrow.schema(
    [(column.source, _OF_KIND.get(column.kind, pyarrow.string())) for column in AT_RISK_COLUMNS]
)


_NET_SALES = pyarrow.schema(
    [(column.source, _OF_KIND.get(column.kind, pyarrow.string())) for column in NET_SALES_COLUMNS]
)


def files_of(review: Review) -> tuple[str, ...]:
    """The files that a review has."""
    return FILES if review.result.net is None else (*FILES, *NET_FILES)


def write_parquet(name: str, review: Review, file: BinaryIO) -> None:
    """Writes one of `files_of` to an open file. Raises OSError where the disk refuses."""
    result = review.result
    if name == "bridge":
        table = pyarrow.Table.from_pylist([row._asdict() for row in bridge_rows(result)], schema=_BRIDGE)
    elif name == "at_risk":
        records = [{field: getattr(risk, field) for field in _AT_RISK.names} for risk in review.risks]
        table = pyarrow.Table.from_pylist(records, schema=_AT_RISK)
    elif name == "net_sales":
        table = pyarrow.Table.from_pylist(list(net_sales_rows(result)), schema=_NET_SALES)
    elif name == "returns" and result.net is not None:
        table = _typed(result.net.returns)
    else:
        table = _typed(result.differences if name == "differences" else result.orders)
    about = {
        "mode": result.mode,
        "from": result.first.isoformat(),
        "to": result.last.isoformat(),
        "made_at": result.made_at.isoformat(),
        "definition": result.definition.written(),
        "definition_version": result.definition.version,
        "sentence": sentence(result),
    }
    # pandas' own note stays in it, so that pandas reads back the very dtypes
    kept = {**(table.schema.metadata or {}), **about}
    pyarrow.parquet.write_table(table.replace_schema_metadata(kept), file, compression="zstd")


def _typed(frame: pd.DataFrame) -> pyarrow.Table:
    schema = pyarrow.schema([(name, _arrow_type(frame[name].dtype)) for name in frame.columns])
    return pyarrow.Table.from_pandas(frame, schema=schema, preserve_index=False)


def _arrow_type(dtype: Any) -> pyarrow.DataType:
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.pyarrow_dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pyarrow.timestamp("us", tz="UTC")
    return pyarrow.int64() if isinstance(dtype, pd.Int64Dtype) else pyarrow.string()
