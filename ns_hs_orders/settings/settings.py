"""Settings: every one with its default and its meaning, by its `NS_HS_*` variable.

Belongs here: what is synced and how, what is told, and where what a run leaves is kept. Does not belong here: both systems
(systems.py), the form of a value (kinds.py), reading them (loading.py), or what a setting does; wiring hands each stage
its own options.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.money import parse_decimal
from ns_hs_orders.settings.kinds import (
    OFF,
    AlertUrls,
    AmountOrOff,
    ColumnName,
    CurrencyCode,
    InternalIds,
    Policies,
    PropertyName,
    SafeUrl,
    TextSet,
    TextTable,
    TimeOrOff,
    UrlWithoutPassword,
    Ways,
)
from ns_hs_orders.settings.systems import PREFIX, SystemSettings

MAPPING_FILE = "mapping.toml"
UNREAD_MAPPING_FILES = ("mapping.yaml", "mapping.yml")


class Settings(SystemSettings):
    """All settings of one home, frozen. Empty variables count as not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    first_day: date | None = Field(
        None,
        description="First order date to sync; older orders are outside the sync. Empty: 2020-01-01; sandbox: its world's first.",
    )
    resync_days: int = Field(
        35, ge=1, le=366, description="Days that the daily schedule writes and proves again."
    )
    customer_hubspot_id_field: ColumnName = Field(
        "custentity_celigo_hubspot_id", description="Customer field that holds the HubSpot company id."
    )
    person_customers: Literal["company", "contact", "skip"] = Field(
        "company", description="What the HubSpot id of a person customer is; `skip` skips their orders."
    )
    inherit_parent_hubspot_id: bool = Field(
        False, description="Sub-customers without a HubSpot id use their parent's."
    )
    subsidiaries: InternalIds = Field(
        frozenset(), description="Internal ids of subsidiaries to sync, by comma; empty: all."
    )
    criterion_field: ColumnName = Field(
        "", description="Order field that decides whether an order is synced."
    )
    criterion_value: str = Field("", description="Value that the criterion field must have.")

    source_store_field: ColumnName = Field("custbody_source_store", description="Order field: source store.")
    payment_note_field: ColumnName = Field("custbody_payment_note", description="Order field: payment note.")
    buying_group_field: ColumnName = Field("custbody_buying_group", description="Order field: buying group.")
    deal_name_field: ColumnName = Field("custbody_deal_name", description="Order field: deal name.")
    deal_url_field: ColumnName = Field(
        "custbody_hubspot_deal_url", description="Order field: HubSpot deal URL."
    )
    deal_id_field: ColumnName = Field(
        "", description="Order field: id of the HubSpot deal, used before the URL. Empty: none."
    )
    sales_effective_date_field: ColumnName = Field(
        "saleseffectivedate", description="Order field: sales effective date."
    )
    deal_association: Literal["on", "off"] = Field(
        "on",
        description="Whether orders are associated with their HubSpot deal; needs `crm.objects.deals.read` and `.write` "
        "once an order names one.",
    )
    deal_key_property: PropertyName = Field(
        "",
        description="Unique property of HubSpot deals whose value the deal id field holds. Empty: it holds record ids.",
    )
    contact_by: Ways = Field(
        (),
        description="How orders find a contact of HubSpot beside their company, by comma, the first that finds one counts: "
        "`id` (a field of the order), `email` (of the order), `primary` (e-mail of the customer). Empty or `off`: not at "
        "all. Needs `crm.objects.contacts.read` and `.write`; contacts are never made.",
    )
    contact_id_field: ColumnName = Field("", description="Order field: id of the HubSpot contact.")
    contact_email_field: ColumnName = Field("email", description="Order field: e-mail of the buyer.")
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
    base_currency: CurrencyCode = Field(
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
    adopt_key_property: PropertyName = Field(
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
    storage_url: UrlWithoutPassword = Field(
        "", description="fsspec URL for Parquet, without a password; empty: in the home."
    )
    reports: UrlWithoutPassword = Field(
        "",
        description="Folder or fsspec URL for HTML reports, without a password; empty: `reports` in the home.",
    )
    executor: Literal["in_process", "multiprocess"] = Field(
        "in_process", description="Dagster executor of the sync job."
    )

    alert_urls: AlertUrls = Field(
        SecretStr(""),
        description="Where alerts go: apprise URLs (Slack, Teams, e-mail, webhook …), by comma or space. Empty: nowhere.",
    )
    alert_stuck_minutes: int = Field(
        30, ge=1, le=10_080, description="Minutes after which an order that is not in HubSpot is told of."
    )
    alert_stuck_amount: AmountOrOff = Field(
        "10000",
        description="An order that fails and is worth more, in its own currency, is told of at once; `off`: never.",
    )
    alert_digest_at: TimeOrOff = Field(
        "08:00", description="When the daily digest is sent, HH:MM in NetSuite's time zone; `off`: never."
    )
    dagster_url: SafeUrl = Field(
        "http://127.0.0.1:3000",
        description="Address of the Dagster UI (https, or loopback), for the links of alerts.",
    )

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
