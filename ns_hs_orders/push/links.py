"""Whose the associations of an order are: the sync's own, which it may remove, or a person's, which it never does.

Belongs here: the kinds of association, and telling what a person made. Does not belong here: making and removing them
(attachments), or which record an order belongs to (directory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ns_hs_orders.push.attachments import LINKED, Attachments
from ns_hs_orders.push.jobs import Job
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


def _is_unknown(job: Job, kind: Linked) -> bool:
    record_id = job.wanted.linked(kind)
    return record_id is not None and record_id not in _noted(job, kind)


def _noted(job: Job, kind: Linked) -> list[str]:
    """Record ids of the associations that the sync has made, or was about to make."""
    links = () if job.state is None else job.state.links
    return [one.key for one in links if one.kind == kind]
