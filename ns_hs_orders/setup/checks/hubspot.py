"""Checks of the HubSpot account alone.

Belongs here: login, portal, scopes, the orders object, properties, pipeline. Does not belong here: making
what is missing (plan.py), or what depends on NetSuite's records too (between.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.setup.checks.finding import Finding, Patient, failure
from ns_hs_orders.setup.checks.switched import CONTACT_SCOPES, DEAL_SCOPES, PRODUCT_SCOPES
from ns_hs_orders.setup.named import adopt_key_problem, portal_problem
from ns_hs_orders.setup.pipelines import WHERE, find_pipeline, pipeline_problems, stages_in_order
from ns_hs_orders.setup.plan import plan_properties
from ns_hs_orders.setup.requirements import PARENT_LABEL, RETURNS, SALES_ORDERS, PipelineKind

SCOPES = (
    "crm.objects.orders.read",
    "crm.objects.orders.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.owners.read",
)


def login(patient: Patient) -> Iterator[Finding]:
    """Whether the token is taken."""
    patient.portal.account_details()
    yield Finding("HubSpot login", True, "HubSpot answers.")


def portal(patient: Patient) -> Iterator[Finding]:
    """Whether the token belongs to the portal that the settings name."""
    details = patient.portal.account_details()
    yield Finding(
        "HubSpot portal",
        not (problem := portal_problem(patient.portal, patient.named.portal_id)),
        f"Portal {details.portal_id}, {details.account_type}, {details.time_zone}.",
        problem,
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
    steps, problems = plan_properties(
        patient.crm, patient.field_map, patient.returns.field_map if patient.returns else None
    )
    missing = [step.what for step in steps]
    detail = " ".join([*problems, *([f"Missing: {', '.join(missing)}."] if missing else [])])
    yield Finding(
        "HubSpot properties",
        not detail,
        detail or "All properties are there.",
        "Run `ns-hs-orders setup`." if missing else "Do what is said here." if problems else "",
    )


def pipeline(patient: Patient) -> Iterator[Finding]:
    """Whether the pipeline and its stages exist, open and closed as they must be."""
    yield from _pipeline("HubSpot pipeline", SALES_ORDERS, patient, patient.pipeline_id, patient.stage_ids)


def return_pipeline(patient: Patient) -> Iterator[Finding]:
    """The same for the pipeline of returns, where they are records of their own."""
    if patient.returns is not None:
        yield from _pipeline(
            "HubSpot returns", RETURNS, patient, patient.returns.pipeline_id, patient.returns.stage_ids
        )


def return_label(patient: Patient) -> Iterator[Finding]:
    """How a return is associated with its order; nothing fails where it cannot be."""
    if patient.returns is None:
        return
    types = patient.crm.association_types("orders", "orders")
    if PARENT_LABEL.label in types:
        yield Finding("Returns to orders", True, f"Associated, labelled {PARENT_LABEL.label!r}.")
    elif "" in types:
        yield Finding(
            "Returns to orders",
            None,
            "Associated without a label.",
            f"Nothing fails; `ns-hs-orders setup` makes the label {PARENT_LABEL.label!r} where the portal allows it.",
        )
    else:
        yield Finding(
            "Returns to orders",
            None,
            "This portal does not associate orders with orders. Or it does not let the token see how.",
            "Nothing fails: a return holds the key of its order and a link to it.",
        )


def left_returns(patient: Patient) -> Iterator[Finding]:
    """Whether HubSpot still holds what the setting of returns does not put there any more."""
    if patient.left is not None:
        left = patient.left()
        yield Finding("Returns left", None if left else True, left.what, left.what_to_do if left else "")


def _pipeline(
    name: str, kind: PipelineKind, patient: Patient, pipeline_id: str, stage_ids: Mapping[str, str]
) -> Iterator[Finding]:
    pipelines = patient.crm.pipelines("orders")
    if problems := pipeline_problems(pipelines, pipeline_id=pipeline_id, stage_ids=stage_ids, kind=kind):
        raise ConfigError(" ".join(problems))
    found = find_pipeline(pipelines, pipeline_id=pipeline_id, stage_ids=stage_ids, kind=kind)
    in_order = stages_in_order(pipelines, found, kind)
    label = next(one.label for one in pipelines if one.id == found.pipeline_id)
    count = {5: "five", 7: "seven"}[len(kind.stages)]
    yield Finding(
        name,
        True if in_order else None,
        f"Pipeline {label!r} ({found.pipeline_id}) has its {count} stages{'' if in_order else ', in another order'}.",
        ""
        if in_order
        else f"Nothing fails; to see {kind.holds}s move from left to right, order the stages in {WHERE}.",
    )


def others(patient: Patient) -> Iterator[Finding]:
    """Whether something else wrote orders too, which a sync would make once more beside them."""
    if problem := adopt_key_problem(patient.crm, patient.named.adopt_key_property):
        yield failure("Other integrations", problem)
        return
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
