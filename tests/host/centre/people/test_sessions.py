"""A session lasts a shift, and ends by itself when nobody is there."""

import pytest

from nabij.centre.people import accounts, sessions
from nabij.centre.people.roles import Role
from nabij.centre.store import Store

NOW_MS = 1_790_000_000_000


@pytest.fixture
def token(store: Store) -> str:
    account = store.write(lambda one: accounts.add(one, "smit", Role.OPERATOR, NOW_MS))
    return store.write(lambda one: sessions.begin(one, account.id, NOW_MS))


def is_there(store: Store, token: str, at_ms: int) -> bool:
    return store.write(lambda one: sessions.find(one, token, at_ms)) is not None


def test_a_session_ends_when_nobody_has_been_there_for_long(store: Store, token: str) -> None:
    assert is_there(store, token, NOW_MS + sessions.IDLE_MS - 1)
    assert is_there(store, token, NOW_MS + sessions.IDLE_MS + 1)
    assert not is_there(store, token, NOW_MS + 2 * sessions.IDLE_MS)


def test_a_session_ends_after_a_shift_however_busy(store: Store, token: str) -> None:
    for at_ms in range(0, sessions.LONGEST_MS, sessions.IDLE_MS // 2):
        assert is_there(store, token, NOW_MS + at_ms)
    assert not is_there(store, token, NOW_MS + sessions.LONGEST_MS)


def test_logged_out_is_logged_out(store: Store, token: str) -> None:
    store.write(lambda one: sessions.end(one, token))
    assert not is_there(store, token, NOW_MS)


def test_a_made_up_token_is_nobodys(store: Store, token: str) -> None:
    assert not is_there(store, token + "x", NOW_MS)
    assert not is_there(store, "", NOW_MS)
