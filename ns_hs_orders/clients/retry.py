"""When a failed call is tried again, and how long to wait: the retry table, as data.

Belongs here: the table by (effect of the call, what happened), and the pure decision. Does not belong
here: sleeping, sending, or knowing what a call is for (transport, and the client that calls it).

The effect of a call says what a second try can do:
    read     changes nothing, by whatever HTTP method
    keyed    a write that names its target (upsert by key, association, archive): twice is the same as once
    unkeyed  a write that could happen twice; tried again only where the server says it did nothing
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Effect = Literal["read", "keyed", "unkeyed"]
Growth = Literal["linear", "exponential"]
LONGEST_BACKOFF_SECONDS = 30.0

UNCONNECTED = "no connection"
UNTRUSTED = "untrusted certificate"
NO_ANSWER = "no answer"
GARBLED = "answer cut short or not JSON"


@dataclass(frozen=True)
class Rule:
    """One row. when: which calls are tried again. seconds: the unit of the wait.

    growth: linear waits seconds × attempt, plus up to a tenth; exponential waits a random time up to
    seconds × 2^(attempt − 1) (full jitter) on top of the floor. by_interval: the server's own interval
    header is the unit, where it sends one. tries: a cap of its own. advice: what the reader of the error can do.
    """

    when: Literal["always", "repeatable", "never"]
    seconds: float = 0.0
    growth: Growth = "exponential"
    floor: float = 0.0
    by_interval: bool = False
    tries: int = 99
    advice: str = ""


@dataclass(frozen=True)
class Failure:
    """What happened to one try. kind: "HTTP 503", or one of UNCONNECTED, UNTRUSTED,
    NO_ANSWER, GARBLED.

    policy: HubSpot's policyName of a 429. retry_after, interval: seconds, as the server gave them.
    """

    kind: str
    status: int | None = None
    policy: str | None = None
    retry_after: float | None = None
    interval: float | None = None

    @property
    def transient(self) -> bool:
        """Whether a later try of the same call may succeed."""
        return (
            self.status is None
            or self.status in {408, 423, 429, 477}
            or self.status >= 500
            or self.status < 300
        )

    def may_have_happened(self, effect: Effect) -> bool:
        """Whether a write may have been applied although this try failed."""
        if effect == "read" or self.kind in (UNCONNECTED, UNTRUSTED):
            return False
        return self.status is None or self.status == 408 or self.status >= 500 or self.status < 300


@dataclass(frozen=True)
class Decision:
    """Whether to try again, after how many seconds; else why not, in words for the error."""

    again: bool
    wait: float = 0.0
    reason: str = ""


_SERVER = Rule("repeatable", 0.5, advice="the server is in trouble; the same run later will go on from here")
_RATE = Rule(
    "always", 10.0, "linear", by_interval=True, advice="other integrations may use up the same limit"
)

SHARED_RULES: dict[str, Rule] = {
    UNCONNECTED: Rule("always", 0.5, advice="check the network, the address and the firewall"),
    UNTRUSTED: Rule("never", advice="check the address, and the certificates that this machine trusts"),
    NO_ANSWER: Rule("repeatable", 0.5, advice="check the network; the server may be slow"),
    GARBLED: Rule("repeatable", 0.5, advice="something between here and the server changes or cuts answers"),
    "408": _SERVER,
    **{str(status): _SERVER for status in (500, 502, 503, 504, 521, 522, 523, 524)},
}

HUBSPOT_RULES: dict[str, Rule] = SHARED_RULES | {
    "423": Rule("always", 2.0, floor=2.0, advice="HubSpot locks records that are written too fast"),
    "429": _RATE,
    "429 TEN_SECONDLY_ROLLING": _RATE,
    "429 SECONDLY": Rule("always", 1.0, "linear", advice="other integrations may use up the search limit"),
    "429 DAILY": Rule(
        "never", advice="HubSpot's daily limit of the account is spent; it resets at midnight in the account's time zone"
    ),
    "477": Rule("always", 1.0, advice="HubSpot is moving the account to another data centre, for up to 24 hours"),
    "401": Rule("never", advice="HubSpot does not accept the token; check NS_HS_HUBSPOT_TOKEN"),
    "403": Rule("never", advice="the token lacks a scope or a permission for this"),
}  # fmt: skip

NO_LOGIN = Rule(
    "never",
    advice="NetSuite does not accept the login; check the credentials, their role and the clock (`ns-hs-orders doctor`)",
)
NETSUITE_RULES: dict[str, Rule] = SHARED_RULES | {
    # UNEXPECTED_ERROR may really be a forbidden column, which no number of tries cures.
    "500": Rule("repeatable", 0.5, tries=3, advice="a column that the role may not see can also cause this"),
    "429": Rule("always", 1.0, advice="the account's concurrency is used up by other integrations as well"),
    "401": NO_LOGIN,
    "403": Rule("never", advice="the role needs REST Web Services and SuiteAnalytics Workbook"),
}


@dataclass(frozen=True)
class RetryPolicy:
    """The table with its two bounds: tries in all, and seconds from the call's start to its end."""

    rules: Mapping[str, Rule] = field(default_factory=lambda: SHARED_RULES)
    attempts: int = 6
    total_seconds: float = 90.0

    def rule(self, failure: Failure) -> Rule:
        """The row for a failure: status with policy, status, or what happened to the connection."""
        if failure.kind in SHARED_RULES:
            return self.rules[failure.kind]
        key = str(failure.status)
        return self.rules.get(f"{key} {failure.policy}") or self.rules.get(key) or Rule("never")

    def decide(
        self, failure: Failure, effect: Effect, *, attempt: int, remaining: float, jitter: Callable[[], float]
    ) -> Decision:
        """Whether try number `attempt` is followed by another, `remaining` seconds before the end.

        jitter: a number from 0 to 1. A wait that the server asks for is obeyed, or the call is given
        up with the number in the reason; it is never shortened.
        """
        rule = self.rule(failure)
        advice = f": {rule.advice}" if rule.advice else ""
        if rule.when == "never":
            return Decision(again=False, reason=f"not tried again{advice}")
        if rule.when == "repeatable" and effect == "unkeyed":
            return Decision(again=False, reason=f"not tried again, since it might then happen twice{advice}")
        if attempt >= min(self.attempts, rule.tries):
            return Decision(again=False, reason=f"given up after {attempt} tries{advice}")
        asked = failure.retry_after
        wait = _wait(rule, failure, attempt, jitter()) if asked is None else max(asked, rule.floor)
        if wait >= remaining:
            source = "the server asks to wait" if asked is not None else "the next try would be due in"
            return Decision(
                again=False,
                reason=f"given up: {source} {wait:.0f} s, and {max(remaining, 0):.0f} s are left for this call{advice}",
            )
        return Decision(again=True, wait=wait)


def _wait(rule: Rule, failure: Failure, attempt: int, share: float) -> float:
    if rule.growth == "linear":
        unit = failure.interval if rule.by_interval and failure.interval else rule.seconds
        return unit * attempt * (1 + share / 10)
    return rule.floor + min(LONGEST_BACKOFF_SECONDS, rule.seconds * 2.0 ** (attempt - 1)) * share


HUBSPOT_RETRIES = RetryPolicy(HUBSPOT_RULES, attempts=6, total_seconds=90.0)
NETSUITE_RETRIES = RetryPolicy(NETSUITE_RULES, attempts=6, total_seconds=360.0)
