"""The end-to-end tests' companies, for the live lane: their world ends today by NetSuite's clock."""

from ns_hs_orders_tests.end_to_end.conftest import make

__all__ = ["make"]
