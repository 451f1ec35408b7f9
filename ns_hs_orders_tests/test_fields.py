"""The field map: its columns exist in the contracts, and an account's settings change it safely."""

from __future__ import annotations

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.extract.schema import RawLines, RawOrders
from ns_hs_orders.fields.columns import HEADER_COLUMNS, LINE_COLUMNS
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.fields.orders import LINE_FIELDS, ORDER_FIELDS, STAGE_PROPERTIES
from ns_hs_orders.mapping.schema import OrderLines, Orders

ACCOUNT = {
    "source_store_field": "custbody_store",
    "payment_note_field": "custbody_note",
    "buying_group_field": "",
    "deal_name_field": "custbody_deal",
    "deal_url_field": "custbody_url",
    "sales_effective_date_field": "saleseffectivedate",
    "criterion_field": "",
}


def test_every_mapped_field_is_a_column_of_its_contract():
    assert {f.name for f in ORDER_FIELDS} <= set(Orders.to_schema().columns)
    assert {f.name for f in LINE_FIELDS} <= set(OrderLines.to_schema().columns)


def test_every_source_column_is_a_column_of_its_raw_contract_or_falls_back_to_one():
    fallbacks = {"item_type_of_item"}
    assert {c.name for c in HEADER_COLUMNS} <= set(RawOrders.to_schema().columns)
    assert {c.name for c in LINE_COLUMNS} - fallbacks <= set(RawLines.to_schema().columns)


def test_no_hubspot_property_is_written_twice():
    properties = [f.hubspot_property for f in ORDER_FIELDS] + list(STAGE_PROPERTIES)
    assert len(properties) == len(set(properties))
    line_properties = [f.hubspot_property for f in LINE_FIELDS]
    assert len(line_properties) == len(set(line_properties))


def test_money_fields_are_minor_units_and_dates_and_times_are_named_for_what_they_are():
    for field in ORDER_FIELDS + LINE_FIELDS:
        assert (field.kind == "money") == field.name.endswith("_minor"), field
        assert (field.kind == "date") == field.name.endswith("_on"), field
        assert (field.kind == "datetime") == field.name.endswith("_at"), field


def test_only_our_own_properties_are_unique_keys_and_each_says_what_it_is():
    unique = [f for f in ORDER_FIELDS + LINE_FIELDS if f.unique]
    assert [f.hubspot_property for f in unique] == ["netsuite_internal_id", "netsuite_line_key"]
    assert all(f.own and f.description for f in unique)


def test_texts_that_people_type_are_masked_and_ids_and_urls_are_not():
    masked = {c.name for c in HEADER_COLUMNS + LINE_COLUMNS if c.masked}
    assert masked == {
        "memo", "po_number", "source_store", "payment_note", "buying_group", "deal_name", "line_memo",
    }  # fmt: skip


def test_custom_fields_take_the_accounts_names_and_absent_ones_are_left_out():
    columns = {c.name: c.expression for c in field_map(ACCOUNT).header_columns}
    assert columns["source_store"] == "t.custbody_store"
    assert columns["sales_effective_on"] == "t.saleseffectivedate"
    assert "buying_group" not in columns
    assert "criterion" not in columns
    assert not any("{" in expression for expression in columns.values())


def test_a_column_that_the_account_does_not_have_is_dropped_and_its_field_stays():
    reduced = field_map(ACCOUNT).without(frozenset({"partner_id", "subsidiary"}))
    assert "partner_id" not in {c.name for c in reduced.header_columns}
    assert "subsidiary" not in {c.name for c in reduced.line_columns}
    assert "partner_name" in {f.name for f in reduced.order_fields}


def test_a_field_can_be_switched_off():
    fields = field_map(ACCOUNT, switched_off=frozenset({"netsuite_partner", "hs_sku"}))
    assert "netsuite_partner" not in {f.hubspot_property for f in fields.order_fields}
    assert "hs_sku" not in {f.hubspot_property for f in fields.line_fields}


def test_switching_off_an_unknown_property_names_it_and_the_known_ones():
    with pytest.raises(ConfigError, match=r"hs_nonsense.*netsuite_partner"):
        field_map(ACCOUNT, switched_off=frozenset({"hs_nonsense"}))


@pytest.mark.parametrize(
    "needed", ["netsuite_internal_id", "netsuite_line_key", "hs_total_price", "netsuite_line_amount", "name"]
)
def test_keys_and_amounts_cannot_be_switched_off(needed):
    with pytest.raises(ConfigError, match=needed):
        field_map(ACCOUNT, switched_off=frozenset({needed}))
