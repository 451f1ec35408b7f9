"""What a return is in the terms of the push: an order without a price, associated with the order it was made from.

Belongs here: the frames of returns under the names that the push knows, and what stands in HubSpot's own amounts.
Does not belong here: how a return is written (the same engine as orders), or its properties (fields.returns).

Line items have price zero, so that HubSpot's amount of each is zero: HubSpot refuses a price below zero. Their
quantity is what was sent back, for people to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from ns_hs_orders.columns import checked, typed
from ns_hs_orders.extract.returns.schema import RawReturnsRead
from ns_hs_orders.extract.schema import RawRead
from ns_hs_orders.mapping.returns.schema import MappedReturns
from ns_hs_orders.mapping.schema import MappedOrders
from ns_hs_orders.push.returns.results import ReturnResults

Totals = Literal["zero", "negative"]
"""What stands in HubSpot's own amounts of a return."""

_NAMES = {
    "return_id_netsuite": "order_id_netsuite",
    "return_number": "order_number",
    "return_on": "order_on",
    "return_url": "order_url",
    "amount_minor": "total_minor",
}
_RAW_NAMES = {"return_id_netsuite": "order_id_netsuite"}
_LINE_NAMES = {"return_id_netsuite": "order_id_netsuite", "return_on": "order_on"}
_RESULT_NAMES = {
    "order_id_netsuite": "return_id_netsuite",
    "order_number": "return_number",
    "order_on": "return_on",
    "total_minor": "amount_minor",
    "order_id_hubspot": "return_id_hubspot",
}
_NO_LINKS = ("deal_reference", "deal_url", "contact_reference", "order_email", "customer_email")
_TEXT = pd.StringDtype(na_value=float("nan"))


def as_orders(mapped: MappedReturns, totals: Totals) -> MappedOrders:
    """The frames as the push takes them: Orders without what only orders have, and with a price of its own.

    price_minor: what stands in HubSpot's own amount, zero or what counts below zero. empty_minor: in its other amounts,
    nothing.
    """
    orders = _named(mapped.returns, _NAMES)
    orders["price_minor"] = _price(orders["counted_minor"], totals)
    orders["empty_minor"] = typed([None] * len(orders), pd.Int64Dtype())
    for name in _NO_LINKS:
        orders[name] = typed([None] * len(orders), _TEXT)
    lines = _named(mapped.lines, _LINE_NAMES)
    lines["price_minor"] = _price(_counted_of_lines(mapped), totals)
    lines["price"] = typed(["0"] * len(lines), _TEXT)
    return MappedOrders(orders, lines, _named(mapped.quarantined, _NAMES), _named(mapped.skipped, _NAMES))


def raw_as_orders(raw: RawReturnsRead) -> RawRead:
    """Raw frames under the names of raw orders; `raw_as_returns` turns it back."""
    return RawRead(_named(raw.returns, _RAW_NAMES), _named(raw.lines, _RAW_NAMES), raw.warnings)


def raw_ids_as_orders(returns: pd.DataFrame) -> pd.DataFrame:
    """The frame RawReturns under the names of raw orders."""
    return _named(returns, _RAW_NAMES)


def raw_as_returns(raw: RawRead) -> RawReturnsRead:
    """Raw frames under their own names again."""
    back = {name: own for own, name in _RAW_NAMES.items()}
    return RawReturnsRead(_named(raw.orders, back), _named(raw.lines, back), raw.warnings)


def return_results(results: pd.DataFrame, mapped: MappedOrders) -> pd.DataFrame:
    """The validated frame ReturnResults, from the outcomes of the push (UpsertResults) and what it was given."""
    of_order = dict(zip(mapped.orders["order_id_netsuite"], mapped.orders["parent_order_id"], strict=True))
    for held in (mapped.quarantined, mapped.skipped):
        of_order |= dict(zip(held["order_id_netsuite"], held["parent_order_id"], strict=True))
    frame = _named(results, _RESULT_NAMES)
    parents = [of_order.get(one) for one in frame["return_id_netsuite"]]
    frame["parent_order_id"] = typed([None if pd.isna(one) else one for one in parents], _TEXT)
    names = list(ReturnResults.to_schema().columns)
    return checked(ReturnResults, frame[names])


def _named(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The frame with some columns under other names."""
    return frame.set_axis([names.get(one, one) for one in frame.columns], axis="columns")


def _counted_of_lines(mapped: MappedReturns) -> pd.Series[Any]:
    """What counts of each line: as of its return all, nothing, or of a closed one what was received of the goods."""
    returns = mapped.returns.set_index("return_id_netsuite")
    of_line = returns.reindex(mapped.lines["return_id_netsuite"].to_numpy())
    counts_whole = (of_line["counted_minor"] == of_line["amount_minor"]).to_numpy(bool)
    is_closed = (of_line["stage"] == "closed").to_numpy(bool)
    received = mapped.lines["received_minor"].fillna(0).where(is_closed, 0)
    counted: pd.Series[Any] = mapped.lines["amount_minor"].where(counts_whole, received)
    return counted


def _price(amounts: pd.Series[Any], totals: Totals) -> pd.Series[Any]:
    return -amounts if totals == "negative" else amounts * 0
