"""Beside the stages: records of other integrations, matched to NetSuite's orders, adopted by key or archived."""
