"""What must hold of every reading, whatever NetSuite said: one outcome an order, and no minor unit lost.

Belongs here: the properties, with an arithmetic of their own. Does not belong here: what NetSuite says.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.mapping.map_orders import map_orders
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import STAGES, MappedOrders
from ns_hs_orders.money import LARGEST_MINOR
from ns_hs_orders.push.accounting import accounting
from ns_hs_orders.push.jobs import Fate
from ns_hs_orders.push.outcomes import outcome_frame
from ns_hs_orders.push.schema import Directory
from ns_hs_orders.push.wanted import wanted_orders
from ns_hs_orders.reconcile.netsuite_side import netsuite_orders
from ns_hs_orders.wiring.remotes import netsuite_record_url

RULES = MappingRules(record_url=netsuite_record_url("42"))
FIELDS = field_map({"deal_name_field": "custbody_deal_name", "payment_note_field": "custbody_payment_note"})
DIRECTORY = Directory("1", {stage: stage for stage in STAGES}, {})
EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0, "KWD": 3}
_PLAIN = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)", re.ASCII)


def plain_minor(total: object, currency: object) -> tuple[str, int] | None:
    """(currency, minor units) of a total that nobody could misread; None for all others."""
    if not (isinstance(total, str) and isinstance(currency, str) and currency in EXPONENTS):
        return None
    if not _PLAIN.fullmatch(total):
        return None
    minor = Fraction(Decimal(total)) * 10 ** EXPONENTS[currency]
    return (currency, int(minor)) if minor.denominator == 1 and abs(minor) <= LARGEST_MINOR else None


def assert_all_accounted_for(raw: RawRead) -> MappedOrders:
    """Maps the reading and asserts that each order has one outcome and each amount is under one.

    Orders that HubSpot would be sent count as created: what HubSpot says of them is not pure.
    """
    mapped = map_orders(raw, RULES)
    accepted: list[str] = mapped.orders["order_id_netsuite"].tolist()
    results = outcome_frame(
        mapped,
        {one: Fate("created", order_id_hubspot="1") for one in accepted},
        dict.fromkeys(accepted, ""),
        dict.fromkeys(accepted, 1),
        {},
    )
    read: list[str] = raw.orders["order_id_netsuite"].tolist()
    assert sorted(results["order_id_netsuite"].tolist()) == sorted(read)
    account = accounting(raw.orders, results)
    assert account.adds_up, account
    assert sum(account.outcomes.values()) == len(read)

    told = {
        row["order_id_netsuite"]: row
        for row in results[["order_id_netsuite", "currency", "total_minor"]].to_dict("records")
    }
    plain: Counter[str] = Counter()
    for key, total, currency in zip(read, raw.orders["total"], raw.orders["currency"], strict=True):
        if (known := plain_minor(total, currency)) is not None:
            assert (told[key]["currency"], told[key]["total_minor"]) == known
            plain[known[0]] += known[1]
    sums = {currency: sum(parts.values()) for currency, parts in account.outcome_minor.items()}
    assert set(sums) >= set(plain)
    assert account.unknown_amounts == int(results["total_minor"].isna().sum())

    wanted = wanted_orders(mapped.orders, mapped.lines, FIELDS, DIRECTORY)
    assert [one.key for one in wanted] == accepted
    assert set(netsuite_orders(raw, mapped, wanted, undated=date(2026, 1, 1))) == set(read)
    return mapped
