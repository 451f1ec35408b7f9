"""Whom a difference is put down to, and what HubSpot is asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.push.ports import PropertyVersion, RecordHistory
from ns_hs_orders.report.as_json import as_json
from ns_hs_orders.report.review import Review
from ns_hs_orders.report.spreadsheets.sheets import sheets
from ns_hs_orders_tests.reconcile.both_sides import Both, Sale
from ns_hs_orders_tests.reconcile.test_duplicates import Strangers
from ns_hs_orders_tests.reconcile.test_reconcile import row

AT = datetime(2026, 11, 20, 14, 3, tzinfo=UTC)


class Histories:
    """HubSpot's histories by record id, and what was asked."""

    def __init__(self, both: Both, **of: RecordHistory | tuple[PropertyVersion, ...]) -> None:
        self.live: dict[str, RecordHistory] = {}
        self.archived: dict[str, RecordHistory] = {}
        self.asked: list[tuple[str, tuple[str, ...], tuple[str, ...], bool]] = []
        both.hubspot.read_history = self.read  # type: ignore[method-assign]

    def note(self, record_id: str, name: str, *versions: PropertyVersion) -> None:
        known = self.live[record_id].versions if record_id in self.live else {}
        self.live[record_id] = RecordHistory(record_id, {**known, name: versions})

    def read(
        self,
        object_type: str,
        record_ids: Sequence[str],
        properties: Sequence[str],
        *,
        archived: bool = False,
    ) -> list[RecordHistory]:
        self.asked.append((object_type, tuple(record_ids), tuple(properties), archived))
        held = self.archived if archived else self.live
        return [held[one] for one in record_ids if one in held]


def by(user_id: str, minutes: int = 0) -> PropertyVersion:
    return PropertyVersion("x", AT + timedelta(minutes=minutes), "CRM_UI", f"userId:{user_id}", None, user_id)


