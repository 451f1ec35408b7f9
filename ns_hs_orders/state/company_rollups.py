"""What each company in HubSpot was last told of its buying, and which companies are to be looked at again.

Belongs here: keeping and finding both. Does not belong here: figures, or when a company is written (rollups).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from ns_hs_orders.rollups.ports import ToldCompany
from ns_hs_orders.state.database import State, chunks
from ns_hs_orders.state.tables import due_companies, order_links, told_companies


class CompanyRollupStore:
    """Implements rollups.ports.ToldCompanies."""

    def __init__(self, state: State) -> None:
        self._state = state

    def load(self) -> dict[str, ToldCompany]:
        """All companies that were ever told, by HubSpot's id."""
        columns = [told_companies.c[name] for name in ToldCompany._fields]
        with self._state.read() as connection:
            return {row.company_id: ToldCompany(*row) for row in connection.execute(select(*columns))}

    def keep(self, told: Sequence[ToldCompany], now: datetime) -> None:
        """Keeps what HubSpot took, in place of what it was told before."""
        if not told:
            return
        names = (*ToldCompany._fields[1:], "written_at")
        statement = self._state.insert_or_update(
            told_companies, lambda new: {name: getattr(new, name) for name in names}
        )
        with self._state.write() as connection:
            connection.execute(statement, [{**one._asdict(), "written_at": now} for one in told])

    def forget(self, company_ids: Iterable[str]) -> None:
        """Forgets companies that HubSpot no longer has under these ids."""
        with self._state.write() as connection:
            for ids in chunks(sorted(company_ids)):
                connection.execute(delete(told_companies).where(told_companies.c.company_id.in_(ids)))

    def companies_by_order(self, order_ids: Sequence[str]) -> dict[str, str]:
        """Order → the company that it hangs on in HubSpot, or was about to, as far as is known."""
        found: dict[str, str] = {}
        with self._state.read() as connection:
            for ids in chunks(order_ids):
                query = select(order_links.c.order_id, order_links.c.key).where(
                    order_links.c.order_id.in_(ids), order_links.c.kind == "company"
                )
                found.update({row.order_id: row.key for row in connection.execute(query)})
        return found

    def note_due(self, company_ids: Iterable[str], now: datetime) -> None:
        """Notes companies of which an order changed."""
        rows = [{"company_id": one, "noticed_at": now} for one in sorted(set(company_ids))]
        if not rows:
            return
        statement = self._state.insert_or_update(due_companies, lambda new: {"noticed_at": new.noticed_at})
        with self._state.write() as connection:
            connection.execute(statement, rows)

    def due(self) -> dict[str, datetime]:
        """Companies to look at again → when the newest change was noticed, the oldest first."""
        query = select(due_companies).order_by(due_companies.c.noticed_at, due_companies.c.company_id)
        with self._state.read() as connection:
            return {row.company_id: row.noticed_at for row in connection.execute(query)}

    def count_due(self) -> int:
        """How many companies are to be looked at again."""
        with self._state.read() as connection:
            return connection.scalar(select(func.count()).select_from(due_companies)) or 0

    def settle(self, looked_at: Mapping[str, datetime]) -> None:
        """Ends what was due, unless it was noticed again since."""
        with self._state.write() as connection:
            for company_id, noticed_at in sorted(looked_at.items()):
                connection.execute(
                    delete(due_companies).where(
                        due_companies.c.company_id == company_id, due_companies.c.noticed_at <= noticed_at
                    )
                )
