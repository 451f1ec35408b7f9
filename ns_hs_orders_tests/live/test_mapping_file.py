"""Fields of the mapping file in the live lane, whose probed plan is a note that must not outlive a changed file."""

from __future__ import annotations

from ns_hs_orders_tests.live.world import World


def test_a_changed_mapping_file_is_probed_anew_and_reaches_the_next_saved_order(world: World) -> None:
    company = world.company
    company.netsuite.add_column("transaction", "custbody_window")
    file = company.home / "mapping.toml"
    (order,) = world.fresh_orders()
    with world.lane() as lane:
        assert "custom_window" not in {column.name for column in lane.plan.columns["header"]}
    file.write_text('[orders.window]\nnetsuite = "custbody_window"\n', encoding="utf-8")
    try:
        company.provision()
        world.edit(order, "with a window", custbody_window="Monday")

        world.arrive()

        held = company.order(order)["properties"]
        assert (held["hs_order_note"], held["netsuite_window"]) == ("with a window", "Monday")
        world.edit(order, "without one", custbody_window=None)
        world.arrive()
        assert not company.order(order)["properties"].get("netsuite_window")
    finally:
        file.unlink()
