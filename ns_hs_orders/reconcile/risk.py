"""Money at risk: every order that is not right, with what it is worth and how long it has been so.

Belongs here: which orders are exceptions, what each one puts at risk, how they are ranked. Does not belong here:
keeping them or judging them (state.exceptions), or showing them (report). Amounts are minor units of their currency.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import pandas as pd

from ns_hs_orders.fields.orders import STAGE_PROPERTIES
from ns_hs_orders.reconcile.causes import DELETED
from ns_hs_orders.reconcile.compare import ORDER_DATE
from ns_hs_orders.reconcile.netsuite_side import rows
from ns_hs_orders.reconcile.ports import ExceptionStatus, FoundException, KnownException
from ns_hs_orders.reconcile.sales.net_schema import OF_RETURNS_ALONE
from ns_hs_orders.reconcile.schema import CAUSES, NEXT_STEPS, Reconciliation

SKIPPED = "skipped"

_WHOLE_BY_FINDING = frozenset(
    {"missing in HubSpot", "only in HubSpot", "lines differ", "association missing"}
)
_WHOLE_BY_PROPERTY = frozenset({ORDER_DATE, *STAGE_PROPERTIES})


@dataclass(frozen=True)
class RiskRow:
    """One order that is not right. Dates of having been seen are in UTC; age_days: since it was first seen.

    at_risk_minor: |HubSpot − NetSuite| where the totals differ; the whole order where it is on one side only, or
    its stage, lines, date or association differ; for other fields, the largest amount that differs, at most the
    whole order; None where no amount is readable. weight: at_risk_minor × age in days, at least one day. acknowledged_*: of the newest
    acknowledgement, also where it no longer holds.
    """

    order_id_netsuite: str
    order_number: str | None
    order_on: date
    customer_name: str | None
    rep_name: str | None
    cause: str
    finding: str
    currency: str | None
    at_risk_minor: int | None
    difference_minor: int | None
    first_seen_on: date
    last_seen_on: date
    age_days: int
    weight: int
    status: ExceptionStatus
    acknowledged_by: str | None
    acknowledged_because: str | None
    acknowledged_until: date | None
    explanation: str
    next_step: str
    url_netsuite: str | None
    url_hubspot: str | None


def money_at_risk(result: Reconciliation, known: Mapping[tuple[str, date], KnownException]) -> list[RiskRow]:
    """The exceptions of a result, the heaviest first. known: by order id and day, as the state keeps them.

    One that the state does not know yet was first seen by this result.
    """
    made_at = result.made_at
    of_result = []
    for found in found_exceptions(result):
        kept = known.get((found.order_id, found.order_on))
        of_result.append(
            KnownException(found, made_at, made_at)
            if kept is None
            else KnownException(
                found,
                kept.first_seen_at,
                max(made_at, kept.last_seen_at),
                kept.acknowledged_by,
                kept.acknowledged_because,
                kept.acknowledged_until,
                kept.acknowledged_signature,
            )
        )
    return risk_rows(of_result, made_at.date())


def risk_rows(known: Iterable[KnownException], today: date) -> list[RiskRow]:
    """The exceptions as they stand today (UTC), the heaviest first; those of unknown amount come last."""
    return sorted((_risk_row(one, today) for one in known), key=_rank)


def found_exceptions(result: Reconciliation) -> list[FoundException]:
    """Every order of the result that is not right, in the order of its rows; then its returns, under their own ids.

    A skipped one is as the sync's criteria want it; one that NetSuite deleted and HubSpot keeps as cancelled, as a
    setting does.
    """
    orders = result.orders
    wanted_so = (orders["cause"] == SKIPPED) | _kept_as_cancelled(orders)
    chosen = orders[orders["cause"].notna() & ~wanted_so.fillna(value=False)]
    if chosen.empty:
        return _found_returns(result)
    differences = result.differences[
        result.differences["policy"] != "report"
    ]  # an edit that may stay is not wrong
    differing: dict[tuple[str, date], list[Mapping[str, Any]]] = {}
    names = (
        "order_id_netsuite", "order_on", "finding", "field", "hubspot_property", "netsuite", "hubspot",
        "difference_minor",
    )  # fmt: skip
    for row in rows(differences, names):
        differing.setdefault((row["order_id_netsuite"], row["order_on"]), []).append(row)
    of_orders = [
        _found(row, differing.get((row["order_id_netsuite"], row["order_on"]), ()))
        for row in rows(chosen, list(orders.columns))
    ]
    return of_orders + _found_returns(result)


def _kept_as_cancelled(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which orders or returns NetSuite deleted and HubSpot keeps as cancelled, by setting."""
    kept: pd.Series[bool] = (frame["cause"] == DELETED) & (frame["outcome"] == "archived")
    return kept


def _found_returns(result: Reconciliation) -> list[FoundException]:
    """Returns that are not right: what the criteria or a setting keep out of HubSpot is as somebody wants it."""
    if result.net is None:
        return []
    returns = result.net.returns
    wanted_so = returns["cause"].isin((SKIPPED, *OF_RETURNS_ALONE)) | _kept_as_cancelled(returns)
    chosen = returns[returns["cause"].notna() & ~wanted_so.fillna(value=False)]
    return [_found_return(row) for row in rows(chosen, list(returns.columns))]


