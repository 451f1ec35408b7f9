"""Settings: `NS_HS_*` environment variables and a `.env` file, read here and nowhere else.

Belongs here: every setting with its default, its meaning and its checks. Does not belong here: what a
setting does; wiring hands each stage its own options. Secrets stay SecretStr until a client needs them.
"""

from __future__ import annotations

import os
import re
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ns_hs_orders.errors import ConfigError, MoneyError
from ns_hs_orders.fields.field import HealPolicy
from ns_hs_orders.money import parse_decimal
from ns_hs_orders.setting_errors import each_of, pairs, parts, sentence, shown, table

PREFIX = "NS_HS_"
MAPPING_FILE = "mapping.toml"
UNREAD_MAPPING_FILES = ("mapping.yaml", "mapping.yml")
SANDBOX_SETTINGS = Path("sandbox") / "settings.env"
"""In a sandbox's home: settings that go with its world, where neither the environment nor `.env` says otherwise."""
OFF = "off"
"""Switches off a setting that has a default; an empty variable counts as not set."""
Mode = Literal["sandbox", "live"]
TextSet = Annotated[frozenset[str], NoDecode]
TextTable = Annotated[dict[str, str], NoDecode]
ContactWay = Literal["id", "email", "primary"]
Ways = Annotated[tuple[ContactWay, ...], NoDecode]
Policies = Annotated[dict[str, HealPolicy], NoDecode]

M2M = ("netsuite_client_id", "netsuite_certificate_id", "netsuite_private_key_path")
TBA = (
    "netsuite_consumer_key",
    "netsuite_consumer_secret",
    "netsuite_token_id",
    "netsuite_token_secret",
)


