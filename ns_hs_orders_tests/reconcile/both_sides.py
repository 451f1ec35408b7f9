"""NetSuite, HubSpot and the state in memory, for reconciliation alone; nothing here can be written to by it.

Belongs here: the ports as dictionaries. Does not belong here: how the real systems behave; that is
tested against the emulators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from ns_hs_orders.extract.lookups import CountedByNetSuite
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.fields.field_map import FieldMap, field_map
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.money import exponent, to_minor
from ns_hs_orders.push.ports import AssociatedRecord, BatchAnswer, CrmRecord, OrderState, RecordHistory
from ns_hs_orders.push.schema import WantedLine, WantedOrder
from ns_hs_orders.reconcile.look import Sides
from ns_hs_orders.reconcile.ports import HubSpotEdit
from ns_hs_orders.reconcile.reconcile import reconcile
from ns_hs_orders.reconcile.sales.dollars import SalesRules
from ns_hs_orders.reconcile.schema import Reconciliation

DAY = date(2026, 11, 2)
NEXT_DAY = date(2026, 11, 3)
NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
FIELDS = field_map({})


@dataclass(frozen=True)
class Sale:
    """One order as NetSuite has it. standing: valid, or skipped/quarantined/due with a reason."""

    key: str
    total: str | None = "100.00"
    currency: str | None = "USD"
    on: date = DAY
    standing: str = "valid"
    reason: str | None = None
    tax: str = "0.00"
    shipping: str = "0.00"
    closed: str = "0.00"
    stage: str = "billed"
    sales_on: date | None = None
    rate: str | None = "1"
    memo: str = ""
    lines: tuple[tuple[str, str], ...] = (("1", "100.00"),)
    company_id: str = "9001"
    rep: str | None = None
    store: str | None = None

    @property
    def total_minor(self) -> int | None:
        try:
            return to_minor(self.total or "", self.currency or "")
        except Exception:  # noqa: BLE001 - any text that is no money has no amount
            return None

    def wanted(self) -> WantedOrder:
        currency = self.currency or ""
        properties = {
            "netsuite_internal_id": self.key,
            "hs_order_name": f"SO{self.key}",
            "hs_total_price": self.total or "",
            "hs_tax": self.tax,
            "hs_shipping_cost": self.shipping,
            "netsuite_closed_amount": self.closed,
            "hs_currency_code": currency,
            "netsuite_order_date": self.on.isoformat(),
            "hs_external_created_date": "2026-11-02T09:30:00.000Z",
            "hs_order_note": self.memo,
            "hs_pipeline_stage": f"{self.stage}-stage",
        }
        lines = tuple(
            WantedLine(
                f"{self.key}-{number}",
                {
                    "netsuite_line_key": f"{self.key}-{number}",
                    "name": f"Item {number}",
                    "quantity": "1",
                    "price": amount,
                    "netsuite_line_amount": amount,
                },
            )
            for number, amount in self.lines
        )
        digest = repr((sorted(properties.items()), lines, self.company_id))
        return WantedOrder(self.key, properties, lines, self.company_id, None, None, False, digest)


class NetSuite:
    """Sales by key. `before_read` may change them while they are read; `drops` are never in a range read."""

    def __init__(self) -> None:
        self.sales: dict[str, Sale] = {}
        self.drops: set[str] = set()
        self.asked: list[str] = []
        self.on_query: Callable[[str], None] = lambda _what: None
        self.tickets = 100

    def next_ticket(self) -> int:
        self.tickets += 1
        return self.tickets

    def read_orders(self, first: date, last: date) -> RawRead:
        self._note("range")
        return _raw(s for s in self.sales.values() if first <= s.on <= last and s.key not in self.drops)

    def read_orders_by_id(self, ids: Sequence[str]) -> RawRead:
        self._note("ids")
        return _raw(self.sales[key] for key in ids if key in self.sales)

    def control_totals(self, first: date, last: date) -> list[CountedByNetSuite]:
        self._note("control")
        groups: dict[tuple[date, str | None], list[Sale]] = {}
        for sale in self.sales.values():
            if first <= sale.on <= last:
                groups.setdefault((sale.on, sale.currency), []).append(sale)
        return [
            CountedByNetSuite(on, currency, len(group), _sum(group))
            for (on, currency), group in groups.items()
        ]

    def map_orders(self, raw: RawRead) -> MappedOrders:
        sales = [self.sales[key] for key in raw.orders["order_id_netsuite"].tolist()]
        frames = {
            standing: pd.DataFrame(
                [_mapped(s) for s in sales if s.standing in names],
                columns=[*_mapped(Sale("0"))],
                dtype=object,
            )
            for standing, names in (
                ("valid", ("valid",)),
                ("held", ("quarantined", "due")),
                ("skipped", ("skipped",)),
            )
        }
        goods = frames["valid"][["order_id_netsuite", "subtotal_minor"]].rename(
            columns={"subtotal_minor": "amount_minor"}
        )
        lines = goods.assign(line_class="goods")
        return MappedOrders(frames["valid"], lines, frames["held"], frames["skipped"])

    def wanted_orders(self, mapped: MappedOrders) -> list[WantedOrder]:
        return [self.sales[key].wanted() for key in mapped.orders["order_id_netsuite"].tolist()]

    def _note(self, what: str) -> None:
        self.asked.append(what)
        self.on_query(what)


@dataclass
class Held:
    """One order in HubSpot, with its line items by record id."""

    record_id: str
    properties: dict[str, str | None]
    lines: dict[str, dict[str, str | None]]
    companies: dict[str, frozenset[int]] = field(default_factory=dict)


class HubSpot:
    """Orders by key. `stale` keys are in the search index only; `loose` line items hang on no order."""

    def __init__(self) -> None:
        self.orders: dict[str, Held] = {}
        self.stale: list[str] = []
        self.loose: dict[str, dict[str, str | None]] = {}
        self.on_read: Callable[[], None] = lambda: None

    def hold(self, sale: Sale) -> Held:
        """Puts the order there exactly as wanted."""
        wanted = sale.wanted()
        held = Held(
            f"7{sale.key}",
            {name: value or None for name, value in wanted.properties.items()},
            {f"5{line.key.replace('-', '0')}": dict(line.properties) for line in wanted.lines},
            {sale.company_id: frozenset({509, 510})},
        )
        self.orders[sale.key] = held
        return held

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        key_property: str | None = None,
        archived: bool = False,
    ) -> BatchAnswer:
        assert len(ids) <= 100
        if object_type == "orders":
            self.on_read()
            found = [CrmRecord(o.record_id, o.properties) for k, o in self.orders.items() if k in ids]
        else:
            every = {i: p for order in self.orders.values() for i, p in order.lines.items()} | self.loose
            asked = (
                {p.get(key_property): i for i, p in every.items()} if key_property else {i: i for i in every}
            )
            found = [CrmRecord(asked[one], every[asked[one]]) for one in ids if one in asked]
        kept = [r._replace(properties={n: r.properties.get(n) for n in properties}) for r in found]
        return BatchAnswer(tuple(reversed(kept)))

    def read(self, from_type: str, to_type: str, from_ids: Sequence[str]) -> list[AssociatedRecord]:
        found: list[AssociatedRecord] = []
        for order in self.orders.values():
            if from_type == "line_items":
                found += [
                    AssociatedRecord(i, order.record_id, frozenset({514}))
                    for i in order.lines
                    if i in from_ids
                ]
            elif order.record_id in from_ids:
                if to_type == "line_items":
                    found += [AssociatedRecord(order.record_id, i, frozenset({513})) for i in order.lines]
                elif to_type == "companies":
                    found += [AssociatedRecord(order.record_id, i, t) for i, t in order.companies.items()]
        return found

    def orders_dated(self, first: date, last: date) -> list[str]:
        dated = [
            key
            for key, order in self.orders.items()
            if first.isoformat() <= (order.properties["netsuite_order_date"] or "") <= last.isoformat()
        ]
        return dated + self.stale

    def orders_without_key(
        self, names: Sequence[str], external_ids: Sequence[str], key_property: str = ""
    ) -> list[str]:
        return []

    def read_history(
        self,
        object_type: str,
        record_ids: Sequence[str],
        properties: Sequence[str],
        *,
        archived: bool = False,
    ) -> list[RecordHistory]:
        return []


class Known:
    """States by order id, and what reconciliation noted."""

    def __init__(self) -> None:
        self.states: dict[str, OrderState] = {}
        self.flying: set[str] = set()
        self.different: dict[str, tuple[str, ...]] = {}
        self.days: dict[date, bool | None] = {}
        self.edits: dict[str, Sequence[HubSpotEdit]] = {}

    def know(self, sale: Sale, outcome: str = "created", **changes: Any) -> None:
        """Knows the order as confirmed in this version."""
        state = OrderState(
            sale.key,
            outcome,
            None,
            sale.wanted().fingerprint,
            1,
            f"7{sale.key}",
            sale.total_minor,
            sale.currency,
            sale.on,
            None,
        )
        self.states[sale.key] = replace(state, **changes)

    def load(self, order_ids: Sequence[str], *, links: bool = True) -> dict[str, OrderState]:
        return {key: self.states[key] for key in order_ids if key in self.states}

    def dated(self, first: date, last: date) -> set[str]:
        return {k for k, s in self.states.items() if s.order_on and first <= s.order_on <= last}

    def in_flight(self, order_ids: Sequence[str], now: datetime) -> set[str]:
        return self.flying & set(order_ids)

    def mark_different(self, order_ids: Sequence[str], *, ticket: int, cause: str, now: datetime) -> None:
        self.different[cause] = tuple(order_ids)

    def note_edits(
        self,
        edits: Mapping[str, Sequence[HubSpotEdit]],
        *,
        looked_at: Sequence[str],
        ticket: int,
        now: datetime,
    ) -> None:
        self.edits = dict(edits)

    def record_days(self, results: dict[date, bool | None], *, ticket: int) -> None:
        self.days = dict(results)


class Both:
    """Both systems and the state."""

    def __init__(self) -> None:
        self.netsuite, self.hubspot, self.known = NetSuite(), HubSpot(), Known()

    def synced(self, *sales: Sale) -> None:
        """Orders that are on both sides, as the state knows."""
        for sale in sales:
            self.netsuite.sales[sale.key] = sale
            self.hubspot.hold(sale)
            self.known.know(sale)

    def reconcile(self, first: date = DAY, last: date = DAY, fields: FieldMap = FIELDS) -> Reconciliation:
        return reconcile(self.sides(), fields, first, last, mode="sandbox", clock=lambda: NOW)

    def sides(self) -> Sides:
        return Sides(
            next_ticket=self.netsuite.next_ticket,
            read_orders=self.netsuite.read_orders,
            read_orders_by_id=self.netsuite.read_orders_by_id,
            control_totals=self.netsuite.control_totals,
            map_orders=self.netsuite.map_orders,
            wanted_orders=self.netsuite.wanted_orders,
            crm=self.hubspot,
            associations=self.hubspot,
            search=self.hubspot,
            history=self.hubspot,
            user_names=dict,
            owner_names=dict,
            known=self.known,
            sales=SalesRules(
                stage_of_id={"billed-stage": "billed", "cancelled-stage": "cancelled"},
                url_netsuite="https://netsuite.test/salesord?id={id}",
                url_hubspot="https://hubspot.test/{id}",
            ),
        )


def _raw(sales: Iterable[Sale]) -> RawRead:
    records = [
        (s.key, s.on.isoformat(), s.currency, s.total, s.rate, s.store, s.company_id, "F") for s in sales
    ]
    names = [
        "order_id_netsuite", "order_on", "currency", "total", "exchange_rate", "source_store", "customer_hubspot_id",
        "customer_is_person",
    ]  # fmt: skip
    return RawRead(pd.DataFrame(records, columns=names, dtype="str"), pd.DataFrame())


def _mapped(sale: Sale) -> dict[str, Any]:
    readable = sale.total_minor is not None
    return {
        "order_id_netsuite": sale.key,
        "order_number": f"SO{sale.key}",
        "order_on": sale.on,
        "customer_name": "Ümit & Söhne",
        "rep_name": sale.rep,
        "customer_id": f"1{sale.company_id}",
        "company_id_hubspot": sale.company_id,
        "source_store": sale.store,
        "currency": sale.currency if readable else None,
        "total_minor": sale.total_minor,
        "outcome": sale.standing,
        "reason": sale.reason,
        "explanation": None,
        "status": "G",
        "stage": sale.stage,
        "sales_effective_on": sale.sales_on,
        "exchange_rate": sale.rate,
        "tax_minor": to_minor(sale.tax, "USD"),
        "subtotal_minor": (sale.total_minor or 0)
        - to_minor(sale.tax, "USD")
        - to_minor(sale.shipping, "USD"),
        "discount_minor": 0,
        "payment_minor": 0,
        "unclassified_minor": 0,
        "shipping_cost_minor": to_minor(sale.shipping, "USD"),
        "closed_minor": to_minor(sale.closed, "USD"),
    }


def _sum(group: list[Sale]) -> str | None:
    amounts = [Decimal(s.total) for s in group if s.total is not None]
    return format(sum(amounts, Decimal(0)), "f") if amounts else None


def minor_text(minor: int, currency: str) -> str:
    """Minor units as NetSuite's decimal text."""
    return format(Decimal(minor).scaleb(-exponent(currency)), "f")
