"""HubSpot's settings in setup's terms: typed definitions, pipelines, owners and the account.

Belongs here: translating between HubSpot's keys and setup.ports, push.ports. Does not belong here: calls
(settings), or what an account must have (setup).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from ns_hs_orders.clients.hubspot.settings import HubSpotSettings
from ns_hs_orders.errors import ContractError, RemoteError
from ns_hs_orders.setup.ports import (
    AccountDetails,
    AssociationLabel,
    Pipeline,
    PipelineStage,
    PropertyDefinition,
)

ORDERS = "0-123"
_NOT_TOLD = (400, 403, 404)
_NO_SUCH_PAIR = (400, 403, 404)


class HubSpotDefinitions:
    """Implements setup.ports.CrmDefinitions and Portal, setup.segments.Segments, and push.ports.Owners."""

    def __init__(self, settings: HubSpotSettings) -> None:
        self._settings = settings

    def property_groups(self, object_type: str) -> set[str]:
        """Names of the existing groups."""
        return {str(group.get("name")) for group in self._settings.property_groups(object_type)}

    def create_property_group(self, object_type: str, name: str, label: str, place: int = -1) -> None:
        """Makes a group. place: where a record shows it, from 1; -1 after all that have one."""
        self._settings.create_property_group(object_type, name, label, place)

    def update_property(self, object_type: str, name: str, changes: Mapping[str, str]) -> None:
        """Changes `label`, `group` or `description` of a property."""
        keys = {"label": "label", "group": "groupName", "description": "description"}
        self._settings.update_property(
            object_type, name, {keys[part]: value for part, value in changes.items()}
        )

    def properties(self, object_type: str) -> dict[str, PropertyDefinition]:
        """All properties by name."""
        return {str(raw.get("name")): _definition(raw) for raw in self._settings.properties(object_type)}

    def digest(self) -> str:
        """One digest of all that HubSpot judges an order's values by: properties, their types and options."""
        known = [sorted(self.properties(object_type).items()) for object_type in ("orders", "line_items")]
        return sha256(repr(known).encode()).hexdigest()

    def create_property(self, object_type: str, definition: PropertyDefinition) -> None:
        """Makes a property."""
        self._settings.create_property(
            object_type,
            {
                "name": definition.name,
                "label": definition.label,
                "type": definition.type,
                "fieldType": definition.field_type,
                "groupName": definition.group,
                "description": definition.description,
                "hasUniqueValue": definition.has_unique_value,
                "formField": False,
                "options": [
                    {"label": _option_label(value), "value": value, "displayOrder": place, "hidden": False}
                    for place, value in enumerate(definition.options)
                ],
            },
        )

    def pipelines(self, object_type: str) -> list[Pipeline]:
        """All pipelines with their stages in display order."""
        return [_pipeline(raw) for raw in self._settings.pipelines(object_type)]

    def create_pipeline(self, object_type: str, pipeline: Pipeline) -> Pipeline:
        """Makes a pipeline and reads it back, since HubSpot's answer echoes the request."""
        self._settings.create_pipeline(
            object_type,
            {
                "label": pipeline.label,
                "displayOrder": 0,
                "stages": [
                    {"label": stage.label, "displayOrder": place, "metadata": {"state": stage.state}}
                    for place, stage in enumerate(pipeline.stages)
                ],
            },
        )
        found = next(
            (p for p in self.pipelines(object_type) if p.label.casefold() == pipeline.label.casefold()), None
        )
        if found is None:
            raise ContractError(
                f"HubSpot says it made the pipeline {pipeline.label!r}, but does not have it. Run setup again."
            )
        return found

    def association_types(self, from_type: str, to_type: str) -> dict[str, int]:
        """Label → type id of a pair's associations, "" for the one without a label; empty where there are none that the token sees."""
        try:
            found = self._settings.association_types(from_type, to_type)
        except RemoteError as error:
            if error.status in _NO_SUCH_PAIR:
                return {}
            raise
        return {str(one.get("label") or ""): int(one["typeId"]) for one in found}

    def create_association_label(self, from_type: str, to_type: str, label: AssociationLabel) -> None:
        """Makes a label, both directions of it."""
        self._settings.create_association_label(
            from_type, to_type, {"name": label.name, "label": label.label, "inverseLabel": label.inverse}
        )

    def segment_exists(self, name: str) -> bool:
        """Whether there is a segment of orders with this name."""
        return self._settings.list_named(ORDERS, name) is not None

    def create_segment(self, name: str, filters: Sequence[Mapping[str, Any]]) -> None:
        """Makes an active segment of the orders that pass all filters."""
        every = {"filterBranchType": "AND", "filterBranches": [], "filters": [dict(one) for one in filters]}
        self._settings.create_list(
            {
                "name": name,
                "objectTypeId": ORDERS,
                "processingType": "DYNAMIC",
                "filterBranch": {"filterBranchType": "OR", "filterBranches": [every], "filters": []},
            }
        )

    def account_details(self) -> AccountDetails:
        """Portal id, type, zone and currencies. Raises ContractError where the portal's id is not told."""
        raw = self._settings.account()
        if not str(raw["portalId"]).isdigit():
            raise ContractError(f"HubSpot's account details hold no portal id: {raw['portalId']!r:.40}.")
        return AccountDetails(
            portal_id=str(raw["portalId"]),
            account_type=str(raw.get("accountType") or "unknown type"),
            time_zone=str(raw.get("timeZone") or "unknown zone"),
            company_currency=str(raw.get("companyCurrency") or ""),
            additional_currencies=tuple(str(code) for code in raw.get("additionalCurrencies") or ()),
            ui_domain=str(raw.get("uiDomain") or AccountDetails.ui_domain),
        )

    def active_owners(self) -> dict[str, str]:
        """Lower-cased e-mail → owner id."""
        return {
            str(owner["email"]).lower(): str(owner["id"])
            for owner in self._settings.owners()
            if owner.get("email")
        }

    def active(self) -> Mapping[str, str]:
        """The same, as the push asks for it."""
        return self.active_owners()

    def user_names(self) -> dict[str, str]:
        """User id → name, or e-mail where there is no name; those that left included, where HubSpot tells them."""
        names: dict[str, str] = {}
        for owner in (*self._settings.owners(archived=True), *self._settings.owners()):
            user_id = owner.get("userId") or owner.get("userIdIncludingInactive")
            if user_id and (name := _name(owner)):
                names[str(user_id)] = name
        return names

    def owner_names(self) -> dict[str, str]:
        """Owner id → name, or e-mail where there is no name; those that left included."""
        names: dict[str, str] = {}
        for owner in (*self._settings.owners(archived=True), *self._settings.owners()):
            if name := _name(owner):
                names[str(owner["id"])] = name
        return names

    def granted_scopes(self) -> set[str] | None:
        """Scopes of the token; None where HubSpot does not tell (a service key may not be looked up)."""
        try:
            return set(self._settings.scopes())
        except RemoteError as error:
            if error.status in _NOT_TOLD:
                return None
            raise

    def orders_enabled(self) -> bool | None:
        """Whether the orders object is switched on; None where HubSpot does not tell."""
        try:
            return self._settings.object_type_enabled(ORDERS)
        except RemoteError as error:
            if error.status in _NOT_TOLD:
                return None
            raise

    def server_time(self) -> datetime:
        """HubSpot's clock, UTC, whole seconds."""
        return self._settings.server_time()


