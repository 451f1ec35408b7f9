"""A field that the mapping file adds: its column of NetSuite, its transform, its type and its property.

Belongs here: one entry that is no default field → SourceColumn and Field. Does not belong here: default fields
(changes.py), or what several entries make together (in_force.py).
"""

from __future__ import annotations

import re

from ns_hs_orders.fields.field import ADDED_PREFIX, Field, HealPolicy, Kind, Reading, SourceColumn
from ns_hs_orders.mapping_file.document import Problem
from ns_hs_orders.mapping_file.entries import Entry, near, shown
from ns_hs_orders.mapping_file.sources import path_of
from ns_hs_orders.mapping_file.vocabulary import (
    ALONE,
    HEAL_POLICIES,
    LAST_STEPS,
    TEXT_STEPS,
    TRANSFORM_OF_TYPE,
    TYPES,
    UNMASKED,
    UNREADABLE,
    possible_types,
)

_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_HUBSPOTS_OWN = ("hs_", "hubspot_")
_SUFFIXES: dict[Kind, str] = {"money": "_minor", "date": "_on", "datetime": "_at"}


def added(
    entry: Entry, known: list[str], where: str, problems: list[Problem]
) -> tuple[SourceColumn, Field] | None:
    """The raw column and the field of an entry; None, with problems, where it has none. known: default fields."""
    before = len(problems)
    text = entry.values.get("netsuite")
    if text is None and "netsuite" not in entry.wrong:
        problems.append(
            entry.problem(
                f"netsuite is missing: the field map has no field {entry.written_name} to change{near(entry.name, known)} "
                "A field of your own needs netsuite, the column that it is taken from."
            )
        )
    path = path_of(entry.section, text) if text else None
    if isinstance(path, str):
        problems.append(entry.problem(path, "netsuite"))
    steps, table = _steps(entry, problems)
    kind = _kind(entry, steps, problems, has_table=bool(table))
    name = property_name(entry, problems)
    group_name(entry, problems)
    policy = heal_policy(entry, problems)
    if entry.section == "lines" and policy != "heal":
        problems.append(entry.problem("edits of line items are always healed.", "heal"))
    unreadable = entry.values.get("unreadable", "hold")
    if unreadable not in UNREADABLE:
        problems.append(
            entry.problem(f"unreadable is {shown(unreadable)}; it is hold or empty.", "unreadable")
        )
    own = is_own(name, entry)
    options = _options(entry, kind, table, own, problems)
    if len(problems) > before or not entry.is_named or path is None or isinstance(path, str) or kind is None:
        return None
    raw = f"{ADDED_PREFIX}{entry.name}"
    column = SourceColumn(
        raw,
        f"BUILTIN.DF({path.expression})" if "list_name" in steps else path.expression,
        kind="date" if steps == ("date",) else "datetime" if steps == ("datetime",) else "text",
        required=entry.values.get("optional") is not True,
        masked=not UNMASKED & set(steps),
        origin=f"{where}, {entry.place('netsuite')}: [{entry.section}.{entry.name}]",
    )
    field = Field(
        raw.removesuffix(_SUFFIXES.get(kind, "\n")) + _SUFFIXES.get(kind, ""),
        entry.values.get("label") or entry.name.replace("_", " ").capitalize(),
        kind,
        name,
        path.shown,
        own=own,
        description=entry.values.get("description", ""),
        when_edited=policy,
        options=options,
        group=entry.values.get("group", ""),
        key=entry.name,
        reading=Reading(raw, steps, table, hold=unreadable == "hold"),
        origin=f"{where}, {entry.place('hubspot')}: [{entry.section}.{entry.name}]",
    )
    return column, field


def property_name(entry: Entry, problems: list[Problem], default: str = "") -> str:
    """The HubSpot property that an entry names, else the default, else one made of the field's name."""
    name: str = (
        entry.values.get("hubspot") or default or f"netsuite_{entry.name if entry.is_named else 'field'}"
    )
    if not _PROPERTY.fullmatch(name):
        problems.append(
            entry.problem(
                f"{shown(name)} cannot be the internal name of a HubSpot property: small letters, digits and "
                "underscores, a letter first, at most 100.",
                "hubspot",
            )
        )
    return name


