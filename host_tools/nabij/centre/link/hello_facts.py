"""What hellos tell of the link: how often a sign is promised, and why there was no network."""

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.incidents import outages, shifts
from nabij.centre.incidents.outages import Outage
from nabij.centre.store import Store, StoreError


class HelloFacts:
    """Keeps what hellos told in one commit of all. `refused` is given why that could not be."""

    def __init__(self, store: Store, refused: Callable[[StoreError], None]) -> None:
        self._store = store
        self._refused = refused
        self._told: dict[str, int] = {}
        # And when that was heard.
        self._out: dict[str, tuple[Outage | None, int]] = {}

    def hear(self, hello: wire.Hello, frame: bytes, heard_ms: int) -> None:
        """A hello that is no replay came in, in that frame, at that time (ms since 1970 UTC)."""
        self._told[hello.badge] = hello.keepalive_s
        self._out[hello.badge] = Outage.told(frame, heard_ms), heard_ms

    def keep(self) -> None:
        """What the database refuses comes again with the badge's next hello."""
        told, self._told = self._told, {}
        out, self._out = self._out, {}
        if not told:
            return
        try:
            self._store.write(partial(_note, told=told, out=out))
        except StoreError as error:
            self._refused(error)


def _note(
    connection: sa.Connection, told: dict[str, int], out: dict[str, tuple[Outage | None, int]]
) -> None:
    shifts.note_keepalives(connection, told)
    for badge, (outage, heard_ms) in sorted(out.items()):
        outages.keep(connection, badge, outage, heard_ms)
