"""The sweep of open orders: what no stream shows, NetSuite's own list of open orders does.

Belongs here: comparing that list with the last one. Does not belong here: the query (extract.changes).
An order that is new in the list, differs in status, total or stamp, or is no longer in it, is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ns_hs_orders.extract.change_sources import OPEN_ORDERS
from ns_hs_orders.extract.changes import read_open_orders
from ns_hs_orders.live.look import Lookout
from ns_hs_orders.live.ports import Noticed, SeenChange, Watermark

SWEEP_EVERY = timedelta(minutes=15)


@dataclass(frozen=True)
class Sweep:
    """What one sweep found. news: orders that differ from the last sweep, or are gone from it."""

    open_orders: int
    news: int


def is_sweep_due(lookout: Lookout, every: timedelta = SWEEP_EVERY) -> bool:
    """Whether the last sweep is long enough ago."""
    mark = lookout.watermarks.all().get(OPEN_ORDERS)
    return mark is None or mark.looked_at is None or lookout.moment().netsuite - mark.looked_at >= every


def sweep(lookout: Lookout) -> Sweep:
    """Lists the open orders and records what is due. Raises as `Lookout.look`.

    The first sweep knows no earlier list: then only orders that the state does not know are due.
    """
    moment = lookout.moment()
    ticket = lookout.tickets.next_ticket()
    mark = lookout.watermarks.all().get(OPEN_ORDERS)
    found = read_open_orders(lookout.suiteql, lookout.plan)
    before = lookout.watermarks.seen(OPEN_ORDERS)
    listed = {one.order_id for one in found}
    changed = [
        one for one in found if one.order_id not in before or before[one.order_id].version != one.version
    ]
    news = [one.order_id for one in changed]
    if mark is None:
        known = lookout.known(news)
        news = [one for one in news if one not in known]
    gone = [one for one in before if one not in listed]
    newest = max(found, key=lambda one: (one.stamp, int(one.order_id)), default=None)
    lookout.watermarks.record(
        Watermark(
            OPEN_ORDERS,
            newest.stamp if newest else None,
            newest.order_id if newest else None,
            moment.netsuite,
        ),
        noticed=[Noticed(one, OPEN_ORDERS, None, None) for one in (*news, *gone)],
        seen=[SeenChange(one.order_id, one.version, one.stamp, moment.ours, settled=True) for one in changed],
        ticket=ticket,
        now=moment.ours,
        forget=gone,
    )
    return Sweep(len(found), len(news) + len(gone))
