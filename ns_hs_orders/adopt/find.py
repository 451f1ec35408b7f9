"""The plan of an adoption, made from both systems: nothing is written anywhere.

Belongs here: what is read, in which order, and put together to rows. Does not belong here: the rules of a match (match),
of lines (lines) and of associations (moves), or carrying the plan out (act).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ns_hs_orders.adopt.lines import LINE_PROPERTIES, planned_lines
from ns_hs_orders.adopt.match import Named, asked_ids, asked_numbers, fold, left, named_by, rows_of
from ns_hs_orders.adopt.moves import Moves
from ns_hs_orders.adopt.ports import CrmRecords, ForeignSearch, NetSuiteOrders, RecordAssociations
from ns_hs_orders.adopt.schema import AdoptionPlan, ForeignRecord, PlanRow
from ns_hs_orders.errors import MoneyError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY
from ns_hs_orders.money import nearest_minor
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.departed import FEW
from ns_hs_orders.push.ports import CrmRecord
from ns_hs_orders.reconcile.netsuite_side import NetSuiteOrder

BATCH = 100
READ_BATCH = 1000
ORDERS_AT_ONCE = 1000
_NAME, _EXTERNAL_ID = "hs_order_name", "hs_external_order_id"
TOTAL, CURRENCY = "hs_total_price", "hs_currency_code"
_SOURCES = ("hs_object_source_label", "hs_object_source", "hs_object_source_id")
PROPERTIES = (UNIQUE_ORDER_KEY, _NAME, _EXTERNAL_ID, TOTAL, CURRENCY, *_SOURCES)


@dataclass(frozen=True)
class Systems:
    """Both systems, as the calls that an adoption makes.

    returns: NetSuite's return authorizations. keeps_returns: whether the sync keeps records of them; only then are they
    read.
    """

    netsuite: NetSuiteOrders
    returns: NetSuiteOrders
    search: ForeignSearch
    crm: CrmRecords
    associations: RecordAssociations
    keeps_returns: bool


@dataclass(frozen=True)
class Choices:
    """What a person or a setting decides.

    key_property: property of orders that names a NetSuite order, "" for none. share_percent: of `known_orders`, which
    HubSpot holds as far as the state knows, at most so many records are archived at once (and always FEW);
    archive_up_to: the number that a person allows instead. keep_unmatched: line items that match no line of NetSuite
    stay. leave_activities: records whose notes, tasks and the like cannot be read are archived all the same.
    """

    key_property: str = ""
    share_percent: int = 5
    known_orders: int = 0
    archive_up_to: int | None = None
    keep_unmatched: bool = False
    leave_activities: bool = False

    @property
    def most_archived(self) -> int:
        """How many records may be archived at once."""
        if self.archive_up_to is not None:
            return self.archive_up_to
        return max(FEW, self.known_orders * self.share_percent // 100)


def plan_adoption(systems: Systems, choices: Choices, progress: Progress = quiet) -> AdoptionPlan:
    """The plan for every order of HubSpot without a key of ours, by record id. Raises RemoteError, ContractError."""
    records = foreign_records(systems, choices.key_property)
    progress("records of other integrations matched", 0, len(records))
    named = _named(systems, records)
    names = list(dict.fromkeys(one for record in records for one in named_by(record, named)[1]))
    orders: dict[str, NetSuiteOrder] = {}
    for source, is_return in ((systems.netsuite, False), (systems.returns, True)):
        if is_return and not systems.keeps_returns:
            continue
        asked = [one for one in names if (one in named.returns) == is_return]
        for start in range(0, len(asked), ORDERS_AT_ONCE):
            orders |= source.read(asked[start : start + ORDERS_AT_ONCE])
            progress("records of other integrations matched", len(orders), len(records))
    rows = rows_of(records, named, orders, holders(systems.crm, list(orders)))
    moves = Moves(systems.associations)
    rows = _with_moves(rows, moves, choices)
    rows = _with_lines(rows, orders, systems, choices)
    warnings = tuple(f"HubSpot does not show the {one} of orders: {why}" for one, why in moves.shut.items())
    return AdoptionPlan(tuple(_within_share(rows, choices)), warnings)


def _named(systems: Systems, records: Sequence[ForeignRecord]) -> Named:
    """What NetSuite answers to the records' texts, of orders and returns."""
    ids, numbers = asked_ids(records), asked_numbers(records)
    by_id = systems.returns.with_ids(ids)
    by_number = systems.returns.numbered(numbers)
    return Named(
        frozenset(systems.netsuite.with_ids(ids) | by_id),
        _folded([systems.netsuite.numbered(numbers), by_number]),
        frozenset(by_id).union(*by_number.values()),
    )


