"""Return authorizations as they are read: of dates, by id and of orders, with parents, refunds, signs and warnings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.plan_note import plan_from_note, plan_note
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.extract.read import read_orders, read_orders_by_id
from ns_hs_orders.extract.returns.authorizations import read_documents, read_returns, read_returns_by_id
from ns_hs_orders.extract.returns.changes import read_orders_of_returns
from ns_hs_orders.extract.returns.plan import probe_returns
from ns_hs_orders.extract.returns.signs import ReturnSigns, Sign
from ns_hs_orders.fields.field import Field, Reading, SourceColumn
from ns_hs_orders.mapping.map_orders import map_orders
from ns_hs_orders.mapping.returns.map_returns import map_returns
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders_tests.extract.conftest import OPTIONS, Account, Tickets

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
WITH_RETURNS = replace(OPTIONS, with_returns=True)


def plan_of(account: Account, **more: Any) -> SourcePlan:
    found = probe_returns(account, probe(account, WITH_RETURNS), **more)
    account.asked.clear()
    return found


def give_back(
    account: Account, return_id: int, made_from: str | None, *amounts: str, sign: int = 1, **columns: str
) -> None:
    """A return with a main line and one goods line an amount, as the emulator's account has them by default."""
    total = f"{-sum(map(float, amounts)):.2f}"
    account.order(return_id, total=total, **{"type": "RtnAuth", "tranid": f"RMA{return_id}", **columns})
    account.store.update(
        "transactionline",
        {"transaction": str(return_id), "mainline": "T"},
        {"createdfrom": made_from},
    )
    for number, amount in enumerate(amounts, 1):
        account.line(return_id, number, f"{float(amount):.2f}", quantity="1", quantityshiprecv="0")


def refund(account: Account, refund_id: int, made_from: str, total: str, **columns: str) -> None:
    account.order(refund_id, total=total, **{"type": "CustCred", **columns})
    account.store.update(
        "transactionline", {"transaction": str(refund_id), "mainline": "T"}, {"createdfrom": made_from}
    )


def bill(account: Account, bill_id: int, order: str | None, kind: str = "CustInvc") -> None:
    account.order(bill_id, total="10.00", type=kind)
    account.store.update(
        "transactionline", {"transaction": str(bill_id), "mainline": "T"}, {"createdfrom": order}
    )


def returned(account: Account, plan: SourcePlan) -> dict[str, Any]:
    """Order → ids of its returns, or None, by a reading of all orders."""
    orders = read_orders(account, Tickets(), plan, FIRST, LAST).orders
    return {
        key: None if not isinstance(text, str) else [one["return_id_netsuite"] for one in json.loads(text)]
        for key, text in zip(orders["order_id_netsuite"], orders["returns"], strict=True)
    }


def test_a_return_tells_what_it_was_made_from_and_the_order_behind_that(account: Account) -> None:
    account.order(11, "100.00")
    bill(account, 21, "11")
    bill(account, 22, "11", "CashSale")
    bill(account, 23, None)
    for return_id, parent in (
        (31, "11"),
        (32, "21"),
        (33, "22"),
        (34, None),
        (35, "999"),
        (36, "31"),
        (37, "23"),
    ):
        give_back(account, return_id, parent, "5.00")
    found = read_returns(account, Tickets(), plan_of(account), FIRST, LAST).returns.set_index(
        "return_id_netsuite"
    )
    told = {
        key: tuple(None if value != value else value for value in row)
        for key, *row in found[
            ["parent_id", "parent_type", "order_id", "order_number", "order_total"]
        ].itertuples()
    }
    order = ("11", "SO11", "100.00")
    assert told == {
        "31": ("11", "SalesOrd", *order),
        "32": ("21", "CustInvc", *order),
        "33": ("22", "CashSale", *order),
        "34": (None, None, None, None, None),
        "35": ("999", None, None, None, None),
        "36": ("31", "RtnAuth", None, None, None),
        "37": ("23", "CustInvc", None, None, None),
    }


