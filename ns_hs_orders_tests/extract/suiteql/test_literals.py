"""Only integers and dates ever become part of a query's text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.errors import ConfigError, ContractError
from ns_hs_orders.extract.suiteql.literals import column_name, id_list, literal


@pytest.mark.parametrize(
    "value, text",
    [
        (42, "42"),
        (-5, "-5"),
        ("0042", "42"),
        (date(2026, 2, 3), "TO_DATE('2026-02-03', 'YYYY-MM-DD')"),
        (
            datetime(2026, 2, 3, 4, 5, 6, 700),  # noqa: DTZ001 - session time has no zone of its own
            "TO_DATE('2026-02-03 04:05:06', 'YYYY-MM-DD HH24:MI:SS')",
        ),
    ],
)
def test_integers_dates_and_session_times_become_literals(value: int | str | date, text: str) -> None:
    assert literal(value) == text


@pytest.mark.parametrize(
    "value",
    ["1 OR 1=1", "'x'", "", "1.5", "٤٢", "1\n", "9" * 19, 1.5, True, None, datetime(2026, 2, 3, tzinfo=UTC)],
)
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match="cannot be written into a query"):
        literal(value)  # type: ignore[arg-type]


@given(st.text())
def test_text_is_a_literal_only_if_it_is_an_integer(text: str) -> None:
    try:
        made = literal(text)
    except ContractError:
        return
    assert made == str(int(text))


def test_an_in_list_has_one_to_a_thousand_members() -> None:
    assert id_list(["7", "12"]) == "7, 12"
    assert id_list(map(str, range(1000))).endswith("999")
    for count in (0, 1001):
        with pytest.raises(ContractError, match="1 to 1000 ids"):
            id_list(map(str, range(count)))


@pytest.mark.parametrize("name", ["custbody_x; --", "t.memo", "", "CUSTBODY", "a" * 70, "x y"])
def test_a_column_name_from_the_settings_is_checked(name: str) -> None:
    with pytest.raises(ConfigError, match="deal_name_field is"):
        column_name(name, "deal_name_field")
    assert column_name("custbody_deal_name", "deal_name_field") == "custbody_deal_name"
