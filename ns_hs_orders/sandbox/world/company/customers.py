"""Who buys and who sells: customers, projects, partners, reps in NetSuite; companies, contacts, owners, deals in HubSpot.

Here: the people on both sides and the ids that tie them. Not here: what they order (orders.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from ns_hs_orders.sandbox.world.company.catalog import CAD, EUR, JPY, USD, Currency
from ns_hs_orders.sandbox.world.model import Ids, Row

HUBSPOT_ID = "custentity_celigo_hubspot_id"
GONE_COMPANY = "99999999001"

_FIRST = (
    "Alder", "Birch", "Cedar", "Copper", "Dune", "Ember", "Fjord", "Glacier", "Harbor", "Iron", "Juniper", "Kestrel",
    "Larch", "Meadow", "North", "Otter", "Pine", "Quarry", "River", "Summit", "Timber", "Upland", "Valley", "Willow",
)  # fmt: skip
_SECOND = (
    "Outfitters", "Trading Co.", "Supply", "Sports", "Mercantile", "Expeditions", "Gear & Coffee", "Provisions",
    "Brothers, Inc.", "Outdoor Group", "General Store", "Campus Shop", "Hospitality", "Promotions",
)  # fmt: skip
_GIVEN = (
    "Amara",
    "Ben",
    "Chloé",
    "Dmitri",
    "Elif",
    "Farid",
    "Grace",
    "Hiro",
    "Inés",
    "Jonas",
    "Kavita",
    "Łukasz",
)
_FAMILY = (
    "Adeyemi",
    "Brandt",
    "Chen",
    "Dubois",
    "Eriksen",
    "Fontana",
    "García",
    "Haddad",
    "Ito",
    "Jensen",
    "O'Neill",
)
# (currency, country, state, city, zip, tax codes, weight)
_PLACES = (
    (USD, "US", "CA", "Oakland", "94607", ("CA",), 26),
    (USD, "US", "NY", "Rochester", "14604", ("NY",), 16),
    (USD, "US", "TX", "Austin", "78702", ("TX",), 14),
    (USD, "US", "OR", "Bend", "97701", ("OR",), 12),
    (CAD, "CA", "BC", "Vancouver", "V6B 1A1", ("GST", "BC"), 9),
    (CAD, "CA", "AB", "Calgary", "T2P 2M5", ("GST",), 6),
    (EUR, "DE", "", "München", "80331", ("DE",), 7),
    (EUR, "NL", "", "Utrecht", "3511 LN", ("NL",), 4),
    (JPY, "JP", "東京都", "渋谷区", "150-0002", ("JP",), 6),
)
_REPS = (
    ("Maya", "Lindqvist"), ("Tom", "Okafor"), ("Renata", "Souza"), ("Kenji", "Watanabe"), ("Sarah", "Whitcomb"),
    ("José", "Núñez"), ("Priya", "Raman"), ("Noah", "Feldman"), ("Greta", "Holm"),
)  # fmt: skip


@dataclass(frozen=True)
class Buyer:
    """A customer or project that orders are made out to. `synced` tells whether HubSpot knows its company."""

    id: str
    name: str
    currency: Currency
    country: str
    state: str
    city: str
    zip: str
    taxes: tuple[str, ...]
    synced: bool
    company_id: str | None
    rep: str | None


@dataclass
class People:
    """Everybody, and the rows that say so. `buyers` order in the normal course, `special` by planted orders only."""

    buyers: list[Buyer] = field(default_factory=list)
    special: dict[str, Buyer] = field(default_factory=dict)
    reps: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    netsuite: dict[str, list[Row]] = field(default_factory=dict)
    hubspot: dict[str, list[Row]] = field(default_factory=dict)


def make_people(rng: Random, ids: Ids, orders: int, stamp: str) -> People:
    """About one customer for six orders, at least twelve; 85 % of them with a HubSpot company."""
    people = People()
    people.netsuite = {"customer": [], "job": [], "employee": [], "partner": []}
    people.hubspot = {"companies": [], "contacts": [], "deals": [], "owners": []}
    _reps(people, ids, stamp)
    _partners(people, ids, stamp)
    for number in range(max(12, orders // 6)):
        _customer(people, rng, ids, stamp, number)
    _projects(people, ids, stamp)
    _specials(people, rng, ids, stamp)
    return people


def _reps(people: People, ids: Ids, stamp: str) -> None:
    """The last but one is no HubSpot owner; the last has left, and is an archived owner there."""
    for number, (first, last) in enumerate(_REPS):
        rep = ids.next("employee")
        email = f"{first}.{last}@ridgeandriver.example".lower().replace("ú", "u").replace("ñ", "n")
        email = email.replace("é", "e")
        people.reps.append(rep)
        people.netsuite["employee"].append(
            {
                "id": rep, "entityid": f"{first} {last}", "firstname": first, "lastname": last, "email": email,
                "isinactive": "T" if number == len(_REPS) - 1 else "F", "lastmodifieddate": stamp,
            }
        )  # fmt: skip
        if number != len(_REPS) - 2:
            gone = "true" if number == len(_REPS) - 1 else "false"
            people.hubspot["owners"].append(
                {
                    "id": str(70001 + number),
                    "email": email,
                    "firstName": first,
                    "lastName": last,
                    "archived": gone,
                }
            )


def _partners(people: People, ids: Ids, stamp: str) -> None:
    for name in ("Northwind Referrals", "Guild of Retailers", "Café & Compañía Agency"):
        partner = ids.next("partner")
        people.partners.append(partner)
        people.netsuite["partner"].append(
            {
                "id": partner,
                "entityid": name,
                "companyname": name,
                "isinactive": "F",
                "lastmodifieddate": stamp,
            }
        )


def _customer(people: People, rng: Random, ids: Ids, stamp: str, number: int) -> None:
    # The first places come round once, so that a small world has each currency too.
    place = (
        _PLACES[(0, 4, 6, 8)[number]] if number < 4 else rng.choices(_PLACES, [row[6] for row in _PLACES])[0]
    )
    person = number % 20 == 9
    parent = people.buyers[number // 2].id if number % 12 == 7 else None
    # 3 of 20 have no company in HubSpot: the gap that nobody sees there.
    synced = number % 20 not in (5, 11, 17)
    given, family = rng.choice(_GIVEN), rng.choice(_FAMILY)
    company = f"{_FIRST[number % len(_FIRST)]} {_SECOND[(number * 5 + number // 24) % len(_SECOND)]}"
    round_number = number // (len(_FIRST) * len(_SECOND))
    name = f"{given} {family}" if person else company + (f" {round_number + 1}" if round_number else "")
    buyer = _add(people, ids, stamp, name, place, synced=synced, person=(given, family) if person else None,
                 parent=parent, rep=people.reps[number % len(people.reps)] if number % 6 else None)  # fmt: skip
    people.buyers.append(buyer)


def _add(
    people: People,
    ids: Ids,
    stamp: str,
    name: str,
    place: tuple[Currency, str, str, str, str, tuple[str, ...], int],
    *,
    synced: bool,
    person: tuple[str, str] | None = None,
    parent: str | None = None,
    rep: str | None = None,
) -> Buyer:
    currency, country, state, city, zip_code, taxes, _ = place
    customer = ids.next("customer")
    number = int(customer)
    company_id = str(18_000_000_000 + number) if synced else None
    email = f"buyer{customer}@example.com"
    people.netsuite["customer"].append(
        {
            "id": customer, "entityid": f"C{customer} {name}", "altname": name,
            "companyname": None if person else name, "firstname": person[0] if person else None,
            "lastname": person[1] if person else None, "email": email, "isperson": "T" if person else "F",
            "isinactive": "F", "parent": parent, "currency": currency.id, "salesrep": rep,
            HUBSPOT_ID: company_id, "lastmodifieddate": stamp,
        }
    )  # fmt: skip
    if company_id:
        given, family = person or (_GIVEN[number % len(_GIVEN)], _FAMILY[number % len(_FAMILY)])
        people.hubspot["companies"].append(
            {"id": company_id, "name": name, "domain": f"customer{customer}.example"}
        )
        people.hubspot["contacts"].append(
            {
                "id": str(28_000_000_000 + number), "email": email, "firstname": given, "lastname": family,
                "company_id": company_id,
            }
        )  # fmt: skip
    return Buyer(
        customer, name, currency, country, state, city, zip_code, taxes, synced, company_id, rep
    )  # fmt: skip


def _projects(people: People, ids: Ids, stamp: str) -> None:
    """Projects whose parent customer is in HubSpot; they order like a customer does."""
    for number, parent in enumerate([buyer for buyer in people.buyers if buyer.synced][:3]):
        # Customers and projects share NetSuite's entity ids.
        job = ids.next("customer")
        name = f"Store opening {('North', 'Harbour', '京都')[number]}"
        people.netsuite["job"].append(
            {
                "id": job, "entityid": f"{parent.name} : {name}", "companyname": name, "customer": parent.id,
                "parent": parent.id, "currency": parent.currency.id, "isinactive": "F", "lastmodifieddate": stamp,
            }
        )  # fmt: skip
        people.buyers.append(
            Buyer(
                job, name, parent.currency, parent.country, parent.state, parent.city, parent.zip, parent.taxes,
                parent.synced, parent.company_id, parent.rep,
            )
        )  # fmt: skip


def _specials(people: People, rng: Random, ids: Ids, stamp: str) -> None:
    """Buyers that only planted orders use: an orphaned project, a company that HubSpot no longer has."""
    home = people.buyers[0]
    job = ids.next("customer")
    people.netsuite["job"].append(
        {
            "id": job, "entityid": "Pop-up store", "companyname": "Pop-up store", "customer": None, "parent": None,
            "currency": home.currency.id, "isinactive": "F", "lastmodifieddate": stamp,
        }
    )  # fmt: skip
    people.special["project"] = Buyer(
        job,
        "Pop-up store",
        home.currency,
        home.country,
        home.state,
        home.city,
        home.zip,
        home.taxes,
        False,
        None,
        None,
    )
    gone = _add(
        people, ids, stamp, "Vanished Ventures", _PLACES[0], synced=False, rep=rng.choice(people.reps[:7])
    )
    people.netsuite["customer"][-1][HUBSPOT_ID] = GONE_COMPANY
    people.special["gone"] = gone