def test_an_order_comes_with_all_of_its_returns_whatever_their_dates_and_by_both_ways(
    account: Account,
) -> None:
    account.order(11, "100.00")
    account.order(12, "100.00")
    bill(account, 21, "11")
    give_back(account, 31, "11", "5.00", trandate="2031-01-01")
    give_back(account, 32, "21", "6.00")
    give_back(account, 33, "31", "7.00")
    refund(account, 41, "32", "-6.00")
    refund(account, 42, "32", "-1.00", voided="T")
    plan = plan_of(account)
    assert returned(account, plan) == {"11": ["31", "32"], "12": []}
    text = read_orders_by_id(account, Tickets(), plan, ["11"]).orders["returns"].item()
    (_, by_invoice) = json.loads(text)
    assert json.loads(by_invoice["refunds"]) == [
        {"id": "41", "type": "CustCred", "currency": "USD", "total": "-6.00"}
    ]
    assert [one.get("amount") for one in by_invoice["lines"]] == ["-6.00", "6.00"]


def test_the_returns_of_many_orders_cost_a_handful_of_queries(account: Account) -> None:
    for number in range(1, 1301):
        account.order(number, "100.00")
    for number in range(1, 201):
        give_back(account, 5000 + number, str(number), "5.00")
    plan = plan_of(account)
    without = plan_of(account, changes=False)
    read_orders(account, Tickets(), replace(without, return_signs=None), FIRST, LAST)
    before = len(account.asked)
    account.asked.clear()
    found = returned(account, plan)
    assert sum(map(len, found.values())) == 200
    assert len(account.asked) - before <= 7


def test_orders_without_returns_cost_three_small_queries_however_many_they_are(account: Account) -> None:
    for number in range(1, 101):
        account.order(number, "100.00")
    give_back(account, 5001, None, "5.00")
    plan = plan_of(account)
    read_orders(account, Tickets(), replace(plan, return_signs=None), FIRST, LAST)
    before = len(account.asked)
    account.asked.clear()
    assert set(map(tuple, returned(account, plan).values())) == {()}
    assert len(account.asked) - before == 3


def test_where_returns_are_not_asked_for_no_query_names_them(account: Account) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    account.asked.clear()
    plan = probe_returns(account, probe(account, OPTIONS), changes=True)
    assert returned(account, plan) == {"11": None}
    assert read_returns(account, Tickets(), plan, FIRST, LAST).returns.empty
    assert not [sql for sql in account.asked if "RtnAuth" in sql]


@pytest.mark.parametrize("answer", ["types", "refunds"])
def test_hidden_returns_are_told_from_none_by_the_traces_that_they_leave(
    account: Account, answer: str
) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    if answer == "refunds":
        refund(account, 41, "31", "-5.00")
    else:
        account.store.insert(
            "nexttransactionlink", [{"previousdoc": "11", "nextdoc": "31", "nexttype": "RtnAuth"}]
        )
    account.switch(hidden_transaction_types=("RtnAuth",))
    plan = plan_of(account)
    assert plan.return_signs is None
    (warning,) = [one for one in plan.warnings if "return authorizations" in one]
    assert "netsuite_returned_amount" in warning
    assert "View on Return Authorization" in warning
    assert returned(account, plan) == {"11": None}


def test_where_netsuite_does_not_show_what_a_return_was_made_from_nothing_is_guessed(
    account: Account,
) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    account.switch(missing_columns=("transactionline.createdfrom",))
    plan = plan_of(account)
    assert plan.return_signs is None
    assert any("transactionline" in one and "netsuite_net_total" in one for one in plan.warnings)
    assert returned(account, plan) == {"11": None}


