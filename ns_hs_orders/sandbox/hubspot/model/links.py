"""Associations between records: which types exist, and what making or removing one does to the others.

Belongs here: the association table and its rules. Does not belong: HTTP shapes (endpoints.associations).
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from ns_hs_orders.sandbox.hubspot.model.object_types import (
    ASSOCIATION_TYPES,
    ORDER_TO_ORDER,
    AssociationType,
    unknown_association,
)
from ns_hs_orders.sandbox.hubspot.model.session import Session

_NATIVE = {(kind.from_type, kind.to_type, kind.type_id): kind for kind in ASSOCIATION_TYPES}
_AMONG_ORDERS = ("orders", "orders")


def types_between(session: Session, from_type: str, to_type: str) -> list[AssociationType]:
    """Every association type that leads from the one object type to the other."""
    native = [kind for kind in ASSOCIATION_TYPES if (kind.from_type, kind.to_type) == (from_type, to_type)]
    if (from_type, to_type) == _AMONG_ORDERS:
        if session.switches.hubspot_order_to_order == "none":
            return []
        native = [ORDER_TO_ORDER]
    rows = session.db.execute(
        "SELECT * FROM labels WHERE from_type = ? AND to_type = ?", (from_type, to_type)
    )
    return native + [_custom(row) for row in rows]


def _custom(row: sqlite3.Row) -> AssociationType:
    return AssociationType(
        row["from_type"],
        row["to_type"],
        row["type_id"],
        row["inverse_id"],
        row["label"],
        "USER_DEFINED",
        row["name"],
    )


def association_type(session: Session, from_type: str, to_type: str, type_id: object) -> AssociationType:
    """The type by id.

    Raises:
        ApiError: 400 if it doesn't lead from the one object type to the other.
    """
    if isinstance(type_id, int):
        found = _NATIVE.get((from_type, to_type, type_id))
        if found is not None:
            return found
        for custom in types_between(session, from_type, to_type):
            if custom.type_id == type_id:
                return custom
    raise unknown_association(from_type, to_type, type_id)


def specified_type(
    session: Session, from_type: str, to_type: str, spec: Mapping[str, Any]
) -> AssociationType:
    """The type of an AssociationSpec, whose category and id must go together.

    Raises:
        ApiError: 400 if there is no such type between the two object types, or it is of another category.
    """
    found = association_type(session, from_type, to_type, spec.get("associationTypeId"))
    if spec.get("associationCategory") != found.category:
        raise unknown_association(from_type, to_type, spec.get("associationTypeId"))
    return found


def unlabelled(session: Session, from_type: str, to_type: str) -> AssociationType:
    """The plain type of a pair, which every association has.

    Raises:
        ApiError: 400 if the two object types can't be associated.
    """
    for kind in types_between(session, from_type, to_type):
        if kind.label is None:
            return kind
    raise unknown_association(from_type, to_type, "default")


def associate(session: Session, from_id: int, to_id: int, kinds: Iterable[AssociationType]) -> None:
    """Makes the association hold these types.

    The unlabelled type always comes along. Labels replace the pair's other labels. A record has one primary
    company: a new one takes the place, the former keeps the unlabelled type alone.
    """
    given = list(kinds)
    from_type, to_type = given[0].from_type, given[0].to_type
    labelled = [kind for kind in given if kind.label is not None]
    if labelled:
        keep = {kind.type_id for kind in labelled}
        for kind in types_between(session, from_type, to_type):
            if kind.label is not None and kind.type_id not in keep:
                _delete(session, from_id, to_id, kind)
    _insert(session, from_id, to_id, unlabelled(session, from_type, to_type))
    for kind in labelled:
        _take_over_primary(session, from_id, to_id, kind)
        _insert(session, from_id, to_id, kind)


def _take_over_primary(session: Session, from_id: int, to_id: int, kind: AssociationType) -> None:
    towards = kind if kind.to_type == "companies" else kind.inverse()
    if not towards.is_primary:
        return
    owner, company = (from_id, to_id) if kind.to_type == "companies" else (to_id, from_id)
    rows = session.db.execute(
        "SELECT to_id FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND type_id = ?",
        (towards.from_type, owner, towards.to_type, towards.type_id),
    ).fetchall()
    for row in rows:
        if row[0] != company:
            _delete(session, owner, row[0], towards)


def _insert(session: Session, from_id: int, to_id: int, kind: AssociationType) -> None:
    session.db.executemany(
        "INSERT OR IGNORE INTO associations VALUES (?, ?, ?, ?, ?)",
        (
            (kind.from_type, from_id, kind.to_type, to_id, kind.type_id),
            (kind.to_type, to_id, kind.from_type, from_id, kind.inverse_id),
        ),
    )


def _delete(session: Session, from_id: int, to_id: int, kind: AssociationType) -> None:
    sql = "DELETE FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ? AND type_id = ?"
    session.db.execute(sql, (kind.from_type, from_id, kind.to_type, to_id, kind.type_id))
    session.db.execute(sql, (kind.to_type, to_id, kind.from_type, from_id, kind.inverse_id))


def remove_label(session: Session, from_id: int, to_id: int, kind: AssociationType) -> None:
    """Takes one type away; taking the unlabelled one takes all of the pair."""
    if kind.label is None:
        disassociate(session, kind.from_type, from_id, kind.to_type, to_id)
    else:
        _delete(session, from_id, to_id, kind)


def disassociate(session: Session, from_type: str, from_id: int, to_type: str, to_id: int) -> None:
    """Takes every type of the pair away; one that isn't there is no error."""
    sql = "DELETE FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?"
    session.db.execute(sql, (from_type, from_id, to_type, to_id))
    session.db.execute(sql, (to_type, to_id, from_type, from_id))


def associated(
    session: Session, from_type: str, from_id: int, to_type: str
) -> dict[int, list[AssociationType]]:
    """Associated record ids in ascending order, each with its association types."""
    rows = session.db.execute(
        "SELECT to_id, type_id FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ?"
        " ORDER BY to_id, type_id DESC",
        (from_type, from_id, to_type),
    )
    found: dict[int, list[AssociationType]] = {}
    for to_id, type_id in rows:
        found.setdefault(to_id, []).append(association_type(session, from_type, to_type, type_id))
    return found


def remove_all(session: Session, object_type: str, record_id: int) -> None:
    """Takes away every association of a record."""
    rows = session.db.execute(
        "SELECT DISTINCT to_type, to_id FROM associations WHERE from_type = ? AND from_id = ?",
        (object_type, record_id),
    ).fetchall()
    for to_type, to_id in rows:
        disassociate(session, object_type, record_id, to_type, to_id)


def _has(session: Session, from_id: int, kind: AssociationType) -> bool:
    row = session.db.execute(
        "SELECT 1 FROM associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND type_id = ? LIMIT 1",
        (kind.from_type, from_id, kind.to_type, kind.type_id),
    ).fetchone()
    return row is not None


def move_all(session: Session, object_type: str, old_id: int, new_id: int) -> None:
    """Gives a record's associations to another record of its type."""
    rows = session.db.execute(
        "SELECT to_type, to_id, type_id FROM associations WHERE from_type = ? AND from_id = ?",
        (object_type, old_id),
    ).fetchall()
    for to_type, to_id, type_id in rows:
        kind = association_type(session, object_type, to_type, type_id)
        if kind.is_primary and _has(session, new_id, kind):
            continue  # the survivor's own primary company stays
        _insert(session, new_id, to_id, kind)
    remove_all(session, object_type, old_id)
