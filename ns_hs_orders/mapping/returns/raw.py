"""Raw returns as plain tuples, one return with its lines at a time, from the raw frames or from a raw order.

Belongs here: leaving pandas and JSON. Does not belong here: judging what was read. A line of a return has the shape of an
order's line (RawLine), its received quantity in `quantity_shipped`: NetSuite keeps both in one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ns_hs_orders.columns import plain
from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.mapping.raw import LINE_COLUMNS, RawLine, read_list, rows_of

_OF_RETURN = {
    "order_id_netsuite": "return_id_netsuite",
    "order_on": "return_on",
    "quantity_shipped": "quantity_received",
}
_LINE_COLUMNS = tuple(_OF_RETURN.get(name, name) for name in LINE_COLUMNS)


class RawReturn(NamedTuple):
    """A row of RawReturns, column by column; None where NetSuite said nothing."""

    return_id_netsuite: str
    return_number: str | None
    status: str | None
    status_text: str | None
    return_on: str | None
    created_at: str | None
    modified_at: str | None
    entity_id: str | None
    currency: str | None
    exchange_rate: str | None
    total: str | None
    memo: str | None
    rep_id: str | None
    rep_name: str | None
    rep_email: str | None
    source_store: str | None
    criterion: str | None
    subsidiary: str | None
    is_project: str | None
    customer_id: str | None
    customer_name: str | None
    customer_is_person: str | None
    customer_hubspot_id: str | None
    customer_parent_id: str | None
    customer_parent_hubspot_id: str | None
    parent_id: str | None
    parent_type: str | None
    order_id: str | None
    order_number: str | None
    order_on: str | None
    order_currency: str | None
    order_total: str | None
    refunds: str
    tax_details: str
    total_sign: str | None
    line_sign: str | None
    refund_sign: str | None
    cards_masked: int
    settled: bool
    read_ticket: int
    added: tuple[str | None, ...] = ()


NO_RETURNS = "[]"
RETURN_COLUMNS = RawReturn._fields[:-1]
_EMPTY = RawReturn(**dict.fromkeys(RETURN_COLUMNS))._replace(  # type: ignore[arg-type]
    refunds="[]", tax_details="[]", cards_masked=0, settled=True, read_ticket=0
)


def returns_with_lines(
    raw: RawReturnsRead, added: Sequence[str] = (), added_to_lines: Sequence[str] = ()
) -> Iterator[tuple[RawReturn, Sequence[RawLine]]]:
    """Every raw return with its own lines, in the order of the frame; lines of no return are left out.

    added, added_to_lines: raw columns of the mapping file's fields, whose values stand in `added`.
    """
    lines: dict[str, list[RawLine]] = {}
    for values in rows_of(raw.lines, _LINE_COLUMNS, added_to_lines):
        lines.setdefault(values[0], []).append(RawLine(*values))
    for row in rows_of(raw.returns, RETURN_COLUMNS, added):
        yield RawReturn._make(row), lines.get(row[0], ())


def returns_in(text: str) -> list[tuple[RawReturn, list[RawLine]]]:
    """The returns of an order, out of the column `returns` of RawOrders. Raises ValueError where it does not hold them."""
    try:
        return [
            (
                _EMPTY._replace(**{name: one for name, one in found.items() if name != "lines"}),
                [
                    RawLine(
                        *(
                            found.get("return_id_netsuite") if at == 0 else line.get(name)
                            for at, name in enumerate(_LINE_COLUMNS)
                        )
                    )
                    for line in _list(found["lines"])
                ],
            )
            for found in read_list(text)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the returns of an order are not what extraction writes ({error})") from error


def ids_of_returns(orders: pd.DataFrame) -> dict[str, str]:
    """Return → its order, of all returns in a frame RawOrders."""
    returns = orders["returns"]
    told = orders[returns.notna() & (returns != NO_RETURNS)]
    return {
        str(found["return_id_netsuite"]): order_id
        for order_id, text in zip(plain(told["order_id_netsuite"]), plain(told["returns"]), strict=True)
        for found in read_list(text)
    }


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("lines are no list")
    return value
