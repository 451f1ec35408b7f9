"""What changed in NetSuite since a moment: the rows of one stream, and the orders that they are about.

Belongs here: reading the streams, the sweep of open orders, the orders of customers, and whether ids still
exist. Does not belong here: what was read before, and what follows from a row (live).

A stream is read by integer key from a lower bound of the stamp on. A row that is edited while its stream is
read may be missed; its stamp is then later than the moment the look began, and no watermark passes that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.change_sources import DELETED, OPEN_ORDERS, OPEN_STATUSES, ORDER_LINES, ORDERS
from ns_hs_orders.extract.orders import chunks
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.refusals import answered_unless_refused
from ns_hs_orders.extract.related import read_customers
from ns_hs_orders.extract.sources import ORDER_TYPE
from ns_hs_orders.extract.suiteql.keyset import Query, Row, pages
from ns_hs_orders.extract.suiteql.literals import id_list, literal

_OF_ORDERS = (ORDERS, ORDER_LINES, DELETED)
_IDS_A_QUERY = 1000
_WESTERNMOST = timedelta(hours=12)
_ZONE_CHANGE = timedelta(hours=3)
_REPEATED = timedelta(hours=2)


@dataclass(frozen=True)
class Change:
    """One row of a stream. stamp: UTC. row_key: names the row at this stamp. record_id: of the record that
    changed. order_id: None where the row does not name its order (customers)."""

    stream: str
    row_key: str
    stamp: datetime
    record_id: str
    order_id: str | None


@dataclass(frozen=True)
class OpenOrder:
    """One open order as the sweep sees it. version: status, total and stamp in one text."""

    order_id: str
    version: str
    stamp: datetime


@dataclass(frozen=True)
class OrderOfCustomer:
    """An order, and the HubSpot id that its customer holds now, None for none."""

    order_id: str
    hubspot_id: str | None
    has_parent: bool


def read_changes(suiteql: SuiteQL, plan: SourcePlan, stream: str, since: datetime) -> list[Change]:
    """The rows of a stream that are stamped at or after `since` (aware).

    Raises RemoteError where NetSuite could not be read, ContractError where it contradicts itself.
    """
    source = plan.sources[stream]
    stamp = source.columns[[c.name for c in source.columns].index("stamp")].expression
    bound = f"{stamp} >= {literal(session_bound(since, plan.session_zone))}"
    query = plan.query(stream, "record_id", bound, distinct=True)
    found: list[Change] = []
    for page in pages(suiteql, query, after=0, repeats=True):
        for row in page:
            change = _change(stream, row, plan)
            if change is not None and change.stamp >= since:
                found.append(change)
    return found


def read_open_orders(suiteql: SuiteQL, plan: SourcePlan) -> list[OpenOrder]:
    """Every sales order that may still move: status A, B, D, E or F. Raises as `read_changes`."""
    letters = [f"SalesOrd:{one}" for one in OPEN_STATUSES] if plan.status_prefixed else list(OPEN_STATUSES)
    members = ", ".join(f"'{one}'" for one in letters)
    found: list[OpenOrder] = []
    for page in pages(suiteql, plan.query(OPEN_ORDERS, "record_id", f"t.status IN ({members})"), after=0):
        for row in page:
            text = f"{row.get('status')} {row.get('total')} {row.get('stamp')}"
            at = _instant(plan.at_utc(row.get("stamp")))
            if at is not None:
                found.append(OpenOrder(str(row["record_id"]), text, at))
    return found


def read_orders_of_customers(
    suiteql: SuiteQL,
    plan: SourcePlan,
    customer_ids: Sequence[str],
    first_day: date | None,
    of_type: str = ORDER_TYPE,
) -> list[OrderOfCustomer]:
    """All orders of these customers, their sub-customers and their projects, from the first day on.

    of_type: the condition on `t` that says what they are, orders or returns.
    """
    entities = list(customer_ids)
    entities += _related(suiteql, plan, "customer", ("parent_id",), customer_ids)
    entities += _related(suiteql, plan, "project", ("customer_id", "parent_id"), customer_ids)
    entities = list(dict.fromkeys(entities))
    customers = read_customers(suiteql, plan, entities)
    where = [of_type] + ([f"t.trandate >= {literal(first_day)}"] if first_day else [])
    found: list[OrderOfCustomer] = []
    for chunk in chunks(entities, _IDS_A_QUERY):
        query = Query(
            select={"id": "t.id", "entity_id": "t.entity"},
            source="transaction t",
            where=(*where, f"t.entity IN ({id_list(chunk)})"),
            key="id",
        )
        for page in pages(suiteql, query, after=0):
            for row in page:
                customer = customers.get(row.get("entity_id") or "")
                found.append(
                    OrderOfCustomer(
                        str(row["id"]),
                        customer.hubspot_id if customer else None,
                        bool(customer and customer.parent_id),
                    )
                )
    return found


def _related(
    suiteql: SuiteQL, plan: SourcePlan, source: str, columns: Iterable[str], ids: Sequence[str]
) -> list[str]:
    """Ids of a source's records that name one of the ids in one of the columns."""
    if not plan.has(source):
        return []
    by_name = {column.name: column.expression for column in plan.columns[source]}
    found: list[str] = []
    for name in columns:
        if name not in by_name:
            continue
        for chunk in chunks(ids, _IDS_A_QUERY):
            query = plan.query(source, "id", f"{by_name[name]} IN ({id_list(chunk)})", only=("id",))
            found += [str(row["id"]) for page in pages(suiteql, query, after=0) for row in page]
    return found


