"""Returns in NetSuite's emulator, made and changed by hand, and what HubSpot says of them on their order.

Belongs here: writing NetSuite's rows. Does not belong here: worlds, or assertions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from ns_hs_orders.sandbox.world.model import stamp_text
from ns_hs_orders_tests.end_to_end.company import Company

FIRST_ID = 9_000_000
RETURNED, REFUNDED, NET, STATUS = (
    "netsuite_returned_amount",
    "netsuite_refund_amount",
    "netsuite_net_total",
    "netsuite_return_status",
)


class OnOrder(NamedTuple):
    """What an order in HubSpot says of its returns; numbers as such, None where a property is empty."""

    returned: Decimal | None
    refunded: Decimal | None
    net: Decimal | None
    status: str | None


def on_order(company: Company, order_id: str) -> OnOrder:
    held = company.order(order_id)["properties"]

    def number(name: str) -> Decimal | None:
        return Decimal(held[name]) if held.get(name) else None

    return OnOrder(number(RETURNED), number(REFUNDED), number(NET), held.get(STATUS) or None)


def add(
    company: Company,
    return_id: int,
    made_from: str | None,
    *amounts: str,
    of: str | None = None,
    units: int = 1,
    received: int = 0,
    at: datetime | None = None,
    **columns: str | None,
) -> str:
    """A return of goods lines of these amounts, stamped now; of: the order whose customer and currency it has."""
    (like,) = company.netsuite.rows("transaction", id=of or made_from or "")
    total = sum(map(Decimal, amounts))
    stamp = stamp_text(at or datetime.now(UTC))
    header = {
        "id": str(return_id), "tranid": f"RMA{return_id}", "type": "RtnAuth", "recordtype": "returnauthorization",
        "status": "B", "trandate": "2025-11-19", "createddate": stamp, "lastmodifieddate": stamp,
        "entity": like["entity"], "currency": like["currency"], "exchangerate": like["exchangerate"],
        "foreigntotal": f"{-total}", "employee": like["employee"], **columns,
    }  # fmt: skip
    company.netsuite.insert("transaction", [header])
    item = company.netsuite.rows("item", itemtype="InvtPart")[0]["id"]
    line(company, return_id, 0, mainline="T", createdfrom=made_from, foreignamount=f"{-total}")
    for number, amount in enumerate(amounts, 1):
        line(
            company, return_id, number, item=item, itemtype="InvtPart", quantity=str(units),
            rate=f"{Decimal(amount) / units}", foreignamount=amount, quantityshiprecv=str(received),
        )  # fmt: skip
    return str(return_id)


def line(company: Company, return_id: int, number: int, **columns: str | None) -> None:
    company.netsuite.insert(
        "transactionline",
        [
            {
                "uniquekey": str(return_id * 100 + number), "transaction": str(return_id), "id": str(number),
                "linesequencenumber": str(number), "mainline": "F", "taxline": "F", "item": None, "itemtype": None,
                "quantity": None, "isclosed": "F", "linelastmodifieddate": stamp_text(datetime.now(UTC)), **columns,
            }
        ],
    )  # fmt: skip


def follow(
    company: Company,
    document_id: int,
    kind: str,
    made_from: str,
    total: str | None = None,
    **columns: str | None,
) -> str:
    """A receipt, credit memo, cash refund, invoice or cash sale made from a transaction, stamped now."""
    (like,) = company.netsuite.rows("transaction", id=made_from)
    stamp = stamp_text(datetime.now(UTC))
    header = {
        "id": str(document_id), "tranid": f"{kind}{document_id}", "type": kind, "status": "B",
        "trandate": "2025-11-20", "createddate": stamp, "lastmodifieddate": stamp, "entity": like["entity"],
        "currency": like["currency"], "foreigntotal": total, **columns,
    }  # fmt: skip
    company.netsuite.insert("transaction", [header])
    line(company, document_id, 0, mainline="T", createdfrom=made_from, foreignamount=total)
    return str(document_id)


def orders_of(company: Company) -> dict[str, str | None]:
    """Return → the order or other transaction that it was made from."""
    mains: Sequence[dict[str, str | None]] = company.netsuite.rows("transactionline", mainline="T")
    origins = {row["transaction"]: row["createdfrom"] for row in mains}
    return {
        row["id"] or "": origins.get(row["id"])
        for row in company.netsuite.rows("transaction", type="RtnAuth")
    }
