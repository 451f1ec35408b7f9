"""What setup makes, what the doctor looks at, and the survey, over a session.

Belongs here: handing both systems to setup. Does not belong here: checks (setup).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.fields.field import Field
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.fields.returns import return_field_map
from ns_hs_orders.mapping_file.in_force import field_map_of as map_of_account
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.settings import OFF, PREFIX, Settings
from ns_hs_orders.wiring.returns.withdrawal import left_in_hubspot
from ns_hs_orders.wiring.session import Session
from ns_hs_orders.wiring.stage_options import (
    account_of,
    field_map_of,
    link_rules,
    sales_definition,
    unread_mapping_file,
)

if TYPE_CHECKING:
    from ns_hs_orders.setup.checks.finding import Finding, Patient
    from ns_hs_orders.setup.named import NamedBySettings
    from ns_hs_orders.setup.plan import Step
    from ns_hs_orders.setup.ports import ForeignOrders
    from ns_hs_orders.setup.requirements import ReturnsWanted
    from ns_hs_orders.setup.survey import Survey

MAPPING_FINDING = "Mapping file"
_STRANGE = (ValueError, KeyError, TypeError, AttributeError)
"""What a strange answer may end in, which the doctor has told of already."""


def mapping_finding(settings: Settings) -> tuple[Settings, Finding | None]:
    """What the mapping file is and does, None where there is none, and the settings to examine with.

    Where the file is wrong, everything else is examined without it.
    """
    from ns_hs_orders.setup.checks.finding import Finding

    try:
        fields, path = field_map_of(settings), settings.mapping_path
    except ConfigError as error:
        without = settings.model_copy(update={"mapping_file": OFF})
        to_do = "Put this right in the file; until then nothing is synced. All else is looked at without the file."
        return without, Finding(MAPPING_FINDING, False, str(error), to_do)
    if path is None and (unread := unread_mapping_file(settings)):
        what, _, to_do = unread.partition(". Write it ")
        return settings, Finding(MAPPING_FINDING, None, f"{what}.", f"Write it {to_do}")
    if path is None:
        return settings, None
    there, default = _named(fields), _named(map_of_account(account_of(settings)))
    told = [
        f"{what} {', '.join(names)}"
        for what, names in (
            ("adds", [name for name, field in there.items() if field.reading]),
            ("renames", [name for name, field in there.items() if field.origin and not field.reading]),
            ("switches off", [name for name in default if name not in there]),
        )
        if names
    ]
    return settings, Finding(MAPPING_FINDING, True, f"{path} {'; '.join(told) or 'changes no property'}.")


def _named(field_map: FieldMap) -> dict[str, Field]:
    return {
        f"{section}.{field.mapping_name}": field
        for section, fields in (
            ("orders", field_map.order_fields),
            ("lines", field_map.line_fields),
            ("returns", field_map.return_fields),
        )
        for field in fields
    }


def check_rules(session: Session) -> None:
    """Raises ConfigError where a setting of the mapping or of sales dollars is none that there is, naming it."""
    _ = session.rules
    sales_definition(session.settings)


def named_by_settings(settings: Settings) -> NamedBySettings:
    """What the settings name in both accounts, beside pipelines and stages."""
    from ns_hs_orders.setup.named import NamedBySettings

    return NamedBySettings(
        portal_id=settings.hubspot_portal_id,
        deal_key_property=settings.deal_key_property if settings.deal_association == "on" else "",
        deal_id_field=settings.deal_id_field,
        adopt_key_property=settings.adopt_key_property,
        base_currency=settings.base_currency,
    )


def what_settings_name(session: Session) -> tuple[list[str], list[str]]:
    """What the settings name and is not there, and what is worth knowing of it, in words."""
    from ns_hs_orders.setup.named import named_problems

    problems, notes = named_problems(
        named_by_settings(session.settings), session.definitions, session.definitions, session.netsuite
    )
    if unread_file := unread_mapping_file(session.settings):
        notes.append(unread_file)
    return problems, [*notes, *_fields_missing(session)]


def _fields_missing(session: Session) -> list[str]:
    """Fields of NetSuite that the settings or the mapping file name and the account does not show.

    NetSuite is asked only where one is set by hand.
    """
    from ns_hs_orders.extract.probing.probe import probe

    settings = session.settings
    by_hand = {
        f"{PREFIX}{name.upper()}"
        for name in settings.model_fields_set
        if name.endswith("_field") and getattr(settings, name)
    }
    fields = session.field_map
    columns = (*fields.header_columns, *fields.line_columns, *fields.return_columns)
    named = {f"({one})" for one in by_hand} | {column.origin for column in columns if column.origin}
    if not named:
        return []
    try:
        warnings = probe(session.netsuite, session.source_options).warnings
    except ConfigError as error:
        return [str(error)]
    except SyncError as error:
        what = ", ".join(sorted(by_hand)) or "the mapping file"
        return [f"Whether NetSuite has the field of {what} cannot be seen: {error}"]
    return [warning for warning in warnings if any(one in warning for one in named)]


def setup_steps(session: Session, problems: Sequence[str] = ()) -> list[Step]:
    """What HubSpot lacks for orders, and for returns where they are records. problems: told with those that are found.

    Raises ConfigError as setup.plan.
    """
    from ns_hs_orders.setup.plan import plan

    return plan(
        session.definitions,
        session.field_map,
        pipeline_id=session.settings.hubspot_pipeline_id,
        stage_ids=session.settings.hubspot_stage_ids,
        returns=returns_wanted(session),
        known_problems=problems,
    )


def returns_wanted(session: Session) -> ReturnsWanted | None:
    """What returns need in HubSpot; None where they are no records there."""
    from ns_hs_orders.setup.requirements import ReturnsWanted

    if session.settings.returns != "pipeline":
        return None
    return ReturnsWanted(
        return_field_map(session.field_map),
        session.settings.hubspot_return_pipeline_id,
        session.settings.hubspot_return_stage_ids,
    )


def reading_steps(session: Session) -> tuple[list[Step], list[str]]:
    """What makes orders easier to read and find, each step optional; and what cannot be looked at, in words."""
    from ns_hs_orders.setup.segments import segment_steps, wanted_segments
    from ns_hs_orders.setup.tidy import tidy_steps

    returns = returns_wanted(session)
    steps = tidy_steps(session.definitions, session.field_map, returns.field_map if returns else None)
    if session.settings.segments == "off":
        return steps, []
    wanted = wanted_segments(session.field_map, lambda: _open_stages(session))
    made, warnings = segment_steps(session.definitions, wanted)
    return [*steps, *made], warnings


def _open_stages(session: Session) -> list[str]:
    """Ids of the stages in which an order is not done with."""
    open_ones = ("pending_approval", "pending_fulfillment", "fulfilled")
    return [session.pipeline.stage_ids[stage] for stage in open_ones]


def patient(session: Session, mapping: Finding | None = None) -> Patient:
    """All that the doctor looks at. mapping: what it tells of the mapping file."""
    from ns_hs_orders.setup.checks.finding import Patient

    check_rules(session)
    return Patient(
        mode=session.mode,
        account=session.account,
        suiteql=session.netsuite,
        netsuite_clock=session.netsuite,
        source_options=session.source_options,
        field_map=session.field_map,
        crm=session.definitions,
        portal=session.definitions,
        objects=session.hubspot.objects,
        pipeline_id=session.settings.hubspot_pipeline_id,
        stage_ids=session.settings.hubspot_stage_ids,
        person_customers=session.settings.person_customers,
        links=link_rules(session.settings),
        returns=returns_wanted(session),
        left=None if session.settings.returns == "pipeline" else lambda: left_in_hubspot(session),
        foreign=lambda: foreign_orders(session),
        named=named_by_settings(session.settings),
        mapping=mapping or Patient.mapping,
    )


def look_at_pipelines(session: Session) -> None:
    """Asks for the pipelines in force once more, so that `status` tells what is wrong with them now, or no more."""
    from ns_hs_orders.wiring.returns.session import open_returns

    with suppress(SyncError, *_STRANGE):
        _ = session.pipeline
    if session.settings.returns == "pipeline":
        with suppress(SyncError, *_STRANGE), open_returns(session) as returns:
            _ = returns.pipeline


def foreign_orders(session: Session) -> ForeignOrders:
    """The orders of HubSpot that something else wrote, by HubSpot's search. Raises RemoteError."""
    from ns_hs_orders.adopt.overview import standing_orders
    from ns_hs_orders.fields.field import UNIQUE_ORDER_KEY
    from ns_hs_orders.setup.ports import ForeignOrders
    from ns_hs_orders.state.orders.departures import Departures

    has_key = UNIQUE_ORDER_KEY in session.definitions.properties("orders")
    found = standing_orders(session.hubspot.search, has_key=has_key)
    is_first = Departures(session.state).known_orders() == 0
    return ForeignOrders(found.orders, found.minor, found.below, found.without_amount, is_first)


def survey_of(session: Session, progress: Progress = quiet) -> Survey:
    """How NetSuite's last orders add up under each rule, and the settings that follow."""
    from ns_hs_orders.setup.survey import survey

    return survey(
        session.netsuite,
        session.tickets,
        session.source_options,
        session.rules,
        mode=session.mode,
        progress=progress,
    )
