"""Who is logged in is known without the database's turn, and for not a moment too long."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from nabij.centre.console.visitors import KNOWN_S, Visitors
from nabij.centre.people import accounts, sessions, tokens
from nabij.centre.people.roles import Role
from nabij.centre.store import Store
from nabij.centre.worker import Worker
from nabij.paths import StatePaths

Result = TypeVar("Result")


@dataclass
class Counting:
    """The store, and how often it was asked."""

    store: Store
    turns: int = 0

    def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        self.turns += 1
        return self.store.write(work)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Counting]:
    store = Store(StatePaths(tmp_path))
    yield Counting(store)
    store.close()


@pytest.fixture
def visitors(store: Counting) -> Iterator[Visitors]:
    worker = Worker()
    yield Visitors(store, worker)  # type: ignore[arg-type]
    worker.close()


def logged_in(store: Counting) -> tuple[int, str]:
    def begin(one: sa.Connection) -> tuple[int, str]:
        now_ms = time.time_ns() // 1_000_000
        smit = accounts.add(one, "smit", Role.OPERATOR, now_ms)
        accounts.accept(one, accounts.invite(one, smit.id, now_ms), "hash", now_ms)
        return smit.id, sessions.begin(one, smit.id, now_ms)

    return store.store.write(begin)


@pytest.mark.parametrize("junk", ["", "x", "x" * 5000, "é.é", ".", "<b>", None])
def test_what_nobody_signed_asks_no_database(
    store: Counting, visitors: Visitors, junk: str | None
) -> None:
    _, token = logged_in(store)
    # Another one in place of a character of the token, too.
    junk = ("A" if token[0] != "A" else "B") + token[1:] if junk is None else junk
    asyncio.run(visitors.is_ours(token))
    before = store.turns
    for _ in range(100):
        assert asyncio.run(visitors.find(junk)) is None
    assert store.turns == before


def test_a_session_is_asked_for_once_in_a_while(store: Counting, visitors: Visitors) -> None:
    _, token = logged_in(store)
    found = [asyncio.run(visitors.find(token)) for _ in range(50)]
    assert {one.account.login for one in found if one is not None} == {"smit"}
    assert store.turns <= 2 + 50 // 10
    assert KNOWN_S <= 2


def test_a_change_counts_at_once(store: Counting, visitors: Visitors) -> None:
    account_id, token = logged_in(store)
    assert asyncio.run(visitors.find(token)) is not None
    asyncio.run(
        visitors.change(lambda one: accounts.change(one, account_id, role=Role.SUPERVISOR))
    )
    assert asyncio.run(visitors.find(token)) is None


def test_a_token_is_good_at_each_receiver_of_the_database(store: Counting) -> None:
    secret = store.store.write(tokens.secret_of)
    assert tokens.is_ours(secret, tokens.new(store.store.write(tokens.secret_of)))
    assert not tokens.is_ours(bytes(32), tokens.new(secret))
