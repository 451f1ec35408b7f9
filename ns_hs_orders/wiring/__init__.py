"""Wiring: the only place where settings, clients and state meet the stages."""
