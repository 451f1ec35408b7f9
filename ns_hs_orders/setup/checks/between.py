"""Checks of what lies between both accounts: what NetSuite's records need HubSpot to have.

Belongs here: clocks, currencies, owners, the HubSpot ids of customers. Does not belong here: what one
account must have by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.sources import ORDER_TYPE
from ns_hs_orders.extract.suiteql.keyset import Query, pages
from ns_hs_orders.extract.suiteql.literals import column_name
from ns_hs_orders.setup.checks.finding import Finding, Patient, ServerClock

MOST_CLOCK_SECONDS = 120
WORTH_TELLING_SECONDS = 5
MOST_IDS = 10_000
BATCH = 100
MOST_NAMED = 10
FORBIDDEN = 403


def clock(name: str, server: ServerClock, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Whether this machine's clock and the server's agree."""
    seconds = (server.server_time() - now()).total_seconds()
    right = abs(seconds) <= MOST_CLOCK_SECONDS
    yield Finding(
        name,
        right,
        f"The server is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine."
        if abs(seconds) > WORTH_TELLING_SECONDS
        else "The server and this machine agree.",
        "" if right else "Set this machine's clock (NTP): logins are refused when the clocks differ.",
    )


def currencies(patient: Patient) -> Iterator[Finding]:
    """Whether HubSpot has every currency that orders are in."""
    query = Query(
        select={"id": "cur.id", "symbol": "cur.symbol"},
        source="transaction t INNER JOIN currency cur ON cur.id = t.currency",
        where=(ORDER_TYPE,),
        key="id",
        distinct=True,
    )
    used = sorted({str(row.get("symbol")) for page in pages(patient.suiteql, query) for row in page})
    details = patient.portal.account_details()
    enabled = {details.company_currency, *details.additional_currencies}
    missing = [code for code in used if code not in enabled]
    yield Finding(
        "Currencies",
        not missing,
        f"Orders use {', '.join(used) or 'none'}; HubSpot has {', '.join(sorted(enabled))}.",
        f"Add {', '.join(missing)} in HubSpot (Settings → Account Defaults → Currency); until then their "
        "orders are rejected or quarantined."
        if missing
        else "",
    )


def owners(patient: Patient) -> Iterator[Finding]:
    """Whether the active sales reps of orders are HubSpot owners, by e-mail."""
    query = Query(
        select={"id": "e.id", "email": "e.email"},
        source="employee e INNER JOIN transaction t ON t.employee = e.id",
        where=(ORDER_TYPE, "e.isinactive = 'F'"),
        key="id",
        distinct=True,
    )
    try:
        reps = [row for page in pages(patient.suiteql, query) for row in page]
    except RemoteError as error:
        if error.transient:
            raise
        yield Finding(
            "Owners",
            None,
            f"Sales reps cannot be read: {error}",
            "Orders will have no owner. Give the role View on Employees.",
        )
        return
    known = patient.portal.active_owners()
    unknown = [str(rep.get("email") or f"employee {rep['id']}, who has no e-mail") for rep in reps]
    unknown = sorted(one for one in unknown if one.strip().lower() not in known)
    to_do = ""
    if unknown:
        to_do = (
            f"Orders of {_first(unknown)} will have no owner; invite them in HubSpot under the same e-mail."
        )
    elif not reps:
        to_do = "If orders do have sales reps, give the role View on Employees."
    yield Finding(
        "Owners",
        None if to_do else True,
        f"{len(reps) - len(unknown)} of {len(reps)} active sales reps with orders are HubSpot owners.",
        to_do,
    )


def hubspot_ids(patient: Patient) -> Iterator[Finding]:
    """How many of the customers' HubSpot ids exist, persons apart."""
    yield _ids(patient, "companies", "F")
    yield _ids(patient, "persons", "T")


def _ids(patient: Patient, who: str, person: str) -> Finding:
    name = f"HubSpot ids of {who}"
    ids, more = _customer_ids(patient, person)
    numbers = [one for one in ids if one.isascii() and one.isdigit()]
    as_company = _existing(patient, "companies", numbers)
    as_contact = _existing(patient, "contacts", numbers) if person == "T" else 0
    detail = (
        f"Of {'the first ' if more else ''}{len(ids):,} in NetSuite, {_count(as_company)} exist as companies"
    )
    detail += f" and {_count(as_contact)} as contacts." if person == "T" else "."
    if person == "T" and patient.person_customers == "skip":
        return Finding(name, True, f"{detail} Their orders are skipped, by setting.")
    wanted, other = as_company, as_contact
    if person == "T" and patient.person_customers == "contact":
        wanted, other = as_contact, as_company
    if wanted is None:
        return Finding(name, False, detail, "The token lacks the scope to look for them; see HubSpot scopes.")
    if wanted == len(ids):
        return Finding(name, True, detail)
    lost = len(ids) - wanted
    which = (
        "1 id are rejected; correct that id" if lost == 1 else f"{lost:,} ids are rejected; correct these ids"
    )
    to_do = f"The orders of {which} in NetSuite."
    if person == "T" and (other or 0) > wanted:
        better = "company" if patient.person_customers == "contact" else "contact"
        to_do = f"Most ids of persons are {'companies' if better == 'company' else 'contacts'}: set NS_HS_PERSON_CUSTOMERS={better}."
    return Finding(name, None, detail, to_do)


def _customer_ids(patient: Patient, person: str) -> tuple[list[str], bool]:
    """Distinct HubSpot ids, and whether there are more customers than were looked at."""
    column = column_name(patient.source_options.customer_hubspot_id_field, "customer_hubspot_id_field")
    query = Query(
        select={"id": "c.id", "hubspot_id": f"c.{column}"},
        source="customer c",
        where=("c.isperson = ?", f"c.{column} IS NOT NULL"),
        key="id",
        params=(person,),
    )
    found: dict[str, None] = {}
    for page in pages(patient.suiteql, query):
        found |= dict.fromkeys(str(row["hubspot_id"]).strip() for row in page)
        if len(found) > MOST_IDS:
            return list(found)[:MOST_IDS], True
    return list(found), False


def _existing(patient: Patient, object_type: str, ids: Sequence[str]) -> int | None:
    """How many records there are with these ids; None where the token may not read them."""
    try:
        return sum(
            len(patient.objects.batch_read(object_type, ids[n : n + BATCH], ["hs_object_id"]).results)
            for n in range(0, len(ids), BATCH)
        )
    except RemoteError as error:
        if error.status != FORBIDDEN:
            raise
        return None


def _count(number: int | None) -> str:
    return "an unknown number" if number is None else f"{number:,}"


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
