"""`ns-hs-orders doctor` against both emulators: every check, green and red, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.settings import load_settings
from ns_hs_orders.setup.checks.finding import Finding
from ns_hs_orders.setup.doctor import examine
from ns_hs_orders.wiring.check_up import patient
from ns_hs_orders.wiring.opening import open_session
from ns_hs_orders_tests.setup.conftest import Command, Home

NETSUITE = [
    "NetSuite login",
    "NetSuite clock",
    "NetSuite columns",
    "NetSuite session zone",
    "NetSuite records",
    "NetSuite returns",
]
HUBSPOT = [
    "HubSpot login", "HubSpot clock", "HubSpot portal", "HubSpot scopes", "HubSpot orders", "HubSpot properties",
    "HubSpot pipeline", "Other integrations", "Deal association", "Contact association", "Product association",
    "Company roll-ups", "Returns", "HubSpot returns", "Returns to orders",
]  # fmt: skip
BETWEEN = ["Currencies", "Owners", "HubSpot ids of companies", "HubSpot ids of persons"]


@pytest.fixture
def company_home(company: Home, home: Home) -> Home:
    """The company, with its switches as they were."""
    return home


def failed(out: str) -> list[str]:
    return [line[6:30].strip() for line in out.splitlines() if line.startswith("FAIL")]


def test_every_check_is_one_line_and_the_mode_comes_first(company_home: Home, run: Command) -> None:
    ran = run("doctor")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "ok    Mode                      sandbox: both systems are the emulators of this home."
    assert [line[6:30].strip() for line in lines] == [
        "Mode",
        "Mapping file",
        "Edits in HubSpot",
        *NETSUITE,
        *HUBSPOT,
        *BETWEEN,
    ]
    assert failed(ran.out) == []


def test_the_json_says_the_same_for_machines(company_home: Home, run: Command) -> None:
    lines = run("doctor").out.splitlines()
    told = run("doctor", "--json")
    assert told.code == 0
    assert told.json["mode"] == "sandbox"
    marks = {True: "ok", False: "FAIL", None: "note"}
    assert [(marks[one["ok"]], one["name"]) for one in told.json["findings"]] == [
        (line[:6].strip(), line[6:30].strip()) for line in lines
    ]


def test_the_signs_of_the_accounts_returns_are_told(company_home: Home, run: Command) -> None:
    line = run("doctor").line("NetSuite returns")
    assert line.startswith("ok")
    assert line.endswith("total negative, lines positive, refunds negative.")
    company_home.switch(return_line_amounts="mixed")
    assert "lines not clear" in run("doctor").line("NetSuite returns")


def test_a_role_that_cannot_see_returns_is_a_note_that_says_what_it_costs(
    company_home: Home, run: Command
) -> None:
    company_home.switch(hidden_transaction_types=("RtnAuth",))
    ran = run("doctor")
    assert (ran.code, failed(ran.out)) == (0, [])
    line = ran.line("NetSuite returns")
    assert line.startswith("note")
    assert "does not see return authorizations, though there are traces" in line
    assert "netsuite_net_total" in line
    assert "NS_HS_RETURNS=off" in line


def test_an_account_without_any_return_is_a_note(company_home: Home, run: Command) -> None:
    company_home.switch(hidden_transaction_types=("RtnAuth", "CustCred", "CashRfnd"))
    assert "no trace of one" in run("doctor").line("NetSuite returns")


def test_returns_that_are_switched_off_are_not_looked_at(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_RETURNS", "off")
    assert run("doctor").line("NetSuite returns").startswith("ok    NetSuite returns          Switched off")


def test_records_of_returns_are_not_counted_where_returns_are_off(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "return authorizations" in run("doctor").out
    monkeypatch.setenv("NS_HS_RETURNS", "off")
    told = run("doctor").out
    assert "item fulfillments" in told
    assert "return authorizations" not in told
    assert "cash refunds" not in told


def test_a_stage_that_no_return_can_have_is_told_before_any_sync(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_RETURN_STAGE_MAP", '{"G": "billed"}')
    ran = run("doctor")
    assert ran.code == 2
    assert "NS_HS_RETURN_STAGE_MAP: stage of G" in ran.err


@pytest.mark.parametrize("login", ["m2m", "tba"])
def test_in_mode_live_both_logins_of_netsuite_are_taken(
    company_home: Home, run: Command, live: Callable[..., None], login: str
) -> None:
    live(login)
    ran = run("doctor")
    assert (ran.code, failed(ran.out)) == (0, [])
    account = company_home.sandbox.credentials.account
    assert ran.line("Mode").endswith(f"live: NetSuite account {account} and the HubSpot portal of the token.")
    assert ran.line("NetSuite login") == f"ok    NetSuite login            Account {account} answers."


@pytest.mark.parametrize(
    "login, changes, said",
    [
        ("m2m", {"netsuite_client_id": "wrong"}, "HTTP 400, invalid_client"),
        ("m2m", {"netsuite_certificate_id": "wrong"}, "HTTP 400, invalid_client"),
        ("tba", {"netsuite_token_secret": "wrong-secret"}, "HTTP 401, INVALID_LOGIN"),
        ("tba", {"netsuite_consumer_key": "wrong-key"}, "HTTP 401, INVALID_LOGIN"),
    ],
)
def test_wrong_netsuite_credentials_are_one_clear_finding_and_hubspot_is_still_looked_at(
    company_home: Home,
    run: Command,
    live: Callable[..., None],
    login: str,
    changes: dict[str, str],
    said: str,
) -> None:
    live(login, **changes)
    ran = run("doctor")
    assert ran.code == 1
    assert failed(ran.out) == ["NetSuite login"]
    assert said in ran.line("NetSuite login")
    assert "→ Check NS_HS_NETSUITE_ACCOUNT, the credentials" in ran.line("NetSuite login")
    assert "wrong-secret" not in ran.out
    for name in [one for one in NETSUITE if one not in ("NetSuite login", "NetSuite session zone")]:
        assert ran.line(name).endswith("Not looked at, since NetSuite does not let us in.")
    assert ran.line("HubSpot properties").endswith("All properties are there.")
    assert ran.line("Currencies").endswith("Not looked at, since NetSuite does not let us in.")


def test_a_wrong_hubspot_token_is_one_clear_finding_and_netsuite_is_still_looked_at(
    company_home: Home, run: Command, live: Callable[..., None]
) -> None:
    live(hubspot_token="pat-na1-wrong-token")
    ran = run("doctor")
    assert ran.code == 1
    assert failed(ran.out) == ["HubSpot login"]
    assert "HubSpot does not accept the token; check NS_HS_HUBSPOT_TOKEN" in ran.line("HubSpot login")
    assert "pat-na1-wrong-token" not in ran.out
    assert ran.line("NetSuite columns").endswith(
        "All columns of the field map and of the change streams are there."
    )
    assert ran.line("HubSpot scopes").endswith("Not looked at, since HubSpot does not let us in.")
    assert ran.line("Owners").endswith("Not looked at, since HubSpot does not let us in.")


def test_with_both_logins_wrong_both_are_told(
    company_home: Home, run: Command, live: Callable[..., None]
) -> None:
    live(hubspot_token="wrong", netsuite_client_id="wrong")
    ran = run("doctor")
    assert failed(ran.out) == ["NetSuite login", "HubSpot login"]
    assert ran.line("Owners").endswith("Not looked at, since NetSuite and HubSpot do not let us in.")


def test_mode_live_without_its_credentials_names_what_is_missing(
    home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_MODE", "live")
    monkeypatch.setenv("NS_HS_NETSUITE_ACCOUNT", "1234567")
    ran = run("doctor")
    assert ran.code == 2
    assert (
        "Mode live needs NS_HS_NETSUITE_CLIENT_ID, NS_HS_NETSUITE_CERTIFICATE_ID, "
        "NS_HS_NETSUITE_PRIVATE_KEY_PATH, NS_HS_HUBSPOT_TOKEN." in ran.err
    )


def test_a_private_key_that_cannot_be_read_is_named(
    home: Home, run: Command, live: Callable[..., None]
) -> None:
    live(netsuite_private_key_path="/nowhere/key.pem")
    ran = run("doctor")
    assert ran.code == 2
    assert "/nowhere/key.pem" in ran.err


def test_without_a_sandbox_the_doctor_says_how_to_start_one(
    home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_HOME", "another")
    ran = run("doctor")
    assert ran.code == 2
    assert "Start one with `ns-hs-orders sandbox serve`" in ran.err


def test_a_clock_that_differs_from_netsuites_is_a_failure(company_home: Home, run: Command) -> None:
    company_home.switch(netsuite_clock_skew_seconds=150)
    ran = run("doctor")
    assert failed(ran.out) == ["NetSuite clock"]
    assert "ahead of this machine. → Set this machine's clock (NTP)" in ran.line("NetSuite clock")


@pytest.mark.parametrize("hours, words", [(1, "behind"), (-1, "ahead of")])
def test_a_clock_that_differs_from_both_servers_fails_twice(
    company_home: Home, hours: int, words: str
) -> None:
    with open_session(load_settings()) as session:
        findings = examine(patient(session), lambda: datetime.now(UTC) + timedelta(hours=hours))
        clocks = [one for one in findings if one.name.endswith("clock")]
    assert [(one.name, one.ok) for one in clocks] == [("NetSuite clock", False), ("HubSpot clock", False)]
    assert all(f"s {words} this machine" in one.detail for one in clocks)


@pytest.mark.parametrize("answer, said", [("error", "NetSuite refuses "), ("empty", "none of ")])
def test_a_needed_table_that_the_role_may_not_see_is_a_failure(
    company_home: Home, run: Command, answer: str, said: str
) -> None:
    company_home.switch(hidden_tables=("customer",), hidden_tables_answer=answer)
    ran = run("doctor")
    assert ran.code == 1
    assert ran.line("NetSuite records").startswith("FAIL")
    assert "customers" in ran.line("NetSuite records").partition(said)[2].split(";")[0]
    assert "The sync needs customers. A missing permission looks like an empty table" in ran.line(
        "NetSuite records"
    )


@pytest.mark.parametrize("answer", ["error", "empty"])
def test_a_table_that_the_sync_can_do_without_is_a_note_that_says_what_is_lost(
    company_home: Home, run: Command, answer: str
) -> None:
    company_home.switch(hidden_tables=("employee",), hidden_tables_answer=answer)
    ran = run("doctor")
    assert (ran.code, failed(ran.out)) == (0, [])
    assert ran.line("NetSuite records").startswith("note")
    assert "employees" in ran.line("NetSuite records").split("→")[1]
    assert ran.line("Owners").startswith("note")
    assert "give the role View on Employees" in ran.line("Owners").replace("Give", "give")


def test_a_missing_column_that_is_needed_is_a_failure(company_home: Home, run: Command) -> None:
    company_home.switch(missing_columns=("transaction.foreigntotal",))
    ran = run("doctor")
    assert failed(ran.out) == ["NetSuite columns"]
    assert "transaction.foreigntotal" in ran.line("NetSuite columns")


def test_a_missing_column_that_is_not_needed_is_a_note_with_the_field_that_it_costs(
    company_home: Home, run: Command
) -> None:
    company_home.switch(missing_columns=("transaction.otherrefnum",))
    ran = run("doctor")
    assert (ran.code, failed(ran.out)) == (0, [])
    assert ran.line("NetSuite columns").startswith("note")
    assert "transaction.otherrefnum" in ran.line("NetSuite columns")
    assert "PO # (netsuite_po_number)" in ran.line("NetSuite columns")


@pytest.mark.parametrize(
    "refused, mark, said",
    [
        (False, "ok", "Session zone Europe/Berlin; times are read in UTC."),
        (True, "note", "Session zone Europe/Berlin; times are read in session time. → SYS_EXTRACT_UTC"),
    ],
)
def test_the_session_zone_is_told_and_how_times_are_read(
    company_home: Home, run: Command, refused: bool, mark: str, said: str
) -> None:
    company_home.switch(session_time_zone="Europe/Berlin", sys_extract_utc_refused=refused)
    line = run("doctor").line("NetSuite session zone")
    assert line.startswith(mark)
    assert said in line


def test_a_missing_scope_is_a_failure_that_names_it(company_home: Home, run: Command) -> None:
    company_home.switch(hubspot_missing_scopes=("crm.objects.owners.read",))
    ran = run("doctor")
    assert failed(ran.out) == ["HubSpot scopes", "Owners"]
    assert "→ Add crm.objects.owners.read to the service key" in ran.line("HubSpot scopes")
    assert "crm.objects.owners.read" in ran.line("Owners")


@pytest.mark.parametrize(
    "settings, missing, fails",
    [
        ({}, "", []),
        (
            {"PERSON_CUSTOMERS": "contact"},
            "crm.objects.contacts.read",
            ["HubSpot scopes", "HubSpot ids of persons"],
        ),
        ({"DEAL_ASSOCIATION": "on"}, "crm.objects.deals.write", ["HubSpot scopes"]),
        ({"CONTACT_BY": "email"}, "crm.objects.contacts.read", ["HubSpot scopes"]),
        ({"PRODUCT_ASSOCIATION": "on"}, "crm.objects.products.read", ["HubSpot scopes"]),
    ],
    ids=["none", "persons", "deals", "contacts", "products"],
)
def test_scopes_for_what_orders_are_linked_with_are_needed_only_where_a_setting_says_so(
    company_home: Home,
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    missing: str,
    fails: list[str],
) -> None:
    company_home.switch(
        hubspot_missing_scopes=(
            "crm.objects.contacts.read",
            "crm.objects.deals.write",
            "crm.objects.products.read",
        )
    )
    for name, value in ({"DEAL_ASSOCIATION": "off"} | settings).items():
        monkeypatch.setenv(f"NS_HS_{name}", value)
    ran = run("doctor")
    assert failed(ran.out) == fails
    assert missing in ran.line("HubSpot scopes")
    assert "an unknown number as contacts" in ran.line("HubSpot ids of persons")


def test_where_hubspot_does_not_tell_the_scopes_they_are_listed(company_home: Home, run: Command) -> None:
    company_home.sandbox.faults.add(
        {"kind": "status", "app": "hubspot", "path": "access-token-info", "status": 404, "answer": {}}
    )
    line = run("doctor").line("HubSpot scopes")
    assert line.startswith("note")
    assert "See that it has crm.objects.orders.read, crm.objects.orders.write" in line


def test_another_portal_than_the_configured_one_is_a_failure(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_HUBSPOT_PORTAL_ID", "12345")
    ran = run("doctor")
    assert failed(ran.out) == ["HubSpot portal"]
    assert "NS_HS_HUBSPOT_PORTAL_ID names portal 12345, but the token belongs to 48900001" in ran.out


def test_what_is_on_is_one_short_line_each_with_what_is_read_for_it(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Deal association", "Contact association", "Product association", "Company roll-ups", "Returns")

    def told(**settings: str) -> list[str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"NS_HS_{name.upper()}", value)
        ran = run("doctor")
        return [ran.line(name).replace(f"{name:<24}  ", "") for name in names]

    assert told() == [
        "ok    On: by the URL in custbody_hubspot_deal_url.",
        "ok    Off (NS_HS_CONTACT_BY is empty).",
        "ok    Off (NS_HS_PRODUCT_ASSOCIATION=off).",
        "ok    Off (NS_HS_COMPANY_ROLLUPS=off).",
        "ok    On: records of their own, and amounts on their orders (NS_HS_RETURNS=pipeline).",
    ]
    company_home.switch(hubspot_missing_scopes=("crm.objects.contacts.read",))
    without = "But the token lacks crm.objects.contacts.read: see HubSpot scopes."
    found = told(
        deal_id_field="custbody_deal_id",
        contact_by="id,email,primary",
        contact_id_field="custbody_contact",
        product_association="on",
        returns="amounts_only",
    )
    assert found == [
        "ok    On: by the id in custbody_deal_id, else the URL in custbody_hubspot_deal_url.",
        f"note  On: by the id in custbody_contact, else the e-mail in email, else the customer's e-mail. {without}",
        "ok    On: by the line's SKU, in hs_product_id.",
        "ok    Off (NS_HS_COMPANY_ROLLUPS=off).",
        "ok    On: amounts on their orders, no records (NS_HS_RETURNS=amounts_only).",
    ]
    found = told(deal_association="off", person_customers="contact", contact_by="off", returns="off")
    assert found[0] == "ok    Off (NS_HS_DEAL_ASSOCIATION=off)."
    assert found[1].startswith("note  On: a person who buys is the contact (NS_HS_PERSON_CUSTOMERS).")
    assert found[4] == "ok    Off (NS_HS_RETURNS=off)."


def test_what_the_settings_name_and_is_not_there_is_a_failure_that_names_the_setting(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DEAL_KEY_PROPERTY": "dealnam",
        "BASE_CURRENCY": "GBP",
        "ADOPT_KEY_PROPERTY": "nix",
    }.items():
        monkeypatch.setenv(f"NS_HS_{name}", value)
    ran = run("doctor")
    assert failed(ran.out) == ["Base currency", "Other integrations", "Deal association"]
    assert ran.line("Base currency").endswith(
        "NS_HS_BASE_CURRENCY names GBP, which is no currency of NetSuite; its base currency is USD. → Name that, or leave it "
        "empty."
    )
    assert ran.line("Deal association").endswith(
        "NS_HS_DEAL_KEY_PROPERTY names dealnam, and no field of the order holds its value. → Name that field in "
        "NS_HS_DEAL_ID_FIELD, or leave NS_HS_DEAL_KEY_PROPERTY empty."
    )
    monkeypatch.setenv("NS_HS_DEAL_ID_FIELD", "custbody_deal_id")
    assert "NS_HS_DEAL_KEY_PROPERTY: HubSpot's deals have no property 'dealnam'" in run("doctor").line(
        "Deal association"
    )
    monkeypatch.setenv("NS_HS_BASE_CURRENCY", "EUR")
    line = run("doctor").line("Base currency")
    assert line.startswith("note")
    assert "NS_HS_BASE_CURRENCY names EUR, and NetSuite says that its base currency is USD." in line
    monkeypatch.setenv("NS_HS_BASE_CURRENCY", "USD")
    assert (
        run("doctor").line("Base currency") == "ok    Base currency             USD, by NS_HS_BASE_CURRENCY."
    )


def test_a_field_of_netsuite_that_a_setting_names_and_is_not_there_is_a_note_of_setup(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NS_HS_CONTACT_BY", "id")
    monkeypatch.setenv("NS_HS_CONTACT_ID_FIELD", "custbody_contact")
    ran = run("setup", "--plan")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "Nothing to change.")
    assert ran.err == (
        "Note: NetSuite has no transaction.custbody_contact (NS_HS_CONTACT_ID_FIELD), or hides it. Missing: the association "
        "with a contact by its id.\n"
    )
    company_home.switch(missing_columns=("currency.isbasecurrency",))
    monkeypatch.setenv("NS_HS_BASE_CURRENCY", "GBP")
    assert "which is no currency of NetSuite; it has " in run("setup", "--plan").err


def test_an_orders_object_that_is_switched_off_is_a_failure(company_home: Home, run: Command) -> None:
    company_home.switch(hubspot_orders_enabled=False)
    ran = run("doctor")
    assert failed(ran.out) == ["HubSpot orders"]
    assert "Switch it on in HubSpot" in ran.line("HubSpot orders")


def test_currencies_that_the_portal_does_not_have_are_a_failure(company_home: Home, run: Command) -> None:
    company_home.hubspot.set_currencies("USD", ["EUR", "CAD", "CHF", "XQZ"])
    try:
        ran = run("doctor")
    finally:
        company_home.hubspot.set_currencies("USD", ["EUR", "CAD", "JPY", "CHF", "XQZ"])
    assert failed(ran.out) == ["Currencies"]
    assert "HubSpot has CAD, CHF, EUR, USD, XQZ. → Add JPY in HubSpot" in ran.line("Currencies")


def test_active_reps_who_are_no_owners_are_named(company_home: Home, run: Command) -> None:
    line = run("doctor").line("Owners")
    assert line.startswith("note")
    assert "of 8 active sales reps with orders are HubSpot owners" in line
    assert "noah.feldman@ridgeandriver.example will have no owner; invite them in HubSpot" in line


def test_an_owner_that_left_hubspot_counts_as_none(company_home: Home, run: Command) -> None:
    before = run("doctor").line("Owners")
    reps = {row["email"] for row in company_home.netsuite.rows("employee") if row["isinactive"] == "F"}
    email, owner = min(one for one in company_home.definitions.active_owners().items() if one[0] in reps)
    company_home.hubspot.load_owners([{"id": owner, "email": email, "archived": "T"}])
    try:
        after = run("doctor").line("Owners")
    finally:
        company_home.hubspot.load_owners([{"id": owner, "email": email}])
    assert email not in before
    assert email in after


@pytest.fixture
def persons(company_home: Home) -> Iterator[Home]:
    """Three persons: two ids are contacts, one is a company, one is nobody's."""
    company = company_home.hubspot.objects("companies")[0]["id"]
    field = "custentity_celigo_hubspot_id"
    before = company_home.netsuite.rows("customer", isperson="T")
    for row in before:
        company_home.netsuite.update("customer", {"id": row["id"] or ""}, {field: None})
    company_home.hubspot.load(
        "contacts", [{"id": "880001", "email": "a@x.example"}, {"id": "880002", "email": "b@x.example"}]
    )
    ids = ["880001", "880002", company, "990099"]
    company_home.netsuite.insert(
        "customer", [{"id": f"{9000 + n}", "isperson": "T", field: one} for n, one in enumerate(ids)]
    )
    yield company_home
    for n in range(len(ids)):
        company_home.netsuite.delete("customer", {"id": f"{9000 + n}"})
    for row in before:
        company_home.netsuite.update("customer", {"id": row["id"] or ""}, {field: row[field]})


