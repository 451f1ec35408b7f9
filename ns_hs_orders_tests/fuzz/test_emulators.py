"""schemathesis on the emulators over HTTP: whatever comes, they answer JSON in the vendor's shape, and never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from ns_hs_orders.sandbox.hubspot.store import HubSpotStore
from ns_hs_orders.sandbox.netsuite.store import NetSuiteStore
from ns_hs_orders.sandbox.server import Sandbox
from ns_hs_orders.sandbox.world import generate, load_world
from ns_hs_orders_tests.fuzz.examples import fuzzed
from ns_hs_orders_tests.fuzz.operations import Document, hubspot_operations, netsuite_operations

Case = schemathesis.Case[Any]


def cases(document: Document) -> st.SearchStrategy[Case]:
    """A call of any operation, fitting its document or not."""
    operations = [
        found.ok()
        for found in schemathesis.openapi.from_dict(document).get_all_operations()
        if isinstance(found, Ok)
    ]
    return st.sampled_from(operations).flatmap(
        lambda one: st.one_of([one.as_strategy(generation_mode=mode) for mode in GenerationMode])
    )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home: Path = tmp_path_factory.mktemp("home")
    with Sandbox(home, limits="off") as running:
        netsuite, hubspot = NetSuiteStore(running.home.netsuite_path), HubSpotStore(running.home.hubspot_path)
        load_world(generate(6, 7, date(2026, 3, 2), days=1), netsuite, hubspot)
        netsuite.close()
        hubspot.close()
        yield running


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


def asked(case: Case, base_url: str, session: requests.Session, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and JSON of the answer; asserts what holds of each. None is no body."""
    answer = case.call(base_url=base_url, session=session, headers=headers, timeout=10)
    assert answer.status_code < 500, answer.content
    if not answer.content:
        assert answer.status_code in (204, 400, 404, 405)
        return answer.status_code, None
    assert "json" in answer.headers["content-type"][0], answer.headers
    return answer.status_code, json.loads(answer.content)


@given(case=cases(hubspot_operations()))
@fuzzed(quick=150)
def test_hubspots_emulator_answers_anything_as_hubspot_would(
    sandbox: Sandbox, session: requests.Session, case: Case
) -> None:
    status, body = asked(
        case, sandbox.hubspot_url, session, {"Authorization": f"Bearer {sandbox.hubspot_token}"}
    )
    if status >= 400 and body is not None:
        assert body["status"] == "error"
        assert {"message", "correlationId", "category"} <= body.keys()


@given(case=cases(netsuite_operations()))
@fuzzed(quick=60)
def test_netsuites_emulator_answers_anything_as_netsuite_would(
    sandbox: Sandbox, session: requests.Session, case: Case
) -> None:
    token = access_token(sandbox)
    status, body = asked(
        case, sandbox.netsuite_url, session, {"Authorization": f"Bearer {token}", "Prefer": "transient"}
    )
    if status >= 400 and body is not None:
        if case.path.endswith("/token"):
            assert {"error", "error_description"} <= body.keys()
        else:
            assert body["status"] == status
            assert all({"detail", "o:errorCode"} <= one.keys() for one in body["o:errorDetails"])


_tokens: dict[str, str] = {}


def access_token(sandbox: Sandbox) -> str:
    """A token of this sandbox, asked for once."""
    from ns_hs_orders.clients.netsuite import open_netsuite
    from ns_hs_orders.clients.netsuite_auth import Certificate

    if sandbox.netsuite_url not in _tokens:
        keys = sandbox.netsuite_credentials
        login = Certificate.read(keys["certificate_id"], Path(keys["private_key_path"]))
        client = open_netsuite(
            keys["account"], login, client_id=keys["client_id"], base_url=sandbox.netsuite_url
        )
        client.server_time()
        (_tokens[sandbox.netsuite_url],) = client._transport._secrets()
        client.close()
    return _tokens[sandbox.netsuite_url]
