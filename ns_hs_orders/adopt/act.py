"""Carrying an adoption out: keys on records, associations moved, records archived; each looked at again just before.

Belongs here: the order of the calls, and what became of each row. Does not belong here: the plan (find), or the state
(state). Killed at any point and run again, it ends the same: lines get their keys before their order does, associations
are moved before the record goes, and what was begun is noted before it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ns_hs_orders.adopt.find import Systems, foreign_record, holders, line_items, read_orders, shared_lines
from ns_hs_orders.adopt.lines import former_key, is_former
from ns_hs_orders.adopt.ports import Act, Journal
from ns_hs_orders.adopt.schema import AdoptionPlan, PlannedLine, PlanRow
from ns_hs_orders.errors import RemoteError
from ns_hs_orders.fields.field import UNIQUE_LINE_KEY, UNIQUE_ORDER_KEY
from ns_hs_orders.fields.returns import EMPTY_FIELDS
from ns_hs_orders.progress import Progress, quiet
from ns_hs_orders.push.associations.attachments import ORDER_TO_LINE
from ns_hs_orders.push.calls.upserts import is_refusal
from ns_hs_orders.push.ports import AssociationInput, InputError
from ns_hs_orders.push.schema import order_of_line
from ns_hs_orders.trust.ports import UpdateInput

BATCH = 50
INPUTS = 100
ADOPTED = "adopted"
ARCHIVED = "duplicate archived"
EMPTIED_ON_RETURNS = tuple(field.hubspot_property for field in EMPTY_FIELDS)
"""HubSpot's own amounts of orders, with the key already: no report may add up what stood there until the next sync."""
_AGAIN = "Run `ns-hs-orders adopt --plan` again."

Outcome = Literal["adopted", "archived", "changed", "refused"]


@dataclass(frozen=True)
class Done:
    """What became of one row. changed: since the plan was made, so nothing was done. why: of what was not done."""

    row: PlanRow
    outcome: Outcome
    why: str = ""