def _found_return(row: Mapping[str, Any]) -> FoundException:
    ours, theirs = row["counted_minor"], row["counted_hubspot_minor"]
    apart = None if ours is None and theirs is None else int((theirs or 0) - (ours or 0))
    if ours is not None and theirs is not None and row["currency"] != row["currency_hubspot"]:
        apart = None
    whole = row["amount_minor"] if row["amount_minor"] is not None else theirs
    what = [
        [row["cause"], row["finding"], row["reason"]],
        [row["amount_minor"], ours, row["currency"], theirs, row["currency_hubspot"]],
    ]
    return FoundException(
        order_id=row["return_id_netsuite"],
        order_on=row["return_on"],
        cause=row["cause"],
        finding=row["finding"],
        signature=_digest(what),
        order_number=row["return_number"],
        customer_name=row["customer_name"],
        rep_name=row["rep_name"],
        currency=row["currency"] or row["currency_hubspot"],
        at_risk_minor=abs(apart) if apart else None if whole is None else abs(int(whole)),
        difference_minor=apart,
        explanation=row["explanation"] or CAUSES[row["cause"]],
        url_netsuite=row["url_netsuite"],
        url_hubspot=row["url_hubspot"],
    )


def _found(row: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]) -> FoundException:
    held_alone = row["netsuite_minor"] is None and row["hubspot_minor"] is not None
    currency = row["currency_hubspot"] if held_alone else row["currency"]
    return FoundException(
        order_id=row["order_id_netsuite"],
        order_on=row["order_on"],
        cause=row["cause"],
        finding=row["finding"],
        signature=_signature(row, differing),
        order_number=row["order_number"],
        customer_name=row["customer_name"],
        rep_name=row["rep_name"],
        currency=currency,
        at_risk_minor=_at_risk(row, differing),
        difference_minor=_difference(row),
        explanation=row["explanation"] or CAUSES[row["cause"]],
        url_netsuite=row["url_netsuite"],
        url_hubspot=row["url_hubspot"],
    )


def _signature(row: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]) -> str:
    what = [
        [row["cause"], row["finding"], row["reason"]],
        [row["netsuite_minor"], row["currency"], row["hubspot_minor"], row["currency_hubspot"]],
        sorted([one["field"], one["netsuite"] or "", one["hubspot"] or ""] for one in differing),
    ]
    return _digest(what)


def _digest(what: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


def _difference(row: Mapping[str, Any]) -> int | None:
    ours, theirs = row["netsuite_minor"], row["hubspot_minor"]
    if ours is None and theirs is None:
        return None
    if ours is not None and theirs is not None and row["currency"] != row["currency_hubspot"]:
        return None
    return int((theirs or 0) - (ours or 0))


def _at_risk(row: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]) -> int | None:
    ours, theirs = row["netsuite_minor"], row["hubspot_minor"]
    whole = theirs if ours is None else ours
    if whole is None:
        return None
    apart = _difference(row)
    if apart:
        return abs(apart)
    if apart is None or _is_whole(row, differing):
        return abs(int(whole))
    beside_the_total = max((abs(one["difference_minor"] or 0) for one in differing), default=0)
    return min(beside_the_total, abs(int(whole)))


def _is_whole(row: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the order as such is in doubt, and not only a field of it."""
    return row["finding"] in _WHOLE_BY_FINDING or any(
        one["finding"] in _WHOLE_BY_FINDING or one["hubspot_property"] in _WHOLE_BY_PROPERTY
        for one in differing
    )


def _risk_row(one: KnownException, today: date) -> RiskRow:
    found = one.found
    first_seen_on = one.first_seen_at.astimezone(UTC).date()
    age_days = max((today - first_seen_on).days, 0)
    return RiskRow(
        order_id_netsuite=found.order_id,
        order_number=found.order_number,
        order_on=found.order_on,
        customer_name=found.customer_name,
        rep_name=found.rep_name,
        cause=found.cause,
        finding=found.finding,
        currency=found.currency,
        at_risk_minor=found.at_risk_minor,
        difference_minor=found.difference_minor,
        first_seen_on=first_seen_on,
        last_seen_on=one.last_seen_at.astimezone(UTC).date(),
        age_days=age_days,
        weight=(found.at_risk_minor or 0) * max(age_days, 1),
        status=one.status(today),
        acknowledged_by=one.acknowledged_by,
        acknowledged_because=one.acknowledged_because,
        acknowledged_until=one.acknowledged_until,
        explanation=found.explanation,
        next_step=NEXT_STEPS[found.cause],
        url_netsuite=found.url_netsuite,
        url_hubspot=found.url_hubspot,
    )


def _rank(row: RiskRow) -> tuple[Any, ...]:
    return (
        row.at_risk_minor is None,
        -row.weight,
        -(row.at_risk_minor or 0),
        row.order_on,
        row.order_id_netsuite,
    )
