"""The error tree of the package, and what each error must tell.

    SyncError                    anything this package raises on purpose
    ├── ConfigError              a setting, a credential or an account's set-up must be changed by a person
    ├── ContractError            data breaks an agreed shape: a file, a frame, an answer that contradicts itself
    │   └── MoneyError           an amount or a currency that cannot be represented exactly (has a reason code)
    └── RemoteError              NetSuite or HubSpot refused, failed or did not answer

Belongs here: exception types and the facts they carry. Does not belong here: deciding whether to
retry (clients/retry.py), or what an order's outcome is (push).
"""

from __future__ import annotations


class SyncError(Exception):
    """What happened, where, and what to do next, in words for the reader; never a secret."""


class ConfigError(SyncError):
    """Somebody must change a setting, a credential or an account's set-up."""


class ContractError(SyncError):
    """Data breaks an agreed shape."""


class MoneyError(ContractError):
    """An amount or currency that cannot be represented exactly.

    `reason` is the quarantine reason code: `amount_not_a_number`, `amount_too_large`,
    `currency_exponent_violated` or `unknown_currency`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RemoteError(SyncError):
    """NetSuite or HubSpot refused, failed or did not answer.

    system: "netsuite" or "hubspot". status: HTTP status, None without an answer. code: the vendor's
    own code. correlation_id: the vendor's id of the call. attempts: how often it was tried.
    transient: a later try may succeed. outcome_unknown: the request may have been applied, since
    its answer was lost. body: the parsed JSON error body, redacted, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str,
        status: int | None = None,
        code: str | None = None,
        correlation_id: str | None = None,
        attempts: int = 1,
        transient: bool = False,
        outcome_unknown: bool = False,
        body: object = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.system = system
        self.status = status
        self.code = code
        self.correlation_id = correlation_id
        self.attempts = attempts
        self.transient = transient
        self.outcome_unknown = outcome_unknown
        self.body = body

    def __str__(self) -> str:
        facts = [f"{self.system}"]
        if self.status is not None:
            facts.append(f"HTTP {self.status}")
        if self.code:
            facts.append(self.code)
        if self.correlation_id:
            facts.append(f"correlation id {self.correlation_id}")
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts")
        return f"{self.message} ({', '.join(facts)})"
