"""One broker of several: run here, and told by the database whom to let in.

The list is a file. So badges connect while no receiver and no database is there; whoever was
enrolled or revoked meanwhile is seen when it is back.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.cluster import EVERYWHERE
from nabij.centre.complaints import Complaint
from nabij.centre.database import admitted
from nabij.centre.link.broker import Broker
from nabij.centre.link.broker_config import write_users
from nabij.centre.link.floods import REFUSED_MS
from nabij.centre.link.peer import Folder, read_peer
from nabij.centre.store import StoreError
from nabij.errors import NabijError
from nabij.paths import StatePaths

LOOK_S: Final = 1.0
# The server reads so many users a second when it reads its list again: of many, those who were
# enrolled meanwhile wait, and whoever is revoked does not.
_USERS_A_SECOND: Final = 2_000
MOST_PAUSE_S: Final = 60.0

_Found = tuple[admitted.Stamp, dict[str, int]]


class Node:
    """Runs the broker of a folder of `nabij cluster init`. `say` gets a sentence."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None],
        listen: str = EVERYWHERE,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._paths = StatePaths(folder)
        self.peer = read_peer(folder)
        self._say = say
        self._now_s = now_s
        certificates = Folder(self._paths.pki)
        self.broker = Broker(
            self._paths, certificates, listen=listen, port=self.peer.port, say=say, peer=self.peer
        )
        self._complaint = Complaint(say, "The database is read again: who is enrolled is let in.")
        self._stamp: admitted.Stamp | None = None
        self._subjects: dict[str, str] = {}
        # When each badge began to be held back, as the database has it; until when by our clock.
        self._held: dict[str, tuple[int, float]] = {}
        self._refused: frozenset[str] = frozenset()
        self._next_s = 0.0

    def __enter__(self) -> Self:
        """Start; NabijError when the broker does not, or nobody has ever said whom to let in."""
        try:
            self.look()
        except StoreError as error:
            if not self._paths.broker_users.exists():
                raise
            self._complaint.found(self._waits(error))
        self.broker.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.broker.stop()

    def tick(self) -> None:
        """To be called every second: mends the broker, and renews its list when it changed."""
        self.broker.mend_store()
        if self.broker.does_not_start() and self._stamp is not None:
            self._write()
            self.broker.reload()
        try:
            changed = self.look()
        except NabijError as error:
            self._complaint.found(self._waits(error))
            return
        self._complaint.over()
        if changed:
            self.broker.reload()

    def look(self) -> bool:
        """Bring the list up to date; whether it changed. StoreError when it cannot be read."""
        stamp, held = beside.read(self._paths, _find)
        now_s = self._now_s()
        for badge, at_ms in held.items():
            if self._held.get(badge, (None,))[0] != at_ms:
                # One from before our start has had its time.
                for_s = 0.0 if self._stamp is None else REFUSED_MS / 1000
                self._held[badge] = (at_ms, now_s + for_s)
        refused = frozenset(one for one, (_at, end_s) in self._held.items() if end_s > now_s)
        subjects = self._subjects
        if stamp != self._stamp:
            subjects = beside.read(self._paths, admitted.subjects)
        is_out = any(subjects.get(one) != subject for one, subject in self._subjects.items())
        if subjects == self._subjects and refused == self._refused and self._stamp is not None:
            self._stamp = stamp
            return False
        if now_s < self._next_s and not is_out and refused == self._refused:
            return False
        self._stamp, self._subjects, self._refused = stamp, subjects, refused
        self._next_s = now_s + min(MOST_PAUSE_S, len(subjects) / _USERS_A_SECOND)
        return self._write()

    def _write(self) -> bool:
        users = {
            one: subject for one, subject in self._subjects.items() if one not in self._refused
        }
        return write_users(self._paths, self.peer.receiver, self.peer.observer, users)

    def _waits(self, error: NabijError) -> str:
        return f"Badges that are enrolled or revoked now have to wait. {error.sentence}"


def _find(connection: sa.Connection) -> _Found:
    return admitted.stamp(connection), admitted.held(connection)
