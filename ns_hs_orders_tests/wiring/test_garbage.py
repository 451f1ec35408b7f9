"""Cyclic garbage is looked for rarely while a session is open, and as before once the last one is closed."""

from __future__ import annotations

import gc

from ns_hs_orders.wiring.garbage import RARELY, rarely_collected


def test_the_collector_is_as_it_was_once_the_last_block_ends() -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()

    with rarely_collected():
        assert gc.get_threshold() == RARELY
        assert gc.get_freeze_count() > frozen
        with rarely_collected():
            pass
        assert gc.get_threshold() == RARELY

    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, frozen)
