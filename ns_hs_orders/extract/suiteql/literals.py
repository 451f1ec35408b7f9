"""Values and names inside SuiteQL text: the only place where a value becomes part of a query.

Belongs here: literals of integers, dates and date-times, lists of ids, account-specific column names.
Does not belong here: whole queries. Text goes as a bound parameter, in plain comparisons only: whether
NetSuite takes a bound value inside TO_DATE or against a number is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from ns_hs_orders.errors import ConfigError, ContractError

MOST_MEMBERS = 1000
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def literal(value: int | str | date | datetime) -> str:
    """A value as SuiteQL text: an integer (also as text), a date, or a naive date-time in session time.

    Raises ContractError for everything else, an aware date-time included.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return f"TO_DATE('{value.replace(microsecond=0).isoformat(sep=' ')}', 'YYYY-MM-DD HH24:MI:SS')"
    elif isinstance(value, date):
        return f"TO_DATE('{value.isoformat()}', 'YYYY-MM-DD')"
    elif (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and _INTEGER.fullmatch(value)
    ):
        return str(int(value))
    raise ContractError(
        f"{value!r:.80} cannot be written into a query: only integers, dates and naive date-times can."
    )


def id_list(ids: Iterable[str]) -> str:
    """Up to 1,000 internal ids as the members of an IN list. Raises ContractError for more, or none."""
    members = [literal(one) for one in ids]
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise ContractError(f"An IN list holds 1 to {MOST_MEMBERS} ids, not {len(members)}.")
    return ", ".join(members)


def column_name(name: str, setting: str) -> str:
    """A column name that a setting gives. Raises ConfigError where it is not a plain lower-case name."""
    if not _COLUMN.fullmatch(name):
        raise ConfigError(
            f"{setting} is {name!r:.80}, which cannot be a NetSuite column. "
            "Give the field's internal id in lower case, such as custbody_deal_name."
        )
    return name