def test_nothing_is_asked_where_both_sides_agree_or_netsuite_changed_it(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"), Sale("2"))
    both.netsuite.sales["2"] = Sale("2", memo="by airplane")
    assert row(both.reconcile(), "2")["cause"] == "edited in NetSuite"
    assert histories.asked == []


def test_only_what_differs_of_an_order_is_asked_and_the_newest_change_counts(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"), Sale("2"), Sale("3"))
    both.hubspot.orders["1"].properties |= {"hs_total_price": "90.00", "hs_tax": "1.00", "hs_order_note": "x"}
    histories.note("71", "hs_total_price", by("5"), by("6", -60))
    histories.note("71", "hs_tax", by("7", 2))
    histories.note("71", "hs_order_note", by("8", 9))
    both.hubspot.orders["3"].lines["5301"]["name"] = "Bolt"
    found = both.reconcile()
    assert sorted(histories.asked) == [
        ("line_items", ("5301",), ("name",), False),
        ("orders", ("71",), ("hs_order_note", "hs_tax", "hs_total_price"), False),
    ]
    assert row(found, "1")["changed_by"] == "HubSpot user 7"
    assert row(found, "1")["changed_at"] == AT + timedelta(minutes=2)
    assert row(found, "3")["changed_by"] is None
    assert row(found, "3")["explanation"] == (
        "Changed in HubSpot by somebody whom its history does not tell: line 3-1: Name Item 1 → Bolt."
    )


def test_each_field_names_who_changed_it_in_every_view(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties |= {"hs_total_price": "90.00", "hs_order_note": "call me"}
    histories.note("71", "hs_total_price", by("70003"))
    histories.note("71", "hs_order_note", by("70002", -7))
    result = both.reconcile()
    expected = {
        "Total Price": ("HubSpot user 70003", AT),
        "Memo": ("HubSpot user 70002", AT - timedelta(minutes=7)),
    }
    assert row(result, "1")["changed_by"] == "HubSpot user 70003"
    assert {
        one["field"]: (one["changed_by"], datetime.fromisoformat(one["changed_at"]))
        for one in as_json(result)["differences"]
    } == expected
    sheet = next(one for one in sheets(Review(result, ())) if one.name == "differences")
    names = [column.name for column in sheet.columns]
    told = [dict(zip(names, cells, strict=True)) for cells in sheet.rows()]
    assert {one["field"]: (one["changed_by"], one["changed_at"]) for one in told} == expected


def test_an_edited_currency_is_put_down_to_who_changed_the_currency_and_not_the_price(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_currency_code"] = "EUR"
    histories.note("71", "hs_total_price", by("5", 9))
    histories.note("71", "hs_currency_code", by("6"))
    found = row(both.reconcile(), "1")
    assert (found["cause"], found["changed_by"]) == ("edited in HubSpot", "HubSpot user 6")
    assert found["explanation"] == (
        "Changed in HubSpot by HubSpot user 6 on 2026-11-20 14:03 UTC: Currency Code USD → EUR."
    )


def test_an_order_whose_total_was_changed_on_both_sides_names_who_changed_hubspots(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"), Sale("2"))
    both.netsuite.sales |= {key: Sale(key, "150.00", lines=(("1", "150.00"),)) for key in ("1", "2")}
    both.hubspot.orders["1"].properties["hs_total_price"] = "99999.00"
    histories.note("71", "hs_total_price", by("5"))
    result = both.reconcile()
    edited, changed = row(result, "1"), row(result, "2")
    assert (edited["cause"], edited["changed_by"]) == ("edited in HubSpot", "HubSpot user 5")
    assert edited["explanation"] == (
        "Changed in HubSpot by HubSpot user 5 on 2026-11-20 14:03 UTC: Total Price 150.00 USD → 99,999.00 USD. "
        "NetSuite changed the order after the last write, when the total was 100.00 USD, too; the next sync writes "
        "NetSuite's new values."
    )
    assert (changed["cause"], changed["changed_by"]) == ("edited in NetSuite", None)
    assert result.currencies["USD"].unexplained_minor == 0


@pytest.mark.parametrize("cause", ["edited in HubSpot", "edited in NetSuite"])
def test_an_order_that_a_reconciliation_has_judged_keeps_its_cause_at_the_next(
    both: Both, cause: str
) -> None:
    both.synced(Sale("1"))
    both.known.know(Sale("1"), fingerprint=None, reason=cause)
    both.netsuite.sales["1"] = Sale("1", "150.00", lines=(("1", "150.00"),))
    both.hubspot.orders["1"].properties["hs_total_price"] = "99999.00"
    assert row(both.reconcile(), "1")["cause"] == cause


def test_many_orders_are_asked_fifty_at_a_time(both: Both) -> None:
    histories = Histories(both)
    both.synced(*(Sale(str(number)) for number in range(120)))
    for held in both.hubspot.orders.values():
        held.properties["hs_order_note"] = "call me"
    both.reconcile()
    assert [len(ids) for _, ids, _, _ in histories.asked] == [50, 50, 20]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (PropertyVersion("x", AT, "INTEGRATION", "42", "Web shop"), "Web shop"),
        (PropertyVersion("x", AT, "INTEGRATION", "42"), "integration 42"),
        (PropertyVersion("x", AT, "AUTOMATION_PLATFORM", "9"), "a workflow"),
        (PropertyVersion("x", AT, "SOMETHING_NEW", "9"), None),
    ],
)
def test_what_is_no_person_goes_by_its_label_or_kind(
    both: Both, version: PropertyVersion, name: str | None
) -> None:
    histories = Histories(both)
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_order_note"] = "call me"
    histories.note("71", "hs_order_note", version)
    found = row(both.reconcile(), "1")
    assert (found["changed_by"], found["changed_at"]) == (name, AT)
    assert "on 2026-11-20 14:03 UTC: Memo nothing → call me." in str(found["explanation"])


@pytest.mark.parametrize(("status", "is_told"), [(403, True), (500, False)])
def test_a_history_that_may_not_be_read_leaves_the_author_out_and_one_that_cannot_be_read_proves_nothing(
    both: Both, status: int, is_told: bool
) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_order_note"] = "call me"

    def refuse(*_args: object, **_options: object) -> list[RecordHistory]:
        raise RemoteError("No.", system="hubspot", status=status)

    both.hubspot.read_history = refuse  # type: ignore[method-assign]
    if is_told:
        assert row(both.reconcile(), "1")["changed_by"] is None
    else:
        with pytest.raises(RemoteError):
            both.reconcile()


def test_what_is_quoted_is_short_and_shows_no_card_number(both: Both) -> None:
    both.synced(Sale("1"))
    both.hubspot.orders["1"].properties["hs_order_name"] = "card 4111 1111 1111 1111 " + "very long " * 100
    explanation = str(row(both.reconcile(), "1")["explanation"])
    assert "4111 1111" not in explanation
    assert "1111 very long" in explanation
    assert len(explanation) < 200


def test_an_order_that_was_merged_away_names_the_survivor(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"))
    del both.hubspot.orders["1"]
    survivor = RecordHistory("900", {"hs_merged_object_ids": (by("5")._replace(value="71;72"),)})
    histories.live["71"] = survivor
    found = row(both.reconcile(), "1")
    assert found["cause"] == "deleted in HubSpot"
    assert found["explanation"] == (
        "HubSpot's record 71 was merged into 900 by HubSpot user 5 on 2026-11-20 14:03 UTC."
    )


def test_an_order_that_is_nowhere_is_said_to_be_gone_for_good(both: Both) -> None:
    both.synced(Sale("1"))
    del both.hubspot.orders["1"]
    found = row(both.reconcile(), "1")
    assert found["explanation"] == "HubSpot has no record 71 any more, not in the recycle bin either."
    assert (found["changed_by"], found["changed_at"]) == (None, None)


def test_a_duplicate_that_was_our_own_copy_names_who_emptied_its_key(both: Both) -> None:
    histories = Histories(both)
    both.synced(Sale("1"))
    Strangers(both).records |= {
        one: {"hs_order_name": "SO1", "hs_total_price": "1.00", "hs_currency_code": "USD"}
        for one in ("98", "99")
    }
    ours = by("5", -9)._replace(value="1", user_id=None, source_type="INTEGRATION", source_label="The sync")
    histories.note("98", "netsuite_internal_id", by("6")._replace(value=""), ours)
    histories.note("98", "hs_order_name", ours)
    histories.note("99", "hs_order_name", by("7"))
    result = both.reconcile()
    assert (row(result, "hubspot:98")["changed_by"], row(result, "hubspot:98")["changed_at"]) == (
        "HubSpot user 6",
        AT,
    )
    assert row(result, "hubspot:98")["explanation"] == (
        "HubSpot's record 98 was made by this sync, as the copy of NetSuite's order 1; its NetSuite Internal ID was "
        "emptied by HubSpot user 6 on 2026-11-20 14:03 UTC. The sync makes the order anew beside it. Archive this "
        "record in HubSpot."
    )
    assert str(row(result, "hubspot:99")["explanation"]).startswith("Made in HubSpot by HubSpot user 7 on ")
    assert set(result.differences["policy"]) == {"person"}
