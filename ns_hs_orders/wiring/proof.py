"""The proof over a session: both systems read again and compared, and the result noted in the state.

Belongs here: handing reconciliation its systems, and its result to the state. Does not belong here: any rule, or what is
made of a result (reports, trust, periods). Only a session imports it, where a proof is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ns_hs_orders.extract.lookups import read_control_totals
from ns_hs_orders.progress import Progress
from ns_hs_orders.reconcile.look import Sides
from ns_hs_orders.reconcile.merge import day_runs, merge
from ns_hs_orders.reconcile.reconcile import after_reconcile, reconcile
from ns_hs_orders.reconcile.reported import reported
from ns_hs_orders.reconcile.returns.sides import ReturnSides
from ns_hs_orders.reconcile.risk import found_exceptions
from ns_hs_orders.reconcile.sales.dollars import SalesRules
from ns_hs_orders.reconcile.schema import Reconciliation
from ns_hs_orders.state.proof.exceptions import ExceptionLog
from ns_hs_orders.state.proof.reported import ReportLog
from ns_hs_orders.wiring.definitions import keep_definition
from ns_hs_orders.wiring.net_sales import open_return_sides, tells_net_sales
from ns_hs_orders.wiring.remotes import hubspot_record_url, netsuite_record_url
from ns_hs_orders.wiring.stage_options import sales_definition

if TYPE_CHECKING:
    from ns_hs_orders.wiring.session import Session


def reconcile_days(session: Session, first: date, last: date, progress: Progress) -> Reconciliation:
    """Both systems compared; a range of many orders in runs of days, so that memory does not grow with it."""
    with open_return_sides(session) as returns:
        return _reconciled(session, returns, first, last, progress)


def _reconciled(
    session: Session, returns: ReturnSides | None, first: date, last: date, progress: Progress
) -> Reconciliation:
    sides = Sides(
        next_ticket=session.tickets.next_ticket,
        read_orders=session.read_days,
        read_orders_by_id=session.read_ids,
        control_totals=lambda start, end: read_control_totals(session.netsuite, start, end),
        map_orders=session.map,
        wanted_orders=session.wanted,
        crm=session.hubspot.objects,
        associations=session.hubspot.associations,
        search=session.hubspot.search,
        history=session.hubspot.history,
        user_names=session.definitions.user_names,
        owner_names=session.definitions.owner_names,
        known=session.states,
        sales=sales_rules(session),
        threads=session.settings.push_threads,
        returns=returns,
        key_property_of_others=session.settings.adopt_key_property,
        with_contacts=session.has_contacts,
    )
    runs = [(first, last)] if first == last else day_runs(sides.control_totals(first, last), first, last)
    return merge(
        [
            reconcile(
                sides, session.field_map, start, end, mode=session.mode, clock=session.now, progress=progress
            )
            for start, end in runs
        ]
    )


def record(session: Session, result: Reconciliation) -> None:
    """Notes the result: exceptions, what was reported, what the next sync writes, and days as proven or red.

    Days come last: one that is proven has its exceptions and its report kept.
    """
    days, ticket = (result.first, result.last), result.ticket
    ExceptionLog(session.state).record(found_exceptions(result), *days, ticket=ticket, now=session.now())
    ReportLog(session.state).record(*reported(result), *days, ticket=ticket, clock=session.now)
    after_reconcile(result, session.states, session.now())
    keep_definition(session.state, result.definition, session.now())


def sales_rules(session: Session) -> SalesRules:
    """What sales dollars are by the settings, and where the records of an order are looked at.

    They are net of returns where returns are read: where the role does not see them, no number may say so.
    """
    return SalesRules(
        definition=replace(sales_definition(session.settings), less_returns=tells_net_sales(session)),
        stage_of_status=session.rules.stages,
        stage_of_id={stage_id: stage for stage, stage_id in session.pipeline.stage_ids.items()},
        url_netsuite=netsuite_record_url(session.account),
        url_hubspot=hubspot_record_url(session.settings, session.definitions.account_details()),
    )