def records_present(suiteql: SuiteQL, ids: Sequence[str]) -> set[str]:
    """Those of the ids that NetSuite has as transactions of any type."""
    found: set[str] = set()
    for chunk in chunks(list(dict.fromkeys(ids)), _IDS_A_QUERY):
        query = Query({"id": "t.id"}, "transaction t", (f"t.id IN ({id_list(chunk)})",), "id")
        found |= {str(row["id"]) for page in pages(suiteql, query, after=0) for row in page}
    return found


def records_deleted(suiteql: SuiteQL, ids: Sequence[str]) -> set[str] | None:
    """Those of the ids that NetSuite lists as deleted; None where the account does not show that list."""
    found: set[str] = set()
    for chunk in chunks(list(dict.fromkeys(ids)), _IDS_A_QUERY):
        query = Query(
            {"id": "d.recordid"},
            "DeletedRecord d",
            (f"d.recordid IN ({id_list(chunk)})",),
            "id",
            distinct=True,
        )

        def ask(query: Query = query) -> list[str]:
            return [str(row["id"]) for page in pages(suiteql, query, after=0) for row in page]

        listed = answered_unless_refused(suiteql, ask)
        if listed is None:
            return None
        found.update(listed)
    return found


def session_bound(since: datetime, zone: tzinfo | None) -> datetime:
    """A naive lower bound in session time that leaves out nothing stamped at or after `since` (aware).

    Near a change of summer time a wall-clock time can mean two instants, and in a session of an unknown
    zone it can mean any: the bound is then early enough for all of them.
    """
    if zone is None:
        return (since.astimezone(UTC) - _WESTERNMOST).replace(tzinfo=None, microsecond=0)
    local = since.astimezone(zone)
    around = {(since + shift).astimezone(zone).utcoffset() for shift in (-_ZONE_CHANGE, _ZONE_CHANGE)}
    bound = local.replace(tzinfo=None, microsecond=0)
    return bound if around == {local.utcoffset()} else bound - _REPEATED


def _change(stream: str, row: Row, plan: SourcePlan) -> Change | None:
    record_id = row.get("record_id")
    at = _instant(plan.at_utc(row.get("stamp")))
    if record_id is None or at is None:
        return None
    order_id = record_id if stream in _OF_ORDERS else row.get("order_id")
    row_key = " ".join((record_id, order_id or "", at.strftime("%Y%m%dT%H%M%S")))
    return Change(stream, row_key, at, record_id, order_id)


def _instant(text: str | None) -> datetime | None:
    """An ISO 8601 UTC text as a time; None for an empty one. Raises ContractError for anything else."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise ContractError(
            f"NetSuite's stamp {text!r:.60} is not a time. Check the session's date format."
        ) from None
