"""A receiver's database with clocks that a test moves, and messages of one badge."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from badge.core.alarm.kinds import AMBER
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import schema
from nabij.centre.database.events import TERMINAL
from nabij.centre.incidents.handling import Action
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.news import News
from nabij.centre.store import BadgeRecord, Store
from nabij.centre.watch.deadlines import DeadlineWatch
from nabij.paths import StatePaths

KEY = bytes(range(32))
START_MS = 1_790_000_000_000
_requests = itertools.count(1)


class FakeClock:
    """True time goes on in one direction; the machine's clocks are what people make of it."""

    def __init__(self) -> None:
        self.true_ms = 0
        self.wall_ahead_ms = START_MS
        self.booted_ms = -3_600_000
        self.epoch = 1
        # How often somebody has asked what time it is.
        self.looks = 0

    def now(self) -> Moment:
        self.looks += 1
        steady_ms = self.true_ms - self.booted_ms
        return Moment(self.true_ms + self.wall_ahead_ms, steady_ms, f"epoch-{self.epoch}")

    def wait(self, seconds: float) -> None:
        self.true_ms += round(seconds * 1000)

    def set_forward(self, seconds: float) -> None:
        """Somebody sets the time of day; negative is back."""
        self.wall_ahead_ms += round(seconds * 1000)

    def reboot(self) -> None:
        """The machine starts again: a new epoch."""
        self.epoch += 1
        self.booted_ms = self.true_ms


def message(boot: int = 1, seq: int = 1, **fields: Any) -> wire.AlarmMessage:
    """As it arrives at the intake."""
    fields = {"kind": AMBER, "age_ms": 0, "rev": 1, **fields}
    frame = wire.encode_alarm(KEY, "anna", boot, seq, **fields)
    found: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
    return found


@dataclass
class Answer:
    """What the badge is told."""

    state: int
    rev: int


@dataclass
class World:
    """A database, a clock, and a watch that ticks when told."""

    folder: Path
    grace_s: float = 0
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)
    told: list[News] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(StatePaths(self.folder))
        self.store.enrol(BadgeRecord("anna", KEY, "CN=anna", "A. de Vries", 0))
        self._watch()

    def close(self) -> None:
        self.store.close()

    def restart(self) -> None:
        """The process ends here and another begins with what is on the disk."""
        self.store.close()
        self.store = Store(StatePaths(self.folder))
        self._watch()

    def take(self, what: wire.AlarmMessage, lag_ms: int = 0) -> Answer:
        taken = self.store.take(what, b"frame", self.clock.now(), lag_ms)
        for news_id in taken.news:
            self.tell(news_id)
        return Answer(taken.state, taken.rev)

    def centre(self, incident: Incident | None, state: int) -> None:
        """Somebody at the centre moves the incident on."""
        assert incident is not None
        at_ms = self.clock.now().wall_ms
        action = Action(f"request-{next(_requests)}", incident.id, state, at_ms, "J. Smit", "")
        self.store.take_action(action)

    def tick(self) -> None:
        self.watch.tick()

    def wait(self, seconds: float) -> None:
        """Let time pass, looking once at its end."""
        self.clock.wait(seconds)
        self.tick()

    def incident(self, boot: int = 1, seq: int = 1) -> Incident | None:
        """The incident of a key; there is never more than one."""
        columns = schema.incident.c
        key = sa.and_(columns.boot == boot, columns.seq == seq)
        # Among thousands, one by its key.
        query = sa.select(schema.incident).where(key)
        rows = self.store.read(lambda connection: connection.execute(query).mappings().all())
        found = [Incident(**row) for row in rows]
        assert len(found) <= 1
        return found[0] if found else None

    def heard(self) -> list[What]:
        """What the listeners were told since the last call."""
        found, self.told = self.told, []
        return [change.what for change in found]

    def _watch(self) -> None:
        self.watch = DeadlineWatch(
            self.store, self.clock, tell=self.tell, say=self.said.append, grace_s=self.grace_s
        )

    def tell(self, news_id: int) -> None:
        """The listeners hear of it, as from the receiver."""
        self.told += self.store.news((news_id,))
        self.store.told(TERMINAL, news_id)