class Settings(BaseSettings):
    """All settings of one home, frozen. Empty variables count as not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    mode: Mode = Field("sandbox", description="`sandbox`, or `live` for the real accounts.")
    home: Path = Field(Path(".ns_hs_orders"), description="The one folder where a run leaves anything.")

    netsuite_account: str = Field("", description="NetSuite account id, such as `1234567` or `1234567_SB1`.")
    netsuite_client_id: str = Field("", description="OAuth 2.0 M2M: client id of the integration record.")
    netsuite_certificate_id: str = Field("", description="OAuth 2.0 M2M: certificate id of the mapping.")
    netsuite_private_key_path: str = Field(
        "", description="OAuth 2.0 M2M: file of the private key (PEM; RSA signs PS256, EC signs ES256)."
    )
    netsuite_consumer_key: SecretStr = Field(SecretStr(""), description="TBA fallback: consumer key.")
    netsuite_consumer_secret: SecretStr = Field(SecretStr(""), description="TBA fallback: consumer secret.")
    netsuite_token_id: SecretStr = Field(SecretStr(""), description="TBA fallback: token id.")
    netsuite_token_secret: SecretStr = Field(SecretStr(""), description="TBA fallback: token secret.")
    netsuite_base_url: str = Field(
        "", description="Address in place of NetSuite's own (https, or loopback), for a proxy."
    )
    netsuite_concurrency: int = Field(
        2, ge=1, le=50, description="Requests to NetSuite at once, over all processes of the home."
    )
    netsuite_time_zone: str = Field(
        "America/Los_Angeles", description="Zone of the NetSuite account; order dates are dates in it."
    )

    hubspot_token: SecretStr = Field(SecretStr(""), description="HubSpot service key or private app token.")
    hubspot_portal_id: str = Field(
        "", description="Portal that may be written to. Empty: the portal of the first write is kept."
    )
    hubspot_base_url: str = Field(
        "", description="Address in place of HubSpot's own (https, or loopback), for a proxy."
    )
    hubspot_api_version: str = Field("2026-03", description="HubSpot's dated API version.")
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

    first_day: date | None = Field(
        None,
        description="First order date to sync; older orders are outside the sync. Empty: 2020-01-01; sandbox: its world's first.",
    )
    resync_days: int = Field(
        35, ge=1, le=366, description="Days that the daily schedule writes and proves again."
    )
    customer_hubspot_id_field: str = Field(
        "custentity_celigo_hubspot_id", description="Customer field that holds the HubSpot company id."
    )
    person_customers: Literal["company", "contact", "skip"] = Field(
        "company", description="What the HubSpot id of a person customer is; `skip` skips their orders."
    )
    inherit_parent_hubspot_id: bool = Field(
        False, description="Sub-customers without a HubSpot id use their parent's."
    )
    subsidiaries: TextSet = Field(
        frozenset(), description="Internal ids of subsidiaries to sync, by comma; empty: all."
    )
    criterion_field: str = Field("", description="Order field that decides whether an order is synced.")
    criterion_value: str = Field("", description="Value that the criterion field must have.")

    source_store_field: str = Field("custbody_source_store", description="Order field: source store.")
    payment_note_field: str = Field("custbody_payment_note", description="Order field: payment note.")
    buying_group_field: str = Field("custbody_buying_group", description="Order field: buying group.")
    deal_name_field: str = Field("custbody_deal_name", description="Order field: deal name.")
    deal_url_field: str = Field("custbody_hubspot_deal_url", description="Order field: HubSpot deal URL.")
    deal_id_field: str = Field(
        "", description="Order field: id of the HubSpot deal, used before the URL. Empty: none."
    )
    sales_effective_date_field: str = Field(
        "saleseffectivedate", description="Order field: sales effective date."
    )
    deal_association: Literal["on", "off"] = Field(
        "on",
        description="Whether orders are associated with their HubSpot deal; needs `crm.objects.deals.read` and `.write` "
        "once an order names one.",
    )
    deal_key_property: str = Field(
        "",
        description="Unique property of HubSpot deals whose value the deal id field holds. Empty: it holds record ids.",
    )
    contact_by: Ways = Field(
        (),
        description="How orders find a contact of HubSpot beside their company, by comma, the first that finds one counts: "
        "`id` (a field of the order), `email` (of the order), `primary` (e-mail of the customer). Empty or `off`: not at "
        "all. Needs `crm.objects.contacts.read` and `.write`; contacts are never made.",
    )
    contact_id_field: str = Field("", description="Order field: id of the HubSpot contact.")
    contact_email_field: str = Field("email", description="Order field: e-mail of the buyer.")
    product_association: Literal["on", "off"] = Field(
        "off",
        description="Whether line items are linked to the HubSpot product with their SKU (`hs_product_id`); needs "
        "`crm.objects.products.read`. Products are never made.",
    )
    mapping_file: str = Field(
        "",
        description="File that adds fields to the field map, renames them or switches them off. Empty: `mapping.toml` in "
        "the working folder (beside `.env`) or in the home, where there is one; `off`: none.",
    )
    switched_off_properties: TextSet = Field(
        frozenset(), description="HubSpot properties that are not written, by comma."
    )
    heal_policy: Policies = Field(
        default_factory=dict,
        description="What becomes of edits in HubSpot, by comma: `hs_order_note=keep,hubspot_owner_id=heal`. `heal`: "
        "overwritten; `keep`: stays, counts as agreeing; `report`: stays, is listed. Both notes and the owner are "
        "reported, all else is healed.",
    )
    trust_properties: Literal["on", "off"] = Field(
        "on", description="Whether reconciling writes to each order in HubSpot if its dollars are verified."
    )

    company_rollups: Literal["on", "off"] = Field(
        "off",
        description="Whether each HubSpot company tells what it buys: orders, sales, open orders, returns rate. Needs "
        "`crm.objects.companies.write`, and `setup` once more, with `crm.schemas.companies.write`, for its properties.",
    )

    tax_regime: Literal["legacy", "suitetax"] = Field(
        "legacy", description="Where tax is read: tax lines, or SuiteTax details. Never both."
    )
    closed_lines: Literal["counted", "not_counted"] = Field(
        "counted", description="Whether NetSuite's total counts closed lines at their full amount."
    )
    unbalanced_orders: Literal["quarantine", "send"] = Field(
        "quarantine", description="Orders that do not add up: hold back, or send with an unclassified part."
    )
    tracking_pages: TextTable = Field(
        default_factory=dict,
        description="Carriers' pages beside UPS, FedEx, USPS and DHL, or in their place, by name or a word of the shipping "
        'method, as JSON: `{"OnTrac": "https://www.ontrac.com/tracking/?number={number}"}`.',
    )
    stage_map: TextTable = Field(
        default_factory=dict, description="Stages of status letters that differ from the default, as JSON."
    )

    returns: Literal["pipeline", "amounts_only", "off"] = Field(
        "pipeline",
        description="Return authorizations: `pipeline` makes each a record of its own in HubSpot and writes its amounts to "
        "its order, `amounts_only` does the latter, `off` asks NetSuite nothing about returns. What stands in HubSpot "
        "stays there until `ns-hs-orders withdraw` takes it out.",
    )
    return_stage_map: TextTable = Field(
        default_factory=dict,
        description="Stages of the status letters of returns that differ from the default, as JSON.",
    )
    return_totals: Literal["zero", "negative"] = Field(
        "zero",
        description="Total Price of a return in HubSpot: `zero`, so that no report on orders adds it up, or "
        "`negative`, so that reports take it off; the portal is asked once whether it takes totals below zero.",
    )
    hubspot_return_pipeline_id: str = Field(
        "", description="Existing pipeline to use for returns, in place of creating `NetSuite Returns`."
    )
    hubspot_return_stage_ids: TextTable = Field(
        default_factory=dict,
        description='Existing stages to use for returns, as JSON: `{"refunded": "123", …}`; needs the pipeline id.',
    )

    sales_stages_left_out: TextSet = Field(
        frozenset({"cancelled"}),
        description="Stages whose orders are no sales dollars, by comma: pending_approval, pending_fulfillment, "
        "fulfilled, billed, cancelled; `none`: all count.",
    )
    sales_with_tax: bool = Field(True, description="Sales dollars: with tax.")
    sales_with_shipping: bool = Field(True, description="Sales dollars: with shipping and handling.")
    sales_less_closed: bool = Field(
        True, description="Sales dollars: less what was closed and not billed (`netsuite_closed_amount`)."
    )
    sales_date: Literal["order_date", "sales_effective_date"] = Field(
        "order_date", description="Sales dollars: the date by which an order belongs to a day or month."
    )
    base_currency: str = Field(
        "",
        description="NetSuite's base currency, for sums over all currencies. Empty: the one whose orders have rate 1.",
    )

    sweep_minutes: int = Field(
        15, ge=1, le=1440, description="Minutes between two sweeps of NetSuite's open orders."
    )
    arrival_limit_seconds: int = Field(
        60,
        ge=1,
        le=86400,
        description="Seconds within which a saved order must be in HubSpot; "
        "older ones turn `orders_arrive_in_time` red.",
    )
    deleted_orders: Literal["archive", "cancel"] = Field(
        "archive",
        description="What becomes of an order that NetSuite deleted: archived, or moved to Cancelled.",
    )
    archive_share_percent: int = Field(
        5,
        ge=0,
        le=100,
        description="At most this share of the orders in HubSpot (and always 5) is taken out at once "
        "without a person.",
    )
    segments: Literal["on", "off"] = Field(
        "on",
        description="Whether `setup` makes segments (saved lists) of orders; needs `crm.lists.read` and `.write`, and does "
        "without where HubSpot refuses.",
    )
    adopt_key_property: str = Field(
        "",
        description="HubSpot order property of another integration that holds NetSuite's internal id or number; "
        "`adopt` matches by it first. Empty: none.",
    )
    adopt_first: Literal["on", "off"] = Field(
        "off",
        description="`on`: an order or return that another integration's record stands for is not made until that record is "
        "adopted or archived (`adopt`); it waits as `due`.",
    )

    push_threads: int = Field(8, ge=1, le=32, description="Requests to HubSpot at once, in one process.")
    state_url: SecretStr = Field(
        SecretStr(""),
        description="URL of the state: sqlite:///FILE or postgresql://…; empty: SQLite in the home.",
    )
    storage_url: str = Field(
        "", description="fsspec URL for Parquet, without a password; empty: in the home."
    )
    reports: str = Field(
        "",
        description="Folder or fsspec URL for HTML reports, without a password; empty: `reports` in the home.",
    )
    executor: Literal["in_process", "multiprocess"] = Field(
        "in_process", description="Dagster executor of the sync job."
    )

    alert_urls: SecretStr = Field(
        SecretStr(""),
        description="Where alerts go: apprise URLs (Slack, Teams, e-mail, webhook …), by comma or space. Empty: nowhere.",
    )
    alert_stuck_minutes: int = Field(
        30, ge=1, le=10_080, description="Minutes after which an order that is not in HubSpot is told of."
    )
    alert_stuck_amount: str = Field(
        "10000",
        description="An order that fails and is worth more, in its own currency, is told of at once; `off`: never.",
    )
    alert_digest_at: str = Field(
        "08:00", description="When the daily digest is sent, HH:MM in NetSuite's time zone; `off`: never."
    )
    dagster_url: str = Field(
        "http://127.0.0.1:3000",
        description="Address of the Dagster UI (https, or loopback), for the links of alerts.",
    )

    @field_validator("subsidiaries", "switched_off_properties", "sales_stages_left_out", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(part for part in parts(value) if part != "none")
        return value

    @field_validator("subsidiaries")
    @classmethod
    def _internal_ids(cls, value: frozenset[str]) -> frozenset[str]:
        for one in sorted(value):
            if not (one.isascii() and one.isdigit()):
                raise ValueError(f"{shown(one)} is no internal id, which is a whole number")
        return value

    @field_validator("contact_by", mode="before")
    @classmethod
    def _ways(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        ways = [part for part in parts(value) if part != OFF]
        each_of(ways, get_args(ContactWay))
        return tuple(ways)

    @field_validator("heal_policy", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        return pairs(value, get_args(HealPolicy)) if isinstance(value, str) else value

    @field_validator(
        "hubspot_stage_ids",
        "hubspot_return_stage_ids",
        "tracking_pages",
        "stage_map",
        "return_stage_map",
        mode="before",
    )
    @classmethod
    def _table(cls, value: Any) -> Any:
        return table(value) if isinstance(value, str) else value

    @field_validator("base_currency")
    @classmethod
    def _currency_code(cls, value: str) -> str:
        if not re.fullmatch(r"([A-Z]{3})?", value, re.ASCII):
            raise ValueError(f"{shown(value)} is no currency's code of three capital letters")
        return value

    @field_validator("hubspot_api_version")
    @classmethod
    def _dated_version(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", value, re.ASCII):
            raise ValueError(f"{shown(value)} is no version by year and month")
        return value

    @field_validator("adopt_key_property", "deal_key_property")
    @classmethod
    def _property_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9_]*", value.strip(), re.ASCII):
            raise ValueError(
                f"{shown(value)} is no internal name of a HubSpot property: small letters, digits and underscores"
            )
        return value.strip()

    @field_validator("hubspot_portal_id")
    @classmethod
    def _portal(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9]*", value.strip(), re.ASCII):
            raise ValueError(f"{shown(value)} is no portal id, which is a whole number")
        return value.strip()

    @field_validator("netsuite_base_url", "hubspot_base_url", "dagster_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        if value:
            parts = urlsplit(value)
            if not parts.hostname or parts.port == 0:
                raise ValueError("must be scheme, host and path, as https://host")
            loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
            if parts.username is not None or not (
                parts.scheme == "https" or (parts.scheme == "http" and loopback)
            ):
                raise ValueError("must be https, or http on loopback, without credentials in it")
        return value.rstrip("/")

    @field_validator("netsuite_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not a time zone, such as America/Los_Angeles") from error
        return value

    @field_validator("netsuite_account")
    @classmethod
    def _account_id(cls, value: str) -> str:
        # It becomes a part of the address that credentials are sent to.
        if value and not re.fullmatch(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)*", value.strip(), re.ASCII):
            raise ValueError("must be an account id, such as 1234567 or 1234567_SB1")
        return value.strip()

    @field_validator("storage_url", "reports")
    @classmethod
    def _without_password(cls, value: str) -> str:
        # Dagster shows where the files are.
        if re.search(r"://[^/\s]*:[^/\s]*@", value):
            raise ValueError("must be without a password; give it by the storage's own variables or files")
        return value

    @field_validator("home")
    @classmethod
    def _possible_folder(cls, value: Path) -> Path:
        try:
            value.expanduser().resolve()
        except (RuntimeError, ValueError, OSError) as error:
            raise ValueError("cannot be a folder") from error
        return value

    @field_validator("alert_urls")
    @classmethod
    def _apprise_urls(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value().strip(" ,\t\r\n") and not re.match(
            r"[\s,]*[A-Za-z][A-Za-z0-9+]*://", value.get_secret_value()
        ):
            raise ValueError("must be apprise URLs, such as slack://… or mailto://…")
        return value

    @field_validator("alert_stuck_amount")
    @classmethod
    def _amount_or_off(cls, value: str) -> str:
        if value.strip().lower() in ("", OFF):
            return OFF
        try:
            amount = parse_decimal(value.strip())
        except MoneyError as error:
            raise ValueError(f"{value!r} is not an amount, such as 10000, nor {OFF!r}") from error
        if amount < 0:
            raise ValueError(f"{value!r} is negative")
        return value.strip()

    @field_validator("alert_digest_at")
    @classmethod
    def _time_or_off(cls, value: str) -> str:
        if value.strip().lower() in ("", OFF):
            return OFF
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value.strip()):
            raise ValueError(f"{value!r} is not a time, such as 08:00, nor {OFF!r}")
        return value.strip()

    @field_validator(
        "customer_hubspot_id_field",
        "criterion_field",
        "source_store_field",
        "payment_note_field",
        "buying_group_field",
        "deal_name_field",
        "deal_url_field",
        "deal_id_field",
        "contact_id_field",
        "contact_email_field",
        "sales_effective_date_field",
    )
    @classmethod
    def _column_name(cls, value: str) -> str:
        if value and not (value.isascii() and value.isidentifier()):
            raise ValueError(f"{shown(value)} is not a NetSuite column name")
        return value.lower()

    @cached_property
    def home_path(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def mapping_path(self) -> Path | None:
        """The mapping file, None where there is none. Raises ConfigError where two of them could be meant."""
        if self.mapping_file.strip() == OFF:
            return None
        if self.mapping_file:
            return Path(self.mapping_file).expanduser().resolve()
        found = self._beside(MAPPING_FILE)
        if len(found) > 1:
            raise ConfigError(
                f"There are two mapping files, {found[0]} and {found[1]}. Take one away, or name the one that counts in "
                f"{PREFIX}MAPPING_FILE."
            )
        return found[0] if found else None

    @property
    def unread_mapping_files(self) -> list[Path]:
        """YAML files that stand where a mapping file is looked for, and none is found: only TOML is read."""
        if self.mapping_file or self._beside(MAPPING_FILE):
            return []
        return [path for name in UNREAD_MAPPING_FILES for path in self._beside(name)]

    def _beside(self, name: str) -> list[Path]:
        """Files of this name in the working folder and in the home, each once."""
        places = (Path(name).resolve(), self.home_path / name)
        return list(dict.fromkeys(place for place in places if place.exists()))

    @property
    def state_address(self) -> str:
        """SQLAlchemy URL of the state."""
        return self.state_url.get_secret_value() or f"sqlite:///{self.home_path / 'state' / 'state.sqlite'}"

    @property
    def storage_address(self) -> str:
        """Base of Parquet: an fsspec URL or a local folder."""
        return self.storage_url or str(self.home_path / "storage")

    @property
    def reports_address(self) -> str:
        """Where HTML reports are put: an fsspec URL or an absolute local folder."""
        if "://" in self.reports:
            return self.reports
        return str(Path(self.reports).expanduser().resolve() if self.reports else self.home_path / "reports")

    @property
    def alert_amount(self) -> Decimal | None:
        """The worth of an order above which a failure is told at once; None for off."""
        return None if self.alert_stuck_amount == OFF else parse_decimal(self.alert_stuck_amount)

    @property
    def alert_digest_time(self) -> time | None:
        """The time of the daily digest, in NetSuite's time zone; None for off."""
        return None if self.alert_digest_at == OFF else time.fromisoformat(self.alert_digest_at)

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


