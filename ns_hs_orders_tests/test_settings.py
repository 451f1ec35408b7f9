"""Settings: where they come from, and what is refused."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import Settings, load_settings
from ns_hs_orders.settings.texts import GOOD_VALUES
from ns_hs_orders.wiring.stage_options import field_map_of, first_day_of, skipped_before

M2M = {
    "NS_HS_NETSUITE_CLIENT_ID": "client",
    "NS_HS_NETSUITE_CERTIFICATE_ID": "certificate",
    "NS_HS_NETSUITE_PRIVATE_KEY_PATH": "key.pem",
}
TBA = {
    "NS_HS_NETSUITE_CONSUMER_KEY": "a",
    "NS_HS_NETSUITE_CONSUMER_SECRET": "b",
    "NS_HS_NETSUITE_TOKEN_ID": "c",
    "NS_HS_NETSUITE_TOKEN_SECRET": "d",
}
LIVE = {"NS_HS_MODE": "live", "NS_HS_NETSUITE_ACCOUNT": "1234567", "NS_HS_HUBSPOT_TOKEN": "canary-token"}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's machine, and no .env of the checkout."""
    import os

    for name in [name for name in os.environ if name.startswith("NS_HS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_without_any_setting_it_is_the_sandbox_in_the_working_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.mode == "sandbox"
    assert settings.home_path == tmp_path / ".ns_hs_orders"


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NS_HS_RESYNC_DAYS=7\nNS_HS_PUSH_THREADS=3\nOTHER_TOOL=1\n")
    monkeypatch.setenv("NS_HS_RESYNC_DAYS", "8")
    settings = load_settings()
    assert (settings.resync_days, settings.push_threads) == (8, 3)


def test_settings_of_the_sandboxs_world_come_after_the_environment_and_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_world = tmp_path / "home" / "sandbox" / "settings.env"
    of_world.parent.mkdir(parents=True)
    of_world.write_text("NS_HS_PRODUCT_ASSOCIATION=on\nNS_HS_RESYNC_DAYS=7\nNS_HS_PUSH_THREADS=3\n")
    monkeypatch.setenv("NS_HS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NS_HS_RESYNC_DAYS", "8")
    Path(".env").write_text("NS_HS_PUSH_THREADS=4\n")
    settings = load_settings()
    assert (settings.product_association, settings.resync_days, settings.push_threads) == ("on", 8, 4)

    set_all(monkeypatch, LIVE | M2M)
    assert load_settings().product_association == "off"
    monkeypatch.setenv("NS_HS_MODE", "sandbox")
    of_world.write_bytes(b"\xff\xfe")
    assert load_settings().product_association == "off"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_FIRST_DAY", "")
    assert load_settings().first_day is None


def test_live_with_nothing_names_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_MODE", "live")
    with pytest.raises(ConfigError) as error:
        load_settings()
    for name in (*M2M, "NS_HS_NETSUITE_ACCOUNT", "NS_HS_HUBSPOT_TOKEN"):
        assert name in str(error.value)


@pytest.mark.parametrize("login", [M2M, TBA], ids=["M2M", "TBA"])
def test_live_starts_with_a_complete_login(monkeypatch: pytest.MonkeyPatch, login: dict[str, str]) -> None:
    set_all(monkeypatch, LIVE | login)
    assert load_settings().uses_m2m is (login is M2M)


@pytest.mark.parametrize("missing", [*M2M, *TBA, "NS_HS_NETSUITE_ACCOUNT", "NS_HS_HUBSPOT_TOKEN"])
def test_live_with_half_a_login_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    login = TBA if missing in TBA else M2M
    set_all(monkeypatch, {k: v for k, v in (LIVE | login).items() if k != missing})
    with pytest.raises(ConfigError, match=missing) as error:
        load_settings()
    assert "canary-token" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.hubapi.com",
        "ftp://127.0.0.1",
        "https://user:secret@proxy.example",
        "http://10.0.0.1:80",
        "proxy",
    ],
)
@pytest.mark.parametrize("name", ["NS_HS_HUBSPOT_BASE_URL", "NS_HS_NETSUITE_BASE_URL"])
def test_an_address_that_would_send_credentials_in_the_clear_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    with pytest.raises(ConfigError, match=name):
        load_settings()


