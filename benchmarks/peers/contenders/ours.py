"""Our push, as the day lane calls it: with its state, its budget, and one outcome an order.

Belongs here: this one contender. Does not belong here: anything that others import.
"""

from __future__ import annotations

import sys

import pandas as pd

from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.settings import load_settings
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.patience import call_limits

UNLIMITED = 1_000_000
SOME_REFUSED = 3
mapped_file, limits = sys.argv[1:3]
settings = load_settings()
mapped = MappedOrders(*pd.read_pickle(mapped_file))
print("ready", flush=True)
input()
with open_session(settings) as session:
    if limits == "off":
        # as HubSpot's headers would tell an account that has no limits
        for family in call_limits(settings):
            Budgets(session.state, call_limits(settings)).learn(family, UNLIMITED)
    results = session.push(mapped, run="benchmark")
counts = results["outcome"].value_counts().to_dict()
print(counts, file=sys.stderr)
unsettled = set(counts) - {"created", "rejected"}
sys.exit(1 if unsettled else SOME_REFUSED if "rejected" in counts else 0)
