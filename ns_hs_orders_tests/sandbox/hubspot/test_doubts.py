"""What nobody has documented: each switch with each of its answers."""

import pytest

from ns_hs_orders_tests.sandbox.hubspot.conftest import Hub

KEY = "netsuite_internal_id"


def upsert(hub: Hub, key: str = "1", *, sent: bool = False, **properties: str):
    values = {"hs_order_name": f"SO{key}", **properties} | ({KEY: key} if sent else {})
    return hub.batch("upsert", [{"id": key, "idProperty": KEY, "properties": values}])


@pytest.mark.parametrize(
    "choice, status", [("new", 200), ("revive", 200), ("refused", 400), ("conflict", 409)]
)
def test_an_upsert_on_an_archived_key(keyed: Hub, choice: str, status: int) -> None:
    keyed.switch(hubspot_upsert_on_archived_key=choice)
    old = upsert(keyed).json()["results"][0]["id"]
    keyed.store.archive("orders", old)
    answer = upsert(keyed, hs_total_price="5")
    assert answer.status_code == status
    live = [one["id"] for one in keyed.store.objects("orders")]
    if status != 200:
        assert live == []
        return
    (result,) = answer.json()["results"]
    assert live == [result["id"]]
    assert (result["id"] == old, result["new"]) == ((True, False) if choice == "revive" else (False, True))
    assert keyed.values(result["id"])["hs_total_price"] == "5"
    read = keyed.batch("read", [{"id": "1"}], properties=[], idProperty=KEY)
    assert [one["id"] for one in read.json()["results"]] == live


@pytest.mark.parametrize(
    "choice, sent, shown",
    [("always", False, True), ("when_sent", True, True), ("when_sent", False, False), ("never", True, False)],
)
def test_an_upserts_answer_may_lack_the_key(keyed: Hub, choice: str, sent: bool, shown: bool) -> None:
    keyed.switch(hubspot_upsert_echoes_key=choice)
    (result,) = upsert(keyed, sent=sent).json()["results"]
    assert (KEY in result["properties"]) == shown
    assert keyed.values(result["id"])[KEY] == "1"


def test_trace_ids_may_be_ignored_on_upsert(keyed: Hub) -> None:
    keyed.switch(hubspot_upsert_trace_ids_ignored=True)
    inputs = [
        {
            "id": str(n),
            "idProperty": KEY,
            "objectWriteTraceId": f"t{n}",
            "properties": {"hs_order_name": "S", "hs_tax": tax},
        }
        for n, tax in enumerate(["1", "x"])
    ]
    assert keyed.batch("upsert", inputs).status_code == 400
    assert keyed.store.objects("orders") == []


def test_results_may_be_fewer_than_what_was_written(keyed: Hub) -> None:
    keyed.switch(hubspot_results_left_out=1)
    answer = upsert(keyed)
    assert (answer.status_code, answer.json()["results"], "errors" in answer.json()) == (200, [], False)
    assert len(keyed.store.objects("orders")) == 1


def test_the_first_reads_after_a_write_may_be_stale(keyed: Hub) -> None:
    order = upsert(keyed, hs_total_price="1").json()["results"][0]["id"]
    keyed.switch(hubspot_stale_reads=2)
    upsert(keyed, hs_total_price="2")

    def total() -> str:
        answer = keyed.batch("read", [{"id": order}], properties=["hs_total_price"])
        return str(answer.json()["results"][0]["properties"]["hs_total_price"])

    assert [total(), total(), total()] == ["1", "1", "2"]
    upsert(keyed, "9")
    missing = keyed.batch("read", [{"id": "9"}], properties=[], idProperty=KEY)
    assert (missing.status_code, missing.json()["errors"][0]["context"]["ids"]) == (207, ["9"])


def test_reads_may_lag_by_time(keyed: Hub) -> None:
    order = upsert(keyed, hs_total_price="1").json()["results"][0]["id"]
    keyed.clock.advance(2)
    keyed.switch(hubspot_stale_read_ms=500)
    upsert(keyed, hs_total_price="2")
    assert keyed.read(order, "orders", "hs_total_price")["properties"]["hs_total_price"] == "1"
    keyed.clock.advance(0.5)
    assert keyed.read(order, "orders", "hs_total_price")["properties"]["hs_total_price"] == "2"
