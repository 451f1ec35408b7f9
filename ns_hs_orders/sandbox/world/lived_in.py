"""The same company in a HubSpot that others used before: addresses of deals copied by hand, orders of a shop connector.

Here: what is odd in a portal of some years and wrong in no system, over a made-up world. Not here: the world itself
(company/), orders that are wrong on purpose (company/bad_orders.py).
"""

from __future__ import annotations

from random import Random

from ns_hs_orders.sandbox.world.company.customers import HUBSPOT_ID
from ns_hs_orders.sandbox.world.model import Row, World

FIRST_FOREIGN_ORDER = 31_000_000_001
OTHER_PORTAL = "21345678"
URL_FIELD = "custbody_hubspot_deal_url"
_PORTAL = "48900001"
_ADDRESSES = (
    f"https://app.hubspot.com/contacts/{OTHER_PORTAL}/record/0-3/{{deal}}",
    f"https://app.hubspot.com/contacts/{_PORTAL}/deal/{{deal}}/",
    f"https://app.hubspot.com/contacts/{_PORTAL}/company/{{deal}}",
    f"https://app-eu1.hubspot.com/contacts/{_PORTAL}/objects/0-3/views/all/list?record={{deal}}",
    '<a href="https://crm.ridgeandriver.example/deal/{deal}" target="_blank">Open the deal</a>',
    f"app.hubspot.com/sales/{_PORTAL}/deal/{{deal}}?interaction=note",
    "{deal}",
    f"https://app.hubspot.com/contacts/{_PORTAL}/record/0-3/9{{deal}}",
)
"""The first is another portal's, the third a company's, the fourth a list's, the last that of a deal that is not there."""


def lived_in(world: World, seed: int) -> World:
    """A copy in which some orders keep the address of their deal in another form, and a shop connector wrote orders too.

    As far as there are orders enough: each of _ADDRESSES once; and in HubSpot three orders without any key, two that stand
    for one of NetSuite's (by its number, by its internal id) and one that stands for none. Chosen by `seed` and the world
    alone. No amount of NetSuite changes.
    """
    rng = Random(f"{seed} lived in")  # noqa: S311 - a story, not a secret
    bad = {number for numbers in world.planted.values() for number in numbers}
    synced = {row["id"] for row in world.netsuite["customer"] if row.get(HUBSPOT_ID)}
    good = [row for row in world.orders() if row["tranid"] not in bad and row["entity"] in synced]
    with_deal = [row for row in good if row[URL_FIELD]]
    chosen = rng.sample(with_deal, min(len(with_deal), len(_ADDRESSES)))
    addresses = {
        row["id"]: form.format(deal=(row[URL_FIELD] or "").rpartition("/")[2])
        for row, form in zip(chosen, _ADDRESSES, strict=False)
    }
    headers = [
        {**row, URL_FIELD: addresses[row["id"]]} if row["id"] in addresses else row
        for row in world.netsuite["transaction"]
    ]
    # a shop sells in dollars, and forgets what was cancelled or closed
    of_a_shop = [row for row in good if row["currency"] == "1" and row["status"] not in ("C", "H")]
    standing_for = rng.sample(of_a_shop, min(len(of_a_shop), 2))
    return World(
        {**world.netsuite, "transaction": headers},
        {**world.hubspot, "orders": _foreign_orders(standing_for)},
        world.planted,
    )


def _foreign_orders(standing_for: list[Row]) -> list[Row]:
    """Records as a shop connector writes them: one named by NetSuite's number, one that keeps its id, one of its own."""
    named = [
        {"hs_order_name": row["tranid"], "hs_external_order_id": None}
        if place == 0
        else {"hs_order_name": f"#{1041 + place}", "hs_external_order_id": row["id"]}
        for place, row in enumerate(standing_for)
    ]
    totals = [row["foreigntotal"] for row in standing_for]
    if standing_for:
        named.append({"hs_order_name": "#1043", "hs_external_order_id": "5521008"})
        totals.append("64.90")
    return [
        {
            "id": str(FIRST_FOREIGN_ORDER + place), **names, "hs_total_price": total, "hs_currency_code": "USD",
            "hs_source_store": "Web shop",
        }
        for place, (names, total) in enumerate(zip(named, totals, strict=True))
    ]  # fmt: skip
