"""The demo as a user starts it, and a browser that looks at its UI."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from ns_hs_orders_tests.defs.dagster_server import GraphQL, started, waited

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 30_000  # milliseconds that the UI may take to show something
LIVE_RUN = 420_000  # milliseconds until a live run, five minutes at most, has told what it did


def browser_path() -> str | None:
    """A Chromium or Chrome of this machine."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def browsing(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def running_demo(home: Path, *options: str) -> Iterator[str]:
    """`ns-hs-orders demo` with these options over `home`, stopped as by Ctrl-C at the end; gives the address of the UI."""
    log = home.parent / f"{home.name}.log"
    command = [sys.executable, "-m", "ns_hs_orders", "demo", *options]
    with started(command, log, {"NS_HS_HOME": str(home), "NS_HS_MODE": "sandbox"}) as process:

        def address() -> str | None:
            assert process.poll() is None, f"The demo ended: {log.read_text()[-2000:]}"
            found = re.search(r"Dagster UI +(http://127\.0\.0\.1:\d+)", log.read_text())
            return found.group(1) if found else None

        url = waited(address, 600, "the demo's UI")
        waited(GraphQL(url).loaded, 60, "the code location")
        yield url


def open_asset(page: Page, url: str, asset: str, query: str = "") -> None:
    """Opens an asset's page and waits until its heading is there."""
    page.goto(f"{url}/assets/{asset}{query}")
    page.get_by_text(asset, exact=True).first.wait_for(timeout=SECONDS)


def open_flow(page: Page, url: str) -> None:
    """Opens the graph of all assets, groups expanded: everything upstream of the proven day."""
    open_asset(page, url, "proven_days", "?view=lineage&lineageScope=upstream&lineageDepth=4")
    page.get_by_text("netsuite_raw_orders", exact=True).first.wait_for(timeout=SECONDS)