def foreign_records(systems: Systems, key_property: str) -> list[ForeignRecord]:
    """Orders without a key of ours, as HubSpot holds them now, by record id."""
    ids = [one.id for one in systems.search.orders_of_others()]
    found = read_orders(systems.crm, ids, key_property)
    return sorted(
        (
            foreign_record(one, key_property)
            for one in found.values()
            if not one.properties.get(UNIQUE_ORDER_KEY)
        ),
        key=lambda one: (len(one.record_id), one.record_id),
    )


def read_orders(crm: CrmRecords, record_ids: Sequence[str], key_property: str) -> dict[str, CrmRecord]:
    """Orders by record id, those that were archived or merged away left out."""
    names = [*PROPERTIES, *([key_property] if key_property else [])]
    found: dict[str, CrmRecord] = {}
    for start in range(0, len(record_ids), BATCH):
        part = record_ids[start : start + BATCH]
        answer = crm.batch_read("orders", part, names)
        found |= {one.id: one for one in answer.results if not one.archived and one.id in part}
    return found


def foreign_record(record: CrmRecord, key_property: str) -> ForeignRecord:
    """A record as the rules see it."""
    held = record.properties
    total, currency = (held.get(TOTAL) or "").strip(), (held.get(CURRENCY) or "").strip() or None
    return ForeignRecord(
        record_id=record.id,
        source=next((text for name in _SOURCES if (text := held.get(name))), "unknown"),
        name=(held.get(_NAME) or "").strip(),
        external_id=(held.get(_EXTERNAL_ID) or "").strip(),
        key_value=(held.get(key_property) or "").strip() if key_property else "",
        currency=currency,
        total=total,
        amount_minor=_minor(total, currency),
    )


def holders(crm: CrmRecords, order_ids: Sequence[str]) -> dict[str, str]:
    """Internal id → record id of the order that carries it as its key, of those that HubSpot holds."""
    found: dict[str, str] = {}
    for start in range(0, len(order_ids), BATCH):
        part = order_ids[start : start + BATCH]
        answer = crm.batch_read("orders", part, [UNIQUE_ORDER_KEY], key_property=UNIQUE_ORDER_KEY)
        for one in answer.results:
            if (key := one.properties.get(UNIQUE_ORDER_KEY)) in part and not one.archived:
                found[str(key)] = one.id
    return found


def _minor(total: str, currency: str | None) -> int | None:
    if not total or currency is None:
        return None
    try:
        return nearest_minor(total, currency)
    except MoneyError:
        return None


