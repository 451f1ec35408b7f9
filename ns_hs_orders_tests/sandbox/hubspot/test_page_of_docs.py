"""The page in docs/ about this emulator tells the truth about its switches, and its commands work as written."""

import json
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders_tests.sandbox.hubspot.conftest import TOKEN, Hub

PAGE = Path(__file__).parents[3] / "docs" / "sandbox-hubspot.md"


def test_the_page_lists_every_hubspot_switch_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(hubspot_\w+)` \| `?([^`|]+?)`? \|", PAGE.read_text(), re.MULTILINE))
    words = {True: "true", False: "false", (): "none"}
    expected = {
        field.name: words.get(field.default, str(field.default))
        if type(field.default) is not int
        else str(field.default)
        for field in fields(Switches)
        if field.name.startswith("hubspot_")
    }
    assert rows == expected


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed, so nothing was run")
def test_the_commands_for_records_by_hand_make_what_they_say(hub: Hub, tmp_path: Path) -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    home = tmp_path / ".ns_hs_orders" / "sandbox"
    home.mkdir(parents=True)
    (home / "addresses.json").write_text(json.dumps({"hubspot_url": hub.url}))
    (home / "credentials.json").write_text(json.dumps({"hubspot_token": TOKEN}))

    done = subprocess.run(
        ["bash", "-euc", commands], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    (order,), (product,) = hub.store.objects("orders"), hub.store.objects("products")
    assert order["properties"]["hs_order_name"] == "SO10003"
    assert order["properties"]["hs_total_price"] == "99.5"
    assert product["properties"]["hs_sku"] == "LNT-SOL-1"
    assert hub.store.objects("deals") == []
    (deal,) = hub.store.objects("deals", archived=True)
    assert deal["properties"]["dealname"] == "Spring reorder"