@pytest.mark.parametrize("address", ["https://proxy.example", "http://127.0.0.1:8080/", "http://[::1]:1"])
def test_https_and_loopback_addresses_are_taken(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NS_HS_HUBSPOT_BASE_URL", address)
    assert load_settings().hubspot_base_url == address.rstrip("/")


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_HUBSPOT_TOKN", "x")
    with pytest.raises(ConfigError, match="NS_HS_HUBSPOT_TOKN"):
        load_settings()


def test_a_misspelt_setting_in_the_env_file_is_named() -> None:
    Path(".env").write_text("NS_HS_MOOD=live\n")
    with pytest.raises(ConfigError, match="NS_HS_MOOD"):
        load_settings()


@pytest.mark.parametrize(
    "name, value",
    [
        ("NS_HS_FIRST_DAY", "yesterday"),
        ("NS_HS_NETSUITE_TIME_ZONE", "Mars/Olympus"),
        ("NS_HS_NETSUITE_CONCURRENCY", "0"),
        ("NS_HS_DEAL_NAME_FIELD", "custbody name; DROP"),
        ("NS_HS_STAGE_MAP", "not json"),
        ("NS_HS_TAX_REGIME", "both"),
        ("NS_HS_ALERT_STUCK_MINUTES", "0"),
        ("NS_HS_ALERT_STUCK_AMOUNT", "10,000"),
        ("NS_HS_ALERT_STUCK_AMOUNT", "-1"),
        ("NS_HS_ALERT_DIGEST_AT", "24:00"),
        ("NS_HS_ALERT_DIGEST_AT", "8 o'clock"),
        ("NS_HS_DAGSTER_URL", "http://dagster.example"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        load_settings()


@pytest.mark.parametrize(
    "name, value, bad_part, good",
    [
        ("NS_HS_TRACKING_PAGES", '{"OnTrac": 1}', "'OnTrac' is 1, and not a text", '{"OnTrac": "https://'),
        ("NS_HS_TRACKING_PAGES", '{"OnTrac"', "is no JSON at character 10", '{"OnTrac": "https://'),
        ("NS_HS_STAGE_MAP", '{"G": "billed", "G": "x"}', "'G' stands in it twice", '{"G": "billed"}'),
        ("NS_HS_RETURN_STAGE_MAP", "[]", "'[]' is JSON, but not an object", '{"G": "refunded"}'),
        ("NS_HS_HUBSPOT_STAGE_IDS", '{"billed": ["1"]}', "'billed' is a list", '{"billed": "123"}'),
        ("NS_HS_CONTACT_BY", "id,mail", "'mail' is none of id, email, primary", "id,email,primary"),
        ("NS_HS_SUBSIDIARIES", "1,US", "'US' is no internal id", "1,3"),
        ("NS_HS_HEAL_POLICY", "hs_order_note=keep,x", "'x' is none", "hs_order_note=keep"),
        ("NS_HS_HEAL_POLICY", "a=keep,a=heal", "a is both keep and heal", "hs_order_note=keep"),
        ("NS_HS_FIRST_DAY", "yesterday", "'yesterday' is not a date", "2024-01-31"),
        ("NS_HS_BASE_CURRENCY", "usd", "'usd' is no currency's code", "USD"),
        ("NS_HS_ADOPT_KEY_PROPERTY", "My Key", "'My Key' is no internal name", "netsuite_order_id"),
        ("NS_HS_DEAL_KEY_PROPERTY", "My Key", "'My Key' is no internal name", "deal_number"),
        ("NS_HS_HUBSPOT_PORTAL_ID", "acme", "'acme' is no portal id", "12345678"),
        ("NS_HS_HUBSPOT_API_VERSION", "v3", "'v3' is no version", "2026-03"),
        ("NS_HS_ALERT_DIGEST_AT", "8:00", "'8:00' is not a time", "08:00"),
        ("NS_HS_DEAL_URL_FIELD", "deal url", "'deal url' is not a NetSuite column", "custbody_my_field"),
        ("NS_HS_PUSH_THREADS", "99", "'99' is above 32", ""),
        ("NS_HS_PUSH_THREADS", "many", "'many' is not a whole number", ""),
        ("NS_HS_SALES_WITH_TAX", "maybe", "'maybe' is neither true nor false", ""),
        ("NS_HS_RETURNS", "on", "'on' is not 'pipeline', 'amounts_only' or 'off'", ""),
    ],
)
def test_a_wrong_value_is_told_with_its_bad_part_and_a_good_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, bad_part: str, good: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    told = str(caught.value)
    assert told.startswith(f"These settings are wrong. {name}: ")
    assert bad_part in told
    assert good in told
    assert "Value error" not in told


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"NS_HS_STAGE_MAP": "x", "NS_HS_TRACKING_PAGES": "y", "NS_HS_BASE_CURRENCY": "z"})
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert [name in str(caught.value) for name in ("NS_HS_STAGE_MAP", "TRACKING_PAGES", "BASE_CURRENCY")] == [
        True
    ] * 3


def test_each_good_value_that_is_told_is_one() -> None:
    for name, value in GOOD_VALUES.items():
        assert name in Settings.model_fields
        assert Settings(_env_file=None, **{name: value}) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given, begins, skips",
    [
        ({}, date(2020, 1, 1), None),
        (LIVE | M2M, date(2020, 1, 1), date(2020, 1, 1)),
        (LIVE | M2M | {"NS_HS_FIRST_DAY": "2018-03-01"}, date(2018, 3, 1), date(2018, 3, 1)),
    ],
    ids=["sandbox", "live", "live with a first day"],
)
def test_in_live_mode_what_no_day_proves_is_skipped(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], begins: date, skips: date | None
) -> None:
    set_all(monkeypatch, given)
    settings = load_settings()
    assert (first_day_of(settings), skipped_before(settings)) == (begins, skips)


