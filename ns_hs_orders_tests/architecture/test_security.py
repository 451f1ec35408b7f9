"""What must not be written anywhere: queries with values in them, files in other ways, TLS without its check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_hs_orders_tests.architecture.test_imports import PACKAGE, modules, parsed

SQL = re.compile(
    r"\b(SELECT|FROM|WHERE|AND|OR|IN|LIKE|BETWEEN|JOIN|ORDER BY|GROUP BY|HAVING|UNION|TO_DATE|TO_CHAR|ROWNUM|AS|IS)\b"
    r"|(^|\s)(=|<|>|<=|>=|<>|!=)\s|^\w+\.\w+$"
)
SAFE_CALLS = ("literal", "id_list")
OF_OUR_OWN = {
    # statement columns and tables, from sources.py and the field map
    "extract/changes.py": {"by_name[name]", "members", "stamp"},
    "extract/related.py": {"alias", "key"},
    "extract/probing/probe.py": {"SESSION_MASK", "UTC_MASK"},
    "extract/probing/visibility.py": {"asked.table", "key", "table", "where"},
    "extract/sources.py": {"SESSION_MASK", "UTC_MASK", "column.expression"},
    "setup/checks/between.py": {"column"},
    # one question mark for each bound parameter; conditions made by dated()
    "extract/lookups.py": {"', '.join('?' * len(chunk))", "where"},
    # Query puts the pieces together that the others hand it
    "extract/returns/totals.py": {"where"},
    "extract/suiteql/keyset.py": {
        "' AND '.join(where)", "', '.join((f'q.{alias} AS {alias}' for alias in self.select))",
        "'DESC' if descending else 'ASC'", "'DISTINCT ' if self.distinct else ''", "alias", "columns", "expression",
        "key", "self.group_by", "self.source", "sql",
    },
}  # fmt: skip
"""Module → pieces of queries that are no values: our own constants, and names that column_name() has checked."""


def strings_with_pieces(tree: ast.AST) -> Iterator[tuple[str, list[ast.expr]]]:
    """(constant text, pieces put into it) of each text that is put together."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            yield text, [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            text = "".join(str(one.value) for one in (node.left, node.right) if isinstance(one, ast.Constant))
            yield text, [one for one in (node.left, node.right) if not isinstance(one, ast.Constant)]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("format", "format_map", "replace")
            and isinstance(node.func.value, ast.Constant)
        ):
            yield str(node.func.value.value), list(node.args)


def is_safe(piece: ast.expr) -> bool:
    return isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name) and piece.func.id in SAFE_CALLS


def in_queries(path: Path) -> set[str]:
    """Pieces that the module puts into texts of SQL, but for literals."""
    return {
        ast.unparse(piece)
        for text, pieces in strings_with_pieces(parsed(path))
        if SQL.search(text)
        for piece in pieces
        if not is_safe(piece)
    }


ASKING = ("extract/", "clients/", "wiring/", "live/", "setup/", "reconcile/", "push/", "mapping/")


def test_a_value_gets_into_a_query_by_literal_or_as_a_parameter_only() -> None:
    """Whoever adds a piece to a query looks here first: what is no constant of ours goes through literal()."""
    found = {
        name: pieces
        for path in modules()
        if (name := str(path.relative_to(PACKAGE))).startswith(ASKING)
        and name != "extract/suiteql/literals.py"
        if (pieces := in_queries(path))
    }
    assert found == OF_OUR_OWN


@pytest.mark.parametrize(
    "source",
    [
        "sql = f\"SELECT t.id FROM transaction t WHERE t.tranid = '{number}'\"",
        "sql = 'SELECT t.id FROM transaction t WHERE t.id = ' + number",
        "sql = 'SELECT t.id FROM transaction t WHERE t.id = %s' % number",
        "sql = 'SELECT t.id FROM transaction t WHERE t.id = {}'.format(number)",
        "where = (f't.id IN ({number})',)",
        "where = (f't.trandate >= {number}',)",
    ],
)
def test_the_walk_sees_a_value_in_a_query(tmp_path: Path, source: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert in_queries(path) == {"number"}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def writes(call: ast.Call) -> bool:
    """Whether a call writes a file by itself, in place of through files.py."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in (
        "write_text", "write_bytes", "touch", "mkdir", "makedirs", "copyfile", "copy2", "copytree", "move", "rename",
        "symlink_to", "hardlink_to", "NamedTemporaryFile", "mkstemp", "mkdtemp", "to_parquet", "to_csv",
        "FileHandler", "chmod",
    ):  # fmt: skip
        return True
    words = [
        one.value for one in (*call.args, *(k.value for k in call.keywords)) if isinstance(one, ast.Constant)
    ]
    if name == "open":
        return any(
            isinstance(word, str) and re.fullmatch(r"[rbt]*[wax+][rwabt+]*", word) for word in words
        ) or ("O_CREAT" in ast.unparse(call))
    return False


def test_files_are_written_by_the_one_module_that_does_it_whole_and_follows_no_link() -> None:
    strays = {
        f"{path.relative_to(PACKAGE)}: {ast.unparse(call)[:80]}"
        for path in modules()
        if path.name != "files.py" or path.parent != PACKAGE
        for call in calls(path)
        if writes(call)
    }
    assert strays == set()


@pytest.mark.parametrize(
    "source",
    [
        "open(p, 'w')",
        "p.open('ab')",
        "os.open(p, os.O_CREAT)",
        "p.write_text(t)",
        "frame.to_parquet(p)",
        "open(p, mode='x')",
    ],
)
def test_the_walk_sees_a_file_written(source: str) -> None:
    (call,) = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    assert writes(call)


WITHOUT_CHECK = re.compile(
    r"CERT_NONE|_create_unverified_context|check_hostname\s*=\s*False|disable_warnings|verify(_ssl|_certificate)?"
    r"\s*=\s*(?!True\b)\w+|assert_hostname|InsecureRequestWarning"
)


def test_nothing_takes_the_check_of_certificates_off() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in modules()
        for line in path.read_text().splitlines()
        if WITHOUT_CHECK.search(line)
    }
    assert found == set()
    assert WITHOUT_CHECK.search("session.verify = not insecure")


def test_every_server_of_ours_listens_on_loopback() -> None:
    """The only addresses that anything binds to or is told to listen on."""
    hosts = {
        f"{path.relative_to(PACKAGE)}: {node.value}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and node.value in ("0.0.0.0", "::", "127.0.0.1")
    }
    assert {one.split(": ")[1] for one in hosts} == {"127.0.0.1"}
