"""A receiver and a keeper as processes of their own: nothing in the clear, and nothing waits."""

import datetime as dt
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from badge.core.codec import place as wire_place
from badge.core.codec import wire
from nabij.centre import beside
from nabij.centre.database import place_tables
from nabij.centre.database.location_tables import sealed_position
from nabij.centre.incidents import sightings
from nabij.centre.location import consent
from nabij.centre.location.consent import Wanted
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Wanted as Person
from nabij.centre.privacy import terms
from nabij.centre.register.enrol import enrol, take_in
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.keeper.kept import Kept
from tests.host.centre.served import Served, nabij
from tests.waiting import wait_until

AT = wire_place.Position(520907123, 51214321, 12, 0, wire_place.SATELLITES)


@pytest.fixture
def state(each_engine: str, tmp_path: Path) -> Path:
    """A receiver with one badge that somebody has, and whose works council consented."""
    assert each_engine
    enrol(tmp_path, "anna")
    paths = StatePaths(tmp_path)
    store = Store(paths)
    take_in(paths, store)
    now_ms = time.time_ns() // 1_000_000
    today = consent.day_of(now_ms)

    def fill(one: sa.Connection) -> None:
        person = persons.add(one, Person("Anna"))
        assignments.hand_out(one, "anna", person.id, now_ms - 60_000, "desk")
        wanted = Wanted("OR", "OR-1", today, today + dt.timedelta(9))
        consent.note(one, wanted, now_ms, "desk")
        terms.keep(one, "location", 1, "to find people", by="desk", now_ms=now_ms)

    store.write(fill)
    store.close()
    return tmp_path


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    one = Kept(tmp_path_factory.mktemp("k"))
    yield one
    one.process.send_signal(signal.SIGCONT)
    one.end()


def rows(state: Path, table: sa.Table) -> list[sa.RowMapping]:
    read = sa.select(table)
    return beside.read(StatePaths(state), lambda one: list(one.execute(read).mappings()))


def files_with(folder: Path, text: bytes) -> list[str]:
    found = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    return [one.name for one in found if text in one.read_bytes()]


def test_nothing_is_in_the_clear_until_the_alarm(state: Path, kept: Kept) -> None:
    served = Served(state, "--keeper", str(kept.socket))
    served.line()
    client = BadgeClient(state / "badges" / "anna", port=served.port)
    client.connect()
    client.insist(1, utc_s=int(time.time()), flags=wire.FLAG_TEST, watch_s=3600)
    client.hello(where=(AT, None, None))
    wait_until(lambda: rows(state, sealed_position))
    position = b"".join(bytes([0x1A]) + one.to_bytes(4, "big") for one in (AT.lat_e7, AT.lon_e7))
    wait_until(lambda: files_with(state, position) == [])
    for text in (position, str(AT.lat_e7).encode()):
        assert files_with(state, text) == []
        assert files_with(kept.folder, text) == []
    # A keeper that is stopped in its tracks keeps no alarm waiting.
    kept.process.send_signal(signal.SIGSTOP)
    client.hello(where=(AT._replace(lat_e7=1), None, None))
    began_s = time.monotonic()
    client.insist(2, utc_s=int(time.time()))
    took_s = time.monotonic() - began_s
    assert took_s < 3.0
    told: list[str] = []

    def is_told() -> bool:
        told.append(nabij("status", "--state", state).stdout)
        return "THE KEEPER IS AWAY" in told[-1]

    wait_until(is_told, pause_s=2.0)
    assert "Location outside alarms: 1 sealed" in told[-1]
    assert rows(state, place_tables.sighting) == []
    kept.process.send_signal(signal.SIGCONT)
    wait_until(lambda: rows(state, place_tables.sighting))
    [found] = rows(state, place_tables.sighting)
    assert (found["lat_e7"], found["rev"]) == (AT.lat_e7, sightings.BEFORE)
    client.close()
    code, _, errors = served.end(signal.SIGTERM)
    assert code == 0
    assert "fault" not in errors
    log = nabij("keeper", "log", kept.folder).stdout
    assert log.count("opened") == 1
    compared = nabij("location", "compare", kept.folder / "log.jsonl", "--state", state)
    assert compared.returncode == 0, compared.stdout
