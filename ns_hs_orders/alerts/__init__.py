"""Alerts: who is told what, when. Rules and text without Dagster, SQL or HTTP; delivery.py alone sends."""
