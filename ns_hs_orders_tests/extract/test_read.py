"""One reading is complete and of one moment an order, while NetSuite goes on changing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from ns_hs_orders.errors import ContractError, RemoteError
from ns_hs_orders.extract.ports import QueryPage
from ns_hs_orders.extract.read import read_latest, read_orders, read_orders_by_id
from ns_hs_orders.extract.schema import RawLines, RawOrders, RawRead
from ns_hs_orders_tests.extract.conftest import OPTIONS, Account, Tickets

DAY = date(2026, 2, 3)


def amounts(read: RawRead) -> dict[str, list[str]]:
    """Amounts of the goods lines, by order."""
    lines = read.lines[read.lines["mainline"] == "F"]
    grouped: dict[str, list[str]] = {order_id: [] for order_id in read.orders["order_id_netsuite"]}
    for order_id, amount in zip(lines["order_id_netsuite"], lines["amount"], strict=True):
        grouped[order_id].append(amount)
    return grouped


def once(account: Account, part: str, change: Callable[[], None], *, at: int = 1) -> None:
    """Runs the change before the `at`-th query that has this text in it."""
    seen = 0

    def before(sql: str) -> None:
        nonlocal seen
        if part in sql:
            seen += 1
            if seen == at:
                change()

    account.before = before


HEADERS = "AS order_number"
LINES = "FROM transactionline tl"
STAMPS = "AS modified_at, t.foreigntotal AS total FROM transaction t"


def test_a_range_is_read_whole_and_typed(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00", "2.50", otherrefnum="PO-1", employee="41", custbody_deal_name="Big deal")
    account.order(12, "7.00", on="2026-02-04")
    account.order(13, "9.00", on="2026-02-05")
    read = read_orders(account, tickets, account.plan(), DAY, date(2026, 2, 4))
    assert read.orders["order_id_netsuite"].tolist() == ["11", "12"]
    first = read.orders.iloc[0]
    assert first["order_number"] == "SO11"
    assert first["order_on"] == "2026-02-03"
    assert first["modified_at"] == "2026-02-03T18:00:00Z"
    assert first["status_text"] == "Sales Order : Pending Fulfillment"
    assert (first["total"], first["currency"], first["po_number"]) == ("12.50", "USD", "PO-1")
    assert (first["rep_name"], first["rep_email"]) == ("Ada Byron", "ada@example.com")
    assert (first["customer_name"], first["customer_hubspot_id"]) == ("Alder", "9000501")
    assert (first["deal_name"], first["subsidiary"], first["is_project"]) == ("Big deal", "3", "F")
    assert pd.isna(first["memo"])
    assert first["read_ticket"] == tickets.last == 1
    assert amounts(read) == {"11": ["-10.00", "-2.50"], "12": ["-7.00"]}
    assert read.lines["sku"].dropna().tolist() == ["SKU-71"] * 3
    assert read.lines["order_on"].tolist() == ["2026-02-03"] * 3 + ["2026-02-04"] * 2
    assert read.orders["settled"].all()
    assert read.warnings == ()


def test_an_empty_range_is_two_empty_typed_frames(account: Account, tickets: Tickets) -> None:
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert (len(read.orders), len(read.lines)) == (0, 0)
    assert read.orders.dtypes.to_dict() == RawOrders.empty().dtypes.to_dict()
    assert read.lines.dtypes.to_dict() == RawLines.empty().dtypes.to_dict()


def test_frames_with_rows_have_the_types_of_empty_ones(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00")
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert list(read.orders.dtypes.items()) == list(RawOrders.empty().dtypes.items())
    assert list(read.lines.dtypes.items()) == list(RawLines.empty().dtypes.items())
    assert read.orders["memo"].dtype == pd.StringDtype(na_value=float("nan"))


def test_the_ticket_is_taken_before_the_first_query(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00")
    plan = account.plan()
    at_query: list[int] = []
    account.before = lambda _sql: at_query.append(tickets.last)
    for last, read in enumerate(
        (
            read_orders(account, tickets, plan, DAY, DAY),
            read_orders_by_id(account, tickets, plan, ["11"]),
            read_latest(account, tickets, plan),
        ),
        start=1,
    ):
        assert read.orders["read_ticket"].tolist() == [last]
    assert at_query[0] == 1
    assert sorted(at_query) == at_query
    assert set(at_query) == {1, 2, 3}


def test_could_not_read_is_never_read_nothing(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00")
    plan = account.plan()

    def down() -> None:
        raise RemoteError("down", system="netsuite", status=503)

    for part in (HEADERS, LINES, STAMPS, "FROM customer", "NextTransactionLink", "FROM employee"):
        account.edit(11, employee="41")
        once(account, part, down)
        with pytest.raises(RemoteError, match="down"):
            read_orders(account, tickets, plan, DAY, DAY)


def test_a_range_is_complete_while_orders_come_change_and_go_between_the_pages(
    account: Account, tickets: Tickets
) -> None:
    for order_id in range(100, 140):
        account.order(order_id, "10.00", "1.00")
    plan = account.plan()
    account.page_rows = 7
    step = 0

    def churn(sql: str) -> None:
        """Before each of the first queries: one order new, one edited, one deleted, one moved away, one moved in."""
        nonlocal step
        step += 1
        if step > 8:
            return
        account.order(200 + step, "3.00")
        account.order(50 + step, "4.00")
        account.edit(100 + step, foreigntotal="12.00")
        account.store.update(
            "transactionline", {"transaction": str(100 + step), "id": "2"}, {"foreignamount": "-2.00"}
        )
        account.delete(110 + step)
        account.edit(120 + step, trandate="2026-03-01")
        account.order(300 + step, "5.00", on="2026-01-01")
        account.edit(300 + step, trandate="2026-02-03")

    account.before = churn
    read = read_orders(account, tickets, plan, DAY, DAY)
    held = {row["id"]: row for row in account.store.rows("transaction", trandate="2026-02-03")}
    assert len(held) == 40 + 8 * (2 - 2 + 1)
    assert set(read.orders["order_id_netsuite"]) == set(held)
    assert dict(zip(read.orders["order_id_netsuite"], read.orders["total"], strict=True)) == {
        order_id: row["foreigntotal"] for order_id, row in held.items()
    }
    for key, found in amounts(read).items():
        lines = account.store.rows("transactionline", transaction=key, mainline="F")
        assert found == [line["foreignamount"] for line in lines]
    assert read.orders["settled"].all()


def test_an_order_edited_between_its_header_and_its_lines_is_read_again(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00")
    account.order(12, "5.00")

    def edit() -> None:
        account.edit(11, foreigntotal="30.00")
        account.store.update("transactionline", {"transaction": "11", "id": "1"}, {"foreignamount": "-30.00"})

    plan = account.plan()
    once(account, LINES, edit)
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert read.orders["total"].tolist() == ["30.00", "5.00"]
    assert amounts(read)["11"] == ["-30.00"]
    assert sum(HEADERS in sql for sql in account.asked) == 2
    assert "t.id IN (11)" in [sql for sql in account.asked if HEADERS in sql][1]


def test_lines_that_changed_without_moving_the_stamp_are_seen_by_their_sum(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00", "2.00")
    plan = account.plan()

    def half_an_edit(sql: str, page: QueryPage) -> QueryPage:
        """The first answer about lines misses one, as if it was being replaced at that moment."""
        if LINES in sql and sum(LINES in asked for asked in account.asked) == 1:
            return QueryPage(page.rows[:-1], has_more=False)
        return page

    account.after = half_an_edit
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert amounts(read) == {"11": ["-10.00", "-2.00"]}
    assert read.orders["settled"].tolist() == [True]


def test_an_order_that_simply_does_not_add_up_is_read_twice_and_settled(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00", total="10.01")
    account.order(12, total="8.00")
    account.order(13, "6.00", total="n/a")
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert read.orders["settled"].tolist() == [True, True, True]
    assert sum(HEADERS in sql for sql in account.asked) == 2
    assert "t.id IN (11, 12)" in [sql for sql in account.asked if HEADERS in sql][1]


def test_an_order_that_keeps_changing_is_read_four_times_and_marked(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00")
    account.order(12, "10.00")
    plan = account.plan()
    account.before = lambda sql: account.edit(11) if LINES in sql else None
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert read.orders["settled"].tolist() == [False, True]
    assert sum(HEADERS in sql for sql in account.asked) == 4
    assert read.warnings == ("1 orders kept changing while they were read: 11.",)


def test_an_order_that_only_ever_shows_its_stamp_is_told_as_not_settled(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00")
    account.order(12, "10.00")
    plan = account.plan()

    def hidden(sql: str, page: QueryPage) -> QueryPage:
        if HEADERS in sql:
            return QueryPage([row for row in page.rows if row["order_id_netsuite"] != "11"], page.has_more)
        return page

    account.after = hidden
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert read.orders["order_id_netsuite"].tolist() == ["11", "12"]
    assert read.orders["settled"].tolist() == [False, True]
    assert read.orders["total"].tolist() == ["10.00", "10.00"]


def test_an_order_deleted_while_it_was_read_is_not_in_the_result(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00")
    account.order(12, "10.00")
    plan = account.plan()
    once(account, LINES, lambda: account.delete(11))
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert amounts(read) == {"12": ["-10.00"]}


def test_an_order_deleted_while_it_was_read_again_is_not_in_the_result(
    account: Account, tickets: Tickets
) -> None:
    account.order(11, "10.00", total="11.00")
    plan = account.plan()
    once(account, LINES, lambda: account.delete(11), at=2)
    assert read_orders(account, tickets, plan, DAY, DAY).orders.empty


def test_orders_by_id_are_read_in_chunks_and_unknown_ids_are_absent(
    account: Account, tickets: Tickets
) -> None:
    for order_id in range(1, 8):
        account.order(order_id, "10.00")
    options = OPTIONS.__class__(field_map=OPTIONS.field_map, header_ids=3, line_orders=2)
    plan = account.plan(options)
    read = read_orders_by_id(account, tickets, plan, ["7", "1", "3", "999", "3", "5", "2"])
    assert read.orders["order_id_netsuite"].tolist() == ["1", "2", "3", "5", "7"]
    assert sum(HEADERS in sql for sql in account.asked) == 2
    assert sum(LINES in sql for sql in account.asked) == 3
    assert read_orders_by_id(account, tickets, plan, []).orders.empty


def test_more_lines_than_a_page_are_all_read(account: Account, tickets: Tickets) -> None:
    account.order(11, *["1.00"] * 45)
    account.order(12, *["2.00"] * 3)
    plan = account.plan()
    account.page_rows = 10
    read = read_orders(account, tickets, plan, DAY, DAY)
    assert {key: len(found) for key, found in amounts(read).items()} == {"11": 45, "12": 3}


def test_two_lines_with_one_key_do_not_stop_the_read(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00", "5.00")
    account.order(12, "10.00")
    account.store.update("transactionline", {"transaction": "11", "id": "2"}, {"uniquekey": "1101"})
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert read.lines["line_unique_key"].tolist() == ["1100", "1101", "1101", "1200", "1201"]


def test_the_newest_orders_are_those_with_the_highest_ids(account: Account, tickets: Tickets) -> None:
    for order_id in range(1, 10):
        account.order(order_id, "10.00")
    plan = account.plan()
    account.page_rows = 2
    read = read_latest(account, tickets, plan, limit=5)
    assert read.orders["order_id_netsuite"].tolist() == ["5", "6", "7", "8", "9"]
    assert "t.foreigntotal" not in account.asked[0]


def test_an_empty_page_in_the_middle_raises(account: Account, tickets: Tickets) -> None:
    for order_id in range(1, 10):
        account.order(order_id, "10.00")
    plan = account.plan()
    account.page_rows = 3
    for part in (HEADERS, LINES, STAMPS):
        account.asked.clear()

        def emptied(sql: str, page: QueryPage, part: str = part) -> QueryPage:
            if part in sql and sum(part in asked for asked in account.asked) == 2:
                return QueryPage([], has_more=True)
            return page

        account.after = emptied
        with pytest.raises(ContractError, match="more rows are announced"):
            read_orders(account, tickets, plan, DAY, DAY)


def test_a_missing_column_leaves_its_field_empty(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00", memo="hello")
    account.switch(missing_columns=("transaction.memo",))
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert read.orders["memo"].isna().all()
    assert read.warnings == ("NetSuite has no transaction.memo, or hides it. Missing: Memo (hs_order_note).",)


def test_card_numbers_are_masked_before_they_are_in_any_frame(account: Account, tickets: Tickets) -> None:
    card = "4111 1111 1111 1111"
    account.order(
        11, "10.00", memo=f"card {card}", otherrefnum=card, custbody_payment_note=f"Visa {card}",
        custbody_hubspot_deal_url="https://x.example/4111111111111111", tranid="4111111111111111",
    )  # fmt: skip
    account.store.update("transactionline", {"transaction": "11", "id": "1"}, {"memo": "5555-5555-5555-4444"})
    account.store.update("item", {"id": "71"}, {"itemid": "4222222222222"})
    account.order(12, "1.00")
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    first = read.orders.iloc[0]
    assert first["memo"] == "card **** **** **** 1111"
    assert first["po_number"] == "**** **** **** 1111"
    assert first["payment_note"] == "Visa **** **** **** 1111"
    assert first["deal_url"] == "https://x.example/4111111111111111"
    assert first["order_number"] == "4111111111111111"
    assert read.lines["line_memo"].tolist()[1] == "****-****-****-4444"
    assert read.lines["sku"].tolist()[1] == "4222222222222"
    assert read.orders["cards_masked"].tolist() == [4, 0]


@pytest.mark.parametrize(
    "memo",
    ["nul \x00 inside", "🚚 delivery 👩‍🚀", "שלום عالم", "x" * 70_000, "line\r\nbreak\ttab", "'; DROP"],
)
def test_any_text_passes_through_unchanged(account: Account, tickets: Tickets, memo: str) -> None:
    account.order(11, "10.00", memo=memo)
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert read.orders["memo"].tolist() == [memo]


def test_half_a_surrogate_pair_becomes_a_question_mark(account: Account, tickets: Tickets) -> None:
    account.order(11, "10.00", memo="broken")

    def broken(sql: str, page: QueryPage) -> QueryPage:
        for row in page.rows:
            if row.get("memo") == "broken":
                row["memo"] = "bro\ud83dken"
        return page

    plan = account.plan()
    account.after = broken
    assert read_orders(account, tickets, plan, DAY, DAY).orders["memo"].tolist() == ["bro?ken"]


def test_decimals_are_passed_on_as_netsuite_wrote_them(account: Account, tickets: Tickets) -> None:
    account.order(11, "0.50")
    account.switch(short_decimals=True)
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    assert read.orders["total"].tolist() == [".50"]
    assert amounts(read) == {"11": ["-.50"]}


@pytest.mark.parametrize(
    "switches",
    [
        {"drop_computed_aliases": True},
        {"sys_extract_utc_refused": True},
        {"bound_number_refused": True, "bound_to_date_refused": True},
        {"oneworld": False},
        {"session_time_zone": "Europe/Berlin"},
        {"drop_computed_aliases": True, "sys_extract_utc_refused": True, "session_time_zone": "Asia/Tokyo"},
    ],
)
def test_every_answer_to_a_doubt_about_netsuite_reads_the_same_orders(
    account: Account, tickets: Tickets, switches: dict[str, object]
) -> None:
    account.order(11, "10.00", "2.50", memo="hello", employee="41")
    account.order(12, "7.00", total="9.00")
    usual = read_orders(account, tickets, account.plan(), DAY, DAY).orders
    account.switch(**switches)
    read = read_orders(account, tickets, account.plan(), DAY, DAY)
    differing = ["read_ticket", *(["subsidiary"] if "oneworld" in switches else [])]
    pd.testing.assert_frame_equal(read.orders.drop(columns=differing), usual.drop(columns=differing))


def test_progress_is_told(account: Account, tickets: Tickets) -> None:
    for order_id in range(1, 6):
        account.order(order_id, "10.00")
    plan = account.plan()
    account.page_rows = 3
    told: list[tuple[str, int, int]] = []
    read_orders(account, tickets, plan, DAY, DAY, progress=lambda *now: told.append(now))
    assert told == [("orders", 3, 0), ("orders", 5, 0), ("lines", 5, 5)]
