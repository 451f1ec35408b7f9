"""Who shares a call with whom: one order that always fails takes no other with it for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ns_hs_orders.live.apart import settle_apart
from ns_hs_orders.live.ports import DueOrder

NOW = datetime(2026, 3, 4, tzinfo=UTC)


class Lane:
    """Orders that fail together with whoever shares their group."""

    def __init__(self, attempts: Mapping[str, int], poisoned: str = "") -> None:
        self.attempts = dict(attempts)
        self._poisoned = poisoned
        self.groups: list[list[str]] = []

    def settle(self, ids: Sequence[str]) -> Counter[str]:
        self.groups.append(list(ids))
        if self._poisoned in ids:
            for one in ids:
                self.attempts[one] += 1
            return Counter({"due": len(ids)})
        for one in ids:
            del self.attempts[one]
        return Counter({"updated": len(ids)})

    def round(self, largest: int = 100, most_groups: int = 1000) -> tuple[int, Counter[str]]:
        self.groups.clear()
        due = [DueOrder(one, "x", 1, tried, None, NOW) for one, tried in self.attempts.items()]
        return settle_apart(
            due, self.settle, largest=largest, is_over=lambda: len(self.groups) >= most_groups
        )


def test_fresh_orders_come_first_and_share_no_call_with_failed_ones() -> None:
    lane = Lane({"a": 0, "failed": 2, "b": 0})
    assert lane.round() == (3, Counter({"updated": 3}))
    assert lane.groups == [["a", "b"], ["failed"]]


def test_one_order_that_always_fails_is_alone_after_a_few_rounds_and_the_others_are_written() -> None:
    lane = Lane({f"{n}": 0 for n in range(100)}, poisoned="37")
    rounds = 0
    while set(lane.attempts) != {"37"}:
        lane.round()
        rounds += 1
    assert rounds <= 15


def test_after_an_outage_groups_grow_again_so_that_many_orders_take_few_calls() -> None:
    lane = Lane({f"{n}": 9 for n in range(100)})
    assert lane.round() == (100, Counter({"updated": 100}))
    assert [len(group) for group in lane.groups] == [1, 2, 4, 8, 16, 32, 37]


def test_while_nothing_can_be_written_a_round_is_one_group() -> None:
    lane = Lane({"poison": 0, "a": 3, "b": 4}, poisoned="poison")
    assert lane.round() == (1, Counter({"due": 1}))
    assert lane.groups == [["poison"]]


def test_failed_orders_take_no_longer_than_a_round_may() -> None:
    lane = Lane({f"{n}": 9 for n in range(100)})
    asked, outcomes = lane.round(most_groups=3)
    assert asked == sum(outcomes.values()) == 1 + 2 + 4
    assert len(lane.attempts) == 93
