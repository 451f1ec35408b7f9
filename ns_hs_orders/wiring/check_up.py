"""What setup makes, what the doctor looks at, and the survey, over a session.

Belongs here: handing both systems to setup. Does not belong here: checks (setup).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.return_fields import return_field_map
from ns_hs_orders.wiring.remotes import link_rules
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.setup.checks.finding import Patient
    from ns_hs_orders.setup.plan import Step
    from ns_hs_orders.setup.requirements import ReturnsWanted
    from ns_hs_orders.setup.survey import Survey


def setup_steps(session: Session) -> list[Step]:
    """What HubSpot lacks for orders, and for returns where they are records. Raises ConfigError as setup.plan."""
    from ns_hs_orders.setup.plan import plan

    return plan(
        session.definitions,
        session.field_map,
        pipeline_id=session.settings.hubspot_pipeline_id,
        stage_ids=session.settings.hubspot_stage_ids,
        returns=returns_wanted(session),
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


def patient(session: Session) -> Patient:
    """All that the doctor looks at."""
    from ns_hs_orders.setup.checks.finding import Patient

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
        portal_id=session.settings.hubspot_portal_id,
        pipeline_id=session.settings.hubspot_pipeline_id,
        stage_ids=session.settings.hubspot_stage_ids,
        person_customers=session.settings.person_customers,
        links=link_rules(session.settings),
        returns=returns_wanted(session),
    )


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
