"""Telling orders in HubSpot whether their dollars are verified, over a session, after a reconciliation.

Belongs here: handing trust its systems and state, and that no failure of it is one of the reconciliation. Does not
belong here: what is told (trust).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ns_hs_orders.errors import SyncError
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.state.proof.trust_marks import TrustMarkStore
from ns_hs_orders.wiring.session import Session

if TYPE_CHECKING:
    from ns_hs_orders.reconcile.schema import Reconciliation
    from ns_hs_orders.trust.write import TrustWritten


def write_trust(
    session: Session, result: Reconciliation, *, run: str, progress: Progress = quiet
) -> TrustWritten:
    """Writes what changed since each order was told last, or was edited there; asks nobody where nothing was.

    Never raises SyncError: what went wrong is a warning, and is tried again after the next reconciliation.
    """
    from ns_hs_orders.trust.marks import marks_of
    from ns_hs_orders.trust.write import TrustWritten, to_be_written, write_marks

    fields = session.field_map.trust_fields
    known = TrustMarkStore(session.state)
    try:
        if not fields or not to_be_written(marks := marks_of(result), known, result.told):
            return TrustWritten()
        existing = session.definitions.properties("orders")
        if lacking := [one.hubspot_property for one in fields if one.hubspot_property not in existing]:
            return TrustWritten(warnings=(_lacking(lacking),))
        session.check_portal()
        with session.day_lane(run, progress):
            return write_marks(
                to_be_written(marks, known, result.told),
                crm=session.hubspot.objects,
                known=known,
                verified_at=result.made_at,
                now=session.now(),
                progress=progress,
            )
    except SyncError as error:
        words = (
            f"Whether dollars are verified was not written to HubSpot: {error} It is tried again after the next "
            "reconciliation; the reconciliation itself is done."
        )
        return TrustWritten(warnings=(words,))


def _lacking(names: Sequence[str]) -> str:
    return (
        f"Orders in HubSpot do not tell whether their dollars are verified, since HubSpot lacks {', '.join(names)}. "
        "Run `ns-hs-orders setup` to make them, or set NS_HS_TRUST_PROPERTIES=off."
    )
