"""The HubSpot emulator: its store, its rules and its HTTP endpoints.

Belongs here: what HubSpot's CRM API answers and keeps. Does not belong: any client of it, and the world's data.
"""
