"""Known bugs, planted into a process that syncs, so that the campaign can show that it would find them.

Belongs here: one function a bug, by name. Does not belong here: anything that the product itself offers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, update

from ns_hs_orders.clients.rate_limit import RollingWindow, WindowLimit
from ns_hs_orders.push.calls.upserts import Result, Upserts, Written
from ns_hs_orders.push.ports import BatchAnswer, Claim, ClaimAnswer, Confirmation
from ns_hs_orders.state.database import State
from ns_hs_orders.state.orders import order_states
from ns_hs_orders.state.orders.order_states import OrderStateStore
from ns_hs_orders.state.tables import order_states as states_table
from ns_hs_orders.state.work.watermarks import WatermarkStore
from ns_hs_orders.wiring import opening

_BETWEEN_SECONDS: Final = 0.5


def plant(name: str) -> None:
    """Plants the bug into this process. Raises KeyError for a name that is not in SABOTAGES."""
    SABOTAGES[name]()


def _fingerprint_kept() -> None:
    """The fingerprint is not cleared before the write: a write that ends half-way looks like none."""
    claim = OrderStateStore.claim

    def claimed(
        self: OrderStateStore, claims: Sequence[Claim], *, holder: str, lease_until: datetime, now: datetime
    ) -> dict[str, ClaimAnswer]:
        before = self.load([one.order_id for one in claims])
        answers = claim(self, claims, holder=holder, lease_until=lease_until, now=now)
        kept = [
            {"kept_id": key, "digest": before[key].fingerprint}
            for key, answer in answers.items()
            if answer == "claimed" and key in before
        ]
        if kept:
            with self._state.write() as connection:
                connection.execute(
                    update(states_table)
                    .where(states_table.c.order_id == bindparam("kept_id"))
                    .values(fingerprint=bindparam("digest")),
                    kept,
                )
        return answers

    OrderStateStore.claim = claimed  # type: ignore[method-assign]


def _by_position() -> None:
    """The results of an upsert are taken in the order of its inputs."""
    matched = Upserts._matched

    def by_position(self: Upserts, inputs: Sequence[Any], answer: BatchAnswer) -> dict[str, Result]:
        if answer.errors:
            return matched(self, inputs, answer)
        return {
            one.key: Written(record.id, record.is_new)
            for one, record in zip(inputs, answer.results, strict=False)
        }

    Upserts._matched = by_position  # type: ignore[method-assign]


def _no_lease() -> None:
    """Nobody's lease keeps others from an order, and whoever is done may confirm."""
    answer = order_states._answer

    def unheld(row: Any, claim: Claim, holder: str, now: datetime) -> ClaimAnswer:
        return answer(row._replace(lease_until=None), claim, holder, now)

    order_states._answer = unheld
    confirm = OrderStateStore.confirm

    def confirmed(
        self: OrderStateStore, confirmations: Sequence[Confirmation], *, holder: str, run: str
    ) -> set[str]:
        with self._state.write() as connection:
            connection.execute(
                update(states_table)
                .where(states_table.c.order_id.in_([one.order_id for one in confirmations]))
                .values(lease_holder=holder)
            )
        return confirm(self, confirmations, holder=holder, run=run)

    OrderStateStore.confirm = confirmed  # type: ignore[method-assign]


def _watermark_first() -> None:
    """A look moves its watermark and settles its rows first, and enters what is due in a second transaction."""
    record = WatermarkStore.record

    def recorded(
        self: WatermarkStore, moved: Any, *, noticed: Sequence[Any], seen: Sequence[Any], **more: Any
    ) -> None:
        record(self, moved, noticed=(), seen=[replace(one, settled=True) for one in seen], **more)
        if noticed:
            time.sleep(_BETWEEN_SECONDS)
            record(self, moved, noticed=noticed, seen=(), **more)

    WatermarkStore.record = recorded  # type: ignore[method-assign]


def _links_not_noted() -> None:
    """A claim does not note the lines that it is about to write."""
    claim = OrderStateStore.claim

    def claimed(self: OrderStateStore, claims: Sequence[Claim], **more: Any) -> dict[str, ClaimAnswer]:
        return claim(self, [replace(one, line_keys=()) for one in claims], **more)

    OrderStateStore.claim = claimed  # type: ignore[method-assign]


def _limiter_per_process() -> None:
    """Each process has the whole budget of calls for itself."""

    class Own(RollingWindow):
        def evenly(self) -> AbstractContextManager[None]:
            return nullcontext()

        def calls_a_second(self, family: str) -> float:
            return self._limits[family].calls / self._limits[family].seconds

    def own(_state: State, limits: Mapping[str, tuple[int, float]], **_: Any) -> Own:
        return Own({family: WindowLimit(*limit) for family, limit in limits.items()})

    vars(opening)["Budgets"] = own


SABOTAGES: Final[Mapping[str, Callable[[], None]]] = {
    "fingerprint-kept": _fingerprint_kept,
    "by-position": _by_position,
    "no-lease": _no_lease,
    "watermark-first": _watermark_first,
    "links-not-noted": _links_not_noted,
    "limiter-per-process": _limiter_per_process,
}
NEEDS_FEW_CALLS: Final = frozenset({"limiter-per-process"})
"""Bugs that show only where the budget of calls is small; other seeds have one like that now and then."""
