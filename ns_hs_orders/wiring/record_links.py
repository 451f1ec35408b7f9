"""Where each order stands in HubSpot, for whoever looks at it in NetSuite.

Belongs here: handing the state's record ids and the portal's address together. Does not belong here: printing (cli).
"""

from __future__ import annotations

from datetime import date

from ns_hs_orders.wiring.remotes import hubspot_record_url
from ns_hs_orders.wiring.session import Session


def links_to_hubspot(session: Session, first: date, last: date) -> list[tuple[str, str]]:
    """(NetSuite's internal id, address of HubSpot's record), by id, of the orders of a range that HubSpot was sent.

    Raises RemoteError where HubSpot does not tell its portal.
    """
    states = session.states.load(sorted(session.states.dated(first, last)), links=False)
    address = hubspot_record_url(session.settings, session.definitions.account_details())
    return [
        (order_id, address.replace("{id}", state.order_id_hubspot))
        for order_id, state in sorted(states.items(), key=lambda one: (len(one[0]), one[0]))
        if state.order_id_hubspot is not None and state.outcome != "archived"
    ]
