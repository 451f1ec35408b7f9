"""Control totals of return authorizations: what NetSuite itself counts and sums.

Belongs here: that one question. Does not belong here: reading returns, or any sign: sums keep NetSuite's own. They
pass through no mapping and no frame of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.orders import dated
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.suiteql.keyset import PAGE_ROWS

_RETURN_TYPE = "t.type = 'RtnAuth'"


@dataclass(frozen=True)
class ReturnsCounted:
    """COUNT(*) and SUM(foreigntotal) of one day, currency and status letter. total: decimal text, NetSuite's sign."""

    return_on: date
    currency: str | None
    status: str | None
    returns: int
    total: str | None


def read_return_totals(suiteql: SuiteQL, first: date, last: date) -> list[ReturnsCounted]:
    """Returns and totals by day, currency and status, counted and summed by NetSuite, in that order.

    Raises ContractError where one day alone fills a page, RemoteError where NetSuite could not be read.
    """
    where = " AND ".join((_RETURN_TYPE, *dated(first, last).where))
    page = suiteql.query(
        "SELECT q.return_on AS return_on, q.currency AS currency, q.status AS status, q.returns AS returns, "  # noqa: S608
        "q.total AS total FROM ("
        "SELECT TO_CHAR(t.trandate, 'YYYY-MM-DD') AS return_on, cur.symbol AS currency, t.status AS status, "
        "COUNT(*) AS returns, SUM(t.foreigntotal) AS total "
        f"FROM transaction t LEFT JOIN currency cur ON cur.id = t.currency WHERE {where} "
        "GROUP BY TO_CHAR(t.trandate, 'YYYY-MM-DD'), cur.symbol, t.status) q "
        "ORDER BY q.return_on ASC, q.currency ASC, q.status ASC",
        limit=PAGE_ROWS,
    )
    if page.has_more:
        if first == last:
            raise ContractError(
                f"NetSuite announces over {PAGE_ROWS} sums of returns on {first}; that cannot be."
            )
        middle = first + (last - first) // 2
        return [
            *read_return_totals(suiteql, first, middle),
            *read_return_totals(suiteql, middle + timedelta(days=1), last),
        ]
    try:
        return [
            ReturnsCounted(
                date.fromisoformat(str(row["return_on"])),
                row.get("currency"),
                row.get("status"),
                int(str(row["returns"])),
                row.get("total"),
            )
            for row in page.rows
        ]
    except (KeyError, ValueError) as error:
        raise ContractError(
            f"NetSuite's control totals of the returns of {first} to {last} are unreadable: {error}."
        ) from error
