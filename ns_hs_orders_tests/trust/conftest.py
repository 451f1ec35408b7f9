"""HubSpot's emulator with the push's bench, for the stage alone; whole companies from the end-to-end tests."""

from __future__ import annotations

from ns_hs_orders_tests.end_to_end.conftest import make
from ns_hs_orders_tests.push.conftest import account, bench, sandbox

__all__ = ["account", "bench", "make", "sandbox"]
