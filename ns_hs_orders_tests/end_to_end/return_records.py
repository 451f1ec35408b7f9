"""Returns over both emulators, as the end-to-end tests see them: made in NetSuite, synced, looked at in HubSpot.

Belongs here: making returns, a sync of them with its comparison, and what HubSpot's emulator holds. Does not belong
here: companies (company) or assertions (tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ns_hs_orders.push.returns.as_orders import return_results
from ns_hs_orders.reconcile.returns.compared import ReturnComparison
from ns_hs_orders.state.tables import order_links, order_states
from ns_hs_orders.wiring.departures import DepartureDesk
from ns_hs_orders.wiring.returns.session import ReturnsSession, open_returns
from ns_hs_orders_tests.end_to_end.company import FIRST, TODAY, Company


@dataclass(frozen=True)
class Returned:
    """One sync of returns with its comparison. told: what it said of returns that are gone from NetSuite."""

    results: pd.DataFrame
    comparison: ReturnComparison
    told: list[str]

    def outcome_of(self, key: str) -> tuple[str, str]:
        """(outcome, warnings) of a return."""
        row = self.results[self.results["return_id_netsuite"] == key].iloc[0]
        return str(row["outcome"]), str(row["warnings"])

    def finding_of(self, key: str) -> dict[str, Any]:
        frame = self.comparison.frame
        (row,) = frame[frame["return_id_netsuite"] == key].to_dict("records")
        return {str(name): None if pd.isna(value) else value for name, value in row.items()}


@contextmanager
def returns_session(company: Company, **overrides: Any) -> Iterator[ReturnsSession]:
    with company.session(**overrides) as session, open_returns(session) as returns:
        yield returns


def without_returns(company: Company) -> Company:
    """The company without any of the world's own returns."""
    for row in company.netsuite.rows("transaction", type="RtnAuth"):
        company.netsuite.delete("transactionline", {"transaction": row["id"] or ""})
        company.netsuite.delete("transaction", {"id": row["id"] or ""})
    return company


def orders_to_return(company: Company) -> list[str]:
    """Ids of orders in USD that HubSpot holds and that an inventory item is on."""
    usd = {row["id"] for row in company.netsuite.rows("currency", symbol="USD")}
    found = []
    for key in company.held():
        (row,) = company.netsuite.rows("transaction", id=key)
        lines = company.netsuite.rows("transactionline", transaction=key)
        if row["currency"] in usd and any(one["itemtype"] == "InvtPart" for one in lines):
            found.append(key)
    return found


def order_to_return(company: Company) -> str:
    """One of them."""
    return orders_to_return(company)[0]


def sync_returns(company: Company, **overrides: Any) -> Returned:
    """Reads, maps, pushes and compares the returns of the company's days through the session, without Dagster."""
    with returns_session(company, **overrides) as session:
        raw = session.read_days(FIRST, TODAY)
        mapped = session.map(raw)
        results = return_results(session.push(mapped, run="end-to-end"), mapped)
        told: list[str] = []
        DepartureDesk(session, "end-to-end", told.append).settle_days(FIRST, TODAY, raw.orders)
        return Returned(results, session.compare(FIRST, TODAY), told)


def forget(company: Company, key: str) -> None:
    """The state knows nothing of a return any more, as after a restore of an older one."""
    with returns_session(company) as session, session.state.write() as connection:
        for table in (order_links, order_states):
            connection.execute(table.delete().where(table.c.order_id == key))


def make_return(
    company: Company,
    parent: str | None,
    *,
    status: str = "B",
    units: int = 2,
    rate: str = "15.00",
    received: int = 0,
    like: str | None = None,
    day: str = "2025-11-18",
) -> str:
    """A return authorization made from a transaction (None: standing alone), over one line; its internal id.

    like: the order whose customer, currency and item it takes; the parent, where that is an order.
    """
    netsuite = company.netsuite
    (order,) = netsuite.rows("transaction", id=like or parent or "")
    line = next(
        row
        for row in netsuite.rows("transactionline", transaction=order["id"] or "")
        if row["mainline"] == "F" and row["taxline"] != "T" and row["item"] and row["itemtype"] == "InvtPart"
    )
    key = str(max(netsuite.highest("transaction", "id"), 900_000) + 1)
    total = f"{units * float(rate):.2f}"
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    netsuite.insert(
        "transaction",
        [
            {
                "id": key, "tranid": f"RMA-{key}", "type": "RtnAuth", "recordtype": "returnauthorization",
                "status": status, "trandate": day, "createddate": stamp, "lastmodifieddate": stamp,
                "entity": order["entity"], "currency": order["currency"], "exchangerate": order["exchangerate"],
                "foreigntotal": f"-{total}", "employee": order["employee"], "voided": "F", "memo": "Too small",
            }
        ],
    )  # fmt: skip
    first = netsuite.highest("transactionline", "uniquekey") + 1
    common = {"transaction": key, "subsidiary": "1", "isclosed": "F", "iscogs": "F", "kitcomponent": "F",
              "linelastmodifieddate": stamp}  # fmt: skip
    netsuite.insert(
        "transactionline",
        [
            {**common, "uniquekey": str(first), "id": "0", "linesequencenumber": "0", "mainline": "T",
             "taxline": "F", "foreignamount": f"-{total}", "createdfrom": parent},
            {**common, "uniquekey": str(first + 1), "id": "1", "linesequencenumber": "1", "mainline": "F",
             "taxline": "F", "item": line["item"], "itemtype": line["itemtype"], "quantity": str(units),
             "rate": rate, "foreignamount": total, "quantityshiprecv": str(received), "memo": line["memo"]},
        ],
    )  # fmt: skip
    return key


def held(company: Company, key: str) -> dict[str, Any]:
    """What HubSpot holds of a return: record id, properties, lines by key, companies, orders it hangs on by type id."""
    found = company.order(key)
    types: dict[str, set[int]] = {}
    for from_type, from_id, to_type, to_id, type_id in company.hubspot.associations():
        if (from_type, from_id, to_type) == ("orders", found["id"], "orders"):
            types.setdefault(to_id, set()).add(type_id)
    return {**found, "parents": types}
