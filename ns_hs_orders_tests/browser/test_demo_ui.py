"""What a person sees in a browser after `ns-hs-orders demo`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.sandbox.world import generate
from ns_hs_orders.sandbox.world.folder import write_folder
from ns_hs_orders_tests.browser.demo_ui import (
    SECONDS,
    browser_path,
    browsing,
    open_asset,
    open_flow,
    running_demo,
)

pytestmark = [
    pytest.mark.skipif(
        browser_path() is None, reason="no Chromium or Chrome is installed, so no page was looked at"
    ),
]
FLOW = (
    "netsuite_raw_orders",
    "netsuite_raw_lines",
    "orders",
    "order_lines",
    "quarantined_orders",
    "skipped_orders",
    "hubspot_upsert_results",
    "reconciliation_report",
    "proven_days",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The UI's address, and the demo's log. Of four days: each day more is a second more of Dagster's."""
    folder = tmp_path_factory.mktemp("demo")
    home, data = folder / "home", folder / "data"
    write_folder(generate(60, 7, account_today(), days=4), data)
    with running_demo(home, "--data", str(data)) as url:
        yield url, home.parent / f"{home.name}.log"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = browser_path()
    assert path is not None
    with browsing(path) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 2700, "height": 1150})
    yield page
    page.close()


def test_the_lineage_shows_every_asset_from_netsuite_to_the_proven_day(
    demo: tuple[str, Path], page: Page
) -> None:
    open_flow(page, demo[0])
    for asset in FLOW:
        page.get_by_text(asset, exact=True).first.wait_for(timeout=SECONDS)


def test_the_report_says_in_a_sentence_and_a_table_that_both_sums_agree(
    demo: tuple[str, Path], page: Page
) -> None:
    open_asset(page, demo[0], "reconciliation_report")
    page.get_by_text("Every accepted order agrees to the cent").first.wait_for(timeout=SECONDS)
    table = page.locator("table", has_text="accepted").filter(has_text="HubSpot").last
    rows = [re.split(r"\s+", row.strip()) for row in table.locator("tbody tr").all_inner_texts()]
    by_currency = {row[0]: row for row in rows if re.fullmatch("[A-Z]{3}", row[0])}
    assert by_currency
    for row in by_currency.values():
        assert row[1:] == [row[1], row[1], row[3], row[3]]  # accepted, HubSpot, difference, unexplained
        assert set(row[3]) <= set("0.")


def test_the_check_shows_its_numbers_also_when_it_is_green(demo: tuple[str, Path], page: Page) -> None:
    page.goto(f"{demo[0]}/assets/reconciliation_report?view=checks&checkDetail=dollars_agree")
    page.get_by_text("dollars_agree").first.wait_for(timeout=SECONDS)
    page.get_by_text("USD accepted").first.wait_for(timeout=SECONDS)
    page.get_by_text("USD HubSpot").first.wait_for(timeout=SECONDS)


def test_the_hubspot_emulator_shows_the_orders_that_it_holds(demo: tuple[str, Path], page: Page) -> None:
    found = re.search(r"HubSpot emulator +(http://127\.0\.0\.1:\d+)", demo[1].read_text())
    assert found is not None
    page.goto(found[1])
    page.get_by_role("link", name=re.compile("^SO1")).first.click()
    page.get_by_text("netsuite_internal_id").first.wait_for(timeout=SECONDS)
