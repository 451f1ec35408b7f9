"""One order of each cause, planted in both emulators, each on a day of its own.

Belongs here: planting, and what is expected of each. Does not belong here: judging what a reconciliation told (tests).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from ns_hs_orders.fields.field import UNIQUE_LINE_KEY
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.money import plain, shown
from ns_hs_orders.push.ports import AssociationInput
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world.company.build import generate
from ns_hs_orders.sandbox.world.load import load_world
from ns_hs_orders.settings import load_settings
from ns_hs_orders.setup.plan import apply, plan
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders.wiring.session import Session

ORDERS = 38
"""Fewer than 40, so that the made-up company has no bad orders of its own."""
TODAY = date(2026, 11, 20)
FIRST = TODAY - timedelta(days=ORDERS - 1)
OTHER_INTEGRATION = "Other integration"
ANN = 70500
UNKNOWN_USER = 70577


@dataclass(frozen=True)
class Expected:
    """What a reconciliation must tell of one planted order.

    amount_minor: HubSpot minus NetSuite under the cause. words: each in the explanation. key: in place of the
    order's own, for a row that is no order of NetSuite.
    """

    cause: str
    finding: str
    amount_minor: int
    words: tuple[str, ...]
    changed_by: str | None = None
    has_moment: bool = False
    is_red: bool = True
    key: str | None = None


@dataclass(frozen=True)
class Target:
    """A valid order, alone on its day."""

    key: str
    on: date
    number: str
    total: int


class Company:
    """Both emulators with every order in USD and on a day of its own, and one session on them."""

    def __init__(self, session: Session, netsuite: NetSuiteStore, hubspot: HubSpotStore) -> None:
        self.session, self.netsuite, self.hubspot = session, netsuite, hubspot
        self.next_id = 880_000

    def read(self) -> MappedOrders:
        return self.session.map(self.session.read_days(FIRST, TODAY))

    def targets(self) -> list[Target]:
        """The valid orders, by day."""
        rows = self.read().orders.sort_values("order_on")
        names = ["order_id_netsuite", "order_on", "order_number", "total_minor"]
        return [
            Target(key, on, number, int(total))
            for key, on, number, total in rows[names].itertuples(index=False)
        ]

    def sync(self, *, but: Target) -> None:
        """Writes every order but one."""
        mapped = self.read()
        kept = {
            name: frame[frame["order_id_netsuite"] != but.key].reset_index(drop=True)
            for name, frame in (("orders", mapped.orders), ("lines", mapped.lines))
        }
        self.session.push(replace(mapped, **kept), run="test")

    def held(self, key: str) -> dict[str, str]:
        """HubSpot's properties of an order, and its record id as `id`."""
        found = next(
            one
            for one in self.hubspot.objects("orders")
            if one["properties"].get("netsuite_internal_id") == key
        )
        return {**found["properties"], "id": found["id"]}

    def edit(self, key: str, user_id: int = ANN, **properties: str) -> None:
        self.hubspot.edit("orders", self.held(key)["id"], properties, user_id=user_id)

    def line_of(self, key: str) -> dict[str, str]:
        found = next(
            one
            for one in self.hubspot.objects("line_items")
            if str(one["properties"].get(UNIQUE_LINE_KEY)).startswith(f"{key}-")
        )
        return {**found["properties"], "id": found["id"]}

    def load(self, object_type: str, **properties: str) -> str:
        """Makes a record, as another integration does; returns its id."""
        self.next_id += 1
        self.hubspot.load(object_type, [{"id": str(self.next_id), **properties}])
        return str(self.next_id)

    def delete_in_netsuite(self, key: str) -> None:
        self.netsuite.delete("transactionline", {"transaction": key})
        self.netsuite.delete("transaction", {"id": key})

    def change(self, key: str, **values: str) -> None:
        self.netsuite.update("transaction", {"id": key}, dict(values))


