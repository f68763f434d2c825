"""Passwords: Argon2id, at most two at once and never on the event loop.

A hash takes 64 MB and a third of a second: fifty at once would take the memory and the processor
that alarms need.
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nabij.errors import NabijError, UsageError

AT_ONCE: Final = 2
# Those who wait beyond this are asked to come back: a flood must not be a queue of minutes.
MOST_WAITING: Final = 20
_NICE: Final = 10
SHORTEST: Final = 12
LONGEST: Final = 256
Result = TypeVar("Result")


class BusyError(NabijError):
    """Too many log-ins at once."""


class Passwords:
    """Hashes and checks; `close` ends its threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(
            AT_ONCE, thread_name_prefix="nabij-password", initializer=_yield_to_alarms
        )
        self._waiting = 0
        # What an unknown login is compared with: its answer must not come sooner.
        self._nobodys = self._hasher.hash("nobody has this password")

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who log in, for all that is done for one of them.

        BusyError when all are taken: whoever has none costs the database, which alarms need,
        nothing.
        """
        if self._waiting >= MOST_WAITING:
            raise BusyError("Too many people log in at once: try again in half a minute.")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def hash(self, password: str) -> str:
        """The hash to keep; UsageError for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(f"A password has {SHORTEST} to {LONGEST} characters: choose another.")
        return await self._run(partial(self._hasher.hash, password))

    async def fits(self, password_hash: str, password: str) -> bool:
        """Whether it is the password; takes as long for an empty hash, and never fits that."""
        compared = password_hash or self._nobodys
        fits = await self._run(partial(self._check, compared, password[:LONGEST]))
        return bool(fits and password_hash)

    def is_old(self, password_hash: str) -> bool:
        """Whether the password should be hashed anew, with what is asked for today."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads, after what they are at."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _check(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _yield_to_alarms() -> None:
    """Whatever a flood of log-ins takes of the processor, alarms take first: of this thread."""
    # Linux has a priority for each thread; elsewhere it would be that of the whole receiver.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
