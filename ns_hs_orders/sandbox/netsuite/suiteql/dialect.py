"""SuiteQL's grammar: Oracle's, less what NetSuite refuses.

Belongs here: parsing, and the refusals that need no table.
Does not belong here: names of tables and columns (translate), values (execute).
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.parsers.oracle import OracleParser
from sqlglot.tokenizer_core import TokenType

from ns_hs_orders.sandbox.netsuite.errors import unsupported

MAX_IN_MEMBERS: Final = 1000
_VERBATIM: Final = (
    "TO_CHAR",
    "TO_DATE",
    "TO_TIMESTAMP",
    "TO_NUMBER",
    "TRUNC",
    "DECODE",
    "NVL",
    "NVL2",
    "SYS_EXTRACT_UTC",
)


def _verbatim(name: str) -> Any:
    return lambda args: exp.Anonymous(this=name, expressions=args)


class SuiteQL(Oracle):
    """Oracle, with the functions kept as written and each `?` carrying its place in the text."""

    class Parser(OracleParser):
        FUNCTIONS: ClassVar[dict[Any, Any]] = {
            **OracleParser.FUNCTIONS,
            **{name: _verbatim(name) for name in _VERBATIM},
        }
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {
            token: function
            for token, function in OracleParser.NO_PAREN_FUNCTIONS.items()
            if token not in (TokenType.CURRENT_DATE, TokenType.CURRENT_TIMESTAMP)
        }
        PLACEHOLDER_PARSERS: ClassVar[dict[Any, Any]] = {
            TokenType.PLACEHOLDER: lambda self: exp.Placeholder(this=str(self._prev.start)),
        }


def parse(query: str) -> exp.Query:
    """The query's tree. Raises NetSuiteRefusedError on what SuiteQL does not take."""
    try:
        statements = [found for found in SuiteQL().parse(query) if found is not None]
    except (SqlglotError, RecursionError) as error:
        raise unsupported("The query could not be parsed.") from error
    if len(statements) != 1:
        raise unsupported("A request holds exactly one query.")
    (statement,) = statements
    if not isinstance(statement, exp.Select | exp.SetOperation):
        raise unsupported("Only SELECT is allowed.")
    for node in statement.walk():
        _refuse(node)
    return statement


def _refuse(node: exp.Expr) -> None:
    if isinstance(node, exp.With):
        raise unsupported("WITH is not supported.")
    if isinstance(node, exp.Limit):
        raise unsupported("LIMIT and TOP are not supported; use FETCH FIRST n ROWS ONLY.")
    if isinstance(node, exp.GroupConcat):
        raise unsupported("Function LISTAGG is not supported.")
    if isinstance(node, exp.Join):
        if node.side == "RIGHT":
            raise unsupported("RIGHT JOIN is not supported.")
        if node.side == "FULL" or node.args.get("using") or node.method:
            raise unsupported("Only INNER, LEFT and CROSS JOIN with ON are supported.")
    if isinstance(node, exp.In) and len(node.expressions) > MAX_IN_MEMBERS:
        raise unsupported(f"An IN list holds at most {MAX_IN_MEMBERS} members.")
    if isinstance(node, exp.DateStrToDate | exp.StrToTime | exp.TsOrDsToDate):
        raise unsupported("Date literals are not supported; use TO_DATE.")
    if isinstance(node, exp.Identifier) and node.quoted and node.find_ancestor(exp.Subquery):
        raise unsupported("Quoted names are not supported in subselects.")
    if isinstance(node, exp.Column) and node.args.get("join_mark"):
        raise unsupported("The (+) join mark is not imitated by this emulator; use LEFT JOIN.")
