"""What this account can be asked, and how: carried by every read.

Belongs here: the settings of NetSuite's side, the sources that are wanted, and the plan that probing makes. Does not belong
here: asking (probe.py), or reading orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from ns_hs_orders.extract import sources
from ns_hs_orders.extract.returns.signs import ReturnSigns
from ns_hs_orders.extract.returns.sources import added_to_returns
from ns_hs_orders.extract.sources import Source
from ns_hs_orders.extract.suiteql.keyset import Query
from ns_hs_orders.extract.suiteql.session_time import utc_text
from ns_hs_orders.fields.field import SourceColumn
from ns_hs_orders.fields.field_map import FieldMap, field_map


@dataclass(frozen=True)
class SourceOptions:
    """Settings of the NetSuite side. header_ids, line_orders: ids a query, at most 1,000.

    by_subsidiary: whether an order's subsidiary decides whether it is synced; then its column is required.
    with_customer_email: whether contacts are found by the e-mail of the customer. with_returns: whether return
    authorizations are read at all.
    """

    field_map: FieldMap = field(default_factory=lambda: field_map({}))
    customer_hubspot_id_field: str = "custentity_celigo_hubspot_id"
    tax_regime: Literal["legacy", "suitetax"] = "legacy"
    by_subsidiary: bool = False
    with_customer_email: bool = False
    with_returns: bool = False
    header_ids: int = 1000
    line_orders: int = 500


@dataclass(frozen=True)
class SourcePlan:
    """What the account can be asked, and how.

    columns: source name → the columns that exist; a source that does not exist is absent. session_zone:
    None where NetSuite did not tell it. utc_stamps: date-times come in UTC, else in session time.
    wrapped: computed columns lose their alias, so queries give it twice. status_prefixed: status
    comes as `SalesOrd:B`. filled: sources that had a row when they were probed, now or before. warnings: what is missing and what it costs, in words.
    return_signs: None where returns are not asked for, or the role does not see them.
    """

    options: SourceOptions
    sources: Mapping[str, Source]
    columns: Mapping[str, tuple[SourceColumn, ...]]
    session_zone: tzinfo | None
    utc_stamps: bool
    wrapped: bool = False
    status_prefixed: bool = False
    warnings: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()
    return_signs: ReturnSigns | None = None

    def has(self, source: str) -> bool:
        """Whether the account has the table, as far as its answers tell."""
        return source in self.columns

    def query(
        self, source: str, key: str, *where: str, only: Sequence[str] = (), distinct: bool = False
    ) -> Query:
        """A query for the existing columns of a source (or `only` some), ordered by column `key`."""
        asked = self.sources[source]
        columns = tuple(c for c in self.columns[source] if not only or c.name in only)
        return Query(
            select={c.name: sources.rendered(c, utc=self.utc_stamps) for c in columns},
            source=asked.tables(columns),
            where=(*asked.where, *where),
            key=key,
            distinct=distinct,
            wrapped=self.wrapped,
        )

    def at_utc(self, stamp: str | None) -> str | None:
        """A date-time as NetSuite answered it, in ISO 8601 UTC; None where it is none."""
        if stamp is None or self.utc_stamps or self.session_zone is None:
            return stamp
        return utc_text(stamp, self.session_zone)


def wanted_sources(options: SourceOptions) -> list[Source]:
    """The sources of whole orders, before it is known which of them the account has."""
    wanted = [
        sources.header(options.field_map),
        sources.lines(options.field_map),
        sources.customer(options.customer_hubspot_id_field, with_email=options.with_customer_email),
        sources.PROJECT,
        sources.EMPLOYEE,
        sources.PARTNER,
        sources.ADDRESS,
        sources.SHIPMENT,
        sources.TRACKING,
    ]
    if options.with_returns and options.field_map.return_columns:
        wanted.append(added_to_returns(options.field_map))
    return [*wanted, sources.TAX_DETAIL] if options.tax_regime == "suitetax" else wanted
