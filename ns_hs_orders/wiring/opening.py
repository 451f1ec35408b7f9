"""Opening a session: both systems and the state, from the settings.

Belongs here: making clients and the state, and closing them. Does not belong here: stages (session).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date

from ns_hs_orders.clients.hubspot.client import open_hubspot
from ns_hs_orders.clients.netsuite import open_netsuite
from ns_hs_orders.clients.retry import HUBSPOT_RULES, NETSUITE_RULES, RetryPolicy
from ns_hs_orders.clients.transport import Timeouts
from ns_hs_orders.settings import Settings
from ns_hs_orders.state.calls.budgets import Budgets
from ns_hs_orders.state.calls.slots import SharedSlots
from ns_hs_orders.state.database import STATE_OF_RETURNS, open_existing_state, open_state
from ns_hs_orders.state.proof.days import Days
from ns_hs_orders.wiring import patience as waiting
from ns_hs_orders.wiring.garbage import rarely_collected
from ns_hs_orders.wiring.patience import PATIENT, Patience, call_limits
from ns_hs_orders.wiring.remotes import remotes
from ns_hs_orders.wiring.session import Session
from ns_hs_orders.wiring.stage_options import sales_definition


@contextmanager
def open_session(
    settings: Settings, *, patience: Patience = PATIENT, is_live: bool = False
) -> Iterator[Session]:
    """Both systems and the state, opened; closed at the end. Raises ConfigError, SyncError.

    is_live: its calls go before those of other sessions, as the live lane's do.
    """
    where = remotes(settings)
    with ExitStack() as stack:
        stack.enter_context(rarely_collected())
        state = open_state(settings.state_address)
        stack.callback(state.close)
        netsuite = open_netsuite(
            where.account,
            where.netsuite_login,
            client_id=where.netsuite_client_id,
            base_url=where.netsuite_url,
            slots=SharedSlots(state, "netsuite", settings.netsuite_concurrency, is_live=is_live),
            threads=settings.netsuite_concurrency,
            retries=RetryPolicy(
                NETSUITE_RULES, attempts=patience.attempts, total_seconds=patience.total_seconds
            ),
            timeouts=Timeouts(connect=min(10.0, patience.read_seconds), read=patience.read_seconds),
        )
        stack.callback(netsuite.close)
        timeouts = Timeouts(connect=5.0, read=waiting.HUBSPOT_READ_SECONDS)
        budget = Budgets(
            state,
            call_limits(settings),
            longest_call_seconds=timeouts.connect + timeouts.read,
            is_live=is_live,
        )
        hubspot = open_hubspot(
            where.hubspot_token,
            base_url=where.hubspot_url,
            version=settings.hubspot_api_version,
            budget=budget,
            retries=RetryPolicy(HUBSPOT_RULES, attempts=6, total_seconds=waiting.HUBSPOT_CALL_SECONDS),
            timeouts=timeouts,
            threads=settings.push_threads,
        )
        stack.callback(hubspot.close)
        yield Session(settings, where.account, netsuite, hubspot, state, budget)


def check_settings(settings: Settings) -> None:
    """Whether a session can be opened at all: the settings, the sandbox, the state. Asks neither system.

    Raises what `open_session` raises, and ConfigError for a stage or letter in the settings that there is not.
    """
    sales_definition(settings)
    with open_session(settings) as session:
        _ = session.rules


def days_to_prove(settings: Settings) -> list[date]:
    """Days that the state knows as red, or as changed since they were last proven, ascending.

    Also days of returns: these change in a store of their own, and are proven with the orders.
    """
    with ExitStack() as stack:
        state = open_state(settings.state_address)
        stack.callback(state.close)
        of_returns = None
        if settings.returns == "pipeline":
            of_returns = open_existing_state(settings.state_address, STATE_OF_RETURNS)
        if of_returns is None:
            return Days(state).to_prove()
        stack.callback(of_returns.close)
        return Days(state).to_prove(Days(of_returns).changed())
