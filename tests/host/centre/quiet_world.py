"""A receiver without its broker: the test says who is connected, and moves the clocks."""

import itertools
from collections.abc import Collection
from pathlib import Path
from typing import Any

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.database.events import TERMINAL
from nabij.centre.incidents import handling
from nabij.centre.incidents.handling import Action, Dossier
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.incidents.words import QUIET
from nabij.centre.link.intake import Intake
from nabij.centre.store import BadgeRecord, Store
from nabij.centre.watch.deadlines import Backlog, DeadlineWatch
from nabij.centre.watch.quiet import DEFAULT_MIN, QuietWatch, check_minutes
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import FakeClock

LIMIT_S = DEFAULT_MIN * 60
LOOK_S = 5
SHIFT_S = 4 * 3600
KEYS = {"anna": bytes(range(32)), "bert": bytes(range(32, 64))}
_requests = itertools.count(1)


class QuietWorld:
    """A database, an intake and a watch for silence; `connected` is what the broker would say."""

    def __init__(self, folder: Path, quiet_min: int = DEFAULT_MIN) -> None:
        self.folder = folder
        self.quiet_min = quiet_min
        self.clock = FakeClock()
        self.said: list[str] = []
        self.told: list[News] = []
        self.connected: set[str] = set()
        self.broker = 1
        self._store = Store(StatePaths(folder))
        for badge, key in KEYS.items():
            self.enrol(badge, key)
        self._begin()

    @property
    def store(self) -> Store:
        return self._store

    def close(self) -> None:
        self._store.close()

    def restart(self, down_s: float = 0) -> None:
        """The process ends here, and after a while another begins."""
        self._store.close()
        self.clock.wait(down_s)
        self._store = Store(StatePaths(self.folder))
        self._begin()

    def enrol(self, badge: str, key: bytes) -> None:
        self._store.enrol(BadgeRecord(badge, key, f"CN={badge}", badge.title(), 0))

    def frame(self, badge: str, boot: int, seq: int, **fields: Any) -> bytes:
        fields = {"kind": kinds.SOS, "age_ms": 0, "rev": 1, **fields}
        key = fields.pop("key", KEYS[badge])
        encoded: bytes = wire.encode_alarm(key, badge, boot, seq, **fields)
        return encoded

    def send(self, frame: bytes, badge: str = "anna") -> None:
        outcome = self.intake.take(wire.up_topic(badge), frame)
        assert outcome.done
        for news_id in outcome.news:
            self.tell(news_id)

    def shift(
        self, badge: str = "anna", boot: int = 1, seq: int = 1, watch_s: int | None = SHIFT_S
    ) -> bytes:
        """The test at the start of a shift, from a badge that is connected; its frame."""
        self.connected.add(badge)
        frame = self.frame(badge, boot, seq, flags=wire.FLAG_TEST, watch_s=watch_s)
        self.send(frame, badge)
        self.told.clear()
        return frame

    def hello(self, count: int, keepalive_s: int, badge: str = "anna") -> None:
        """The badge says hello, and each how many seconds there is a sign of it."""
        said = wire.Hello(badge, 1, count, "0.1.0", keepalive_s, None, (), *wire.NOWHERE)
        outcome = self.intake.take(wire.up_topic(badge), wire.encode_hello(KEYS[badge], said))
        assert outcome.done

    def wait(self, seconds: float, *, looks: bool = True) -> None:
        """Let time pass, looking every few seconds unless the broker does not answer."""
        end_ms = self.clock.true_ms + round(seconds * 1000)
        while self.clock.true_ms < end_ms:
            self.clock.wait(min(LOOK_S, (end_ms - self.clock.true_ms) / 1000))
            if looks:
                self.look()
            self.quiet.check_sight()
        self.deadlines.tick()

    def look(self) -> None:
        self.quiet.look(frozenset(self.connected), self.broker)

    def leaves(self, *badges: str) -> None:
        self.connected.difference_update(badges or ("anna",))

    def returns(self, badge: str = "anna") -> None:
        """It is connected again, and that is seen."""
        self.connected.add(badge)
        self.wait(LOOK_S)

    def silences(self, badge: str = "anna") -> list[Incident]:
        return [one for one in self.store.incidents(badge) if one.kind == QUIET]

    def dossier(self, incident: Incident) -> Dossier:
        found = self.store.read(lambda connection: handling.dossier(connection, incident.id))
        assert found is not None
        return found

    def centre(self, incident: Incident, state: int) -> None:
        at_ms = self.clock.now().wall_ms
        news = self.store.take_action(
            Action(f"r{next(_requests)}", incident.id, state, at_ms, "J. Smit", "")
        )
        assert news is not None
        self.tell(news)
        self.told.clear()

    def heard(self) -> list[str]:
        """What the listeners were told since the last call."""
        found, self.told = self.told, []
        return [str(change.what) for change in found]

    def watched(self) -> Collection[str]:
        return {one.badge for one in self.store.shifts() if one.due_steady_ms is not None}

    def _begin(self) -> None:
        self.deadlines = DeadlineWatch(
            self._store, self.clock, tell=self.tell, say=self.said.append
        )
        last = self.deadlines.last_alive
        self.quiet = QuietWatch(
            self._store,
            self.clock,
            tell=self.tell,
            say=self.said.append,
            limit_ms=check_minutes(self.quiet_min),
            last_ms=None if last is None else last.wall_ms,
        )
        self.backlog = Backlog(self.clock.now(), last)
        self.backlog.up(self.clock.now())
        self.intake = Intake(
            self._store, self.clock, self.backlog, self.said.append, self.quiet.spoke
        )

    def tell(self, news_id: int) -> None:
        """The listeners hear of it, as from the receiver."""
        self.told += self._store.news((news_id,))
        self._store.told(TERMINAL, news_id)
