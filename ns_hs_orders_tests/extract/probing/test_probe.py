"""The probe: what is missing is dropped with its cost, or stops everything."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract.changes import records_deleted
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.probing.plan import SourceOptions
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.extract.probing.visibility import canary_counts
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders_tests.extract.conftest import CUSTOM_FIELDS, OPTIONS, Account


def names(account: Account, source: str) -> set[str]:
    return {column.name for column in account.plan().columns[source]}


def test_a_complete_account_is_probed_with_one_query_a_table(account: Account) -> None:
    account.order(1, "10.00")
    plan = probe(account, OPTIONS)
    assert plan.warnings == ()
    assert len(account.asked) == 11
    assert plan.session_zone == ZoneInfo("America/Los_Angeles")
    assert plan.utc_stamps is True
    assert plan.wrapped is False
    assert {"memo", "deal_name", "status_text"} <= {column.name for column in plan.columns["header"]}


def test_missing_optional_columns_are_dropped_with_the_fields_that_they_cost(account: Account) -> None:
    account.switch(
        missing_columns=("transaction.memo", "transaction.partner", "employee.email", "transactionline.rate")
    )
    plan = probe(account, OPTIONS)
    assert plan.warnings == (
        "NetSuite has no transaction.memo, or hides it. Missing: Memo (hs_order_note).",
        "NetSuite has no transaction.partner, or hides it. Missing: Partner (netsuite_partner).",
        "NetSuite has no transactionline.rate, or hides it. Missing: Unit price (price).",
        "NetSuite has no employee.email, or hides it. Missing: Sales Rep = Owner (hubspot_owner_id).",
    )
    assert {"memo", "partner_id"}.isdisjoint(column.name for column in plan.columns["header"])
    assert "po_number" in {column.name for column in plan.columns["header"]}


def test_a_custom_field_that_the_account_lacks_names_its_setting(account: Account) -> None:
    options = SourceOptions(field_map=field_map({**CUSTOM_FIELDS, "deal_name_field": "custbody_nothing"}))
    (warning,) = probe(account, options).warnings
    assert warning == (
        "NetSuite has no transaction.custbody_nothing (NS_HS_DEAL_NAME_FIELD), or hides it. "
        "Missing: Deal Name (netsuite_deal_name)."
    )


def test_a_column_that_decides_what_is_synced_is_required_where_a_setting_asks_for_it(
    account: Account,
) -> None:
    account.switch(missing_columns=("transactionline.subsidiary",))
    assert any("the criterion by subsidiary" in warning for warning in probe(account, OPTIONS).warnings)
    options = replace(OPTIONS, by_subsidiary=True)
    with pytest.raises(ConfigError) as caught:
        probe(account, options)
    assert "transactionline.subsidiary, by which NS_HS_SUBSIDIARIES tells" in str(caught.value)
    assert "every order would be skipped" in str(caught.value)


def test_every_missing_required_column_is_named_before_anything_is_read(account: Account) -> None:
    account.switch(
        missing_columns=("transaction.foreigntotal", "transactionline.uniquekey", "currency.symbol")
    )
    with pytest.raises(ConfigError) as caught:
        probe(account, OPTIONS)
    assert str(caught.value).startswith(
        "NetSuite does not show what the sync needs: currency.symbol; transaction.foreigntotal; "
        "transactionline.uniquekey. Check the role"
    )


def test_a_hidden_required_table_stops_and_is_named(account: Account) -> None:
    account.switch(hidden_tables=("customer",))
    with pytest.raises(ConfigError, match="needs: table customer"):
        probe(account, OPTIONS)


@pytest.mark.parametrize(
    "table, source, cost",
    [
        ("trackingnumbermap", "tracking", "hs_shipping_tracking_number"),
        ("transactionshippingaddress", "address", "Ship to Address"),
        ("partner", "partner", "netsuite_partner"),
        ("employee", "employee", "hubspot_owner_id"),
        ("job", "project", "orders of projects"),
    ],
)
def test_a_hidden_optional_table_is_done_without(
    account: Account, table: str, source: str, cost: str
) -> None:
    account.switch(hidden_tables=(table,))
    plan = probe(account, OPTIONS)
    assert not plan.has(source)
    assert len(plan.warnings) == 1
    assert cost in plan.warnings[0]


def test_fulfillments_are_found_by_their_lines_where_the_links_are_hidden(account: Account) -> None:
    account.switch(hidden_tables=("nexttransactionlink",))
    plan = probe(account, OPTIONS)
    assert plan.has("shipment_by_line")
    assert plan.warnings == ("NetSuite does not show NextTransactionLink; transactionline is used instead.",)


def test_one_of_two_item_types_is_enough_and_none_is_an_error(account: Account) -> None:
    account.switch(missing_columns=("transactionline.itemtype",))
    assert "item_type_of_item" in names(account, "line")
    account.switch(missing_columns=("item.itemtype",))
    assert "item_type" in names(account, "line")
    account.switch(missing_columns=("item.itemtype", "transactionline.itemtype"))
    with pytest.raises(ConfigError, match=r"transactionline\.itemtype or item\.itemtype"):
        probe(account, OPTIONS)


def test_an_account_without_subsidiaries_is_read_without_them(account: Account) -> None:
    account.switch(oneworld=False)
    assert "subsidiary" not in names(account, "line")


def test_the_customers_hubspot_id_field_is_required(account: Account) -> None:
    with pytest.raises(ConfigError, match=r"customer\.custentity_elsewhere"):
        probe(account, replace(OPTIONS, customer_hubspot_id_field="custentity_elsewhere"))
    with pytest.raises(ConfigError, match="customer_hubspot_id_field is"):
        probe(account, replace(OPTIONS, customer_hubspot_id_field="id FROM customer; --"))


def test_a_criterion_that_the_account_lacks_stops(account: Account) -> None:
    options = SourceOptions(field_map=field_map({"criterion_field": "custbody_gone"}))
    with pytest.raises(ConfigError, match=r"transaction\.custbody_gone"):
        probe(account, options)


def test_tax_details_are_required_in_a_suitetax_account_only(account: Account) -> None:
    account.switch(hidden_tables=("transactiontaxdetail",))
    assert not probe(account, OPTIONS).has("tax_detail")
    with pytest.raises(ConfigError, match="table transactiontaxdetail"):
        probe(account, replace(OPTIONS, tax_regime="suitetax"))


def test_session_time_is_used_where_sys_extract_utc_is_refused(account: Account) -> None:
    account.order(1, "10.00")
    account.switch(sys_extract_utc_refused=True)
    plan = account.plan()
    assert plan.utc_stamps is False
    assert plan.at_utc("2026-02-03 10:00:00") == "2026-02-03T18:00:00Z"


def test_session_time_is_used_where_sys_extract_utc_disagrees_with_the_zone(account: Account) -> None:
    account.order(1, "10.00")

    def as_if_it_were_utc(sql: str, page: QueryPage) -> QueryPage:
        if "modified_utc" in sql:
            for row in page.rows:
                row["modified_utc"] = f"{row['modified_session']}Z".replace(" ", "T")
        return page

    account.after = as_if_it_were_utc
    plan = account.plan()
    assert plan.utc_stamps is False
    assert plan.warnings == (
        "SYS_EXTRACT_UTC does not agree with the session zone America/Los_Angeles; session time is used.",
    )


def test_an_unknown_zone_is_done_without_only_where_times_come_in_utc(account: Account) -> None:
    account.order(1, "10.00")

    def no_zone(sql: str, page: QueryPage) -> QueryPage:
        return QueryPage([], has_more=False) if "SESSIONTIMEZONE" in sql else page

    account.after = no_zone
    assert account.plan().utc_stamps is True
    account.switch(sys_extract_utc_refused=True)
    with pytest.raises(ConfigError, match="session time zone is unknown"):
        probe(account, OPTIONS)


def test_aliases_that_come_back_as_expr1_are_given_twice(account: Account) -> None:
    account.order(1, "10.00")
    account.switch(drop_computed_aliases=True)
    plan = account.plan()
    assert plan.wrapped is True
    assert plan.utc_stamps is True
    assert plan.query("header", "order_id_netsuite").text(0).endswith(") q ORDER BY q.order_id_netsuite ASC")


def test_column_names_that_nobody_asked_for_stop(account: Account) -> None:
    account.order(1, "10.00")

    def renamed(sql: str, page: QueryPage) -> QueryPage:
        if "order_number" not in sql:
            return page
        return QueryPage([{f"x{key}": "1" for key in row} for row in page.rows], has_more=False)

    account.after = renamed
    with pytest.raises(ConfigError, match="answers other column names"):
        probe(account, OPTIONS)


def test_prefixed_status_letters_are_noticed(account: Account) -> None:
    account.order(1, "10.00", status="SalesOrd:B")
    assert account.plan().status_prefixed is True
    account.edit(1, status="B")
    assert account.plan().status_prefixed is False


@pytest.mark.parametrize(
    "status, code", [(500, "INTERNAL"), (503, "UNEXPECTED_ERROR"), (401, "INVALID_LOGIN"), (None, None)]
)
def test_a_failure_that_is_not_about_a_column_is_never_taken_for_one(
    account: Account, status: int | None, code: str | None
) -> None:
    def fails(_sql: str) -> None:
        raise RemoteError("no", system="netsuite", status=status, code=code)

    account.before = fails
    with pytest.raises(RemoteError):
        probe(account, OPTIONS)
    with pytest.raises(RemoteError):
        canary_counts(account)


def test_a_bad_column_that_answers_500_is_found_too(account: Account) -> None:
    def shipmethod_fails(sql: str) -> None:
        if "BUILTIN.DF(t.status)" in sql:
            raise RemoteError("?", system="netsuite", status=500, code="UNEXPECTED_ERROR")

    account.before = shipmethod_fails
    plan = account.plan()
    assert "status_text" not in {column.name for column in plan.columns["header"]}
    assert len(plan.warnings) == 1


@pytest.mark.parametrize("asked", ["BUILTIN.DF(t.status)", "SYS_EXTRACT_UTC(t.lastmodifieddate)", "employee"])
def test_a_failure_that_passes_costs_no_column(account: Account, asked: str) -> None:
    account.order(1, "10.00")
    whole = probe(account, OPTIONS)
    failed: set[str] = set()

    def fails_once_each(sql: str) -> None:
        if asked in sql and sql not in failed:
            failed.add(sql)
            raise RemoteError("?", system="netsuite", status=500, code="UNEXPECTED_ERROR")

    account.before = fails_once_each
    plan = probe(account, OPTIONS)
    assert failed
    assert (plan.columns, plan.utc_stamps, plan.warnings) == (whole.columns, whole.utc_stamps, whole.warnings)


def test_a_netsuite_that_fails_over_everything_costs_no_column_but_the_probing(account: Account) -> None:
    down: list[str] = []

    def fails_from_then_on(sql: str) -> None:
        if down or "employee" in sql:
            down.append(sql)
            raise RemoteError("?", system="netsuite", status=500, code="UNEXPECTED_ERROR")

    account.before = fails_from_then_on
    with pytest.raises(RemoteError):
        probe(account, OPTIONS)


@pytest.mark.parametrize("fails, listed", [(1, {"1"}), (2, None)])
def test_the_list_of_deleted_records_counts_as_hidden_only_when_it_is_refused_again(
    account: Account, fails: int, listed: set[str] | None
) -> None:
    account.store.insert("deletedrecord", [{"recordid": "1", "type": "Sales Order"}])
    failed: list[str] = []

    def fails_at_first(sql: str) -> None:
        if "DeletedRecord" in sql and len(failed) < fails:
            failed.append(sql)
            raise RemoteError("?", system="netsuite", status=500, code="UNEXPECTED_ERROR")

    account.before = fails_at_first
    assert records_deleted(account, ["1", "2"]) == listed


def test_canary_counts_tell_what_the_role_sees(account: Account) -> None:
    account.order(1, "10.00", "5.00")
    account.order(2, "10.00")
    account.switch(hidden_tables=("deletedrecord",))
    counts = canary_counts(account)
    assert counts["sales orders"] == 2
    assert counts["order lines"] == 3
    assert counts["item fulfillments"] == 0
    assert counts["deleted records"] is None
