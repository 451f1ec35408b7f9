"""Which addresses a field of NetSuite holds, as HubSpot compares them."""

from __future__ import annotations

import pytest

from ns_hs_orders.push.associations.contacts import addresses


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" Kim@Example.COM\n", ["kim@example.com"]),
        ("Kim Ode <kim@example.com>; pat@example.com", ["kim@example.com", "pat@example.com"]),
        ("kim@example.com, KIM@example.com", ["kim@example.com"]),
        ("'kim@example.com'", ["kim@example.com"]),
        ("kim+orders@mail.example.co.uk", ["kim+orders@mail.example.co.uk"]),
        ("", []),
        ("n/a", []),
        ("kim@example", []),
        ("kim@@example.com", []),
        ("@example.com", []),
        (f"{'k' * 250}@example.com", []),
    ],
)
def test_addresses_are_told_apart_trimmed_and_in_lower_case(text: str, found: list[str]) -> None:
    assert addresses(text) == found
