"""Whether what the settings name is there: properties of HubSpot, the portal, NetSuite's base currency.

Belongs here: one sentence for each setting that names nothing, with what to do. Does not belong here: pipelines and stages
(pipelines.py), what the mapping file names (mapped_properties.py), or the form of a setting's value (settings).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.refusals import is_refusal
from ns_hs_orders.setup.ports import CrmDefinitions, Portal

DEALS = "deals"
MOST_NAMED = 5
MOST_CURRENCIES = 1000


@dataclass(frozen=True)
class NamedBySettings:
    """What the settings name; "" where they name nothing.

    deal_key_property: of deals, "" where deals are not associated. deal_id_field: the order's field that holds its value.
    adopt_key_property: of orders. base_currency: an ISO code.
    """

    portal_id: str = ""
    deal_key_property: str = ""
    deal_id_field: str = ""
    adopt_key_property: str = ""
    base_currency: str = ""


def named_problems(
    named: NamedBySettings, crm: CrmDefinitions, portal: Portal, suiteql: SuiteQL
) -> tuple[list[str], list[str]]:
    """What the settings name and is not there, each with what to do; and what is worth knowing, or cannot be seen.

    A system is asked only for what a setting names in it.
    """
    problems: list[str] = []
    notes: list[str] = []
    for setting, look in (
        ("NS_HS_HUBSPOT_PORTAL_ID", lambda: portal_problem(portal, named.portal_id)),
        ("NS_HS_DEAL_KEY_PROPERTY", lambda: deal_key_problem(crm, named)),
        ("NS_HS_ADOPT_KEY_PROPERTY", lambda: adopt_key_problem(crm, named.adopt_key_property)),
    ):
        problems += _looked(setting, look, notes)
    problem, note = "", ""
    try:
        problem, note = base_currency_problem(suiteql, named.base_currency)
    except RemoteError as error:
        note = _unseen("NS_HS_BASE_CURRENCY", error)
    return [*problems, *([problem] if problem else [])], [*notes, *([note] if note else [])]


def _looked(setting: str, look: Callable[[], str], notes: list[str]) -> list[str]:
    """The problem, if any; a HubSpot that does not let us see it is a note, one that does not answer is raised."""
    try:
        problem = look()
    except RemoteError as error:
        if error.transient:
            raise
        notes.append(_unseen(setting, error))
        return []
    return [problem] if problem else []


def _unseen(setting: str, error: RemoteError) -> str:
    return f"Whether what {setting} names is there cannot be seen: {error}"


def portal_problem(portal: Portal, portal_id: str) -> str:
    """Where the token belongs to another portal than the one that the setting names. Raises RemoteError."""
    if not portal_id or (found := portal.account_details().portal_id) == portal_id:
        return ""
    return f"NS_HS_HUBSPOT_PORTAL_ID names portal {portal_id}, but the token belongs to {found}. Correct the one that is wrong."


def deal_key_problem(crm: CrmDefinitions, named: NamedBySettings) -> str:
    """Why deals cannot be found by the property that the setting names. Raises RemoteError."""
    name = named.deal_key_property
    if not name:
        return ""
    if not named.deal_id_field:
        return (
            f"NS_HS_DEAL_KEY_PROPERTY names {name}, and no field of the order holds its value. Name that field in "
            "NS_HS_DEAL_ID_FIELD, or leave NS_HS_DEAL_KEY_PROPERTY empty."
        )
    there = crm.properties(DEALS)
    keys = [one.name for one in there.values() if one.has_unique_value]
    to_do = "Name a property of deals with unique values, or leave it empty where the field holds record ids."
    if name not in there:
        return f"NS_HS_DEAL_KEY_PROPERTY: HubSpot's deals have no property {name!r}{_near(name, keys or there)}. {to_do}"
    if not there[name].has_unique_value:
        return (
            f"NS_HS_DEAL_KEY_PROPERTY: HubSpot does not require unique values of deals.{name}, so it finds no deal by "
            f"them{_near(name, keys)}. {to_do}"
        )
    return ""


def adopt_key_problem(crm: CrmDefinitions, name: str) -> str:
    """Where the key property of another integration is no property of HubSpot's orders. Raises RemoteError."""
    if not name or name in (there := crm.properties("orders")):
        return ""
    return (
        f"NS_HS_ADOPT_KEY_PROPERTY: HubSpot's orders have no property {name!r}{_near(name, there)}. Name one that they "
        "have, or leave it empty."
    )


def base_currency_problem(suiteql: SuiteQL, code: str) -> tuple[str, str]:
    """Where NetSuite does not have the currency; and, as a note, where another one is its base. Raises RemoteError."""
    if not code:
        return "", ""
    currencies = _currencies(suiteql)
    bases = [symbol for symbol, is_base in currencies.items() if is_base]
    told = f"its base currency is {', '.join(bases)}" if bases else f"it has {', '.join(currencies)}"
    problem = note = ""
    if not currencies:
        note = (
            f"Whether NetSuite has {code}, which NS_HS_BASE_CURRENCY names, cannot be seen: give the role View on "
            "currencies."
        )
    elif code not in currencies:
        problem = f"NS_HS_BASE_CURRENCY names {code}, which is no currency of NetSuite; {told}. Name that, or leave it empty."
    elif bases and code not in bases:
        note = (
            f"NS_HS_BASE_CURRENCY names {code}, and NetSuite says that {told}. Where its exchange rates are to another "
            "currency, nothing is added up over all currencies."
        )
    return problem, note


def _currencies(suiteql: SuiteQL) -> dict[str, bool]:
    """NetSuite's currencies by ISO code → whether it is a base currency; False for all where it does not tell."""
    asked = "SELECT cur.symbol AS symbol{} FROM currency cur"
    try:
        rows = suiteql.query(asked.format(", cur.isbasecurrency AS isbase"), limit=MOST_CURRENCIES).rows
    except RemoteError as error:
        if not is_refusal(error):
            raise
        rows = suiteql.query(asked.format(""), limit=MOST_CURRENCIES).rows
    return {str(row["symbol"]): row.get("isbase") == "T" for row in rows if row.get("symbol")}


def _near(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), n=MOST_NAMED)
    return f"; there are {', '.join(found)}" if found else ""