@contextmanager
def opened(home: Path) -> Iterator[Company]:
    """The company before its first sync; two owners, one of whom has a name."""
    with Sandbox(home, limits="off") as sandbox:
        netsuite, hubspot = NetSuiteStore(sandbox.home.netsuite_path), HubSpotStore(sandbox.home.hubspot_path)
        load_world(generate(ORDERS, 7, TODAY, days=30), netsuite, hubspot)
        hubspot.load_owners(
            [
                {
                    "id": "9501",
                    "email": "ann@example.com",
                    "firstName": "Ann",
                    "lastName": "Lee",
                    "userId": str(ANN),
                }
            ]
        )
        for place, order in enumerate(netsuite.rows("transaction", type="SalesOrd")):
            on = FIRST + timedelta(days=place)
            in_usd = {"trandate": on.isoformat(), "currency": "1", "exchangerate": "1"}
            netsuite.update("transaction", {"id": str(order["id"])}, in_usd)
        with open_session(load_settings(home=home, returns="amounts_only")) as session:
            apply(plan(session.definitions, session.field_map), lambda _: None)
            company = Company(session, netsuite, hubspot)
            for order_id in company.read().skipped["order_id_netsuite"].tolist():
                company.delete_in_netsuite(order_id)
            yield company
        netsuite.close()
        hubspot.close()


def plant_before_the_sync(company: Company, targets: list[Target]) -> dict[Target, Expected]:
    """Orders that do not reach HubSpot with the sync that follows; the last one is kept from it (`sync`)."""
    skipped, quarantined, rejected, never = targets
    stranger: dict[str, str | None] = {
        **company.netsuite.rows("customer")[0],
        "id": "99001",
        "custentity_celigo_hubspot_id": None,
    }
    company.netsuite.insert("customer", [stranger])
    company.change(skipped.key, entity="99001")
    company.change(quarantined.key, foreigntotal=plain(quarantined.total + 700, "USD"))
    company.change(rejected.key, memo="x" * 70_000)
    return {
        skipped: _held_back("skipped", -skipped.total, "no HubSpot id"),
        quarantined: _held_back("quarantined", -quarantined.total - 700, "7.00 USD is unexplained"),
        rejected: _held_back("rejected", -rejected.total, "Memo"),
        never: replace(
            _held_back("not yet pushed", -never.total, "not written this version yet"), is_red=True
        ),
    }


def _held_back(cause: str, amount_minor: int, words: str) -> Expected:
    return Expected(cause, "missing in HubSpot", amount_minor, (words,), is_red=False)


def plant(company: Company, targets: list[Target]) -> dict[Target, Expected]:
    """One order of each cause that comes after a sync."""
    return {target: one(company, target) for target, one in zip(targets, PLANTS, strict=False)}


def _edited(company: Company, target: Target) -> Expected:
    company.edit(target.key, hs_total_price=plain(target.total - 1000, "USD"))
    words = (
        "Changed in HubSpot by Ann Lee on ",
        " UTC: Total Price ",
        f"→ {shown(target.total - 1000, 'USD')}",
    )
    return Expected("edited in HubSpot", "amount differs", -1000, words, "Ann Lee", has_moment=True)


def _field_edited(company: Company, target: Target) -> Expected:
    company.edit(target.key, UNKNOWN_USER, netsuite_po_number="PO 7")
    words = ("Changed in HubSpot by HubSpot user 70577 on ", "PO # ", " → PO 7.")
    return Expected("edited in HubSpot", "field differs", 0, words, "HubSpot user 70577", has_moment=True)


def _edited_by_an_integration(company: Company, target: Target) -> Expected:
    company.hubspot.load("orders", [{"id": company.held(target.key)["id"], "hs_tax": "999999"}])
    words = (f"Changed in HubSpot by {OTHER_INTEGRATION} on ", "Tax Price ")
    return Expected("edited in HubSpot", "amount differs", 0, words, OTHER_INTEGRATION, has_moment=True)


