"""docs/sandbox-world.md says what the code does."""

import re
from dataclasses import fields
from pathlib import Path

from ns_hs_orders.sandbox.switches import Switches
from ns_hs_orders.sandbox.world import PLANTED
from ns_hs_orders.sandbox.world.columns import HUBSPOT, NETSUITE

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox-world.md").read_text(encoding="utf-8")


def test_the_page_lists_every_planted_code_with_its_outcome():
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (\w+)[^|]*\|$", PAGE, re.MULTILINE)
    assert {code: outcome for code, outcome in rows if code in PLANTED} == {
        code: bad.expected for code, bad in PLANTED.items()
    }


def test_the_page_lists_every_required_file_with_its_columns():
    rows = dict(re.findall(r"^\| `((?:netsuite|hubspot)/\w+)\.csv` \| (.+) \|$", PAGE, re.MULTILINE))
    formats = {f"netsuite/{name}": one for name, one in NETSUITE.items()}
    formats |= {f"hubspot/{name}": one for name, one in HUBSPOT.items()}
    assert rows == {name: ", ".join(one.required) for name, one in formats.items() if one.must_exist}


def test_the_page_lists_hubspots_optional_files_with_their_columns():
    rows = re.findall(r"^\| `(\w+)\.csv` \| ([^|]+) \| ([^|]*) *\|$", PAGE, re.MULTILINE)
    optional = {name: one for name, one in HUBSPOT.items() if not one.must_exist}
    assert {name: required for name, required, _ in rows} == {
        name: ", ".join(one.required) for name, one in optional.items()
    }
    closed = {name: [c for c in one.columns if c not in one.required] for name, one in optional.items()}
    assert {name: more.strip() for name, _, more in rows if not optional[name].open_columns} == {
        name: ", ".join(more) for name, more in closed.items() if not optional[name].open_columns
    }


def test_the_page_lists_the_worlds_switches_with_their_defaults():
    rows = dict(re.findall(r"^\| `((?:order|return)_stamp_\w+)` \| .+ \| (on|off) \|$", PAGE, re.MULTILINE))
    switches = {
        one.name: one.default for one in fields(Switches) if re.match("(order|return)_stamp_", one.name)
    }
    assert rows == {name: "on" if default else "off" for name, default in switches.items()}
