"""Card numbers keep their last four digits; everything else stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ns_hs_orders.extract.card_numbers import mask_card_numbers


def luhn_digit(digits: str) -> str:
    """The check digit, worked out the long way."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def is_card(digits: str) -> bool:
    return luhn_digit(digits[:-1]) == digits[-1]


cards = st.text("0123456789", min_size=12, max_size=18).map(lambda body: body + luhn_digit(body))
words = st.text(st.characters(exclude_characters="0123456789 -:/."), max_size=20)


@pytest.mark.parametrize(
    "text, masked",
    [
        ("4111111111111111", "************1111"),
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("paid with 3782 822463 10005, thanks", "paid with **** ****** *0005, thanks"),
        ("VISA4111111111111111exp", "VISA************1111exp"),
        ("4111 1111 1111 1111 12/27", "**** **** **** 1111 12/27"),
        ("on 2024 4111 1111 1111 1111", "on 2024 **** **** **** 1111"),
        ("call 555 4111 1111 1111 1111 5", "call 555 **** **** **** 1111 5"),
        ("6304000000000000000", "***************0000"),
        ("4222222222222", "*********2222"),
    ],
)
def test_a_card_number_keeps_its_last_four_digits(text: str, masked: str) -> None:
    assert mask_card_numbers(text) == (masked, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111 1111 1111 1112",
        "411111111111",
        "4111  1111  1111  1111",
        "4111.1111.1111.1111",
        "41111111111111111111111111",
        "https://pay.example.com/r/4111111111111111?x=1",
        "see www.example.com/4111111111111111",
        "tracking 1Z999AA10123456784",
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert mask_card_numbers(text) == (text, 0)


def test_two_card_numbers_in_one_text_count_as_two() -> None:
    text = "old 4111 1111 1111 1111; new 5555-5555-5555-4444"
    assert mask_card_numbers(text) == ("old **** **** **** 1111; new ****-****-****-4444", 2)


def test_a_card_number_after_a_url_is_masked() -> None:
    masked, cards = mask_card_numbers("https://x.example/4111111111111111 card 4111111111111111")
    assert (masked, cards) == ("https://x.example/4111111111111111 card ************1111", 1)


@given(words, cards, words, st.sampled_from(["", " ", "-"]), st.integers(1, 6))
def test_no_card_number_survives_in_any_text_or_grouping(
    before: str, card: str, after: str, separator: str, width: int
) -> None:
    grouped = separator.join(card[start : start + width] for start in range(0, len(card), width))
    masked, count = mask_card_numbers(before + grouped + after)
    assert count >= 1
    assert len(masked) == len(before + grouped + after)
    assert masked.startswith(before)
    assert masked.endswith(after)
    shown = [
        character for character in masked[len(before) : len(before) + len(grouped)] if character.isdigit()
    ]
    assert "".join(shown) == card[-4:]
    assert mask_card_numbers(masked) == (masked, 0)


@given(st.text("0123456789", min_size=13, max_size=19))
def test_digits_that_fail_the_luhn_test_stay(digits: str) -> None:
    assume(not is_card(digits))
    assert mask_card_numbers(digits) == (digits, 0)


@given(st.text())
def test_any_text_keeps_its_length_and_everything_that_is_no_digit(text: str) -> None:
    masked, count = mask_card_numbers(text)
    assert len(masked) == len(text)
    assert all(a == b or (a.isdigit() and b == "*" and count) for a, b in zip(text, masked, strict=True))
