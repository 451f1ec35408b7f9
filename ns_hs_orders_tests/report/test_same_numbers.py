"""Every view of one result shows the same numbers: they are taken out of each one, and compared.

A view that is added gets a reader in VIEWS: what it shows, by kind of figure, in minor units.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ns_hs_orders.columns import plain
from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.sales.net_groups import net_groups
from ns_hs_orders.reconcile.sales.net_schema import NetSums, ReturnStep, ReturnSums
from ns_hs_orders.reconcile.schema import CAUSES, BridgeStep, SalesSums
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.html.page import page
from ns_hs_orders.report.markdown import summary
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.report.spreadsheets.opened import (
    cells,
    csv_bytes,
    csv_rows,
    excel_bytes,
    minor,
    parquet_frames,
    workbook,
)

Figures = dict[str, dict[tuple[str, ...], tuple[int | None, ...]]]
ALL = "all in USD"


def figures(review: Review) -> Figures:
    """What the result itself says. totals: by currency; bridge: by view and step; the others by order."""
    result = review.result
    bridge = {step: of for code, sums in result.sales.items() for step, of in _bridge(code, sums).items()}
    assert result.base is not None
    of_net = {} if result.net is None else {**result.net.sums, ALL: result.net.base}
    bridge |= {
        step: of for view, sums in of_net.items() if sums for step, of in _net_bridges(view, sums).items()
    }
    orders, differences = result.orders, result.differences
    amounts = ("netsuite_minor", "hubspot_minor", "sales_netsuite_minor", "sales_hubspot_minor")
    return {
        "totals": {
            (code,): (
                sums.netsuite_minor,
                sums.eligible_minor,
                sums.accepted_minor,
                sums.hubspot_minor,
                sums.difference_minor,
                sums.unexplained_minor,
            )
            for code, sums in result.currencies.items()
        },
        "bridge": bridge | _bridge(ALL, result.base),
        "orders": dict(
            zip(_keys(orders), zip(*(_whole(orders[n]) for n in amounts), strict=True), strict=True)
        ),
        "differences": {
            (*key, field): (value,)
            for key, field, value in zip(
                _keys(differences), differences["field"], _whole(differences["difference_minor"]), strict=True
            )
        },
        "risks": {
            (risk.order_id_netsuite,): (risk.at_risk_minor, risk.difference_minor) for risk in review.risks
        },
        "weights": {(risk.order_id_netsuite,): (risk.weight,) for risk in review.risks},
        **_net_figures(review),
    }


def _net_figures(review: Review) -> Figures:
    """Gross, returned and net: net: by view; groups: by kind, view, key and name; returns: by return."""
    result = review.result
    if result.net is None:
        return {}
    assert result.net.base is not None
    returns = result.net.returns
    names = ("amount_minor", "returned_netsuite_minor", "returned_hubspot_minor", "over_minor")
    keys = [(key,) for key in plain(returns["return_id_netsuite"])]
    return {
        "net": {
            (view,): (
                sums.gross.sales_netsuite_minor,
                sums.returned.returned_netsuite_minor,
                sums.gross.sales_netsuite_minor - sums.returned.returned_netsuite_minor,
                sums.gross.sales_hubspot_minor,
                sums.returned.returned_hubspot_minor,
                sums.gross.sales_hubspot_minor - sums.returned.returned_hubspot_minor,
                sums.net_hubspot_minor - sums.net_netsuite_minor,
                abs(sums.gross.unexplained_minor) + abs(sums.returned.unexplained_minor),
            )
            for view, sums in {**result.net.sums, ALL: result.net.base}.items()
        },
        "groups": {
            (one.by, one.view, one.name): (
                one.orders,
                one.returns,
                one.gross_netsuite_minor,
                one.returned_netsuite_minor,
                one.gross_netsuite_minor - one.returned_netsuite_minor,
                one.gross_hubspot_minor - one.returned_hubspot_minor,
            )
            for one in net_groups(result.net, result.orders, result.definition, result.first, result.last)
        },
        "returns": dict(zip(keys, zip(*(_whole(returns[name]) for name in names), strict=True), strict=True)),
    }


def _net_bridges(view: str, sums: NetSums) -> dict[tuple[str, ...], tuple[int | None, ...]]:
    if not sums.returned.returns and not sums.returned.steps:
        return {}
    returned, of_returns, of_net = sums.returned, f"{view}, returns", f"{view}, net"
    steps: dict[tuple[str, ...], tuple[int | None, ...]] = {
        (of_returns, one.cause): (one.returns, one.amount_minor)
        for one in (*returned.not_counted, *returned.steps)
    }
    steps |= {(of_net, one.cause): (one.returns, -one.amount_minor) for one in returned.named}
    steps |= {(of_net, one.cause): (one.orders, one.amount_minor) for one in sums.gross.steps}
    steps |= {(of_net, f"returns: {one.cause}"): (one.returns, -one.amount_minor) for one in returned.steps}
    found = steps
    if returned.unexplained_minor:
        found[of_returns, "unexplained: counted, not read"] = (None, -returned.unexplained_minor)
    return found | {
        (of_returns, "NetSuite, all returns"): (returned.returns, returned.netsuite_minor),
        (of_returns, "returned in NetSuite"): (None, returned.returned_netsuite_minor),
        (of_returns, "returned in HubSpot"): (None, returned.returned_hubspot_minor),
        (of_net, "gross sales in NetSuite"): (sums.orders, sums.gross.sales_netsuite_minor),
        (of_net, "net sales in NetSuite"): (None, sums.net_netsuite_minor),
        (of_net, "net sales in HubSpot"): (None, sums.net_hubspot_minor),
    }


def _bridge(view: str, sums: SalesSums) -> dict[tuple[str, ...], tuple[int | None, ...]]:
    found: dict[tuple[str, ...], tuple[int | None, ...]] = {
        (view, step.cause): (step.orders, step.amount_minor) for step in (*sums.not_counted, *sums.steps)
    }
    if sums.unexplained_minor:
        found[view, "unexplained: counted, not read"] = (None, -sums.unexplained_minor)
    return found | {
        (view, "NetSuite, all orders"): (sums.orders, sums.netsuite_minor),
        (view, "sales in NetSuite"): (None, sums.sales_netsuite_minor),
        (view, "sales in HubSpot"): (None, sums.sales_hubspot_minor),
    }


def _keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return [(key,) for key in plain(frame["order_id_netsuite"])]


def _whole(column: Any) -> list[int | None]:
    return [None if value is None else int(value) for value in plain(column)]


def from_json(review: Review) -> Figures:
    document = json.loads(json.dumps(as_json(review.result)))
    names: tuple[str, ...] = ("netsuite", "eligible", "accepted", "hubspot", "difference", "unexplained")
    bridge: dict[tuple[str, ...], tuple[int | None, ...]] = {}
    for view, sums in {**document["sales"], ALL: document["base"]}.items():
        steps = {name: tuple(BridgeStep(**one) for one in sums[name]) for name in ("not_counted", "steps")}
        bridge |= _bridge(view, SalesSums(**{**sums, **steps}))
    found: Figures = {
        "totals": {
            (code,): tuple(sums[f"{name}_minor"] for name in names)
            for code, sums in document["currencies"].items()
        },
        "bridge": bridge,
        "differences": {
            (row["order_id"], row["field"]): (row["difference_minor"],) for row in document["differences"]
        },
    }
    if net := document.get("net"):
        names = ("gross_netsuite", "returned_netsuite", "net_netsuite", "gross_hubspot", "returned_hubspot")
        names += ("net_hubspot", "difference", "unexplained")
        found["net"] = {
            (view,): tuple(sums[f"{name}_minor"] for name in names)
            for view, sums in {**net["sums"], ALL: net["base"]}.items()
        }
        found["groups"] = {
            (one["by"], one["view"], one["name"]): tuple(one[name] for name in _OF_GROUP)
            for one in net["groups"]
        }
        names = ("amount_minor", "returned_netsuite_minor", "returned_hubspot_minor", "over_minor")
        found["returns"] = {
            (one["return_id_netsuite"],): tuple(one[name] for name in names) for one in net["returns"]
        }
        for view, sums in {**net["sums"], ALL: net["base"]}.items():
            gross = document["base"] if view == ALL else document["sales"][view]
            bridge |= _net_bridges(view, _net_sums(gross, sums))
    return found


_OF_GROUP = (
    "orders", "returns", "gross_netsuite_minor", "returned_netsuite_minor", "net_netsuite_minor", "net_hubspot_minor",
)  # fmt: skip


def _net_sums(gross: dict[str, Any], sums: dict[str, Any]) -> NetSums:
    of_gross = {name: tuple(BridgeStep(**one) for one in gross[name]) for name in ("not_counted", "steps")}
    returned = sums["returned"]
    steps = {
        name: tuple(ReturnStep(**one) for one in returned[name]) for name in ("not_counted", "named", "steps")
    }
    return NetSums(
        returned["currency"],
        sums["orders"],
        sums["returns"],
        SalesSums(**{**gross, **of_gross}),
        ReturnSums(**{**returned, **steps}),
    )


def from_text(review: Review) -> Figures:
    result = review.result
    text = as_text(result, width=200, differences=len(result.differences))
    totals = [columns for columns in _table(text, "Proof by currency") if len(columns) == 7]
    bridge = _table(text, "Sales dollars from NetSuite to HubSpot")
    ids = dict(
        zip(plain(result.orders["order_number"]), plain(result.orders["order_id_netsuite"]), strict=True)
    )
    found: Figures = {
        "totals": {(code,): tuple(_shown(one, code) for one in amounts) for code, *amounts in totals},
        "bridge": {
            (view, step): (int(orders[0]) if orders else None, _shown(*amount.split()))
            for view, step, *orders, amount in bridge
        },
        "differences": {
            (ids[order], field): (_apart(" ".join(others)),)
            for order, field, *others in _table(text, "Differences")
        },
    }
    if result.net is not None:
        found["bridge"] |= {
            (view, step): (int(orders[0]) if orders else None, _shown(*amount.split()))
            for view, step, *orders, amount in _table(text, "Net sales from NetSuite to HubSpot")
        }
        found["net"] = {
            (view,): tuple(_shown(one, view[-3:]) for one in amounts)
            for view, *amounts in _table(text, "Sales dollars: gross, returned, net")
        }
        titles = {"day": "day", "sales rep": "rep", "company": "company", "store": "store"}
        found["groups"] = {
            (by, ALL, name): (int(orders), int(returns), *(_shown(one, "USD") for one in amounts))
            for title, by in titles.items()
            for name, orders, returns, *amounts in _table(text, f"Net sales by {title}, {ALL}")
        }
    return found


def _apart(text: str) -> int | None:
    """The one amount with its sign, where it is an amount that differs."""
    found = re.search(r"([+-][\d,.]+) ([A-Z]{3})\b", text)
    return _shown(found[1], found[2]) if found else None


def _table(text: str, title: str) -> list[list[str]]:
    """The rows of a table in the text, each cut where two blanks or more are."""
    lines = text.split(f"\n{title}")[1].split("─\n", 1)[1].split("\n\n")[0].splitlines()
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def _shown(amount: str, currency: str) -> int:
    return minor(amount.replace(",", ""), currency)


def from_excel(review: Review) -> Figures:
    book = workbook(excel_bytes(review))
    found = _from_tables(
        {
            name: [{title: cell.value for title, cell in row.items()} for row in cells(book[name])]
            for name in book.sheetnames[1:]
        },
        {
            "view": "View", "currency": "Currency", "step": "Step", "orders": "Orders", "amount": "Amount",
            "order_id_netsuite": "NetSuite id", "currency_hubspot": "Currency in HubSpot", "field": "Field",
            "total_netsuite": "Total in NetSuite", "total_hubspot": "Total in HubSpot", "at_risk": "At risk",
            "sales_netsuite": "Sales in NetSuite", "sales_hubspot": "Sales in HubSpot", "weight": "At risk × days",
            "difference": "HubSpot minus NetSuite", "by": "By", "name": "Name", "returns": "Returns",
            "gross_netsuite": "Gross in NetSuite", "returned_netsuite": "Returned in NetSuite",
            "net_netsuite": "Net in NetSuite", "net_hubspot": "Net in HubSpot",
            "of_return": "Counts in NetSuite", "of_return_hubspot": "Counts in HubSpot", "amount_of_return": "Whole amount",
            "return_id_netsuite": "NetSuite id", "over_return": "Beyond its order's total",
        },
    )  # fmt: skip
    rows = list(book["summary"].iter_rows(values_only=True))
    begin = next(at for at, row in enumerate(rows) if row[0] == "Order totals, by currency") + 2
    totals = [row for row in rows[begin : begin + len(review.result.currencies)] if row[0]]
    if review.result.net is not None:
        begin = (
            next(at for at, row in enumerate(rows) if row[0] == "Gross, returned and net, by the definition")
            + 2
        )
        found["net"] = {
            (str(view),): tuple(minor(value, str(view)[-3:]) for value in amounts[:8])
            for view, _orders, _returns, *amounts in rows[begin : begin + len(review.result.net.sums) + 1]
        }
    return found | {
        "totals": {
            (str(code),): tuple(minor(value, str(code)) for value in (*five, unexplained))
            for code, *five, _held, unexplained in (row[:8] for row in totals)
        }
    }


def from_csv(review: Review) -> Figures:
    files = csv_bytes(review)
    tables = {
        name.removesuffix(".csv").replace("_", " "): csv_rows(content) for name, content in files.items()
    }
    return _from_tables(tables, {})


def _from_tables(tables: dict[str, list[dict[str, Any]]], titles: dict[str, str]) -> Figures:
    """Figures of tables with amounts in their currency's units; titles: name → what it is called there."""

    def whole(row: dict[str, Any], name: str, currency: str = "currency") -> int | None:
        value = row[titles.get(name, name)]
        return None if value in ("", None) else minor(value, row[titles.get(currency, currency)])

    def text(row: dict[str, Any], *names: str) -> tuple[str, ...]:
        return tuple(str(row[titles.get(name, name)]) for name in names)

    def count(row: dict[str, Any]) -> int | None:
        value = row[titles.get("orders", "orders")]
        return None if value in ("", None) else int(value)

    found: Figures = {}
    if "net sales" in tables:
        found["groups"] = {
            text(row, "by", "view", "name"): (
                count(row),
                int(row[titles.get("returns", "returns")]),
                *(
                    whole(row, name)
                    for name in ("gross_netsuite", "returned_netsuite", "net_netsuite", "net_hubspot")
                ),
            )
            for row in tables["net sales"]
        }
        found["returns"] = {
            text(row, "return_id_netsuite"): (
                whole(row, "amount_of_return" if titles else "amount"),
                whole(row, "of_return" if titles else "returned_netsuite"),
                whole(row, "of_return_hubspot" if titles else "returned_hubspot", "currency_hubspot"),
                whole(row, "over_return") or 0,
            )
            for row in tables["returns"]
        }
    return found | {
        "bridge": {text(row, "view", "step"): (count(row), whole(row, "amount")) for row in tables["bridge"]},
        "orders": {
            text(row, "order_id_netsuite"): (
                whole(row, "total_netsuite"),
                whole(row, "total_hubspot", "currency_hubspot"),
                whole(row, "sales_netsuite"),
                whole(row, "sales_hubspot", "currency_hubspot"),
            )
            for row in tables["orders"]
        },
        "differences": {
            text(row, "order_id_netsuite", "field"): (whole(row, "difference"),)
            for row in tables["differences"]
        },
        "risks": {
            text(row, "order_id_netsuite"): (whole(row, "at_risk"), whole(row, "difference"))
            for row in tables["at risk"]
        },
        "weights": {text(row, "order_id_netsuite"): (whole(row, "weight"),) for row in tables["at risk"]},
    }


