"""The push end to end against the emulator: what HubSpot then holds, and what it cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import AssociationInput, Claim
from ns_hs_orders_tests.push.builders import Line, held, mapped, order
from ns_hs_orders_tests.push.conftest import Bench


def test_new_orders_are_in_hubspot_with_lines_and_primary_company(bench: Bench) -> None:
    assert bench.outcomes([order(1001), order(1002, company="9002")]) == {
        "1001": "created",
        "1002": "created",
    }

    found = bench.holds()
    assert found["1001"]["total"] == "30"
    assert found["1001"]["lines"] == {"1001-1": "10", "1001-2": "10", "1001-3": "10"}
    assert found["1001"]["primary"] == {"9001"}
    assert found["1002"]["primary"] == {"9002"}
    assert bench.loose_lines() == set()


def test_a_second_run_makes_no_write_call(bench: Bench) -> None:
    bench.push([order(number) for number in range(1, 131)])
    written = bench.store.write_calls()

    again = bench.push([order(number, ticket=2) for number in range(1, 131)])

    assert set(again["outcome"]) == {"unchanged"}
    assert again["order_id_hubspot"].notna().all()
    assert bench.store.write_calls() == written


def test_the_calls_of_a_first_load_are_the_least_that_the_api_allows(bench: Bench) -> None:
    orders = [order(number) for number in range(1, 501)]

    calls = bench.calls(lambda: bench.push(orders))

    assert sum("orders/batch/upsert" in one for one in calls) == 5
    assert sum("line_items/batch/upsert" in one for one in calls) == 15
    assert sum("orders/line_items/batch/create" in one for one in calls) == 1
    assert sum("orders/companies/batch/create" in one for one in calls) == 1
    assert len(calls) == 5 + 15 + 2 + 2  # and one read of the companies, one of the owners


def test_a_line_that_netsuite_dropped_is_archived(bench: Bench) -> None:
    bench.push([order(1)])

    results = bench.push([order(1, lines=2, ticket=2)])

    assert results["outcome"].tolist() == ["updated"]
    assert results["lines_archived"].tolist() == [1]
    assert bench.holds()["1"]["lines"] == {"1-1": "10", "1-2": "10"}
    assert bench.loose_lines() == set()
    assert len(bench.store.objects("line_items", archived=True)) == 1


def test_only_goods_lines_become_line_items(bench: Bench) -> None:
    bench.push(
        [replace(order(1), lines=(Line("1-1"), Line("1-2", 250, "tax"), Line("1-3", 100, "shipping")))]
    )

    assert bench.holds()["1"]["lines"] == {"1-1": "10"}


def test_a_line_that_a_person_attached_stays(bench: Bench) -> None:
    bench.push([order(1)])
    bench.store.load(
        "line_items",
        [{"id": "700", "name": "By hand", "netsuite_line_key": "by-hand", "netsuite_line_amount": "1"}],
    )
    order_id = bench.store.objects("orders")[0]["id"]
    bench.associations.create("orders", "line_items", [AssociationInput(order_id, "700", (513,))])

    bench.push([order(1, lines=2, ticket=2)])

    assert set(bench.holds()["1"]["lines"]) == {"1-1", "1-2", "by-hand"}


def test_a_changed_customer_moves_the_association(bench: Bench) -> None:
    bench.push([order(1)])

    assert bench.outcomes([order(1, company="9002", ticket=2)]) == {"1": "updated"}

    assert bench.holds()["1"]["primary"] == {"9002"}
    assert bench.holds()["1"]["companies"] == {"9002"}


def test_an_association_that_a_person_made_stays_when_the_customer_changes(bench: Bench) -> None:
    bench.push([order(1)])
    order_id = bench.store.objects("orders")[0]["id"]
    bench.associations.create("orders", "companies", [AssociationInput(order_id, "9003", (934,))])

    bench.push([order(1, company="9002", ticket=2)])

    assert bench.holds()["1"]["primary"] == {"9002"}
    assert bench.holds()["1"]["companies"] == {"9002", "9003"}


def test_a_merged_company_is_followed_and_its_association_kept(bench: Bench) -> None:
    bench.push([order(1)])
    survivor = bench.store.merge("companies", "9003", "9001")

    assert bench.outcomes([order(1, ticket=2)]) == {"1": "updated"}
    assert bench.holds()["1"]["primary"] == {survivor}
    # NetSuite then takes over the new id: nothing is left to move
    assert bench.outcomes([order(1, company=survivor, ticket=3)]) == {"1": "unchanged"}
    assert bench.holds()["1"]["primary"] == {survivor}


def test_a_merge_between_two_reads_never_removes_the_survivor(bench: Bench) -> None:
    bench.push([order(1)])
    survivor = bench.store.merge("companies", "9003", "9001")

    assert bench.outcomes([order(1, company=survivor, ticket=2)]) == {"1": "updated"}

    assert bench.holds()["1"]["primary"] == {survivor}


def test_an_order_of_a_person_is_associated_with_the_contact(bench: Bench) -> None:
    bench.push([order(1, company=None, contact="8001")])
    assert bench.holds()["1"]["contacts"] == {"8001"}

    bench.push([order(1, company="9001", ticket=2)])
    assert bench.holds()["1"]["contacts"] == set()
    assert bench.holds()["1"]["primary"] == {"9001"}


@pytest.mark.parametrize("company", ["404404", "not a number", "99999999999999999999999999"])
def test_an_order_of_a_missing_company_is_rejected_unwritten(bench: Bench, company: str) -> None:
    results = bench.push([order(1, company=company), order(2)])

    assert results["outcome"].tolist() == ["rejected", "created"]
    assert results["reason"].tolist()[0] == "company_not_in_hubspot"
    assert company in results["explanation"].tolist()[0]
    assert set(bench.holds()) == {"2"}


def test_the_owner_is_found_by_email_and_an_unknown_rep_is_reported(bench: Bench) -> None:
    results = bench.push(
        [
            order(1).having(rep_email="REP@example.com", rep_name="Rae"),
            order(2).having(rep_email="gone@example.com", rep_name="Gone"),
            order(3).having(rep_email="nobody@example.com", rep_name="No", warnings="zero_total"),
            order(4).having(rep_name="Without e-mail"),
            order(5),
        ]
    )

    assert results["warnings"].tolist() == ["", "unknown_rep", "zero_total,unknown_rep", "unknown_rep", ""]
    owners = {
        one["properties"]["netsuite_internal_id"]: one["properties"].get("hubspot_owner_id")
        for one in bench.store.objects("orders")
    }
    assert owners == {"1": "501", "2": None, "3": None, "4": None, "5": None}


@pytest.mark.parametrize(
    "values, currency, reason, words",
    [
        ({"memo": "x" * 70_000}, "USD", "text_too_long", "“Memo”"),
        ({}, "CHF", "currency_not_enabled", "CHF"),
    ],
)
def test_a_refused_order_is_rejected_in_words_and_the_others_are_written(
    bench: Bench, values: dict[str, str], currency: str, reason: str, words: str
) -> None:
    orders = [order(number) for number in range(1, 8)] + [order(8, currency=currency).having(**values)]

    results = bench.push(orders).set_index("order_id_netsuite")

    assert results.loc["8", "outcome"] == "rejected"
    assert results.loc["8", "reason"] == reason
    assert words in str(results.loc["8", "explanation"])
    assert set(results["outcome"].drop("8")) == {"created"}
    assert set(bench.holds()) == {str(number) for number in range(1, 8)}


def test_a_line_with_too_long_a_text_rejects_its_order_before_half_of_it_is_written(bench: Bench) -> None:
    long = replace(order(1), lines=(Line("1-1"), Line("1-2", values={"line_description": "x" * 65_537})))

    results = bench.push([long, order(2)])

    assert results["outcome"].tolist() == ["rejected", "created"]
    assert results["reason"].tolist()[0] == "text_too_long"
    assert "“Description”" in results["explanation"].tolist()[0]
    assert set(bench.holds()) == {"2"}


def test_text_of_any_kind_arrives_and_nul_is_left_out(bench: Bench) -> None:
    bench.push([order(1).having(memo="a\x00b 📦 שלום עולם <script> =1+1")])

    assert bench.holds()["1"]["memo"] == "ab 📦 שלום עולם <script> =1+1"


def test_a_refused_line_rejects_its_order_only(bench: Bench) -> None:
    bench.switch(hubspot_negative_quantity_refused=True)
    bad = replace(order(2), lines=(Line("2-1"), Line("2-2", quantity="-1")))

    results = bench.push([order(1), bad, order(3)]).set_index("order_id_netsuite")

    assert results["outcome"].to_dict() == {"1": "created", "2": "rejected", "3": "created"}
    assert "Tumbler 2-2" in str(results.loc["2", "explanation"])
    assert bench.states.load(["2"])["2"].fingerprint is None
    bench.switch(hubspot_negative_quantity_refused=False)
    assert bench.outcomes([order(1, ticket=2), replace(bad, ticket=2)], send_refused_again=True) == {
        "1": "unchanged",
        "2": "updated",
    }
    assert set(bench.holds()["2"]["lines"]) == {"2-1", "2-2"}


def test_what_hubspot_refused_is_not_sent_again_while_nothing_changes(bench: Bench) -> None:
    franc = replace(order(1), currency="CHF")
    first = bench.push([franc], definitions="as they are")
    written = bench.store.write_calls()

    again = bench.push([replace(franc, ticket=2)], definitions="as they are")

    assert bench.store.write_calls() == written
    for name in ("outcome", "reason", "explanation"):
        assert again[name].tolist() == first[name].tolist()
    assert again["reason"].tolist() == ["currency_not_enabled"]


@pytest.mark.parametrize(
    "changes, options",
    [
        ({}, {"definitions": "with francs"}),
        ({"memo": "other"}, {"definitions": "as they are"}),
        ({}, {"definitions": "as they are", "send_refused_again": True}),
    ],
    ids=["definitions changed", "order changed", "asked for"],
)
def test_what_hubspot_refused_is_sent_again(
    bench: Bench, changes: dict[str, str], options: dict[str, object]
) -> None:
    franc = replace(order(1), currency="CHF")
    bench.push([franc], definitions="as they are")
    bench.store.set_currencies("USD", ["EUR", "CHF"])

    assert bench.outcomes([replace(franc, ticket=2).having(**changes)], **options) == {"1": "created"}
    assert set(bench.holds()) == {"1"}


def test_a_property_that_hubspot_lacks_costs_one_call_a_batch(bench: Bench) -> None:
    bench.switch(hubspot_upsert_trace_ids_ignored=True)
    session = bench.client.objects._transport
    session.send(
        "DELETE", "/crm/properties/2026-03/orders/netsuite_partner", family="objects", effect="keyed"
    )

    results: list[pd.DataFrame] = []
    calls = bench.calls(lambda: results.append(bench.push([order(number) for number in range(1, 101)])))

    assert set(results[0]["reason"]) == {"property_missing"}
    assert "setup" in results[0]["explanation"].tolist()[0]
    assert sum("orders/batch/upsert" in one for one in calls) == 1


def test_what_the_mapping_held_back_is_recorded_and_in_the_frame(bench: Bench) -> None:
    bench.push([order(7)])
    content = mapped(
        [order(1)],
        quarantined=pd.concat(
            [
                held("7", "quarantined", "does_not_add_up", ticket=2),
                held("8", "due", "changing_while_read", ticket=2),
                held(
                    "9", "quarantined", "unknown_currency", 2, currency=None, total_minor=None, raw_total="x"
                ),
            ]
        ),
        skipped=held("6", "skipped", "customer_not_in_hubspot", ticket=2),
    )

    results = bench.push(content).set_index("order_id_netsuite")

    assert results["outcome"].to_dict() == {
        "1": "created", "7": "quarantined", "8": "due", "9": "quarantined", "6": "skipped",
    }  # fmt: skip
    assert results.loc["7", "order_id_hubspot"] == bench.states.load(["7"])["7"].order_id_hubspot
    assert results.loc["9", "raw_total"] == "x"
    known = bench.states.load(["6", "7", "8", "9"])
    assert {one: state.outcome for one, state in known.items()} == {
        "6": "skipped", "7": "quarantined", "8": "due", "9": "quarantined",
    }  # fmt: skip
    assert known["7"].fingerprint is not None
    assert {link.key for link in known["7"].links} == {"7-1", "7-2", "7-3", "9001"}


def test_an_older_reading_never_overwrites_a_newer_one(bench: Bench) -> None:
    bench.push([order(1, ticket=5).having(memo="new")])

    results = bench.push([order(1, ticket=4).having(memo="old")])

    assert results["outcome"].tolist() == ["unchanged"]
    assert results["reason"].tolist() == ["newer_version_written"]
    assert bench.holds()["1"]["memo"] == "new"


def test_an_older_reading_is_not_written_over_a_newer_one_whose_sender_died(bench: Bench) -> None:
    bench.push([order(1, ticket=1)])
    now = bench.clock.now()
    claim = Claim("1", 5, date(2026, 3, 2), "USD", 3000, ("1-1",), "9001", None)
    bench.states.claim([claim], holder="dead", lease_until=now + timedelta(seconds=60), now=now)
    bench.clock.sleep(61)

    results = bench.push([order(1, ticket=4).having(memo="old")])

    assert results["outcome"].tolist() == ["due"]
    assert results["reason"].tolist() == ["newer_version_known"]
    assert bench.holds()["1"]["memo"] == "Leave at the gate"


def test_an_order_that_another_run_holds_is_due_and_written_once_its_lease_is_over(bench: Bench) -> None:
    now = bench.clock.now()
    claim = Claim("1", 1, date(2026, 3, 2), "USD", 3000, ("1-1",), "9001", None)
    bench.states.claim([claim], holder="other", lease_until=now + timedelta(seconds=60), now=now)

    results = bench.push([order(1, ticket=2), order(2, ticket=2)])
    assert results["outcome"].tolist() == ["due", "created"]
    assert results["reason"].tolist()[0] == "held_by_another_run"
    assert set(bench.holds()) == {"2"}

    assert bench.outcomes([order(1, ticket=2)], wait_seconds=None) == {"1": "created"}
    assert 59 <= bench.clock.slept <= 62


def test_lines_that_hubspot_has_and_a_lost_state_does_not_know_are_archived(bench: Bench) -> None:
    bench.push([order(1)])
    for table in ("order_states", "order_links"):
        with bench.state.write() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")

    assert bench.outcomes([order(1, lines=1, ticket=2)]) == {"1": "updated"}

    assert bench.holds()["1"]["lines"] == {"1-1": "10"}
    assert bench.loose_lines() == set()


def test_credentials_that_are_refused_stop_the_run_and_leave_the_orders_due(bench: Bench) -> None:
    bench.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "path": "orders/batch/upsert", "status": 401}
    )

    with pytest.raises(RemoteError) as raised:
        bench.push([order(number) for number in range(1, 4)])

    assert raised.value.status == 401
    assert {one: state.outcome for one, state in bench.states.load(["1", "2", "3"]).items()} == {
        "1": "due", "2": "due", "3": "due",
    }  # fmt: skip
    assert set(bench.outcomes([order(number) for number in range(1, 4)]).values()) == {"created"}


def test_a_lease_must_outlast_a_request(bench: Bench) -> None:
    with pytest.raises(ValueError, match="longer"):
        bench.push([order(1)], lease_seconds=10.0, request_seconds=10.0)


def test_nothing_is_sent_once_the_lease_could_end_during_the_request(bench: Bench) -> None:
    upsert = bench.client.objects.batch_upsert

    class Slow:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.client.objects, name)

        def batch_upsert(self, *arguments: object) -> object:
            bench.clock.sleep(100)
            return upsert(*arguments)  # type: ignore[arg-type]

    bench.crm = Slow()

    results = bench.push([order(1)])

    assert results["outcome"].tolist() == ["due"]
    assert results["reason"].tolist() == ["lease_ended"]
    assert bench.store.objects("line_items") == []


def test_several_threads_write_each_order_once(bench: Bench) -> None:
    progress: list[tuple[str, int, int]] = []

    outcomes = bench.outcomes(
        [order(number, lines=1) for number in range(1, 351)],
        threads=4,
        progress=lambda what, done, total, _left: progress.append((what, done, total)),
    )

    assert set(outcomes.values()) == {"created"}
    assert len(bench.holds()) == 350
    assert progress[-1] == ("orders pushed", 350, 350)


def test_the_time_left_is_that_of_the_calls_left_at_the_budget(bench: Bench) -> None:
    """250 orders with one line each: 3 and 3 calls of 100, and one each for lines and companies associated."""
    told: list[tuple[int, float | None]] = []

    bench.push(
        [order(number, lines=1) for number in range(1, 251)],
        calls_a_second=2.0,
        progress=lambda _what, done, _total, left: told.append((done, left)),
    )

    assert told[0] == (0, 4.0)
    assert told[-1] == (250, 0.0)


def test_what_is_unchanged_costs_no_call_and_no_time(bench: Bench) -> None:
    orders = [order(number, lines=1) for number in range(1, 21)]
    bench.push(orders)
    bench.sandbox.calls.clear()
    told: list[tuple[int, float | None]] = []

    outcomes = bench.outcomes(orders, progress=lambda _what, done, _total, left: told.append((done, left)))

    assert set(outcomes.values()) == {"unchanged"}
    assert written(bench) == {}
    assert set(told) == {(20, 0.0)}


def test_batches_are_full_over_the_rounds_and_the_units(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second order is unchanged, so that rounds of 120 leave 60 to write: they are sent by hundreds."""
    orders = [order(number, lines=2) for number in range(1, 481)]
    bench.push(orders[::2])
    bench.sandbox.calls.clear()
    monkeypatch.setattr("ns_hs_orders.push.push_orders.ROUND", 120)

    outcomes = bench.outcomes(orders)

    assert sorted(outcomes.values()) == ["created"] * 240 + ["unchanged"] * 240
    calls = written(bench)
    assert calls.pop("objects orders/batch/upsert") == 3
    assert calls.pop("objects line_items/batch/upsert") == 5
    assert set(calls.values()) == {1}, "associations of a kind fit into one call"