def _folded(numbered: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for number, ids in (pair for of_type in numbered for pair in of_type.items()):
        found.setdefault(fold(number), {}).update(dict.fromkeys(ids))
    return {number: tuple(ids) for number, ids in found.items()}


def _with_moves(rows: Sequence[PlanRow], moves: Moves, choices: Choices) -> list[PlanRow]:
    pairs = {
        row.record.record_id: row.our_record_id
        for row in rows
        if row.action == "archive" and row.our_record_id is not None
    }
    if not pairs:
        return list(rows)
    moved = moves.of(pairs)
    planned = []
    for row in rows:
        if row.action == "archive" and moves.hides_activities and not choices.leave_activities:
            planned.append(left(row, "activities_unreadable", f"Not shown: {', '.join(moves.shut)}."))
        else:
            planned.append(replace(row, moved=moved.get(row.record.record_id, ())))
    return planned


def _with_lines(
    rows: Sequence[PlanRow], orders: Mapping[str, NetSuiteOrder], systems: Systems, choices: Choices
) -> list[PlanRow]:
    adopted = [row.record.record_id for row in rows if row.action == "adopt"]
    lines = line_items(systems, adopted)
    shared = shared_lines(systems.associations, lines)
    keys = [
        line.key
        for row in rows
        if row.action == "adopt" and (wanted := orders[row.order_id or ""].wanted) is not None
        for line in wanted.lines
    ]
    taken = keyed_lines(systems.crm, keys)
    planned = []
    for row in rows:
        wanted = orders[row.order_id].wanted if row.action == "adopt" and row.order_id else None
        if wanted is None:
            planned.append(row)
            continue
        held = lines.get(row.record.record_id, [])
        on_it = {one.id for one in held}
        planned.append(
            replace(
                row,
                lines=planned_lines(
                    wanted,
                    held,
                    shared=shared,
                    keep_unmatched=choices.keep_unmatched,
                    taken={key for key, line_id in taken.items() if line_id not in on_it},
                    of_return=row.stands_for == "return",
                ),
            )
        )
    return planned


def line_items(systems: Systems, record_ids: Sequence[str]) -> dict[str, list[CrmRecord]]:
    """Order's record id → its line items."""
    orders_of: dict[str, list[str]] = {}
    for start in range(0, len(record_ids), READ_BATCH):
        for one in systems.associations.read("orders", "line_items", record_ids[start : start + READ_BATCH]):
            orders_of.setdefault(one.to_id, []).append(one.from_id)
    found: dict[str, list[CrmRecord]] = {}
    ids = sorted(orders_of)
    for start in range(0, len(ids), BATCH):
        answer = systems.crm.batch_read("line_items", ids[start : start + BATCH], list(LINE_PROPERTIES))
        for line in answer.results:
            for order in orders_of.get(line.id, ()) if not line.archived else ():
                found.setdefault(order, []).append(line)
    return found


def shared_lines(associations: RecordAssociations, lines: Mapping[str, Sequence[CrmRecord]]) -> set[str]:
    """Line items that hang on another order or on a deal too."""
    ids = sorted({line.id for of_order in lines.values() for line in of_order})
    shared: set[str] = set()
    orders: dict[str, set[str]] = {}
    for start in range(0, len(ids), READ_BATCH):
        part = ids[start : start + READ_BATCH]
        for one in associations.read("line_items", "orders", part):
            orders.setdefault(one.from_id, set()).add(one.to_id)
        shared |= {one.from_id for one in associations.read("line_items", "deals", part)}
    return shared | {line for line, of in orders.items() if len(of) > 1}


def keyed_lines(crm: CrmRecords, keys: Sequence[str]) -> dict[str, str]:
    """Line key → line item that carries it, of those that HubSpot holds."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        answer = crm.batch_read("line_items", part, [UNIQUE_LINE_KEY], key_property=UNIQUE_LINE_KEY)
        found |= {
            str(one.properties.get(UNIQUE_LINE_KEY)): one.id for one in answer.results if not one.archived
        }
    return found


def _within_share(rows: Sequence[PlanRow], choices: Choices) -> list[PlanRow]:
    """All or none: a part of what is too much would be let through by running it several times."""
    count = sum(row.action == "archive" for row in rows)
    if count <= choices.most_archived:
        return list(rows)
    words = f"{count} records, more than {choices.most_archived}."
    return [left(row, "too_many", words) if row.action == "archive" else row for row in rows]
