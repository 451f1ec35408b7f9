"""What is in the file: the same numbers as every other view, the orders behind each step, and nothing that runs."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html import unescape
from itertools import pairwise
from typing import Any

import pytest

from ns_hs_orders.money import shown
from ns_hs_orders.reconcile.sales.definition import SalesDefinition
from ns_hs_orders.reconcile.schema import SalesSums
from ns_hs_orders.report.checks import checks
from ns_hs_orders.report.html.behind_steps import MOST_LEFT_OUT
from ns_hs_orders.report.html.bridges import Bar, bars, beginning
from ns_hs_orders.report.html.columns import addresses, texts
from ns_hs_orders.report.html.data import document
from ns_hs_orders.report.html.markup import element, link
from ns_hs_orders.report.html.page import page
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.sales_figures import SalesStep
from ns_hs_orders_tests.report.html.built import DAY, believable, difference, order, review

BARE = SalesDefinition(with_tax=False, with_shipping=False, stages=("billed", "fulfilled"))
BY_EFFECT = SalesDefinition(date_basis="sales_effective_date")


def words(content: bytes) -> str:
    """What a reader sees where no script runs."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="module")
def day() -> Review:
    return believable()


@pytest.fixture(scope="module")
def taxed() -> Review:
    """Orders with tax, shipping, stages and effective dates, some of them wrong, in two currencies."""
    rows = [
        order(
            n,
            currency="USD" if n % 3 else "EUR",
            netsuite_minor=10_000 + n,
            tax_netsuite_minor=n % 4 * 100,
            shipping_netsuite_minor=n % 2 * 550,
            stage_netsuite=("billed", "pending_fulfillment", "cancelled")[n % 3],
            sales_on=date(2026, 11, 20 + n % 2),
        )
        for n in range(60)
    ]
    wrong = order(
        90, netsuite_minor=70_000, hubspot_minor=75_000, finding="amount differs", cause="edited in HubSpot"
    )
    other = order(
        91, netsuite_minor=5_000, currency_hubspot="EUR", finding="field differs", cause="edited in HubSpot"
    )
    unread = order(92, netsuite_minor=None, hubspot_minor=None, currency=None, outcome="quarantined",
                   finding="missing in HubSpot", cause="quarantined")  # fmt: skip
    return review([*rows, wrong, other, unread])


def as_defined(of: Review, definition: SalesDefinition) -> Review:
    rows = of.result.orders.astype(object).where(of.result.orders.notna(), None).to_dict("records")
    return review([{str(k): v for k, v in row.items()} for row in rows], definition=definition)


def test_the_first_words_say_that_the_dollars_differ_then_which_order_comes_first_and_what_to_do(
    day: Review,
) -> None:
    text = words(page(day))
    heaviest = next(risk for risk in day.risks if risk.status != "acknowledged")
    assert heaviest.at_risk_minor is not None
    assert heaviest.currency is not None
    pieces = [
        "Do the dollars agree?",
        "No, the dollars do not agree.",
        "234 accepted orders of 2026-11-20; 7 orders differ",
        "What to do first",
        str(heaviest.order_number),
        f"{shown(heaviest.at_risk_minor, heaviest.currency)} at risk",
        heaviest.explanation,
        heaviest.next_step,
        day.result.definition.sentence,
    ]
    places = [text.find(piece) for piece in pieces]
    assert -1 not in places
    assert places == sorted(places)


def test_an_acknowledged_order_is_not_what_to_do_first_and_is_listed_all_the_same(day: Review) -> None:
    acknowledged = day.risks[0]
    assert acknowledged.status == "acknowledged"
    first, _, _ = words(page(day)).partition("What to do first")[2].partition("Sales dollars")
    assert str(acknowledged.order_number) not in first
    assert document(day)["risks"]["columns"]["acknowledged"]["texts"] == [
        "Priya Raman, until 2026-12-15: samples, entered by hand in HubSpot"
    ]


def test_every_check_and_every_order_that_is_not_whole_stands_in_the_page(day: Review) -> None:
    text = words(page(day))
    for check in checks(day.result):
        assert f"{'Passed' if check.passed else 'Failed'}. {check.summary}" in text
    assert {check.passed for check in checks(day.result)} == {True, False}
    columns = document(day)["integrity"]["columns"]
    assert read(columns["order"]) == ["SO10301", "6 orders"]
    assert read(columns["reason"]) == [None, "no rep"]
    assert columns["amount_minor"]["values"] == ["-630000", None]


def test_where_all_agrees_there_is_nothing_to_do() -> None:
    agreed = review([order(1), order(2, currency="JPY", netsuite_minor=900)])
    text = words(page(agreed))
    assert "Yes, every accepted order agrees to the cent. 2 orders of 2026-11-20 in 2 currencies." in text
    assert "Nothing: no order waits for a person." in text
    assert "2 orders agree in every field (900 JPY, 100.00 USD) and are not listed. 0 do not:" in text
    assert document(agreed)["orders"]["listed"] == 0


