"""The one resource: where a run finds both systems and the state.

Belongs here: configuration that the UI shows. Does not belong here: credentials (settings reads them
at run time) or clients (wiring opens them).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg

from ns_hs_orders.defs.failures import told_plainly
from ns_hs_orders.settings import load_settings
from ns_hs_orders.wiring.live import LiveLane
from ns_hs_orders.wiring.opening import days_to_prove, open_session
from ns_hs_orders.wiring.patience import AT_A_GLANCE, PROMPT
from ns_hs_orders.wiring.returns.live import open_lane
from ns_hs_orders.wiring.rollups import companies_due
from ns_hs_orders.wiring.session import Session


class Connections(dg.ConfigurableResource[None]):
    """Home and mode of this code location; `open()` gives plain clients and the state."""

    home: str
    mode: str

    @contextmanager
    def open(self) -> Iterator[Session]:
        """A session with NetSuite, HubSpot and the state, closed at the end.

        An error of ours in its body, or on the way (a wrong setting, no sandbox), becomes a dg.Failure.
        """
        with told_plainly(), open_session(load_settings(home=self.home, mode=self.mode)) as session:
            yield session

    @contextmanager
    def live(self, run: str, told: Callable[[str], None]) -> Iterator[LiveLane]:
        """The live lane for a run, with a session of its own. Fails as `open`."""
        settings = load_settings(home=self.home, mode=self.mode)
        with (
            told_plainly(),
            open_session(settings, patience=PROMPT, is_live=True) as session,
            open_lane(session, run, told) as lane,
        ):
            yield lane

    @contextmanager
    def watching(self) -> Iterator[LiveLane]:
        """The live lane for a look between runs, which waits for nobody long. Raises SyncError."""
        settings = load_settings(home=self.home, mode=self.mode)
        with (
            open_session(settings, patience=AT_A_GLANCE, is_live=True) as session,
            open_lane(session, "sensor") as lane,
        ):
            yield lane

    def days_to_prove(self) -> list[date]:
        """Order dates that are red, or changed since they were last proven, ascending. Fails as `open`."""
        with told_plainly():
            return days_to_prove(load_settings(home=self.home, mode=self.mode))

    def companies_due(self) -> int:
        """How many companies wait for their roll-up. Fails as `open`."""
        with told_plainly():
            return companies_due(load_settings(home=self.home, mode=self.mode))