@pytest.mark.parametrize("refused", ["CustCred", "CustInvc"])
def test_an_account_that_refuses_to_tell_of_refunds_or_bills_goes_on_without_returns(
    account: Account, refused: str
) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")

    def refuse(sql: str) -> None:
        if refused in sql:
            raise RemoteError("no", system="netsuite", status=400, code="INVALID_PARAMETER")

    account.before = refuse
    plan = plan_of(account)
    assert any("netsuite_refund_amount" in one for one in plan.warnings)
    assert returned(account, plan) == {"11": None}


def test_an_account_without_returns_has_orders_without_returns_and_no_warning(account: Account) -> None:
    account.order(11, "100.00")
    plan = plan_of(account)
    assert plan.return_signs == ReturnSigns()
    assert not [one for one in plan.warnings if "return" in one]
    assert returned(account, plan) == {"11": []}


def test_a_permission_that_is_lost_between_probe_and_read_leaves_it_unknown_and_never_zero(
    account: Account,
) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    plan = plan_of(account)
    account.switch(hidden_transaction_types=("RtnAuth",))
    assert returned(account, plan) == {"11": None}
    assert plan_of(account).return_signs == ReturnSigns(), "nothing tells that there ever were any"
    assert plan_of(account, filled_before=frozenset({"return"})).return_signs is None


def test_an_only_return_that_was_deleted_leaves_zero_behind(account: Account) -> None:
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    plan = plan_of(account)
    account.delete(31)
    account.store.insert(
        "deletedrecord",
        [{"recordid": "31", "name": "Return Authorization #RMA31", "deleteddate": "2026-02-20 10:00:00"}],
    )
    assert returned(account, plan) == {"11": []}


@pytest.mark.parametrize(
    "switches, lines, total",
    [
        ({}, "positive", "negative"),
        ({"return_line_amounts": "as_orders"}, "negative", "negative"),
        ({"return_line_amounts": "mixed"}, None, "negative"),
        ({"return_totals": "positive"}, "positive", "positive"),
    ],
)
def test_the_signs_are_found_out_from_the_accounts_returns(
    account: Account, switches: dict[str, str], lines: Sign | None, total: Sign
) -> None:
    for number in range(4):
        give_back(account, 31 + number, None, "5.00", "6.00")
        refund(account, 51 + number, str(31 + number), "-11.00")
    account.switch(**switches)
    assert plan_of(account).return_signs == ReturnSigns(
        total=total,
        lines=lines,
        refunds=total,
        sampled=4,
        add_up=4,
    )


def test_too_few_returns_tell_no_sign(account: Account) -> None:
    give_back(account, 31, None, "5.00")
    give_back(account, 32, None, "5.00")
    signs = plan_of(account).return_signs
    assert signs == ReturnSigns(sampled=2, add_up=2)
    assert "judged return by return" in signs.in_words()


@pytest.mark.parametrize(
    "usual, odd, total",
    [(9, 1, "negative"), (18, 2, "negative"), (8, 2, None), (17, 3, None), (4, 1, None), (1, 9, "positive")],
)
def test_few_odd_totals_among_many_do_not_hide_the_sign_of_the_account(
    account: Account, usual: int, odd: int, total: Sign | None
) -> None:
    for number in range(usual + odd):
        amount = "1.00" if number < usual else "-9.00"
        give_back(account, 101 + number, None, amount)
        refund(account, 201 + number, str(101 + number), f"{-float(amount):.2f}")
    signs = plan_of(account).return_signs
    assert signs is not None
    assert (signs.total, signs.lines, signs.refunds) == (total, None, total)


def test_an_odd_return_is_held_by_the_sign_of_the_others_though_it_is_in_their_sample(
    account: Account,
) -> None:
    account.order(11, "100.00")
    for number in range(9):
        give_back(account, 101 + number, "11", "1.00")
    give_back(account, 201, "11", "-9.00")
    orders = read_orders(account, Tickets(), plan_of(account), FIRST, LAST)
    (order,) = map_orders(orders, MappingRules()).orders.to_dict("records")
    assert order["returned_minor"] == 900
    mapped = map_returns(read_returns(account, Tickets(), plan_of(account), FIRST, LAST), MappingRules())
    held = mapped.quarantined[["return_id_netsuite", "reason"]].values.tolist()
    assert (len(mapped.returns), held) == (9, [["201", "negative_total"]])