def test_every_sum_and_every_step_of_a_bridge_stands_in_the_page(day: Review) -> None:
    text = words(page(day))
    base = day.result.base
    assert base is not None
    assert {"CAD", "EUR", "JPY", "USD"} == set(day.result.sales)
    for sums in (base, *day.result.sales.values()):
        code = sums.currency
        for step in (*sums.not_counted, *sums.steps):
            amount = shown(step.amount_minor, code)
            sign = r"\+" if step.amount_minor > 0 else ""
            assert re.search(rf"{re.escape(step.cause)} {step.orders:,} {sign}{re.escape(amount)}", text)
        for minor in (sums.netsuite_minor, sums.sales_netsuite_minor, sums.sales_hubspot_minor):
            assert shown(minor, code) in text


def every_sums(of: Review) -> list[tuple[str, SalesSums]]:
    base = [("", of.result.base)] if of.result.base else []
    return [*of.result.sales.items(), *base]


@pytest.mark.parametrize(
    "definition, left_out",
    [
        (SalesDefinition(), {"stage does not count"}),
        (BARE, {"stage does not count", "tax", "shipping"}),
        (BY_EFFECT, {"stage does not count", "sales effective on another day"}),
    ],
    ids=["usual", "bare", "by effect"],
)
def test_a_step_opens_to_as_many_orders_as_it_counts_and_to_its_amount(
    taxed: Review, definition: SalesDefinition, left_out: set[str]
) -> None:
    of = as_defined(taxed, definition)
    data = document(of)
    seen: set[str] = set()
    for currency, sums in every_sums(of):
        for step in sums.steps:
            places = data["steps"][currency][step.cause]
            assert len(places) == step.orders, (currency, step)
            apart = data["orders"]["columns"]["difference_minor"]["values"]
            if currency and all(apart[place] is not None for place in places):
                assert sum(int(apart[place]) for place in places) == step.amount_minor
            seen.add(step.cause)
        for step in (one for one in sums.not_counted if one.cause != "rounding of converted parts"):
            behind = data["left_out"][currency][step.cause]
            assert len(behind["orders"]) == step.orders
            if currency:
                assert sum(int(amount) for amount in behind["amounts"]) == step.amount_minor
            seen.add(step.cause)
    assert seen == {"edited in HubSpot"} | left_out


def test_of_a_part_that_every_order_has_the_largest_are_listed() -> None:
    many = review(
        [order(n, netsuite_minor=9_999, tax_netsuite_minor=n + 1) for n in range(MOST_LEFT_OUT + 20)],
        definition=BARE,
    )
    behind = document(many)["left_out"]["USD"]["tax"]
    assert behind["of"] == MOST_LEFT_OUT + 20
    assert [int(amount) for amount in behind["amounts"]] == [-n for n in range(MOST_LEFT_OUT + 20, 20, -1)]


def test_a_bridge_leads_from_one_sum_to_the_other_without_a_gap(day: Review) -> None:
    base = day.result.base
    assert base is not None
    found = bars(base)
    assert (found[0].step.name, found[0].after) == ("NetSuite, all orders", base.netsuite_minor)
    assert (found[-1].step.name, found[-1].after) == ("sales in HubSpot", base.sales_hubspot_minor)
    assert {bar.step.kind for bar in found} == {"level", "left out", "cause"}
    for before, bar in pairwise(found):
        if bar.step.kind == "level":
            assert (bar.low, bar.after) == (0, before.after)
        else:
            assert bar.after == before.after + bar.step.amount_minor
            assert {bar.low, bar.high} == {before.after, bar.after}


def test_the_verdict_says_how_far_the_sums_are_apart_and_whether_all_of_it_has_a_cause(day: Review) -> None:
    explained = "HubSpot's sales are 47,543.27 USD below NetSuite's: rejected -24,684.02 USD, "
    assert f"1 red day: 2026-11-20. {explained}" in words(page(day))
    held = order(1, hubspot_minor=None, outcome="skipped", finding="missing in HubSpot", cause="skipped")
    text = words(page(review([held, order(2)])))
    assert "Yes, every accepted order agrees to the cent." in text
    assert "100.00 USD below NetSuite's: skipped -100.00 USD. Every cent of it has a cause." in text
    assert "25.00 USD has no cause: call an engineer." in words(page(review([order(1)], missed=2_500)))
    assert "has a cause" not in words(page(review([order(1)])))


def test_what_no_cause_explains_is_a_red_step_of_its_own_and_its_bridge_is_open() -> None:
    missed = review([order(1), order(2, currency="EUR")], missed=2_500)
    text = page(missed).decode()
    assert re.search(r'<tr class="rest"><th scope="row">unexplained[^<]*</th>.*?-25\.00 USD', text)
    assert re.search(r"<details open><summary><h3>USD</h3>.*?unexplained \+25\.00 USD", text)
    assert re.search(r"<details><summary><h3>EUR</h3>", text)
    assert "1 do not agree with what was read. Read those days again." in words(page(missed))


@pytest.mark.parametrize(
    "levels, start",
    [((1000, 990, 1000), 985), ((1000, 100), 0), ((0, 0), 0), ((-50, 100), -50), ((700, 700), 0)],
)
def test_the_scale_begins_at_zero_unless_steps_would_be_too_thin_to_see(
    levels: tuple[int, ...], start: int
) -> None:
    step = SalesStep("sales", "level", None, 0)
    assert beginning([Bar(step, min(0, level), max(0, level), level) for level in levels]) == start


