"""What both emulators and the state hold after a seed, set against what they must hold.

Belongs here: every assertion of the campaign. Does not belong here: what is expected of NetSuite's data (oracle).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from benchmarks.faults.expected import EXPONENTS, Expected, ExpectedLine, ExpectedOrder
from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.state.database import State
from ns_hs_orders.state.tables import order_events, order_links, order_states

ORDER_TO_COMPANY, ORDER_TO_DEAL, ORDER_TO_LINE = 509, 512, 513
ACCEPTED: Final = frozenset({"created", "updated", "unchanged"})
_MOST: Final = 12


@dataclass
class Held:
    """HubSpot's tables: live orders and lines by key, with all their record ids, and what hangs on each order."""

    orders: dict[str, list[dict[str, Any]]]
    lines: dict[str, list[dict[str, Any]]]
    line_keys: dict[str, set[str]]
    companies: dict[str, set[tuple[str, int]]]
    deals: dict[str, set[tuple[str, int]]]
    stages: dict[str, str]

    @classmethod
    def read(cls, hubspot: HubSpotStore) -> Held:
        """Reads them once."""
        orders, lines = defaultdict(list), defaultdict(list)
        for one in hubspot.objects("orders"):
            orders[one["properties"].get("netsuite_internal_id") or ""].append(one)
        key_of = {}
        for one in hubspot.objects("line_items"):
            key = one["properties"].get("netsuite_line_key") or ""
            lines[key].append(one)
            key_of[one["id"]] = key
        line_keys, companies, deals = defaultdict(set), defaultdict(set), defaultdict(set)
        for kind, from_id, to_kind, to_id, type_id in hubspot.associations():
            if kind == "orders" and to_kind == "line_items" and type_id == ORDER_TO_LINE:
                line_keys[from_id].add(key_of.get(to_id, f"record {to_id}"))
            elif kind == "orders" and to_kind == "companies":
                companies[from_id].add((to_id, type_id))
            elif kind == "orders" and to_kind == "deals":
                deals[from_id].add((to_id, type_id))
        with hubspot._database.transaction(write=False) as db:
            rows = db.execute("SELECT id, label FROM stages WHERE type = 'orders'").fetchall()
        stages = {row[0]: row[1].lower() for row in rows}
        return cls(dict(orders), dict(lines), dict(line_keys), dict(companies), dict(deals), stages)


def mapping_faults(expected: Expected, held: Held) -> Iterator[str]:
    """Each order once, each line once, every value and association as expected, and nothing else."""
    for key, found in held.orders.items():
        if len(found) > 1:
            yield f"order {key} is in HubSpot {len(found)} times"
        if key not in expected.orders:
            fate = expected.held.get(key) or ("deleted" if key in expected.deleted else "unknown")
            yield f"order {key} is in HubSpot and must not be: {fate}"
    wanted_lines = {key for order in expected.orders.values() for key in order.lines}
    for key, records in held.lines.items():
        if len(records) > 1:
            yield f"line {key} is in HubSpot {len(records)} times"
        if key not in wanted_lines:
            yield f"line {key} is in HubSpot and must not be"
    for key, order in expected.orders.items():
        if key not in held.orders:
            yield f"order {key} is not in HubSpot"
        else:
            for text in _order_faults(order, held.orders[key][0], held):
                yield f"order {key}: {text}"


def _order_faults(order: ExpectedOrder, record: Mapping[str, Any], held: Held) -> Iterator[str]:
    properties = record["properties"]
    for name, text in order.texts.items():
        if (properties.get(name) or "") != text:
            yield f"{name} is {properties.get(name)!r:.80}, not {text!r:.80}"
    for name, number in order.numbers.items():
        if Decimal(properties.get(name) or "NaN") != number:
            yield f"{name} is {properties.get(name)}, not {number}"
    stage = held.stages.get(properties.get("hs_pipeline_stage") or "")
    if stage != order.stage:
        yield f"stage is {stage}, not {order.stage}"
    attached = held.line_keys.get(record["id"], set())
    if attached != order.lines.keys():
        yield f"lines are {sorted(attached)}, not {sorted(order.lines)}"
    companies = held.companies.get(record["id"], set())
    if {one for one, _ in companies} != {order.company} or (order.company, ORDER_TO_COMPANY) not in companies:
        yield f"companies are {sorted(companies)}, not {order.company}"
    deals = held.deals.get(record["id"], set())
    if deals != ({(order.deal, ORDER_TO_DEAL)} if order.deal else set()):
        yield f"deals are {sorted(deals)}, not {order.deal or 'none'}"
    for key, line in order.lines.items():
        if key in held.lines:
            for text in _line_faults(line, held.lines[key][0]["properties"]):
                yield f"line {key}: {text}"


def _line_faults(line: ExpectedLine, properties: Mapping[str, str | None]) -> Iterator[str]:
    for name, text in line.texts.items():
        if (properties.get(name) or "") != text:
            yield f"{name} is {properties.get(name)!r:.80}, not {text!r:.80}"
    if Decimal(properties.get("netsuite_line_amount") or "NaN") != line.amount:
        yield f"amount is {properties.get('netsuite_line_amount')}, not {line.amount}"
    if Decimal(properties.get("quantity") or "NaN") != (line.units or Decimal(1)):
        yield f"quantity is {properties.get('quantity')}, not {line.units or 1}"
    price = Decimal(properties.get("price") or "NaN")
    product = (price * (line.units or Decimal(1))).quantize(
        Decimal(1).scaleb(-line.exponent), rounding=ROUND_HALF_UP
    )
    if product != max(line.amount, Decimal(0)):
        yield f"price {price} makes {product}, not {line.amount}"


