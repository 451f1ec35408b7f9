"""Measurements of the whole product over the sandbox, with Dagster's own processes.

Belongs here: scripts that start everything in a home of their own, measure, and judge against goals.
Does not belong here: tests (ns_hs_orders_tests), or anything that the product imports.
"""
