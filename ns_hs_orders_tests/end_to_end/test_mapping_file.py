"""The mapping file over both emulators: fields added, renamed and switched off, from NetSuite's column to HubSpot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ns_hs_orders.cli import main
from ns_hs_orders.defs.storage import ParquetStorage
from ns_hs_orders.errors import ConfigError
from ns_hs_orders.setup.plan import plan
from ns_hs_orders_tests.end_to_end.company import Company, Round
from ns_hs_orders_tests.end_to_end.conftest import Make
from ns_hs_orders_tests.end_to_end.return_records import (
    held,
    make_return,
    orders_to_return,
    sync_returns,
    without_returns,
)
from ns_hs_orders_tests.end_to_end.test_deals import some_orders

FILE = """\
[orders.window]
netsuite = "custbody_window"
transform = ["first_line", "upper"]
hubspot = "delivery_window"
label = "Delivery window"
group = "delivery"
heal = "report"

[orders.deposit]
netsuite = "custbody_deposit"
type = "money"

[orders.promised]
netsuite = "custbody_promised"
type = "date"

[orders.seen]
netsuite = "custbody_seen"
type = "datetime"

[orders.gift]
netsuite = "custbody_gift"
type = "boolean"

[orders.weight]
netsuite = "custbody_weight"
type = "decimal"

[orders.tier]
netsuite = "entity.custentity_tier"
transform = { "1" = "Gold", "2" = "Silver", "*" = "None" }
type = "enumeration"

[orders.rep_title]
netsuite = "employee.title"

[orders.warehouse]
netsuite = "location.name"
hubspot = "hs_shipping_address_name"

[orders.ship_name]
off = true

[orders.po_number]
hubspot = "my_po"

[lines.bin]
netsuite = "custcol_bin"
transform = "trim"

