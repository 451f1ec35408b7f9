"""How long the systems are waited for, and how fast they may be asked.

Belongs here: the numbers, and what the settings say of them. Does not belong here: waiting (clients.transport).
"""

from __future__ import annotations

from dataclasses import dataclass

from ns_hs_orders.settings import Settings

# A claim outlasts the longest call, and a killed run's orders are free again after it: so calls are kept short.
HUBSPOT_CALL_SECONDS = 45.0
HUBSPOT_READ_SECONDS = 30.0
LEASE_MARGIN_SECONDS = 45.0


@dataclass(frozen=True)
class Patience:
    """How long NetSuite is waited for: one answer, and one call with all its tries."""

    read_seconds: float
    attempts: int
    total_seconds: float


PATIENT = Patience(120.0, 6, 360.0)
PROMPT = Patience(30.0, 4, 60.0)
AT_A_GLANCE = Patience(8.0, 2, 12.0)


def call_limits(settings: Settings) -> dict[str, tuple[int, float]]:
    """API family of HubSpot → calls in so many seconds, to start with."""
    return {
        "objects": (settings.hubspot_calls_per_10s, 10.0),
        "associations": (settings.hubspot_association_calls_per_10s, 10.0),
        "search": (settings.hubspot_search_calls_per_s, 1.0),
    }
