"""Net sales between both emulators: every name and cause of a return, each alone on its day, and all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.reconcile.result import by_day
from ns_hs_orders.reconcile.sales.net_groups import KINDS, net_groups
from ns_hs_orders.reconcile.sales.net_schema import NetSums
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.text import as_text
from ns_hs_orders.sandbox.world import generate
from ns_hs_orders_tests.end_to_end.company import TODAY, Company
from ns_hs_orders_tests.end_to_end.conftest import Make, maker
from ns_hs_orders_tests.end_to_end.return_records import make_return, returns_session

SOLD = 20_000
"""Minor units of each planted order."""
FIRST = TODAY - timedelta(days=9)
DAYS = [FIRST + timedelta(days=n) for n in range(10)]


@dataclass
class Planted:
    """What was planted, and what a reconciliation of its day must tell of returns, in minor USD."""

    counts: int = 0
    held: int = 0
    named: dict[str, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    is_red: bool = False


class World:
    """A company with one order of 200.00 USD a day, and returns of every kind."""

    def __init__(self, company: Company, mode: str) -> None:
        self.company, self.mode = company, mode
        self.orders: dict[date, str] = {}
        self.planted: dict[date, Planted] = {}
        self.returns: dict[date, str] = {}

    @property
    def in_records(self) -> bool:
        return self.mode == "pipeline"

    def keep_one_order_a_day(self) -> None:
        """All other orders and all returns of the made-up company go; the kept ones are in USD and cost the same."""
        netsuite = self.company.netsuite
        with self.company.session() as session:
            mapped = session.map(session.read_days(FIRST, TODAY)).orders
        lined = [
            key
            for key in mapped["order_id_netsuite"].tolist()
            if any(
                row["itemtype"] == "InvtPart" and row["mainline"] == "F"
                for row in netsuite.rows("transactionline", transaction=key)
            )
        ]
        usd = next(row["id"] for row in netsuite.rows("currency", symbol="USD"))
        self.orders = dict(zip(DAYS, lined, strict=False))
        kept = set(self.orders.values())
        for row in netsuite.rows("transaction"):
            if row["type"] in ("SalesOrd", "RtnAuth", "CustCred", "CashRfnd") and row["id"] not in kept:
                netsuite.delete("transactionline", {"transaction": row["id"] or ""})
                netsuite.delete("transaction", {"id": row["id"] or ""})
        for on, key in self.orders.items():
            goods = next(
                row
                for row in netsuite.rows("transactionline", transaction=key)
                if row["itemtype"] == "InvtPart" and row["mainline"] == "F"
            )
            for row in netsuite.rows("transactionline", transaction=key):
                if row["mainline"] != "T" and row["uniquekey"] != goods["uniquekey"]:
                    netsuite.delete("transactionline", {"uniquekey": row["uniquekey"] or ""})
            netsuite.update(
                "transactionline",
                {"uniquekey": goods["uniquekey"] or ""},
                {"quantity": "-2", "rate": "100.00", "foreignamount": "-200.00", "isclosed": "F"},
            )
            netsuite.update(
                "transaction",
                {"id": key},
                {
                    "trandate": on.isoformat(), "currency": usd, "exchangerate": "1", "foreigntotal": "200.00",
                    "status": "B",
                },
            )  # fmt: skip

    def make(self, on: date, parent: str | None, *, rate: str, **options: object) -> str:
        """A return of one unit."""
        made = make_return(
            self.company, parent, units=1, rate=rate, day=on.isoformat(), like=self.orders[on],
            status=str(options.get("status", "G")), received=int(str(options.get("received", 0))),
        )  # fmt: skip
        self.returns[on] = made
        return made

    def plant_before_the_sync(self) -> None:
        own, later, alone, lost, over, closed, pending, skipped, quarantined, edited = DAYS
        at = self.orders
        self.make(own, at[own], rate="30.00")
        self.planted[own] = Planted(3000, 3000, {"return of an order of these days": 3000})
        self.make(later, at[own], rate="40.00")
        self.planted[later] = Planted(4000, 4000, {"return in a later period": 4000})
        for on, parent, rate in ((alone, None, "50.00"), (lost, "999999999", "60.00")):
            self.make(on, parent, rate=rate)
            minor = int(Decimal(rate) * 100)
            self.planted[on] = Planted(
                minor,
                minor if self.in_records else 0,
                {"return without an order": minor},
                {} if self.in_records else {"return without an order": -minor},
            )
        self.make(over, at[over], rate="215.00")
        self.planted[over] = Planted(
            21500, 21500, {"return of an order of these days": SOLD, "over-return": 1500}
        )
        make_return(
            self.company, at[closed], units=2, rate="20.00", day=closed.isoformat(), status="H", received=1
        )
        self.planted[closed] = Planted(2000, 2000, {"return of an order of these days": 2000})
        self.make(pending, at[pending], rate="25.00", status="A")
        self.planted[pending] = Planted()
        key = self.make(skipped, None, rate="12.00")
        netsuite = self.company.netsuite
        stranger: dict[str, str | None] = {
            **netsuite.rows("customer")[0], "id": "99001", "custentity_celigo_hubspot_id": None, "parent": None,
        }  # fmt: skip
        netsuite.insert("customer", [stranger])
        netsuite.update("transaction", {"id": key}, {"entity": "99001"})
        self.planted[skipped] = Planted(1200, 0, {"return without an order": 1200}, {"skipped": -1200})
        key = self.make(quarantined, at[quarantined], rate="13.00")
        netsuite.update("transaction", {"id": key}, {"foreigntotal": "-14.00"})
        self.planted[quarantined] = Planted(
            1400, 0, {"return of an order of these days": 1400}, {"quarantined": -1400}
        )
        self.make(edited, at[edited], rate="70.00")
        self.planted[edited] = Planted(7000, 7000, {"return of an order of these days": 7000})

    def sync(self) -> None:
        self.company.sync(returns=self.mode)
        if self.in_records:
            with returns_session(self.company, returns=self.mode) as session:
                session.push(session.map(session.read_days(FIRST, TODAY)), run="end-to-end")

    def edit(self) -> None:
        """Somebody changes what HubSpot holds of the last day's return, to 69.99."""
        on = DAYS[-1]
        key, name = (
            (self.returns[on], "netsuite_return_counted_amount")
            if self.in_records
            else (self.orders[on], "netsuite_returned_amount")
        )
        self.company.hubspot.edit("orders", self.company.order(key)["id"], {name: "69.99"})
        self.planted[on].held = 6999
        self.planted[on].steps = {"edited in HubSpot": -1}
        self.planted[on].is_red = True

    def held_in_hubspot(self) -> int:
        """What HubSpot's tables hold as returned, in minor USD, summed by other means than the program's."""
        name = "netsuite_return_counted_amount" if self.in_records else "netsuite_returned_amount"
        amounts = [one["properties"].get(name) for one in self.company.hubspot.objects("orders")]
        return int(sum(Decimal(one) for one in amounts if one) * 100)

    def returned_in_netsuite(self) -> int:
        """All returns of NetSuite's tables at their whole amounts, in minor units."""
        rows = self.company.netsuite.rows("transaction", type="RtnAuth")
        return int(-sum(Decimal(row["foreigntotal"] or "0") for row in rows) * 100)