@pytest.mark.parametrize(
    "setting, mark, to_do",
    [
        ("company", "note", "→ Most ids of persons are contacts: set NS_HS_PERSON_CUSTOMERS=contact."),
        ("contact", "note", "→ The orders of 2 ids are rejected; correct these ids in NetSuite."),
        ("skip", "ok", "Their orders are skipped, by setting."),
    ],
)
def test_ids_of_persons_are_counted_as_companies_and_as_contacts(
    persons: Home, run: Command, monkeypatch: pytest.MonkeyPatch, setting: str, mark: str, to_do: str
) -> None:
    monkeypatch.setenv("NS_HS_PERSON_CUSTOMERS", setting)
    line = run("doctor").line("HubSpot ids of persons")
    assert line.startswith(mark)
    assert "Of 4 in NetSuite, 1 exist as companies and 2 as contacts." in line
    assert line.endswith(to_do)


def test_a_company_id_that_does_not_exist_is_counted(company_home: Home, run: Command) -> None:
    ids = {
        row["custentity_celigo_hubspot_id"]
        for row in company_home.netsuite.rows("customer", isperson="F")
        if row["custentity_celigo_hubspot_id"]
    }
    real = {one["id"] for one in company_home.hubspot.objects("companies")}
    line = run("doctor").line("HubSpot ids of companies")
    assert line.startswith("note")
    assert f"Of {len(ids)} in NetSuite, {len(ids & real)} exist as companies." in line


