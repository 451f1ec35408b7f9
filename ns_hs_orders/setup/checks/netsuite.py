"""Checks of the NetSuite account alone.

Belongs here: login, columns, records that the role sees, the session's zone. Does not belong here: what
HubSpot must have for them (between.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ns_hs_orders.errors import ConfigError, RemoteError
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.extract.probing.visibility import canary_counts
from ns_hs_orders.extract.returns.plan import probe_returns
from ns_hs_orders.setup.checks.finding import Finding, Patient, failure
from ns_hs_orders.setup.named import base_currency_problem

NEEDED_RECORDS = ("sales orders", "order lines", "customers", "items", "currencies")


def login(patient: Patient) -> Iterator[Finding]:
    """Whether the credentials are taken, and the role may ask."""
    try:
        patient.suiteql.query("SELECT SESSIONTIMEZONE AS tz FROM DUAL", limit=1)
    except RemoteError as error:
        if error.transient:
            raise
        yield Finding(
            "NetSuite login",
            False,
            str(error),
            "Check NS_HS_NETSUITE_ACCOUNT, the credentials (OAuth 2.0: client id, certificate id, private key, and "
            "that the certificate has not expired; TBA: all four keys), the role that they are mapped to, and this "
            "machine's clock.",
        )
    else:
        yield Finding("NetSuite login", True, f"Account {patient.account} answers.")


def columns(patient: Patient) -> Iterator[Finding]:
    """The columns of the field map and of the change streams, and how times are read."""
    plan = probe(patient.suiteql, patient.source_options, changes=True)
    yield Finding(
        "NetSuite columns",
        None if plan.warnings else True,
        " ".join(plan.warnings) or "All columns of the field map and of the change streams are there.",
        "The sync works without them. To have them, name the account's own fields in the settings, or give "
        "the role View on these records."
        if plan.warnings
        else "",
    )
    zone = "unknown" if plan.session_zone is None else str(plan.session_zone)
    yield Finding(
        "NetSuite session zone",
        True if plan.utc_stamps else None,
        f"Session zone {zone}; times are read in {'UTC' if plan.utc_stamps else 'session time'}.",
        ""
        if plan.utc_stamps
        else "SYS_EXTRACT_UTC gives nothing to rely on here. Keep the time zone of the integration user as it is: "
        "times in the hour that a zone repeats in autumn are ambiguous.",
    )


def returns(patient: Patient) -> Iterator[Finding]:
    """Whether the role sees return authorizations, and which signs their amounts have in this account."""
    name = "NetSuite returns"
    if not patient.source_options.with_returns:
        yield Finding(
            name, True, "Switched off by NS_HS_RETURNS=off: NetSuite is asked nothing about returns."
        )
        return
    try:
        plan = probe(patient.suiteql, patient.source_options)
    except ConfigError:
        yield Finding(
            name, None, "Not looked at, since NetSuite does not show what the sync needs of orders."
        )
        return
    found = probe_returns(patient.suiteql, plan, changes=True)
    warnings = found.warnings[len(plan.warnings) :]
    signs = found.return_signs
    if signs is None:
        yield Finding(
            name,
            None,
            " ".join(warnings),
            "Give the role View on Return Authorization, in all subsidiaries; or set NS_HS_RETURNS=off, where the "
            "account's returns are no concern of HubSpot's.",
        )
    elif not signs.sampled:
        yield Finding(
            name,
            None,
            "The role sees no return authorization, and no trace of one: every order counts as without returns.",
            "Right only if the account has none; else give the role View on Return Authorization.",
        )
    else:
        yield Finding(
            name,
            None if warnings else True,
            " ".join([signs.in_words(), *warnings]),
            "The sync works without them; give the role View on these records." if warnings else "",
        )


def base_currency(patient: Patient) -> Iterator[Finding]:
    """Whether NetSuite has the base currency that the setting names, and says that it is one."""
    problem, note = base_currency_problem(patient.suiteql, patient.named.base_currency)
    if problem:
        yield failure("Base currency", problem)
    else:
        told = note or f"{patient.named.base_currency}, by NS_HS_BASE_CURRENCY."
        yield Finding("Base currency", None if note else True, told)


def records(patient: Patient) -> Iterator[Finding]:
    """How many records of each kind the role sees: a missing permission can look like an empty table."""
    counts = canary_counts(patient.suiteql, with_returns=patient.source_options.with_returns)
    told = ", ".join(f"{n:,} {kind}" for kind, n in counts.items() if n)
    refused = [kind for kind, n in counts.items() if n is None]
    empty = [kind for kind, n in counts.items() if n == 0]
    without = [kind for kind in NEEDED_RECORDS if not counts.get(kind)]
    detail = f"The role sees {told or 'nothing'}"
    detail += f"; NetSuite refuses {', '.join(refused)}" if refused else ""
    detail += f"; none of {', '.join(empty)}" if empty else ""
    if without:
        to_do = (
            f"The sync needs {', '.join(without)}. A missing permission looks like an empty table: give the role "
            "View on these records, in all subsidiaries."
        )
    elif refused or empty:
        to_do = f"Right only if the account has no {', '.join([*refused, *empty])}; else give the role View on them."
    else:
        to_do = ""
    yield Finding("NetSuite records", False if without else None if to_do else True, f"{detail}.", to_do)
