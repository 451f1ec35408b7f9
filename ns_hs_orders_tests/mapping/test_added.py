"""Fields of the mapping file in the mapped frames: transforms, strict columns, and values that cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.fields.field import Field, Reading
from ns_hs_orders.mapping.added import LAST, TEXT
from ns_hs_orders.mapping.map_orders import map_orders
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import Orders, with_added
from ns_hs_orders.mapping_file.vocabulary import LAST_STEPS, TEXT_STEPS
from ns_hs_orders_tests.mapping.builders import LINE, ORDER, raw_read

STRING = pd.StringDtype(na_value=float("nan"))


def field(
    kind: Any, *steps: str, table: dict[str, str] | None = None, hold: bool = True, **more: Any
) -> Field:
    suffix = {"money": "_minor", "date": "_on", "datetime": "_at"}.get(kind, "")
    reading = Reading("custom_x", steps or ("text",), tuple((table or {}).items()), hold)
    return Field(
        f"custom_x{suffix}", "Extra", kind, "extra", "transaction.custbody_x", reading=reading, **more
    )


def mapped(one: Field, text: str | None, *, of_lines: bool = False) -> Any:
    raw = raw_read((ORDER, [LINE]))
    column = pd.Series([text], dtype=STRING)
    if of_lines:
        rules = MappingRules(added_to_lines=(one,))
        return map_orders(RawRead(raw.orders, raw.lines.assign(custom_x=column)), rules)
    return map_orders(
        RawRead(raw.orders.assign(custom_x=column), raw.lines), MappingRules(added_to_orders=(one,))
    )


@pytest.mark.parametrize(
    "one, text, value",
    [
        (field("text"), " a ", " a "),
        (field("text", "trim"), " a ", "a"),
        (field("text", "trim"), "  ", None),
        (field("text", "upper"), "straße", "STRASSE"),
        (field("text", "lower"), "ÄB", "äb"),
        (field("text", "first_line"), "\n  one \ntwo", "one"),
        (field("text", "one_line"), " a\n b\tc ", "a b c"),
        (field("text", "digits_only"), "PO 12-٣ 4", "124"),
        (field("text", "id"), " 4111111111111111 ", "4111111111111111"),
        (field("text", "trim", "lower"), " A ", "a"),
        (field("url", "url"), " https://a.example/x ", "https://a.example/x"),
        (field("decimal", "decimal"), ".5", "0.5"),
        (field("decimal", "digits_only", "decimal"), "no. 12", "12"),
        (field("money", "money"), "12.5", 1250),
        (field("money", "money"), "-.01", -1),
        (field("date", "date"), "2026-02-28", date(2026, 2, 28)),
        (field("datetime", "datetime"), "2026-02-28T10:00:00Z", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        (field("boolean", "yes_no"), "T", "true"),
        (field("boolean", "yes_no"), "No", "false"),
        (field("text", table={"A": "Alpha", "*": "Other"}), "A", "Alpha"),
        (field("text", table={"A": "Alpha", "*": "Other"}), "B", "Other"),
        (field("enumeration", options=("a", "b")), "b", "b"),
        (field("money", "money"), None, None),
    ],
)
def test_each_transform_gives_its_value_for_orders_and_lines(
    one: Field, text: str | None, value: Any
) -> None:
    for frame in (mapped(one, text).orders, mapped(one, text, of_lines=True).lines):
        (found,) = frame[one.name].tolist()
        assert (None if pd.isna(found) else found) == value


@pytest.mark.parametrize(
    "one, text",
    [
        (field("money", "money"), "12.345"),
        (field("money", "money"), "1,000"),
        (field("decimal", "decimal"), "NaN"),
        (field("date", "date"), "2026-02-30"),
        (field("datetime", "datetime"), "yesterday"),
        (field("boolean", "yes_no"), "maybe"),
        (field("url", "url"), "javascript:alert(1)"),
        (field("url", "url"), "https://[::1"),
        (field("text", table={"A": "Alpha"}), "B"),
        (field("enumeration", options=("a",)), "b"),
    ],
)
def test_what_cannot_be_read_holds_its_order_or_is_left_empty_with_a_warning(one: Field, text: str) -> None:
    for of_lines in (False, True):
        (reason,), (why,) = (
            mapped(one, text, of_lines=of_lines).quarantined[n].tolist() for n in ("reason", "explanation")
        )
        assert reason == "unreadable_field"
        assert "Extra (transaction.custbody_x)" in why
        assert one.reading
        let_go = field(
            one.kind, *one.reading.steps, table=dict(one.reading.table), hold=False, options=one.options
        )
        sent = mapped(let_go, text, of_lines=of_lines)
        assert sent.orders["warnings"].tolist() == ["field_left_empty"]
        assert (sent.lines if of_lines else sent.orders)[one.name].isna().all()


def test_an_order_that_lacks_more_than_a_field_is_filed_under_its_dollars() -> None:
    raw = raw_read((ORDER._replace(total="999.00"), [LINE]))
    frame = RawRead(raw.orders.assign(custom_x=pd.Series(["x"], dtype=STRING)), raw.lines)
    found = map_orders(frame, MappingRules(added_to_orders=(field("date", "date"),)))
    assert found.quarantined["reason"].tolist() == ["does_not_add_up"]


def test_a_line_that_is_no_goods_never_holds_an_order_for_a_field() -> None:
    raw = raw_read(
        (ORDER, [LINE, LINE._replace(line_unique_key="2", item_type="Subtotal", amount="-120.00")])
    )
    frame = RawRead(raw.orders, raw.lines.assign(custom_x=pd.Series(["1", "x"], dtype=STRING)))
    found = map_orders(frame, MappingRules(added_to_lines=(field("decimal", "decimal"),)))
    assert found.lines["custom_x"].isna().tolist() == [False, True]
    assert found.orders["warnings"].tolist() == [""]


def test_a_frame_that_was_read_before_the_field_was_added_has_none_of_it() -> None:
    found = map_orders(raw_read((ORDER, [LINE])), MappingRules(added_to_orders=(field("text"),)))
    assert found.orders["custom_x"].isna().all()


def test_the_contract_has_exactly_the_added_columns() -> None:
    one = field("money", "money")
    frame = mapped(one, "1").orders
    with_added(Orders, (one,)).validate(frame, lazy=True)
    for wrong in (frame.drop(columns="custom_x_minor"), frame.assign(custom_y="a")):
        with pytest.raises(SchemaErrors):
            with_added(Orders, (one,)).validate(wrong, lazy=True)
    with pytest.raises(SchemaErrors):
        Orders.validate(frame, lazy=True)


def test_every_transform_that_the_file_may_name_is_carried_out() -> None:
    assert set(TEXT) == set(TEXT_STEPS)
    assert {*LAST, "money"} == set(LAST_STEPS)
