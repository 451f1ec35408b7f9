"""Where both systems are.

Belongs here: addresses and credentials from the settings or from the running sandbox, addresses of records. Does not belong
here: opening clients (opening), or what the settings say to each stage (stage_options).
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ns_hs_orders.clients.hubspot.client import HUBSPOT_URL
from ns_hs_orders.clients.netsuite_auth import Certificate, TokenKeys
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import Settings

if TYPE_CHECKING:
    from ns_hs_orders.setup.ports import AccountDetails

CONNECT_SECONDS = 2.0


@dataclass(frozen=True)
class Remotes:
    """Addresses and credentials of both systems, from the settings or from the running sandbox."""

    account: str
    netsuite_url: str | None
    netsuite_login: Certificate | TokenKeys
    netsuite_client_id: str
    hubspot_url: str
    hubspot_token: Secret


def remotes(settings: Settings) -> Remotes:
    """Where both systems are. Raises ConfigError where no sandbox runs, or a key file is wrong."""
    if settings.mode == "sandbox":
        return _sandbox_remotes(settings)
    login: Certificate | TokenKeys
    if settings.uses_m2m:
        login = Certificate.read(
            settings.netsuite_certificate_id, Path(settings.netsuite_private_key_path).expanduser()
        )
    else:
        login = TokenKeys(
            *(
                Secret(value.get_secret_value())
                for value in (
                    settings.netsuite_consumer_key,
                    settings.netsuite_consumer_secret,
                    settings.netsuite_token_id,
                    settings.netsuite_token_secret,
                )
            )
        )
    return Remotes(
        account=settings.netsuite_account,
        netsuite_url=settings.netsuite_base_url or None,
        netsuite_login=login,
        netsuite_client_id=settings.netsuite_client_id,
        hubspot_url=settings.hubspot_base_url or HUBSPOT_URL,
        hubspot_token=Secret(settings.hubspot_token.get_secret_value()),
    )


def _sandbox_remotes(settings: Settings) -> Remotes:
    published = settings.home_path / "sandbox" / "addresses.json"
    none_runs = ConfigError(
        f"No sandbox runs in {settings.home_path}. Start one with `ns-hs-orders sandbox serve`, or set "
        "NS_HS_MODE=live for the real accounts."
    )
    try:
        found = json.loads(published.read_text())
        keys = found["credentials"]
        of_sandbox = (found["netsuite_url"], found["hubspot_url"])
    except (OSError, ValueError, KeyError, TypeError):
        raise none_runs from None
    netsuite_url = settings.netsuite_base_url or of_sandbox[0]
    hubspot_url = settings.hubspot_base_url or of_sandbox[1]
    # A sandbox that was killed leaves its addresses behind.
    for url in (netsuite_url, hubspot_url):
        if url in of_sandbox and not _listens(url):
            raise none_runs
    return Remotes(
        account=keys["account"],
        netsuite_url=netsuite_url,
        netsuite_login=Certificate.read(keys["certificate_id"], Path(keys["private_key_path"])),
        netsuite_client_id=keys["client_id"],
        hubspot_url=hubspot_url,
        hubspot_token=Secret(keys["hubspot_token"]),
    )


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT_SECONDS):
            return True
    except ConnectionRefusedError:
        return False
    except OSError:
        # Slow is not gone: the clients wait, and tell.
        return True


def netsuite_record_url(account: str, record: Literal["salesord", "rtnauth"] = "salesord") -> str:
    """The address of an order's or return's record in a NetSuite account such as `1234567_SB1`, `{id}` in it."""
    if not account:
        return ""
    host = account.strip().lower().replace("_", "-")
    return f"https://{host}.app.netsuite.com/app/accounting/transactions/{record}.nl?id={{id}}"


def hubspot_record_url(settings: Settings, account: AccountDetails) -> str:
    """The address of an order's record in HubSpot, `{id}` in it; in a sandbox the emulator's own page."""
    if settings.mode == "sandbox":
        return f"{remotes(settings).hubspot_url}/orders/{{id}}"
    return f"https://{account.ui_domain}/contacts/{account.portal_id}/record/0-123/{{id}}"