def from_parquet(review: Review) -> Figures:
    frames = parquet_frames(review)
    bridge, at_risk = frames["bridge"], frames["at_risk"]
    of_frames = replace(review.result, orders=frames["orders"], differences=frames["differences"])
    read = figures(Review(of_frames, ()))
    steps = zip(bridge["view"], bridge["step"], strict=True)
    amounts = zip(_whole(at_risk["at_risk_minor"]), _whole(at_risk["difference_minor"]), strict=True)
    found: Figures = {}
    if "returns" in frames and review.result.net is not None:
        of_frame = replace(review.result.net, returns=frames["returns"])
        found["returns"] = _net_figures(Review(replace(review.result, net=of_frame), ()))["returns"]
        groups = frames["net_sales"]
        keys = zip(*(plain(groups[name]) for name in ("by", "view", "name")), strict=True)
        found["groups"] = dict(
            zip(keys, zip(*(_whole(groups[name]) for name in _OF_GROUP), strict=True), strict=True)
        )
    return found | {
        "bridge": dict(
            zip(
                steps, zip(_whole(bridge["orders"]), _whole(bridge["amount_minor"]), strict=True), strict=True
            )
        ),
        "orders": read["orders"],
        "differences": read["differences"],
        "risks": dict(zip(_keys(at_risk), amounts, strict=True)),
        "weights": dict(zip(_keys(at_risk), ((value,) for value in _whole(at_risk["weight"])), strict=True)),
    }


