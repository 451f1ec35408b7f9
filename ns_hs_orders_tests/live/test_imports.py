"""pandas and pandera are imported by one thread of a live run: in several at once they deadlock now and then."""

from __future__ import annotations

import json
from pathlib import Path

from ns_hs_orders_tests.live.world import PROLOGUE, InProcess, World

DRAIN_AND_TELL_WHO_IMPORTS = f"""{PROLOGUE}
import itertools, json, threading
who = []
class Witness:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("pandas", "pandera"):
            who.append(threading.current_thread().name)
sys.meta_path.insert(0, Witness)
with open_session(load_settings(first_day=FIRST), is_live=True) as session:
    lane = LiveLane(session, "live-process")
    lane.quiet = timedelta(seconds=1)
    lane.drain()
STOP.write_text(json.dumps([name for name, _ in itertools.groupby(who)]))
"""


def test_threads_of_a_live_run_import_pandas_and_pandera_one_after_another_though_orders_are_due_at_its_start(
    world: World, tmp_path: Path
) -> None:
    (order,) = world.fresh_orders()
    world.edit(order, "due before the run")
    with world.lane() as lane:
        assert lane.look().news == 1
    told = tmp_path / "told.json"

    InProcess.start(world, DRAIN_AND_TELL_WHO_IMPORTS, told).join()

    # pandera looks for its optional parts when a frame is judged
    assert json.loads(told.read_text()) == ["imports", "MainThread"]
    assert world.memo(order) == "due before the run"
