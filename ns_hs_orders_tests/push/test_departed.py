"""Whether orders that NetSuite no longer shows are gone: absence alone proves nothing."""

from __future__ import annotations

from dataclasses import replace

from ns_hs_orders.push.departed import NEEDS_APPROVAL, NOT_CONFIRMED, Absence, judge_absence

WITNESSES = frozenset(str(one) for one in range(900, 920))
CALM = Absence(
    present=frozenset(),
    witnesses=WITNESSES,
    witnesses_present=WITNESSES,
    listed_deleted=frozenset({"1", "2"}),
    archived_lately=0,
    known_orders=1000,
)


def test_an_absent_order_that_netsuite_lists_as_deleted_is_gone() -> None:
    found = judge_absence(["2", "1"], CALM, share_percent=5)
    assert (found.gone, found.kept) == (("1", "2"), {})


def test_an_order_that_is_there_after_all_is_read_again() -> None:
    found = judge_absence(["1"], replace(CALM, present=frozenset({"1"})), share_percent=5)
    assert found.gone == ()
    assert found.kept["1"][0] == NOT_CONFIRMED


def test_a_table_that_suddenly_looks_empty_archives_nothing() -> None:
    found = judge_absence(["1", "2"], replace(CALM, witnesses_present=frozenset()), share_percent=100)
    assert found.gone == ()
    assert {reason for reason, _ in found.kept.values()} == {NOT_CONFIRMED}
    assert "only 0 of 20 other orders" in found.kept["1"][1]


def test_not_even_an_approval_archives_from_a_table_that_looks_empty() -> None:
    empty = replace(CALM, witnesses_present=frozenset(), approved=frozenset({"1"}))
    assert judge_absence(["1"], empty, share_percent=100).gone == ()


def test_an_order_that_netsuite_does_not_list_as_deleted_waits_for_a_person() -> None:
    """A role that lost a subsidiary misses its orders, and nothing else."""
    found = judge_absence(["1", "3"], CALM, share_percent=5)
    assert found.gone == ("1",)
    assert found.kept["3"][0] == NEEDS_APPROVAL
    approved = judge_absence(["1", "3"], replace(CALM, approved=frozenset({"3"})), share_percent=5)
    assert approved.gone == ("1", "3")


def test_where_the_list_of_deleted_records_is_hidden_absence_by_id_has_to_do() -> None:
    assert judge_absence(["3"], replace(CALM, listed_deleted=None), share_percent=5).gone == ("3",)


def test_more_than_the_set_share_at_once_waits_for_a_person() -> None:
    ids = [str(one) for one in range(1, 52)]
    many = replace(CALM, listed_deleted=frozenset(ids))
    assert len(judge_absence(ids[:50], many, share_percent=5).gone) == 50
    found = judge_absence(ids, many, share_percent=5)
    assert found.gone == ()
    assert len(found.kept) == 51
    assert "more than 50 (5 % of the orders in HubSpot, at least 5)" in found.kept["1"][1]
    of_returns = judge_absence(ids, many, share_percent=5, records="returns")
    assert of_returns.kept["1"][1].startswith(
        "51 returns are gone from NetSuite at once; more than 50 (5 % of the returns"
    )


def test_orders_that_go_in_several_rounds_count_together() -> None:
    just_before = replace(CALM, archived_lately=49)
    assert judge_absence(["1"], just_before, share_percent=5).gone == ("1",)
    assert judge_absence(["1", "2"], just_before, share_percent=5).gone == ()


def test_a_few_orders_may_always_go_and_approved_ones_do() -> None:
    small = replace(CALM, known_orders=6, listed_deleted=frozenset("123456"))
    assert len(judge_absence(list("12345"), small, share_percent=1).gone) == 5
    assert judge_absence(list("123456"), small, share_percent=1).gone == ()
    approved = replace(small, approved=frozenset("123456"))
    assert judge_absence(list("123456"), approved, share_percent=1).gone == tuple("123456")


def test_orders_held_before_count_with_those_asked_now_so_that_small_groups_do_not_slip_through() -> None:
    held = replace(CALM, known_orders=161, held_already=14, listed_deleted=frozenset("123456"))
    found = judge_absence(list("123456"), held, share_percent=5)
    assert found.gone == ()
    assert "20 orders are gone from NetSuite at once" in found.kept["1"][1]


def test_where_the_list_is_hidden_and_a_part_of_the_others_is_missing_nothing_is_archived() -> None:
    """A role that lost a subsidiary, and cannot see the list of deleted records either."""
    partly = replace(CALM, listed_deleted=None, witnesses_present=frozenset(sorted(WITNESSES)[:12]))
    assert judge_absence(list("12345"), partly, share_percent=5).gone == ()
