"""What can happen to returns in one step of time: one function per kind of event.

Here: the events, and which stamps each moves. Not here: the authorization of a return (happenings.py, where orders live
on), or how often (tick.py).
"""

from __future__ import annotations

from decimal import Decimal

from ns_hs_orders.sandbox.world.company import returns
from ns_hs_orders.sandbox.world.company.shipments import Document
from ns_hs_orders.sandbox.world.happenings import Event
from ns_hs_orders.sandbox.world.model import Row, half_up, stamp_text
from ns_hs_orders.sandbox.world.standing import Standing


def return_approval(world: Standing) -> Event | None:
    """A pending return is approved."""
    found = world.pick_return("A")
    if found is None:
        return None
    _save(world, found, "B", moves=True)
    return _event("return approved", found, "A → B")


def return_receipt(world: Standing) -> Event | None:
    """Goods come back, whole or in part."""
    found = world.pick_return("BD")
    if found is None:
        return None
    lines = world.lines(found)
    # one unit is no part
    several = any(abs(Decimal(row["quantity"] or 0)) >= 2 for row in lines if row["mainline"] != "T")
    part = Decimal("0.5") if several and found["status"] == "B" and world.rng.random() < 0.5 else Decimal(1)
    units = returns.receive(lines, part)
    if not units:
        return None
    for row, _ in units:
        world.netsuite.update(
            "transactionline",
            {"uniquekey": row["uniquekey"] or ""},
            {"quantityshiprecv": row["quantityshiprecv"]},
        )
    _write(world, returns.receipt(found, units, world.ids, world.now))
    partly = any(count < abs(Decimal(row["quantity"] or 0)) for row, count in units)
    _save(world, found, "D" if partly else "F", moves=world.switches.return_stamp_moves_on_receipt)
    return _event("return received in part" if partly else "return received", found, f"{len(units)} lines")


def return_refund(world: Standing) -> Event | None:
    """A received return is refunded."""
    found = world.pick_return("F")
    if found is None:
        return None
    exponent = world.exponent(found)
    minor = -half_up(Decimal(found["foreigntotal"] or 0).scaleb(exponent))
    kind = world.rng.choice(("CustCred", "CustCred", "CashRfnd"))
    document = returns.refund(found, minor, exponent, world.ids, world.now, kind=kind)
    _write(world, document)
    _save(world, found, "G", moves=world.switches.return_stamp_moves_on_refund)
    return _event("return refunded", found, document.header["tranid"] or "")


def return_cancellation(world: Standing) -> Event | None:
    """A return of which nothing came is cancelled."""
    found = world.pick_return("AB")
    if found is None:
        return None
    _save(world, found, "C", moves=True)
    return _event("return cancelled", found, f"{found['status']} → C")


def return_closing(world: Standing) -> Event | None:
    """The rest of a partly received return will not come."""
    found = world.pick_return("D")
    if found is None:
        return None
    for row in world.lines(found):
        world.netsuite.update("transactionline", {"uniquekey": row["uniquekey"] or ""}, {"isclosed": "T"})
    _save(world, found, "H", moves=True)
    return _event("return closed", found, "D → H")


def return_deletion(world: Standing) -> Event | None:
    """A return is deleted: its rows are gone, and a deleted record says so."""
    found = world.pick_return("ABC")
    if found is None:
        return None
    return_id = found["id"] or ""
    world.netsuite.delete("transactionline", {"transaction": return_id})
    world.netsuite.delete("transaction", {"id": return_id})
    world.netsuite.insert(
        "deletedrecord",
        [
            {
                "recordid": return_id, "recordtypeid": "-30", "type": "Return Authorization",
                "name": f"Return Authorization #{found['tranid']}", "context": "User Interface", "deletedby": None,
                "deleteddate": stamp_text(world.now), "iscustomlist": "F", "iscustomrecord": "F",
                "iscustomtransaction": "F",
            }
        ],
    )  # fmt: skip
    world.returns.pop(return_id, None)
    return _event("return deleted", found, found["foreigntotal"] or "")


def _save(world: Standing, found: Row, status: str, *, moves: bool) -> None:
    values: dict[str, str | None] = {"status": status}
    if moves:
        values["lastmodifieddate"] = stamp_text(world.now)
    world.netsuite.update("transaction", {"id": found["id"] or ""}, values)
    world.returns.pop(found["id"] or "", None)


def _write(world: Standing, document: Document) -> None:
    for table, rows in document.rows.items():
        world.netsuite.insert(table, rows)


def _event(event: str, found: Row, detail: str) -> Event:
    return {"event": event, "return": found["tranid"] or "", "return_id": found["id"] or "", "detail": detail}
