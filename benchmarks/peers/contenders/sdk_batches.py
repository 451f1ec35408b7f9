"""HubSpot's own SDK: typed batch upserts of 100, over as many threads as asked for.

Belongs here: this one contender. Does not belong here: anything that others import.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hubspot import HubSpot
from hubspot.crm import objects
from hubspot.crm.associations import v4
from urllib3.util.retry import Retry

BATCH = 100
SOME_REFUSED = 3
url, token, orders_file, threads = sys.argv[1:5]
# allowed_methods: urllib3 does not try a POST again otherwise, whatever its status
client = HubSpot(
    access_token=token,
    host=url,
    base_url=url,
    retry=Retry(
        total=10,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,
        backoff_factor=0.5,
        backoff_max=10,
        raise_on_status=False,
    ),
)
batches = client.crm.objects.batch_api
links = client.crm.associations.v4.batch_api
failed: list[str] = []


def upserted(object_type: str, key_property: str, records: list[dict[str, Any]]) -> dict[str, str]:
    """Key → record id."""
    body = objects.BatchInputSimplePublicObjectBatchInputUpsert(
        inputs=[
            objects.SimplePublicObjectBatchInputUpsert(
                id=one["key"], id_property=key_property, properties=one["properties"]
            )
            for one in records
        ]
    )
    answer = batches.upsert(object_type, body)
    return {result.properties[key_property]: result.id for result in answer.results}


def linked(to_type: str, type_id: int, pairs: list[tuple[str, str]]) -> None:
    """Associates orders with records of another type."""
    kind = v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=type_id)
    inputs = [
        v4.PublicAssociationMultiPost(_from={"id": order}, to={"id": other}, types=[kind])
        for order, other in pairs
    ]
    links.create("orders", to_type, v4.BatchInputPublicAssociationMultiPost(inputs=inputs))


def write(orders: list[dict[str, Any]]) -> None:
    """One batch of orders, with lines and associations; a refusal costs this batch and no other."""
    try:
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
    except (objects.ApiException, v4.ApiException) as error:
        failed.append(f"{orders[0]['key']} …: {error.status} {str(error.body)[:200]}")


with Path(orders_file).open() as lines_of_file:
    every = [json.loads(line) for line in lines_of_file]
print("ready", flush=True)
input()
with ThreadPoolExecutor(int(threads)) as pool:
    list(pool.map(write, [every[start : start + BATCH] for start in range(0, len(every), BATCH)]))
for text in failed:
    print(text, file=sys.stderr)
sys.exit(SOME_REFUSED if failed else 0)
