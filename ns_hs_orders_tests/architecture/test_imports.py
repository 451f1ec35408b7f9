"""Who may import whom, found by walking the imports of every module, those inside functions included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import ns_hs_orders

PACKAGE = Path(ns_hs_orders.__file__).parent
STAGES = ("extract", "mapping", "push", "reconcile", "trust", "adopt", "withdraw", "rollups", "report")
FREE = {"checks", "columns", "errors", "fields", "files", "money", "progress"}
TOP_LEVEL_MAY = {
    "errors": set[str](),
    "money": {"errors"},
    "fields": {"errors"},
    "files": set[str](),
    "checks": set[str](),
    "columns": set[str](),
    "progress": set[str](),
    "mapping_file": {"errors", "fields"},
    "settings": {"errors", "fields", "money"},
    "clients": {"errors", "extract", "push", "setup", "trust"},
    "state": {
        "errors",
        "files",
        "push",
        "live",
        "alerts",
        "reconcile",
        "trust",
        "adopt",
        "rollups",
        "report",
    },
    "live": FREE | {"extract", "mapping", "push"},
    "setup": FREE | {"extract", "mapping", "push", "rollups"},
    "alerts": FREE | {"live"},
    "wiring": FREE | {"settings", "clients", "state", "setup", "live", "alerts", "mapping_file", *STAGES},
    "defs": FREE | {"settings", "wiring", "live", "alerts", *STAGES},
    "definitions": {"defs", "settings"},
    "cli": FREE | {"settings", "wiring", "defs", "sandbox", "setup", "live", "mapping_file", *STAGES},
    "sandbox": {"files"},
    "__main__": {"cli"},
}
for place, stage in enumerate(STAGES):
    TOP_LEVEL_MAY[stage] = FREE | set(STAGES[:place])


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Dotted names that a module imports, wherever in it."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_the_parts_that_it_may(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        assert imported(path) == ()
        return
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("ns_hs_orders.")}
    assert ours - {part} <= TOP_LEVEL_MAY[part]


@pytest.mark.parametrize(
    "library, allowed",
    [
        ("dagster", ("defs/", "definitions.py")),
        ("requests", ("clients/",)),
        ("apprise", ("alerts/delivery.py",)),
        ("sqlalchemy", ("state/",)),
        ("alembic", ("state/schema.py", "state/migrations/")),
        ("click", ("cli/",)),
        ("starlette", ("sandbox/",)),
        ("uvicorn", ("sandbox/",)),
        ("sqlglot", ("sandbox/",)),
        ("xlsxwriter", ("report/spreadsheets/excel.py",)),
    ],
)
def test_a_library_is_imported_in_its_own_place_only(library: str, allowed: tuple[str, ...]) -> None:
    strays = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if any(name.split(".")[0] == library for name in imported(path))
        and not str(path.relative_to(PACKAGE)).startswith(allowed)
    ]
    assert strays == []


def test_stages_reach_clients_only_through_their_ports() -> None:
    """What clients and state import of the stages is their ports and schemas, never their rules."""
    for part in ("clients", "state"):
        for path in (PACKAGE / part).rglob("*.py"):
            for name in imported(path):
                parts = (*STAGES, "live", "setup", "alerts")
                if name.startswith(tuple(f"ns_hs_orders.{stage}." for stage in parts)):
                    assert name.rsplit(".", 1)[1] in ("ports", "schema"), f"{path} imports {name}"


def attribute_uses(path: Path, module: str, names: set[str]) -> list[str]:
    return [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == module
        and node.attr in names
    ]


def test_the_environment_is_read_in_settings_alone() -> None:
    readers = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if attribute_uses(path, "os", {"environ", "getenv", "environb"})
    }
    assert readers == {"settings/loading.py"}


def test_only_the_transport_sleeps() -> None:
    sleepers = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if attribute_uses(path, "time", {"sleep"})
        or any(
            isinstance(node, ast.ImportFrom)
            and node.module == "time"
            and any(alias.name == "sleep" for alias in node.names)
            for node in ast.walk(parsed(path))
        )
    }
    assert sleepers == {"clients/transport.py"}


def test_no_float_is_made_in_the_money_module() -> None:
    tree = parsed(PACKAGE / "money.py")
    floats = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert floats == []


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert len(ast.get_docstring(parsed(path)) or "") > 20
