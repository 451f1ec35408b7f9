"""A NetSuite account for the tests of extraction: the emulator's tables and SuiteQL, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan
from ns_hs_orders.extract.probing.probe import probe
from ns_hs_orders.fields.field_map import field_map
from ns_hs_orders.sandbox.netsuite.errors import NetSuiteRefusedError
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.netsuite.suiteql.execute import SuiteQLEngine
from ns_hs_orders.sandbox.switches import Switches

HUBSPOT_ID = "custentity_celigo_hubspot_id"
CUSTOM_FIELDS = {
    "source_store_field": "custbody_source_store",
    "payment_note_field": "custbody_payment_note",
    "buying_group_field": "custbody_buying_group",
    "deal_name_field": "custbody_deal_name",
    "deal_url_field": "custbody_hubspot_deal_url",
}
OPTIONS = SourceOptions(field_map=field_map(CUSTOM_FIELDS))

Page = tuple[str, QueryPage]


@dataclass
class Account:
    """The emulator as extraction's port. before: called with each query's text, before it runs; after: may
    change its answer. page_rows: the largest page, to get many pages out of few rows."""

    store: NetSuiteStore
    switches: Switches = field(default_factory=Switches)
    before: Callable[[str], None] = lambda _sql: None
    after: Callable[[str, QueryPage], QueryPage] = lambda _sql, page: page
    page_rows: int = 1000
    asked: list[str] = field(default_factory=list)
    stamp: int = 0

    def __post_init__(self) -> None:
        self._engine = SuiteQLEngine(self.store)

    def query(self, sql: str, params: Sequence[str] = (), *, limit: int = 1000) -> QueryPage:
        self.asked.append(sql)
        self.before(sql)
        try:
            page = self._engine.page(
                sql, params, limit=min(limit, self.page_rows), offset=0,
                switches=self.switches, now=datetime(2026, 3, 1, 20, tzinfo=UTC),
            )  # fmt: skip
        except NetSuiteRefusedError as error:
            raise RemoteError(
                error.detail, system="netsuite", status=error.status, code=error.code
            ) from error
        rows = [{key: value for key, value in item.items() if key != "links"} for item in page.items]
        return self.after(sql, QueryPage(rows, page.has_more))

    def switch(self, **changes: object) -> None:
        self.switches = self.switches.changed(changes)

    def order(
        self, order_id: int, *amounts: str, on: str = "2026-02-03", total: str | None = None, **columns: str
    ) -> None:
        """An order with a main line and one goods line an amount; its total is their sum unless given."""
        made = total if total is not None else f"{sum(map(_cents, amounts)) / 100:.2f}"
        self.store.insert(
            "transaction",
            [
                {
                    "id": str(order_id), "tranid": f"SO{order_id}", "type": "SalesOrd", "status": "B",
                    "trandate": on, "createddate": f"{on} 18:00:00", "lastmodifieddate": f"{on} 18:00:00",
                    "entity": "501", "currency": "1", "exchangerate": "1", "foreigntotal": made, **columns,
                }
            ],
        )  # fmt: skip
        self.line(order_id, 0, made, mainline="T", item=None, itemtype=None, subsidiary="3")
        for number, amount in enumerate(amounts, start=1):
            self.line(order_id, number, f"{-_cents(amount) / 100:.2f}")

    def line(self, order_id: int, number: int, amount: str, **columns: str | None) -> None:
        self.store.insert(
            "transactionline",
            [
                {
                    "transaction": str(order_id), "id": str(number), "uniquekey": str(order_id * 100 + number),
                    "linesequencenumber": str(number), "mainline": "F", "taxline": "F", "item": "71",
                    "itemtype": "InvtPart", "quantity": "-1", "rate": amount.removeprefix("-"),
                    "foreignamount": amount, **columns,
                }
            ],
        )  # fmt: skip

    def edit(self, order_id: int, **columns: str) -> None:
        """Changes the header as a save in NetSuite does: its stamp moves."""
        self.stamp += 1
        self.store.update(
            "transaction",
            {"id": str(order_id)},
            {"lastmodifieddate": f"2026-02-20 10:{self.stamp // 60:02d}:{self.stamp % 60:02d}", **columns},
        )

    def delete(self, order_id: int) -> None:
        self.store.delete("transaction", {"id": str(order_id)})
        self.store.delete("transactionline", {"transaction": str(order_id)})

    def plan(self, options: SourceOptions = OPTIONS) -> SourcePlan:
        found = probe(self, options)
        self.asked.clear()
        return found


def _cents(amount: str) -> int:
    return round(float(amount) * 100)


class Tickets:
    """Counts up from 1."""

    def __init__(self) -> None:
        self.last = 0

    def next_ticket(self) -> int:
        self.last += 1
        return self.last


@pytest.fixture
def tickets() -> Tickets:
    return Tickets()


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """One customer with a HubSpot id, one rep, one item, no order."""
    store = NetSuiteStore(tmp_path / "netsuite.sqlite")
    for name in CUSTOM_FIELDS.values():
        store.add_column("transaction", name)
    store.add_column("customer", HUBSPOT_ID)
    store.insert("currency", [{"id": "1", "symbol": "USD"}, {"id": "2", "symbol": "EUR"}])
    store.insert(
        "customer",
        [{"id": "501", "entityid": "C501", "companyname": "Alder", "isperson": "F", HUBSPOT_ID: "9000501"}],
    )
    store.insert(
        "employee",
        [{"id": "41", "firstname": "Ada", "lastname": "Byron", "email": "ada@example.com"}],
    )
    store.insert("item", [{"id": "71", "itemid": "SKU-71", "displayname": "Lamp", "itemtype": "InvtPart"}])
    yield Account(store)
    store.close()
