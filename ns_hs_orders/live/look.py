"""A look at NetSuite's change streams: which orders are due, and how far each stream was read.

Belongs here: which rows are asked for, and which of them are news. Does not belong here: the queries
(extract.changes), what is done about due orders (drain), the transaction (state).

Three rules keep every change:
- A watermark stands at the newest row that was read, and each look begins earlier by an overlap, since rows
  commit after the second that they are stamped with.
- A row is news when it was not seen at this stamp before, however old the stamp.
- A second edit in the same second leaves the row as it was. So a row is called settled only when it is
  seen once more, two seconds after it was first seen; its order is then read once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from ns_hs_orders.errors import RemoteError
from ns_hs_orders.extract.change_sources import (
    CUSTOMERS,
    DELETED,
    RETURN_LINES,
    RETURN_STREAMS,
    RETURNS,
    STREAMS,
)
from ns_hs_orders.extract.changes import Change, read_changes, read_orders_of_customers
from ns_hs_orders.extract.ports import SuiteQL
from ns_hs_orders.extract.probing.plan import SourcePlan
from ns_hs_orders.extract.probing.refusals import is_refusal
from ns_hs_orders.extract.returns.changes import read_orders_of_returns
from ns_hs_orders.extract.returns.sources import RETURN_TYPE
from ns_hs_orders.extract.sources import ORDER_TYPE
from ns_hs_orders.live.ports import (
    Moment,
    Noticed,
    ReturnRecords,
    SeenChange,
    Tickets,
    Watermark,
    Watermarks,
)
from ns_hs_orders.push.ports import ACCEPTED_OUTCOMES, OrderState

FIRST_LOOK_BACK = timedelta(hours=24)
OVERLAP = timedelta(minutes=10)
OVERLAP_SESSION_TIME = timedelta(hours=2)
SETTLED_AFTER = timedelta(seconds=2)
LONG_AGO = timedelta(minutes=30)
WHOLE_OVERLAP_EVERY = timedelta(seconds=60)
FEW_ROWS = 1000
_NARROWER = (timedelta(seconds=15), timedelta(seconds=2))

KnownStates = Callable[[Sequence[str]], Mapping[str, OrderState]]
OrdersOfReturns = Callable[[Sequence[str]], Mapping[str, str]]


def _no_returns(_return_ids: Sequence[str]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class StreamLook:
    """What one stream showed. news: orders that were not known to have changed."""

    stream: str
    rows: int
    news: int


@dataclass(frozen=True)
class LookAround:
    """What one look at all streams found. refused: stream → what NetSuite said, of those that it does not show."""

    streams: tuple[StreamLook, ...]
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def news(self) -> int:
        """Orders noticed, a changed order counted once a stream."""
        return sum(one.news for one in self.streams)

    def in_words(self) -> str:
        """`orders 3, item fulfillments 1`, or that there was nothing new; then what cannot be read."""
        found = ", ".join(f"{one.stream} {one.news:,}" for one in self.streams if one.news)
        return "; ".join([found or "nothing new", *(f"{stream} cannot be read" for stream in self.refused)])


@dataclass(frozen=True)
class Lookout:
    """Everything that a look needs. known: states of orders. moment: both clocks now.

    orders_of_returns: return → the order that it was last seen to be of. returns_made_from: the same for orders, by
    return. records: of returns, None where they are no records of their own.
    """

    suiteql: SuiteQL
    plan: SourcePlan
    watermarks: Watermarks
    tickets: Tickets
    known: KnownStates
    moment: Callable[[], Moment]
    first_day: date | None = None
    threads: int = 2
    orders_of_returns: OrdersOfReturns = _no_returns
    returns_made_from: OrdersOfReturns = _no_returns
    records: ReturnRecords | None = None

    def look(self) -> LookAround:
        """Reads every stream that the account has, and records what is due.

        A stream that NetSuite refuses holds back no other where the sync can do without it. Raises RemoteError
        or ContractError where NetSuite could not be read otherwise. In both cases the streams that were read
        are recorded, and the others stay where they were.
        """
        marks = self.watermarks.all()
        streams = [source for source in (*STREAMS, *RETURN_STREAMS) if self.plan.has(source.name)]
        looks: list[StreamLook] = []
        refused: dict[str, str] = {}
        with ThreadPoolExecutor(self.threads, thread_name_prefix="look") as pool:
            running = [pool.submit(self._look_at, one.name, marks.get(one.name)) for one in streams]
            for source, one in zip(streams, running, strict=True):
                try:
                    looks.append(one.result())
                except RemoteError as error:
                    if source.required or not is_refusal(error):
                        raise
                    refused[source.name] = str(error)
        return LookAround(tuple(looks), refused)

    def _look_at(self, stream: str, mark: Watermark | None) -> StreamLook:
        moment = self.moment()
        mark = mark or Watermark(stream, None, None, None)
        since, is_whole = self._window(mark, moment)
        ticket = self.tickets.next_ticket()
        rows = read_changes(self.suiteql, self.plan, stream, since)
        before = self.watermarks.seen(stream, None if len(rows) > FEW_ROWS else since)
        fresh, again = _news(rows, before, moment)
        noticed, returns = self._noticed(stream, fresh, mark, moment)
        of_orders, of_returns = self._noticed(stream, again, mark, moment)
        repeated = [replace(one, changed_at=None, counted_from=None) for one in of_orders]
        if self.records is not None:
            self.records.note(
                [*(replace(one, changed_at=None, counted_from=None) for one in of_returns), *returns],
                moment.ours,
            )
        self.watermarks.record(
            _moved(mark, rows, moment, is_whole=is_whole),
            noticed=[*repeated, *noticed],
            seen=_seen(fresh, again, before, moment),
            ticket=ticket,
            now=moment.ours,
            forget_before=since - self._overlap if is_whole else None,
        )
        return StreamLook(stream, len(rows), len(noticed) or len(returns))

    @property
    def _overlap(self) -> timedelta:
        return OVERLAP if self.plan.utc_stamps else OVERLAP_SESSION_TIME

    def _window(self, mark: Watermark, moment: Moment) -> tuple[datetime, bool]:
        """From where on the stream is read, and whether that is the whole overlap.

        After a mass update the overlap holds thousands of rows that are known; then only what is newer is
        read in between, and the whole overlap once a minute.
        """
        if mark.stamp is None:
            begin = (
                moment.netsuite - FIRST_LOOK_BACK
                if mark.looked_at is None
                else mark.looked_at - self._overlap
            )
            return begin, True
        whole = mark.stamp - self._overlap
        is_time = mark.looked_at is None or moment.netsuite - mark.looked_at >= WHOLE_OVERLAP_EVERY
        if is_time or self.watermarks.count_seen(mark.stream, whole) <= FEW_ROWS:
            return whole, True
        for margin in _NARROWER:
            if self.watermarks.count_seen(mark.stream, mark.stamp - margin) <= FEW_ROWS:
                return mark.stamp - margin, False
        return mark.stamp + timedelta(seconds=1), False

    def _noticed(
        self, stream: str, changes: Sequence[Change], mark: Watermark, moment: Moment
    ) -> tuple[list[Noticed], list[Noticed]]:
        """The orders that rows of a stream call changed, and the returns."""
        if not changes:
            return [], []
        if stream == CUSTOMERS:
            returns = (
                []
                if self.records is None
                else self._of_customers(changes, mark, moment, self.records.known, RETURN_TYPE)
            )
            return self._of_customers(changes, mark, moment, self.known, ORDER_TYPE), returns
        if stream in (RETURNS, RETURN_LINES):
            return self._of_returns(stream, changes, mark, moment)
        by_order: dict[str, Change] = {}
        for one in changes:
            if one.order_id is not None:
                by_order[one.order_id] = max(one, by_order.get(one.order_id, one), key=lambda c: c.stamp)
        if stream == DELETED:
            returned = self.orders_of_returns(list(by_order))
            known = self.known(list(by_order))
            returns = [
                Noticed(one, stream, *_times(by_order[deleted].stamp, mark, moment))
                for one, deleted in self._records_of_deleted(list(by_order), list(known)).items()
            ]
            by_order = {
                **{order_id: by_order[return_id] for return_id, order_id in returned.items()},
                **{order_id: one for order_id, one in by_order.items() if order_id in known},
            }
        else:
            returns = []
        return [
            Noticed(order_id, stream, *_times(one.stamp, mark, moment)) for order_id, one in by_order.items()
        ], returns

    def _records_of_deleted(self, ids: Sequence[str], order_ids: Sequence[str]) -> dict[str, str]:
        """Return that is a record → what was deleted: itself, or its order, on which it cannot hang any more."""
        if self.records is None:
            return {}
        of_orders = self.returns_made_from(order_ids)
        known = self.records.known([*ids, *of_orders])
        return {**{one: order_id for one, order_id in of_orders.items() if one in known},
                **{one: one for one in ids if one in known}}  # fmt: skip

    def _of_returns(
        self, stream: str, changes: Sequence[Change], mark: Watermark, moment: Moment
    ) -> tuple[list[Noticed], list[Noticed]]:
        """The orders of changed returns, as NetSuite has them now and as they were last seen; and the returns."""
        by_record = {one.record_id: one for one in sorted(changes, key=lambda one: one.stamp)}
        found = read_orders_of_returns(self.suiteql, self.plan, list(by_record))
        before = self.orders_of_returns(list(dict.fromkeys(one.return_id for one in found.values())))
        newest: dict[str, datetime] = {}
        returns: dict[str, datetime] = {}
        for record_id, one in found.items():
            stamp = by_record[record_id].stamp
            returns[one.return_id] = max(stamp, returns.get(one.return_id, stamp))
            for order_id in {*one.order_ids, before.get(one.return_id)} - {None}:
                newest[str(order_id)] = max(stamp, newest.get(str(order_id), stamp))
        of_orders, of_returns = (
            [Noticed(one, stream, *_times(stamp, mark, moment)) for one, stamp in found_ones.items()]
            for found_ones in (newest, returns)
        )
        return of_orders, of_returns

    def _of_customers(
        self, changes: Sequence[Change], mark: Watermark, moment: Moment, states: KnownStates, of_type: str
    ) -> list[Noticed]:
        """The orders of changed customers that do not hang on the HubSpot record that their customer names now.

        states: of orders, or of returns. of_type: the condition that says what they are.
        """
        orders = read_orders_of_customers(
            self.suiteql,
            self.plan,
            list(dict.fromkeys(one.record_id for one in changes)),
            self.first_day,
            of_type,
        )
        known = states([one.order_id for one in orders])
        newest = max(one.stamp for one in changes)
        return [
            Noticed(one.order_id, CUSTOMERS, *_times(newest, mark, moment))
            for one in orders
            if not _hangs_as_named(known.get(one.order_id), one.hubspot_id, has_parent=one.has_parent)
        ]


def _hangs_as_named(state: OrderState | None, hubspot_id: str | None, *, has_parent: bool) -> bool:
    if state is None:
        return False
    named = (hubspot_id or "").strip()
    if state.outcome in ACCEPTED_OUTCOMES:
        return named in {link.key for link in state.links if link.kind != "line" and not link.intended}
    return state.outcome == "skipped" and not named and not has_parent


def _news(
    rows: Sequence[Change], before: Mapping[str, SeenChange], moment: Moment
) -> tuple[list[Change], list[Change]]:
    """Rows that were not seen before, and rows to be read once more before they are settled."""
    fresh, again = [], []
    for row in rows:
        seen = before.get(row.row_key)
        if seen is None:
            fresh.append(row)
        elif not seen.settled and moment.ours >= seen.first_seen_at + SETTLED_AFTER:
            again.append(row)
    return fresh, again


def _seen(
    fresh: Sequence[Change], again: Sequence[Change], before: Mapping[str, SeenChange], moment: Moment
) -> list[SeenChange]:
    return [
        SeenChange(row.row_key, "", row.stamp, moment.ours, settled=row.stamp < moment.netsuite - LONG_AGO)
        for row in fresh
    ] + [replace(before[row.row_key], settled=True) for row in again]


def _moved(mark: Watermark, rows: Sequence[Change], moment: Moment, *, is_whole: bool) -> Watermark:
    """Where the stream stands now: at its newest row, but not beyond the moment that the look began."""
    newest = max(rows, key=lambda row: (row.stamp, int(row.record_id)), default=None)
    stamp, last_id = mark.stamp, mark.last_id
    if newest is not None and (stamp is None or newest.stamp > stamp):
        stamp, last_id = min(newest.stamp, moment.netsuite.replace(microsecond=0)), newest.record_id
        stamp = max(stamp, mark.stamp or stamp)
    return Watermark(mark.stream, stamp, last_id, moment.netsuite if is_whole else mark.looked_at)


def _times(stamp: datetime, mark: Watermark, moment: Moment) -> tuple[datetime, datetime]:
    """(changed_at, counted_from): a row that the last look did not show was not committed when it began."""
    changed_at = moment.by_our_clock(stamp)
    if mark.looked_at is None:  # what changed before the lane's first look is nobody's delay
        return changed_at, moment.ours
    return changed_at, max(changed_at, moment.by_our_clock(mark.looked_at))
