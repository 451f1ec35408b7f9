"""Rows of NetSuite with anything in them, through mapping and accounting: one outcome each, and nothing raises."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.raw import RawLine, RawOrder
from ns_hs_orders_tests.fuzz.amounts import assert_all_accounted_for
from ns_hs_orders_tests.fuzz.examples import fuzzed
from ns_hs_orders_tests.mapping.builders import line, order, raw_read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["\x00", "x" * 70_000, "=1+1", "<script>", "NaN", "None", "null", "\u202eabc", "𝟙", "٣", "²"]
)
DECIMALS = (
    st.decimals(allow_nan=True, allow_infinity=True).map(str)
    | st.decimals(-1000, 1000, places=2).map(str)
    | st.integers(-(10**22), 10**22).map(str)
    | st.sampled_from(
        ["", ".5", "-.5", "-0", "0.0", "1e2", "1E400", "1e-400", "1,234.50", "12.345", "10.005", "9" * 61, "+7", "--1",
         "1e5", "10000000000000.00", "10000000000000.01", "1_000", " 1", "1 "]
    )
)  # fmt: skip
DAYS = st.dates().map(str) | st.sampled_from(
    [
        "0000-00-00",
        "9999-12-31",
        "0001-01-01",
        "31/02/2026",
        "2026-02-30",
        "2026-2-3",
        "10000-01-01",
        "",
        "٢٠٢٦-٠١-٠١",
    ]
)
TIMES = st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z") | DAYS | st.sampled_from(
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-02T25:00:00Z", "2026-03-02T10:00:60Z", "1677-09-21T00:12:43Z"]
)  # fmt: skip
FLAGS = st.sampled_from(["T", "F", "t", "true", "", "1"]) | TEXTS
CURRENCIES = (
    st.sampled_from(["USD", "EUR", "JPY", "KWD", "XXX", "XAU", "usd", "US", "", "USDT", "ZZZ"]) | TEXTS
)
LISTS = st.sampled_from(["[]", "", "{}", "null", "[1]", '["10.00"]', '["x"]', "[[]]", '[{"tracking": 1}]', "[" * 9000,
                         '[{"status": "C", "tracking": "7", "carrier": null}]', "[NaN]", "[1e999]"]) | TEXTS  # fmt: skip
KINDS = st.sampled_from(
    ["InvtPart", "Discount", "ShipItem", "TaxItem", "TaxGroup", "Subtotal", "Group", "EndGroup", "Description", "Payment",
     "Markup", "Kit", "Assembly", "OthCharge", ""]
) | TEXTS  # fmt: skip

OF_ORDERS: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from([*"ABCDEFGHY", "SalesOrd:B", "SalesOrd:", "b"]) | TEXTS,
    "order_on": DAYS, "sales_effective_on": DAYS, "created_at": TIMES, "modified_at": TIMES,
    "currency": CURRENCIES, "exchange_rate": DECIMALS, "total": DECIMALS,
    "is_project": FLAGS, "customer_is_person": FLAGS, "voided": FLAGS,
    "customer_hubspot_id": st.sampled_from(["9001", "0", "-1", "1.0", "9" * 30]) | TEXTS,
}  # fmt: skip
NEVER_ABSENT = {
    "shipments": LISTS, "tax_details": LISTS, "settled": st.booleans(),
    "cards_masked": st.integers(0, 5), "read_ticket": st.integers(0, 10**9),
}  # fmt: skip
OF_LINES: dict[str, st.SearchStrategy[Any]] = {
    "quantity": DECIMALS, "rate": DECIMALS, "amount": DECIMALS, "quantity_shipped": DECIMALS,
    "quantity_billed": DECIMALS, "line_sequence": DECIMALS, "item_type": KINDS, "order_on": DAYS,
    "line_unique_key": st.sampled_from(["1", "2", "", "x", "-1", "9" * 40]) | TEXTS,
    **dict.fromkeys(("mainline", "taxline", "is_closed", "kit_component", "assembly_component", "is_cogs"), FLAGS),
}  # fmt: skip


def changes(
    columns: tuple[str, ...], of: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Some columns of an honest row changed, each to something of its kind or to nothing."""
    loose = {name: of.get(name, TEXTS) | st.none() for name in columns}
    return st.lists(st.sampled_from(columns), max_size=8, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: loose[name] for name in names})
    )


HEADERS = tuple(name for name in RawOrder._fields if name not in {"order_id_netsuite", *NEVER_ABSENT})
LINES = tuple(name for name in RawLine._fields if name not in ("order_id_netsuite", "read_ticket"))
ORDERS = st.lists(
    st.tuples(
        changes(HEADERS, OF_ORDERS),
        st.fixed_dictionaries({}, optional=NEVER_ABSENT),
        st.lists(changes(LINES, OF_LINES), max_size=4),
        st.sampled_from([False, False, True]),
    ),
    min_size=8,
    max_size=24,
)
IDS = st.lists(st.integers(1, 10**18).map(str) | TEXTS.filter(bool), min_size=24, max_size=24, unique=True)


@given(given_orders=ORDERS, ids=IDS)
@fuzzed(quick=12)
def test_any_row_has_one_outcome_and_its_amount_is_counted(given_orders: list[Any], ids: list[str]) -> None:
    pairs = []
    for key, (header, more, rows, adds_up) in zip(ids, given_orders, strict=False):
        honest = [line(order_id_netsuite=key, line_unique_key="77")] if adds_up else []
        rest = [
            line(
                **{
                    "line_unique_key": str(at),
                    "amount": "0",
                    "quantity": "0",
                    **row,
                    "order_id_netsuite": key,
                }
            )
            for at, row in enumerate(rows)
        ]
        pairs.append((order(**{**header, **more, "order_id_netsuite": key}), [*honest, *rest]))
    mapped = assert_all_accounted_for(raw_read(*pairs))
    for row in mapped.orders.to_dict("records"):
        parts = (
            row["subtotal_minor"] - row["discount_minor"] + row["shipping_cost_minor"] + row["tax_minor"]
            - row["payment_minor"] + row["unclassified_minor"]
        )  # fmt: skip
        assert parts == row["total_minor"]


def test_an_order_with_an_unreadable_amount_is_counted_as_one() -> None:
    raw = raw_read((order(total="lots", order_on="31/02/2026"), [line()]), (order(order_id_netsuite="2"), []))
    mapped = assert_all_accounted_for(raw)
    assert mapped.quarantined["order_id_netsuite"].tolist() == ["1001", "2"]
    assert pd.isna(mapped.quarantined["total_minor"].tolist()[0])


def test_no_rows_at_all_are_accounted_for() -> None:
    empty = raw_read()
    assert_all_accounted_for(RawRead(empty.orders, empty.lines))
