"""Who is logged in: known for a moment without asking the database, whose turn alarms need."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa

from nabij.centre.console.asking import Visitor, visitor_of
from nabij.centre.people import tokens
from nabij.centre.store import Store
from nabij.centre.worker import Worker

Result = TypeVar("Result")
# A session that was ended at another receiver of the same database lasts so long here at most.
KNOWN_S: Final = 2.0
_MOST: Final = 1_000


class Visitors:
    """The sessions of a console. All of the database is asked on the console's one thread."""

    def __init__(self, store: Store, worker: Worker) -> None:
        self._store = store
        self._worker = worker
        self._secret = b""
        self._known: dict[str, tuple[float, Visitor]] = {}

    async def is_ours(self, token: str) -> bool:
        """Whether we made that token, of a session or an invitation; asks no database."""
        return tokens.is_ours(await self.secret(), token)

    async def secret(self) -> bytes:
        """What signs tokens and challenges; asked of the database once."""
        if not self._secret:
            self._secret = await self._worker.run(lambda: self._store.write(tokens.secret_of))
        return self._secret

    async def find(self, token: str) -> Visitor | None:
        """Who has that session now."""
        known = self._known.get(token)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        if not await self.is_ours(token):
            return None
        return await self._worker.run(lambda: self._find(token))

    async def change(self, work: Callable[[sa.Connection], Result]) -> Result:
        """What may change who may what: from then on nobody is known any more."""

        def do() -> Result:
            try:
                return self._store.write(work)
            finally:
                # On the thread that finds them, so none of before is kept after it.
                self._known.clear()

        return await self._worker.run(do)

    def _find(self, token: str) -> Visitor | None:
        now_ms = time.time_ns() // 1_000_000
        found = self._store.write(lambda one: visitor_of(one, token, now_ms))
        if found is not None:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[token] = (time.monotonic() + KNOWN_S, found)
        return found
