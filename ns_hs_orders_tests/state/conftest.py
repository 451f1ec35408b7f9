"""A state store in a file and one on a Postgres server, and processes that race for them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ns_hs_orders.state.database import State, open_state

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'home' / 'state.sqlite'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A store that does not exist yet, on each of both databases."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def state(url: str) -> Iterator[State]:
    opened = open_state(url)
    yield opened
    opened.close()


def race(work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Runs `work` in as many processes of their own as there are arguments; their answers."""
    spawn = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(len(arguments), mp_context=spawn) as pool:
        return [one.result(timeout=60) for one in [pool.submit(work, *given) for given in arguments]]
