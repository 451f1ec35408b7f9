"""HubSpot's companies as they are now: merged ones followed, missing ones named, and what they tell.

Belongs here: reading records, and which ids of NetSuite mean the same one. Does not belong here: what a company is to
tell (properties).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ns_hs_orders.push.associations.survivors import former_ids, living_records
from ns_hs_orders.push.ports import CrmObjects, CrmRecord
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS, CustomerHome

COMPANIES = "companies"
NAME = "name"
PROPERTIES = (NAME, *(one.hubspot_property for one in ROLLUP_FIELDS))


@dataclass(frozen=True)
class Companies:
    """records: HubSpot's id → record. missing: ids that HubSpot does not have. living: id asked, or former
    id → id it lives under."""

    records: dict[str, CrmRecord] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    living: dict[str, str] = field(default_factory=dict)

    def entities(self, homes: Iterable[CustomerHome]) -> dict[str, list[str]]:
        """Company → the entities that buy for it; those of missing companies under the missing id."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in homes:
            found[self.living.get(one.company_id, one.company_id)].append(one.entity_id)
        return found

    @property
    def ids_in_netsuite(self) -> list[str]:
        """All ids under which a customer may name one of these companies, former ones included."""
        return sorted({*self.records, *self.living, *self.missing})


def read_companies(crm: CrmObjects, ids: Iterable[str]) -> Companies:
    """The companies that these ids mean today. Raises RemoteError where HubSpot could not be asked."""
    found = living_records(crm, COMPANIES, ids, PROPERTIES)
    records = {record.id: record for record in found.values() if record}
    # customers may name any id that a company had before it was merged
    former = {one: record.id for record in records.values() for one in former_ids(record)}
    return Companies(
        records=records,
        missing=frozenset(one for one, record in found.items() if record is None),
        living=former | {one: record.id for one, record in found.items() if record},
    )


def read_again(crm: CrmObjects, ids: Sequence[str]) -> dict[str, CrmRecord]:
    """The same companies by id, as they are now; a missing one is absent."""
    return read_companies(crm, ids).records
