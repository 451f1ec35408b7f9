"""A whole believable company: every figure against one worked out by hand from NetSuite's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ns_hs_orders.cli.sandbox import account_today
from ns_hs_orders.sandbox.world import generate
from ns_hs_orders_tests.end_to_end.company import Company
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.rollups.books import HUBSPOT_ID, ON, Books

CENT = Decimal("0.01")


def half_up(value: Decimal, unit: Decimal) -> Decimal:
    return value.quantize(unit, rounding=ROUND_HALF_UP)


def by_hand(company: Company, today: date) -> dict[str, dict[str, Any]]:
    """Company → orders, sales and open orders in the one currency that it orders in; others are left out.

    From the tables alone, in decimals, order by order.
    """
    netsuite = company.netsuite
    codes = {row["id"]: row["symbol"] for row in netsuite.rows("currency")}
    homes = {row["id"]: row[HUBSPOT_ID] for row in netsuite.rows("customer") if row[HUBSPOT_ID]}
    homes |= {
        row["id"]: homes[row["customer"] or row["parent"]]
        for row in netsuite.rows("job")
        if (row["customer"] or row["parent"]) in homes
    }
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in netsuite.rows("transactionline", mainline="F"):
        lines[str(row["transaction"])].append(row)
    in_hubspot = {str(one["id"]) for one in company.hubspot.objects("companies")}
    found: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"orders": 0, "sold": Decimal(0), "lately": Decimal(0), "open": 0, "codes": set(), "bad": 0}
    )
    for order in netsuite.rows("transaction", type="SalesOrd"):
        home = str(homes.get(order["entity"]))
        if home not in in_hubspot:
            continue
        of_order = lines[str(order["id"])]
        letter = order["status"]
        if letter == "C" or (
            letter == "H" and not any(Decimal(row["quantitybilled"] or 0) for row in of_order)
        ):
            continue
        one = found[home]
        on = date.fromisoformat(str(order["trandate"]))
        code = codes.get(order["currency"])
        unit = Decimal(1) if code == "JPY" else Decimal("0.001") if code == "KWD" else CENT
        try:
            total = Decimal(str(order["foreigntotal"]))
            if total != total.quantize(unit):
                raise ArithmeticError  # noqa: TRY301
        except ArithmeticError:
            one["bad"] += 1
            continue
        for line in of_order:
            if line["isclosed"] == "T" and line["itemtype"] not in ("Discount", "ShipItem", "TaxItem"):
                units = abs(Decimal(line["quantity"] or 0))
                billed = abs(Decimal(line["quantitybilled"] or 0))
                share = max(units - billed, Decimal(0)) / units if units else Decimal(not billed)
                total -= half_up(-Decimal(line["foreignamount"] or 0) * share, unit)
        one["codes"].add(code)
        if on <= today:
            one["orders"] += 1
            one["sold"] += total
            one["last"] = max(on, one.get("last", on))
        year_ago = today.replace(year=today.year - 1)
        if year_ago < on <= today:
            one["lately"] += total
        if letter and letter in "ABDEF":
            one["open"] += 1
    return {key: one for key, one in found.items() if len(one["codes"]) == 1 and not one["bad"]}


def returned(company: Company, first: date, last: date) -> dict[str, dict[str, int]]:
    """Company → currency → what its returns count, in minor units, as they are counted on their orders."""
    with company.session(**ON) as session:
        found = session.map_returns(session.read_return_days(first, last)).returns
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    columns = ("company_id_hubspot", "currency", "counted_minor")
    for home, code, minor in zip(*(found[name].astype(object) for name in columns), strict=True):
        sums[home][code] += minor
    return sums


def test_every_company_of_a_world_tells_what_its_rows_make_by_hand(make: Make) -> None:
    today = account_today()
    company = make(world=generate(600, 11, today, days=500), provision=False)
    company.provision(**ON)
    books = Books(company)

    run = books.roll_up()

    expected = by_hand(company, today)
    assert len(expected) > 20
    for key, one in expected.items():
        told = books.tells(key)
        assert told["buying_currency"] in one["codes"], key
        assert int(told["orders_count"]) == one["orders"], key
        assert Decimal(told["sales_to_date"]) == one["sold"], key
        assert Decimal(told["sales_12_months"]) == one["lately"], key
        assert int(told["open_orders_count"]) == one["open"], key
        assert told["last_order_date"] == one["last"].isoformat(), key
    assert run.written >= len(expected)
    came_back = returned(company, date.fromordinal(today.replace(year=today.year - 1).toordinal() + 1), today)
    rates = 0
    for key, one in expected.items():
        minor = came_back[key].get(next(iter(one["codes"])), 0) if key in came_back else 0
        if one["lately"] > 0 and len(came_back.get(key, {})) <= 1:
            unit = 1 if one["codes"] == {"JPY"} else 1000 if one["codes"] == {"KWD"} else 100
            percent = half_up(Decimal(100 * minor) / unit / one["lately"], CENT)
            assert Decimal(books.tells(key)["returns_rate"]) == percent, key
            rates += bool(minor)
    assert rates > 5
    assert books.roll_up().counts.keys() <= {"unchanged", "gone"}
