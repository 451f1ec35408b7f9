"""What changed since a reported number, in a terminal.

Belongs here: layout and words. Does not belong here: what changed (changes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from rich.console import Console
from rich.text import Text

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.ports import ReportedOrder
from ns_hs_orders.report.figures import signed
from ns_hs_orders.report.month_end.changes import ChangedOrder, Changes, CurrencyChange
from ns_hs_orders.report.tables import print_table

MOST_ORDERS = 100
_RIGHT = frozenset({"orders", "amount", "net effect"})
_WHOLE = frozenset({"currency", "order", "step"})


def print_changes(changes: Changes, console: Console, zone: tzinfo, *, most: int = MOST_ORDERS) -> None:
    """The net effect first, then from the number then to the number now, then the orders.

    zone: NetSuite's, in which a person says since when.
    """
    console.print(Text(changes_sentence(changes, zone), style="bold"))
    steps = [row for one in changes.currencies for row in _steps(one)]
    if steps:
        what = "Net sales" if changes.is_net else "Sales dollars"
        _print(console, f"{what} from then to now", ("currency", "step", "orders", "amount"), steps)
    print_changed_orders(changes, console, most=most)


def print_changed_orders(changes: Changes, console: Console, *, most: int = MOST_ORDERS) -> None:
    """The changed orders alone, the largest effect first."""
    if not changes.orders:
        return
    count = len(changes.orders)
    what = "Changed orders and returns" if _returns(changes) else "Changed orders"
    title = what if count <= most else f"{what}, the {most} largest of {count:,}"
    records = [
        (
            one.order_number or one.order_id,
            ", ".join(one.what),
            told(one, one.before),
            told(one, one.after),
            effects(one.net_minor),
        )
        for one in changes.orders[:most]
    ]
    _print(console, title, ("order", "what", "before", "now", "net effect"), records)


def changes_sentence(changes: Changes, zone: tzinfo) -> str:
    """How many orders changed, and the net effect, in one sentence."""
    count = len(changes.orders)
    when = f"since {changes.since.astimezone(zone):%Y-%m-%d %H:%M %Z} ({changes.since:%Y-%m-%d %H:%M} UTC)"
    if not count:
        return f"No reported order changed {when}."
    returns = _returns(changes)
    told = [
        f"1 reported {name}" if number == 1 else f"{number:,} reported {name}s"
        for number, name in ((count - returns, "order"), (returns, "return"))
        if number
    ]
    orders = " and ".join(told)
    return f"{orders} changed {when}; net effect: {effects(changes.net_minor) or 'none'}."


def _returns(changes: Changes) -> int:
    """How many of the changed rows are returns."""
    return sum(one.is_return for one in changes.orders)


def effects(net_minor: Mapping[str, int]) -> str:
    """Amounts by currency with their signs: `+1.00 USD · -5.00 EUR`; empty for none."""
    return " · ".join(signed(minor, currency) for currency, minor in sorted(net_minor.items()))


def told(change: ChangedOrder, side: ReportedOrder | None) -> str:
    """One side of a changed order: what changed of it, or all of an order that is new or vanished."""
    if side is None:
        return "not there"
    wanted = change.what if change.before and change.after else ("date", "amount", "stage", "owner")
    words = {
        "date": side.order_on.isoformat(),
        "amount": _amount(side),
        "stage": (side.stage or "no stage").replace("_", " "),
        "owner": side.rep_name or "no owner",
    }
    return ", ".join(words[name] for name in wanted)


def _amount(side: ReportedOrder) -> str:
    if side.currency is None or side.netsuite_minor is None:
        return "amount unknown"
    text = shown(side.netsuite_minor, side.currency)
    if side.sales_minor == side.netsuite_minor:
        return text
    return f"{text} ({shown(side.sales_minor or 0, side.currency)} counted)"


def _steps(one: CurrencyChange) -> list[tuple[str, str, str, str]]:
    code = one.currency
    if not (one.net_minor or one.rest_minor or one.changed_orders or one.redefined_orders):
        return [(code, "reported then and now", "", shown(one.now_minor, code))]
    steps = [
        ("changed orders", one.changed_orders, one.changed_minor),
        ("counted under another definition", one.redefined_orders, one.redefined_minor),
        ("days first reported since", one.first_reported_orders, one.first_reported_minor),
    ]
    rows = [(code, "reported then", "", shown(one.before_minor, code))]
    rows += [(code, step, f"{orders:,}", signed(minor, code)) for step, orders, minor in steps if orders]
    if one.rest_minor:
        rows.append((code, "explained by no order", "", signed(one.rest_minor, code)))
    rows.append((code, "reported now", "", shown(one.now_minor, code)))
    return rows


def _print(console: Console, title: str, columns: Sequence[str], records: Sequence[Sequence[str]]) -> None:
    print_table(console, title, columns, records, right=_RIGHT, whole=_WHOLE)
