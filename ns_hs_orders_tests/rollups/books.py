"""A company's books in NetSuite's emulator, written order by order, and what HubSpot's companies then tell.

Belongs here: rows as NetSuite holds them, and runs of the roll-ups. Does not belong here: assertions (tests).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.rollups.result import RollupRun
from ns_hs_orders.sandbox.world import World
from ns_hs_orders.setup.plan import apply, plan_properties
from ns_hs_orders.wiring.rollups import plan_only, roll_up
from ns_hs_orders_tests.end_to_end.company import Company
from ns_hs_orders_tests.end_to_end.conftest import Make

HUBSPOT_ID = "custentity_celigo_hubspot_id"
CURRENCIES = {"USD": "1", "EUR": "2", "JPY": "3", "GBP": "4"}
ALDER, BIRCH, CEDAR = "9000501", "9000502", "9000503"
FIRST_DAY = date(2015, 1, 1)
ON: dict[str, Any] = {"company_rollups": "on", "first_day": FIRST_DAY}


def empty_world() -> World:
    """Three customers that are companies in HubSpot, and no order."""
    stamp = {"lastmodifieddate": "2024-01-02 03:04:05"}
    names = {"501": ("Alder", ALDER), "502": ("Birch", BIRCH), "503": ("Cedar", CEDAR)}
    return World(
        netsuite={
            "currency": [
                {"id": number, "name": code, "symbol": code, "isbasecurrency": "T" if code == "USD" else "F"}
                for code, number in CURRENCIES.items()
            ],
            "customer": [
                {
                    "id": key, "entityid": f"C{key}", "companyname": name, "isperson": "F", "parent": None,
                    HUBSPOT_ID: company, **stamp,
                }
                for key, (name, company) in names.items()
            ],
            "item": [{"id": "71", "itemid": "A-1", "displayname": "Desk", "itemtype": "InvtPart"}],
            "employee": [{"id": "11", "email": "ann@example.com"}],
            "job": [],
            "transaction": [], "transactionline": [],
        },
        hubspot={"companies": [{"id": company, "name": name} for name, company in names.values()]},
        planted={},
    )  # fmt: skip


@dataclass
class Books:
    """The books of one home. today: in NetSuite's zone. Orders are numbered from 1001 on."""

    company: Company
    today: date = field(default_factory=account_today)
    _last: int = 1000

    def ago(self, days: int) -> date:
        """So many days before today."""
        return self.today - timedelta(days=days)

    def order(
        self,
        total: str,
        *,
        customer: str = "501",
        on: date | None = None,
        status: str = "B",
        currency: str = "USD",
        rate: str = "1",
        kind: str = "SalesOrd",
        lines: list[dict[str, str | None]] | None = None,
        **columns: str | None,
    ) -> str:
        """An order with a main row and one goods line of its total, or the lines given; its id."""
        self._last += 1
        key, store = str(self._last), self.company.netsuite
        day = (on or self.today).isoformat()
        store.insert(
            "transaction",
            [
                {
                    "id": key, "tranid": f"SO{key}", "type": kind, "status": status, "trandate": day,
                    "createddate": f"{day} 18:00:00", "lastmodifieddate": f"{day} 18:00:00", "entity": customer,
                    "currency": CURRENCIES.get(currency), "exchangerate": rate, "foreigntotal": total, **columns,
                }
            ],
        )  # fmt: skip
        turned = f"{-Decimal(total)}" if _is_number(total) else total
        rows = lines if lines is not None else [{"foreignamount": turned}]
        main: dict[str, str | None] = {
            "mainline": "T",
            "item": None,
            "itemtype": None,
            "foreignamount": total,
        }
        for number, row in enumerate([main, *rows]):
            store.insert(
                "transactionline",
                [
                    {
                        "transaction": key, "id": str(number), "uniquekey": str(int(key) * 100 + number),
                        "linesequencenumber": str(number), "mainline": "F", "taxline": "F", "item": "71",
                        "itemtype": "InvtPart", "quantity": "-1", "rate": "1", "isclosed": "F",
                        "linelastmodifieddate": f"{day} 18:00:00", **row,
                    }
                ],
            )  # fmt: skip
        return key

    def returned(self, total: str, *, status: str = "G", **more: Any) -> str:
        """A return; its total is negative in NetSuite."""
        lines = more.pop("lines", [{"foreignamount": total, "quantity": "1"}])
        return self.order(f"-{total}", kind="RtnAuth", status=status, lines=lines, **more)

    def customer(self, key: str, hubspot_id: str | None, **columns: str | None) -> None:
        row = {"id": key, "entityid": f"C{key}", "companyname": f"Customer {key}", "isperson": "F"}
        self.company.netsuite.insert(
            "customer",
            [{**row, "lastmodifieddate": "2024-01-02 03:04:05", HUBSPOT_ID: hubspot_id, **columns}],
        )

    def change(self, key: str, **columns: str | None) -> None:
        """Edits the header of an order."""
        self.company.netsuite.update("transaction", {"id": key}, columns)

    def roll_up(
        self, *company_ids: str, due_only: bool = False, run: str = "test", **settings: Any
    ) -> RollupRun:
        with self.company.session(**{**ON, **settings}) as session:
            return roll_up(session, run=run, company_ids=list(company_ids) or None, due_only=due_only)

    def plan(self, *company_ids: str, **settings: Any) -> RollupRun:
        with self.company.session(**{**ON, **settings}) as session:
            return plan_only(session, list(company_ids) or None)

    def tells(self, company_id: str = ALDER) -> dict[str, str]:
        """What the company in HubSpot tells of its buying, our prefix left out; empty ones are absent."""
        (found,) = [one for one in self.company.hubspot.objects("companies") if str(one["id"]) == company_id]
        return {
            name.removeprefix("netsuite_"): value
            for name, value in found["properties"].items()
            if name.startswith("netsuite_") and value
        }


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


def open_books(make: Make, *, is_whole: bool = False, **switches: Any) -> Books:
    """Books without an order, HubSpot set up for roll-ups. is_whole: and for orders."""
    company = make(world=empty_world(), provision=False, **switches)
    if is_whole:
        company.provision(**ON)
        return Books(company)
    with company.session(**ON) as session:
        steps, _ = plan_properties(session.definitions, session.field_map)
        apply([step for step in steps if step.part_of.startswith("companies ")], lambda _: None)
    return Books(company)