def _edited_in_netsuite(company: Company, target: Target) -> Expected:
    company.change(target.key, memo="by airplane", lastmodifieddate="2026-11-20 12:00:00")
    words = ("NetSuite changed it after the last write: ", "Memo by airplane, HubSpot still ")
    return Expected("edited in NetSuite", "field differs", 0, words)


def _deleted_in_hubspot(company: Company, target: Target) -> Expected:
    record_id = company.held(target.key)["id"]
    company.hubspot.archive("orders", record_id)
    words = (f"HubSpot's record {record_id} has been in the recycle bin since ",)
    return Expected("deleted in HubSpot", "missing in HubSpot", -target.total, words, has_moment=True)


def _key_taken_away(company: Company, target: Target) -> Expected:
    record_id = company.held(target.key)["id"]
    company.edit(target.key, netsuite_internal_id="", hs_order_name="Mine", hs_external_order_id="")
    words = (f"HubSpot's record {record_id} has lost its NetSuite Internal ID: changed by Ann Lee on ",)
    return Expected(
        "deleted in HubSpot", "missing in HubSpot", -target.total, words, "Ann Lee", has_moment=True
    )


def _deleted_in_netsuite(company: Company, target: Target) -> Expected:
    company.delete_in_netsuite(target.key)
    words = ("NetSuite does not have this order any more; HubSpot still holds it.",)
    return Expected("deleted in NetSuite", "only in HubSpot", target.total, words)


def _duplicate_by_number(company: Company, target: Target) -> Expected:
    record_id = company.load(
        "orders", hs_order_name=target.number.lower(), hs_currency_code="USD", hs_total_price="12.34"
    )
    words = (f"Made in HubSpot by {OTHER_INTEGRATION} on ", f"record {record_id} carries the order number ")
    return _duplicate(record_id, words)


def _duplicate_by_id(company: Company, target: Target) -> Expected:
    record_id = company.load(
        "orders",
        hs_order_name="Web 1",
        hs_external_order_id=target.key,
        hs_currency_code="USD",
        hs_total_price="12.34",
    )
    words = (f"record {record_id} carries NetSuite's internal id {target.key} as its Order ID",)
    return _duplicate(record_id, words)


def _duplicate(record_id: str, words: tuple[str, ...]) -> Expected:
    key = f"hubspot:{record_id}"
    return Expected(
        "duplicate in HubSpot", "only in HubSpot", 1234, words, OTHER_INTEGRATION, has_moment=True, key=key
    )


def _duplicate_return(company: Company, target: Target) -> Expected:
    """A return that stands alone, of a customer that is not in HubSpot: no order of the sync tells it."""
    (order,) = company.netsuite.rows("transaction", id=target.key)
    back = {"id": "990001", "tranid": "RMA990001", "type": "RtnAuth", "recordtype": "returnauthorization",
            "status": "G", "entity": "99001", "foreigntotal": "-12.34"}  # fmt: skip
    main_line = {"uniquekey": "99000100", "transaction": "990001", "id": "0", "linesequencenumber": "0",
                 "mainline": "T", "taxline": "F", "foreignamount": "-12.34"}  # fmt: skip
    company.netsuite.insert("transaction", [{**order, **back}])
    company.netsuite.insert("transactionline", [main_line])
    record_id = company.load(
        "orders",
        hs_order_name="Refund",
        hs_external_order_id="rma990001",
        hs_currency_code="USD",
        hs_total_price="-12.34",
    )
    words = (
        f"Made in HubSpot by {OTHER_INTEGRATION} on ",
        f"record {record_id} carries the order number RMA990001 in hs_external_order_id, of a return, but",
    )
    return replace(_duplicate(record_id, words), cause="duplicate return in HubSpot", amount_minor=-1234)


