"""Where the report is put: whole or not at all, on this machine or elsewhere."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from ns_hs_orders.errors import SyncError
from ns_hs_orders.report.html.page import page
from ns_hs_orders.report.publish import write_report
from ns_hs_orders.report.review import Review
from ns_hs_orders.settings import Settings
from ns_hs_orders_tests.report.html.built import order, review


@pytest.fixture(scope="module")
def small() -> Review:
    return review([order(1)])


def test_a_report_is_put_into_a_folder_for_its_owner_alone_and_takes_the_place_of_an_earlier_one(
    small: Review, tmp_path: Path
) -> None:
    (tmp_path / "reports").mkdir(mode=0o700)
    expected = tmp_path / "reports" / "reconciliation_2026-11-20_2026-11-20.html"
    expected.write_text("earlier")
    assert write_report(small, str(tmp_path / "reports")) == str(expected)
    assert expected.read_bytes() == page(small)
    assert expected.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in expected.parent.iterdir()] == [expected.name]


def test_a_report_is_put_to_any_address_that_fsspec_knows(small: Review) -> None:
    address = write_report(small, "memory://bucket/reports/")
    assert address == "memory://bucket/reports/reconciliation_2026-11-20_2026-11-20.html"
    assert fsspec.filesystem("memory").cat(
        "/bucket/reports/reconciliation_2026-11-20_2026-11-20.html"
    ) == page(small)


@pytest.mark.parametrize("location", ["{folder}/file/reports", "nothing-that-there-is://bucket"])
def test_a_place_that_cannot_be_written_to_is_told_with_what_to_do(
    small: Review, tmp_path: Path, location: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(
        SyncError, match=r"The report .*reconciliation_.*html cannot be written: .*NS_HS_REPORTS"
    ):
        write_report(small, location.format(folder=tmp_path))


def test_reports_stand_in_the_home_unless_a_setting_names_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=tmp_path / "home").reports_address == str(tmp_path / "home" / "reports")
    assert Settings(reports="out/reports").reports_address == str(tmp_path / "out" / "reports")
    assert Settings(reports="s3://bucket/x").reports_address == "s3://bucket/x"
