"""Whose the associations of an order are: the sync's own, which it may remove, or a person's, which it never does.

Belongs here: the kinds of association, telling what a person made, and what is left to make. Does not belong here:
making and removing them (attachments), or which record an order belongs to (directory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ns_hs_orders.push.associations.attachments import LINKED, Attachments, Pair
from ns_hs_orders.push.calls.bisection import Problem
from ns_hs_orders.push.jobs import InFlight, Job
from ns_hs_orders.push.ports import AssociationKind
from ns_hs_orders.push.schema import Linked

_A_PERSON_MAY_MAKE: tuple[Linked, ...] = ("contact", "deal", "parent")


def persons_own(
    attachments: Attachments, jobs: Sequence[Job], linked: Mapping[Linked, AssociationKind] = LINKED
) -> dict[str, frozenset[Linked]]:
    """NetSuite id → kinds of the wanted associations that hold already and that the sync never noted.

    Asked only of orders that HubSpot had before; a primary company is always the sync's. linked: the kinds that are
    made, and how. Raises RemoteError.
    """
    found: dict[str, frozenset[Linked]] = {}
    for kind in (one for one in _A_PERSON_MAY_MAKE if one in linked):
        unknown = {
            one.state.order_id_hubspot: one
            for one in jobs
            if one.state is not None and one.state.order_id_hubspot is not None and _is_unknown(one, kind)
        }
        if not unknown:
            continue
        attached = attachments.attached(linked[kind].to_type, list(unknown))
        there = [
            job for order_id, job in unknown.items() if job.wanted.linked(kind) in attached.get(order_id, ())
        ]
        # an association of ours moves with a record that is merged into another
        living = attachments.survivors(
            linked[kind].to_type, [key for one in there for key in _noted(one, kind)]
        )
        for job in there:
            if job.wanted.linked(kind) not in [living[key] for key in _noted(job, kind)]:
                found[job.wanted.key] = found.get(job.wanted.key, frozenset()) | {kind}
    return found


@dataclass(frozen=True)
class LeftToMake:
    """pairs: associations to make, with the labels that others gave them, so that they keep them. of_others: orders whose
    association holds, and is not the sync's. problems: HubSpot order id → why HubSpot does not show what the order has.
    """

    pairs: Sequence[Pair]
    of_others: Sequence[InFlight]
    problems: Mapping[str, Problem]


def left_to_make(
    attachments: Attachments, kind: Linked, how: AssociationKind, orders: Sequence[InFlight]
) -> LeftToMake:
    """What is left to make of a kind of association. HubSpot is asked only of orders that it had before.

    One that holds, and that is noted as made, is not made again. One that a record had before the sync knew the record,
    as an adopted one, is of others: the sync removes only what it knows to have made.
    """
    wanted = {
        one.order_id: (one, record_id) for one in orders if (record_id := one.job.to_link(kind)) is not None
    }
    held, problems = attachments.ends(
        how.to_type, [order_id for order_id, (one, _) in wanted.items() if one.is_new is not True]
    )
    pairs, of_others = [], []
    for order_id, (one, record_id) in wanted.items():
        there = held.get((order_id, record_id))
        if order_id in problems:
            continue
        if there is None:
            pairs.append(Pair(order_id, record_id))
        elif how.type_id not in there.type_ids or not _is_confirmed(one.job, kind, record_id):
            if how.type_id in there.type_ids and kind in _A_PERSON_MAY_MAKE and one.is_found(kind, record_id):
                of_others.append(one)
            else:
                pairs.append(Pair(order_id, record_id, there.labels - {how.label}))
    return LeftToMake(pairs, of_others, problems)


def _is_confirmed(job: Job, kind: Linked, record_id: str) -> bool:
    links = () if job.state is None else job.state.links
    return any((one.kind, one.key, one.intended) == (kind, record_id, False) for one in links)


def _is_unknown(job: Job, kind: Linked) -> bool:
    record_id = job.wanted.linked(kind)
    return record_id is not None and record_id not in _noted(job, kind)


def _noted(job: Job, kind: Linked) -> list[str]:
    """Record ids of the associations that the sync has made, or was about to make."""
    links = () if job.state is None else job.state.links
    return [one.key for one in links if one.kind == kind]
