"""Settings of both systems: where they are, who asks, and how much may be asked.

Belongs here: addresses, credentials, limits, and what mode `live` needs. Does not belong here: what is synced and how
(settings.py). Secrets stay SecretStr until a client needs them.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from ns_hs_orders.settings.kinds import (
    AccountId,
    DatedVersion,
    Folder,
    Mode,
    PortalId,
    SafeUrl,
    TextTable,
    TimeZone,
)

PREFIX = "NS_HS_"
M2M = ("netsuite_client_id", "netsuite_certificate_id", "netsuite_private_key_path")
TBA = (
    "netsuite_consumer_key",
    "netsuite_consumer_secret",
    "netsuite_token_id",
    "netsuite_token_secret",
)


class SystemSettings(BaseSettings):
    """Settings of NetSuite and HubSpot, and the home."""

    mode: Mode = Field("sandbox", description="`sandbox`, or `live` for the real accounts.")
    home: Folder = Field(Path(".ns_hs_orders"), description="The one folder where a run leaves anything.")

    netsuite_account: AccountId = Field(
        "", description="NetSuite account id, such as `1234567` or `1234567_SB1`."
    )
    netsuite_client_id: str = Field("", description="OAuth 2.0 M2M: client id of the integration record.")
    netsuite_certificate_id: str = Field("", description="OAuth 2.0 M2M: certificate id of the mapping.")
    netsuite_private_key_path: str = Field(
        "", description="OAuth 2.0 M2M: file of the private key (PEM; RSA signs PS256, EC signs ES256)."
    )
    netsuite_consumer_key: SecretStr = Field(SecretStr(""), description="TBA fallback: consumer key.")
    netsuite_consumer_secret: SecretStr = Field(SecretStr(""), description="TBA fallback: consumer secret.")
    netsuite_token_id: SecretStr = Field(SecretStr(""), description="TBA fallback: token id.")
    netsuite_token_secret: SecretStr = Field(SecretStr(""), description="TBA fallback: token secret.")
    netsuite_base_url: SafeUrl = Field(
        "", description="Address in place of NetSuite's own (https, or loopback), for a proxy."
    )
    netsuite_concurrency: int = Field(
        2, ge=1, le=50, description="Requests to NetSuite at once, over all processes of the home."
    )
    netsuite_time_zone: TimeZone = Field(
        "America/Los_Angeles", description="Zone of the NetSuite account; order dates are dates in it."
    )

    hubspot_token: SecretStr = Field(SecretStr(""), description="HubSpot service key or private app token.")
    hubspot_portal_id: PortalId = Field(
        "", description="Portal that may be written to. Empty: the portal of the first write is kept."
    )
    hubspot_base_url: SafeUrl = Field(
        "", description="Address in place of HubSpot's own (https, or loopback), for a proxy."
    )
    hubspot_api_version: DatedVersion = Field("2026-03", description="HubSpot's dated API version.")
    hubspot_calls_per_10s: int = Field(
        100,
        ge=1,
        le=250,
        description="Object calls per 10 s that the sync may use; HubSpot's headers may raise it.",
    )
    hubspot_association_calls_per_10s: int = Field(
        100, ge=1, le=200, description="Association calls per 10 s that the sync may use."
    )
    hubspot_search_calls_per_s: int = Field(4, ge=1, le=5, description="Search calls per second.")
    hubspot_pipeline_id: str = Field(
        "", description="Existing order pipeline to use, in place of creating `NetSuite Sales Orders`."
    )
    hubspot_stage_ids: TextTable = Field(
        default_factory=dict,
        description='Existing stages to use, as JSON: `{"billed": "123", …}`; needs the pipeline id.',
    )

    @cached_property
    def home_path(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    def missing_for_live(self) -> list[str]:
        """Names of the variables that mode `live` needs and that are not set."""

        def unset(names: tuple[str, ...]) -> list[str]:
            return [f"{PREFIX}{n.upper()}" for n in names if not _text(getattr(self, n))]

        missing = unset(("netsuite_account",))
        m2m, tba = unset(M2M), unset(TBA)
        if m2m and tba:
            started_tba = len(tba) < len(TBA) and len(m2m) == len(M2M)
            missing += tba if started_tba else m2m
        return missing + unset(("hubspot_token",))

    @property
    def uses_m2m(self) -> bool:
        """Whether the OAuth 2.0 M2M credentials are complete; TBA is the fallback."""
        return all(_text(getattr(self, name)) for name in M2M)


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
