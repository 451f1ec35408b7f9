"""Takes the README's pictures anew: `make screenshots`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Browser, Page

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders_tests.browser.demo_ui import (
    LIVE_RUN,
    SECONDS,
    browser_path,
    browsing,
    open_asset,
    open_flow,
    running_demo,
)

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ORDERS = "2000"
NETSUITE, HUBSPOT = "sandbox/netsuite.sqlite", "sandbox/hubspot.sqlite"
MOST_BYTES = 300_000


def asset_graph(page: Page, url: str) -> bytes:
    """The flow from NetSuite to the proven day, as Dagster draws it."""
    page.set_viewport_size(
        {"width": 2700, "height": 1150}
    )  # smaller, and Dagster draws the assets without details
    open_flow(page, url)
    page.get_by_text("100% filled").nth(8).wait_for(timeout=SECONDS)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(3000)  # the graph glides into its place
    return page.screenshot(clip={"x": 750, "y": 420, "width": 1440, "height": 720})


def reconciliation(page: Page, url: str) -> bytes:
    """The page of the reconciliation, scrolled to its sums."""
    page.set_viewport_size({"width": 1920, "height": 1150})  # narrower, and the sums are cut off
    open_asset(page, url, "reconciliation_report")
    page.get_by_text("Every accepted order agrees to the cent").first.wait_for(timeout=SECONDS)
    page.get_by_text("Columns", exact=True).first.click()  # folds the columns away
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return page.screenshot()


def red_day(home: Path) -> Path:
    """The HTML report of a day of the demo with returns and bad orders, once a person has changed three good ones there."""
    world = json.loads((home / "sandbox" / "world.json").read_text())
    bad = {number for numbers in world["planted"].values() for number in numbers}
    netsuite, hubspot = NetSuiteStore(home / NETSUITE), HubSpotStore(home / HUBSPOT)
    days: dict[str, list[str]] = {}
    returned: Counter[str] = Counter()
    for row in netsuite.rows("transaction"):
        day, number = row["trandate"] or "", row["tranid"] or ""
        if row["type"] == "SalesOrd":
            days.setdefault(day, []).append(number)
        returned[day] += row["type"] == "RtnAuth" and row["status"] not in ("A", "C")
    wrong = {day: len(bad.intersection(numbers)) for day, numbers in days.items()}
    day = max(sorted(days)[:-3], key=lambda one: (wrong[one] > 0, min(returned[one], 2), wrong[one]))
    held = [one for one in hubspot.objects("orders") if one["properties"]["hs_order_name"] in days[day]]
    dollars = [one for one in held if one["properties"]["hs_currency_code"] == "USD"]
    dollars.sort(key=lambda one: Decimal(one["properties"]["hs_total_price"]))
    for one, more in zip(dollars[-3:], ("-110.00", "-1000.00", "25.00"), strict=True):
        total = Decimal(one["properties"]["hs_total_price"]) + Decimal(more)
        hubspot.edit("orders", one["id"], {"hs_total_price": f"{total:f}"})
    netsuite.close()
    hubspot.close()
    path = home / "report.html"
    command = [sys.executable, "-m", "ns_hs_orders", "reconcile", "--from", day, "--to", day]
    subprocess.run(
        [*command, "--html", str(path)],
        env={**os.environ, "NS_HS_HOME": str(home)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    return path


def report(page: Page, path: Path) -> bytes:
    """The HTML report of a day with several causes: its first screen, and the bridge below it."""
    page.set_viewport_size({"width": 1280, "height": 1300})
    page.goto(path.as_uri())
    bridge = page.locator("details").first.bounding_box()
    assert bridge is not None
    page.set_viewport_size({"width": 1280, "height": int(bridge["y"] + bridge["height"]) + 16})
    return page.screenshot()


def live_lane(page: Page, url: str) -> bytes:
    """The page of the live lane after a run: its sentence, delays and outcomes."""
    page.set_viewport_size({"width": 1600, "height": 1150})
    open_asset(page, url, "order_changes")
    page.get_by_text(re.compile("changes? arrived in HubSpot")).first.wait_for(timeout=LIVE_RUN)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return page.screenshot()


def main() -> int:
    """Runs the demo in a home of its own and writes the pictures. Exit 1 where no browser is."""
    path = browser_path()
    if path is None:
        print("No Chromium or Chrome is installed, so no picture was taken.", file=sys.stderr)  # noqa: T201
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_demo(Path(folder) / "home", "--orders", ORDERS) as url,
        browsing(path) as browser,
    ):
        take_all(browser, url)
        save("report", report(browser.new_page(), red_day(Path(folder) / "home")))
    return 0


def take_all(browser: Browser, url: str) -> None:
    """Takes the pictures of the UI at `url`."""
    for name, take in (
        ("asset-graph", asset_graph),
        ("reconciliation", reconciliation),
        ("live-lane", live_lane),
    ):
        save(name, take(browser.new_page(), url))


def save(name: str, picture: bytes) -> None:
    """Writes a picture. Raises ValueError where it is too large for a README."""
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{name} has {len(picture):,} bytes, more than {MOST_BYTES:,}.")
    (IMAGES / f"{name}.png").write_bytes(picture)


if __name__ == "__main__":
    sys.exit(main())
