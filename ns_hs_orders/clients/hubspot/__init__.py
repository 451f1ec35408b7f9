"""HubSpot's API: batches of objects, associations, search, and the account's settings.

Belongs here: one module a family of calls, each one call a method. Does not belong here: what is
written and why (push, setup), retries and limits (transport).
"""

from ns_hs_orders.clients.hubspot.client import BearerToken, HubSpotClient, open_hubspot

__all__ = ["BearerToken", "HubSpotClient", "open_hubspot"]
