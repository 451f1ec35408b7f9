"""Progress of a step: lines of the run's log, observations of its asset, and what each stage took."""

from typing import Any

import dagster as dg

from ns_hs_orders.defs.progress import StepProgress

PUSHED = "orders pushed"


def materialized(told_at: list[tuple[float, int, int, float | None]]) -> tuple[list[str], list[Any], Any]:
    """Log lines, observations and the metadata of an asset whose stage told this, at these seconds."""
    now = 0.0

    @dg.asset
    def results(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        nonlocal now
        progress = StepProgress(context, "results", lambda: now)
        for at, done, total, left in told_at:
            now = at
            progress(PUSHED, done, total, left)
        return dg.MaterializeResult(metadata=progress.took())

    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([results], instance=instance)
        lines = [
            one.user_message for one in instance.all_logs(done.run_id) if one.user_message.startswith(PUSHED)
        ]
        (event,) = done.get_asset_materialization_events()
        seen = [
            one.asset_observation
            for one in (
                record.event_log_entry
                for record in instance.fetch_observations(dg.AssetKey("results"), 100).records
            )
        ]
    return lines, seen, event.step_materialization_data.materialization.metadata


def test_a_long_stage_is_told_every_two_seconds_with_the_time_left() -> None:
    lines, _, metadata = materialized(
        [
            (0.5, 0, 400, 20.0),
            (1.0, 100, 400, 15.0),
            (2.5, 200, 400, 10.0),
            (3.0, 300, 400, 5.0),
            (5.0, 400, 400, 0.0),
        ]
    )

    assert lines == [
        "orders pushed: 200 of 400 (50 %), about 10 s left",
        "orders pushed: 400 of 400 (100 %)",
    ]
    assert metadata["time of orders pushed"].value == "400 in 5 s"


def test_a_stage_of_less_than_two_seconds_is_not_told() -> None:
    lines, seen, metadata = materialized([(0.1, 0, 10, 1.0), (1.9, 10, 10, 0.0)])

    assert (lines, seen, "time of orders pushed" in metadata) == ([], [], False)


def test_a_stage_that_cannot_tell_the_time_left_is_estimated_by_its_own_pace() -> None:
    lines, _, _ = materialized([(1.0, 0, 1000, None), (5.0, 200, 1000, None)])

    assert lines == ["orders pushed: 200 of 1,000 (20 %), about 16 s left"]


def test_a_long_stage_of_an_asset_is_observed_every_twenty_seconds() -> None:
    _, seen, _ = materialized(
        [
            (10.0, 100, 1000, 180.0),
            (21.0, 200, 1000, 160.0),
            (30.0, 300, 1000, 140.0),
            (42.0, 400, 1000, 120.0),
        ]
    )

    told = [(one.metadata["done"].value, one.metadata["seconds left"].value) for one in seen if one]
    assert sorted(told) == [(200, 160.0), (400, 120.0)]
    assert {one.metadata["progress"].value for one in seen if one} == {
        "orders pushed: 200 of 1,000 (20 %), about 2 min 40 s left",
        "orders pushed: 400 of 1,000 (40 %), about 2 min left",
    }
