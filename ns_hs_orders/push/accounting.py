"""Whether every order that was read has exactly one outcome, in rows and in minor units.

Belongs here: the sums behind the check `every_order_is_accounted_for`. Does not belong here: Dagster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ns_hs_orders.errors import MoneyError
from ns_hs_orders.money import to_minor


@dataclass(frozen=True)
class Accounting:
    """Rows and sums per currency of what was read and of what came out of it.

    read_minor: currency → minor units, computed from NetSuite's own text. outcome_minor: currency →
    outcome → minor units. unknown_amounts: orders without a readable amount or currency, in no sum.
    """

    orders_read: int
    outcomes: Mapping[str, int]
    without_outcome: tuple[str, ...]
    not_read: tuple[str, ...]
    more_than_once: tuple[str, ...]
    read_minor: Mapping[str, int]
    outcome_minor: Mapping[str, Mapping[str, int]]
    unknown_read: int
    unknown_amounts: int

    @property
    def adds_up(self) -> bool:
        """Whether every order read has one outcome and every minor unit read is under one."""
        sums = {currency: sum(parts.values()) for currency, parts in self.outcome_minor.items()}
        return (
            not (self.without_outcome or self.not_read or self.more_than_once)
            and sum(self.outcomes.values()) == self.orders_read
            and self.unknown_read == self.unknown_amounts
            and sums == dict(self.read_minor)
        )


def accounting(raw_orders: pd.DataFrame, results: pd.DataFrame) -> Accounting:
    """Compares what was read (frame RawOrders) with the outcomes (frame UpsertResults)."""
    read_minor: Counter[str] = Counter()
    unknown_read = 0
    for total, currency in zip(raw_orders["total"].tolist(), raw_orders["currency"].tolist(), strict=True):
        try:
            read_minor[currency] += to_minor(total, currency)
        except MoneyError:
            unknown_read += 1

    outcome_minor: dict[str, Counter[str]] = {}
    unknown_amounts = 0
    outcomes = results["outcome"].tolist()
    missing = (results["total_minor"].isna() | results["currency"].isna()).tolist()
    for outcome, currency, total, is_unknown in zip(
        outcomes, results["currency"].tolist(), results["total_minor"].tolist(), missing, strict=True
    ):
        if is_unknown:
            unknown_amounts += 1
        else:
            outcome_minor.setdefault(currency, Counter())[outcome] += total

    read_ids = set(raw_orders["order_id_netsuite"].tolist())
    counted = Counter(results["order_id_netsuite"].tolist())
    return Accounting(
        orders_read=len(read_ids),
        outcomes=dict(Counter(outcomes)),
        without_outcome=tuple(sorted(read_ids - counted.keys())),
        not_read=tuple(sorted(counted.keys() - read_ids)),
        more_than_once=tuple(sorted(one for one, times in counted.items() if times > 1)),
        read_minor=dict(read_minor),
        outcome_minor={currency: dict(parts) for currency, parts in outcome_minor.items()},
        unknown_read=unknown_read,
        unknown_amounts=unknown_amounts,
    )
