"""Columns keep every value exactly, and tell what is missing; what does not fit is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ns_hs_orders.columns import plain, texts, typed, utc_texts

TEXT = pd.StringDtype(na_value=float("nan"))
WHOLE = pd.Int64Dtype()
DAY = pd.ArrowDtype(pyarrow.date32())
INSTANT = pd.DatetimeTZDtype("us", "UTC")
words = st.text(st.characters(exclude_categories=["Cs"]))
moments = st.integers(-8 * 10**15, 8 * 10**15).map(
    lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
)


@pytest.mark.parametrize(
    "values, dtype",
    [(words, TEXT), (st.integers(-(2**63), 2**63 - 1), WHOLE), (st.dates(), DAY), (moments, INSTANT)],
    ids=["text", "whole numbers", "dates", "times"],
)
@given(data=st.data())
def test_values_come_back_as_they_went_in(values, dtype, data) -> None:
    given_values = data.draw(st.lists(st.none() | values, max_size=5))

    column = pd.Series(typed(given_values, dtype))

    assert column.dtype == dtype
    assert plain(column) == given_values


def test_booleans_come_back_as_they_went_in() -> None:
    assert plain(pd.Series(typed([True, False], bool))) == [True, False]


@pytest.mark.parametrize("values", [[1.5], [7, 0.25], ["1"], [2**63]])
def test_what_is_no_whole_number_is_refused(values) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        typed(values, WHOLE)


@pytest.mark.parametrize("values", [[1], [b"x", 2], ["half \ud83d"]])
def test_what_is_no_text_is_refused(values) -> None:
    with pytest.raises((ValueError, TypeError)):
        typed(values, TEXT)


@given(st.lists(st.none() | words, max_size=5))
def test_missing_text_is_empty(values) -> None:
    assert texts(pd.Series(typed(values, TEXT))) == [one or "" for one in values]


@given(st.lists(st.none() | st.dates(date(1700, 1, 1), date(2200, 1, 1)), max_size=5))
def test_dates_are_written_as_iso_8601_has_them(values) -> None:
    assert texts(pd.Series(typed(values, DAY))) == ["" if one is None else one.isoformat() for one in values]


@given(st.lists(st.none() | moments, max_size=5))
def test_times_are_written_in_utc_and_cut_at_the_millisecond(values) -> None:
    written = [
        "" if one is None else one.isoformat(timespec="milliseconds").replace("+00:00", "Z") for one in values
    ]

    assert utc_texts(pd.Series(typed(values, INSTANT))) == written
