"""What is on in this account, one short line each: returns, associations, company roll-ups.

Belongs here: on or off, and what is read for it. Does not belong here: making what it needs (plan.py), or the scopes of
the rest (hubspot.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.setup.checks.finding import Finding, Patient, failure
from ns_hs_orders.setup.named import deal_key_problem
from ns_hs_orders.setup.plan import COMPANIES_REFUSED
from ns_hs_orders.setup.requirements import COMPANIES

DEAL_SCOPES = ("crm.objects.deals.read", "crm.objects.deals.write")
PRODUCT_SCOPES = ("crm.objects.products.read",)
CONTACT_SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write")
COMPANY_SCOPES = ("crm.objects.companies.read", "crm.objects.companies.write")
COMPANY_PROPERTIES_SCOPE = "crm.schemas.companies.write"
"""To make properties of companies; the right to write companies does not suffice."""
FORBIDDEN = 403


def returns(patient: Patient) -> Iterator[Finding]:
    """What is made of returns."""
    if patient.returns is not None:
        told = "On: records of their own, and amounts on their orders (NS_HS_RETURNS=pipeline)."
    elif patient.source_options.with_returns:
        told = "On: amounts on their orders, no records (NS_HS_RETURNS=amounts_only)."
    else:
        told = "Off (NS_HS_RETURNS=off)."
    yield Finding("Returns", True, told)


def deals(patient: Patient) -> Iterator[Finding]:
    """Whether orders are associated with their deal, and what tells which it is."""
    name = "Deal association"
    if not patient.links.deals:
        yield Finding(name, True, "Off (NS_HS_DEAL_ASSOCIATION=off).")
        return
    key, ways = patient.named.deal_key_property, []
    if reference := _column(patient, "deal_reference"):
        ways.append(f"{key} in {reference}" if key else f"the id in {reference}")
    if url := _column(patient, "deal_url"):
        ways.append(f"the URL in {url}")
    try:
        problem = deal_key_problem(patient.crm, patient.named)
    except RemoteError as error:
        if error.status != FORBIDDEN:
            raise
        problem = ""  # the scopes tell it
    if problem:
        yield failure(name, problem)
        return
    yield _on(patient, name, f"by {', else '.join(ways)}" if ways else "no field names a deal", DEAL_SCOPES)


def contacts(patient: Patient) -> Iterator[Finding]:
    """Whether orders are associated with a contact, and by what it is found."""
    name, ways = "Contact association", []
    for way in patient.links.contact_by:
        if way == "primary":
            ways.append("the customer's e-mail")
        else:
            column = _column(patient, "contact_reference" if way == "id" else "order_email")
            ways.append(f"the {'id' if way == 'id' else 'e-mail'} in {column}")
    persons = patient.person_customers == "contact"
    if not ways and not persons:
        yield Finding(name, True, "Off (NS_HS_CONTACT_BY is empty).")
        return
    told = [f"by {', else '.join(ways)}"] if ways else []
    told += ["a person who buys is the contact (NS_HS_PERSON_CUSTOMERS)"] if persons else []
    yield _on(patient, name, "; ".join(told), CONTACT_SCOPES)


def products(patient: Patient) -> Iterator[Finding]:
    """Whether line items are linked to their product."""
    name = "Product association"
    if patient.links.products:
        yield _on(patient, name, "by the line's SKU, in hs_product_id", PRODUCT_SCOPES)
    else:
        yield Finding(name, True, "Off (NS_HS_PRODUCT_ASSOCIATION=off).")


def company_rollups(patient: Patient) -> Iterator[Finding]:
    """Whether companies tell what they buy, and the token lets them."""
    name = "Company roll-ups"
    if not patient.field_map.company_fields:
        yield Finding(name, True, "Off (NS_HS_COMPANY_ROLLUPS=off).")
        return
    granted = patient.portal.granted_scopes()
    lacking = [] if granted is None else [one for one in COMPANY_SCOPES if one not in granted]
    if granted is not None and COMPANY_PROPERTIES_SCOPE not in granted and not _are_made(patient):
        lacking.append(COMPANY_PROPERTIES_SCOPE)
    yield Finding(
        name,
        not lacking,
        f"On, and the token lacks {', '.join(lacking)}."
        if lacking
        else "On: each company tells what it buys.",
        f"Add {', '.join(lacking)} to the service key or private app, or set NS_HS_COMPANY_ROLLUPS=off."
        if lacking
        else "",
    )


def _on(patient: Patient, name: str, what: str, scopes: Sequence[str]) -> Finding:
    """A line of something that is on; what the token lacks for it is a failure of the scopes, and told there."""
    granted = patient.portal.granted_scopes()
    lacking = [] if granted is None else [one for one in scopes if one not in granted]
    without = f" But the token lacks {', '.join(lacking)}: see HubSpot scopes." if lacking else ""
    return Finding(name, None if lacking else True, f"On: {what}.{without}")


def _column(patient: Patient, name: str) -> str:
    """The order's column of NetSuite behind a raw column of the field map, "" where the account has none."""
    found = (one.expression for one in patient.field_map.header_columns if one.name == name)
    return next(found, "").rpartition(".")[2]


def _are_made(patient: Patient) -> bool:
    """Whether companies have all our properties, as far as the token may see."""
    try:
        there = patient.crm.properties(COMPANIES)
    except RemoteError as error:
        if error.status in COMPANIES_REFUSED:
            return False
        raise
    return all(one.hubspot_property in there for one in patient.field_map.company_fields)