def test_a_plan_comes_back_from_its_note_with_all_that_it_knows_of_returns(account: Account) -> None:
    account.order(11, "100.00")
    for number in range(3):
        give_back(account, 31 + number, "11", "5.00")
    plan = plan_of(account, changes=True)
    again = plan_from_note(json.loads(json.dumps(plan_note(plan, "A"))), WITH_RETURNS, "A")
    assert again is not None
    assert again.return_signs == plan.return_signs
    assert returned(account, again) == {"11": ["31", "32", "33"]}
    assert again.has("return authorizations")
    assert plan_from_note(plan_note(plan, "A"), OPTIONS, "A") is None


def test_a_return_that_moves_while_it_is_read_is_read_again(account: Account) -> None:
    give_back(account, 31, None, "5.00")
    plan = plan_of(account)
    edits = iter(["memo-1"])

    def edit(sql: str) -> None:
        if "transactionline tl" in sql and (memo := next(edits, None)):
            account.edit(31, memo=memo, foreigntotal="-5.00")

    account.before = edit
    found = read_returns(account, Tickets(), plan, FIRST, LAST).returns
    assert found["memo"].tolist() == ["memo-1"]
    assert found["settled"].tolist() == [True]


def test_card_numbers_in_a_return_are_masked_as_it_is_read(account: Account) -> None:
    card = "4111 1111 1111 1111"
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00", memo=f"refund to {card}")
    account.store.update("transactionline", {"uniquekey": "3101"}, {"memo": card})
    plan = plan_of(account)
    read = read_returns_by_id(account, Tickets(), plan, ["31", "31"])
    assert read.returns["cards_masked"].tolist() == [2]
    of_order = read_orders_by_id(account, Tickets(), plan, ["11"]).orders["returns"].item()
    for text in (read.returns.to_csv(), read.lines.to_csv(), of_order):
        assert card not in text
        assert "1111" in text


def test_the_store_of_a_return_is_its_own_or_else_its_orders_and_masked_either_way(account: Account) -> None:
    account.order(11, "100.00", custbody_source_store="Shop 4111 1111 1111 1111")
    give_back(account, 31, "11", "5.00")
    give_back(account, 32, "11", "5.00", custbody_source_store="Desk")
    found = read_returns(account, Tickets(), plan_of(account), FIRST, LAST).returns
    assert found["source_store"].tolist() == ["Shop **** **** **** 1111", "Desk"]


def test_the_store_of_an_order_may_stand_on_its_customer(account: Account) -> None:
    account.store.add_column("customer", "custentity_store")
    account.store.update("customer", {"id": "501"}, {"custentity_store": "Shop"})
    account.order(11, "100.00")
    give_back(account, 31, "11", "5.00")
    columns = tuple(
        replace(one, expression="m_entity.custentity_store", setting=None)
        if one.name == "source_store"
        else one
        for one in OPTIONS.field_map.header_columns
    )
    options = replace(WITH_RETURNS, field_map=replace(OPTIONS.field_map, header_columns=columns))
    plan = probe_returns(account, probe(account, options))
    found = read_returns(account, Tickets(), plan, FIRST, LAST).returns
    assert found[["order_id", "order_currency", "source_store"]].values.tolist() == [["11", "USD", "Shop"]]
    assert read_documents(account, plan, ["11"])["11"]["source_store"] == "Shop"
    assert read_orders_of_returns(account, plan, ["31"])["31"].order_ids == {"11"}


def test_an_account_that_drops_aliases_and_prefixes_is_read_alike(account: Account) -> None:
    account.order(11, "100.00")
    bill(account, 21, "11")
    give_back(account, 31, "21", "5.00")
    account.switch(drop_computed_aliases=True)
    found = read_returns(account, Tickets(), plan_of(account), FIRST, LAST).returns
    assert found[["order_id", "order_on"]].values.tolist() == [["11", "2026-02-03"]]


