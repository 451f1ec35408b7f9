"""Parquet between the assets: splits, joins, types, refusals, and whatever runs at the same time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import dagster as dg
import fsspec
import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ns_hs_orders.defs import contracts
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.errors import ContractError, SyncError

FIRST = date(2026, 11, 1)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(4)]
HELD = "quarantined_orders"


def frame_of(asset: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """A frame with the contract's dtypes; what a row does not name is empty."""
    empty = contracts.model(asset).empty()
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in rows], dtype=empty[name].dtype)
            for name in map(str, empty)
        }
    )


def held(order_id: str, day: str, **values: Any) -> dict[str, Any]:
    filled = {"outcome": "quarantined", "reason": "no_lines", "explanation": "Why.", "read_ticket": 1}
    return {"order_id_netsuite": order_id, "order_on": date.fromisoformat(day), **filled, **values}


@pytest.fixture(params=["folder", "file://", "memory://"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ParquetStorage:
    base = {"folder": str(tmp_path), "file://": tmp_path.as_uri(), "memory://": f"memory://{uuid4().hex}"}
    return ParquetStorage(base=base[request.param])


def test_a_range_is_split_into_one_file_a_day_and_joined_again_with_its_types(
    storage: ParquetStorage,
) -> None:
    at = datetime(2026, 11, 1, 23, 59, 59, 123456, tzinfo=UTC)
    frame = frame_of(
        HELD,
        [
            held("2", DAYS[1], total_minor=2**62 + 1, currency="USD", modified_at=at),
            held("1", DAYS[0], customer_name="Ünïcode 🌲\nline"),
            held("3", DAYS[1], total_minor=-1),
        ],
    )
    storage.save(HELD, DAYS[:2], frame)

    back = storage.load(HELD, DAYS[:2])

    assert back["order_id_netsuite"].tolist() == ["1", "2", "3"]
    assert back["total_minor"].tolist() == [pd.NA, 2**62 + 1, -1]
    assert back["modified_at"][1] == at
    assert back["customer_name"][0] == "Ünïcode 🌲\nline"
    pd.testing.assert_series_equal(back.dtypes, frame.dtypes)
    with fsspec.open(storage.path(HELD, DAYS[1]), "rb") as file:
        assert pyarrow.parquet.ParquetFile(file).schema_arrow == contracts.arrow_schema(HELD)


def test_a_day_without_rows_is_a_file_with_all_columns(storage: ParquetStorage) -> None:
    storage.save(HELD, DAYS[:2], frame_of(HELD, [held("1", DAYS[1])]))
    empty = storage.load(HELD, DAYS[:1])
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, contracts.model(HELD).empty().dtypes)


def test_writing_a_day_again_replaces_it_and_leaves_the_others(storage: ParquetStorage) -> None:
    storage.save(HELD, DAYS[:2], frame_of(HELD, [held("1", DAYS[0]), held("2", DAYS[1])]))
    storage.save(HELD, DAYS[1:2], frame_of(HELD, [held("9", DAYS[1])]))
    assert storage.load(HELD, DAYS[:2])["order_id_netsuite"].tolist() == ["1", "9"]


def test_a_row_of_another_day_is_refused_and_nothing_is_written(storage: ParquetStorage) -> None:
    storage.save(HELD, DAYS[:2], frame_of(HELD, [held("1", DAYS[0])]))
    frame = frame_of(HELD, [held("2", DAYS[0]), held("3", DAYS[3])])
    with pytest.raises(ContractError, match=rf"rows of {DAYS[3]}, .*{DAYS[0]} to {DAYS[1]}"):
        storage.save(HELD, DAYS[:2], frame)
    assert storage.load(HELD, DAYS[:2])["order_id_netsuite"].tolist() == ["1"]


def test_a_row_without_a_day_is_refused(storage: ParquetStorage) -> None:
    with pytest.raises(ContractError, match="rows of no day"):
        storage.save(HELD, DAYS[:1], frame_of(HELD, [held("1", DAYS[0]) | {"order_on": None}]))


def test_a_frame_that_breaks_its_contract_is_refused_and_nothing_is_written(storage: ParquetStorage) -> None:
    with pytest.raises(ContractError, match=f"{HELD} breaks its own contract: .*reason.* non-nullable"):
        storage.save(HELD, DAYS[:1], frame_of(HELD, [held("1", DAYS[0], reason=None)]))
    with pytest.raises(ContractError, match="never materialized"):
        storage.load(HELD, DAYS[:1])


def test_a_file_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("no folder")
    with pytest.raises(SyncError, match=r"parquet cannot be written: .*disk is not full"):
        ParquetStorage(base=str(tmp_path / "storage")).save(HELD, DAYS[:1], frame_of(HELD, []))


def test_a_missing_day_is_named(storage: ParquetStorage) -> None:
    storage.save(HELD, DAYS[:2], frame_of(HELD, []))
    with pytest.raises(ContractError, match=f"{HELD} of {DAYS[2]} was never materialized"):
        storage.load(HELD, DAYS[:3])


def test_a_file_of_another_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    path = Path(storage.path(HELD, DAYS[0]))
    path.parent.mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.table({"order_id_netsuite": ["1"]}), path)
    with pytest.raises(ContractError, match=r"another version of this package.*materialize it again"):
        storage.load(HELD, DAYS[:1])


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    storage.save(HELD, DAYS[:1], frame_of(HELD, [held("1", DAYS[0])]))
    path = Path(storage.path(HELD, DAYS[0]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ContractError, match=f"materialize {HELD} of {DAYS[0]} again"):
        storage.load(HELD, DAYS[:1])


def test_pandas_opens_the_whole_folder_with_the_day_as_a_column(tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    storage.save(HELD, DAYS, frame_of(HELD, [held(str(n), day) for n, day in enumerate(DAYS[:3])]))
    (tmp_path / HELD / f"day={DAYS[0]}" / f".{HELD}.parquet.left-by-a-kill").write_bytes(b"half")
    whole = pd.read_parquet(tmp_path / HELD)
    assert whole["order_id_netsuite"].tolist() == ["0", "1", "2"]
    assert whole["day"].astype("str").tolist() == DAYS[:3]


def test_a_reader_never_sees_half_a_file_while_two_runs_write_the_same_day(tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    versions = [frame_of(HELD, [held(f"{v}-{n}", DAYS[0]) for n in range(300)]) for v in "ab"]
    storage.save(HELD, DAYS[:1], versions[0])
    errors: list[BaseException] = []

    def attempt(what: Callable[[], object]) -> None:
        try:
            for _ in range(30):
                what()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            errors.append(error)

    def read() -> None:
        back = storage.load(HELD, DAYS[:1])["order_id_netsuite"]
        assert len(back) == 300
        assert back.str[0].nunique() == 1

    threads = [Thread(target=attempt, args=(lambda v=v: storage.save(HELD, DAYS[:1], v),)) for v in versions]
    threads += [Thread(target=attempt, args=(read,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [p.name for p in Path(storage.path(HELD, DAYS[0])).parent.iterdir()] == [f"{HELD}.parquet"]


def test_an_error_of_the_storage_is_a_failure_with_its_sentence(tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    context = dg.build_input_context(
        asset_key=dg.AssetKey(HELD),
        asset_partition_key_range=dg.PartitionKeyRange(DAYS[0], DAYS[1]),
        asset_partitions_def=dg.DailyPartitionsDefinition(DAYS[0]),
    )
    with pytest.raises(dg.Failure) as caught:
        storage.load_input(context)
    assert caught.value.description is not None
    assert caught.value.description.startswith(f"{HELD} of {DAYS[0]} was never materialized")
    assert isinstance(caught.value.__cause__, ContractError)


texts = st.none() | st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.none() | st.datetimes(
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
rows = st.lists(
    st.builds(
        held,
        st.text("0123456789", min_size=1, max_size=5),
        st.sampled_from(DAYS),
        customer_name=texts,
        currency=texts,
        total_minor=st.none() | st.integers(-(2**63), 2**63 - 1),
        modified_at=instants,
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_what_is_loaded_is_what_was_saved_in_the_order_of_its_days(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    storage, frame = ParquetStorage(base=str(tmp_path)), frame_of(HELD, rows)
    storage.save(HELD, DAYS, frame)
    expected = frame.sort_values("order_on", kind="stable").reset_index(drop=True)
    pd.testing.assert_frame_equal(storage.load(HELD, DAYS), expected)


@pytest.mark.parametrize("asset", contracts.MODELS)
def test_every_contract_has_arrow_types_that_give_its_own_dtypes_back(asset: str, tmp_path: Path) -> None:
    storage = ParquetStorage(base=str(tmp_path))
    empty = contracts.model(asset).empty().reset_index(drop=True)
    part = {"reconciliation_report": "differences", "return_reconciliation": "frame"}.get(asset)
    value = type("Value", (), {part: empty})() if part else empty
    storage.save(asset, DAYS[:1], value)
    pd.testing.assert_frame_equal(storage.load(asset, DAYS[:1]), empty)


@pytest.mark.parametrize("asset", contracts.MODELS)
def test_every_column_is_told_to_people_in_a_sentence(asset: str) -> None:
    columns = contracts.table_schema(asset).columns
    assert [column.name for column in columns] == contracts.arrow_schema(asset).names
    assert [column.name for column in columns if not (column.description or "").endswith(".")] == []
    assert json.dumps([column.type for column in columns]).count("decimal") == 0


def with_added(frame: pd.DataFrame, name: str, dtype: Any, *values: Any) -> pd.DataFrame:
    """The frame with a column of a field of the mapping file."""
    return frame.assign(**{name: pd.Series(values, dtype=dtype)})


ADDED_TYPES = {
    "custom_window": (pd.StringDtype(na_value=float("nan")), "ärgerlich", pyarrow.string()),
    "custom_deposit_minor": (pd.Int64Dtype(), 2**62 + 1, pyarrow.int64()),
    "custom_promised_on": (pd.ArrowDtype(pyarrow.date32()), FIRST, pyarrow.date32()),
    "custom_seen_at": (
        pd.DatetimeTZDtype("us", "UTC"),
        pd.Timestamp("2026-11-01T10:00:00.000001Z"),
        pyarrow.timestamp("us", tz="UTC"),
    ),
}


@pytest.mark.parametrize("name", ADDED_TYPES)
def test_a_column_of_the_mapping_file_keeps_its_type_and_an_older_day_without_it_is_empty(
    storage: ParquetStorage, name: str
) -> None:
    dtype, value, arrow = ADDED_TYPES[name]
    storage.save(HELD, DAYS[:1], frame_of(HELD, [held("1", DAYS[0])]))
    storage.save(HELD, DAYS[1:2], with_added(frame_of(HELD, [held("2", DAYS[1])]), name, dtype, value))

    back = storage.load(HELD, DAYS[:2])

    assert back[name].dtype == dtype
    assert back[name].isna().tolist() == [True, False]
    assert back[name][1] == value
    assert name not in storage.load(HELD, DAYS[:1])
    with fsspec.open(storage.path(HELD, DAYS[1]), "rb") as file:
        assert pyarrow.parquet.ParquetFile(file).schema_arrow.field(name).type == arrow
    told = {column.name: column for column in contracts.table_schema(HELD, back).columns}
    assert told[name].type == str(arrow)
    assert told[name].description == f"Field {name.removeprefix('custom_')} of the mapping file."


def test_days_whose_files_give_a_field_other_types_are_told_apart(storage: ParquetStorage) -> None:
    first, second = frame_of(HELD, [held("1", DAYS[0])]), frame_of(HELD, [held("2", DAYS[1])])
    storage.save(HELD, DAYS[:1], with_added(first, "custom_x_on", pd.StringDtype(na_value=float("nan")), "a"))
    storage.save(HELD, DAYS[1:2], with_added(second, "custom_x_on", pd.ArrowDtype(pyarrow.date32()), FIRST))
    with pytest.raises(ContractError, match=r"custom_x_on.*materialize these days again"):
        storage.load(HELD, DAYS[:2])


def test_a_column_that_neither_the_contract_nor_the_mapping_file_has_is_not_stored(
    storage: ParquetStorage,
) -> None:
    frame = frame_of(HELD, [held("1", DAYS[0])]).assign(stray="x")
    storage.save(HELD, DAYS[:1], frame)
    assert "stray" not in storage.load(HELD, DAYS[:1])