HOSTILE = "</script><script>stolen = 1</script><!--<script>&\"'<img src=x onerror=stolen=1>"


def hostile() -> Review:
    """An order whose every text wants to be more than text."""
    bad = order(
        1,
        order_number=HOSTILE,
        customer_name=HOSTILE,
        rep_name=HOSTILE,
        explanation=HOSTILE,
        hubspot_minor=10_001,
        changed_by=HOSTILE,
        url_netsuite="javascript:stolen=1//https://ok",
        url_hubspot='https://x/"onclick="stolen=1',
        finding="amount differs",
        cause="edited in HubSpot",
    )
    return review([bad, *(order(n) for n in range(2, 9))], [difference(bad, HOSTILE, HOSTILE, HOSTILE)])


def test_text_of_others_can_neither_end_the_data_nor_become_an_element() -> None:
    content = page(hostile()).decode()
    assert content.count("</script") == 2
    assert content.count("<script") == 2
    assert "<img" not in content
    assert "<!--" not in content
    data = json.loads(re.search(r'id="data">(.*?)</script>', content, re.DOTALL)[1])  # type: ignore[index]
    assert data["orders"]["columns"]["customer_name"]["values"] == [HOSTILE]
    assert HOSTILE in words(page(hostile()))


def test_only_web_addresses_become_links() -> None:
    assert "javascript:" not in "".join(re.findall(r"<a [^>]*>", page(hostile()).decode()))
    for url in (
        "javascript:x",
        "data:text/html,x",
        " https://x",
        "https://x y",
        "https://x\ny",
        "//x",
        "",
        None,
    ):
        assert link(url, "x") is None
    assert link("HTTPS://x/?a=1&b=2", "go") == (
        '<a href="HTTPS://x/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">go</a>'
    )


def test_an_element_escapes_its_text_and_its_attributes() -> None:
    assert element("p", "a<b", element("b", "&"), title='"x"', hidden=True, lang=None) == (
        '<p title="&quot;x&quot;" hidden>a&lt;b<b>&amp;</b></p>'
    )


def test_the_policy_names_the_digests_of_the_one_style_and_the_one_script_of_the_page(day: Review) -> None:
    content = page(day).decode()
    policy = unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', content)[1])  # type: ignore[index]
    script = re.findall(r"<script>(.*?)</script>", content, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", content, re.DOTALL)
    for kind, texts_of in (("script", script), ("style", style)):
        (text,) = texts_of
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_nothing_in_the_page_names_an_address_to_load_from(day: Review) -> None:
    content = page(day).decode()
    assert not re.search(r"\b(src|srcset|action|poster|background)=", content)
    assert not re.search(r"@import|url\(", content)
    assert "<link" not in content


def read(column: dict[str, Any]) -> list[str | None]:
    """As report.js reads it."""
    if "at" in column:
        return [None if at < 0 else column["texts"][at] for at in column["at"]]
    return [None if value is None else column.get("prefix", "") + value for value in column["values"]]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None],
        ["https://a/1", "https://a/12", None],
        ["https://a/1", "http://b"],
        ["https://a/1", "https://a/1", "https://a/1"],
    ],
)
def test_columns_are_read_as_they_were_written(values: list[str | None]) -> None:
    assert read(addresses(values)) == values
    assert read(texts(values)) == values


def test_a_text_that_repeats_is_written_once_and_a_long_one_is_cut() -> None:
    assert texts(["a", "b", "a", None, "a"]) == {"texts": ["a", "b"], "at": [0, 1, 0, -1, 0]}
    (cut,) = texts(["x" * 70_000])["values"]
    assert (len(cut), cut[-1]) == (500, "…")
    assert texts(["half \ud800"]) == {"values": ["half  "]}


def test_amounts_beyond_what_a_browser_counts_exactly_are_text() -> None:
    large = review([order(n, netsuite_minor=10**15, hubspot_minor=10**15 - 1, finding="amount differs",
                          cause="edited in HubSpot") for n in range(12)])  # fmt: skip
    columns = document(large)["orders"]["columns"]
    assert columns["netsuite_minor"]["values"][0] == "1000000000000000"
    assert columns["difference_minor"]["values"] == ["-1"] * 12
    assert "120,000,000,000,000.00" in words(page(large))


def test_an_order_of_a_currency_that_nobody_knows_is_shown_in_minor_units() -> None:
    strange = order(1, currency_hubspot="XQX", finding="field differs", cause="edited in HubSpot")
    assert "XQX" not in document(review([strange, order(2)]))["exponents"]


def test_a_review_of_no_order_is_a_page_too(day: Review) -> None:
    none = replace(day.result, orders=day.result.orders.iloc[:0], differences=day.result.differences.iloc[:0],
                   sales={}, base=None, outcomes={}, currencies={}, control=(), red_days=())  # fmt: skip
    assert "No order on either side." in words(page(Review(none, ())))
    assert DAY.isoformat() in words(page(Review(none, ())))