def history_faults(hubspot: HubSpotStore) -> Iterator[str]:
    """No version of an order was ever written over a newer one."""
    newest: dict[int, str] = {}
    with hubspot._database.transaction(write=False) as db:
        rows = db.execute("SELECT id, changes FROM history WHERE type = 'orders' ORDER BY seq").fetchall()
    for record_id, changes in rows:
        version = json.loads(changes).get("hs_external_modified_date")
        if version is None:
            continue
        if version < newest.get(record_id, ""):
            yield f"order record {record_id} went from its version of {newest[record_id]} back to {version}"
        newest[record_id] = version


def outcome_faults(
    rows: Sequence[Sequence[Any]], totals: Mapping[str, tuple[str, str | None]], expected: Expected
) -> Iterator[str]:
    """Every order of NetSuite in exactly one outcome, the right one, and the sums the same. rows: of a day run."""
    counts = Counter(row[0] for row in rows)
    for key in counts.keys() ^ totals.keys():
        yield f"order {key} has {counts[key]} outcomes"
    for key, count in counts.items():
        if count > 1:
            yield f"order {key} has {count} outcomes"
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for key, outcome, reason, currency, minor in rows:
        wanted = "accepted" if key in expected.orders else expected.held.get(key, "unknown")
        if wanted != ("accepted" if outcome in ACCEPTED else outcome):
            yield f"order {key} is {outcome} ({reason}), not {wanted}"
        if outcome in ACCEPTED:
            sums[currency] += Decimal(minor).scaleb(-EXPONENTS[currency])
    right: dict[str, Decimal] = defaultdict(Decimal)
    for order in expected.orders.values():
        right[order.currency] += order.total
    if sums != right:
        yield f"accepted orders make {dict(sums)}, not {dict(right)}"


def state_faults(state: State, expected: Expected, held: Held) -> Iterator[str]:
    """What the state and its events say is what HubSpot holds."""
    with state.read() as connection:
        states = {row.order_id: row for row in connection.execute(select(order_states))}
        links: dict[str, dict[tuple[str, str], Any]] = defaultdict(dict)
        for row in connection.execute(select(order_links)):
            links[row.order_id][row.kind, row.key] = row
        written: dict[str, Any] = {}
        for row in connection.execute(select(order_events).order_by(order_events.c.event_id)):
            if row.happened in ("created", "updated", "archived"):
                written[row.order_id] = row
    for key in expected.orders:
        if key not in held.orders:
            continue
        record_id, state_row = held.orders[key][0]["id"], states.get(key)
        if state_row is None or state_row.outcome not in ACCEPTED or state_row.fingerprint is None:
            yield f"order {key}: the state says {state_row and (state_row.outcome, state_row.reason)}"
            continue
        if state_row.order_id_hubspot != record_id or state_row.lease_holder is not None:
            yield f"order {key}: the state names record {state_row.order_id_hubspot}, holder {state_row.lease_holder}"
        yield from _link_faults(key, expected.orders[key], held, links.get(key, {}))
        event = written.get(key)
        told = json.loads(event.details) if event is not None else {}
        if event is None or event.happened == "archived" or told.get("order_id_hubspot") != record_id:
            yield f"order {key}: its last event is {event and (event.happened, told)}"
        elif (
            told["lines"] != len(expected.orders[key].lines)
            or told["company"] != expected.orders[key].company
        ):
            yield f"order {key}: its last event tells of {told}"
    for key in expected.deleted & states.keys():
        if states[key].order_id_hubspot is not None and states[key].outcome != "archived":
            yield f"order {key} was deleted; the state says {states[key].outcome} ({states[key].reason})"


def _link_faults(
    key: str, order: ExpectedOrder, held: Held, links: Mapping[tuple[str, str], Any]
) -> Iterator[str]:
    wanted = {("line", line): held.lines[line][0]["id"] for line in order.lines if line in held.lines}
    wanted["company", order.company] = order.company
    if order.deal:
        wanted["deal", order.deal] = order.deal
    found = {name: row.hubspot_id for name, row in links.items() if not row.intended}
    if found != wanted or len(found) != len(links):
        yield f"order {key}: the state's links are {found}, HubSpot's {wanted}"


def card_faults(home: Path, cards: Iterable[str]) -> Iterator[str]:
    """No card number in any file but NetSuite's own, as it was typed or as bare digits."""
    forms = {card: {card.encode(), "".join(filter(str.isdigit, card)).encode()} for card in set(cards)}
    for path in home.rglob("*"):
        if not path.is_file() or path.name.startswith("netsuite."):
            continue
        content = path.read_bytes()
        for card, texts in forms.items():
            if any(text in content for text in texts):
                yield f"card number …{card[-4:]} is in {path.relative_to(home)}"


def most_calls(moments: Sequence[float], seconds: float) -> int:
    """The most calls that began within any so many seconds."""
    ordered, first, most = sorted(moments), 0, 0
    for at, moment in enumerate(ordered):
        while ordered[first] <= moment - seconds:
            first += 1
        most = max(most, at - first + 1)
    return most


def shortened(faults: Iterable[str]) -> list[str]:
    """The first of them, and how many more there are."""
    found = list(faults)
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [*found[:_MOST], *more]
