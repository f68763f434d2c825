"""Passwords: never two and a half at once, and an unknown login takes as long as a known one."""

import asyncio
import contextlib
from typing import Any

import pytest
from starlette.requests import Request

from nabij.centre.console.entry import Entry
from nabij.centre.console.passwords import (
    LONGEST,
    MOST_WAITING,
    SHORTEST,
    BusyError,
    Passwords,
)
from nabij.centre.console.throttle import Throttle
from nabij.errors import UsageError


def test_a_password_fits_its_own_hash_only() -> None:
    async def try_them() -> list[bool]:
        passwords = Passwords()
        hashed = await passwords.hash("correct horse battery")
        assert hashed.startswith("$argon2id$")
        assert not passwords.is_old(hashed)
        tries = ((hashed, "correct horse battery"), (hashed, "wrong"), ("", ""), ("x", "y"))
        found = [await passwords.fits(*one) for one in tries]
        passwords.close()
        return found

    assert asyncio.run(try_them()) == [True, False, False, False]


@pytest.mark.parametrize("length", [SHORTEST - 1, LONGEST + 1])
def test_a_password_that_is_too_short_or_long_is_refused(length: int) -> None:
    async def try_it() -> None:
        passwords = Passwords()
        try:
            await passwords.hash("x" * length)
        finally:
            passwords.close()

    with pytest.raises(UsageError, match=f"{SHORTEST} to {LONGEST}"):
        asyncio.run(try_it())


def test_a_flood_of_log_ins_is_turned_away_and_not_queued() -> None:
    passwords = Passwords()
    with contextlib.ExitStack() as taken:
        for _ in range(MOST_WAITING):
            taken.enter_context(passwords.place())
        with pytest.raises(BusyError, match="try again"), passwords.place():
            pass
    with passwords.place():
        pass
    passwords.close()


def test_a_flood_asks_the_database_nothing() -> None:
    """Whoever has no place is answered without it: here it is none, and would fail."""
    passwords = Passwords()
    nothing: Any = None
    pages: Any = lambda *_given, error="", **_more: error  # noqa: E731
    entry = Entry(nothing, nothing, nothing, passwords, Throttle(), pages, nothing)
    request = Request({"type": "http", "headers": [], "path_params": {"token": "x"}})
    request.state.body = b"login=smit&password=x"
    with contextlib.ExitStack() as taken:
        for _ in range(MOST_WAITING):
            taken.enter_context(passwords.place())
        refused = asyncio.run(entry.log_in(request, None))
        also = asyncio.run(entry.accept_invitation(request, None))
    assert (refused.status_code, also.status_code) == (503, 503)
    assert b"try again in half a minute" in bytes(refused.body)
    passwords.close()
