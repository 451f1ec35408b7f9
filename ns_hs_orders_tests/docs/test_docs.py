"""What the README and the docs claim is true of the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from ns_hs_orders.cli import cli
from ns_hs_orders.settings import PREFIX, Settings
from ns_hs_orders_tests.docs.generated import ROOT, SECTIONS, env_example, section

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("place", SECTIONS, ids=lambda place: f"{place[0]}: {place[1]}")
def test_a_generated_section_is_what_the_code_says(place: tuple[str, str]) -> None:
    assert section(*place)[2] == SECTIONS[place](), "run: python -m ns_hs_orders_tests.docs.generated"


def test_the_example_of_settings_names_every_setting() -> None:
    assert (ROOT / ".env.example").read_text() == env_example()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+\b", page.read_text())) <= known


def commands(group: click.Group, path: str = "ns-hs-orders") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[f"{path} {name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{path} {name}")
    return found


@pytest.mark.parametrize("name", commands(cli))
def test_every_command_has_help_and_is_documented(name: str) -> None:
    command = commands(cli)[name]
    assert command.help
    assert all(
        getattr(option, "help", "argument") or option.name in ("first", "last")
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and option.show_default is None
    )
    assert name in (ROOT / "README.md").read_text() + (ROOT / "docs" / "commands.md").read_text()


@pytest.mark.parametrize("name", ["adopt", "demo", "doctor", "explain", "links", "mapping", "setup"])
def test_the_section_of_a_command_has_each_option_its_exit_codes_and_an_example(name: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    section = page.partition(f"\n## `ns-hs-orders {name}`\n")[2].partition("\n## ")[0]
    rows = "\n".join(re.findall(r"^\| (`--.*?) \|", section, re.MULTILINE))
    options = {opt for option in cli.commands[name].params for opt in option.opts if opt.startswith("--")}
    assert set(re.findall(r"--[a-z][a-z-]*", rows)) == options
    assert re.search(r"\bExit [012]\b", section)
    assert f"```\n$ ns-hs-orders {name}" in section


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_uses_only_commands_and_options_that_exist(page: Path) -> None:
    known = commands(cli)
    for line in re.findall(r"ns-hs-orders ((?:[a-z]+ ?)+)((?:[^`\n#|]*))", page.read_text()):
        words, rest = line[0].split(), line[1]
        if words and words[0] not in cli.commands:
            continue
        name = f"ns-hs-orders {words[0]}"
        if len(words) > 1 and f"{name} {words[1]}" in known:
            name = f"{name} {words[1]}"
        options = {opt for option in known[name].params for opt in option.opts}
        assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= options | {"--help"}, f"{name}: {rest}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_that_starts_dagster_by_hand_says_which_home(page: Path) -> None:
    """Without DAGSTER_HOME, Dagster makes a temporary home in the working folder, empty of our runs."""
    for paragraph in page.read_text().split("\n\n"):
        if re.search(r"`(dagster|dg) dev\b|`dagster-(webserver|daemon)\b", paragraph):
            assert "DAGSTER_HOME" in paragraph


def test_what_dagster_leaves_in_the_working_folder_is_never_committed() -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", ".tmp_dagster_home_x1/"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_row_of_a_table_has_the_cells_of_its_header(page: Path) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page.read_text(), re.MULTILINE):
        header, *rows = (len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines())
        assert {header, *rows} == {header}, table


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_repository_names_no_registry_host_and_no_path_of_a_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    pattern = re.compile(
        r"https?://(files|registry|deb|ftp|pypi)[.]|(^|[^a-zA-Z.\w])/(work|root)/|[.][.]/" + "shared",
        re.MULTILINE,
    )
    strays = [
        name
        for name in tracked
        if not name.endswith(".png") and pattern.search((ROOT / name).read_text(errors="replace"))
    ]
    assert strays == []


def test_the_lock_pins_every_requirement_with_a_hash_and_names_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    requirements = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in requirements)
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text


def test_the_test_command_of_the_readme_is_what_ci_runs() -> None:
    assert "make test" in (ROOT / "README.md").read_text()
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-2:] == ["make test", "make audit"]