def test_missing_and_wrong_properties_are_a_failure(company_home: Home, run: Command) -> None:
    company_home.call("DELETE", "/crm/properties/2026-03/orders/netsuite_partner")
    try:
        ran = run("doctor")
    finally:
        assert run("setup").code == 0
    assert failed(ran.out) == ["HubSpot properties"]
    assert "Missing: property orders.netsuite_partner (string). → Run `ns-hs-orders setup`." in ran.line(
        "HubSpot properties"
    )


def test_a_wrong_pipeline_does_not_keep_properties_from_being_told(company_home: Home, run: Command) -> None:
    path = company_home.stage("Billed")
    company_home.call("PATCH", path, {"metadata": {"state": "OPEN"}})
    try:
        ran = run("doctor")
    finally:
        company_home.call("PATCH", path, {"metadata": {"state": "CLOSED"}})
    assert failed(ran.out) == ["HubSpot pipeline"]
    assert "Stage 'Billed' of pipeline 'NetSuite Sales Orders' is open, not closed" in ran.line(
        "HubSpot pipeline"
    )
    assert ran.line("HubSpot properties").startswith("ok")


def test_stages_in_another_order_are_a_note(company_home: Home, run: Command) -> None:
    path = company_home.stage("Billed")
    company_home.call("PATCH", path, {"displayOrder": -1})
    try:
        ran = run("doctor")
    finally:
        company_home.call("PATCH", path, {"displayOrder": 3})
    assert (ran.code, failed(ran.out)) == (0, [])
    assert ran.line("HubSpot pipeline").startswith("note")
    assert "in another order" in ran.line("HubSpot pipeline")


