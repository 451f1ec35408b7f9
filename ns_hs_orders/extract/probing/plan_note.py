"""A probed plan as a note, so that a run which must be quick need not probe again.

Belongs here: plan to plain JSON values and back. Does not belong here: keeping it, or how long it holds.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import tzinfo
from hashlib import sha256
from typing import Any

from ns_hs_orders.extract.change_sources import INSTEAD, OPEN, RETURN_STREAMS, STREAMS
from ns_hs_orders.extract.probing.plan import SourceOptions, SourcePlan, wanted_sources
from ns_hs_orders.extract.returns.plan import wanted_return_sources
from ns_hs_orders.extract.returns.signs import ReturnSigns
from ns_hs_orders.extract.sources import SHIPMENT_BY_LINE
from ns_hs_orders.extract.suiteql.session_time import zone_named


def plan_note(plan: SourcePlan, account: str) -> dict[str, Any]:
    """The plan as JSON values; it holds for this account and these options only."""
    return {
        "made_for": _made_for(plan.options, account),
        "columns": {name: [column.name for column in found] for name, found in plan.columns.items()},
        "instead": [name for name, source in INSTEAD.items() if plan.sources.get(name) is source],
        "session_zone": _zone_text(plan.session_zone),
        "utc_stamps": plan.utc_stamps,
        "wrapped": plan.wrapped,
        "status_prefixed": plan.status_prefixed,
        "warnings": list(plan.warnings),
        "filled": sorted(plan.filled),
        "return_signs": None if plan.return_signs is None else asdict(plan.return_signs),
    }


def plan_from_note(note: Any, options: SourceOptions, account: str) -> SourcePlan | None:
    """The plan of a note; None where there is none, or it was made for another account or other options."""
    if not isinstance(note, dict) or note.get("made_for") != _made_for(options, account):
        return None
    sources = {one.name: one for one in [*wanted_sources(options), SHIPMENT_BY_LINE, *STREAMS, OPEN]}
    sources |= {name: INSTEAD[name] for name in note["instead"]}
    sources |= {one.name: one for one in [*wanted_return_sources(options), *RETURN_STREAMS]}
    zone, signs = note["session_zone"], note["return_signs"]
    return SourcePlan(
        options=options,
        sources=sources,
        columns={
            name: tuple(column for column in sources[name].columns if column.name in names)
            for name, names in note["columns"].items()
        },
        session_zone=zone_named(zone) if zone else None,
        utc_stamps=note["utc_stamps"],
        wrapped=note["wrapped"],
        status_prefixed=note["status_prefixed"],
        warnings=tuple(note["warnings"]),
        filled=frozenset(note["filled"]),
        return_signs=None if signs is None else ReturnSigns(**signs),
    )


def _made_for(options: SourceOptions, account: str) -> str:
    returns = (wanted_return_sources(options), RETURN_STREAMS)
    asked = (account, options, wanted_sources(options), returns, STREAMS, OPEN, INSTEAD)
    return sha256(repr(asked).encode()).hexdigest()


def _zone_text(zone: tzinfo | None) -> str | None:
    """A name such as America/Los_Angeles, or an offset such as -08:00, as `zone_named` reads it."""
    return None if zone is None else str(zone).removeprefix("UTC") or "+00:00"