def written(bench: Bench) -> dict[str, int]:
    """Calls that write, by API and path."""
    found: dict[str, int] = {}
    for call, count in bench.sandbox.calls.counts().items():
        _, _, api, _, *path = call.split(" ")[2].split("/")
        if not call.endswith("/read") and "POST" in call:
            found[f"{api} {'/'.join(path)}"] = count
    return found


def test_no_orders_give_an_empty_frame(bench: Bench) -> None:
    assert len(bench.push([])) == 0


@pytest.mark.parametrize("status, is_claimed", [(429, False), (503, True)])
def test_a_call_that_hubspot_certainly_did_not_apply_leaves_no_claim_behind(
    bench: Bench, status: int, *, is_claimed: bool
) -> None:
    """A 503 may have been applied; then the claim stays, so that nobody writes while it may still arrive."""
    answer = {"status": "error", "policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}
    bench.sandbox.faults.add(
        {
            "kind": "status",
            "app": "hubspot",
            "path": "line_items/batch/upsert",
            "status": status,
            "answer": answer,
            "times": 0,
        }
    )

    assert bench.outcomes([order(1)]) == {"1": "due"}

    lease = bench.states.load(["1"])["1"].lease_until
    assert (lease is not None and lease > bench.clock.now()) is is_claimed


def test_an_association_that_hubspot_does_not_tell_of_holds_the_order_back_and_is_asked_again(
    bench: Bench,
) -> None:
    bench.push([order(1)])
    bench.sandbox.faults.add(
        {
            "kind": "status", "app": "hubspot", "path": "associations/2026-03/orders/deals/batch/read",
            "status": 503, "times": 2,
        }
    )  # fmt: skip
    named = order(1, ticket=2).having(deal_url="7001")

    assert bench.outcomes([named]) == {"1": "due"}
    assert bench.states.load(["1"])["1"].reason == "no_answer"
    assert bench.holds()["1"]["deals"] == set()

    assert bench.outcomes([replace(named, ticket=3)]) == {"1": "updated"}
    assert bench.holds()["1"]["deals"] == {"7001"}
