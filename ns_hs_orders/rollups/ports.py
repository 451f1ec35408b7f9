"""What the stage needs of the outside: HubSpot's companies, and what each company was told last.

Belongs here: protocols and the plain values that pass through them. Does not belong here: HTTP, SQL, or rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from ns_hs_orders.push.ports import BatchAnswer, CrmObjects
from ns_hs_orders.trust.ports import UpdateInput


class ToldCompany(NamedTuple):
    """What a company was told last. fingerprint: of its figures. as_of: the day that stands beside them."""

    company_id: str
    fingerprint: str
    as_of: date


class CompanyRecords(CrmObjects, Protocol):
    """HubSpot's batch read, and its update, which never creates a record."""

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Updates at most 100 records; an id that is gone is in an error of the answer. Raises RemoteError."""
        ...


class ToldCompanies(Protocol):
    """What each company was told last, and which ones are to be looked at again."""

    def load(self) -> dict[str, ToldCompany]:
        """All companies that were ever told, by HubSpot's id."""
        ...

    def keep(self, told: Sequence[ToldCompany], now: datetime) -> None:
        """Keeps what HubSpot took, in place of what it was told before."""
        ...

    def forget(self, company_ids: Iterable[str]) -> None:
        """Forgets companies that HubSpot no longer has under these ids."""
        ...

    def due(self) -> Mapping[str, datetime]:
        """Companies of which an order changed since they were last looked at → when that was noticed."""
        ...

    def settle(self, looked_at: Mapping[str, datetime]) -> None:
        """Ends what was due, unless it was noticed again since."""
        ...
