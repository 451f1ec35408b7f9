"""What a mapping file makes of the field map, and what it may not say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.extract.sources import header, lines
from ns_hs_orders.fields.field import Field
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.returns import return_field_map
from ns_hs_orders.mapping_file.changes import NEVER_OFF, NEVER_RENAMED, NEVER_RENAMED_ON_RETURNS, Account
from ns_hs_orders.mapping_file.document import read_document
from ns_hs_orders.mapping_file.in_force import DEFAULTS, field_map_of
from ns_hs_orders.mapping_file.vocabulary import KEYS, LAST_STEPS, TEXT_STEPS, TYPES
from ns_hs_orders.mapping_file.written import as_file
from ns_hs_orders.setup.requirements import of_mapping_file

ACCOUNT = Account(
    {
        "source_store_field": "custbody_source_store",
        "payment_note_field": "custbody_payment_note",
        "deal_name_field": "custbody_deal_name",
        "deal_url_field": "custbody_hubspot_deal_url",
        "sales_effective_date_field": "saleseffectivedate",
        "buying_group_field": "",
    },
    has_returns=True,
)


def mapped(text: str, account: Account = ACCOUNT) -> FieldMap:
    return field_map_of(account, read_document(text.encode(), "mapping.toml"))


def refused(text: str, account: Account = ACCOUNT) -> list[str]:
    with pytest.raises(ConfigError) as error:
        mapped(text, account)
    first, *found = str(error.value).split("\n  ")
    assert first == "The mapping file mapping.toml is wrong:"
    return found


@pytest.mark.parametrize(
    "account",
    [
        ACCOUNT,
        replace(ACCOUNT, has_products=True, has_trust_fields=False, has_returns=False),
        replace(ACCOUNT, has_return_records=False),
        replace(ACCOUNT, switched_off=frozenset({"hs_external_order_id", "hubspot_owner_id"})),
        replace(ACCOUNT, switched_off=frozenset({"hs_order_note", "netsuite_partner", "description"})),
        replace(ACCOUNT, heal_policy={"hs_order_note": "keep", "netsuite_po_number": "report"}),
        replace(
            ACCOUNT, set_by_hand=frozenset({"deal_url_field"}), columns={"deal_url_field": "custbody_url"}
        ),
    ],
    ids=[
        "plain",
        "products",
        "no return records",
        "keys switched off",
        "switched off",
        "heal policy",
        "own columns",
    ],
)
def test_the_default_map_as_a_file_changes_nothing(account: Account) -> None:
    without = field_map_of(account)
    text = as_file(without, account)
    assert mapped(text, account) == without
    assert not mapped(text, account).of_mapping_file
    assert mapped("", account) == without


def test_every_default_field_stands_in_the_default_file_once() -> None:
    account = replace(ACCOUNT, has_products=True)
    text = as_file(field_map_of(account), account)
    headers = re.findall(r"^\[(.+)\]$", text, re.MULTILINE)
    assert headers == [
        f"{section}.{name}" for section in ("orders", "lines", "returns") for name in DEFAULTS[section]
    ]


def test_an_added_field_has_its_column_property_and_type() -> None:
    found = mapped('[orders.window]\nnetsuite = "Custbody_Window"\n')
    field = found.added_order_fields[0]
    assert (field.name, field.hubspot_property, field.label, field.kind) == (
        "custom_window",
        "netsuite_window",
        "Window",
        "text",
    )
    assert (field.own, field.when_edited, field.group) == (True, "heal", "")
    column = found.header_columns[-1]
    assert (column.name, column.expression, column.required, column.masked) == (
        "custom_window",
        "t.custbody_window",
        True,
        True,
    )
    assert column.origin == "mapping.toml, line 2, column 12: [orders.window]"


@pytest.mark.parametrize(
    "entry, name, kind, masked",
    [
        ('transform = "id"', "custom_x", "text", False),
        ('transform = "url"', "custom_x", "url", False),
        ('type = "url"', "custom_x", "url", False),
        ('type = "date"', "custom_x_on", "date", False),
        ('transform = "datetime"', "custom_x_at", "datetime", False),
        ('transform = ["trim", "money"]', "custom_x_minor", "money", True),
        ('transform = "decimal"', "custom_x", "decimal", True),
        ('type = "boolean"', "custom_x", "boolean", True),
        ('transform = ["list_name", "upper"]', "custom_x", "text", True),
        ('type = "long_text"', "custom_x", "long_text", True),
    ],
)
def test_a_transform_and_a_type_go_together_and_tell_what_is_masked(
    entry: str, name: str, kind: str, masked: bool
) -> None:
    found = mapped(f'[orders.x]\nnetsuite = "custbody_x"\n{entry}\n')
    (field,), column = found.added_order_fields, found.header_columns[-1]
    assert (field.name, field.kind, column.masked) == (name, kind, masked)


def test_paths_join_each_table_once() -> None:
    found = mapped(
        '[orders.a]\nnetsuite = "location.name"\n[orders.b]\nnetsuite = "mainline.custcol_x"\n'
        '[orders.c]\nnetsuite = "department.name"\n[orders.d]\nnetsuite = "entity.custentity_y"\n'
        '[orders.e]\nnetsuite = "customer.email"\n[orders.f]\nnetsuite = "class"\ntransform = "list_name"\n'.replace(
            '"class"', '"mainline.class"'
        )
        + '[lines.a]\nnetsuite = "item.custitem_z"\n[lines.b]\nnetsuite = "location"\ntransform = "list_name"\n'
    )
    source = header(found)
    tables = source.tables(source.columns)
    assert tables.count("transactionline m_line") == 1
    assert tables.count("customer m_entity") == 1
    assert tables.index("transactionline m_line") < tables.index("location m_location")
    assert {source.shown(column) for column in source.columns[-6:]} == {
        "location.name", "transactionline.custcol_x", "department.name", "customer.custentity_y", "customer.email",
        "transactionline.class",
    }  # fmt: skip
    of_lines = lines(found)
    assert [of_lines.shown(column) for column in of_lines.columns[-2:]] == [
        "item.custitem_z",
        "transactionline.location",
    ]
    assert of_lines.columns[-1].expression == "BUILTIN.DF(tl.location)"


def test_default_fields_are_renamed_switched_off_and_taken_from_other_columns() -> None:
    found = mapped(
        '[orders.po_number]\nhubspot = "my_po"\nlabel = "Purchase order"\ngroup = "mine"\nheal = "keep"\n'
        'netsuite = "custbody_po"\n[orders.memo]\noff = true\n[orders.source_store]\nnetsuite = "entity.custentity_store"\n'
        '[lines.sku]\noff = true\n[orders.buying_group]\nnetsuite = "custbody_group"\n'
    )
    by_name = {field.name: field for field in found.order_fields}
    po = by_name["po_number"]
    assert (po.hubspot_property, po.label, po.group, po.when_edited, po.own) == (
        "my_po", "Purchase order", "mine", "keep", True,
    )  # fmt: skip
    assert "memo" not in by_name
    assert "sku" not in {field.name for field in found.line_fields}
    columns = {column.name: column for column in found.header_columns}
    assert columns["po_number"].expression == "t.custbody_po"
    assert columns["po_number"].masked
    assert columns["source_store"].expression == "m_entity.custentity_store"
    assert columns["buying_group"].expression == "t.custbody_group"
    assert columns["buying_group"].required
    assert columns["memo"].expression == "t.memo"


def test_returns_are_a_section_of_their_own() -> None:
    found = mapped(
        '[returns.reason]\nnetsuite = "custbody_reason"\nhubspot = "return_reason"\nheal = "report"\n'
    )
    (field,), (column,) = found.added_return_fields, found.return_columns
    assert (field.hubspot_property, column.expression) == ("return_reason", "t.custbody_reason")
    assert found.added_order_fields == ()


@pytest.mark.parametrize(
    "text, told",
    [
        ('[ordes.x]\nnetsuite = "a"', r"line 1, column 2: there is no section 'ordes'; did you mean orders\?"),
        ("orders = 3", "line 1, column 10: orders is a number; fields are tables"),
        ("[orders]\nmemo = true", "line 2, column 1: 'memo' in orders is a truth value; a field is a table"),
        ("[[orders.x]]", "line 1, column 10: 'x' in orders is a list"),
        ("[orders.Memo]\noff = true", "line 1, column 9: 'Memo' cannot be a field's name"),
        ("[orders.memo]\nof = true", r"line 2, column 1: \[orders.memo\]: there is no key 'of'; did you mean off"),
        ('[orders.memo]\noff = "yes"', "line 2, column 7: .*off is 'yes'; it must be true or false"),
        ("[orders.x]\nnetsuite = 2026-01-01", "line 2, column 12: .*netsuite is a date or time; it must be a text"),
        ('[orders.x]\nnetsuite = ""', "line 2, column 12: .*it must be a text"),
        ("[orders.meno]\noff = true", r"line 2, column 7: .*no field meno to switch off; did you mean memo\?"),
        ('[orders.meno]\nhubspot = "x"', "line 1, column 9: .*netsuite is missing.*did you mean memo"),
        ('[orders.x]\nnetsuite = "a; drop table b"', "line 2, column 12: .*neither a column"),
        ('[orders.x]\nnetsuite = "t.id) --"', "line 2, column 12: .*neither a column"),
        ('[orders.x]\nnetsuite = "BUILTIN.DF(status)"', "line 2, column 12: .*neither a column"),
        ('[orders.x]\nnetsuite = "a.b.c"', "line 2, column 12: .*neither a column"),
        ('[orders.x]\nnetsuite = "custbody_ä"', "line 2, column 12: .*neither a column"),
        ('[orders.x]\nnetsuite = "employe.email"', r"line 2, column 12: .*no join 'employe'.*did you mean employee\?"),
        ('[lines.x]\nnetsuite = "entity.email"', "line 2, column 12: .*no join 'entity' for lines.*Joins: item"),
        ('[orders.x]\nnetsuite = "location"', r"line 2, column 12: .*write mainline\.location"),
        ('[orders.x]\nnetsuite = "a"\ntransform = "uper"', r"line 3, column 13: .*no transform 'uper'; did you mean upper"),
        ('[orders.x]\nnetsuite = "a"\ntransform = ["trim",\n "uper"]', "line 4, column 2: .*no transform 'uper'"),
        ('[orders.x]\nnetsuite = "a"\ntransform = ["date", "trim"]', "line 3, column 14: .*date stands alone"),
        ('[orders.x]\nnetsuite = "a"\ntransform = ["money", "trim"]', "line 3, column 14: .*money stands last"),
        ('[orders.x]\nnetsuite = "a"\ntransform = ["trim", "list_name"]', "line 3, column 22: .*list_name stands first"),
        ('[orders.x]\nnetsuite = "a"\ntransform = { A = 1 }', "line 3, column 13: .*a table of texts"),
        ('[orders.x]\nnetsuite = "a"\ntype = "txt"', r"line 3, column 8: .*no type 'txt'; did you mean text\?"),
        ('[orders.x]\nnetsuite = "a"\ntype = "date"\ntransform = "trim"', "line 3, column 8: .*trim makes text"),
        ('[orders.x]\nnetsuite = "a"\ntype = "enumeration"', "line 3, column 8: .*needs options"),
        ('[orders.x]\nnetsuite = "a"\noptions = ["a"]', "line 3, column 11: .*options are for the type enumeration"),
        ('[orders.x]\nnetsuite = "a"\nhubspot = "My Property"', "line 3, column 11: .*internal name of a HubSpot property"),
        ('[orders.x]\nnetsuite = "a"\ngroup = "My group"', "line 3, column 9: .*internal name of a property group"),
        ('[orders.x]\nnetsuite = "a"\nheal = true', "line 3, column 8: .*heal is true; it must be one of heal, keep, report"),
        ('[orders.x]\nnetsuite = "a"\ntype = 3', "line 3, column 8: .*it must be one of text, long_text, decimal"),
        ('[orders.x]\nnetsuite = "a"\nunreadable = false', "line 3, column 14: .*unreadable is false; it must be one of hold, empty"),
        ('[orders.x]\nnetsuite = "a"\nlabel = "a\\nb"', "line 3, column 9: .*one line of at most 250 characters"),
        (f'[orders.memo]\nlabel = "{"L" * 251}"', "line 2, column 9: .*one line of at most 250 characters"),
        ('[orders.x]\nnetsuite = "a"\ntype = "enumeration"\noptions = [{value = "a", label = "A"}]', r'line 4, column 11: .*a list of texts, as \["a", "b"\], which HubSpot shows as they are'),
        ('[orders.x]\nnetsuite = "a"\ntype = "date"\n[returns.x]\nnetsuite = "a"', r"line 4, column 10: \[returns.x\]: netsuite_x is written by orders.x, too, as date, and not as text: one property has one type"),
        ('[orders.x]\nnetsuite = "a"\ntype = "enumeration"\noptions = ["a"]\n[returns.x]\nnetsuite = "a"\ntype = "enumeration"\noptions = ["a", "b"]', "line 8, column 11: .*by orders.x, too, without the options b; add them there"),
        ('[orders.x]\nnetsuite = "a"\nheal = "mayb"', "line 3, column 8: .*one of heal, keep, report"),
        ('[orders.x]\nnetsuite = "a"\nunreadable = "no"', "line 3, column 14: .*it is hold or empty"),
        ('[lines.x]\nnetsuite = "a"\nheal = "keep"', "line 3, column 8: .*line items are always healed"),
        ('[lines.sku]\nheal = "keep"', "line 2, column 8: .*always healed"),
        ('[orders.order_on]\nheal = "report"', "line 2, column 8: .*always healed"),
        ("[orders.total_minor]\noff = true", "line 2, column 7: .*hs_total_price cannot be switched off"),
        ("[lines.line_key]\noff = true", "line 2, column 7: .*netsuite_line_key cannot be switched off"),
        ('[orders.currency]\nhubspot = "x"', "line 2, column 11: .*hs_currency_code cannot be renamed"),
        ('[orders.memo]\ntype = "date"', "line 2, column 8: .*its type is long_text"),
        ('[orders.memo]\ntransform = "upper"', "line 2, column 13: .*its transform is fixed.*add one of your own"),
        ('[orders.memo]\noptions = ["a"]', "line 2, column 11: .*for fields that the file adds"),
        ('[orders.tax_minor]\nnetsuite = "taxtotal"', "line 2, column 12: .*its value is computed"),
        ('[orders.order_on]\nnetsuite = "duedate"', "line 2, column 12: .*always taken from trandate"),
        ('[orders.a]\nnetsuite = "a"\nhubspot = "hs_order_note"', "line 3, column 11: .*is written by orders.memo already"),
        ('[orders.a]\nnetsuite = "a"\nhubspot = "hs_pipeline_stage"', "line 3, column 11: .*by the sync itself already"),
        ('[orders.a]\nnetsuite = "a"\nhubspot = "netsuite_verified_at"', "line 3, column 11: .*by the sync itself"),
        ('[orders.a]\nnetsuite = "a"\nhubspot = "p"\n[orders.b]\nnetsuite = "b"\nhubspot = "p"', "line 6, column 11: .*by orders.a already"),
        ('[orders.a]\nnetsuite = "a"\ntype = "money"\n[orders.a_minor]\nnetsuite = "b"', "line 4, column 9: .*its column is custom_a_minor"),
        ('[returns.order_on]\nheal = "keep"', "line 2, column 8: .*always healed"),
        ('[returns.parent_order_id]\nheal = "report"', "line 2, column 8: .*always healed"),
        ('[returns.refund_minor]\nheal = "keep"', "line 2, column 8: .*always healed"),
        ('[returns.parent_order_id]\nhubspot = "x"', "line 2, column 11: .*netsuite_return_parent cannot be renamed, since the sync finds and proves returns by it"),
        ('[returns.rep_email]\nhubspot = "x"', "line 2, column 11: .*hubspot_owner_id cannot be renamed"),
        ('[returns.memo]\nnetsuite = "custbody_x"', "line 2, column 12: .*its value is computed"),
        ('[returns.parent_kind]\ntype = "date"', "line 2, column 8: .*its type is text"),
        ("[returns.parent_knd]\noff = true", r"line 2, column 7: .*no field parent_knd to switch off; did you mean parent_kind"),
        ('[returns.memo]\nhubspot = "netsuite_return_made_from"', "line 2, column 11: .*is written by returns.parent_kind already"),
        ('[orders.memo]\nhubspot = "netsuite_return_made_from"', "line 2, column 11: .*is written by returns.parent_kind already"),
        ('[returns.a]\nnetsuite = "a"\nhubspot = "hs_pipeline_stage"', "line 3, column 11: .*by the sync itself already"),
        ('[returns.a]\nnetsuite = "a"\nhubspot = "netsuite_order_date"', "line 3, column 11: .*by orders alone already"),
        ('[returns.a]\nnetsuite = "a"\nhubspot = "hs_subtotal_price"', "line 3, column 11: .*by returns.subtotal_price already"),
        ('[orders.a]\nnetsuite = "a"\nhubspot = "netsuite_return_amount"', "line 3, column 11: .*by return records already"),
        ('[lines.a]\nnetsuite = "a"\nhubspot = "netsuite_return_line_amount"', "line 3, column 11: .*by return records already"),
        ("[lines.product]\nhubspot = \"x\"", "line 1, column 8: .*NS_HS_PRODUCT_ASSOCIATION leaves it out"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    found = refused(text)
    assert any(re.fullmatch(f"{told}.*", one) for one in found), found


def test_a_name_that_can_be_no_fields_hides_nothing_that_is_wrong_below_it() -> None:
    found = refused(
        '[lines.\'x y\']\ncolour = 1\nnetsuite = "item.custitem_x"\ntransform = ["uper"]\nheal = "keep"\n'
        '[orders."Memo"]\noff = true\n["orders.po"]\noff = true\n[orders.b]\nsize = 1\n[orders."a\\nb"]\nhubspot = 1\n'
    )
    assert [one.split(": ")[0] for one in found] == [
        "line 1, column 8", "line 2, column 1", "line 4, column 14", "line 5, column 8", "line 6, column 9",
        "line 7, column 7", "line 8, column 2", "line 10, column 9", "line 11, column 1", "line 12, column 9",
        "line 12, column 9", "line 13, column 11",
    ]  # fmt: skip
    assert found[1].startswith('line 2, column 1: [lines."x y"]: there is no key')
    assert found[5].endswith(
        """[orders."Memo"]: there is no field "Memo" to switch off; did you mean memo?"""
    )
    assert "'orders.po'; write [orders.po] without quotes around both." in found[6]


@pytest.mark.parametrize(
    "text, told",
    [
        (
            "options = []",
            'options is an empty list; it must be a list of texts, as ["a", "b"], which HubSpot shows as they are, one at least.',
        ),
        ('options = ["a", 1]', "options has 1 in it; it must be a list of texts"),
        ('options = ["a", ""]', "options has '' in it; it must be a list"),
        (
            "transform = []",
            "transform is an empty list; it must be a name, a list of names, or a table of texts, one at least.",
        ),
        ("transform = {}", "transform is an empty table; it must be a name"),
        ("transform = {A = 1}", "transform has 1 in it; it must be a name"),
        ('label = ""', "label is ''; it must be one line of at most 250 characters that is not empty"),
    ],
)
def test_empty_lists_and_tables_and_bad_members_are_told_as_such(text: str, told: str) -> None:
    (found,) = refused(f'[orders.a]\nnetsuite = "custbody_a"\n{text}\n')
    assert found.startswith("line 3, column ")
    assert f"[orders.a]: {told}" in found


def test_a_column_of_the_wrong_kind_is_not_told_as_missing_too() -> None:
    (found,) = refused("[orders.a]\nnetsuite = []\n")
    assert found.startswith("line 2, column 12: [orders.a]: netsuite is an empty list; it must be a text")


def test_all_problems_are_told_at_once_from_the_top_down() -> None:
    found = refused('[orders.a]\nnetsuite = "x y"\nheal = 1\n[orders.total_minor]\noff = true\n[x]\n')
    assert [one.split(":")[0] for one in found] == [
        "line 2, column 12", "line 3, column 8", "line 5, column 7", "line 6, column 2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "account, text, told",
    [
        ({"switched_off": frozenset({"hs_order_note"})}, '[orders.memo]\nlabel = "Memo"', "NS_HS_SWITCHED_OFF_PROPERTIES"),
        ({"switched_off": frozenset({"hs_order_note"})}, '[returns.memo]\nlabel = "Memo"', "NS_HS_SWITCHED_OFF_PROPERTIES"),
        ({"has_return_records": False}, '[returns.memo]\nlabel = "Memo"', "NS_HS_RETURNS leaves return records out"),
        ({"heal_policy": {"hs_order_note": "keep"}}, '[returns.memo]\nheal = "heal"', "line 2, column 8: .*NS_HS_HEAL_POLICY"),
        ({"heal_policy": {"hs_order_note": "keep"}}, '[orders.memo]\nheal = "heal"', "line 2, column 8: .*NS_HS_HEAL_POLICY"),
        ({"heal_policy": {"hs_order_note": "keep"}}, "[orders.memo]\noff = true", "line 2, column 7: .*NS_HS_HEAL_POLICY"),
        ({"heal_policy": {"hs_order_note": "keep"}}, '[orders.memo]\nhubspot = "x"', "line 2, column 11: .*NS_HS_HEAL_POLICY"),
        ({"heal_policy": {"p": "keep"}}, '[orders.a]\nnetsuite = "a"\nhubspot = "p"\nheal = "report"', "line 4, column 8: .*NS_HS_HEAL"),
        (
            {"set_by_hand": frozenset({"deal_name_field"})},
            '[orders.deal_name]\nnetsuite = "custbody_other"',
            "line 2, column 12: .*contradicts NS_HS_DEAL_NAME_FIELD, which is custbody_deal_name",
        ),
    ],
)  # fmt: skip
def test_the_file_and_the_settings_may_not_contradict(account: dict[str, Any], text: str, told: str) -> None:
    (found,) = refused(text, replace(ACCOUNT, **account))
    assert re.search(told, found), found


def test_the_file_and_the_settings_may_say_the_same() -> None:
    account = replace(
        ACCOUNT,
        switched_off=frozenset({"hs_order_note"}),
        heal_policy={"netsuite_po_number": "keep", "p": "report"},
        set_by_hand=frozenset({"deal_name_field"}),
    )
    found = mapped(
        '[orders.memo]\noff = true\n[orders.po_number]\nheal = "keep"\n[orders.deal_name]\nnetsuite = "custbody_deal_name"\n'
        '[orders.a]\nnetsuite = "a"\nhubspot = "p"\n',
        account,
    )
    assert found.left_when_edited["netsuite_po_number"] == "keep"
    assert found.left_when_edited["p"] == "report"


def test_what_the_sync_finds_orders_by_is_never_renamed() -> None:
    fixed = {"orders": NEVER_RENAMED, "lines": NEVER_RENAMED, "returns": NEVER_RENAMED_ON_RETURNS}
    for section, properties in fixed.items():
        for name, field in DEFAULTS[section].items():
            if field.hubspot_property in properties and field.kind != "product":
                (found,) = refused(f'[{section}.{name}]\nhubspot = "other"\n')
                assert "cannot be renamed" in found


WORDS = st.sampled_from(
    [*KEYS, *TYPES, *TEXT_STEPS, *LAST_STEPS, *DEFAULTS["orders"], *DEFAULTS["lines"], *DEFAULTS["returns"], "custbody_x", "entity.email",
     "item.name", "heal", "keep", "hs_order_note", "netsuite_x", "hold", "empty", "*", "A", "ä"]
)  # fmt: skip
VALUES = st.recursive(
    WORDS | st.text(max_size=8) | st.booleans() | st.integers(-3, 3),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(WORDS, of, max_size=3),
    max_leaves=4,
)
TABLES = st.dictionaries(
    st.sampled_from(["orders", "lines", "returns"]) | WORDS,
    st.dictionaries(WORDS, st.dictionaries(st.sampled_from([*KEYS]) | WORDS, VALUES, max_size=5), max_size=3),
    max_size=3,
)


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(one):08x}" for one in value if not "\ud800" <= one <= "\udfff") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return "{" + ", ".join(f"{as_toml(key)} = {as_toml(one)}" for key, one in value.items()) + "}"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_any_file_gives_a_field_map_or_its_problems_with_their_places(tables: dict[str, Any]) -> None:
    text = "\n".join(
        f"[{as_toml(section)}.{as_toml(name)}]\n"
        + "\n".join(f"{as_toml(key)} = {as_toml(value)}" for key, value in values.items())
        for section, fields in tables.items()
        for name, values in fields.items()
    )
    try:
        found = mapped(text)
    except ConfigError as error:
        told = str(error).split("\n  ")[1:]
    else:
        for fields in (found.order_fields, found.return_fields):
            properties = [field.hubspot_property for field in fields]
            assert len(properties) == len(set(properties))
            assert {"hs_total_price", "netsuite_internal_id", "hs_currency_code"} <= set(properties)
        return
    assert told
    assert all(re.match(r"line [0-9]+, column [0-9]+: ", one) for one in told)


def on_returns(found: FieldMap) -> dict[str, Field]:
    return {field.mapping_name: field for field in return_field_map(found).order_fields}


def test_default_fields_of_returns_are_renamed_relabelled_switched_off_and_given_a_policy() -> None:
    found = mapped(
        '[returns.parent_order_number]\nhubspot = "returned_order"\nlabel = "Returned"\n'
        '[returns.parent_kind]\nlabel = "Made from"\nheal = "keep"\ngroup = "mine"\n'
        "[returns.parent_order_url]\noff = true\n[returns.memo]\noff = true\n"
        '[returns.source_store]\nhubspot = "return_store"\n'
    )
    returns = on_returns(found)
    number, kind, store = returns["parent_order_number"], returns["parent_kind"], returns["source_store"]
    assert (number.hubspot_property, number.label, number.own) == ("returned_order", "Returned", True)
    assert number.origin == "mapping.toml, line 2, column 11: [returns.parent_order_number]"
    assert (kind.hubspot_property, kind.label, kind.when_edited, kind.group) == (
        "netsuite_return_made_from", "Made from", "keep", "mine",
    )  # fmt: skip
    assert (store.hubspot_property, store.own) == ("return_store", True)
    assert set(DEFAULTS["returns"]) - set(returns) == {"parent_order_url", "memo"}
    assert found.order_fields == mapped("").order_fields
    assert found.added_return_fields == ()


def test_returns_follow_what_orders_and_lines_make_of_a_property_that_both_have() -> None:
    found = mapped(
        '[orders.source_store]\nhubspot = "my_store"\nlabel = "Shop"\nheal = "report"\n[orders.memo]\nheal = "keep"\n'
        '[orders.order_url]\noff = true\n[lines.line_description]\nhubspot = "my_description"\n[lines.sku]\noff = true\n'
    )
    returns = on_returns(found)
    store = returns["source_store"]
    assert (store.hubspot_property, store.label, store.own, store.when_edited) == (
        "my_store", "Shop", True, "report",
    )  # fmt: skip
    assert returns["memo"].when_edited == "keep"
    assert "order_url" not in returns
    lines = {field.name: field.hubspot_property for field in return_field_map(found).line_fields}
    assert lines["line_description"] == "my_description"
    assert "sku" not in lines
    assert [field.hubspot_property for field in of_mapping_file(found)["orders"]] == ["my_store"]


def test_what_the_file_says_of_returns_goes_before_what_it_says_of_orders() -> None:
    found = mapped(
        '[orders.source_store]\nhubspot = "my_store"\n[orders.memo]\noff = true\n'
        '[orders.created_at]\nheal = "report"\n[orders.order_url]\nhubspot = "my_link"\n'
        '[returns.source_store]\nhubspot = "hs_source_store"\n[returns.memo]\nlabel = "Why"\n'
        '[returns.created_at]\nheal = "heal"\n[returns.order_url]\nlabel = "Return"\n'
    )
    returns = on_returns(found)
    assert returns["source_store"].hubspot_property == "hs_source_store"
    assert (returns["memo"].hubspot_property, returns["memo"].label) == ("hs_order_note", "Why")
    assert returns["created_at"].when_edited == "heal"
    link = returns["order_url"]
    assert (link.hubspot_property, link.label) == ("my_link", "Return")
    assert link.origin.endswith("[orders.order_url]")


def test_what_returns_are_found_and_proven_by_is_never_switched_off() -> None:
    for name, field in DEFAULTS["returns"].items():
        if field.hubspot_property in NEVER_OFF["returns"]:
            (found,) = refused(f"[returns.{name}]\noff = true\n")
            assert found == (
                f"line 2, column 7: [returns.{name}]: {field.hubspot_property} cannot be switched off: returns are "
                "found and proven by it."
            )
    free = {
        name
        for name, field in DEFAULTS["returns"].items()
        if field.hubspot_property not in NEVER_OFF["returns"]
    }
    assert free == {
        "order_url", "memo", "created_at", "source_store", "rep_email", "parent_kind", "parent_order_number",
        "parent_order_url",
    }  # fmt: skip


def test_a_setting_that_is_of_orders_does_not_contradict_what_is_said_of_returns_alone() -> None:
    account = replace(ACCOUNT, heal_policy={"hs_order_note": "keep"})
    assert on_returns(mapped("", account))["memo"].when_edited == "keep"
    assert "memo" not in on_returns(mapped("[returns.memo]\noff = true\n", account))
    renamed = on_returns(mapped('[returns.memo]\nhubspot = "return_note"\nheal = "heal"\n', account))["memo"]
    assert (renamed.hubspot_property, renamed.when_edited) == ("return_note", "heal")
    account = replace(ACCOUNT, heal_policy={"return_note": "report"})
    renamed = on_returns(mapped('[returns.memo]\nhubspot = "return_note"\n', account))["memo"]
    assert renamed.when_edited == "report"


def test_fields_of_returns_contradict_a_setting_that_leaves_return_records_out() -> None:
    account = replace(ACCOUNT, has_return_records=False)
    (found,) = refused('[returns.x]\nnetsuite = "custbody_x"\n', account)
    assert "NS_HS_RETURNS leaves return records out" in found
    assert mapped('[returns.x]\nnetsuite = "custbody_x"\noff = true\n', account).return_fields == ()
