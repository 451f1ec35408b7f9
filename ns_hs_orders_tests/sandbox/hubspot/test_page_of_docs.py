"""The page in docs/ about this emulator tells the truth about its switches."""

import re
from dataclasses import fields
from pathlib import Path

from ns_hs_orders.sandbox.switches import Switches

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
