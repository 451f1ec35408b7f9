"""The live lane's sensor: looks at NetSuite's change streams, and asks for a live run when one is wanted.

Belongs here: gathering what the decision needs, and its cursor. Does not belong here: the decision
(live.watch) or the look (live.look). A tick while a run is at work asks nobody but the state.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg

from ns_hs_orders.defs.connections import Connections
from ns_hs_orders.defs.jobs import SYNC_CHANGES
from ns_hs_orders.errors import SyncError
from ns_hs_orders.live.watch import what_was_seen, why_not_now

SECONDS_BETWEEN_TICKS = 3
"""Less than the five seconds of the daemon's own loop, so that each loop ticks: with five, a loop that comes
some milliseconds early leaves the tick out, and every other gap is ten seconds."""

_WATCHING_SINCE = datetime.now(UTC)


def live_sensor(*, is_started: bool) -> dg.SensorDefinition:
    """The sensor `watch_netsuite`. is_started: whether it runs without anybody switching it on."""

    @dg.sensor(
        name="watch_netsuite",
        job_name=SYNC_CHANGES,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        default_status=dg.DefaultSensorStatus.RUNNING if is_started else dg.DefaultSensorStatus.STOPPED,
        description=(
            "Looks at NetSuite's change streams every few seconds and starts a live run when something changed, "
            "is due, or the open orders are to be swept. Never two live runs at once."
        ),
    )
    def watch_netsuite(
        context: dg.SensorEvaluationContext, connections: Connections
    ) -> dg.SensorResult | dg.SkipReason:
        cursor = json.loads(context.cursor or "{}")
        requested = cursor.get("requested_at")
        try:
            with connections.watching() as lane:
                seen = lane.watched(datetime.fromisoformat(requested) if requested else None, _WATCHING_SINCE)
                if reason := why_not_now(seen):
                    return dg.SkipReason(reason)
                look = lane.look()
                due, sweep_due = lane.due_now(), lane.is_sweep_due()
        except SyncError as error:
            return dg.SkipReason(f"{error} What is due stays due; the next tick looks again.")
        words = what_was_seen(
            look.in_words(),
            due,
            sweep_due=sweep_due,
            left_lane=None if seen.is_fresh else seen.lane_run,
        )
        if not due and not sweep_due:
            return dg.SkipReason(words)
        context.log.info(words)
        at = seen.now.isoformat()
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=f"live {at}", tags={"noticed": words[:250]})],
            cursor=json.dumps({"requested_at": at, "saw": words}),
        )

    return watch_netsuite
