"""`ns-hs-orders mapping`: the field map in force and the default one, without any system to ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.check_up import mapping_finding
from ns_hs_orders.wiring.stage_options import field_map_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, its home beside."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_default_map_printed_and_used_as_the_file_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = field_map_of(load_settings())
    assert main(["mapping", "--default"]) == 0
    (folder / "work" / "mapping.toml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_settings().mapping_path == (folder / "work" / "mapping.toml").resolve()
    assert field_map_of(load_settings()) == before
    assert main(["mapping", "--default"]) == 0
    assert capsys.readouterr().out == (folder / "work" / "mapping.toml").read_text(encoding="utf-8")


def test_the_map_in_force_is_printed_with_the_file_that_made_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mapping"]) == 0
    assert "Mapping file: none; this is the default field map" in capsys.readouterr().out
    home = folder / "home"
    home.mkdir()
    (home / "mapping.toml").write_text(
        '[orders.window]\nnetsuite = "entity.custentity_w"\ntransform = ["upper"]\n[orders.memo]\noff = true\n'
        '[orders.po_number]\nnetsuite = "custbody_po"\n[returns.why]\nnetsuite = "custbody_why"\n'
    )
    assert main(["mapping", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mapping_file"] == str((home / "mapping.toml").resolve())
    orders = {row["name"]: row for row in told["orders"]}
    assert "memo" not in orders
    assert orders["window"] == {
        "field": "Window",
        "name": "window",
        "from NetSuite": "entity.custentity_w (upper)",
        "type": "text",
        "HubSpot property": "netsuite_window",
        "made by": "ours",
        "edits in HubSpot": "heal",
    }
    assert orders["po_number"]["from NetSuite"] == "custbody_po"
    assert orders["deal_name"]["from NetSuite"] == "custbody_deal_name"
    returns = {row["name"]: row["HubSpot property"] for row in told["returns"]}
    assert list(returns)[-1] == "why"
    assert returns["why"] == "netsuite_why"
    assert returns["parent_order_url"] == "netsuite_return_parent_url"
    assert "memo" not in returns


def test_the_file_is_where_the_setting_says_and_two_of_them_are_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "home").mkdir()
    for place in ("home", "work"):
        (folder / place / "mapping.toml").write_text("")
    assert main(["mapping"]) == 2
    assert "There are two mapping files" in capsys.readouterr().err
    monkeypatch.setenv("NS_HS_MAPPING_FILE", "off")
    assert load_settings().mapping_path is None
    monkeypatch.setenv("NS_HS_MAPPING_FILE", str(folder / "other.toml"))
    assert main(["mapping"]) == 2
    told = capsys.readouterr().err
    assert "other.toml cannot be read" in told
    assert "NS_HS_MAPPING_FILE" in told
    (folder / "other.toml").write_text("[orders.memo]\noff = true\n")
    assert main(["mapping"]) == 0
    assert "hs_order_note" not in capsys.readouterr().out


def test_in_a_pipe_it_is_a_line_a_field_with_its_columns_parted_by_tabs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mapping"]) == 0
    said, heads, *lines = capsys.readouterr().out.splitlines()
    assert said == "# Mapping file: none; this is the default field map"
    assert heads.split("\t") == [
        "# field", "from NetSuite", "type", "HubSpot property", "made by", "edits in HubSpot", "label"
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("orders.memo\t")] == [
        "orders.memo\tmemo\tlong_text\ths_order_note\tHubSpot's\treport\tMemo"
    ]
    found = field_map_of(load_settings())
    assert len(lines) == len(found.order_fields) + len(found.line_fields) + len(found.return_fields)
    assert {line.count("\t") for line in lines} == {6}


@pytest.mark.parametrize("name", ["other.yaml", "other.YML", "other.json"])
def test_a_file_that_is_no_toml_by_its_name_is_refused_even_where_it_is_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (folder / name).write_text("")
    monkeypatch.setenv("NS_HS_MAPPING_FILE", str(folder / name))
    assert main(["mapping"]) == 2
    assert (
        f"{name} is {name.split('.')[1].upper()} by its name, and only TOML is read."
        in capsys.readouterr().err
    )


def test_a_yaml_file_in_the_place_of_the_mapping_file_is_told_and_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "work" / "mapping.yaml").write_text("orders: {}")
    assert main(["mapping"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("# Mapping file: none")
    assert "mapping.yaml is not read, since only TOML is: the field map is the default one." in told.err
    _, finding = mapping_finding(load_settings())
    assert finding is not None
    assert (finding.ok, finding.what_to_do[:25]) == (None, "Write it as mapping.toml,")
    (folder / "work" / "mapping.toml").write_text("")
    assert main(["mapping"]) == 0
    assert capsys.readouterr().err == ""
    (folder / "work" / "mapping.toml").unlink()
    monkeypatch.setenv("NS_HS_MAPPING_FILE", "off")
    assert main(["mapping"]) == 0
    assert capsys.readouterr().err == ""


def test_a_setting_that_is_set_by_hand_and_the_file_that_contradicts_it_are_both_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "work" / "mapping.toml").write_text('[orders.deal_name]\nnetsuite = "custbody_other"\n')
    assert main(["mapping"]) == 0
    monkeypatch.setenv("NS_HS_DEAL_NAME_FIELD", "custbody_mine")
    assert main(["mapping"]) == 2
    told = capsys.readouterr().err
    assert "line 2, column 12" in told
    assert "contradicts NS_HS_DEAL_NAME_FIELD, which is custbody_mine" in told


def test_a_file_with_several_mistakes_is_told_a_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mapping.toml").write_text("[orders.a]\ncolour = 1\n\n[orders.b]\nsize = 2\n")
    assert main(["mapping"]) == 2
    first, *more = capsys.readouterr().err.splitlines()
    assert first.startswith("ns-hs-orders: The mapping file")
    assert [one[:11] for one in more if "line 2" in one or "line 5" in one] == ["  line 2, c", "  line 5, c"]