def from_html(review: Review) -> Figures:
    """The bridge as it stands in the page, and the rows that its script draws."""
    text = page(review).decode()
    bridge: dict[tuple[str, ...], tuple[int | None, ...]] = {}
    for view, body in re.findall(r'<table class="bridge"><caption>(.*?): .*?<tbody>(.*?)</tbody>', text):
        for row in re.findall(r'<th scope="row">(.*?)</th><td class="number">(.*?)<td class="drawn">', body):
            step, orders, amount = (
                re.sub("<[^>]+>", "", one) for one in (row[0], *row[1].split("</td>")[:2])
            )
            bridge[view, step] = (int(orders) if orders else None, _shown(*amount.split()))
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert found
    document = json.loads(found[1])
    ids = _column(document["orders"], "order_id_netsuite")

    def of_orders(table: str, *names: str) -> list[tuple[Any, ...]]:
        rows = document[table]
        return list(
            zip((ids[at] for at in rows["order"]), *(_column(rows, name) for name in names), strict=True)
        )

    of_net: Figures = {}
    if review.result.net is not None:
        groups, returns = document["net_groups"], document["returns"]
        columns = [_column(groups, name) for name in ("by", "view", "name", *_OF_GROUP)]
        of_net["groups"] = {row[:3]: tuple(int(one) for one in row[3:]) for row in zip(*columns, strict=True)}
        names = ("amount_minor", "returned_netsuite_minor", "returned_hubspot_minor", "over_minor")
        columns = [_column(returns, name) for name in ("order_id_netsuite", *names)]
        of_net["returns"] = {
            row[:1]: tuple(None if one is None else int(one) for one in row[1:])
            for row in zip(*columns, strict=True)
        }
        of_net["net"] = _net_of_page(text)
    return of_net | {
        "bridge": bridge,
        "differences": {
            (key, field): (None if apart is None else int(apart),)
            for key, field, apart in of_orders("differences", "field", "difference_minor")
        },
        "risks": {
            (key,): (int(at_risk), int(apart))
            for key, at_risk, apart in of_orders("risks", "at_risk_minor", "difference_minor")
        },
    }


