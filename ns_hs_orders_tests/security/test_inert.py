"""Hostile texts of NetSuite and HubSpot, carried through a whole sync, are shown as text and nothing else."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest
from markdown_it import MarkdownIt

from ns_hs_orders.alerts.inert import inert as inert_in_alerts
from ns_hs_orders.cli import main
from ns_hs_orders.clients.wire import parsed
from ns_hs_orders.report.inert import inert
from ns_hs_orders.report.markdown import escaped, table
from ns_hs_orders_tests.alerts.receiver import Receiver
from ns_hs_orders_tests.defs.company import Company, running_company
from ns_hs_orders_tests.defs.test_alerts import tick

HOSTILE = [
    "<script>alert(1)</script>", "</td><img src=x onerror=alert(1)>", "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)", "| a | b |\n|---|---|", "&lt;script&gt;&#60;b&#62;", "=HYPERLINK(\"https://evil.example\")",
    "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", "\x1b]0;owned\x07\x1b[31mred", "\u202egnp.exe\u202c", "a\x00b",
    "`code` **bold** ~~gone~~ # head", "<https://evil.example>", "www.evil.example someone@evil.example", "\u2028\u2029\x85",
    "[red]rich[/red] [/nothing]", "x" * 1_000_000,
]  # fmt: skip


OUR_LINK = re.compile(
    r'<a href="(?:https://[a-z0-9-]+\.app\.netsuite\.com/app/accounting/transactions/(?:salesord|rtnauth)\.nl\?id=[0-9]+'
    r'|http://127\.0\.0\.1:[0-9]+/orders/[0-9]+)">(?:NetSuite|HubSpot)</a>'
)
"""A link that the report makes itself, to a record in one of both systems."""


def controls(text: str) -> set[str]:
    """Characters that a terminal would obey, or that reorder what is read; line ends apart."""
    return {repr(c) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))


def assert_inert_markdown(markdown: str) -> None:
    html = rendered(markdown)
    without_chart = OUR_LINK.sub("", html.replace('<img src="data:image/svg+xml;base64,', ""))
    for tag in ("<script", "<img", "<a ", "<b>", "<del>", "<code>", "<h1", "onerror=alert(1)>"):
        assert tag not in without_chart.lower(), html
    for one in html.split("<table>")[1:]:
        widths = {row.count("<td") + row.count("<th") for row in one.split("<tr>")[1:]}
        assert len(widths) <= 1, html


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_inert_in_every_form_that_is_shown(text: str) -> None:
    assert_inert_markdown(table(("order", "customer"), [(text, text), ("a", "b")]))
    assert_inert_markdown(f"- **{escaped(text, longest=300)}**: x")
    for shown in (inert(text, 100), inert_in_alerts(text), escaped(text)):
        assert controls(shown) == set()
        assert len(shown) < 500
    assert not set("<>[]`@|&") & set(inert_in_alerts(text))


def test_half_a_surrogate_pair_never_gets_in() -> None:
    body, is_json = parsed(rb'{"\udc00": ["\ud800x", "\ud83d\ude9a", {"a": "\uDFFF"}]}')
    assert is_json
    assert body == {"?": ["?x", "🚚", {"a": "?"}]}
    assert inert("a\ud800b", 10) == inert_in_alerts("a\ud800b") == escaped("a\ud800b") == "a b"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company whose customers, orders and items have hostile texts in all their names; synced."""
    with running_company(tmp_path_factory.mktemp("hostile"), orders=len(HOSTILE) + 3) as company:
        for table_, columns in (
            ("customer", ("companyname", "altname")), ("item", ("itemid", "displayname")),
            ("transaction", ("tranid", "memo", "otherrefnum")), ("transactionline", ("memo",)),
        ):  # fmt: skip
            _spoil(company, table_, columns)
        # Held orders are the ones that are listed by name.
        for row in company.netsuite.rows("transaction", type="SalesOrd")[:12]:
            company.netsuite.update("transaction", {"id": row["id"] or ""}, {"foreigntotal": "1.23"})
        company.sync()
        yield company


def _spoil(company: Company, table_: str, columns: Sequence[str]) -> None:
    key = "uniquekey" if table_ == "transactionline" else "id"
    texts = HOSTILE[:-1]
    with company.netsuite.transaction():
        for at, row in enumerate(company.netsuite.rows(table_)):
            values = {name: f"{texts[at % len(texts)]} {row[key]}" for name in columns}
            company.netsuite.update(table_, {key: row[key] or ""}, values)
        if table_ == "transaction":
            company.netsuite.update(table_, {key: row[key] or ""}, {"memo": HOSTILE[-1]})


def test_everything_that_dagster_shows_is_inert(company: Company) -> None:
    with company.instance() as instance:
        events = [
            entry.dagster_event
            for run in instance.get_runs()
            for entry in instance.all_logs(run.run_id)
            if entry.dagster_event is not None
        ]
    markdowns, texts = [], []
    for event in events:
        data = event.event_specific_data
        holder = getattr(data, "materialization", None) or data
        for value in (getattr(holder, "metadata", None) or {}).values():
            if isinstance(value, dg.MarkdownMetadataValue):
                markdowns.append(value.value or "")
            elif isinstance(value, dg.TextMetadataValue):
                texts.append(value.value or "")
    shown = " ".join(markdowns)
    assert any(word in shown for word in ("alert", "evil", "owned", "HYPERLINK", "rich", "bold")), (
        "nothing hostile was shown"
    )
    for one in markdowns:
        assert_inert_markdown(one)
    assert set().union(*map(controls, texts)) == set()


@pytest.fixture
def at_home(company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Company:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NS_HS_HOME", str(company.settings.home_path))
    monkeypatch.setenv("NS_HS_FIRST_DAY", company.first.isoformat())
    return company


def test_a_terminal_gets_no_controls_and_machines_get_json(
    at_home: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    key = at_home.hubspot.objects("orders")[0]["properties"]["netsuite_internal_id"] or ""
    at_home.edit(key, hs_total_price="0.01", hs_order_name=HOSTILE[12])
    days = ["--from", at_home.first.isoformat(), "--to", at_home.last.isoformat()]
    for command in (
        ["reconcile", *days],
        ["explain", key],
        ["status"],
        ["doctor"],
        ["sync", "--orders", key],
    ):
        capsys.readouterr()
        main(command)
        said = capsys.readouterr()
        assert controls(said.out + said.err) == set(), command
    for command in (["reconcile", *days], ["explain", key], ["due"]):
        assert main([*command, "--json"]) in (0, 1), f"{command}: {capsys.readouterr().err}"
        json.loads(capsys.readouterr().out)


def test_what_hubspot_says_is_inert_on_the_terminal_and_in_alerts(
    at_home: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver().start()
    monkeypatch.setenv("NS_HS_ALERT_URLS", receiver.url)
    monkeypatch.setenv("NS_HS_ALERT_DIGEST_AT", "off")
    said = " ".join(HOSTILE[:-1])
    key = at_home.netsuite.rows("transaction", type="SalesOrd")[-1]["id"] or ""
    at_home.sandbox.faults.add(
        {
            "kind": "status",
            "app": "hubspot",
            "status": 400,
            "times": 0,
            "answer": {"status": "error", "message": said},
        }
    )
    try:
        assert main(["sync", "--orders", key]) == 2
        assert controls(capsys.readouterr().err) == set()
        tick(at_home)
    finally:
        at_home.sandbox.faults.clear()
        receiver.stop()
    (body,) = receiver.bodies
    assert "‹script›" in body
    assert controls(body) == set()
    assert not any(bad in body for bad in ("<script", "](javascript", "![x]", "@evil"))
