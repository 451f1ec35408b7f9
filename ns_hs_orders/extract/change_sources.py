"""Where NetSuite shows that something about an order changed: one source a stream.

Belongs here: tables, joins and stamps of the streams. Does not belong here: reading them (changes), or how
far they were read (live).

An order's own stamp need not move when a line, a shipment or an invoice does, so each has a stream of its
own; whatever none of them shows, the sweep of open orders finds.
"""

from __future__ import annotations

from ns_hs_orders.extract.sources import ORDER_TYPE, SHIPMENT_LINKS, Source
from ns_hs_orders.fields.field import SourceColumn

ORDERS = "orders"
ORDER_LINES = "order lines"
SHIPMENTS = "item fulfillments"
BILLS = "invoices and cash sales"
CUSTOMERS = "customers"
DELETED = "deleted records"
RETURNS = "return authorizations"
RETURN_LINES = "lines of return authorizations"
OPEN_ORDERS = "open orders"

_BILL_TYPES = "f.type IN ('CustInvc', 'CashSale')"
_BY_LINK = "NextTransactionLink l INNER JOIN transaction f ON f.id = l.nextdoc"
_BY_LINE = "transactionline l INNER JOIN transaction f ON f.id = l.transaction"


def _record(expression: str) -> SourceColumn:
    return SourceColumn("record_id", expression, required=True)


def _order(expression: str) -> SourceColumn:
    return SourceColumn("order_id", expression, required=True)


def _stamp(expression: str) -> SourceColumn:
    return SourceColumn("stamp", expression, "datetime", required=True)


STREAMS: tuple[Source, ...] = (
    Source(
        ORDERS,
        "transaction t",
        (_record("t.id"), _stamp("t.lastmodifieddate")),
        where=(ORDER_TYPE,),
        required=True,
    ),
    Source(
        ORDER_LINES,
        "transactionline tl INNER JOIN transaction t ON t.id = tl.transaction",
        (_record("tl.transaction"), _stamp("tl.linelastmodifieddate")),
        where=(ORDER_TYPE,),
        costs="an edit of a line that does not move its order's stamp is found by the sweep only",
    ),
    Source(
        SHIPMENTS,
        _BY_LINK,
        (_record("f.id"), _order("l.previousdoc"), _stamp("f.lastmodifieddate")),
        where=(SHIPMENT_LINKS,),
        costs="shipments and tracking numbers that do not move their order's stamp are found by the sweep only",
    ),
    Source(
        BILLS,
        _BY_LINK,
        (_record("f.id"), _order("l.previousdoc"), _stamp("f.lastmodifieddate")),
        where=(_BILL_TYPES,),
        costs="billing that does not move its order's stamp is found by the sweep only",
    ),
    Source(
        CUSTOMERS,
        "customer c",
        (
            _record("c.id"),
            _stamp("c.lastmodifieddate"),
            SourceColumn("parent_id", "c.parent"),
        ),
        costs="orders whose customer comes into HubSpot later follow with the nightly run only",
    ),
    Source(
        DELETED,
        "DeletedRecord d",
        (_record("d.recordid"), _stamp("d.deleteddate")),
        costs="deleted orders are found by the sweep and the nightly run only",
    ),
)
"""One a stream; `order_id` is left out where the row is the order itself, or leads to it otherwise."""

RETURN_STREAMS: tuple[Source, ...] = (
    Source(
        RETURNS,
        "transaction t",
        (_record("t.id"), _stamp("t.lastmodifieddate")),
        where=("t.type IN ('RtnAuth', 'ItemRcpt', 'CustCred', 'CashRfnd')",),
        costs="changed returns are found by the nightly run only",
    ),
    Source(
        RETURN_LINES,
        "transactionline tl INNER JOIN transaction t ON t.id = tl.transaction",
        (_record("tl.transaction"), _stamp("tl.linelastmodifieddate")),
        where=("t.type = 'RtnAuth'",),
        costs="an edit of a return's line that does not move the return's stamp is found by the nightly run only",
    ),
)
"""Where returns are read: the returns with what follows from them (receipts, refunds), and their lines."""

INSTEAD: dict[str, Source] = {
    SHIPMENTS: Source(
        SHIPMENTS,
        _BY_LINE,
        (_record("f.id"), _order("l.createdfrom"), _stamp("f.lastmodifieddate")),
        where=("l.mainline = 'T'", "f.type = 'ItemShip'"),
    ),
    BILLS: Source(
        BILLS,
        _BY_LINE,
        (_record("f.id"), _order("l.createdfrom"), _stamp("f.lastmodifieddate")),
        where=("l.mainline = 'T'", _BILL_TYPES),
    ),
}
"""For accounts that hide the links between documents: the documents' own lines tell their order."""

OPEN_STATUSES = "ABDEF"
OPEN = Source(
    OPEN_ORDERS,
    "transaction t",
    (
        _record("t.id"),
        SourceColumn("status", "t.status", required=True),
        SourceColumn("total", "t.foreigntotal", required=True),
        _stamp("t.lastmodifieddate"),
    ),
    where=(ORDER_TYPE,),
    required=True,
)
