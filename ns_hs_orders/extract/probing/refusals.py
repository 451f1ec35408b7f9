"""NetSuite's refusals: what the account does not have, told apart from failures that pass.

Belongs here: reading an error of a query. Does not belong here: what a refusal costs (probe.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.ports import SuiteQL

_PLAIN = "SELECT t.id AS id FROM transaction t WHERE ROWNUM <= 1"
_FAILURE = 500
T = TypeVar("T")


def answered_unless_refused(suiteql: SuiteQL, ask: Callable[[], T]) -> T | None:
    """The answer, None where NetSuite refuses what is asked for. Raises RemoteError where it fails otherwise.

    A 500 can be a refusal or a failure that passes: it counts only when NetSuite answers a plain query after it,
    and then fails over the same again.
    """
    try:
        return ask()
    except RemoteError as error:
        if not is_refusal(error):
            raise
        if error.status != _FAILURE:
            return None
    suiteql.query(_PLAIN, limit=1)
    try:
        return ask()
    except RemoteError as error:
        if not is_refusal(error):
            raise
        return None


def is_refusal(error: RemoteError) -> bool:
    """NetSuite refuses what was asked for: a column or table. A bad column can also answer 500."""
    if error.status == 400:
        return error.code == "INVALID_PARAMETER"
    return error.status == _FAILURE and error.code == "UNEXPECTED_ERROR"
