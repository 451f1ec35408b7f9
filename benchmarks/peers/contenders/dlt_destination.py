"""dlt with a custom destination that takes batches of 100 orders, over as many workers as asked for.

Belongs here: this one contender. Does not belong here: anything that others import.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt.sources.helpers import requests

BATCH = 100
FILE = 500  # items a load package's file; a worker takes a file at a time
url, token, orders_file, workers, folder = sys.argv[1:6]
dlt.config["load.workers"] = int(workers)
dlt.config["data_writer.file_max_items"] = FILE
# dlt's own session: tries 429 and 5xx again with growing waits
http = requests.Client(session_attrs={"headers": {"Authorization": f"Bearer {token}"}})


def sent(path: str, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results of one batch call; dlt's session raises for any refusal."""
    results: list[dict[str, Any]] = http.post(f"{url}{path}", json={"inputs": inputs}).json()["results"]
    return results


def upserted(object_type: str, key_property: str, records: list[dict[str, Any]]) -> dict[str, str]:
    """Key → record id."""
    inputs = [
        {"id": one["key"], "idProperty": key_property, "properties": one["properties"]} for one in records
    ]
    results = sent(f"/crm/v3/objects/{object_type}/batch/upsert", inputs)
    return {one["properties"][key_property]: one["id"] for one in results}


def linked(to_type: str, type_id: int, pairs: list[tuple[str, str]]) -> None:
    """Associates orders with records of another type."""
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    inputs = [{"from": {"id": order}, "to": {"id": other}, "types": types} for order, other in pairs]
    sent(f"/crm/v4/associations/orders/{to_type}/batch/create", inputs)


@dlt.destination(batch_size=BATCH, name="hubspot", loader_parallelism_strategy="parallel")
def hubspot(orders: Any, _table: Any) -> None:
    """Writes one batch of orders, with lines and associations."""
    order_ids = upserted("orders", "netsuite_internal_id", orders)
    lines = [line for order in orders for line in order["lines"]]
    line_ids: dict[str, str] = {}
    for start in range(0, len(lines), BATCH):
        line_ids |= upserted("line_items", "netsuite_line_key", lines[start : start + BATCH])
    linked(
        "line_items",
        513,
        [(order_ids[order["key"]], line_ids[line["key"]]) for order in orders for line in order["lines"]],
    )
    linked("companies", 509, [(order_ids[order["key"]], order["company_id"]) for order in orders])


@dlt.resource(
    name="orders",
    max_table_nesting=0,
    columns={"properties": {"data_type": "json"}, "lines": {"data_type": "json"}},
)
def orders_of_file() -> Iterator[list[dict[str, Any]]]:
    """The orders, in pages."""
    for start in range(0, len(every), FILE):
        yield every[start : start + FILE]


with Path(orders_file).open() as lines_of_file:
    every = [json.loads(line) for line in lines_of_file]
pipeline = dlt.pipeline("orders", destination=hubspot, pipelines_dir=folder)
print("ready", flush=True)
input()
try:
    pipeline.run(orders_of_file())
except PipelineStepFailed as error:
    print(str(error)[:2000], file=sys.stderr)
    sys.exit(1)
