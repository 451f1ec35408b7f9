"""Every doubt about the two systems, and every server setting, as one switch each.

Belongs here: the switches, their defaults, and reading and writing them as JSON.
Does not belong here: what a switch does (the emulators and the world read it where it matters).
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ns_hs_orders.files import private_folder, write_file


class SwitchError(ValueError):
    """A switch that does not exist, or a value of the wrong type."""


@dataclass(frozen=True)
class Switches:
    """All switches, at the answers that are the most likely. Lists are tuples of text."""

    # Server settings of both emulators.
    latency_ms: int = 0
    latency_p99_ms: int = (
        0  # above latency_ms: that is the median then, and one answer in 100 is slower than this
    )
    limits: str = "real"  # real | off

    # NetSuite: account and session.
    account_zone: str = "America/Los_Angeles"
    session_time_zone: str = "America/Los_Angeles"
    display_date_format: str = "M/D/YYYY"
    ambiguous_local_time: str = "standard"  # standard | daylight: which pass a repeated hour is read as
    netsuite_clock_skew_seconds: int = 0
    netsuite_concurrency: int = 5
    token_lifetime_seconds: int = 3600
    suiteanalytics_connect: bool = False  # raises the rows per query from 100,000 to 1,000,000

    # NetSuite: SuiteQL.
    drop_computed_aliases: bool = False
    hidden_tables: tuple[str, ...] = ()
    hidden_tables_answer: str = "error"  # error | empty
    missing_columns: tuple[str, ...] = ()  # "table.column"
    missing_columns_answer: str = "unknown"  # unknown (400) | unexpected (500)
    oneworld: bool = True  # False: subsidiary columns and table do not exist
    bound_to_date_refused: bool = False
    bound_number_refused: bool = False
    sys_extract_utc_refused: bool = False
    short_decimals: bool = False  # .5 instead of 0.5
    hidden_transaction_types: tuple[str, ...] = ()  # "RtnAuth": the role sees none of them, nor their lines
    return_line_amounts: str = (
        "reversed"  # reversed | as_orders | mixed: signs against those of an order's lines
    )
    return_totals: str = "negative"  # negative | positive

    # HubSpot: account.
    hubspot_account_type: str = "DEVELOPER_TEST"  # STANDARD | DEVELOPER_TEST | SANDBOX | APP_DEVELOPER
    hubspot_portal_id: int = 48900001
    hubspot_time_zone: str = "US/Eastern"
    hubspot_missing_scopes: tuple[str, ...] = ()  # scopes that the token lacks
    hubspot_orders_enabled: bool = True  # the object library's answer for 0-123
    hubspot_default_pipeline: bool = True  # False: no order pipeline, as a fresh test account had it
    hubspot_pipelines_refused: bool = False  # 403 on making a pipeline: the tier has one only
    hubspot_order_lists_refused: bool = False  # 400: this account has no lists (segments) of orders
    hubspot_property_update_refused: bool = False  # 403 on changing a property's label or group
    hubspot_line_item_property_refused: bool = False  # 403 on making a line item property: no scope fits
    hubspot_inactive_owner_refused: bool = True  # a record may not be given to an owner that left

    # HubSpot: limits, in calls; 0 = no such limit. Off altogether with limits = off.
    hubspot_calls_per_10_seconds: int = 190
    hubspot_association_calls_per_10_seconds: int = 150
    hubspot_search_calls_per_second: int = 5
    hubspot_calls_per_day: int = 625000
    hubspot_locked_above_writes_per_second: int = 0  # 423 for two seconds after more batch writes than this

    # HubSpot: doubts.
    hubspot_upsert_on_archived_key: str = "new"  # new | revive | refused (400) | conflict (409)
    hubspot_upsert_echoes_key: str = "always"  # always | when_sent (in properties too) | never
    hubspot_upsert_trace_ids_ignored: bool = False  # one bad input fails the whole batch, trace ids or not
    hubspot_results_left_out: int = 0  # results missing from the answer to a batch write that was done
    hubspot_stale_reads: int = 0  # how many reads of a record after its write still show it as it was before
    hubspot_stale_read_ms: int = 0  # reads show records as they were this long ago
    hubspot_search_lag_seconds: int = 0
    hubspot_property_visible_after_ms: int = 0
    hubspot_negative_quantity_refused: bool = False
    hubspot_negative_total_refused: bool = False  # an order's hs_total_price must not be below zero
    hubspot_order_to_order: str = "labels"  # labels | plain (403 on making one) | label_limit (437) | none: orders are not associated with orders
    hubspot_stamp_moves_without_change: bool = False
    hubspot_merge_makes_new_record: bool = True  # False: the primary record keeps its id
    hubspot_empty_as_null: bool = True  # False: a read leaves out a property without a value

    # World: does an order's lastmodifieddate move when …?
    order_stamp_moves_on_fulfilment: bool = True
    order_stamp_moves_on_billing: bool = True
    order_stamp_moves_on_tracking_edit: bool = False
    order_stamp_moves_on_line_edit: bool = False
    return_stamp_moves_on_receipt: bool = False  # the same for a return's own stamp
    return_stamp_moves_on_refund: bool = False

    def changed(self, changes: dict[str, Any]) -> Switches:
        """A copy with `changes`. Raises SwitchError on an unknown name or a value of the wrong type."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise SwitchError(f"There is no switch {name!r}. Switches: {', '.join(sorted(known))}.")
            plain = tuple(value) if isinstance(value, list | tuple) else value
            if type(plain) is not type(known[name]):
                raise SwitchError(
                    f"Switch {name!r} takes {type(known[name]).__name__}, not {type(plain).__name__} ({value!r})."
                )
            checked[name] = plain
        return replace(self, **checked)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class SwitchBoard:
    """The switches of one home, kept in its switches.json and read again when another process changes them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._current = Switches()

    def __call__(self) -> Switches:
        """The switches as they are now."""
        with self._lock:
            return self._read()

    def change(self, **changes: Any) -> Switches:
        """Sets the named switches and keeps them on disk. Raises SwitchError."""
        with self._lock:
            changed = self._read().changed(changes)
            private_folder(self._path.parent)
            write_file(self._path, json.dumps(changed.as_json(), indent=2).encode())
            return self._read()

    def reset(self) -> Switches:
        """Back to the defaults."""
        with self._lock:
            self._path.unlink(missing_ok=True)
            return self._read()

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text())
        except ValueError as error:
            raise SwitchError(
                f"{self._path} is not JSON ({error}). Remove it: all switches are then at their defaults."
            ) from error
        if not isinstance(kept, dict):
            raise SwitchError(f"{self._path} holds no switches. Remove it: all are then at their defaults.")
        return kept

    def _read(self) -> Switches:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._current = None, Switches()
            return self._current
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._current = Switches().changed(self._kept())
            self._stamp = stamp
        return self._current