def test_a_netsuite_that_fails_over_returns_is_an_error_and_not_an_empty_answer(account: Account) -> None:
    account.order(11, "100.00")
    plan = plan_of(account)

    def fail(sql: str, page: QueryPage) -> QueryPage:
        if "RtnAuth" in sql:
            raise RemoteError("down", system="netsuite", status=503, transient=True)
        return page

    account.after = fail
    with pytest.raises(RemoteError):
        read_orders(account, Tickets(), plan, FIRST, LAST)
    with pytest.raises(RemoteError):
        plan_of(account)


def test_a_changed_record_leads_to_its_return_and_orders_or_to_nothing(account: Account) -> None:
    account.order(11, "100.00")
    account.order(12, "100.00")
    bill(account, 21, "11")
    give_back(account, 31, "21", "5.00")
    account.store.insert("nexttransactionlink", [{"previousdoc": "12", "nextdoc": "31", "linktype": "X"}])
    refund(account, 41, "31", "-5.00")
    refund(account, 42, "21", "-5.00")
    found = read_orders_of_returns(account, plan_of(account), ["31", "41", "42", "777"])
    assert {key: (one.return_id, set(one.order_ids)) for key, one in found.items()} == {
        "31": ("31", {"11", "12"}),
        "41": ("31", {"11", "12"}),
    }


def test_columns_of_the_mapping_file_are_read_of_returns_alone(account: Account) -> None:
    for name in ("custbody_reason", "custbody_seen"):
        account.store.add_column("transaction", name, "datetime" if name == "custbody_seen" else "text")
    account.order(11, "100.00", custbody_reason="of the order")
    give_back(
        account,
        31,
        "11",
        "10.00",
        custbody_reason="card 4111111111111111",
        custbody_seen="2026-02-03 18:00:00",
    )
    added = (
        SourceColumn("custom_reason", "t.custbody_reason", required=True, masked=True, origin="line 1"),
        SourceColumn("custom_seen", "t.custbody_seen", kind="datetime", required=True, origin="line 2"),
        SourceColumn("custom_none", "t.custbody_none", origin="line 3"),
    )
    fields = tuple(
        Field(one.name, one.name, "text", one.name, one.expression, reading=Reading(one.name))
        for one in added
    )
    of_file = replace(OPTIONS.field_map, return_columns=added, return_fields=fields)
    options = replace(WITH_RETURNS, field_map=of_file)
    probed = probe_returns(account, probe(account, options))
    assert any("custbody_none" in one and "line 3" in one for one in probed.warnings)
    for plan in (probed, plan_from_note(plan_note(probed, "1"), options, "1")):
        assert plan
        (read,) = read_returns(account, Tickets(), plan, FIRST, LAST).returns.to_dict("records")
        assert (read["custom_reason"], read["custom_seen"]) == (
            "card ************1111",
            "2026-02-03T18:00:00Z",
        )
        assert read["custom_none"] != read["custom_none"]
        orders = read_orders(account, Tickets(), plan, FIRST, LAST).orders
        assert not {"custom_reason", "custom_seen"} & set(orders.columns)
        (told,) = json.loads(orders["returns"][0])
        assert not {"custom_reason", "custom_seen"} & set(told)


def test_a_column_of_returns_that_netsuite_does_not_have_stops_with_those_near_it(account: Account) -> None:
    account.store.add_column("transaction", "custbody_reason")
    column = SourceColumn(
        "custom_reason", "t.custbody_reson", required=True, origin="mapping.toml, line 2, column 12"
    )
    options = replace(WITH_RETURNS, field_map=replace(OPTIONS.field_map, return_columns=(column,)))
    with pytest.raises(
        ConfigError,
        match=r"transaction.custbody_reson \(mapping.toml, line 2, column 12; there are custbody_reason",
    ):
        probe(account, options)
    probe(account, replace(options, with_returns=False))