@pytest.mark.parametrize(
    "app, path, answer, fails",
    [
        ("hubspot", "account-info", {}, ["HubSpot login"]),
        ("hubspot", "/pipelines/", {"results": [{"id": "1", "stages": [{"displayOrder": "x"}, {"displayOrder": 1}]}]},
         ["HubSpot pipeline", "HubSpot returns"]),
        ("netsuite", "serverTime", {"serverTime": "noon"}, ["NetSuite clock"]),
    ],
)  # fmt: skip
def test_a_strange_answer_is_a_finding_and_never_a_traceback(
    company_home: Home, run: Command, app: str, path: str, answer: object, fails: list[str]
) -> None:
    company_home.sandbox.faults.add(
        {"kind": "status", "app": app, "path": path, "status": 200, "answer": answer, "times": 0}
    )
    ran = run("doctor")
    assert (ran.code, failed(ran.out)) == (1, fails)


def test_a_server_that_is_gone_is_one_finding(company_home: Home) -> None:
    class Gone:
        def query(self, *_: object, **__: object) -> None:
            raise RemoteError("No connection to 10.0.0.1", system="netsuite", transient=True)

    with open_session(load_settings()) as session:
        cut_off = patient(session)
        object.__setattr__(cut_off, "suiteql", Gone())
        found = list(examine(cut_off))
    assert [one.name for one in found if one.ok is False] == ["NetSuite login"]
    assert (
        Finding(
            "NetSuite login",
            False,
            "No connection to 10.0.0.1 (netsuite)",
            "Put this right, then run doctor again.",
        )
        in found
    )


def test_the_doctor_tells_which_edits_in_hubspot_stay(
    company_home: Home, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        run("doctor")
        .line("Edits in HubSpot")
        .endswith(
            "Edits of hs_order_note, netsuite_payment_note, hubspot_owner_id stay and are reported; of all else are "
            "overwritten by the next sync."
        )
    )
    monkeypatch.setenv(
        "NS_HS_HEAL_POLICY", "hs_order_note=keep,netsuite_payment_note=heal,hubspot_owner_id=heal"
    )
    assert (
        run("doctor")
        .line("Edits in HubSpot")
        .endswith(
            "Edits of hs_order_note stay and count as agreeing; of all else are overwritten by the next sync."
        )
    )
    monkeypatch.setenv("NS_HS_HEAL_POLICY", "hs_total_price=keep")
    ran = run("doctor")
    assert ran.code == 2
    assert "hs_total_price must be healed" in ran.err
