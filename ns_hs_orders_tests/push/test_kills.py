"""A process that dies between any two steps: the next run ends where an undisturbed one would have."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ns_hs_orders_tests.push.builders import Line, Order, order
from ns_hs_orders_tests.push.conftest import Bench

STEPS = 60  # more than any push of the scenario has


class KilledError(BaseException):
    """The process is gone."""


class Mortal:
    """Passes calls on until the given one, before or after which the process dies; later ones never happen."""

    def __init__(self, dies_at: int, *, after: bool) -> None:
        self._dies_at = dies_at
        self._after = after
        self.calls: list[str] = []

    @property
    def is_dead(self) -> bool:
        return len(self.calls) >= self._dies_at

    def wrap(self, real: Any) -> Any:
        return _Wrapped(self, real)

    def call(self, name: str, real: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if self.is_dead:
            raise KilledError
        self.calls.append(name)
        if self.is_dead and not self._after:
            raise KilledError
        answer = real(*arguments, **options)
        if self.is_dead:
            raise KilledError
        return answer


class _Wrapped:
    def __init__(self, mortal: Mortal, real: Any) -> None:
        self._mortal, self._real = mortal, real

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **options: self._mortal.call(name, getattr(self._real, name), *given, **options)


def before(base: int) -> list[Order]:
    return [
        order(base + 1),
        order(base + 2).having(deal_url="7001"),
        order(base + 3),
        order(base + 4, company=None, contact="8001"),
    ]


def wanted(base: int, ticket: int) -> list[Order]:
    """A line dropped, customer and deal changed, a line replaced, a person's order moved to a company, one new."""
    three = replace(
        order(base + 3, lines=2, ticket=ticket), lines=(Line(f"{base + 3}-1"), Line(f"{base + 3}-9", 700))
    )
    return [
        order(base + 1, lines=2, ticket=ticket),
        order(base + 2, company="9002", ticket=ticket).having(memo="changed", deal_url="7002"),
        three,
        order(base + 4, company="9003", ticket=ticket),
        order(base + 5, ticket=ticket).having(deal_url="7001"),
    ]


def changed_again(base: int, ticket: int) -> list[Order]:
    """What the killed run was about to write, NetSuite has dropped in the meantime."""
    return [
        order(base + 1, ticket=ticket),
        order(base + 2, company="9003", ticket=ticket),
        order(base + 3, lines=1, ticket=ticket),
        order(base + 4, company=None, contact="8001", ticket=ticket),
        order(base + 5, lines=1, company="9002", ticket=ticket).having(deal_url="7002"),
    ]


def held(bench: Bench, base: int) -> dict[int, Any]:
    found = bench.holds()
    return {
        number: {
            **found[key],
            "lines": {line.removeprefix(key): amount for line, amount in found[key]["lines"].items()},
        }
        for number in range(1, 6)
        if (key := str(base + number)) in found
    }


def test_a_kill_at_any_step_changes_nothing_in_the_end(bench: Bench) -> None:
    bench.push(before(0))
    bench.push(wanted(0, 2))
    undisturbed = held(bench, 0)
    bench.push(changed_again(0, 3))
    undisturbed_later = held(bench, 0)
    real = bench.crm, bench.associations, bench.states
    survived = 0
    step = 0

    for step in range(1, STEPS):
        # dying before a call is dying after the one in front of it
        for after in (False, True) if step == 1 else (True,):
            base = step * 20 + after * 10
            bench.push(before(base))
            mortal = Mortal(step, after=after)
            bench.crm, bench.associations, bench.states = (mortal.wrap(one) for one in real)
            try:
                bench.push(wanted(base, 2))
                survived += 1
            except KilledError:
                pass
            bench.crm, bench.associations, bench.states = real
            if step % 2:
                bench.push(wanted(base, 2), wait_seconds=None)
                assert held(bench, base) == undisturbed, (
                    f"killed at {mortal.calls[-1]} ({step}, after={after})"
                )
            bench.push(changed_again(base, 3), wait_seconds=None)
            assert held(bench, base) == undisturbed_later, (
                f"killed at {mortal.calls[-1]} ({step}, after={after})"
            )
        if survived:
            break

    assert step > 12
    assert bench.loose_lines() == set()


def test_a_version_that_came_back_around_a_killed_write_is_written_again(bench: Bench) -> None:
    first = order(1).having(memo="A")
    bench.push([first])
    real = bench.crm
    mortal = Mortal(1, after=True)
    bench.crm = mortal.wrap(real)
    with suppress(KilledError):
        bench.push([order(1, ticket=2).having(memo="B")])
    bench.crm = real
    assert mortal.calls == ["batch_upsert"]
    assert bench.holds()["1"]["memo"] == "B"

    assert bench.outcomes([replace(first, ticket=3)], wait_seconds=None) == {"1": "updated"}

    assert bench.holds()["1"]["memo"] == "A"
