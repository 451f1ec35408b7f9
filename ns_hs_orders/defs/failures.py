"""Our own errors as Dagster shows them: the sentence first, not a traceback.

Belongs here: SyncError → dg.Failure, in this one place. Does not belong here: errors nobody expected; those
keep their traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ns_hs_orders.errors import RemoteError, SyncError
from ns_hs_orders.report.inert import inert

LONGEST = 4000


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns a SyncError of its body into a Failure with the same sentence. Raises dg.Failure."""
    try:
        yield
    except SyncError as error:
        metadata: dict[str, str | int] = {"kind of error": type(error).__name__}
        if isinstance(error, RemoteError):
            metadata |= {"system": error.system, "attempts": error.attempts}
            if error.status is not None:
                metadata["HTTP status"] = error.status
            if error.correlation_id:
                metadata["correlation id"] = error.correlation_id
        # the transport has tried again already: another try by Dagster would only double the calls
        raise dg.Failure(inert(str(error), LONGEST), metadata=metadata, allow_retries=False) from error
