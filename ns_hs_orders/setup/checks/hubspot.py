"""Checks of the HubSpot account alone.

Belongs here: login, portal, scopes, the orders object, properties, pipeline. Does not belong here: making
what is missing (plan.py), or what depends on NetSuite's records too (between.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.setup.checks.finding import Finding, Patient
from ns_hs_orders.setup.pipelines import WHERE, find_pipeline, pipeline_problems, stages_in_order
from ns_hs_orders.setup.plan import plan_properties

SCOPES = (
    "crm.objects.orders.read",
    "crm.objects.orders.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.owners.read",
)
COMPANY_SCOPES = ("crm.objects.companies.read", "crm.objects.companies.write")
DEAL_SCOPES = ("crm.objects.deals.read", "crm.objects.deals.write")
PRODUCT_SCOPES = ("crm.objects.products.read",)
CONTACT_SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")


def login(patient: Patient) -> Iterator[Finding]:
    """Whether the token is taken."""
    patient.portal.account_details()
    yield Finding("HubSpot login", True, "HubSpot answers.")


def portal(patient: Patient) -> Iterator[Finding]:
    """Whether the token belongs to the portal that the settings name."""
    details = patient.portal.account_details()
    right = not patient.portal_id or patient.portal_id == details.portal_id
    yield Finding(
        "HubSpot portal",
        right,
        f"Portal {details.portal_id}, {details.account_type}, {details.time_zone}.",
        ""
        if right
        else f"NS_HS_HUBSPOT_PORTAL_ID names portal {patient.portal_id}, but the token belongs to "
        f"{details.portal_id}. Correct the one that is wrong.",
    )


def scopes(patient: Patient) -> Iterator[Finding]:
    """Whether the token has the scopes that the sync uses."""
    granted = patient.portal.granted_scopes()
    if granted is None:
        yield Finding(
            "HubSpot scopes",
            None,
            "HubSpot does not tell the scopes of this token.",
            f"See that it has {', '.join(_needed(patient))}.",
        )
        return
    missing = [scope for scope in _needed(patient) if scope not in granted]
    yield Finding(
        "HubSpot scopes",
        not missing,
        f"Missing: {', '.join(missing)}." if missing else f"All {len(_needed(patient))} that are needed.",
        f"Add {', '.join(missing)} to the service key or private app." if missing else "",
    )


def _needed(patient: Patient) -> tuple[str, ...]:
    return (
        *SCOPES,
        *(DEAL_SCOPES if patient.links.deals else ()),
        *(PRODUCT_SCOPES if patient.links.products else ()),
        *(CONTACT_SCOPES if patient.person_customers == "contact" or patient.links.contact_by else ()),
    )


def orders_object(patient: Patient) -> Iterator[Finding]:
    """Whether the portal has the orders object switched on."""
    enabled = patient.portal.orders_enabled()
    if enabled is not None:
        yield Finding(
            "HubSpot orders",
            enabled,
            f"The orders object is switched {'on' if enabled else 'off'}.",
            "" if enabled else "Switch it on in HubSpot: Data Management → Data Model → object library.",
        )


def properties(patient: Patient) -> Iterator[Finding]:
    """Whether our properties exist, and are as they must be."""
    steps, problems = plan_properties(patient.crm, patient.field_map)
    missing = [step.what for step in steps]
    detail = " ".join([*problems, *([f"Missing: {', '.join(missing)}."] if missing else [])])
    yield Finding(
        "HubSpot properties",
        not detail,
        detail or "All properties are there.",
        "Run `ns-hs-orders setup`." if missing else "Do what is said here." if problems else "",
    )


def company_rollups(patient: Patient) -> Iterator[Finding]:
    """Whether the token may tell companies what they buy."""
    granted = patient.portal.granted_scopes()
    lacking = [] if granted is None else [one for one in COMPANY_SCOPES if one not in granted]
    yield Finding(
        "Company roll-ups",
        not lacking,
        f"On, and the token lacks {', '.join(lacking)}."
        if lacking
        else "On: each company tells what it buys.",
        f"Add {', '.join(lacking)} to the service key or private app, or set NS_HS_COMPANY_ROLLUPS=off."
        if lacking
        else "",
    )


def pipeline(patient: Patient) -> Iterator[Finding]:
    """Whether the pipeline and its five stages exist, open and closed as they must be."""
    pipelines = patient.crm.pipelines("orders")
    if problems := pipeline_problems(pipelines, pipeline_id=patient.pipeline_id, stage_ids=patient.stage_ids):
        raise ConfigError(" ".join(problems))
    found = find_pipeline(pipelines, pipeline_id=patient.pipeline_id, stage_ids=patient.stage_ids)
    in_order = stages_in_order(pipelines, found)
    label = next(one.label for one in pipelines if one.id == found.pipeline_id)
    yield Finding(
        "HubSpot pipeline",
        True if in_order else None,
        f"Pipeline {label!r} ({found.pipeline_id}) has its five stages{'' if in_order else ', in another order'}.",
        ""
        if in_order
        else f"Nothing fails; to see orders move from left to right, order the stages in {WHERE}.",
    )


def others(patient: Patient) -> Iterator[Finding]:
    """Whether something else wrote orders too, which a sync would make once more beside them."""
    if patient.foreign is None:
        return
    found = patient.foreign()
    told, _, to_do = found.sentence.partition(" Run ")
    yield Finding(
        "Other integrations",
        None if found.orders else True,
        told or "No order in HubSpot was written by something else.",
        f"Run {to_do}" if to_do else "",
    )