def _name(owner: dict[str, Any]) -> str:
    name = " ".join(str(owner[part]) for part in ("firstName", "lastName") if owner.get(part))
    return name or str(owner.get("email") or "")


def _option_label(value: str) -> str:
    """A value for people; one with capitals of its own as it is."""
    if value in ("true", "false"):
        return "Yes" if value == "true" else "No"
    return value.capitalize() if value == value.lower() else value


def _definition(raw: dict[str, Any]) -> PropertyDefinition:
    modification = raw.get("modificationMetadata") or {}
    return PropertyDefinition(
        name=str(raw.get("name")),
        label=str(raw.get("label") or ""),
        type=str(raw.get("type") or ""),
        field_type=str(raw.get("fieldType") or ""),
        group=str(raw.get("groupName") or ""),
        has_unique_value=raw.get("hasUniqueValue") is True,
        description=str(raw.get("description") or ""),
        read_only=modification.get("readOnlyValue") is True,
        options=tuple(str(option.get("value")) for option in raw.get("options") or ()),
    )


def _pipeline(raw: dict[str, Any]) -> Pipeline:
    stages = sorted(raw.get("stages") or (), key=lambda stage: stage.get("displayOrder") or 0)
    return Pipeline(
        id=str(raw.get("id")),
        label=str(raw.get("label") or ""),
        stages=tuple(
            PipelineStage(
                id=str(stage.get("id")),
                label=str(stage.get("label") or ""),
                state=str((stage.get("metadata") or {}).get("state") or ""),
            )
            for stage in stages
        ),
    )
