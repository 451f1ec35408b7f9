"""NetSuite's own counts and sums of returns against the returns that were read.

Belongs here: the control totals of returns. Does not belong here: asking NetSuite (extract), those of orders
(netsuite_side), or what a return counts (sales.net).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ns_hs_orders.columns import plain
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.extract.returns.totals import ReturnsCounted
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.money import decimal_to_minor, parse_decimal
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.sales.net_schema import ReturnControl


def control_of_returns(
    raw: RawReturnsRead, mapped: MappedReturns, counted: Iterable[ReturnsCounted], *, undated: date
) -> tuple[ReturnControl, ...]:
    """What NetSuite counts against what was read, for each day, currency and status of either.

    What was read has NetSuite's sign, and the size that mapping read of it, so that a wrong one shows. Returns whose
    amount cannot be read count on both sides, and are taken out of both sums.
    """
    amounts = {
        key: minor
        for frame in (mapped.returns, mapped.quarantined, mapped.skipped)
        for key, minor in zip(plain(frame["return_id_netsuite"]), plain(frame["amount_minor"]), strict=True)
    }
    names = ("return_id_netsuite", "return_on", "currency", "status", "total")
    read: dict[tuple[date, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows(raw.returns, names):
        on = _day(row["return_on"]) or undated
        read[on, row["currency"] or "", letter_of(row["status"])].append(row)
    # a status may come in two forms, B and RtnAuth:B, so that a day has two sums of one letter
    asked: dict[tuple[date, str, str], list[ReturnsCounted]] = defaultdict(list)
    for one in counted:
        asked[one.return_on, one.currency or "", letter_of(one.status)].append(one)
    found = []
    for on, currency, status in sorted(read.keys() | asked.keys()):
        group, totals = read.get((on, currency, status), []), asked.get((on, currency, status), [])
        known, unknown = [], []
        for row in group:
            minor = amounts.get(row["return_id_netsuite"])
            if minor is None:
                unknown.append(row["total"])
            else:
                known.append(-int(minor) if (row["total"] or "").lstrip().startswith("-") else int(minor))
        found.append(
            ReturnControl(
                on,
                currency,
                status,
                sum(total.returns for total in totals),
                len(group),
                _counted(totals, unknown, currency) if known or not group else None,
                sum(known) if known or not group else None,
            )
        )
    return tuple(found)


def _counted(totals: Iterable[ReturnsCounted], unknown: Iterable[str | None], currency: str) -> int | None:
    try:
        amount = sum((parse_decimal(one.total) for one in totals if one.total), Decimal(0))
        for text in unknown:
            amount -= _decimal(text)
        return decimal_to_minor(amount, currency)
    except MoneyError:
        return None


def _decimal(text: str | None) -> Decimal:
    try:
        return parse_decimal(text or "0")
    except MoneyError:
        return Decimal(0)


def letter_of(status: str | None) -> str:
    """The letter of a status, such as B of RtnAuth:B."""
    return (status or "")[-1:]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
