"""What a check looks at and what it tells.

Belongs here: the Finding and the Patient. Does not belong here: any check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourceOptions
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.push.ports import CrmObjects
from ns_hs_orders.push.schema import NO_MORE_LINKS, LinkRules
from ns_hs_orders.setup.named import NamedBySettings
from ns_hs_orders.setup.ports import CrmDefinitions, ForeignOrders, Portal
from ns_hs_orders.setup.requirements import ReturnsWanted


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. ok: True, False, or None for something to know that is no failure."""

    name: str
    ok: bool | None
    detail: str
    what_to_do: str = ""


def failure(name: str, problem: str) -> Finding:
    """A failed finding of one text: its first sentence, and what to do in the others."""
    told, _, to_do = problem.partition(". ")
    return Finding(name, False, f"{told.rstrip('.')}.", to_do)


class ServerClock(Protocol):
    """A server that tells its time."""

    def server_time(self) -> datetime:
        """The server's clock, UTC. Raises RemoteError, ContractError."""
        ...


class Left(Protocol):
    """What returns left in HubSpot; false where it is nothing."""

    def __bool__(self) -> bool:
        """Whether anything is left."""
        ...

    @property
    def what(self) -> str:
        """One sentence."""
        ...

    @property
    def what_to_do(self) -> str:
        """The next step."""
        ...


@dataclass(frozen=True)
class Patient:
    """All that the doctor looks at. pipeline_id: "" where the settings name none. named: what else they name.

    returns: what they need, where they are records of their own. foreign: asks which orders of HubSpot something else
    wrote. left: asks what returns left in HubSpot, None where the setting can leave nothing. mapping: of the mapping file, what it is and does.
    """

    mode: str
    account: str
    suiteql: SuiteQL
    netsuite_clock: ServerClock
    source_options: SourceOptions
    field_map: FieldMap
    crm: CrmDefinitions
    portal: Portal
    objects: CrmObjects
    pipeline_id: str
    stage_ids: Mapping[str, str]
    person_customers: str
    links: LinkRules = NO_MORE_LINKS
    returns: ReturnsWanted | None = None
    foreign: Callable[[], ForeignOrders] | None = None
    left: Callable[[], Left] | None = None
    named: NamedBySettings = field(default_factory=NamedBySettings)
    mapping: Finding = Finding("Mapping file", True, "None: the field map is the default one.")
