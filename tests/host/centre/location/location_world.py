"""A receiver's records with one wearer, a keeper on a socket, and what carries between them."""

import asyncio
import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import place, wire
from nabij.centre.database.location_tables import sealed_position
from nabij.centre.database.people_schema import audit
from nabij.centre.incidents import whereabouts
from nabij.centre.incidents.whereabouts import Spot
from nabij.centre.keeper.door import Door
from nabij.centre.keeper.keeper import Keeper
from nabij.centre.location import consent
from nabij.centre.location.consent import Wanted
from nabij.centre.location.location import Location
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Wanted as Person
from nabij.centre.privacy import terms
from tests.host.centre.deadline_world import KEY, World
from tests.host.centre.keeper.keeper_world import KEEP_MS
from tests.waiting import wait_until

AT = place.Position(520907123, 51214321, 12, 3, place.SATELLITES)
HOURS = 8
LOOK_S = 0.1
# After which all that was to happen has happened.
SOON_S = 3 * LOOK_S


@dataclass
class LocationWorld:
    """`stand` is where its socket is; the keeper's folder is beside it."""

    stand: Path
    world: World
    keeper_user: int
    seq: int = 0
    hellos: int = 0
    told: int = 0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = self.stand / "socket"
        self.location = Location(self.socket, self.world.clock, LOOK_S)
        self.store = self.world.store
        self._stop = threading.Event()
        self._serving: threading.Thread | None = None

    def tell(self, _news: tuple[int, ...]) -> None:
        """What a receiver does when something happened."""
        self.told += 1

    def changed(self) -> None:
        """What a receiver does when a page is to look again."""

    def open_keeper(self) -> None:
        """A keeper takes up its folder and listens."""
        self._stop = threading.Event()
        self.keeper = Keeper(self.stand / "keeper", self.world.clock, self.said.append, KEEP_MS)
        door = Door(self.keeper, self.socket, self.keeper_user, self.said.append)
        self._serving = threading.Thread(target=door.serve, args=(self._stop,), daemon=True)
        self._serving.start()

    def close_keeper(self) -> None:
        self._stop.set()
        if self._serving is not None:
            self._serving.join()

    def start(self) -> None:
        asyncio.run(self.location.start(self))

    def stop(self) -> None:
        asyncio.run(self.location.stop())

    def hand_out(self, name: str = "Anna", **fields: Any) -> int:
        """The badge is theirs from now on."""
        now_ms = self.world.clock.now().wall_ms

        def give(one: sa.Connection) -> int:
            person = persons.add(one, Person(name, **fields))
            holder = assignments.now(one, "anna")
            had_by = None if holder is None else holder.person_id
            assignments.hand_out(one, "anna", person.id, now_ms, "desk", had_by=had_by)
            return person.id

        return self.store.write(give)

    def consent(self, days: int = 300, **fields: Any) -> None:
        now_ms = self.world.clock.now().wall_ms
        today = consent.day_of(now_ms)
        wanted = Wanted("OR", "OR-1", today, today + dt.timedelta(days), **fields)

        def note(one: sa.Connection) -> None:
            consent.note(one, wanted, now_ms, "desk")
            terms.keep(one, "location", 1, "to find people", by="desk", now_ms=now_ms)

        self.store.write(note)

    def agree(self, **fields: Any) -> None:
        """Anna wears the badge, the works council agrees, and she begins her shift."""
        self.hand_out()
        self.consent(**fields)
        self.begin_shift()

    def begin_shift(self, hours: int = HOURS) -> None:
        self.send(kinds.SOS, flags=wire.FLAG_TEST, watch_s=hours * 3600)

    def send(self, kind: int = kinds.SOS, **fields: Any) -> wire.AlarmMessage:
        """The badge's next alarm arrives."""
        self.seq += 1
        now = self.world.clock.now()
        fields = {"rev": 1, "utc_s": now.wall_ms // 1000, **fields}
        frame = wire.encode_alarm(KEY, "anna", 1, self.seq, kind, 0, **fields)
        message: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
        self.store.take(message, frame, now)
        if message.watch_s:
            self.location.begin(message, frame)
        return message

    def hello(self, position: place.Position | None = AT, **fields: Any) -> None:
        """The badge tells where it is."""
        self.hellos += 1
        where = (position, fields.get("cell"), fields.get("zone"))
        said = wire.Hello("anna", 1, self.hellos, "0.1.0", 60, 80, (), *where)
        self.location.hear(said, self.world.clock.now().wall_ms)

    def sealed(self) -> list[sa.RowMapping]:
        rows = self.store.read(
            lambda one: one.execute(sa.select(sealed_position)).mappings().all()
        )
        return list(rows)

    def wait_sealed(self, count: int = 1) -> None:
        wait_until(lambda: len(self.sealed()) == count)

    def position(self, incident: int) -> Spot | None:
        """The best fix of an incident."""
        now_ms = self.world.clock.now().wall_ms
        return self.store.read(lambda one: whereabouts.one_of(one, incident).best_fix(now_ms))

    def audit(self, by: str = "keeper") -> list[tuple[str, str]]:
        query = sa.select(audit.c.what, audit.c.detail).where(audit.c.by == by)
        rows = self.store.read(lambda one: one.execute(query.order_by(audit.c.id)).all())
        return [(row.what, row.detail) for row in rows]


@contextlib.contextmanager
def running(one: LocationWorld) -> Iterator[LocationWorld]:
    """With its keeper and its location, both ended afterwards."""
    one.open_keeper()
    one.start()
    try:
        yield one
    finally:
        one.stop()
        one.close_keeper()