[lines.bin_volume]
netsuite = "item.custitem_volume"
type = "decimal"
"""


@pytest.fixture
def company(make: Make) -> Company:
    """Not synced yet; the account has custom columns of every kind."""
    made = make(12)
    for table, column, kind in (
        ("transaction", "custbody_window", "text"),
        ("transaction", "custbody_deposit", "decimal"),
        ("transaction", "custbody_promised", "date"),
        ("transaction", "custbody_seen", "datetime"),
        ("transaction", "custbody_gift", "bool"),
        ("transaction", "custbody_weight", "text"),
        ("customer", "custentity_tier", "text"),
        ("transactionline", "custcol_bin", "text"),
        ("item", "custitem_volume", "text"),
    ):
        made.netsuite.add_column(table, column, kind)  # type: ignore[arg-type]
    return made


def written(company: Company, text: str = FILE) -> None:
    (company.home / "mapping.toml").write_text(text, encoding="utf-8")


def fill(company: Company, key: str, **columns: str) -> None:
    company.netsuite.update("transaction", {"id": key}, columns)


def filled(company: Company) -> str:
    """The id of an order whose custom columns all hold something."""
    key = some_orders(company)[0]
    fill(
        company,
        key,
        custbody_window=" Monday \nring twice",
        custbody_deposit="12.5",
        custbody_promised="2025-12-24",
        custbody_seen="2025-11-12 09:30:00",
        custbody_gift="T",
        custbody_weight="1.250",
    )
    (order,) = company.netsuite.rows("transaction", id=key)
    company.netsuite.update("customer", {"id": str(order["entity"])}, {"custentity_tier": "2"})
    if not order["employee"]:
        (rep, *_) = company.netsuite.rows("employee")
        fill(company, key, employee=str(rep["id"]))
        (order,) = company.netsuite.rows("transaction", id=key)
    company.netsuite.update("employee", {"id": str(order["employee"])}, {"title": "Card 4111 1111 1111 1111"})
    company.netsuite.insert("location", [{"id": "7", "name": "Reno"}])
    company.netsuite.update(
        "transactionline", {"transaction": key}, {"custcol_bin": " A-7 ", "location": "7"}
    )
    for line in company.netsuite.rows("transactionline", transaction=key):
        if line["item"]:
            company.netsuite.update("item", {"id": str(line["item"])}, {"custitem_volume": ".5"})
    return key


def of_order(company: Company, key: str) -> dict[str, Any]:
    properties: dict[str, Any] = company.order(key)["properties"]
    return properties


def synced(company: Company) -> Round:
    company.provision()
    done = company.sync()
    assert done.reconciliation.agrees
    return done


def test_added_fields_of_every_type_reach_hubspot_and_agree(company: Company) -> None:
    key = filled(company)
    written(company)

    synced(company)

    properties = of_order(company, key)
    assert properties["delivery_window"] == "MONDAY"
    assert properties["netsuite_deposit"] == "12.5"
    assert properties["netsuite_promised"] == "2025-12-24"
    assert properties["netsuite_seen"].startswith("2025-11-12T09:30:00")
    assert properties["netsuite_gift"] == "true"
    assert properties["netsuite_weight"] == "1.25"
    assert properties["netsuite_tier"] == "Silver"
    assert properties["netsuite_rep_title"] == "Card **** **** **** 1111"
    assert properties["hs_shipping_address_name"] == "Reno"
    assert "netsuite_po_number" not in properties
    lines = company.order(key)["lines"].values()
    assert {line["netsuite_bin"] for line in lines} == {"A-7"}
    assert {line["netsuite_bin_volume"] for line in lines} == {"0.5"}

    writes = company.hubspot.write_calls()
    assert set(synced(company).outcomes) <= {"unchanged", "skipped", "quarantined", "rejected"}
    assert company.hubspot.write_calls() == writes


def test_a_changed_file_takes_effect_in_the_next_sync(company: Company) -> None:
    key = filled(company)
    synced(company)
    written(company)

    done = synced(company)

    assert of_order(company, key)["delivery_window"] == "MONDAY"
    assert done.outcome_of(key)[0] == "updated"
    written(company, FILE.replace('hubspot = "my_po"', "off = true").replace('", "upper"]', '"]'))
    synced(company)
    assert of_order(company, key)["delivery_window"] == "Monday"

    written(company, '[orders.window]\nnetsuite = "custbody_window"\nhubspot = "delivery_window"\n')
    fill(company, key, custbody_window="")
    synced(company)
    assert not of_order(company, key).get("delivery_window")
    fill(company, key, custbody_window="Friday")
    (company.home / "mapping.toml").unlink()
    synced(company)
    assert not of_order(company, key).get("delivery_window"), (
        "a field that is not in the file is left as it is"
    )


def test_only_orders_that_have_a_value_are_written_anew_for_an_added_field(company: Company) -> None:
    key, *others = some_orders(company)
    fill(company, key, custbody_window="Monday")
    synced(company)
    written(company, '[orders.window]\nnetsuite = "custbody_window"\n')

    done = synced(company)

    assert done.outcome_of(key)[0] == "updated"
    assert {done.outcome_of(one)[0] for one in others} == {"unchanged"}
    assert of_order(company, key)["netsuite_window"] == "Monday"


def test_an_edit_of_an_added_field_is_healed_kept_or_reported_by_its_policy(company: Company) -> None:
    key = filled(company)
    company.netsuite.add_column("transaction", "custbody_kept")
    fill(company, key, custbody_kept="ours")
    written(company, FILE + '[orders.kept]\nnetsuite = "custbody_kept"\nheal = "keep"\n')
    synced(company)
    company.hubspot.edit(
        "orders",
        company.order(key)["id"],
        {
            "delivery_window": "Sunday",
            "netsuite_weight": "9",
            "netsuite_kept": "theirs",
            "netsuite_deposit": "99",
        },
    )

    result = company.reconcile()

    of_key = result.differences[result.differences["order_id_netsuite"] == key]
    told = {
        field: (finding, netsuite, hubspot, policy)
        for field, finding, netsuite, hubspot, policy in zip(
            *(of_key[name] for name in ("field", "finding", "netsuite", "hubspot", "policy")), strict=True
        )
    }
    assert told == {
        "Delivery window": ("field differs", "MONDAY", "Sunday", "report"),
        "Weight": ("field differs", "1.250", "9", "heal"),
        "Deposit": ("amount differs", "12.50 USD", "99.00 USD", "heal"),
    }
    assert {(one.difference_minor, one.unexplained_minor) for one in result.currencies.values()} == {(0, 0)}
    done = company.sync()
    properties = of_order(company, key)
    assert (properties["delivery_window"], properties["netsuite_weight"], properties["netsuite_kept"]) == (
        "Sunday",
        "1.25",
        "theirs",
    )
    assert properties["netsuite_deposit"] == "12.5"
    assert done.reconciliation.agrees


@pytest.mark.parametrize(
    "column, more, text, told",
    [
        ("custbody_deposit", 'type = "money"', "12.345", "currency_exponent"),
        ("custbody_weight", 'type = "decimal"', "heavy", "'heavy'"),
        ("custbody_weight", 'type = "url"', "example.com", "no http or https address"),
        ("custbody_weight", 'type = "boolean"', "perhaps", "neither yes nor no"),
        ("custbody_weight", 'type = "enumeration"\noptions = ["a", "b"]', "c", "none of a, b"),
        ("custbody_weight", 'transform = { A = "Alpha" }', "B", "none of A"),
    ],
)
def test_a_value_that_cannot_be_read_holds_its_order_or_is_left_empty_by_choice(
    company: Company, column: str, more: str, text: str, told: str
) -> None:
    key, other = some_orders(company)[:2]
    fill(company, key, **{column: text})
    entry = f'[orders.extra]\nnetsuite = "{column}"\n{more}\n'
    written(company, entry)
    company.provision()

    done = company.sync()

    assert done.outcome_of(key) == ("quarantined", "unreadable_field")
    assert done.outcome_of(other)[0] == "created"
    (explained,) = done.results[done.results["order_id_netsuite"] == key]["explanation"]
    assert column in explained
    assert told in explained or told == "currency_exponent"
    assert "Extra" in explained

    written(company, entry + 'unreadable = "empty"\n')
    done = company.sync()
    assert done.outcome_of(key)[0] == "created"
    assert not of_order(company, key).get("netsuite_extra")
    assert done.reconciliation.agrees


def test_a_column_that_netsuite_does_not_have_stops_at_the_start_with_those_near_it_and_setup_notes_it(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    written(
        company, '\n[orders.window]\n  netsuite = "custbody_windw"\n[lines.bin]\nnetsuite = "item.itmid"\n'
    )
    with pytest.raises(ConfigError) as error:
        company.sync()
    assert "transaction.custbody_windw" in str(error.value)
    assert "mapping.toml, line 3, column 14: [orders.window]; there are custbody_window" in str(error.value)
    assert "item.itmid" in str(error.value)
    assert "there are itemid" in str(error.value)
    assert company.held() == {}
    capsys.readouterr()
    assert main(["setup", "--plan"]) == 0
    noted = capsys.readouterr().err
    assert "mapping.toml, line 3, column 14: [orders.window]; there are custbody_window" in noted
    assert "there are itemid" in noted


def test_an_optional_column_that_netsuite_does_not_have_costs_its_field_and_nothing_else(
    company: Company,
) -> None:
    written(company, '[orders.window]\nnetsuite = "custbody_windw"\nlabel = "Window"\noptional = true\n')
    company.provision()
    with company.session() as session:
        (warning,) = [one for one in session.source_plan.warnings if "custbody_windw" in one]
    assert "Missing: Window (netsuite_window)" in warning
    assert "line 2, column 12" in warning
    assert synced(company).reconciliation.agrees


@pytest.mark.parametrize(
    "text, told",
    [
        (
            '[orders.window]\nnetsuite = "memo"\nhubspot = "hs_ordr_note"\n',
            ["orders has no property hs_ordr_note", "line 3, column 11", "hs_order_note"],
        ),
        (
            '[orders.window]\nnetsuite = "memo"\nhubspot = "my_window"\ncreate = false\n',
            ["orders has no property my_window", "line 3, column 11"],
        ),
        (
            '[orders.window]\nnetsuite = "custbody_deposit"\ntype = "money"\nhubspot = "hs_billing_address_city"\n',
            [
                "hs_billing_address_city",
                "of type string",
                "of type money",
                "needs number",
                "line 4, column 11",
            ],
        ),
        (
            '[orders.window]\nnetsuite = "custbody_window"\nhubspot = "hs_object_id"\n',
            ["hs_object_id", "of type number", "of type text"],
        ),
    ],
)
def test_a_property_that_hubspot_cannot_take_stops_setup_sync_and_doctor(
    company: Company, text: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    company.provision()
    written(company, text)
    with pytest.raises(ConfigError) as error:
        company.sync()
    assert main(["setup", "--plan"]) == 2
    of_setup = capsys.readouterr().err
    assert main(["doctor"]) == 1
    of_doctor = next(
        line for line in capsys.readouterr().out.splitlines() if line[6:].startswith("HubSpot properties")
    )
    for part in told:
        assert part in str(error.value)
        assert part in of_setup
        assert part in of_doctor


def test_a_sync_before_setup_made_an_added_property_tells_to_run_setup(company: Company) -> None:
    company.provision()
    written(company)
    with pytest.raises(
        ConfigError, match=r"orders has no property delivery_window yet .*run `ns-hs-orders\s+setup`"
    ):
        company.sync()


def test_setup_plans_and_makes_what_the_file_needs(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.provision()
    written(company, FILE + '[returns.why]\nnetsuite = "custbody_window"\nhubspot = "return_reason"\n')
    assert main(["setup", "--plan"]) == 0
    planned = [line for line in capsys.readouterr().out.splitlines() if line.startswith("would make")]
    assert "would make  property group delivery on orders" in planned
    assert "would make  property orders.delivery_window (string)" in planned
    assert "would make  property orders.netsuite_deposit (number)" in planned
    assert "would make  property orders.netsuite_gift (bool, with the options true, false)" in planned
    assert (
        "would make  property orders.netsuite_tier (enumeration, with the options Gold, Silver, None)"
        in planned
    )
    assert "would make  property orders.my_po (string)" in planned
    assert "would make  property orders.return_reason (string)" in planned
    assert "would make  property line_items.netsuite_bin (string)" in planned
    assert not any("hs_shipping_address_name" in line for line in planned)

    assert main(["setup"]) == 0
    with company.session() as session:
        assert plan(session.definitions, session.field_map) == []
        made = session.definitions.properties("orders")["delivery_window"]
    assert (made.label, made.group, made.description) == (
        "Delivery window",
        "delivery",
        "From NetSuite: transaction.custbody_window.",
    )


def test_the_doctor_tells_what_the_file_does_and_what_is_wrong_with_it(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    written(company)
    company.provision()

    def finding() -> str:
        main(["doctor"])
        return next(
            line for line in capsys.readouterr().out.splitlines() if line[6:].startswith("Mapping file")
        )

    told = finding()
    assert told.startswith("ok")
    assert "adds orders.window, orders.deposit" in told
    assert "renames orders.po_number; switches off orders.ship_name" in told
    written(company, "[orders.window]\nnetsuit = 1\n")
    told = finding()
    assert told.startswith("FAIL")
    assert "line 2, column 1: [orders.window]: there is no key 'netsuit'; did you mean netsuite?" in told


def test_a_wrong_file_stops_every_command_with_one_message(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    written(company, '[orders.window]\nnetsuite = "a; b"\nheal = "maybe"\n')
    for command in ("sync", "reconcile"):
        assert company.command(command) == 2
        told = capsys.readouterr().err
        assert "line 2, column 12" in told
        assert "line 3, column 8" in told
        assert "Traceback" not in told
    assert main(["mapping"]) == 2


def test_a_run_of_dagster_keeps_added_fields_in_parquet_beside_older_days(company: Company) -> None:
    key = filled(company)
    company.provision()
    assert company.command("sync") == 0
    written(company)
    company.provision()

    (order,) = company.netsuite.rows("transaction", id=key)
    day = str(order["trandate"])
    assert main(["sync", "--from", day, "--to", day]) == 0

    assert of_order(company, key)["delivery_window"] == "MONDAY"
    storage = ParquetStorage(base=str(company.home / "storage"))
    days = [
        (company.first + timedelta(days=n)).isoformat()
        for n in range((company.last - company.first).days + 1)
    ]
    orders = storage.load("orders", days)
    lines = storage.load("order_lines", days)
    (mine,) = orders[orders["order_id_netsuite"] == key].to_dict("records")
    assert (mine["custom_window"], mine["custom_deposit_minor"]) == ("MONDAY", 1250)
    assert str(mine["custom_promised_on"])[:10] == "2025-12-24"
    assert orders[orders["order_on"].astype("str") != day]["custom_window"].isna().all()
    assert set(lines[lines["order_id_netsuite"] == key]["custom_bin"].dropna()) == {"A-7"}
    assert storage.load("netsuite_raw_orders", [day])["custom_deposit"].dropna().tolist() == ["12.5"]


def test_added_fields_of_returns_reach_their_records_and_agree(company: Company) -> None:
    company = without_returns(company)
    written(
        company,
        '[returns.why]\nnetsuite = "custbody_window"\ntransform = "upper"\nhubspot = "return_reason"\n'
        '[returns.fee]\nnetsuite = "custbody_deposit"\ntype = "money"\n[returns.rep]\nnetsuite = "entity.entityid"\n'
        '[lines.cost]\nnetsuite = "item.custitem_volume"\ntype = "money"\n'
        '[lines.volume]\nnetsuite = "item.custitem_volume"\ntype = "decimal"\n'
        '[lines.bin]\nnetsuite = "custcol_bin"\ntransform = "trim"\n',
    )
    company.provision()
    company.sync()
    order = orders_to_return(company)[0]
    key = make_return(company, order, status="B")
    company.netsuite.update("transactionline", {"transaction": key}, {"custcol_bin": " R-1 "})
    for row in company.netsuite.rows("transactionline", transaction=key):
        if row["item"]:
            company.netsuite.update("item", {"id": row["item"]}, {"custitem_volume": ".5"})
    fill(company, key, custbody_window="too small", custbody_deposit="2.5")

    done = sync_returns(company)

    assert done.outcome_of(key)[0] == "created"
    assert done.comparison.agrees
    properties = held(company, key)["properties"]
    assert (properties["return_reason"], properties["netsuite_fee"]) == ("TOO SMALL", "2.5")
    assert properties["netsuite_rep"]
    (line,) = held(company, key)["lines"].values()
    assert (line["netsuite_bin"], line["netsuite_volume"]) == ("R-1", "0.5")
    assert line.get("netsuite_cost") is None, "reports on line items would add it to those of sales"
    assert "return_reason" not in of_order(company, order)
    fill(company, key, custbody_deposit="much", lastmodifieddate="2026-01-01 00:00:00")
    assert sync_returns(company).outcome_of(key)[0] == "quarantined"


OF_RETURNS = """\
[orders.source_store]
hubspot = "my_store"

