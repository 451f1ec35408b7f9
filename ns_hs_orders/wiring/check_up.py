"""What the doctor looks at, and the survey, over a session.

Belongs here: handing both systems to setup. Does not belong here: checks (setup).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.wiring.remotes import link_rules
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.setup.checks.finding import Patient
    from ns_hs_orders.setup.ports import ForeignOrders
    from ns_hs_orders.setup.survey import Survey


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
        foreign=lambda: foreign_orders(session),
    )


def foreign_orders(session: Session) -> ForeignOrders:
    """The orders of HubSpot that something else wrote, by HubSpot's search. Raises RemoteError."""
    from ns_hs_orders.adopt.overview import standing_orders
    from ns_hs_orders.fields import UNIQUE_ORDER_KEY
    from ns_hs_orders.setup.ports import ForeignOrders
    from ns_hs_orders.state.departures import Departures

    has_key = UNIQUE_ORDER_KEY in session.definitions.properties("orders")
    found = standing_orders(session.hubspot.search, has_key=has_key)
    is_first = Departures(session.state).known_orders() == 0
    return ForeignOrders(found.orders, found.minor, found.without_amount, is_first)


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
