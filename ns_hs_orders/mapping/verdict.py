"""What becomes of an order or a return: its stage, its customer, its outcome, and the count that none was lost.

Belongs here: what orders and returns are judged by alike once their values are read. Does not belong here: reading single
values (problems.py), or what either has alone (judgement.py, returns.judgement).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ns_hs_orders.errors import ContractError
from ns_hs_orders.mapping.eligibility import Eligibility, OfCustomer, has_no_customer
from ns_hs_orders.mapping.frames import broken_rows
from ns_hs_orders.mapping.problems import Outcome, explain
from ns_hs_orders.mapping.schema import Problem

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.columns import Contract

_OUR_FAULT = "This is a fault of the mapping, not of the data; please report it."


@dataclass(frozen=True, slots=True)
class Judged:
    """What every judgement tells. outcome: `accepted` records go to HubSpot. reason, explanation: None where accepted.

    problems: all of them, also of a skipped record.
    """

    outcome: Outcome
    reason: str | None
    explanation: str | None
    problems: tuple[Problem, ...]


J = TypeVar("J", bound=Judged)


def check_customer(raw: OfCustomer, problems: list[Problem]) -> None:
    """A project must have a parent customer."""
    if has_no_customer(raw):
        problems.append(
            Problem(
                "project_without_customer",
                f"Project {raw.entity_id or 'without id'} has no parent customer in NetSuite.",
            )
        )


def read_status(
    text: str | None, kind: str, stages: Mapping[str, str], problems: list[Problem], *, stage_map: str
) -> tuple[str | None, str | None]:
    """The letter, as REST says it (`B`) or as other channels do (`SalesOrd:B`), and its stage; both None where unknown.

    kind: the transaction type of other channels. stage_map: what people call the map.
    """
    letter = (text or "").removeprefix(f"{kind}:")
    stage = stages.get(letter)
    if stage is None:
        problems.append(
            Problem("unknown_status", f"Status {(text or 'none')[:40]!r} is not in the {stage_map}.")
        )
        return None, None
    return letter, stage


def outcome_of(
    belongs_to: Eligibility, problems: Sequence[Problem], reasons: Mapping[str, str], *, settled: bool
) -> tuple[Outcome, str | None, str | None]:
    """The outcome, its reason and its explanation. problems: sorted by priority. reasons: code → sentence.

    What was still changing is due; what lies outside the sync criteria is skipped whatever else is wrong with it, but
    for a project that nobody can say the customer of; the rest is accepted or quarantined.
    """
    if not settled:
        return "due", "changing_while_read", reasons["changing_while_read"]
    unknown_customer = any(problem.reason == "project_without_customer" for problem in problems)
    if belongs_to.reason is not None and not (
        unknown_customer and belongs_to.reason == "customer_not_in_hubspot"
    ):
        return "skipped", belongs_to.reason, belongs_to.sentence
    if problems:
        return "quarantined", problems[0].reason, explain(problems)
    return "accepted", None, None


def overruled(judgement: J, problem: Problem | None) -> J:
    """The judgement quarantined for what its row breaks, where it was accepted."""
    if problem is None or judgement.outcome != "accepted":
        return judgement
    return replace(
        judgement,
        outcome="quarantined",
        reason=problem.reason,
        explanation=problem.sentence,
        problems=(*judgement.problems, problem),
    )


def require_held(
    contract: Contract,
    frames: Iterable[pd.DataFrame],
    key: str,
    reasons: Mapping[str, str],
    priority: Sequence[str],
    records: str,
) -> None:
    """Raises ContractError where what is held breaks its contract. records: what people call them."""
    for frame in frames:
        if cases := broken_rows(contract, frame, key, {}, reasons, priority):
            raise ContractError(
                f"Held {records} break their contract: {dict(list(cases.items())[:3])}. {_OUR_FAULT}"
            )


def account_for_all(read: pd.DataFrame, mapped: Iterable[pd.DataFrame], key: str, records: str) -> None:
    """Raises ContractError where what was read is not, each once, in one of the mapped frames."""
    before = Counter(read[key].tolist())
    found: Counter[str] = Counter()
    for frame in mapped:
        found.update(frame[key].tolist())
    if before != found:
        lost = sorted({*(before - found), *(found - before)})[:5]
        raise ContractError(
            f"{before.total()} {records} were read but {found.total()} were mapped; not in both: {', '.join(lost)}. "
            f"{_OUR_FAULT}"
        )
