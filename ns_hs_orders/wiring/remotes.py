"""Where both systems are, and what the account's settings say of them.

Belongs here: addresses and credentials from the settings or from the running sandbox, first day, field map.
Does not belong here: opening clients (session).
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ns_hs_orders.clients.hubspot.client import HUBSPOT_URL
from ns_hs_orders.clients.netsuite_auth import Certificate, TokenKeys
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping_file.changes import Account
from ns_hs_orders.mapping_file.document import read_file
from ns_hs_orders.mapping_file.in_force import field_map_of as map_of_account
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS
from ns_hs_orders.settings import Settings

if TYPE_CHECKING:
    from ns_hs_orders.push.schema import LinkRules
    from ns_hs_orders.reconcile.sales.definition import SalesDefinition
    from ns_hs_orders.setup.ports import AccountDetails

LIVE_FIRST_DAY = date(2020, 1, 1)
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


def first_day_of(settings: Settings) -> date:
    """The first order date of the sync: the setting, else the sandbox world's first of orders and returns, else 2020-01-01."""
    if settings.first_day:
        return settings.first_day
    if settings.mode == "sandbox":
        try:
            noted = json.loads((settings.home_path / "sandbox" / "world.json").read_text())
            return date.fromisoformat((noted.get("days") or [noted["first_order_date"]])[0])
        except (OSError, ValueError, KeyError, TypeError):
            pass
    return LIVE_FIRST_DAY


def skipped_before(settings: Settings) -> date | None:
    """Orders dated before this day are skipped: no day of the day lane would prove them.

    None in a sandbox without the setting: its world is synced whole, also what moves before its first day.
    """
    return settings.first_day or (LIVE_FIRST_DAY if settings.mode == "live" else None)


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


def sales_definition(settings: Settings) -> SalesDefinition:
    """What sales dollars are. Raises ConfigError for a stage that there is not."""
    from ns_hs_orders.mapping.schema import STAGES
    from ns_hs_orders.reconcile.sales.definition import SalesDefinition

    left_out = settings.sales_stages_left_out
    if unknown := left_out - set(STAGES):
        raise ConfigError(
            f"NS_HS_SALES_STAGES_LEFT_OUT: {', '.join(sorted(unknown))} is no stage; stages are {', '.join(STAGES)}."
        )
    return SalesDefinition(
        stages=tuple(stage for stage in STAGES if stage not in left_out),
        with_tax=settings.sales_with_tax,
        with_shipping=settings.sales_with_shipping,
        less_closed=settings.sales_less_closed,
        date_basis=settings.sales_date,
        base_currency=settings.base_currency,
    )


def link_rules(settings: Settings, portal_id: str = "") -> LinkRules:
    """What orders are associated with beside their customer. portal_id: the one that is written to, where it is known."""
    from ns_hs_orders.push.schema import LinkRules

    return LinkRules(
        deals=settings.deal_association == "on",
        deal_key_property=settings.deal_key_property if settings.deal_id_field else "",
        portal_id=portal_id,
        contact_by=settings.contact_by,
        products=settings.product_association == "on",
    )


def field_map_of(settings: Settings) -> FieldMap:
    """The field map of the account, with its mapping file where it has one; the file is read anew each time.

    Raises ConfigError for what the settings say wrong, or for everything in the file that is wrong, by line and column.
    """
    path = settings.mapping_path
    found = map_of_account(account_of(settings), read_file(path) if path else None)
    return replace(found, company_fields=ROLLUP_FIELDS) if settings.company_rollups == "on" else found


def unread_mapping_file(settings: Settings) -> str:
    """What to know where a YAML file stands in the place of the mapping file; "" where none does."""
    if not (found := settings.unread_mapping_files):
        return ""
    return (
        f"{', '.join(map(str, found))} is not read, since only TOML is: the field map is the default one. Write it as "
        "mapping.toml, or set NS_HS_MAPPING_FILE=off where it is no mapping file."
    )


def account_of(settings: Settings) -> Account:
    """What the settings say of the field map."""
    names = (
        "source_store_field",
        "payment_note_field",
        "buying_group_field",
        "deal_name_field",
        "deal_url_field",
        "deal_id_field",
        "sales_effective_date_field",
        "criterion_field",
    )
    if "id" in settings.contact_by and not settings.contact_id_field:
        raise ConfigError(
            "NS_HS_CONTACT_BY names id, but no field of the order holds it: name it in NS_HS_CONTACT_ID_FIELD, or take id out."
        )
    of_contact = {"contact_id_field": "id", "contact_email_field": "email"}
    asked = (name for name, way in of_contact.items() if way in settings.contact_by)
    return Account(
        {name: getattr(settings, name) for name in (*names, *asked)},
        set_by_hand=frozenset(settings.model_fields_set),
        switched_off=settings.switched_off_properties,
        heal_policy=settings.heal_policy,
        has_trust_fields=settings.trust_properties == "on",
        has_products=settings.product_association == "on",
        has_returns=settings.returns != "off",
        has_return_records=settings.returns == "pipeline",
    )
