"""Batch calls to HubSpot: upserts of any size, bisected refusals, calls side by side."""
