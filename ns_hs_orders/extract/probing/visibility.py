"""Whether the role still sees what it saw: an empty answer must not empty HubSpot.

Belongs here: counting what the role sees, and refusing to go on where a table went empty at once. Does not belong here:
which columns exist (probe.py).
"""

from __future__ import annotations

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.refusals import is_refusal

_CANARIES = {
    "sales orders": "transaction WHERE type = 'SalesOrd'",
    "item fulfillments": "transaction WHERE type = 'ItemShip'",
    "invoices": "transaction WHERE type = 'CustInvc'",
    "return authorizations": "transaction WHERE type = 'RtnAuth'",
    "credit memos and cash refunds": "transaction WHERE type IN ('CustCred', 'CashRfnd')",
    "order lines": "transactionline WHERE mainline = 'F'",
    "customers": "customer",
    "employees": "employee",
    "items": "item",
    "currencies": "currency",
    "deleted records": "DeletedRecord",
}
OF_RETURNS = frozenset({"return authorizations", "credit memos and cash refunds"})
"""Kinds that nobody is asked about where returns are switched off."""


def canary_counts(suiteql: SuiteQL, *, with_returns: bool = True) -> dict[str, int | None]:
    """How many records of each kind the role sees; None where NetSuite refuses the table.

    with_returns: whether it is asked about returns.

    A missing permission can look like an empty table, so zero is a reason to look at the role.
    """
    counts: dict[str, int | None] = {}
    for kind, table in _CANARIES.items():
        if kind in OF_RETURNS and not with_returns:
            continue
        try:
            rows = suiteql.query(f"SELECT COUNT(*) AS n FROM {table}", limit=1).rows  # noqa: S608
        except RemoteError as error:
            if not is_refusal(error):
                raise
            counts[kind] = None
        else:
            counts[kind] = int(next(iter(rows[0].values())) or 0) if rows else 0
    return counts


def require_still_there(suiteql: SuiteQL, plan: SourcePlan, source: str) -> None:
    """Raises ConfigError where the role sees not one row any more of a source that had rows when it was probed.

    Asked where a reading found nothing at all of what it looked for: an empty answer must not empty HubSpot.
    """
    if source not in plan.filled:
        return
    asked = plan.sources[source]
    key = asked.columns[0].expression
    where = " AND ".join((*asked.where, "ROWNUM <= 1"))
    if not suiteql.query(f"SELECT {key} AS id FROM {asked.table} WHERE {where}", limit=1).rows:  # noqa: S608
        raise _lost(asked.table.split()[0])


def require_visible(suiteql: SuiteQL, table: str, key: str) -> None:
    """Raises ConfigError where the role sees not one row of a table that cannot be empty."""
    if not suiteql.query(f"SELECT {key} AS id FROM {table} WHERE ROWNUM <= 1", limit=1).rows:  # noqa: S608
        raise _lost(table)


def _lost(table: str) -> ConfigError:
    return ConfigError(
        f"NetSuite shows no row of {table} any more, so the role may have lost a permission. Nothing of "
        "this read is used; check the role with `ns-hs-orders doctor`."
    )
