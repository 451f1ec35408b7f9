"""datacompy on two frames of text, on pandas or on polars; prints what it took and found as JSON.

Belongs here: this one contender. Does not belong here: anything that others import.

Amounts are made numbers before, since datacompy compares texts to the letter and HubSpot drops trailing zeros; that is
counted.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import datacompy

AMOUNTS = (
    "hs_total_price",
    "hs_subtotal_price",
    "hs_tax",
    "hs_order_discount",
    "hs_shipping_cost",
    "netsuite_payment_applied",
    "netsuite_unclassified_amount",
    "netsuite_closed_amount",
)
library, folder, key = sys.argv[1:4]
files = (Path(folder) / "netsuite.parquet", Path(folder) / "hubspot.parquet")
compared: Any
if library == "pandas":
    import pandas as pd

    netsuite, hubspot = (pd.read_parquet(file) for file in files)
    began = time.process_time()
    netsuite, hubspot = (
        side.assign(**{name: pd.to_numeric(side[name]) for name in AMOUNTS}) for side in (netsuite, hubspot)
    )
    compared = datacompy.PandasCompare(netsuite, hubspot, join_columns=key)
else:
    import polars as pl

    netsuite, hubspot = (pl.read_parquet(file) for file in files)
    began = time.process_time()
    netsuite, hubspot = (side.with_columns(pl.col(AMOUNTS).cast(pl.Float64)) for side in (netsuite, hubspot))
    compared = datacompy.PolarsCompare(netsuite, hubspot, join_columns=key)
unequal = int(len(compared.intersect_rows) - compared.count_matching_rows())
missing, extra = len(compared.df1_unq_rows), len(compared.df2_unq_rows)
print(
    json.dumps(
        {
            "cpu": time.process_time() - began,
            "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "differing": unequal + missing + extra,
            "unequal": unequal,
            "only_in_netsuite": missing,
            "only_in_hubspot": extra,
        }
    )
)
