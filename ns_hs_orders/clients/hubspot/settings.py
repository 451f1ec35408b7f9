"""What setup and doctor need of a HubSpot account: definitions, pipelines, owners, the account, the token.

Belongs here: one call a method, answered in HubSpot's own keys. Does not belong here: what an account
must have (setup).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from ns_hs_orders.clients.hubspot.calls import ApiVersions, all_pages, mapping, results, segment
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.transport import Transport
from ns_hs_orders.errors import ContractError, RemoteError

TOKEN_INFO_PATH = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105 - a path
OWNERS_PAGE = 100
NOT_FOUND = 404


class HubSpotSettings:
    """The account's settings. Creating is never tried twice where it could happen twice."""

    def __init__(self, transport: Transport, versions: ApiVersions, token: Secret) -> None:
        self._transport = transport
        self._versions = versions
        self._token = token

    def properties(self, object_type: str) -> list[dict[str, Any]]:
        """Every property definition of an object type that is not archived. Raises RemoteError."""
        return self._list(f"{self._properties(object_type)}", {"archived": "false"})

    def create_property(self, object_type: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Creates a property and returns HubSpot's answer to it.

        definition: name, label, type, fieldType, groupName; hasUniqueValue, options, description.
        Raises RemoteError, with status 409 where the name is taken and 403 where the tier or a scope
        forbids it.
        """
        return self._create(self._properties(object_type), definition)

    def property_groups(self, object_type: str) -> list[dict[str, Any]]:
        """Every property group of an object type: name, label. Raises RemoteError."""
        return self._list(f"{self._properties(object_type)}/groups", {})

    def update_property(self, object_type: str, name: str, changes: Mapping[str, Any]) -> None:
        """Changes a definition: label, groupName. Raises RemoteError."""
        path = f"{self._properties(object_type)}/{segment(name)}"
        self._transport.send("PATCH", path, json=dict(changes), family="objects", effect="keyed")

    def create_property_group(
        self, object_type: str, name: str, label: str, place: int = -1
    ) -> dict[str, Any]:
        """Creates a property group. Raises RemoteError, with status 409 where the name is taken."""
        group = {"name": name, "label": label, "displayOrder": place}
        return self._create(f"{self._properties(object_type)}/groups", group)

    def pipelines(self, object_type: str) -> list[dict[str, Any]]:
        """Every pipeline of an object type with its stages: id, label, displayOrder, metadata. Raises RemoteError."""
        return self._list(self._pipelines(object_type), {})

    def create_pipeline(self, object_type: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Creates a pipeline with its stages; read it back, since the answer echoes the request.

        definition: label, displayOrder, stages of label, displayOrder, metadata. Raises RemoteError,
        with status 403 where the tier allows no further pipeline.
        """
        return self._create(self._pipelines(object_type), definition)

    def association_types(self, from_type: str, to_type: str) -> list[dict[str, Any]]:
        """Every association type of a pair of object types: category, typeId, label. Raises RemoteError."""
        return self._list(self._association_labels(from_type, to_type), {})

    def create_association_label(self, from_type: str, to_type: str, definition: Mapping[str, Any]) -> None:
        """Creates a label of one's own. definition: name, label, inverseLabel.

        Raises RemoteError, with status 437 where the pair has as many as it may have.
        """
        path = self._association_labels(from_type, to_type)
        self._transport.send("POST", path, json=dict(definition), family="objects", effect="unkeyed")

    def list_named(self, object_type_id: str, name: str) -> dict[str, Any] | None:
        """The list (segment) of an object type with this name; None where there is none. Raises RemoteError."""
        path = f"{self._lists()}/object-type-id/{segment(object_type_id)}/name/{quote(name, safe='')}"
        try:
            answer = self._transport.send("GET", path, family="objects", effect="read")
        except RemoteError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return mapping(answer, "read")

    def create_list(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Creates a list: name, objectTypeId, processingType, filterBranch. Raises RemoteError."""
        return self._create(self._lists(), definition)

    def owners(self, *, archived: bool = False) -> list[dict[str, Any]]:
        """Every owner: id, email, firstName, lastName, archived. archived: those that left. Raises RemoteError."""
        path = f"/crm/owners/{self._versions.owners}"
        params = {"limit": str(OWNERS_PAGE), "archived": "true" if archived else "false"}
        return [{**one, "id": str(one.get("id"))} for one in all_pages(self._transport, path, params)]

    def account(self) -> dict[str, Any]:
        """Which account this is: portalId (text), accountType, timeZone, companyCurrency, additionalCurrencies.

        Raises RemoteError.
        """
        details = self._account()[0]
        return {**details, "portalId": str(details.get("portalId"))}

    def currencies(self) -> list[str]:
        """The account's enabled currency codes, its own first. Raises RemoteError, ContractError."""
        details = self._account()[0]
        codes = [details.get("companyCurrency"), *(details.get("additionalCurrencies") or ())]
        if not all(isinstance(code, str) for code in codes):
            raise ContractError(f"HubSpot's account details hold no list of currencies: {codes!r}.")
        return list(dict.fromkeys(str(code) for code in codes))

    def server_time(self) -> datetime:
        """HubSpot's clock from an answer's Date header, UTC, whole seconds. Raises RemoteError, ContractError."""
        text = self._account()[1].get("date", "")
        try:
            return parsedate_to_datetime(text)
        except ValueError:
            raise ContractError(f"HubSpot's Date header is not a time: {text!r}.") from None

    def scopes(self) -> list[str]:
        """What the token is allowed to do, sorted. Raises RemoteError."""
        answer = self._transport.send(
            "POST", TOKEN_INFO_PATH, json={"tokenKey": self._token.reveal()}, family="objects", effect="read"
        )
        found = mapping(answer, "read").get("scopes")
        return sorted(str(scope) for scope in found) if isinstance(found, list) else []

    def object_type_enabled(self, object_type_id: str) -> bool:
        """Whether the account has an object type, as 0-123 for orders. Raises RemoteError."""
        path = f"/crm/object-library/{self._versions.object_library}/enablement/{segment(object_type_id)}"
        answer = self._transport.send("GET", path, family="objects", effect="read")
        return mapping(answer, "read").get("enablement") is True

    def _account(self) -> tuple[dict[str, Any], Mapping[str, str]]:
        path = f"/account-info/{self._versions.account_info}/details"
        answer = self._transport.send("GET", path, family="objects", effect="read")
        return mapping(answer, "read"), answer.headers

    def _properties(self, object_type: str) -> str:
        return f"/crm/properties/{self._versions.properties}/{segment(object_type)}"

    def _lists(self) -> str:
        return f"/crm/lists/{self._versions.lists}"

    def _pipelines(self, object_type: str) -> str:
        return f"/crm/pipelines/{self._versions.pipelines}/{segment(object_type)}"

    def _association_labels(self, from_type: str, to_type: str) -> str:
        root = f"/crm/associations/{self._versions.associations}"
        return f"{root}/{segment(from_type)}/{segment(to_type)}/labels"

    def _list(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        return results(
            self._transport.send("GET", path, params=params, family="objects", effect="read"), "read"
        )

    def _create(self, path: str, definition: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._transport.send("POST", path, json=dict(definition), family="objects", effect="unkeyed")
        return mapping(answer, "unkeyed")
