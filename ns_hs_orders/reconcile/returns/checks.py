"""What is told of compared return records: the check of their days, and one sentence.

Belongs here: words and numbers of a comparison. Does not belong here: comparing (compare.py).
"""

from __future__ import annotations

from ns_hs_orders.checks import CheckResult
from ns_hs_orders.columns import plain
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.returns.compared import ReturnComparison, written_again


def return_checks(found: ReturnComparison) -> list[CheckResult]:
    """`return_records_agree`: HubSpot holds every return that it has to hold as NetSuite has it."""
    frame = found.frame
    apart = frame[written_again(frame)]
    numbers: dict[str, int | str] = {"returns compared": len(frame)}
    numbers |= {f"finding: {name}": int(n) for name, n in frame["finding"].value_counts().items()}
    numbers |= {f"cause: {name}": int(n) for name, n in frame["cause"].dropna().value_counts().items()}
    shown_ones = zip(apart["return_number"].fillna("?"), apart["fields"].fillna(""), strict=True)
    numbers |= {str(number): str(fields)[:300] for number, fields in list(shown_ones)[:10]}
    days = tuple(sorted(set(plain(apart["return_on"]))))
    return [CheckResult("return_records_agree", apart.empty, summary(found), numbers, red_days=days)]


def summary(found: ReturnComparison) -> str:
    """What was found, in one sentence: `12 returns agree, 1 differs: amounts 30.00 USD`."""
    frame = found.frame
    apart = frame[written_again(frame)]
    agree = int((frame["finding"] == "agrees").sum())
    text = "1 return agrees" if agree == 1 else f"{agree:,} returns agree"
    if apart.empty:
        return f"{text}, none differs."
    sums = apart.dropna(subset=["currency", "amount_minor"]).groupby("currency")["amount_minor"].sum()
    amounts = " · ".join(shown(int(minor), str(code)) for code, minor in sums.items())
    differ = "1 differs" if len(apart) == 1 else f"{len(apart):,} differ"
    return f"{text}, {differ} ({amounts or 'amounts unknown'}); the next sync writes them."
