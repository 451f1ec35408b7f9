"""What both systems and the state say, read as often as doubt demands.

Belongs here: what is read, when, and what is looked at twice. Does not belong here: the rules of a
comparison (compare), of causes (causes) and of sums (bridge). Nothing here writes to HubSpot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

import pandas as pd

from ns_hs_orders.extract.lookups import CountedByNetSuite
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.fields.field_map import FieldMap
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.ports import OrderState
from ns_hs_orders.push.schema import WantedOrder
from ns_hs_orders.reconcile.causes import MUST_BE_HELD
from ns_hs_orders.reconcile.compare import FieldKinds, held_date
from ns_hs_orders.reconcile.compared import ComparedOrder, compare_absent, compare_order
from ns_hs_orders.reconcile.duplicates import (
    find_duplicates,
    originals_of_orders,
    originals_of_returns,
    parts_of_duplicates,
)
from ns_hs_orders.reconcile.integrity import (
    Evidence,
    Unlinked,
    findings,
    headers_apart,
    without_link,
    without_owner,
)
from ns_hs_orders.reconcile.loose_lines import find_loose_lines
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder, control_totals, netsuite_orders
from ns_hs_orders.reconcile.ports import (
    KnownOrders,
    OrderSearch,
    ReadAssociations,
    ReadBack,
    ReadHistory,
)
from ns_hs_orders.reconcile.read_back import HeldOrder, Told, read_held_orders
from ns_hs_orders.reconcile.returns.sides import FoundReturns, ReturnSides
from ns_hs_orders.reconcile.sales.dollars import SalesRules, order_parts
from ns_hs_orders.reconcile.schema import ControlTotal, IntegrityFinding

Value = TypeVar("Value")
_TELL_EVERY = 1000
_LONGEST_ID = 18
PART = 5000
"""Orders that are held as both systems have them, at a time."""


@dataclass(frozen=True)
class Sides:
    """Both systems and the state, as the calls that reconciliation makes.

    read_orders: orders dated in a range, both ends included. read_orders_by_id: these orders, those
    that NetSuite does not have left out. control_totals: COUNT and SUM computed by NetSuite.
    wanted_orders: what HubSpot should hold for the valid ones, its own ids resolved. user_names: HubSpot's user id
    → name, asked once somebody is to be named. owner_names: owner id → name, asked once an owner differs. sales: what sales dollars and links need. threads: calls to HubSpot
    side by side. returns: both sides of returns, None where net sales are not told. key_property_of_others: where another
    integration's records name NetSuite's orders, "" for nowhere. with_contacts: whether contacts are read.
    """

    next_ticket: Callable[[], int]
    read_orders: Callable[[date, date], RawRead]
    read_orders_by_id: Callable[[Sequence[str]], RawRead]
    control_totals: Callable[[date, date], Sequence[CountedByNetSuite]]
    map_orders: Callable[[RawRead], MappedOrders]
    wanted_orders: Callable[[MappedOrders], Iterable[WantedOrder]]
    crm: ReadBack
    associations: ReadAssociations
    search: OrderSearch
    history: ReadHistory
    user_names: Callable[[], Mapping[str, str]]
    owner_names: Callable[[], Mapping[str, str]]
    known: KnownOrders
    sales: SalesRules
    threads: int = 1
    returns: ReturnSides | None = None
    key_property_of_others: str = ""
    with_contacts: bool = True


@dataclass
class Look:
    """What is known of both sides so far; read again where that is in doubt."""

    sides: Sides
    field_map: FieldMap
    first: date
    last: date
    clock: Callable[[], datetime]
    progress: Progress
    orders: dict[str, NetSuiteOrder] = field(default_factory=dict)
    by_range: set[str] = field(default_factory=set)
    elsewhere: dict[str, NetSuiteOrder] = field(default_factory=dict)
    counted: list[CountedByNetSuite] = field(default_factory=list)
    held: dict[str, HeldOrder] = field(default_factory=dict)
    states: dict[str, OrderState] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    in_flight: set[str] = field(default_factory=set)
    parts: list[pd.DataFrame] = field(default_factory=list)
    headers_apart: dict[str, int] = field(default_factory=dict)
    without_owner: dict[str, str] = field(default_factory=dict)
    without_link: dict[str, tuple[Unlinked, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepares the comparison."""
        self._kinds = FieldKinds.of(self.field_map, self.sides.sales.stage_of_id)
        self._compared: dict[str, ComparedOrder | None] = {}

    def read_netsuite(self, first: date, last: date) -> set[str]:
        """Reads these days, orders and control totals; returns the keys that are new or not as before.

        An order that only a read by id has found stays, but does not count as read for the control
        totals: a read that misses an order must not heal itself.
        """
        self.progress("days read from NetSuite", 0, (last - first).days + 1)
        raw = self.sides.read_orders(first, last)
        counted = self.sides.control_totals(first, last)
        fresh = self._mapped(raw)
        before = {key: o for key, o in self.orders.items() if first <= o.order_on <= last}
        for key in before.keys() & self.by_range:
            del self.orders[key]
        self.orders |= fresh
        for key in fresh.keys() & self.elsewhere.keys():
            del self.elsewhere[key]
        self.by_range = (self.by_range - before.keys()) | fresh.keys()
        self.counted = [t for t in self.counted if not first <= t.order_on <= last] + list(counted)
        self.progress("days read from NetSuite", (last - first).days + 1, (last - first).days + 1)
        return {key for key in before.keys() | fresh.keys() if before.get(key) != self.orders.get(key)}

    def control(self) -> tuple[ControlTotal, ...]:
        """NetSuite's own totals against the orders that the reads by range brought."""
        return control_totals((self.orders[key] for key in self.by_range & self.orders.keys()), self.counted)

    def candidates(self) -> set[str]:
        """Every order that may be of the range on either side."""
        dated = self.sides.known.dated(self.first, self.last)
        found = self.sides.search.orders_dated(self.first, self.last)
        return self.orders.keys() | dated | set(found)

    def read_hubspot(self, keys: Iterable[str]) -> None:
        """Reads the state and HubSpot for these orders; what was known of them before is forgotten."""
        asked = sorted(set(keys))
        self.asked |= set(asked)
        for key in asked:
            self.held.pop(key, None)
            self.states.pop(key, None)
            self.told.pop(key, None)
            self._compared.pop(key, None)
        told = self.progress if len(asked) <= PART else quiet
        for start in range(0, len(asked), PART):
            part = asked[start : start + PART]
            self.states |= self.sides.known.load(part, links=False)
            self.held |= read_held_orders(
                self.sides.crm,
                self.sides.associations,
                part,
                self.field_map,
                told,
                threads=self.sides.threads,
                with_deals=self._of_deals(part),
                with_contacts=self.sides.with_contacts,
            )
            if self.field_map.trust_fields:
                self.told |= {key: self.held[key].told for key in part if key in self.held}
            self._let_go(part)
            self.progress("orders proven against HubSpot", start + len(part), len(asked))

    def _of_deals(self, keys: Sequence[str]) -> set[str]:
        """Those of the orders that are to have a deal."""
        orders = ((key, self.orders.get(key)) for key in keys)
        return {key for key, order in orders if order and order.wanted and order.wanted.deal_id}

    def _let_go(self, keys: Sequence[str]) -> None:
        """What agrees is done with: neither side of it is kept, so that memory does not grow with the range."""
        for key in keys:
            order = self.orders.get(key)
            compared = self._compare(key) if order is not None else None
            if order is None or compared is None or compared.verdict.finding != "agrees":
                continue
            self._compared[key] = compared
            self.orders[key] = replace(order, wanted=None)
            self.held.pop(key, None)
            self.states.pop(key, None)

    def suspects(self) -> list[str]:
        """Orders that may not agree, and those that NetSuite does not have: they are looked at again."""
        found = []
        for number, key in enumerate(sorted(self.asked), start=1):
            order = self._order(key)
            if number % _TELL_EVERY == 0 or number == len(self.asked):
                self.progress("orders compared", number, len(self.asked))
            if key not in self.orders or (
                order is not None
                and (key in self.held or order.verdict.outcome in MUST_BE_HELD)
                and order.verdict.finding != "agrees"
            ):
                found.append(key)
        return found

    def seen(self, keys: Sequence[str]) -> dict[str, tuple[NetSuiteOrder | None, HeldOrder | None]]:
        """Both sides of these orders as they were read last."""
        return {key: (self.orders.get(key), self.held.get(key)) for key in keys}

    def look_again(self, keys: Sequence[str]) -> None:
        """The second look, on both sides; orders that a sync is writing right now are read last.

        Where NetSuite answers otherwise than before, its days are read again too, so that the control
        totals and the orders are of one moment.
        """
        if not keys:
            return
        flying = self.sides.known.in_flight(keys, self.clock())
        for part in ([key for key in keys if key not in flying], sorted(flying)):
            changed = self._read_again_by_id(part)
            days = [on for on in changed if self.first <= on <= self.last]
            renewed = self.read_netsuite(min(days), max(days)) if days else set()
            self.read_hubspot({*part, *renewed})
        self.in_flight = self.sides.known.in_flight(keys, self.clock())

    def duplicates(self, returns: FoundReturns | None = None) -> list[ComparedOrder]:
        """Records of HubSpot without our key that stand for an order of the range, or for one of these returns."""
        originals = originals_of_orders(self.orders.values())
        if returns is not None:
            originals += originals_of_returns(returns.returns)
        found = find_duplicates(
            originals,
            self.sides.search,
            self.sides.crm,
            self.field_map,
            self._kinds,
            self.progress,
            threads=self.sides.threads,
            key_property=self.sides.key_property_of_others,
        )
        same_currency = [(one.key, of) for one, of in found if one.currency_hubspot == of.currency]
        if same_currency:
            self.parts.append(parts_of_duplicates(self.parts, same_currency))
        return [one for one, _ in found]

    def integrity(self, compared: Sequence[ComparedOrder]) -> tuple[IntegrityFinding, ...]:
        """Orders that are not whole on a side, and line items that hang on none."""
        apart = [key for key, state in self.states.items() if state.outcome != "archived"]
        loose = find_loose_lines(
            self.sides.known.load(apart).values(),
            self.held,
            self.sides.crm,
            self.sides.associations,
            threads=self.sides.threads,
        )
        return findings(
            Evidence(
                self.orders,
                self.held,
                compared,
                self.headers_apart,
                self.without_owner,
                loose,
                self.without_link,
            )
        )

    def former_ids(self) -> dict[str, str]:
        """Order → record id that HubSpot had for it, of orders that may not agree."""
        return {
            key: state.order_id_hubspot
            for key, state in self.states.items()
            if state.order_id_hubspot is not None
        }

    def compared(self, duplicates: Iterable[ComparedOrder] = ()) -> list[ComparedOrder]:
        """Every order of the range, as both sides show it now, and the duplicates, by day and key."""
        found = [*duplicates, *(order for key in self.asked if (order := self._order(key)) is not None)]
        return sorted(found, key=lambda order: (order.order_on, len(order.key), order.key))

    def _read_again_by_id(self, keys: Sequence[str]) -> set[date]:
        """Reads these orders of NetSuite again; returns the days on which dollars or orders moved."""
        numbers = [key for key in keys if key.isascii() and key.isdigit() and len(key) <= _LONGEST_ID]
        fresh = self._mapped(self.sides.read_orders_by_id(numbers)) if numbers else {}
        moved: set[date] = set()
        for key in keys:
            before, after = self.orders.get(key), fresh.get(key)
            self.elsewhere.pop(key, None)
            if after is not None and self.first <= after.order_on <= self.last:
                self.orders[key] = after
            else:
                self.orders.pop(key, None)
                if after is not None:
                    self.elsewhere[key] = after
            if _dollars(before) != _dollars(after):
                moved |= {order.order_on for order in (before, after) if order is not None}
        return moved

    def _mapped(self, raw: RawRead) -> dict[str, NetSuiteOrder]:
        mapped = self.sides.map_orders(raw)
        self.parts.append(order_parts(raw, mapped, self.sides.sales))
        wanted = list(self.sides.wanted_orders(mapped))
        fresh = netsuite_orders(raw, mapped, wanted, undated=self.first)
        self.headers_apart = _renewed(self.headers_apart, fresh, headers_apart(mapped))
        self.without_owner = _renewed(self.without_owner, fresh, without_owner(wanted, self.field_map))
        self.without_link = _renewed(self.without_link, fresh, without_link(wanted))
        return fresh

    def _order(self, key: str) -> ComparedOrder | None:
        if key not in self._compared:
            self._compared[key] = self._compare(key)
        return self._compared[key]

    def _compare(self, key: str) -> ComparedOrder | None:
        held, state, order = self.held.get(key), self.states.get(key), self.orders.get(key)
        if order is not None:
            return compare_order(order, held, state, self._kinds, in_flight=key in self.in_flight)
        known_on = state.order_on if state else None
        on = (held_date(held) or known_on) if held else known_on
        elsewhere = self.elsewhere.get(key)
        if on is None or not self.first <= on <= self.last or (held is None and elsewhere is not None):
            return None
        return compare_absent(key, on, held, state, self._kinds, elsewhere=elsewhere)


def _renewed(
    before: Mapping[str, Value], fresh: Mapping[str, NetSuiteOrder], now: Mapping[str, Value]
) -> dict[str, Value]:
    """What is known of few orders, after some were read again."""
    return {key: value for key, value in before.items() if key not in fresh} | dict(now)


def _dollars(order: NetSuiteOrder | None) -> object:
    return order and (order.order_on, order.raw_currency, order.raw_total)
