"""Every view is one of the same result, and shows the same numbers."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.risk import money_at_risk
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.chart import bars, chart
from ns_hs_orders.report.checks import checks, dollars_agree, exit_code, nothing_was_missed
from ns_hs_orders.report.markdown import (
    INLINE,
    bridge,
    escaped,
    held_back,
    largest_differences,
    links,
    proof,
    summary,
    table,
)
from ns_hs_orders.report.markdown import money_at_risk as risk_table
from ns_hs_orders.report.sales_figures import sales_bridge_rows
from ns_hs_orders.report.text import as_text
from ns_hs_orders_tests.reconcile.both_sides import DAY, Both, Sale


def test_the_json_has_the_agreed_names_and_numbers(red: Reconciliation) -> None:
    document = json.loads(json.dumps(as_json(red)))
    assert (document["mode"], document["from"], document["to"]) == ("sandbox", "2026-11-02", "2026-11-03")
    assert document["outcomes"] == {"created": 7, "quarantined": 2, "skipped": 1}
    usd = document["currencies"]["USD"]
    assert usd["netsuite_minor"] == 5 * 123450 + 10000 + 1000 + 2000 + 3300
    assert usd["eligible_minor"] == 5 * 123450 + 10000 + 2000
    assert usd["accepted_minor"] == 5 * 123450 + 10000
    assert usd["hubspot_minor"] == 5 * 123450 + 10000 + 1 + 7700
    assert usd["difference_minor"] == 7701
    assert usd["unexplained_minor"] == 3300
    assert usd["bridge"] == [
        {"cause": "skipped", "orders": 1, "amount_minor": -1000},
        {"cause": "quarantined", "orders": 1, "amount_minor": -2000},
        {"cause": "edited in HubSpot", "orders": 1, "amount_minor": 1},
        {"cause": "only in HubSpot", "orders": 1, "amount_minor": 7700},
    ]
    assert document["currencies"]["JPY"]["hubspot_minor"] == 9000
    edited = next(d for d in document["differences"] if d["order"] == "SO2")
    assert (edited["field"], edited["netsuite"], edited["hubspot"], edited["cause"]) == (
        "Total Price",
        "1,234.50 USD",
        "1,234.51 USD",
        "edited in HubSpot",
    )
    assert edited["difference_minor"] == 1
    assert (document["agrees"], document["red_days"]) == (False, ["2026-11-02"])
    assert document["unknown_amounts"][0]["raw_total"] == "10.019"


def test_the_terminal_the_markdown_the_checks_and_the_json_show_the_same_sums(red: Reconciliation) -> None:
    document = as_json(red)
    text, short, steps = as_text(red), summary(red), bridge(red)
    numbers = dollars_agree(red).numbers
    for code, sums in document["currencies"].items():
        for name in ("accepted_minor", "hubspot_minor", "difference_minor", "unexplained_minor"):
            for view in (text, proof(red)):
                assert shown(sums[name], code).removesuffix(f" {code}") in view
        assert numbers[f"{code} accepted"] == shown(sums["accepted_minor"], code)
        assert numbers[f"{code} HubSpot"] == shown(sums["hubspot_minor"], code)
    assert set(document["sales"]) == {"USD", "JPY"}
    for code, sums in document["sales"].items():
        for name in ("sales_netsuite_minor", "sales_hubspot_minor", "unexplained_minor"):
            amount = shown(sums[name], code).removesuffix(f" {code}")
            assert amount in text
            assert amount in short
        for step in (*sums["not_counted"], *sums["steps"]):
            for view in (text, steps):
                assert re.search(
                    rf"{step['cause']}\W+{step['orders']}\W.*{re.escape(shown(step['amount_minor'], code))}",
                    view,
                )
        for view in (text, steps):
            assert re.search(
                rf"sales in HubSpot.*{re.escape(shown(sums['sales_hubspot_minor'], code))}", view
            )
    for view in (text, short):
        assert red.definition.version in view


def test_the_drawn_bridge_goes_from_netsuites_total_to_what_hubspot_holds(red: Reconciliation) -> None:
    sums = red.sales["USD"]
    drawn = bars(sums)
    assert drawn[0][:2] == (0, sums.netsuite_minor)
    assert drawn[-1][:2] == (0, sums.sales_hubspot_minor)
    levels = [top for low, top, colour in drawn if colour == drawn[0][2]]
    assert levels == [sums.netsuite_minor, sums.sales_netsuite_minor, sums.sales_hubspot_minor]
    change = sum((top - low) * (1 if colour == "#3a6" else -1) for low, top, colour in drawn if low)
    assert sums.netsuite_minor + change == sums.sales_hubspot_minor


def test_orders_that_were_counted_but_not_read_are_an_unexplained_step_of_their_own(
    red: Reconciliation,
) -> None:
    rest = [row for row in sales_bridge_rows(red) if row[1].startswith("unexplained")]
    assert rest == [("USD", "unexplained: counted, not read", "", "-33.00 USD")]


def test_the_cent_and_the_order_are_named_everywhere(red: Reconciliation) -> None:
    for view in (as_text(red), largest_differences(red)):
        line = next(line for line in view.splitlines() if re.search(r"SO2\b", line))
        assert "1,234.50 USD" in line
        assert "1,234.51 USD" in line
        assert "+0.01 USD" in line


def test_the_terminal_lists_what_is_held_back_by_reason_with_its_sum(red: Reconciliation) -> None:
    lines = as_text(red).splitlines()
    assert any("skipped" in n and "customer_not_in_hubspot" in n and "10.00 USD" in n for n in lines)
    assert any("quarantined" in n and "does_not_add_up" in n and "20.00 USD" in n for n in lines)
    assert any("quarantined" in n and "amount unknown" in n for n in lines)
    assert any("SO22" in n and "10.019" in n for n in lines)
    assert not any("archived" in n for n in lines)
    assert "does_not_add_up" in held_back(red).replace("\\", "")


def test_a_green_result_says_so_and_still_shows_its_numbers(green: Reconciliation) -> None:
    assert summary(green).startswith(
        "**Every accepted order agrees to the cent: 2 orders of 2026-11-02 to 2026-11-03 in 2 currencies.**"
    )
    assert "1,234.50" in as_text(green)
    assert largest_differences(green) == "No difference."
    dollars, missed, *whole = checks(green)
    assert (dollars.passed, missed.passed) == (True, True)
    assert [one.passed for one in whole] == [True, True, True]
    assert dollars.numbers["USD HubSpot"] == "1,234.50 USD"
    assert (missed.numbers["orders counted by NetSuite"], missed.numbers["orders read"]) == (2, 2)
    assert missed.numbers["JPY read"] == "9,000 JPY"
    assert exit_code(green) == 0


def test_a_red_result_fails_both_checks_with_the_days_and_orders_named(red: Reconciliation) -> None:
    assert not dollars_agree(red).passed
    assert dollars_agree(red).numbers["red days"] == "2026-11-02"
    assert dollars_agree(red).red_days == nothing_was_missed(red).red_days == (DAY,)
    assert "2026-11-02" in dollars_agree(red).summary
    missed = nothing_was_missed(red)
    assert not missed.passed
    assert (missed.numbers["orders counted by NetSuite"], missed.numbers["orders read"]) == (11, 10)
    assert "2026-11-02 USD" in missed.summary
    assert exit_code(red) == 1


def test_what_the_asset_page_shows_inline_stays_below_its_limit(
    red: Reconciliation, green: Reconciliation
) -> None:
    for result in (red, green):
        assert len(summary(result)) < INLINE
        assert len(chart(result)) < INLINE
        assert len(bridge(result)) < INLINE


def test_the_chart_is_an_svg_with_its_own_width_and_height(red: Reconciliation) -> None:
    address = re.fullmatch(r"!\[USD: NetSuite to HubSpot\]\(data:image/svg\+xml;base64,([^)]+)\)", chart(red))
    assert address is not None
    svg = ElementTree.fromstring(b64decode(address.group(1)))
    assert (svg.get("width"), svg.get("height")) == ("240", "40")
    assert len(list(svg)) == len(bars(red.sales["USD"])) == 8


def test_the_longest_bridge_is_still_a_small_picture(red: Reconciliation) -> None:
    sums = red.sales["USD"]
    many = replace(
        sums,
        steps=tuple(replace(sums.steps[0], amount_minor=-n) for n in range(1, 30)),
        not_counted=tuple(replace(sums.steps[0], amount_minor=-n) for n in range(1, 5)),
    )
    big = replace(red, sales={"USD": many})
    assert len(chart(big)) < INLINE
    assert len(bars(many)) == 3 + 4 + 6 + 2


def test_a_table_tells_how_many_rows_it_leaves_out() -> None:
    shown_table = table(("order", "amount"), [(str(n), "1.00") for n in range(25)])
    assert shown_table.splitlines()[:2] == ["| order | amount |", "|---|--:|"]
    assert shown_table.count("| 1.00 |") == 10
    assert shown_table.endswith("15 more.")


ATTACKS = [
    "[click](http://evil.example)",
    "![x](http://evil.example/p.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a | b | c",
    "**bold** _it_ `code` ~~gone~~",
    "line\nbreak\r\n| new | row |",
    "https://evil.example/path",
    "WWW.evil.example",
    "mail me@evil.example",
    "\u202egnp.exe\u2066",
    "&lt;b&gt; &amp;",
    "# heading",
    "\\[x](y)",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_foreign_text_is_inert_in_markdown(attack: str) -> None:
    inert = escaped(attack)
    bare = re.sub(r"\\.|&#?\w+;", "", inert)
    assert not re.search(r"[<>`*_\[\]#!~|\\&\n\r\u202e\u2066]", bare)
    assert not re.search(r"https?://|(?i:www)\.|@\w", inert)


def test_an_ordinary_value_is_left_readable() -> None:
    assert escaped("1,234.50 USD (created)") == "1,234.50 USD (created)"
    assert escaped("Ünal & Søn – 日本") == "Ünal &amp; Søn – 日本"


def test_an_order_with_hostile_text_stays_one_row_in_every_view() -> None:
    both = Both()
    both.synced(Sale("1", memo="a|b\n[x](http://evil.example)<b>\x1b[31m"))
    both.hubspot.orders["1"].properties["hs_order_note"] = "\x1b]0;pwned\x07 [red]not red[/red]\r\n| x | y |"
    result = both.reconcile(DAY, DAY)
    assert len(largest_differences(result).splitlines()) == 3
    text = as_text(result, width=200)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]not red[/red]" in text
    assert as_json(result)["differences"][0]["netsuite"].startswith("a|b\n")


def test_a_long_memo_is_cut_in_views_and_kept_in_the_result() -> None:
    both = Both()
    both.synced(Sale("1", memo="x" * 60_000))
    both.hubspot.orders["1"].properties["hs_order_note"] = None
    result = both.reconcile(DAY, DAY)
    assert len(result.differences["netsuite"].iloc[0]) == 60_000
    assert len(largest_differences(result)) < INLINE
    assert len(as_text(result)) < 5_000


def test_the_asset_page_shows_the_heaviest_of_what_is_at_risk_inline(red: Reconciliation) -> None:
    risks = money_at_risk(red, {})
    text, records = risk_table(risks), links(risks)

    assert len(text) < INLINE
    header, _, first, *_ = text.splitlines()
    assert header == "| order | owner | cause | at risk | days | status |"
    assert escaped(risks[0].order_number or "") in first
    assert shown(risks[0].at_risk_minor or 0, risks[0].currency or "") in first
    there = next(risk for risk in risks if risk.url_netsuite)
    assert f"[NetSuite]({there.url_netsuite})" in records
    assert risk_table([]) == "Nothing is at risk."


def test_an_address_that_is_no_web_address_is_no_link(red: Reconciliation) -> None:
    (first, *_) = money_at_risk(red, {})
    hostile = replace(first, url_netsuite="javascript:alert(1)", url_hubspot="https://x.test/a) [b](http://c")

    assert links([hostile]).endswith(": no record")
