"""The store from its own side: load, edit, clear, several processes and threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ns_hs_orders.sandbox.hubspot.errors import HubSpotSandboxError, LoadRefusedError
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub


def test_loaded_contacts_belong_to_their_company(hub: Hub) -> None:
    hub.store.load("companies", [{"id": "90", "name": "Acme", "domain": None}])
    hub.store.load("contacts", [{"id": "80", "email": "Ann@Acme.com", "company_id": "90"}])
    assert hub.store.objects("contacts")[0]["properties"]["email"] == "ann@acme.com"
    assert hub.types("80", "companies") == {"90": {1, 279}}
    assert "domain" not in hub.store.objects("companies")[0]["properties"]
    assert hub.create("companies") not in {"80", "90"}


def test_loaded_orders_are_another_integrations(hub: Hub) -> None:
    hub.store.load("orders", [{"id": "5", "hs_order_name": "Shop 5", "hs_total_price": "9.90"}])
    hub.store.load(
        "orders", [{"id": "6", "hs_order_name": "Shop 6", "hs_object_source_label": "Shop connector"}]
    )
    labels = [one["properties"]["hs_object_source_label"] for one in hub.store.objects("orders")]
    assert labels == ["Other integration", "Shop connector"]
    assert hub.values("5")["hs_total_price"] == "9.9"
    made = hub.create()
    assert hub.values(made)["hs_object_source_label"] != "Other integration"
    assert int(made) > 42_000_000_000


def test_loading_the_same_ids_again_replaces_the_values(hub: Hub) -> None:
    for name in ("Acme", "Acme Ltd"):
        assert hub.store.load("companies", [{"id": "90", "name": name}]) == 1
    (only,) = hub.store.objects("companies")
    assert only["properties"]["name"] == "Acme Ltd"


@pytest.mark.parametrize(
    "kind, row, named",
    [
        ("companies", {"id": "1", "netsuite_id": "9"}, "netsuite_id"),
        ("companies", {"id": "1", "createdate": "2026-01-01"}, "createdate"),
        ("companies", {"id": "x"}, "id must be a whole number"),
        ("companies", {"name": "no id"}, "id must be a whole number"),
        ("contacts", {"id": "1", "company_id": "77"}, "company_id '77'"),
        ("orders", {"id": "1", "hs_order_name": "S", "hs_total_price": "ten"}, "hs_total_price"),
        ("orders", {"id": "1"}, "required properties"),
    ],
)
def test_a_bad_row_is_refused_by_name_and_loads_nothing(
    hub: Hub, kind: str, row: dict[str, str], named: str
) -> None:
    with pytest.raises(LoadRefusedError, match=named):
        hub.store.load(kind, [{"id": "2", "hs_order_name": "fine"} if kind == "orders" else {"id": "2"}, row])
    assert hub.store.objects(kind) == []


@pytest.mark.parametrize("row, named", [({"id": "1", "team": "x"}, "team"), ({"id": "a"}, "id must be")])
def test_a_bad_owner_is_refused_by_name(hub: Hub, row: dict[str, str], named: str) -> None:
    with pytest.raises(LoadRefusedError, match=named):
        hub.store.load_owners([row])


def test_headers_alone_load_nothing(hub: Hub) -> None:
    assert hub.store.load("companies", []) == 0
    assert hub.store.load_owners([]) == 0


def test_a_persons_edit_follows_the_same_rules(hub: Hub) -> None:
    order = hub.create(hs_total_price="10")
    hub.store.edit("orders", order, {"hs_total_price": "10.01"})
    assert hub.values(order)["hs_total_price"] == "10.01"
    with pytest.raises(HubSpotSandboxError, match="INVALID_LONG"):
        hub.store.edit("orders", order, {"hs_total_price": "ten"})
    with pytest.raises(HubSpotSandboxError, match="no order 7"):
        hub.store.edit("orders", "7", {"hs_total_price": "1"})


def test_clear_leaves_an_empty_account_with_its_default_pipeline(keyed: Hub) -> None:
    keyed.create(netsuite_internal_id="1")
    keyed.store.clear()
    assert keyed.store.objects("orders") == []
    assert keyed.store.write_calls() == 0
    assert "netsuite_internal_id" not in keyed.store.properties("orders")
    assert [one["label"] for one in keyed.ok("GET", "/crm/pipelines/2026-03/orders")["results"]] == [
        "Order Pipeline"
    ]
    assert keyed.call("GET", "/crm/properties/2026-03/orders/netsuite_internal_id").status_code == 404


def test_another_process_loads_while_the_server_runs(hub: Hub) -> None:
    script = (
        "import sys; from pathlib import Path; from ns_hs_orders.sandbox.hubspot.store import HubSpotStore;"
        "HubSpotStore(Path(sys.argv[1])).load('companies', [{'id': str(n), 'name': f'C{n}'} for n in range(1, 301)])"
    )
    subprocess.run([sys.executable, "-c", script, str(hub.path)], check=True)
    assert hub.ok("POST", "/crm/objects/2026-03/companies/search", {"limit": 1})["total"] == 300


def test_many_threads_write_without_losing_anything(keyed: Hub) -> None:
    def write(part: int) -> int:
        inputs = [
            {
                "id": f"{part}{n}",
                "idProperty": "netsuite_internal_id",
                "properties": {"hs_order_name": f"{part}-{n}"},
            }
            for n in range(10)
        ]
        own = HubSpotStore(keyed.path, keyed.clock)
        own.load("companies", [{"id": f"{part}{n}", "name": "C"} for n in range(10, 20)])
        own.close()
        return keyed.batch("upsert", inputs).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(1, 9))) == [200] * 8
    assert (len(keyed.store.objects("orders")), len(keyed.store.objects("companies"))) == (80, 80)


def test_the_account_survives_a_restart(keyed: Hub) -> None:
    order = keyed.create(netsuite_internal_id="1")
    keyed.store.close()
    again = HubSpotStore(keyed.path, keyed.clock)
    assert [one["id"] for one in again.objects("orders")] == [order]
    assert again.properties("orders")["netsuite_internal_id"].unique is True
    assert again.currencies() == ["USD", "EUR"]
    again.close()