class Adoption:
    """One run of a plan. by: who decided it, "" where nobody said."""

    def __init__(
        self,
        systems: Systems,
        journal: Journal,
        *,
        key_property: str,
        by: str = "",
        progress: Progress = quiet,
    ) -> None:
        self._systems = systems
        self._journal = journal
        self._key_property = key_property
        self._by = by
        self._progress = progress

    def carry_out(self, plan: AdoptionPlan) -> list[Done]:
        """Does what the plan says, adoptions first. Raises RemoteError where HubSpot could not be asked or told."""
        rows = [*plan.of("adopt"), *plan.of("archive")]
        done: list[Done] = []
        for action, act in (("adopt", self._adopt), ("archive", self._archive)):
            of_action = [row for row in rows if row.action == action]
            for start in range(0, len(of_action), BATCH):
                part = of_action[start : start + BATCH]
                unchanged, changed = self._looked_at_again(part)
                done += changed
                acts = [self._act_of(row) for row in unchanged]
                self._journal.begin(acts)
                outcomes = act(unchanged)
                by_record = {one.row.record.record_id: one.outcome for one in outcomes}
                ended = [one for one in acts if by_record[one.record_id] in ("adopted", "archived")]
                self._journal.end(ended, [one for one in acts if one not in ended])
                done += outcomes
                self._progress("records of other integrations settled", len(done), len(rows))
        return done

    def _looked_at_again(self, rows: Sequence[PlanRow]) -> tuple[list[PlanRow], list[Done]]:
        """The rows that are as the plan saw them, and the others."""
        now = read_orders(self._systems.crm, [row.record.record_id for row in rows], self._key_property)
        ours = holders(self._systems.crm, [row.order_id for row in rows if row.order_id])
        same, changed = [], []
        for row in rows:
            held = now.get(row.record.record_id)
            if held is None:
                changed.append(Done(row, "changed", f"HubSpot does not have this record any more. {_AGAIN}"))
            elif held.properties.get(UNIQUE_ORDER_KEY):
                changed.append(Done(row, "changed", f"Somebody gave it a key. {_AGAIN}"))
            elif foreign_record(held, self._key_property) != row.record:
                changed.append(
                    Done(row, "changed", f"It was changed in HubSpot since the plan was made. {_AGAIN}")
                )
            elif ours.get(row.order_id or "") != row.our_record_id:
                words = (
                    "A sync wrote the order"
                    if row.our_record_id is None
                    else "Our record of the order is gone"
                )
                changed.append(Done(row, "changed", f"{words} since the plan was made. {_AGAIN}"))
            else:
                same.append(row)
        return same, changed

    def _act_of(self, row: PlanRow) -> Act:
        details: dict[str, str | int] = {
            "record": row.record.record_id,
            "source": row.record.source,
            "matched_by": row.by or "",
        }
        if row.our_record_id is not None:
            details["kept"] = row.our_record_id
        details |= {f"lines: {name}": count for name, count in row.counted_lines().items()}
        details |= {f"moved {name}": count for name, count in row.counted_moves().items()}
        if self._by:
            details["by"] = self._by
        happened = ADOPTED if row.action == "adopt" else ARCHIVED
        return Act(row.record.record_id, row.order_id or "", happened, details)

    def _adopt(self, rows: Sequence[PlanRow]) -> list[Done]:
        """Lines first: an order with our key and lines without one would get its lines twice."""
        self._key_lines([(row, line) for row in rows for line in row.lines])
        self._detach(rows)
        problems = self._update(
            "orders",
            {
                row.record.record_id: {
                    UNIQUE_ORDER_KEY: row.order_id or "",
                    **(dict.fromkeys(EMPTIED_ON_RETURNS, "") if row.stands_for == "return" else {}),
                }
                for row in rows
            },
        )
        held = holders(self._systems.crm, [row.order_id or "" for row in rows])
        return [self._adopted(row, held.get(row.order_id or ""), problems) for row in rows]

    def _adopted(self, row: PlanRow, holder: str | None, problems: dict[str, str]) -> Done:
        if holder == row.record.record_id:
            return Done(row, "adopted")
        if holder is not None:
            return Done(row, "changed", f"Record {holder} has got the order's key in the meantime. {_AGAIN}")
        why = problems.get(row.record.record_id, "HubSpot took the key and does not show it.")
        return Done(row, "refused", f"{why} Nothing was adopted; {_AGAIN[0].lower()}{_AGAIN[1:]}")

    def _key_lines(self, lines: Sequence[tuple[PlanRow, PlannedLine]]) -> None:
        """A key that HubSpot refuses leaves its line item to be taken out, in place of standing twice."""
        keys = {line.line_id: line.key for _, line in lines if line.key is not None}
        refused = self._update(
            "line_items", {line_id: {UNIQUE_LINE_KEY: key} for line_id, key in keys.items()}
        )
        orders = {line.line_id: row.order_id or "" for row, line in lines}
        self._update(
            "line_items",
            {line_id: {UNIQUE_LINE_KEY: former_key(orders[line_id], line_id)} for line_id in refused},
        )

    def _detach(self, rows: Sequence[PlanRow]) -> None:
        pairs = [
            AssociationInput(row.record.record_id, line.line_id)
            for row in rows
            for line in row.lines
            if line.action == "detach"
        ]
        for start in range(0, len(pairs), INPUTS):
            self._systems.associations.remove("orders", "line_items", pairs[start : start + INPUTS])

    def _archive(self, rows: Sequence[PlanRow]) -> list[Done]:
        refused = self._moved(rows)
        ready = [row for row in rows if row.record.record_id not in refused]
        self._settle_lines(ready)
        if ready:
            self._systems.crm.batch_archive("orders", [row.record.record_id for row in ready])
        return [
            Done(row, "refused", refused[row.record.record_id])
            if row.record.record_id in refused
            else Done(row, "archived")
            for row in rows
        ]

    def _settle_lines(self, rows: Sequence[PlanRow]) -> None:
        """Line items of records that go: those of our own order hang on ours too, the others go with their record."""
        lines = line_items(self._systems, [row.record.record_id for row in rows])
        shared = shared_lines(self._systems.associations, lines)
        ours, alone = [], set()
        for row in rows:
            for line in lines.get(row.record.record_id, ()):
                key = line.properties.get(UNIQUE_LINE_KEY) or ""
                if order_of_line(key) == row.order_id and not is_former(key):
                    ours.append(AssociationInput(row.our_record_id or "", line.id, (ORDER_TO_LINE,)))
                elif line.id not in shared and (not key or is_former(key)):
                    alone.add(line.id)
        for start in range(0, len(ours), INPUTS):
            self._systems.associations.create("orders", "line_items", ours[start : start + INPUTS])
        gone = sorted(alone)
        for start in range(0, len(gone), INPUTS):
            self._systems.crm.batch_archive("line_items", gone[start : start + INPUTS])

    def _moved(self, rows: Sequence[PlanRow]) -> dict[str, str]:
        """Makes the associations that our records lack; record id → why, of those that did not get them all."""
        refused: dict[str, str] = {}
        wanted: dict[str, list[tuple[PlanRow, AssociationInput]]] = {}
        for row in rows:
            for one in row.moved:
                made = AssociationInput(row.our_record_id or "", one.to_id, one.type_ids, one.label_ids)
                wanted.setdefault(one.to_type, []).append((row, made))
        for to_type, found in wanted.items():
            for start in range(0, len(found), INPUTS):
                part = found[start : start + INPUTS]
                errors = self._associations_made(to_type, [made for _, made in part])
                if not errors:
                    continue
                ours = list(dict.fromkeys(made.from_id for _, made in part))
                there = {
                    (one.from_id, one.to_id)
                    for one in self._systems.associations.read("orders", to_type, ours)
                }
                for row, made in part:
                    if (made.from_id, made.to_id) not in there:
                        refused[row.record.record_id] = (
                            f"HubSpot refused to move its association with {to_type} {made.to_id}: "
                            f"{errors[0].message} The record stays; run it again, or move it by hand."
                        )
        return refused

    def _associations_made(self, to_type: str, inputs: Sequence[AssociationInput]) -> tuple[InputError, ...]:
        try:
            return self._systems.associations.create("orders", to_type, inputs)
        except RemoteError as error:
            if not is_refusal(error):
                raise
            return (InputError("REFUSED", str(error)),)

    def _update(self, object_type: str, values: dict[str, dict[str, str]]) -> dict[str, str]:
        """Updates by record id; record id → what HubSpot said, of those that it refused."""
        inputs = [
            UpdateInput(record_id, properties, f"t{number}")
            for number, (record_id, properties) in enumerate(values.items())
        ]
        problems: dict[str, str] = {}
        for start in range(0, len(inputs), INPUTS):
            problems |= self._sent(object_type, inputs[start : start + INPUTS])
        return problems

    def _sent(self, object_type: str, inputs: Sequence[UpdateInput]) -> dict[str, str]:
        """A call that is refused for one of its inputs is sent again by halves, so that the others are written."""
        try:
            answer = self._systems.crm.batch_update(object_type, inputs)
        except RemoteError as error:
            if not (is_refusal(error) or error.status == 404):
                raise
            if len(inputs) == 1:
                return {inputs[0].record_id: str(error)}
            middle = len(inputs) // 2
            return self._sent(object_type, inputs[:middle]) | self._sent(object_type, inputs[middle:])
        by_trace = {one.trace_id: one.record_id for one in inputs}
        return {
            record_id: found.message
            for found in answer.errors
            for record_id in {*(by_trace[one] for one in found.trace_ids if one in by_trace), *found.ids}
        }


def finish_begun(systems: Systems, journal: Journal) -> None:
    """Tells to its end what a run that was killed had begun: done, where HubSpot shows that it was."""
    begun = journal.unfinished()
    if not begun:
        return
    held = holders(systems.crm, [one.order_id for one in begun if one.happened == ADOPTED])
    archived = _archived(systems, [one.record_id for one in begun if one.happened == ARCHIVED])
    done = [
        one
        for one in begun
        if (held.get(one.order_id) == one.record_id if one.happened == ADOPTED else one.record_id in archived)
    ]
    journal.end(done, [one for one in begun if one not in done])


def _archived(systems: Systems, record_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(record_ids), INPUTS):
        part = record_ids[start : start + INPUTS]
        answer = systems.crm.batch_read("orders", part, [UNIQUE_ORDER_KEY], archived=True)
        found |= {one.id for one in answer.results}
    return found
