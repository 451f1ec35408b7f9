"""NetSuite's records on disk: text in, the same text out, several writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore, StoreError
from ns_hs_orders_tests.sandbox.netsuite.conftest import order


def test_values_come_back_as_they_went_in_and_empty_text_is_null(store: NetSuiteStore) -> None:
    store.insert("transaction", [order(500, foreigntotal="1.10000000", memo="", otherrefnum="007")])
    (row,) = store.rows("transaction", id="500")
    assert (row["id"], row["foreigntotal"], row["memo"], row["otherrefnum"]) == (
        "500",
        "1.10000000",
        None,
        "007",
    )


def test_updates_and_deletes_tell_how_many_rows_they_met(store: NetSuiteStore) -> None:
    assert store.update("transactionline", {"transaction": "9", "taxline": "T"}, {"memo": "tax"}) == 3
    assert store.delete("transactionline", {"memo": "tax"}) == 3
    assert store.delete("transactionline", {"memo": "tax"}) == 0
    assert len(store.rows("transactionline")) == 4


def test_the_highest_id_is_a_number_and_none_is_zero(store: NetSuiteStore) -> None:
    store.insert("transaction", [order(1000)])
    assert store.highest("transaction", "id") == 1000
    assert store.highest("trackingnumber", "id") == 0
    with pytest.raises(StoreError):
        store.highest("transaction", "nowhere")


def test_the_revision_grows_with_each_write_by_anybody(store: NetSuiteStore) -> None:
    before = store.revision()
    other = NetSuiteStore(store.path)
    other.update("transaction", {"id": "9"}, {"memo": "x"})
    other.close()
    assert store.revision() == before + 1


def test_writes_inside_a_transaction_happen_together_or_not_at_all(store: NetSuiteStore) -> None:
    def half() -> None:
        with store.transaction():
            store.delete("transactionline", {"transaction": "9"})
            store.insert("transaction", [{"nothing": "1"}])

    with pytest.raises(StoreError, match="no column nothing"):
        half()
    assert len(store.rows("transactionline")) == 7


def test_writers_in_several_threads_and_objects_lose_nothing(store: NetSuiteStore) -> None:
    def write(number: int) -> None:
        other = NetSuiteStore(store.path)
        other.insert("item", [{"id": str(number)}])
        other.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(1000, 1040)))
    assert len(store.rows("item")) == 41


@pytest.mark.parametrize(
    "table, name",
    [
        ("transaction", "deal_name"),
        ("transaction", "custentity_x"),
        ("customer", "custbody_x"),
        ("currency", "custbody_x"),
        ("transaction", 'custbody_"x'),
        ("transaction", "custbody_X"),
    ],
)
def test_a_custom_column_with_a_wrong_name_is_refused(store: NetSuiteStore, table: str, name: str) -> None:
    with pytest.raises(StoreError):
        store.add_column(table, name)


def test_clearing_empties_the_tables_and_keeps_columns_and_status_names(store: NetSuiteStore) -> None:
    store.add_column("customer", "custentity_celigo_hubspot_id")
    store.clear()
    assert store.rows("transaction") == []
    assert "custentity_celigo_hubspot_id" in store.tables()["customer"]
    assert (
        store.rows("transactionstatus", trantype="SalesOrd", id="H")[0]["fullname"] == "Sales Order : Closed"
    )


def test_an_unknown_table_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    empty = NetSuiteStore(tmp_path / "new" / "n.sqlite")
    with pytest.raises(StoreError, match="Tables: classification, currency, customer"):
        empty.rows("salesorder")
    empty.close()