def _net_of_page(text: str) -> dict[tuple[str, ...], tuple[int | None, ...]]:
    found = re.search(
        r"<caption>Gross, returned and net by currency</caption>.*?<tbody>(.*?)</tbody>", text, re.DOTALL
    )
    assert found
    return {
        (view,): tuple(
            _shown(re.sub("<[^>]+>", "", one), view[-3:]) for one in re.findall(r"<td[^>]*>(.*?)</td>", row)
        )
        for view, row in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', found[1])
    }


def _column(table: dict[str, Any], name: str) -> list[Any]:
    column = table["columns"][name]
    return column["values"] if "values" in column else [column["texts"][at] for at in column["at"]]


VIEWS: dict[str, Callable[[Review], Figures]] = {
    "JSON": from_json,
    "text": from_text,
    "Excel": from_excel,
    "CSV": from_csv,
    "Parquet": from_parquet,
    "HTML": from_html,
}
KINDS = {
    "JSON": {"totals", "bridge", "differences"},
    "text": {"totals", "bridge", "differences"},
    "Excel": {"totals", "bridge", "orders", "differences", "risks", "weights"},
    "CSV": {"bridge", "orders", "differences", "risks", "weights"},
    "Parquet": {"bridge", "orders", "differences", "risks", "weights"},
    "HTML": {"bridge", "differences", "risks"},
}


