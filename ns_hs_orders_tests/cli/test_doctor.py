"""The survey in a terminal of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ns_hs_orders.cli.doctor import print_survey
from ns_hs_orders.setup.survey import ItemTypeRest, RuleShare, Survey

FOUND = Survey(
    mode="sandbox",
    orders=1000,
    judged=990,
    shares=(RuleShare("legacy", "counted", 985, 985 / 990),),
    rest=(ItemTypeRest("OthCharge", 40, 5, 4, {"EUR": 12345678901234, "USD": 98765432109876}),),
    do_not_add_up=("SO1", "SO2"),
    unexplained_minor={"USD": 98765432109876},
    suggestions=("NS_HS_TAX_REGIME=legacy",),
    notes=(),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_figure_of_the_survey_is_there_whole_at_any_width(width: int) -> None:
    sink = io.StringIO()
    print_survey(Console(file=sink, width=width, color_system=None), FOUND)
    printed = sink.getvalue()
    for figure in ("985", "99.4 %", "123,456,789,012.34 EUR", "987,654,321,098.76 USD", "OthCharge"):
        assert figure in printed
    assert "…" not in printed
