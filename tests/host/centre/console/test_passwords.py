"""Passwords: never two and a half at once, and an unknown login takes as long as a known one."""

import asyncio

import pytest

from nabij.centre.console.passwords import (
    AT_ONCE,
    LONGEST,
    MOST_WAITING,
    SHORTEST,
    BusyError,
    Passwords,
)
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
    async def flood() -> list[object]:
        passwords = Passwords()
        waiting = [
            asyncio.ensure_future(passwords.fits("", "x")) for _ in range(MOST_WAITING + AT_ONCE)
        ]
        done, _ = await asyncio.wait(waiting, timeout=0.05)
        refused = [one.exception() for one in done if one.exception() is not None]
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        passwords.close()
        return list(refused)

    refused = asyncio.run(flood())
    assert len(refused) == AT_ONCE
    assert all(isinstance(one, BusyError) for one in refused)