@pytest.fixture(scope="module", params=["pipeline", "amounts_only"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Reconciliation]]:
    with pytest.MonkeyPatch.context() as patch, maker(tmp_path_factory.mktemp("net"), patch) as make:
        patch.setenv("NS_HS_RETURNS", request.param)
        company = make(world=generate(38, 7, TODAY, days=len(DAYS)), provision=False)
        patch.setenv("NS_HS_FIRST_DAY", FIRST.isoformat())
        company.provision()
        made = World(replace(company, first=FIRST), request.param)
        made.keep_one_order_a_day()
        made.plant_before_the_sync()
        made.sync()
        made.edit()
        yield made, made.company.reconcile(returns=request.param)


def of_usd(result: Reconciliation) -> NetSums:
    assert result.net is not None, result.net_missing
    return result.net.sums["USD"]


@pytest.mark.parametrize("number", range(len(DAYS)))
def test_a_return_alone_on_its_day_is_named_and_its_difference_has_its_cause(
    world: tuple[World, Reconciliation], number: int
) -> None:
    made, whole = world
    on, wanted = DAYS[number], made.planted[DAYS[number]]
    result = by_day(whole)[on]
    returned = of_usd(result).returned

    assert (returned.returned_netsuite_minor, returned.returned_hubspot_minor) == (wanted.counts, wanted.held)
    assert {one.cause: one.amount_minor for one in returned.named} == wanted.named
    assert {one.cause: one.amount_minor for one in returned.steps} == wanted.steps
    assert of_usd(result).net_netsuite_minor == SOLD - wanted.counts
    assert of_usd(result).net_hubspot_minor == SOLD - wanted.held
    assert of_usd(result).unexplained_minor == 0
    assert bool(result.red_days) == wanted.is_red


