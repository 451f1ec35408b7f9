"""HubSpot opened: one transport, and the families of calls on it.

Belongs here: the token, and putting the parts together. Does not belong here: any call.
"""

from __future__ import annotations

from collections.abc import Callable
from random import random

import requests
from requests.auth import AuthBase

from ns_hs_orders.clients.hubspot.associations import HubSpotAssociations
from ns_hs_orders.clients.hubspot.calls import DEFAULT_VERSION, ApiVersions
from ns_hs_orders.clients.hubspot.history import HubSpotHistory
from ns_hs_orders.clients.hubspot.objects import HubSpotObjects
from ns_hs_orders.clients.hubspot.search import HubSpotSearch
from ns_hs_orders.clients.hubspot.settings import HubSpotSettings
from ns_hs_orders.clients.rate_limit import HUBSPOT_LIMITS, Budget, RollingWindow
from ns_hs_orders.clients.redaction import Secret
from ns_hs_orders.clients.retry import HUBSPOT_RETRIES, RetryPolicy
from ns_hs_orders.clients.transport import Clock, Timeouts, Transport

HUBSPOT_URL = "https://api.hubapi.com"
HUBSPOT_TIMEOUTS = Timeouts(connect=10.0, read=60.0)


class BearerToken(AuthBase):
    """A service key or private app token, as it is."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request

    def secrets(self) -> tuple[str, ...]:
        """The token."""
        return (self._token.reveal(),)


class HubSpotClient:
    """HubSpot's API by family. Safe to share between threads; close() when done."""

    def __init__(self, transport: Transport, token: Secret, versions: ApiVersions | None = None) -> None:
        versions = versions or ApiVersions()
        self._transport = transport
        self.objects = HubSpotObjects(transport, versions)
        self.history = HubSpotHistory(transport, versions)
        self.associations = HubSpotAssociations(transport, versions)
        self.search = HubSpotSearch(transport, versions)
        self.settings = HubSpotSettings(transport, versions, token)

    @property
    def request_deadline(self) -> float:
        """Seconds after its start by which any call has ended; what a lease must outlast."""
        return self._transport.request_deadline

    @property
    def clock(self) -> Clock:
        """The clock that its calls live by; the only thing that sleeps."""
        return self._transport.clock

    @property
    def calls(self) -> int:
        """HTTP requests made so far, tries included."""
        return self._transport.calls

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()


def open_hubspot(
    token: Secret,
    *,
    base_url: str = HUBSPOT_URL,
    version: str = DEFAULT_VERSION,
    budget: Budget | None = None,
    retries: RetryPolicy = HUBSPOT_RETRIES,
    timeouts: Timeouts = HUBSPOT_TIMEOUTS,
    threads: int = 8,
    clock: Clock | None = None,
    jitter: Callable[[], float] = random,
) -> HubSpotClient:
    """A client ready for use. budget: shared by processes where the state gives one, else this process's own.

    Raises ConfigError for an address that is neither https nor loopback, or an unknown version form.
    """
    opened = Transport(
        "hubspot", base_url, BearerToken(token), budget=budget or RollingWindow(HUBSPOT_LIMITS), retries=retries,
        timeouts=timeouts, threads=threads, clock=clock, jitter=jitter,
    )  # fmt: skip
    return HubSpotClient(opened, token, ApiVersions.all(version))
