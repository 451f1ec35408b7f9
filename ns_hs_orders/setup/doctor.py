"""The doctor: every check in turn, one finding each, whatever goes wrong.

Belongs here: the order of the checks, and what becomes of one that cannot be made. Does not belong here: the
checks (checks/), printing (cli/doctor.py), or the survey of orders (survey.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from ns_hs_orders.errors import SyncError
from ns_hs_orders.setup.checks import between, hubspot, netsuite, switched
from ns_hs_orders.setup.checks.finding import Finding, Patient

Look = Callable[[], Iterator[Finding]]


def examine(patient: Patient, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Finding]:
    """All findings, as they come; a check that cannot be made is a failed finding, never an exception.

    Where a system does not let us in, its checks are left out and say so; those of the other are made.
    """
    yield Finding("Mode", True, _mode(patient))
    yield patient.mapping
    yield Finding("Edits in HubSpot", True, _edits(patient))
    of_netsuite = {
        "NetSuite clock": partial(between.clock, "NetSuite clock", patient.netsuite_clock, now),
        "NetSuite columns": partial(netsuite.columns, patient),
        "NetSuite records": partial(netsuite.records, patient),
        "NetSuite returns": partial(netsuite.returns, patient),
    }
    if patient.named.base_currency:
        of_netsuite["Base currency"] = partial(netsuite.base_currency, patient)
    of_hubspot = {
        "HubSpot clock": partial(between.clock, "HubSpot clock", patient.portal, now),
        "HubSpot portal": partial(hubspot.portal, patient),
        "HubSpot scopes": partial(hubspot.scopes, patient),
        "HubSpot orders": partial(hubspot.orders_object, patient),
        "HubSpot properties": partial(hubspot.properties, patient),
        "HubSpot pipeline": partial(hubspot.pipeline, patient),
        "Other integrations": partial(hubspot.others, patient),
        "Deal association": partial(switched.deals, patient),
        "Contact association": partial(switched.contacts, patient),
        "Product association": partial(switched.products, patient),
        "Company roll-ups": partial(switched.company_rollups, patient),
        "Returns": partial(switched.returns, patient),
    }
    if patient.returns is not None:
        of_hubspot |= {
            "HubSpot returns": partial(hubspot.return_pipeline, patient),
            "Returns to orders": partial(hubspot.return_label, patient),
        }
    if patient.left is not None:
        of_hubspot["Returns left"] = partial(hubspot.left_returns, patient)
    of_both = {
        "Currencies": partial(between.currencies, patient),
        "Owners": partial(between.owners, patient),
        "HubSpot ids": partial(between.hubspot_ids, patient),
    }
    shut: list[str] = []
    for system, login, checks in (
        ("NetSuite", partial(netsuite.login, patient), of_netsuite),
        ("HubSpot", partial(hubspot.login, patient), of_hubspot),
    ):
        found = list(_tried(f"{system} login", login))
        yield from found
        if any(finding.ok is False for finding in found):
            shut.append(system)
            yield from _left_out(checks, shut[-1:])
        else:
            yield from _all_tried(checks)
    if shut:
        yield from _left_out(of_both, shut)
    else:
        yield from _all_tried(of_both)


def _mode(patient: Patient) -> str:
    if patient.mode == "sandbox":
        return "sandbox: both systems are the emulators of this home."
    return f"{patient.mode}: NetSuite account {patient.account} and the HubSpot portal of the token."


def _edits(patient: Patient) -> str:
    """The heal policy in force."""
    told = []
    for policy, becomes in (("keep", "stay and count as agreeing"), ("report", "stay and are reported")):
        if names := list(_left(patient, policy)):
            told.append(f"of {', '.join(names)} {becomes}")
    return f"Edits {'; '.join([*told, 'of all else' if told else 'of any property'])} are overwritten by the next sync."


def _left(patient: Patient, policy: str) -> Iterator[str]:
    """Properties that have the policy, with what of where orders and returns differ."""
    orders = {f.hubspot_property: f.when_edited for f in patient.field_map.order_fields}
    of_returns = patient.returns.field_map.order_fields if patient.returns else ()
    returns = {f.hubspot_property: f.when_edited for f in of_returns}
    for name, one in orders.items():
        if one == policy:
            yield name if returns.get(name, policy) == policy else f"{name} of orders"
    for name, one in returns.items():
        if one == policy and orders.get(name) != policy:
            yield f"{name} of returns" if name in orders else name


def _all_tried(checks: Mapping[str, Look]) -> Iterator[Finding]:
    for name, look in checks.items():
        yield from _tried(name, look)


def _tried(name: str, look: Look) -> Iterator[Finding]:
    try:
        yield from look()
    except SyncError as error:
        yield Finding(name, False, str(error), "Put this right, then run doctor again.")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # A strange answer must not keep the other checks from being made.
        yield Finding(
            name,
            False,
            f"The answer makes no sense: {type(error).__name__} {error}",
            "See whether something between here and the server changes answers.",
        )


def _left_out(checks: Mapping[str, Look], shut: Sequence[str]) -> Iterator[Finding]:
    why = f"{' and '.join(shut)} {'does' if len(shut) == 1 else 'do'} not let us in"
    for name in checks:
        yield Finding(name, None, f"Not looked at, since {why}.")
