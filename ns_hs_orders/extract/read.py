"""One complete reading of orders: whole orders, what belongs to them, and their returns, as the raw frames.

Belongs here: which orders are read, and the order of the reads. Does not belong here: when an order counts as read
(settled), single queries (orders, related), or whether an order is valid (mapping).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ns_hs_orders.extract.orders import Scope, dated, latest_ids
from ns_hs_orders.extract.ports import ReadTickets, SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.related import read_related
from ns_hs_orders.extract.returns.authorizations import find_returns, read_returns_of_orders
from ns_hs_orders.extract.settled import settled_readings
from ns_hs_orders.extract.suiteql.side_by_side import Readers
from ns_hs_orders.progress import Progress, quiet

if TYPE_CHECKING:
    from ns_hs_orders.extract.schema import RawRead


def read_orders(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    plan: SourcePlan,
    first: date,
    last: date,
    *,
    threads: int = 1,
    progress: Progress = quiet,
) -> RawRead:
    """Every order dated first to last, both included, as NetSuite holds it. threads: requests at once.

    Raises RemoteError where NetSuite could not be read, ContractError where its answers contradict
    themselves. An empty range gives empty, typed frames.
    """
    return _read(suiteql, plan, dated(first, last), tickets.next_ticket(), threads, progress)


def read_orders_by_id(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    plan: SourcePlan,
    ids: Sequence[str],
    *,
    threads: int = 1,
    progress: Progress = quiet,
) -> RawRead:
    """The orders with these internal ids; those that NetSuite does not have are absent. Raises as `read_orders`."""
    return _read(
        suiteql, plan, Scope(ids=tuple(dict.fromkeys(ids))), tickets.next_ticket(), threads, progress
    )


def read_latest(
    suiteql: SuiteQL,
    tickets: ReadTickets,
    plan: SourcePlan,
    *,
    limit: int = 1000,
    threads: int = 1,
    progress: Progress = quiet,
) -> RawRead:
    """The newest orders by internal id. Raises as `read_orders`."""
    ticket = tickets.next_ticket()
    return _read(suiteql, plan, Scope(ids=tuple(latest_ids(suiteql, plan, limit))), ticket, threads, progress)


def _read(
    suiteql: SuiteQL, plan: SourcePlan, scope: Scope, ticket: int, threads: int, progress: Progress
) -> RawRead:
    with Readers(threads) as readers:
        found = settled_readings(suiteql, plan, scope, readers, progress)
        readings = [found[order_id] for order_id in sorted(found, key=int)]
        found_returns = find_returns(suiteql, plan, scope, list(found), readers)
        related = read_related(suiteql, plan, (reading.header for reading in readings), readers)
        returns = read_returns_of_orders(suiteql, plan, found_returns, readers, ticket)

    # only here: who only looks for changes needs no pandas
    from ns_hs_orders.extract.frames import raw_lines, raw_orders
    from ns_hs_orders.extract.schema import RawRead

    orders = raw_orders(readings, related, plan, ticket, returns)
    warnings = list(plan.warnings)
    strangers = {r.header.get("entity_id") for r in readings} - related.customers.keys() - {None}
    if strangers:
        warnings.append(
            f"{len(strangers)} entities of orders are neither customers nor projects that the role can see: "
            f"{', '.join(sorted(map(str, strangers))[:10])}. Their orders cannot be matched to a company."
        )
    if unsettled := [str(r.header["order_id_netsuite"]) for r in readings if not r.settled]:
        warnings.append(
            f"{len(unsettled)} orders kept changing while they were read: {', '.join(unsettled[:10])}."
        )
    return RawRead(orders, raw_lines(readings, ticket, plan), tuple(warnings))
