"""What extraction needs of the outside: one SuiteQL page a call, and read tickets.

Belongs here: protocols and the plain values that pass through them. Does not belong here: HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class QueryPage:
    """One page of a SuiteQL answer: rows by lower-cased column, None where NetSuite left the key out."""

    rows: list[dict[str, str | None]]
    has_more: bool


class SuiteQL(Protocol):
    """One SuiteQL request."""

    def query(self, sql: str, params: Sequence[str] = (), *, limit: int = 1000) -> QueryPage:
        """The first `limit` rows (at most 1000); never an offset.

        Raises RemoteError where NetSuite could not be read, ContractError where its answer
        contradicts itself. An empty page is only ever "read, and nothing there".
        """
        ...


class ReadTickets(Protocol):
    """Numbers that order the readings of NetSuite."""

    def next_ticket(self) -> int:
        """The next number of the one counter; a higher ticket is the newer reading."""
        ...
