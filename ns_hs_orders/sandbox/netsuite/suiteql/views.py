"""Transactions and their lines as one role, in one account, is shown them: types hidden, signs of returns turned.

Belongs here: the subselects that stand for the tables then. Does not belong here: names and columns (scope).
"""

# ruff: noqa: S608 - names come from the catalog, types are quoted
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_RETURNS = """(SELECT "id" FROM "transaction" WHERE "type" = 'RtnAuth')"""
_REFUNDS = """(SELECT "id" FROM "transaction" WHERE "type" IN ('CustCred', 'CashRfnd'))"""


@dataclass(frozen=True)
class RowView:
    """hidden: transaction types that are not shown. lines: `reversed` (as they are kept), `as_orders`, or `mixed` (one
    return so, the next the other way). totals: `negative` (as they are kept) or `positive`, of returns and refunds."""

    hidden: tuple[str, ...] = ()
    lines: str = "reversed"
    totals: str = "negative"

    def of(self, table: str, columns: Mapping[str, object]) -> str | None:
        """The subselect in place of a table, None where the table is shown as it is."""
        where, turned = "", {}
        if table == "transaction":
            where = f'WHERE "type" NOT IN ({_quoted(self.hidden)})' if self.hidden else ""
            if self.totals == "positive":
                turned["foreigntotal"] = f'"id" IN {_RETURNS} OR "id" IN {_REFUNDS}'
        elif table == "transactionline":
            if self.hidden:
                where = f'WHERE "transaction" NOT IN (SELECT "id" FROM "transaction" WHERE "type" IN ({_quoted(self.hidden)}))'
            if self.lines != "reversed":
                odd = ' AND "transaction" % 2' if self.lines == "mixed" else ""
                turned["foreignamount"] = turned["quantity"] = (
                    f'"mainline" = \'F\' AND "transaction" IN {_RETURNS}{odd}'
                )
        if not where and not turned:
            return None
        shown = ", ".join(
            f'CASE WHEN {turned[one]} THEN {_turned(one)} ELSE "{one}" END AS "{one}"'
            if one in turned
            else f'"{one}"'
            for one in columns
        )
        return f'(SELECT {shown} FROM "{table}" {where})'


def _turned(column: str) -> str:
    """Decimals are kept as text."""
    return f'CASE WHEN "{column}" LIKE \'-%\' THEN substr("{column}", 2) ELSE \'-\' || "{column}" END'


def _quoted(names: Iterable[str]) -> str:
    return ", ".join("'" + name.replace("'", "''") + "'" for name in names)
