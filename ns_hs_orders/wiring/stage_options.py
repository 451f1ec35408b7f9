"""What the settings say to each stage, in that stage's own terms.

Belongs here: one function for each stage's options. Does not belong here: where both systems are (remotes), or what a
choice does. Stages are imported when first used, since pandas is slow to import.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping_file.changes import Account
from ns_hs_orders.mapping_file.document import read_file
from ns_hs_orders.mapping_file.in_force import field_map_of as map_of_account
from ns_hs_orders.rollups.schema import ROLLUP_FIELDS
from ns_hs_orders.settings import Settings
from ns_hs_orders.wiring.remotes import netsuite_record_url

if TYPE_CHECKING:
    from ns_hs_orders.extract.probing.plan import SourceOptions
    from ns_hs_orders.mapping.rules import MappingRules
    from ns_hs_orders.push.schema import LinkRules
    from ns_hs_orders.reconcile.sales.definition import SalesDefinition

LIVE_FIRST_DAY = date(2020, 1, 1)


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


def source_options(settings: Settings, field_map: FieldMap) -> SourceOptions:
    """What is said of NetSuite's tables."""
    from ns_hs_orders.extract.probing.plan import SourceOptions

    return SourceOptions(
        field_map=field_map,
        customer_hubspot_id_field=settings.customer_hubspot_id_field,
        tax_regime=settings.tax_regime,
        by_subsidiary=bool(settings.subsidiaries),
        with_customer_email="primary" in settings.contact_by,
        with_returns=settings.returns != "off",
    )


def mapping_rules(settings: Settings, account: str, field_map: FieldMap) -> MappingRules:
    """How orders and returns are mapped. account: of NetSuite. Raises ConfigError for a stage or letter that there is not."""
    from ns_hs_orders.mapping.rules import MappingRules

    return MappingRules(
        tax_regime=settings.tax_regime,
        closed_lines=settings.closed_lines,
        unbalanced_orders=settings.unbalanced_orders,
        stage_map=settings.stage_map,
        person_customers=settings.person_customers,
        inherit_parent_hubspot_id=settings.inherit_parent_hubspot_id,
        first_day=skipped_before(settings),
        subsidiaries=settings.subsidiaries,
        criterion_value=settings.criterion_value if settings.criterion_field else None,
        record_url=netsuite_record_url(account),
        added_to_orders=field_map.added_order_fields,
        added_to_lines=field_map.added_line_fields,
        added_to_returns=field_map.added_return_fields,
        added_to_return_lines=field_map.added_return_line_fields,
        tracking_pages=settings.tracking_pages,
        return_stage_map=settings.return_stage_map,
        return_record_url=netsuite_record_url(account, "rtnauth"),
    )


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
    """What the settings say of the field map. Raises ConfigError for a setting that another one must go with."""
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
    if settings.criterion_value and not settings.criterion_field:
        raise ConfigError(
            "NS_HS_CRITERION_VALUE is set and NS_HS_CRITERION_FIELD is not, so that every order would be synced: name the "
            "field that must have the value, or take the value out."
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
