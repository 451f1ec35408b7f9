"""Which inputs of a call stand in the way of the others, found by halves.

Belongs here: what is sent together with what, and when to stop. Does not belong here: calls, or what a
problem means for an order. Upserts, whose answers tell more, have their own way (upserts).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.calls.refusals import Refusal
from ns_hs_orders.push.calls.upserts import BATCH, Unanswered, has_no_answer, is_refusal, no_answer

T = TypeVar("T")
Problem = Refusal | Unanswered
SILENT_IN_A_ROW = 6
"""Groups without an answer after which HubSpot is down, rather than one order in its way."""


def problems_by_halves(
    inputs: Sequence[T],
    send: Callable[[Sequence[T]], Mapping[str, Problem]],
    key_of: Callable[[T], str],
    worded: Callable[[T, RemoteError], Refusal],
    *,
    is_refused: Callable[[RemoteError], bool] = is_refusal,
) -> dict[str, Problem]:
    """Sends all inputs in one call, and where HubSpot refuses it, halves, down to each bad one: key → problem.

    send: one call; answers the problems of single inputs. One bad input of n costs at most 2·⌈log2 n⌉ + 1 calls.
    Raises RemoteError where HubSpot refuses the sync as such.
    """
    problems: dict[str, Problem] = {}

    def sent(part: Sequence[T], *, is_bad: bool) -> bool:
        """Whether all of the part was taken. is_bad: that it would be refused is known."""
        if not is_bad or len(part) == 1:
            try:
                found = send(part)
            except RemoteError as error:
                if has_no_answer(error):
                    found = {key_of(one): no_answer(error) for one in part}
                elif not is_refused(error):
                    raise
                elif len(part) == 1:
                    found = {key_of(part[0]): worded(part[0], error)}
                else:
                    found = None
            if found is not None:
                problems.update(found)
                return not found
        middle = len(part) // 2
        first_taken = sent(part[:middle], is_bad=False)
        # what was refused together, and not for its first half, is refused for its second
        return sent(part[middle:], is_bad=first_taken) and first_taken

    if inputs:
        sent(inputs, is_bad=False)
    return problems


def write_apart(failed: Sequence[T], write: Callable[[Sequence[T]], Sequence[T]]) -> list[T]:
    """Writes again what HubSpot did not answer for, in groups that halve; returns what fails all by itself.

    One order may be why HubSpot answers for none of its batch. write: answers those of a group that had no
    answer again. Ends after a few groups in a row without any answer: then HubSpot is down, and nothing is known
    of single orders.
    """
    size = min(BATCH, len(failed)) // 2 or 1
    waiting = deque(failed[start : start + size] for start in range(0, len(failed), size))
    alone: list[T] = []
    has_answered = False
    silent = 0
    while waiting and silent < SILENT_IN_A_ROW:
        group = waiting.popleft()
        left = write(group)
        if len(left) < len(group):
            silent, has_answered = 0, True
        else:
            silent += 1
        if len(group) == 1:
            alone += left
        elif left:
            middle = (len(left) + 1) // 2
            waiting.extend(part for part in (left[:middle], left[middle:]) if part)
    return alone if has_answered else []