def test_all_at_once_the_bridge_closes_and_both_systems_hold_what_the_report_says(
    world: tuple[World, Reconciliation],
) -> None:
    made, result = world
    sums = of_usd(result)

    assert sums.returned.netsuite_minor == made.returned_in_netsuite()
    assert sums.returned.returned_hubspot_minor == made.held_in_hubspot()
    assert sums.returned.returned_netsuite_minor == sum(one.counts for one in made.planted.values())
    assert sum(one.amount_minor for one in sums.returned.named) == sums.returned.returned_netsuite_minor
    assert sums.unexplained_minor == 0
    assert sums.net_netsuite_minor == SOLD * len(DAYS) - sums.returned.returned_netsuite_minor
    assert result.red_days == (DAYS[-1],)
    assert sums.gross.steps == () or made.mode == "amounts_only"


@pytest.mark.parametrize("kind", KINDS)
def test_groups_add_up_to_the_total(world: tuple[World, Reconciliation], kind: str) -> None:
    _, result = world
    assert result.net is not None
    groups = [
        one
        for one in net_groups(result.net, result.orders, result.definition, FIRST, TODAY)
        if (one.by, one.view) == (kind, "USD")
    ]
    sums = of_usd(result)

    assert sum(one.net_netsuite_minor for one in groups) == sums.net_netsuite_minor
    assert sum(one.net_hubspot_minor for one in groups) == sums.net_hubspot_minor
    assert (sum(one.orders for one in groups), sum(one.returns for one in groups)) == (
        sums.orders,
        sums.returns,
    )
    if kind == "day":
        assert [one.key for one in groups] == [on.isoformat() for on in DAYS]


def test_what_differs_is_money_at_risk_under_the_number_of_the_return(
    world: tuple[World, Reconciliation], capsys: pytest.CaptureFixture[str]
) -> None:
    made, _ = world
    capsys.readouterr()
    main(["exceptions", "list", "--json"])
    found = {one["order_id_netsuite"]: one for one in json.loads(capsys.readouterr().out)["exceptions"]}

    edited, quarantined = made.returns[DAYS[-1]], made.returns[DAYS[-2]]
    assert found[edited]["cause"] == "edited in HubSpot"
    assert found[edited]["order_on"] == TODAY.isoformat()
    assert found[quarantined]["cause"] == "quarantined"
    assert made.returns[DAYS[2]] not in found


def test_the_reported_number_is_net(
    world: tuple[World, Reconciliation], capsys: pytest.CaptureFixture[str]
) -> None:
    _, result = world
    capsys.readouterr()
    assert main(["changes", "--since", "2025-11-01", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert document["is_net"]
    (usd,) = document["currencies"]
    assert usd["now_minor"] == of_usd(result).net_netsuite_minor
    assert usd["rest_minor"] == 0


def test_with_returns_off_the_report_is_gross_as_it_was_before_there_were_returns(make: Make) -> None:
    company = make(6, provision=False)
    company.provision(returns="off")
    result = company.sync(returns="off").reconciliation

    assert (result.net, result.net_missing) == (None, "")
    assert "net" not in as_json(result)
    assert "less_returns" not in result.definition.written()
    assert "gross" not in as_text(result)
    assert "returned" not in as_text(result)


def test_a_role_that_does_not_see_returns_gives_no_net_number(make: Make) -> None:
    company = make(40, hidden_transaction_types=["RtnAuth"])
    result = company.sync().reconciliation

    assert (result.net, result.net_missing) == (None, "")
    assert not result.definition.less_returns
    company.sandbox.switches.change(hidden_transaction_types=[])
    assert company.reconcile().definition.less_returns
