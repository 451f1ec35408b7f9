"""What one run of roll-ups came to: how many companies, which of them need a person, and whether all is told.

Belongs here: counts, the check and the sentences. Does not belong here: how it is printed (cli) or shown in Dagster's UI.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.rollups.schema import CompanyRollup

NOT_TOLD = ("refused", "unanswered", "differs", "gone")
MOST_NAMED = 5
_IN_WORDS = {"gone": " (not in HubSpot)", "differs": " (taken by HubSpot, and not shown)"}
"""What an outcome is, where its name alone does not tell."""


@dataclass(frozen=True)
class RollupRun:
    """One run. as_of: the day that the figures end with. still_due: companies that wait for the next run. is_part: of some
    companies, not of all.
    """

    as_of: date
    rollups: tuple[CompanyRollup, ...]
    is_plan: bool = False
    still_due: int = 0
    is_part: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Outcome → companies."""
        return dict(Counter(one.outcome for one in self.rollups))

    @property
    def not_told(self) -> list[CompanyRollup]:
        """Companies that do not tell what they bought."""
        return [one for one in self.rollups if one.outcome in NOT_TOLD and one.reason]

    @property
    def written(self) -> int:
        """Companies that HubSpot took figures of, healed ones included."""
        return sum(one.outcome in ("written", "healed") for one in self.rollups)

    @property
    def sentence(self) -> str:
        """The run in words."""
        counts = self.counts
        if not self.rollups:
            return "No company has bought anything, or none was named that HubSpot has."
        order = ("planned", "written", "healed", "unchanged", *NOT_TOLD)
        told = [f"{counts[one]:,} {one}{_IN_WORDS.get(one, '')}" for one in order if one in counts]
        return ", ".join(told) + f", as of {self.as_of}."

    def check(self) -> CheckResult:
        """Whether every company that bought tells it, of those that the run looked at."""
        # a part that is well must not read as if all were
        told = [self.sentence, *([named(self.not_told)] if self.not_told else [])]
        told += ["Only some companies were looked at; each night all are."] if self.is_part else []
        return CheckResult(
            name="companies_tell_their_buying",
            passed=not self.not_told,
            summary=" ".join(told),
            numbers=self.counts,
            is_warning=True,
        )


def named(rollups: Sequence[CompanyRollup]) -> str:
    """The first few companies with their reasons."""
    told = [
        f"{one.company_name or 'Company'} ({one.company_id}): {one.reason}" for one in rollups[:MOST_NAMED]
    ]
    more = len(rollups) - MOST_NAMED
    return " ".join([*told, *([f"And {more} more."] if more > 0 else [])])