def is_own(name: str, entry: Entry) -> bool:
    """Whether setup makes the property: HubSpot keeps names as hs_x to itself."""
    return entry.values.get("create") is not False and not name.startswith(_HUBSPOTS_OWN)


def group_name(entry: Entry, problems: list[Problem]) -> None:
    """Adds a problem where the property group cannot be one."""
    group = entry.values.get("group")
    if group is not None and not _PROPERTY.fullmatch(group):
        problems.append(
            entry.problem(f"{shown(group)} cannot be the internal name of a property group.", "group")
        )


def heal_policy(entry: Entry, problems: list[Problem]) -> HealPolicy:
    """The heal policy of an entry, `heal` where it names none."""
    policy: HealPolicy = entry.values.get("heal", "heal")
    if policy not in HEAL_POLICIES:
        problems.append(
            entry.problem(f"heal is {shown(policy)}; it is one of {', '.join(HEAL_POLICIES)}.", "heal")
        )
        return "heal"
    return policy


def _steps(entry: Entry, problems: list[Problem]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    transform = entry.values.get("transform")
    if isinstance(transform, dict):
        return ("text",), tuple(transform.items())
    if transform is None:
        return (TRANSFORM_OF_TYPE.get(entry.values.get("type", "text"), "text"),), ()
    steps = tuple([transform] if isinstance(transform, str) else transform)
    known = (*TEXT_STEPS, *LAST_STEPS)
    for number, step in enumerate(steps):
        at = ("transform", number) if isinstance(transform, list) else ("transform",)
        if step not in known:
            problems.append(
                entry.problem(
                    f"there is no transform {shown(step)}{near(step, known)} Transforms: {', '.join(known)}.",
                    *at,
                )
            )
        elif step in ALONE and len(steps) > 1:
            problems.append(entry.problem(f"the transform {step} stands alone.", *at))
        elif step in LAST_STEPS and number < len(steps) - 1:
            problems.append(entry.problem(f"the transform {step} stands last.", *at))
        elif step == "list_name" and number:
            problems.append(entry.problem("the transform list_name stands first.", *at))
    return steps, ()


def _kind(entry: Entry, steps: tuple[str, ...], problems: list[Problem], *, has_table: bool) -> Kind | None:
    kind = entry.values.get("type")
    possible = possible_types(steps, has_table=has_table)
    if kind is None:
        return possible[0]
    if kind not in TYPES:
        problems.append(
            entry.problem(
                f"there is no type {shown(kind)}{near(kind, TYPES)} Types: {', '.join(TYPES)}.", "type"
            )
        )
        return None
    if kind not in possible and all(step in (*TEXT_STEPS, *LAST_STEPS) for step in steps):
        made = "a table of values" if has_table else f"the transform {steps[-1]}"
        problems.append(entry.problem(f"{made} makes {' or '.join(possible)}, not {kind}.", "type"))
        return None
    found: Kind = kind
    return found


def _options(
    entry: Entry,
    kind: Kind | None,
    table: tuple[tuple[str, str], ...],
    own: bool,
    problems: list[Problem],
) -> tuple[str, ...]:
    options = tuple(dict.fromkeys(entry.values.get("options") or (value for _, value in table)))
    if kind == "enumeration":
        if not options and own and "options" not in entry.wrong:
            problems.append(
                entry.problem('an enumeration that setup makes needs options, as ["a", "b"].', "type")
            )
        if table and (strange := [value for _, value in table if value not in options]):
            problems.append(
                entry.problem(
                    f"the transform makes {shown(strange[0])}, which is none of the options.", "transform"
                )
            )
        return options
    if "options" in entry.values and kind is not None:
        problems.append(entry.problem(f"options are for the type enumeration, not for {kind}.", "options"))
    return ()
