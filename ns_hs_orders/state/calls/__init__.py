"""Shared budgets of calls: windows, slots and pace, over all processes of a home."""