def test_secrets_are_in_no_representation_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, LIVE | TBA | {"NS_HS_NETSUITE_TOKEN_SECRET": "canary-secret"})
    settings = load_settings()
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_the_addresses_of_alerts_are_shown_nowhere_not_even_when_they_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NS_HS_ALERT_URLS", "slack://canary-token/b/c, json://u:canary@127.0.0.1/")
    settings = load_settings()
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    monkeypatch.setenv("NS_HS_ALERT_URLS", "hooks.slack.example/canary-token")
    with pytest.raises(ConfigError, match=r"NS_HS_ALERT_URLS: .*apprise") as caught:
        load_settings()
    assert "canary" not in str(caught.value)


def test_alerts_have_defaults_that_off_switches_off(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.alert_amount, settings.alert_digest_time) == (Decimal(10_000), time(8, 0))
    for name in ("NS_HS_ALERT_STUCK_AMOUNT", "NS_HS_ALERT_DIGEST_AT"):
        monkeypatch.setenv(name, "off")
    settings = load_settings()
    assert (settings.alert_amount, settings.alert_digest_time) == (None, None)


def test_the_heal_policy_is_pairs_of_property_and_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_HS_HEAL_POLICY", " hs_order_note=keep, hubspot_owner_id = heal ")
    settings = load_settings()
    assert settings.heal_policy == {"hs_order_note": "keep", "hubspot_owner_id": "heal"}
    left = field_map_of(settings).left_when_edited
    assert left == {"hs_order_note": "keep", "netsuite_payment_note": "report"}


@pytest.mark.parametrize(
    "text", ["hs_order_note", "hs_order_note=overwrite", "=keep", "hs_order_note=keep;x=y"]
)
def test_a_heal_policy_that_cannot_be_read_names_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("NS_HS_HEAL_POLICY", text)
    with pytest.raises(ConfigError, match=r"NS_HS_HEAL_POLICY: .*hs_order_note=keep.*heal, keep, report"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "goes_with"),
    [
        ("CRITERION_VALUE", "T", "CRITERION_FIELD"),
        ("CONTACT_BY", "id,email", "CONTACT_ID_FIELD"),
    ],
)
def test_a_setting_that_says_nothing_without_another_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, goes_with: str
) -> None:
    monkeypatch.setenv(f"NS_HS_{name}", value)
    with pytest.raises(ConfigError, match=f"NS_HS_{name} .*NS_HS_{goes_with}"):
        field_map_of(load_settings())
    monkeypatch.setenv(f"NS_HS_{goes_with}", "custbody_other")
    assert "custbody_other" in str(field_map_of(load_settings()).header_columns)


def test_trust_properties_that_are_off_are_in_no_field_map(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(field_map_of(load_settings()).trust_fields) == 4
    monkeypatch.setenv("NS_HS_TRUST_PROPERTIES", "off")
    assert field_map_of(load_settings()).trust_fields == ()
