"""The benchmark of the compare finds what its sides have planted."""

from __future__ import annotations

import pytest

from benchmarks.compare import compare_ours


@pytest.mark.parametrize("lines", [False, True])
def test_every_planted_difference_is_found_with_its_cause(lines: bool) -> None:
    found = compare_ours(6_000, 3, lines=lines)
    assert found["orders"] == 6_000
    assert not found["missed"]