NET_KINDS = {
    "JSON": {"net", "groups", "returns"},
    "text": {"net"},
    "Excel": {"net", "groups", "returns"},
    "CSV": {"groups", "returns"},
    "Parquet": {"groups", "returns"},
    "HTML": {"net", "groups", "returns"},
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_gross_returned_and_net_of_the_result(view: str, net_review: Review) -> None:
    wanted = figures(net_review)
    found = VIEWS[view](net_review)
    kinds = KINDS[view] | NET_KINDS[view]
    assert {kind: found[kind] for kind in kinds} == {kind: wanted[kind] for kind in kinds}


def test_the_text_shows_the_groups_of_all_currencies_together(net_review: Review) -> None:
    wanted = {key: of for key, of in figures(net_review)["groups"].items() if key[1] == ALL}
    assert len(wanted) > 8
    assert from_text(net_review)["groups"] == wanted


def test_dagsters_page_shows_gross_returned_and_net_of_the_result(net_review: Review) -> None:
    net = net_review.result.net
    assert net is not None
    assert net.base is not None
    text = summary(net_review.result)
    for view, sums in {**net.sums, ALL: net.base}.items():
        numbers = (
            sums.gross.sales_netsuite_minor,
            sums.returned.returned_netsuite_minor,
            sums.net_netsuite_minor,
            sums.net_hubspot_minor,
            sums.difference_minor,
            sums.unexplained_minor,
        )
        row = " | ".join(shown(one, sums.currency).removesuffix(f" {sums.currency}") for one in numbers)
        assert f"| {view} | {row} |" in text


def test_the_result_whose_net_is_compared_has_every_name_of_a_return(net_review: Review) -> None:
    wanted = figures(net_review)
    assert {step for view, step in wanted["bridge"] if view == "USD, net"} >= {
        "return of an order of these days", "return without an order", "over-return",
        "returns: not yet pushed", "returns: quarantined", "returns: skipped", "returns: edited in HubSpot",
    }  # fmt: skip
    assert ("USD, returns", "unexplained: counted, not read") in wanted["bridge"]


def test_a_return_whose_order_hubspot_does_not_hold_shows_the_order_and_that_it_is_not_there(
    net_review: Review,
) -> None:
    net = net_review.result.net
    assert net is not None
    found = net.returns[net.returns["without_order"].notna() & net.returns["parent_order_id"].notna()]
    told = as_text(net_review.result, width=200)
    assert len(found)
    for name in found["parent_order_number"].fillna(found["parent_order_id"]):
        assert f"{name} (not in HubSpot)" in told


def test_without_returns_no_view_speaks_of_net(review: Review) -> None:
    assert "net" not in as_json(review.result)
    told = as_text(review.result, width=200) + page(review).decode() + summary(review.result)
    assert "net sales" not in told.lower()
    assert "returned" not in summary(review.result)
    assert set(csv_bytes(review)) == {"bridge.csv", "at_risk.csv", "differences.csv", "orders.csv"}
    assert set(parquet_frames(review)) == {"bridge", "at_risk", "differences", "orders"}
    assert workbook(excel_bytes(review)).sheetnames == [
        "summary",
        "bridge",
        "at risk",
        "differences",
        "orders",
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_the_numbers_of_the_result(view: str, review: Review) -> None:
    wanted = figures(review)
    assert VIEWS[view](review) == {kind: wanted[kind] for kind in KINDS[view]}


def test_the_result_that_is_compared_has_every_kind_of_row(review: Review) -> None:
    wanted = figures(review)
    assert {step for _, step in wanted["bridge"]} >= {*CAUSES, "unexplained: counted, not read"}
    assert {code for (code,) in wanted["totals"]} == {"USD", "JPY", "KWD"}
    assert {len(found) for found in wanted.values()} & {0, 1} == set()
    for code, sums in review.result.sales.items():
        of_code = review.result.orders[review.result.orders["currency"] == code]
        assert int(of_code["sales_netsuite_minor"].sum()) == sums.sales_netsuite_minor
        assert int(of_code["sales_hubspot_minor"].sum()) == sums.sales_hubspot_minor
