"""CSV for spreadsheets and Parquet for programs: what is in the bytes."""

from __future__ import annotations

import io
import json

import pandas as pd
import pyarrow.parquet
import pytest

from ns_hs_orders.reconcile.schema import NEXT_STEPS, POLICIES
from ns_hs_orders.report.inert import not_a_formula
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.spreadsheets.parquet_files import FILES, write_parquet
from ns_hs_orders_tests.reconcile.both_sides import DAY, Both, Sale
from ns_hs_orders_tests.report.conftest import HOSTILE_NAME
from ns_hs_orders_tests.report.spreadsheets.opened import csv_bytes, csv_rows, parquet_frames


def test_a_csv_file_is_as_rfc_4180_has_it_behind_the_mark_that_excel_needs() -> None:
    both = Both()
    both.synced(Sale("1", memo='two\r\nlines, "quoted"'))
    both.hubspot.orders["1"].properties["hs_order_note"] = None
    content = csv_bytes(Review(both.reconcile(DAY, DAY), ()))["differences.csv"]
    assert content.startswith(b"\xef\xbb\xbforder,")
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == 2
    assert b'"two  lines, ""quoted"""' in content
    (row,) = csv_rows(content)
    assert (row["customer"], row["netsuite_says"], row["hubspot_says"]) == (
        "Ümit & Söhne",
        'two  lines, "quoted"',
        "",
    )


def test_amounts_in_csv_are_plain_decimals_with_their_currency_beside(review: Review) -> None:
    files = csv_bytes(review)
    assert sorted(files) == ["at_risk.csv", "bridge.csv", "differences.csv", "orders.csv"]
    orders = {row["order_id_netsuite"]: row for row in csv_rows(files["orders.csv"])}
    assert (orders["90"]["currency"], orders["90"]["total_netsuite"]) == ("USD", "1234.56")
    assert (orders["91"]["currency"], orders["91"]["total_netsuite"]) == ("JPY", "9000")
    kwd = next(row for row in orders.values() if row["currency"] == "KWD")
    assert kwd["total_netsuite"].endswith(".000")
    assert orders["90"]["order_on"] == "2026-11-02"
    assert {row["definition"] for row in csv_rows(files["bridge.csv"])} == {review.result.definition.version}


def test_an_edit_that_stays_by_policy_has_a_next_step_of_its_own(review: Review) -> None:
    rows = csv_rows(csv_bytes(review)["differences.csv"])
    edited = {row["field"]: row for row in rows if row["cause"] == "edited in HubSpot"}
    assert (edited["Total Price"]["policy"], edited["Memo"]["policy"]) == ("heal", "report")
    assert edited["Total Price"]["next_step"] == NEXT_STEPS["edited in HubSpot"]
    assert edited["Memo"]["next_step"] == POLICIES["report"]


@pytest.mark.parametrize(
    "text, safe",
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1", "'＝1"),
        ("1=1", "1=1"),
        ("a-b", "a-b"),
        ("", ""),
    ],
)
def test_a_text_that_a_spreadsheet_would_compute_stands_behind_an_apostrophe(text: str, safe: str) -> None:
    assert not_a_formula(text) == safe


def test_no_cell_of_a_csv_file_begins_like_a_formula_but_numbers(review: Review) -> None:
    files = csv_bytes(review)
    assert {row["customer"] for row in csv_rows(files["at_risk.csv"])} == {f"'{HOSTILE_NAME}"}
    assert {row["acknowledged_because"] for row in csv_rows(files["at_risk.csv"])} == {"'-1 day"}
    amounts = ("amount", "difference", "at_risk", "weight")
    for content in files.values():
        for row in csv_rows(content):
            for name, value in row.items():
                assert name in amounts or not value.startswith(("=", "+", "-", "@", "\t", "\r")), (
                    name,
                    value,
                )


def test_parquet_has_the_frames_as_they_are_and_the_definition_beside(review: Review) -> None:
    frames = parquet_frames(review)
    pd.testing.assert_frame_equal(frames["orders"], review.result.orders)
    pd.testing.assert_frame_equal(frames["differences"], review.result.differences)
    assert frames["at_risk"]["at_risk_minor"].tolist() == [risk.at_risk_minor for risk in review.risks]
    for name in FILES:
        sink = io.BytesIO()
        write_parquet(name, review, sink)
        schema = pyarrow.parquet.read_schema(sink)
        types = {column: str(schema.field(column).type) for column in schema.names}
        assert {kind for column, kind in types.items() if column.endswith("_minor")} == {"int64"}
        assert {kind for column, kind in types.items() if column.endswith("_on")} <= {"date32[day]"}
        assert {kind for column, kind in types.items() if column.endswith("_at")} <= {"timestamp[us, tz=UTC]"}
        about = schema.metadata
        assert about[b"definition_version"].decode() == review.result.definition.version
        assert json.loads(about[b"definition"])["with_tax"] is True
        assert about[b"sentence"].startswith(b"DOES NOT AGREE")


def test_files_of_a_result_without_orders_have_their_columns_and_types() -> None:
    empty = Both().reconcile(DAY, DAY)
    nothing = Review(empty, ())
    for content in csv_bytes(nothing).values():
        assert content.count(b"\r\n") == 1
    frames = parquet_frames(nothing)
    assert {name: len(frame) for name, frame in frames.items()} == dict.fromkeys(FILES, 0)
    pd.testing.assert_frame_equal(frames["orders"], empty.orders)
