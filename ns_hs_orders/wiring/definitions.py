"""Definitions of sales dollars by which numbers were reported, so that those can be computed again.

Belongs here: keeping and finding them in the state. Does not belong here: what a definition is (reconcile), or which
one is in force (remotes).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.database import State, open_state
from ns_hs_orders.state.notes import Notes

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.sales.definition import SalesDefinition

_PREFIX = "sales definition "


def keep_definition(state: State, definition: SalesDefinition, now: datetime) -> None:
    """Notes the definition under its version, once."""
    notes = Notes(state)
    if notes.find(_PREFIX + definition.version, now=now) is None:
        notes.keep(_PREFIX + definition.version, definition.written(), now)


def find_definition(settings: Settings, version: str) -> SalesDefinition:
    """The definition of this version. Raises ConfigError where no number was ever reported by it."""
    from ns_hs_orders.reconcile.sales.definition import read_definition

    state = open_state(settings.state_address)
    try:
        written = Notes(state).find(_PREFIX + version, now=datetime.now(UTC))
    finally:
        state.close()
    if written is None:
        raise ConfigError(
            f"No number was reported by {version!r} from this home. Reports, `reconcile` and the asset page name "
            "the definition of each number, such as sales-1-3f9a0c."
        )
    return read_definition(written)
