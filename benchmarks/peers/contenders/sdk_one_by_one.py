"""HubSpot's own SDK, the way most examples show it: search for the record, create it where it is not there.

Belongs here: this one contender. Does not belong here: anything that others import.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hubspot import HubSpot
from hubspot.crm import objects
from urllib3.util.retry import Retry

SOME_REFUSED = 3
url, token, orders_file = sys.argv[1:4]
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
basic, searches = client.crm.objects.basic_api, client.crm.objects.search_api
failed: list[str] = []


def held(object_type: str, key_property: str, record: dict[str, Any], to_id: str, type_id: int) -> str:
    """The record's id; it is created with its association where the search does not find it."""
    request = objects.PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": key_property, "operator": "EQ", "value": record["key"]}]}
        ],
        properties=[key_property],
        limit=1,
    )
    found = searches.do_search(object_type, request)
    if found.total:
        same = objects.SimplePublicObjectInput(properties=record["properties"])
        return str(basic.update(object_type, found.results[0].id, same).id)
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    given = objects.SimplePublicObjectInputForCreate(
        properties=record["properties"], associations=[{"to": {"id": to_id}, "types": [kind]}]
    )
    return str(basic.create(object_type, given).id)


with Path(orders_file).open() as lines_of_file:
    every = [json.loads(line) for line in lines_of_file]
print("ready", flush=True)
input()
for order in every:
    try:
        order_id = held("orders", "netsuite_internal_id", order, order["company_id"], 509)
        for line in order["lines"]:
            held("line_items", "netsuite_line_key", line, order_id, 514)
    except objects.ApiException as error:
        failed.append(f"{order['key']}: {error.status} {str(error.body)[:200]}")
for text in failed:
    print(text, file=sys.stderr)
sys.exit(SOME_REFUSED if failed else 0)