def _line_added(company: Company, target: Target) -> Expected:
    line_id = company.load("line_items", name="By hand", price="3.00")
    pair = AssociationInput(company.held(target.key)["id"], line_id, (513,))
    assert company.session.hubspot.associations.create("orders", "line_items", [pair]) == ()
    words = (
        f"Line item added by {OTHER_INTEGRATION} on ",
        "By hand, 3.00 USD",
        "remove the line item in HubSpot",
    )
    return Expected(
        "line added in HubSpot by a person", "lines differ", 0, words, OTHER_INTEGRATION, has_moment=True
    )


def _line_changed(company: Company, target: Target) -> Expected:
    line = company.line_of(target.key)
    company.hubspot.edit("line_items", line["id"], {"netsuite_line_amount": "0.01"}, user_id=ANN)
    words = ("Changed in HubSpot by Ann Lee on ", "NetSuite Line Amount ", "→ 0.01 USD")
    return Expected("lines differ", "lines differ", 0, words, "Ann Lee", has_moment=True)


def _stage_changed(company: Company, target: Target) -> Expected:
    stages = company.session.pipeline.stage_ids
    assert company.held(target.key)["hs_pipeline_stage"] != stages["pending_approval"]
    company.edit(
        target.key,
        hs_pipeline_stage=stages["pending_approval"],
    )
    words = ("Changed in HubSpot by Ann Lee on ", "Pipeline stage ", " → pending approval.")
    return Expected("stage differs", "field differs", 0, words, "Ann Lee", has_moment=True)


def _link_removed(company: Company, target: Target) -> Expected:
    order_id = company.held(target.key)["id"]
    associations = company.session.hubspot.associations
    linked = associations.read("orders", "companies", [order_id])
    pairs = [AssociationInput(order_id, one.to_id) for one in linked]
    assert associations.remove("orders", "companies", pairs) == ()
    words = (f"HubSpot's order is not linked to company {linked[0].to_id} (", "does not tell who")
    return Expected("association missing", "association missing", 0, words)


def _rounded(company: Company, target: Target) -> Expected:
    company.edit(target.key, hs_total_price=f"{plain(target.total, 'USD')}4")
    words = ("Less than the smallest unit apart: Total Price is ", "Written by Ann Lee on ")
    return Expected("rounding", "amount differs", 0, words, "Ann Lee", has_moment=True)


def _only_in_hubspot(company: Company, target: Target) -> Expected:
    key = "77777777"
    company.load(
        "orders",
        netsuite_internal_id=key,
        netsuite_order_date=target.on.isoformat(),
        hs_order_name="By hand",
        hs_currency_code="USD",
        hs_total_price="5.00",
    )
    words = (f"Made in HubSpot by {OTHER_INTEGRATION} on ", "Archive the order in HubSpot")
    return Expected(
        "only in HubSpot", "only in HubSpot", 500, words, OTHER_INTEGRATION, has_moment=True, key=key
    )


def _held_back_later(company: Company, target: Target) -> Expected:
    company.change(target.key, foreigntotal=plain(target.total + 700, "USD"))
    words = ("7.00 USD is unexplained",)
    return Expected("earlier version still in HubSpot", "amount differs", -700, words, is_red=False)


def _moved(company: Company, target: Target) -> Expected:
    day = FIRST - timedelta(days=30)
    company.change(target.key, trandate=day.isoformat())
    return Expected("moved to another day", "only in HubSpot", target.total, (f"NetSuite dates it {day}",))


PLANTS: tuple[Callable[[Company, Target], Expected], ...] = (
    _edited,
    _field_edited,
    _edited_by_an_integration,
    _edited_in_netsuite,
    _deleted_in_hubspot,
    _key_taken_away,
    _deleted_in_netsuite,
    _duplicate_by_number,
    _duplicate_by_id,
    _duplicate_return,
    _line_added,
    _line_changed,
    _stage_changed,
    _link_removed,
    _rounded,
    _only_in_hubspot,
    _held_back_later,
    _moved,
)
