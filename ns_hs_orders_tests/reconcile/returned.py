"""Returns in memory beside `both_sides`: NetSuite's, and HubSpot's orders that tell what was returned of them.

Belongs here: the ports of returns as dictionaries. Does not belong here: how the real systems behave; that is tested
against the emulators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from ns_hs_orders.columns import typed
from ns_hs_orders.extract.returns.schema import RawReturns, RawReturnsRead
from ns_hs_orders.extract.returns.totals import ReturnsCounted
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.returns.schema import HeldReturns, MappedReturns, Returns
from ns_hs_orders.money import plain, to_minor
from ns_hs_orders.reconcile.reconcile import reconcile
from ns_hs_orders.reconcile.returns.on_orders import RETURNED_PROPERTY, compare_on_orders
from ns_hs_orders.reconcile.returns.sides import (
    HeldReturn,
    HeldReturnOnly,
    Parent,
    ReturnSides,
)
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders_tests.reconcile.both_sides import DAY, FIELDS, NEXT_DAY, NOW, Both, Sale

STAGES = {
    "A": "pending_approval",
    "B": "pending_receipt",
    "D": "partially_received",
    "E": "partially_received",
    "F": "pending_refund",
    "G": "refunded",
    "H": "closed",
    "C": "cancelled",
}
NET = SalesDefinition(less_returns=True)
BEFORE = DAY - timedelta(days=30)
AFTER = NEXT_DAY + timedelta(days=5)


@dataclass(frozen=True)
class Back:
    """One return as NetSuite has it, total positive. standing: valid, or quarantined, due, skipped with a reason."""

    key: str
    total: str = "10.00"
    of: str | None = None
    currency: str = "USD"
    on: date = DAY
    status: str = "G"
    received: str | None = None
    tax: str = "0.00"
    shipping: str = "0.00"
    rate: str | None = "1"
    kind: str = "order"
    standing: str = "valid"
    reason: str | None = None
    rep: str | None = None
    store: str | None = None
    company: str = "9001"

    @property
    def total_minor(self) -> int:
        return to_minor(self.total, self.currency)

    @property
    def counted_minor(self) -> int:
        """By the rule of the issue: nothing of A and C, the received part of a closed one, else all."""
        if self.status in "AC":
            return 0
        if self.status == "H":
            return to_minor(self.received or "0", self.currency)
        return self.total_minor


class BothWithReturns(Both):
    """Both systems with returns. `misses`: returns that a read never brings. `records`: what HubSpot holds in records."""

    def __init__(self, *, in_records: bool = False) -> None:
        super().__init__()
        self.backs: dict[str, Back] = {}
        self.misses: set[str] = set()
        self.records: dict[str, HeldReturn] = {}
        self.only: list[HeldReturnOnly] = []
        self.in_records = in_records
        self.definition = NET

    def returned(self, *backs: Back) -> None:
        """Returns that are on both sides: on their orders, and in records of their own."""
        for back in backs:
            self.backs[back.key] = back
            if back.standing == "valid":
                self.records[back.key] = HeldReturn(
                    "unchanged", "agrees", None, None, None, back.counted_minor, back.currency, f"8{back.key}"
                )
        for key, held in self.hubspot.orders.items():
            sale = self.netsuite.sales.get(key)
            if sale is not None and (of_order := self.returned_of(sale)):
                held.properties[RETURNED_PROPERTY] = plain(of_order, sale.currency or "USD")

    def returned_of(self, sale: Sale) -> int:
        """What counts of all returns of an order, in its currency."""
        return sum(
            back.counted_minor
            for back in self.backs.values()
            if back.of == sale.key and back.currency == sale.currency and back.standing == "valid"
        )

    def return_sides(self) -> ReturnSides:
        return ReturnSides(
            held_in="pipeline" if self.in_records else "amounts_only",
            read=self.read_returns,
            counted=self.counted,
            map=self.map_returns,
            of_orders=self.of_orders,
            stage_of_status=STAGES,
            compare=self.of_records if self.in_records else _on_orders,
            url_netsuite="https://netsuite.test/rtnauth?id={id}",
            url_hubspot="https://hubspot.test/{id}",
        )

    def of_orders(self, raw: RawRead) -> dict[str, list[tuple[str, date, str, int]]]:
        keys = raw.orders["order_id_netsuite"].tolist()
        return {
            key: [
                (back.key, back.on, back.currency, back.counted_minor)
                for back in self.backs.values()
                if back.of == key and back.standing == "valid"
            ]
            for key in keys
        }

    def of_records(
        self, mapped: MappedReturns, _parents: Mapping[str, Parent], first: date, last: date
    ) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
        return (
            {
                key: self.record_of(self.backs[key])
                for key in self.backs
                if first <= self.backs[key].on <= last
            },
            [one for one in self.only if first <= one.return_on <= last],
        )

    def record_of(self, back: Back) -> HeldReturn:
        if back.standing != "valid":
            cause = "not yet pushed" if back.standing == "due" else back.standing
            return HeldReturn(back.standing, "missing in HubSpot", cause, back.reason, None, None, None)
        return self.records[back.key]

    def read_returns(self, first: date, last: date) -> RawReturnsRead:
        backs = [b for b in self.backs.values() if first <= b.on <= last and b.key not in self.misses]
        frame = frame_of(RawReturns.empty(), [_raw(back) for back in backs])
        return RawReturnsRead(frame, pd.DataFrame())

    def counted(self, first: date, last: date) -> list[ReturnsCounted]:
        groups: dict[tuple[date, str, str], list[Back]] = {}
        for back in self.backs.values():
            if first <= back.on <= last:
                groups.setdefault((back.on, back.currency, back.status), []).append(back)
        return [
            ReturnsCounted(on, code, status, len(group), plain(-sum(b.total_minor for b in group), code))
            for (on, code, status), group in groups.items()
        ]

    def map_returns(self, raw: RawReturnsRead) -> MappedReturns:
        backs = [self.backs[key] for key in raw.returns["return_id_netsuite"].tolist()]
        held = {
            names: frame_of(HeldReturns.empty(), [_held(b) for b in backs if b.standing in names])
            for names in (("quarantined", "due"), ("skipped",))
        }
        valid = frame_of(Returns.empty(), [self._mapped(b) for b in backs if b.standing == "valid"])
        return MappedReturns(valid, pd.DataFrame(), *held.values())

    def _mapped(self, back: Back) -> dict[str, Any]:
        sale = self.netsuite.sales.get(back.of or "")
        return {
            "return_id_netsuite": back.key,
            "return_number": f"RA{back.key}",
            "return_on": back.on,
            "status": back.status,
            "stage": STAGES[back.status],
            "currency": back.currency,
            "exchange_rate": back.rate,
            "amount_minor": back.total_minor,
            "tax_minor": to_minor(back.tax, back.currency),
            "shipping_cost_minor": to_minor(back.shipping, back.currency),
            "received_minor": to_minor(back.received or "0", back.currency),
            "counted_minor": back.counted_minor,
            "parent_kind": back.kind if back.of or back.kind != "order" else "none",
            "parent_order_id": back.of,
            "parent_order_number": f"SO{sale.key}" if sale else None,
            "parent_order_on": sale.on if sale else None,
            "customer_id": f"1{back.company}",
            "customer_name": "Ümit & Söhne",
            "company_id_hubspot": back.company,
            "rep_name": back.rep,
            "source_store": back.store,
            "return_url": f"https://netsuite.test/rtnauth?id={back.key}",
        }

    def map_orders(self, raw: Any) -> Any:
        mapped = self.netsuite.map_orders(raw)
        orders = mapped.orders
        orders["returned_minor"] = typed(
            [self.returned_of(self.netsuite.sales[key]) for key in orders["order_id_netsuite"].tolist()],
            pd.Int64Dtype(),
        )
        return mapped

    def reconcile_net(self, first: date = DAY, last: date = DAY) -> Reconciliation:
        """The reconciliation with net sales."""
        sides = self.sides()
        sides = replace(
            sides,
            map_orders=self.map_orders,
            sales=replace(sides.sales, definition=self.definition),
            returns=self.return_sides(),
        )
        return reconcile(sides, FIELDS, first, last, mode="sandbox", clock=lambda: NOW)


def _on_orders(
    mapped: MappedReturns, parents: Mapping[str, Parent], _first: date, _last: date
) -> tuple[Mapping[str, HeldReturn], Sequence[HeldReturnOnly]]:
    return compare_on_orders(mapped, parents)


def _raw(back: Back) -> dict[str, Any]:
    return {
        "return_id_netsuite": back.key,
        "status": back.status,
        "return_on": back.on.isoformat(),
        "currency": back.currency,
        "exchange_rate": back.rate,
        "total": f"-{back.total}",
        "source_store": back.store,
        "customer_hubspot_id": back.company,
        "customer_is_person": "F",
    }


def _held(back: Back) -> dict[str, Any]:
    return {
        "return_id_netsuite": back.key,
        "return_number": f"RA{back.key}",
        "return_on": back.on,
        "parent_order_id": back.of,
        "customer_id": f"1{back.company}",
        "customer_name": "Ümit & Söhne",
        "rep_name": back.rep,
        "status": back.status,
        "outcome": back.standing,
        "reason": back.reason,
        "explanation": "Held back.",
        "currency": back.currency,
        "amount_minor": back.total_minor,
    }


def frame_of(empty: pd.DataFrame, records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    found = list(records)
    return pd.DataFrame(
        {name: _column([one.get(name) for one in found], empty[name].dtype) for name in empty.columns}
    )


def _column(values: list[Any], dtype: Any) -> Any:
    if pd.api.types.is_bool_dtype(dtype):
        return pd.array([bool(value) for value in values], dtype=dtype)
    return typed(values, dtype)


def only_in_hubspot() -> HeldReturnOnly:
    """A return of the day that NetSuite never had."""
    held = HeldReturn("archived", "only in HubSpot", "only in HubSpot", None, None, 700, "USD", "8900")
    return HeldReturnOnly("900", "RA900", DAY, held)


def everything(both: BothWithReturns) -> None:
    """Orders and returns in three currencies, every name and cause at once."""
    both.synced(Sale("1"), Sale("2"))
    both.synced(
        Sale("3", "90.00", on=BEFORE, rep="Ann"),
        Sale("4", "77.77", "EUR", rate="1.0850", rep="Ann", store="Web", company_id="9002"),
        Sale("6", "9000", "JPY", NEXT_DAY, rate="0.0065", rep="Bob", store="Shop"),
        Sale("7", "50.00", on=NEXT_DAY, rep="Bob", store="Web"),
    )
    both.netsuite.sales["5"] = Sale("5", "33.33", standing="skipped", reason="customer_not_in_hubspot")
    both.returned(
        Back("71", "30.00", of="1", rep="Ann", store="Web"),
        Back("72", "11.11", of="4", currency="EUR", rate="1.0920", on=NEXT_DAY, rep="Ann", company="9002"),
        Back("73", "1234", of="6", currency="JPY", rate="0.0067", on=NEXT_DAY, rep="Bob", store="Shop"),
        Back("74", "100.01", of="2"),
        Back("75", "20.00", of="3", on=NEXT_DAY, rep="Ann"),
        Back("76", "8.00", kind="none"),
        Back("77", "9.00", of="5"),
        Back("78", "4.44", of="1", standing="quarantined", reason="does_not_add_up"),
        Back("79", "5.55", of="5", standing="skipped", reason="customer_not_in_hubspot"),
        Back("80", "6.66", of="1", standing="due", reason="changing_while_read", on=NEXT_DAY),
        Back("81", "7.77", of="7", on=AFTER),
        Back("82", "12.00", of="7", status="A", on=NEXT_DAY),
        Back("84", "3.33", of="4", rep="Ann", store="Web"),
        Back("83", "12.00", of="7", status="H", received="3.50", on=NEXT_DAY),
    )
    both.hubspot.orders["2"].properties["hs_total_price"] = "101.00"
    if both.in_records:
        both.records["71"] = both.records["71"]._replace(cause="edited in HubSpot", finding="amount differs",
                                     counted_minor=2950)  # fmt: skip
        both.only.append(only_in_hubspot())
    else:
        both.hubspot.orders["1"].properties[RETURNED_PROPERTY] = "29.50"
