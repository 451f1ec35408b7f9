"""Worlds in the stores of both emulators: whole, once, and as they were written."""

from collections.abc import Mapping, Sequence

import pytest

from ns_hs_orders.sandbox.hubspot.errors import LoadRefusedError
from ns_hs_orders.sandbox.world import LoadError, NotEmptyError, load_world, read_folder, summarize, summary
from ns_hs_orders.sandbox.world.load import portal_currencies
from ns_hs_orders_tests.sandbox.world.test_folder import SAMPLE, folder, rewrite  # noqa: F401


def sorted_rows(rows: Sequence[Mapping[str, str | None]]) -> list[list[tuple[str, str]]]:
    """Rows without their empty values, in an order of their own: a store may keep them in another."""
    return sorted(sorted((name, value) for name, value in row.items() if value) for row in rows)


def test_every_row_arrives_unchanged(small_world, stores):
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    for table in small_world.netsuite:
        assert sorted_rows(netsuite.rows(table)) == sorted_rows(small_world.netsuite[table]), table
    companies = {row["id"]: row["properties"]["name"] for row in hubspot.objects("companies")}
    assert companies == {row["id"]: row["name"] for row in small_world.hubspot["companies"]}
    deals = {row["id"]: row["properties"]["dealname"] for row in hubspot.objects("deals")}
    assert deals == {row["id"]: row["dealname"] for row in small_world.hubspot["deals"]}
    assert hubspot.currencies() == ["USD", "EUR", "CAD", "JPY"]
    assert hubspot.write_calls() == 0


def test_loading_twice_is_refused_and_doubles_nothing(small_world, stores):
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    with pytest.raises(NotEmptyError, match=r"holds 21 NetSuite customers, \d+ NetSuite transactions, 17 HubSpot companies. Reset it"):  # fmt: skip
        load_world(small_world, netsuite, hubspot)
    assert len(netsuite.rows("transactionline")) == len(small_world.netsuite["transactionline"])


def test_loading_with_reset_replaces_what_was_there(small_world, stores, folder):  # noqa: F811
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    other = read_folder(folder)
    load_world(other, netsuite, hubspot, reset=True)
    assert [row["id"] for row in netsuite.rows("transaction")] == ["7001", "97001"]
    assert [row["id"] for row in hubspot.objects("companies")] == ["900031"]
    assert hubspot.objects("deals") == []
    assert netsuite.rows("customer")[0]["custentity_celigo_hubspot_id"] == "900031"
    assert netsuite.rows("transactionline")[1]["rate"] == "34.71500001"


def test_a_refusal_by_hubspot_leaves_both_sides_empty(small_world, stores):
    netsuite, hubspot = stores
    small_world.hubspot["orders"] = [{"id": "1", "no_such_property": "x"}]
    with pytest.raises(LoadRefusedError, match="no_such_property"):
        load_world(small_world, netsuite, hubspot)
    assert netsuite.rows("transaction") == []
    assert hubspot.objects("companies") == []
    small_world.hubspot["orders"] = [{"id": "1", "hs_order_name": "Old order"}]
    load_world(small_world, netsuite, hubspot)
    assert [row["properties"]["hs_order_name"] for row in hubspot.objects("orders")] == ["Old order"]


@pytest.mark.parametrize("name,old,new,line,column,says", [
    ("products", ",34.71", ",dear", 2, "price", "dear was not a valid number"),
    ("products", ",34.71", ",-1", 2, "price", "must not be negative"),
    ("products", "hs_sku,price", "hs_sku,prize", 2, "prize", "'prize' is not a property of HubSpot's products"),
    ("products", "hs_sku,price", "hs_sku,createdate", 2, "createdate", "HubSpot sets createdate itself"),
    ("contacts", ",900031", ",900099", 2, "company_id", "company_id '900099' is not the id of a company"),
    ("contacts", "shop@example.com", "nobody", 2, "email", "Email address nobody is invalid"),
])  # fmt: skip
def test_what_hubspot_refuses_of_a_folder_is_told_with_file_line_and_column(
    folder, stores, name, old, new, line, column, says  # noqa: F811
):  # fmt: skip
    netsuite, hubspot = stores
    path = rewrite(folder, f"hubspot/{name}", old, new)
    with pytest.raises(LoadError) as caught:
        load_world(read_folder(folder), netsuite, hubspot)
    error = caught.value
    assert (error.path, error.line, error.column) == (path, line, column)
    assert says in str(error)
    assert (netsuite.rows("transaction"), hubspot.objects("companies")) == ([], [])


def test_products_of_a_folder_are_in_hubspot_and_a_folder_without_them_loads_as_before(folder, stores):  # noqa: F811
    netsuite, hubspot = stores
    load_world(read_folder(folder), netsuite, hubspot)
    saddle, card = (one["properties"] for one in hubspot.objects("products"))
    assert (saddle["hs_object_id"], saddle["hs_sku"], saddle["price"]) == ("700031", "SDL-1", "34.71")
    assert (card["name"], "hs_sku" in card) == ("Gift card", False)
    (folder / "hubspot" / "products.csv").unlink()
    load_world(read_folder(folder), netsuite, hubspot, reset=True)
    assert hubspot.objects("products") == []
    assert [one["id"] for one in hubspot.objects("companies")] == ["900031"]


def test_a_folder_without_currencies_gives_the_portal_those_of_netsuite(folder):  # noqa: F811
    assert portal_currencies(read_folder(folder)) == ("USD", ["GBP"])
    (folder / "hubspot" / "currencies.csv").write_text("code,home\nGBP,T\nEUR,F\n")
    assert portal_currencies(read_folder(folder)) == ("GBP", ["EUR"])
    assert "hubspot/currencies" not in SAMPLE


def test_contacts_belong_to_their_companies(folder, stores):  # noqa: F811
    netsuite, hubspot = stores
    load_world(read_folder(folder), netsuite, hubspot)
    pairs = {(link[0], link[1], link[2], link[3]) for link in hubspot.associations()}
    assert ("contacts", "800031", "companies", "900031") in pairs


def test_the_summary_of_a_world_and_of_its_stores_are_the_same(small_world, stores):
    netsuite, hubspot = stores
    load_world(small_world, netsuite, hubspot)
    found = summarize(
        netsuite.rows("transaction"), netsuite.rows("customer"), netsuite.rows("job"), netsuite.rows("currency"),
        len(hubspot.objects("companies")),
    )  # fmt: skip
    assert found == summary(small_world)
    assert found.orders == 120