def load_settings(**overrides: Any) -> Settings:
    """The settings in force: overrides, then the environment, then `.env` in the working folder.

    In mode `sandbox`, what goes with the sandbox's world (SANDBOX_SETTINGS in the home) comes after these. Raises ConfigError that names each wrong or unknown variable, and in mode `live` each missing one.
    """
    try:
        unknown = _unknown_variables()
    except (OSError, ValueError) as error:
        raise ConfigError(f"The file .env cannot be read as UTF-8 text: {error}.") from None
    if unknown:
        raise ConfigError(
            f"Unknown settings in the environment or .env: {', '.join(unknown)}. "
            "The README's table lists all."
        )
    try:
        settings = Settings(**overrides)
        if settings.mode == "sandbox" and (of_world := _settings_of_world(settings.home_path)):
            settings = Settings(_env_file=(of_world, ".env"), **overrides)
    except ValidationError as error:
        raise ConfigError("These settings are wrong. " + "; ".join(_problems(error))) from None
    if settings.mode == "live" and (missing := settings.missing_for_live()):
        raise ConfigError(
            f"Mode live needs {', '.join(missing)}. Set them in the environment or in .env "
            f"(OAuth 2.0 M2M credentials, or all four of TBA), or leave out {PREFIX}MODE for the sandbox."
        )
    return settings


def _problems(error: ValidationError) -> list[str]:
    """A sentence for each wrong setting."""
    found = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        field = Settings.model_fields.get(name)
        is_secret = field is not None and field.annotation is SecretStr
        found.append(sentence(f"{PREFIX}{name.upper()}", name, problem, is_secret=is_secret))
    return found


def _unknown_variables() -> list[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    names = {*os.environ, *dotenv_values(".env", interpolate=False)}
    return sorted(n for n in names if n.upper().startswith(PREFIX) and n.upper() not in known)


def _settings_of_world(home: Path) -> Path | None:
    path = home / SANDBOX_SETTINGS
    try:
        dotenv_values(path, interpolate=False)
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None  # what is no text of settings says nothing; the sandbox writes it anew with its world


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with changes, for a process that it starts."""
    return {**os.environ, **changes}
