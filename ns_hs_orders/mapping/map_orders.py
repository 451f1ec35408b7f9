"""All raw orders into frames: every one in exactly one of orders, quarantined and skipped.

Belongs here: building the frames, their strict validation, and the count that nothing was lost. Does not
belong here: the rules by which an order is judged (judgement.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyarrow
from pandera.errors import SchemaErrors

from ns_hs_orders.errors import ContractError
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.judgement import PRIORITY, Judgement, judge
from ns_hs_orders.mapping.lines import Problem
from ns_hs_orders.mapping.raw import orders_with_lines
from ns_hs_orders.mapping.rules import MappingRules
from ns_hs_orders.mapping.schema import QUARANTINE_REASONS, HeldOrders, MappedOrders, OrderLines, Orders
from ns_hs_orders.progress import Progress, quiet

_PROGRESS_EVERY = 1000

_REASON_OF_COLUMN = {
    "stage": "unknown_status",
    "status": "unknown_status",
    "currency": "unknown_currency",
    "total_minor": "negative_total",
    "order_on": "unreadable_date",
}
"""Quarantine reason of a column that fails its contract; every other one is `breaks_contract`."""


def map_orders(raw: RawRead, rules: MappingRules, progress: Progress = quiet) -> MappedOrders:
    """Maps, judges and validates every raw order; lines only of accepted ones.

    Raises ContractError where a frame as a whole breaks its contract, or where the outcomes do not add
    up to the orders read. What is wrong with one order holds that order only.
    """
    judged: list[Judgement] = []
    expected = len(raw.orders)
    for number, (order, lines) in enumerate(orders_with_lines(raw), start=1):
        judged.append(judge(order, lines, rules))
        if number % _PROGRESS_EVERY == 0 or number == expected:
            progress("orders mapped", number, expected)
    mapped = _frames(judged, rules)
    _account_for_all(raw, mapped)
    return mapped


def _frames(judged: list[Judgement], rules: MappingRules) -> MappedOrders:
    while True:
        accepted = [j for j in judged if j.outcome == "accepted"]
        orders = _frame(Orders, [_order_row(j, rules) for j in accepted])
        lines = _frame(OrderLines, [row for j in accepted for row in _line_rows(j)])
        found = _broken_rows(Orders, orders) | _broken_rows(OrderLines, lines)
        if not found:
            break
        judged = [_quarantined(j, found.get(j.raw.order_id_netsuite)) for j in judged]
    held = _frame(HeldOrders, [_held_row(j) for j in judged if j.outcome in ("quarantined", "due")])
    skipped = _frame(HeldOrders, [_held_row(j) for j in judged if j.outcome == "skipped"])
    for frame in (held, skipped):
        if broken := _broken_rows(HeldOrders, frame):
            raise ContractError(
                f"Held orders break their contract: {dict(list(broken.items())[:3])}. This is a fault of the "
                "mapping, not of the data; please report it."
            )
    return MappedOrders(orders=orders, lines=lines, quarantined=held, skipped=skipped)


def _broken_rows(model: type[pa.DataFrameModel], frame: pd.DataFrame) -> dict[str, Problem]:
    """Order id → what its row breaks. Raises ContractError where the frame as a whole is wrong."""
    try:
        model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return {}
    ids = frame["order_id_netsuite"].tolist()
    broken: dict[str, Problem] = {}
    for context, column, check, index in zip(
        *(cases[name] for name in ("schema_context", "column", "check", "index")), strict=True
    ):
        if pd.isna(index):
            raise ContractError(
                f"{model.__name__} breaks its contract as a whole: {column} {check}. This is a fault of the "
                "mapping, not of the data; please report it."
            )
        problem = _broken_contract(context == "Column", str(column), str(check))
        known = broken.setdefault(ids[int(index)], problem)
        if PRIORITY.index(problem.reason) < PRIORITY.index(known.reason):
            broken[ids[int(index)]] = problem
    return broken


def _broken_contract(of_one_column: bool, column: str, check: str) -> Problem:
    """A check of several columns is reported once for each of them, so that only its own name tells."""
    if of_one_column:
        reason = _REASON_OF_COLUMN.get(column, "breaks_contract")
        return Problem(reason, f"{column} breaks its contract ({check}).")
    reason = check if check in QUARANTINE_REASONS else "breaks_contract"
    return Problem(reason, f"The row breaks its contract ({check}).")


def _quarantined(judgement: Judgement, problem: Problem | None) -> Judgement:
    if problem is None or judgement.outcome != "accepted":
        return judgement
    return replace(
        judgement,
        outcome="quarantined",
        reason=problem.reason,
        explanation=problem.sentence,
        problems=(*judgement.problems, problem),
    )


def _account_for_all(raw: RawRead, mapped: MappedOrders) -> None:
    read = Counter(raw.orders["order_id_netsuite"].tolist())
    found: Counter[str] = Counter()
    for frame in (mapped.orders, mapped.quarantined, mapped.skipped):
        found.update(frame["order_id_netsuite"].tolist())
    if read != found:
        lost = sorted({*(read - found), *(found - read)})[:5]
        raise ContractError(
            f"{read.total()} orders were read but {found.total()} were mapped; not in both: {', '.join(lost)}. "
            "This is a fault of the mapping; please report it."
        )


def _frame(model: type[pa.DataFrameModel], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    columns = model.to_schema().columns
    values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pd.DataFrame(
        {
            name: _array(column_values, column.dtype.type)
            for (name, column), column_values in zip(columns.items(), values, strict=True)
        }
    )


def _array(values: Sequence[Any], dtype: Any) -> Any:
    if isinstance(dtype, pd.DatetimeTZDtype):
        stamps = pyarrow.array(list(values), pyarrow.timestamp("us", tz="UTC"))
        return pd.Series(stamps.to_pandas()).astype(dtype)
    return pd.array(list(values), dtype=dtype)


def _order_row(j: Judgement, rules: MappingRules) -> tuple[Any, ...]:
    """The values of one row of Orders, in the order of its columns."""
    raw, amounts = j.raw, j.amounts
    if amounts is None:
        raise ContractError(f"Order {raw.order_id_netsuite} was accepted without amounts.")
    return (
        raw.order_id_netsuite,
        raw.order_number or raw.order_id_netsuite,
        j.order_on,
        j.status,
        raw.status_text,
        j.stage,
        j.currency,
        raw.exchange_rate,
        amounts.total_minor,
        amounts.subtotal_minor,
        amounts.discount_minor,
        amounts.shipping_minor,
        amounts.handling_minor,
        amounts.shipping_cost_minor,
        amounts.tax_minor,
        amounts.payment_minor,
        amounts.unclassified_minor,
        amounts.closed_minor,
        j.fulfillment_status,
        raw.memo,
        j.created_at,
        j.modified_at,
        j.tracking_numbers,
        j.tracking_url,
        raw.po_number,
        raw.deal_name,
        raw.deal_url,
        raw.source_store,
        j.sales_effective_on,
        raw.partner_name,
        raw.buying_group,
        raw.payment_note,
        raw.ship_name,
        raw.ship_street,
        raw.ship_city,
        raw.ship_state,
        raw.ship_postal_code,
        raw.ship_country,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        j.belongs_to.company_id,
        j.belongs_to.contact_id,
        raw.rep_name,
        raw.rep_email,
        rules.order_url(raw.order_id_netsuite),
        ",".join(j.warnings),
        raw.cards_masked,
        raw.read_ticket,
    )


def _line_rows(j: Judgement) -> Iterable[tuple[Any, ...]]:
    """The rows of OrderLines of one order, in the order of its columns."""
    raw = j.raw
    for line in j.lines.lines:
        yield (
            raw.order_id_netsuite,
            j.order_on,
            line.line_key,
            line.line_sequence,
            line.line_class,
            line.item_type,
            line.line_name,
            line.sku,
            line.line_description,
            line.quantity,
            line.unit_price,
            j.currency,
            line.amount_minor,
            line.is_closed,
            raw.read_ticket,
        )


def _held_row(j: Judgement) -> tuple[Any, ...]:
    """The values of one row of HeldOrders, in the order of its columns."""
    raw = j.raw
    readable = j.total_minor is not None
    return (
        raw.order_id_netsuite,
        raw.order_number,
        j.order_on,
        raw.customer_id or raw.entity_id,
        raw.customer_name,
        raw.rep_name,
        j.status or raw.status,
        j.outcome,
        j.reason,
        j.explanation,
        j.currency,
        j.total_minor,
        None if readable else raw.currency,
        None if readable else raw.total,
        j.modified_at,
        raw.read_ticket,
    )