[returns.parent_order_number]
hubspot = "returned_order"

[returns.parent_order_url]
off = true

[returns.received_minor]
label = "Came back"

[returns.parent_kind]
heal = "keep"

[returns.memo]
heal = "report"
"""


def test_default_fields_of_returns_are_changed_by_the_file_and_agree(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company = without_returns(company)
    company.provision()
    written(company, OF_RETURNS)
    assert main(["setup", "--plan"]) == 0
    planned = capsys.readouterr().out
    assert "property orders.my_store (string)" in planned
    assert "property orders.returned_order (string)" in planned
    assert "label changed from 'Received amount' to 'Came back'" in planned
    assert main(["setup"]) == 0
    with company.session() as session:
        made = session.definitions.properties("orders")
    assert made["netsuite_return_received_amount"].label == "Came back"
    assert (made["returned_order"].label, made["returned_order"].group) == (
        "Returned order",
        "netsuite_returns",
    )
    capsys.readouterr()
    main(["doctor"])
    told = capsys.readouterr().out
    assert "renames orders.source_store, returns.source_store, returns.parent_order_number; " in told
    assert "switches off returns.parent_order_url" in told
    assert "of netsuite_return_made_from stay and count as agreeing" in told
    company.sync()
    order = orders_to_return(company)[0]
    fill(company, order, custbody_source_store="Web")
    key = make_return(company, order, received=1)

    done = sync_returns(company)

    assert done.outcome_of(key)[0] == "created"
    assert done.comparison.agrees
    properties = held(company, key)["properties"]
    assert properties["returned_order"] == company.number_of(order)
    assert properties["my_store"] == "Web"
    assert properties["netsuite_return_made_from"] == "order"
    assert properties["netsuite_return_received_amount"] == "15"
    left_out = {"netsuite_return_parent_number", "netsuite_return_parent_url", "hs_source_store"}
    assert not {name for name in left_out if properties.get(name)}

    writes = company.hubspot.write_calls()
    assert sync_returns(company).outcome_of(key)[0] == "unchanged"
    assert company.hubspot.write_calls() == writes

    company.edit(key, netsuite_return_made_from="a shop", returned_order="mine", hs_order_note="Mine")
    sync_returns(company)
    assert sync_returns(company).comparison.agrees
    properties = held(company, key)["properties"]
    assert properties["netsuite_return_made_from"] == "a shop", "keep"
    assert properties["hs_order_note"] == "Mine", "report"
    assert properties["returned_order"] == company.number_of(order), "healed"
