"""What setup and doctor need of the outside: HubSpot's definitions and both accounts' facts.

Belongs here: protocols and the plain values that pass through them. Does not belong here: HTTP, or
what ought to exist (plan.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ns_hs_orders.money import shown


@dataclass(frozen=True)
class PropertyDefinition:
    """A property as HubSpot defines it. options: internal values, for enumerations."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    has_unique_value: bool = False
    description: str = ""
    read_only: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class PipelineStage:
    """A stage. id: None before it exists. state: OPEN or CLOSED."""

    id: str | None
    label: str
    state: str


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with its stages in display order. id: None before it exists."""

    id: str | None
    label: str
    stages: tuple[PipelineStage, ...]


@dataclass(frozen=True)
class AssociationLabel:
    """A label of an association. label: as the from-side shows the far record; inverse: as the far side shows this one.

    type_id: of the direction from → to, None before it exists.
    """

    name: str
    label: str
    inverse: str
    type_id: int | None = None


@dataclass(frozen=True)
class AccountDetails:
    """What HubSpot tells of the portal."""

    portal_id: str
    account_type: str
    time_zone: str
    company_currency: str
    additional_currencies: tuple[str, ...]
    ui_domain: str = "app.hubspot.com"


@dataclass(frozen=True)
class ForeignOrders:
    """Orders of HubSpot that carry no key of ours. without_amount: those in no sum.

    minor: currency → sum of the amounts above zero, in minor units. below: of those below zero.
    is_first: whether no order of ours has been written yet.
    """

    orders: int
    minor: Mapping[str, int]
    below: Mapping[str, int]
    without_amount: int
    is_first: bool

    @property
    def sentence(self) -> str:
        """What stands there, and what to do; "" where nothing does."""
        if not self.orders:
            return ""
        sums = ", ".join(shown(amount, currency) for currency, amount in self.minor.items())
        if self.below:
            below = ", ".join(shown(amount, currency) for currency, amount in self.below.items())
            sums = f"{sums or 'nothing above zero'} and, below zero, {below}"
        unread = f", {self.without_amount:,} of them without a readable amount" if self.without_amount else ""
        are = "order stands" if self.orders == 1 else "orders stand"
        when = (
            " before the first sync, which would make the orders that they stand for once more"
            if self.is_first
            else ""
        )
        return (
            f"{self.orders:,} {are} in HubSpot that something else wrote, with {sums or 'no amount'}{unread}. "
            f"Run `ns-hs-orders adopt --plan`{when}."
        )


class CrmDefinitions(Protocol):
    """HubSpot's property groups, properties and pipelines. All raise RemoteError."""

    def property_groups(self, object_type: str) -> set[str]:
        """Names of the existing groups."""
        ...

    def create_property_group(self, object_type: str, name: str, label: str, place: int = -1) -> None:
        """Makes a group. place: where a record shows it, from 1; -1 after all that have one."""
        ...

    def properties(self, object_type: str) -> dict[str, PropertyDefinition]:
        """All properties by name, archived ones left out."""
        ...

    def create_property(self, object_type: str, definition: PropertyDefinition) -> None:
        """Makes a property; `has_unique_value` can only be given here."""
        ...

    def update_property(self, object_type: str, name: str, changes: Mapping[str, str]) -> None:
        """Changes `label`, `group` or `description` of a property; its values stay."""
        ...

    def pipelines(self, object_type: str) -> list[Pipeline]:
        """All pipelines with their stages in display order."""
        ...

    def create_pipeline(self, object_type: str, pipeline: Pipeline) -> Pipeline:
        """Makes a pipeline with its stages, and returns it as read back, with ids."""
        ...

    def association_types(self, from_type: str, to_type: str) -> dict[str, int]:
        """Label → type id of a pair's associations, "" for the one without a label; empty where there are none that the token sees."""
        ...

    def create_association_label(self, from_type: str, to_type: str, label: AssociationLabel) -> None:
        """Makes a label, both directions of it."""
        ...


class Portal(Protocol):
    """Facts about the portal and its users. All raise RemoteError."""

    def account_details(self) -> AccountDetails:
        """Portal id, type, zone and currencies."""
        ...

    def active_owners(self) -> dict[str, str]:
        """Lower-cased e-mail → owner id, deactivated ones left out."""
        ...

    def granted_scopes(self) -> set[str] | None:
        """Scopes of the token; None where HubSpot does not tell."""
        ...

    def orders_enabled(self) -> bool | None:
        """Whether the orders object is switched on; None where HubSpot does not tell."""
        ...

    def server_time(self) -> datetime:
        """HubSpot's clock by its answer's Date header, UTC."""
        ...
