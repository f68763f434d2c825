"""What one of several receivers does at a time: nobody does it twice, and it is never left."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre import operator
from nabij.centre.clocks import Moment
from nabij.centre.database import duties, schema
from nabij.centre.database.duties import WATCHING
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import parsed
from nabij.centre.database.postgresql import Use
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.postgres import Postgres
from tests.waiting import wait_until

KEY = bytes(range(32))
LOCK_TIMEOUT_S = 5.0
NOW = Moment(1_790_000_000_000, 1_000, "epoch")


class Pair:
    """Two receivers' stores on one server."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.one, self.two = self.another("one"), self.another("two")
        self.one.enrol(BadgeRecord("anna", KEY, "CN=anna", "", 0))

    def another(self, name: str, use: Use = Use.SEVERAL) -> Store:
        return Store(StatePaths(self.folder / name), self.url, use)

    def ends(self, store: Store) -> None:
        """Its connection is lost, as when its machine dies."""
        pid = store.read(lambda held: held.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        admin = sa.create_engine(parsed(self.url), poolclass=sa.NullPool)
        with admin.connect() as connection:
            ended = sa.text("SELECT pg_terminate_backend(:pid, 10000)")
            assert connection.execute(ended, {"pid": pid}).scalar_one()


@pytest.fixture
def pair(tmp_path: Path, server: Postgres) -> Iterator[Pair]:
    pair = Pair(tmp_path, server.new_schema())
    yield pair
    pair.one.close()
    pair.two.close()


def test_one_has_a_duty_and_the_other_has_it_when_the_first_is_gone(pair: Pair) -> None:
    assert [pair.one.has_duty(WATCHING), pair.two.has_duty(WATCHING)] == [True, False]
    assert pair.two.has_duty(duties.listening("console"))
    assert pair.one.has_duty(WATCHING)
    pair.one.close()
    # The server ends a connection when it comes to it.
    wait_until(lambda: pair.two.has_duty(WATCHING))


def test_whose_connection_was_lost_knows_that_its_duty_is_anothers(pair: Pair) -> None:
    assert pair.one.has_duty(WATCHING)
    pair.ends(pair.one)
    assert pair.two.has_duty(WATCHING)
    with pytest.raises(StoreError):
        pair.one.has_duty(WATCHING)
    assert not pair.one.has_duty(WATCHING)


def test_a_file_has_one_owner_who_has_all_duties(tmp_path: Path) -> None:
    store = Store(StatePaths(tmp_path), use=Use.SEVERAL)
    assert store.has_duty(WATCHING)
    with pytest.raises(LockedError):
        Store(StatePaths(tmp_path), use=Use.SEVERAL)
    store.close()


def test_who_shares_and_who_does_not_keep_each_other_out(pair: Pair) -> None:
    with pytest.raises(LockedError):
        pair.another("sole", Use.SOLE)
    pair.another("command", Use.PASSING).close()
    pair.one.close()
    pair.two.close()
    sole = pair.another("sole", Use.SOLE)
    for use in (Use.SEVERAL, Use.PASSING):
        with pytest.raises(LockedError):
            pair.another("one", use)
    sole.close()


def test_a_receiver_that_is_frozen_loses_its_connection(pair: Pair) -> None:
    """The machine answers for a process that is stopped: only silence tells."""
    for use, limit in ((Use.SEVERAL, "20s"), (Use.PASSING, "0")):
        store = pair.another("three", use)
        shown = store.read(
            lambda held: held.exec_driver_sql("SHOW idle_session_timeout").scalar_one()
        )
        assert shown == limit
        store.close()


@pytest.mark.requirement("R09")
def test_one_that_stands_still_amid_a_transaction_holds_up_no_alarm_for_long(pair: Pair) -> None:
    """Frozen, or of a machine that died: it has the row of its badge, and the turn of all news."""
    frames = [wire.encode_alarm(KEY, "anna", 1, seq, SOS, 0, rev=1) for seq in (1, 2)]
    first, second = (wire.decode_alarm(frame, lambda _badge: KEY) for frame in frames)
    waited_s: list[float] = []

    def stand_still() -> None:
        with pair.one.batch({"anna"}):
            pair.one.take(first, frames[0], NOW)
            began_s = time.monotonic()
            with pair.two.batch({"anna"}):
                pair.two.take(second, frames[1], NOW)
            waited_s.append(time.monotonic() - began_s)
            pair.one.take(second, frames[1], NOW)

    with pytest.raises(StoreError, match="idle-in-transaction"):
        stand_still()
    assert waited_s[0] < LOCK_TIMEOUT_S
    assert [one.seq for one in pair.two.incidents()] == [2]
    # What it had begun is handed to somebody again.
    pair.one.take(first, frames[0], NOW)
    assert sorted(one.seq for one in pair.two.incidents()) == [1, 2]


@pytest.mark.requirement("R09")
def test_an_alarm_that_both_receive_at_once_is_one_incident(pair: Pair) -> None:
    """Each merges copies of ten alarms, in opposite orders, in commits of several."""
    frames = [
        wire.encode_alarm(KEY, "anna", 1, seq, SOS, 0, rev=rev)
        for seq in range(1, 11)
        for rev in (1, 2)
    ]
    both = threading.Barrier(2)
    failed: list[BaseException] = []

    def take(store: Store, order: list[bytes]) -> None:
        try:
            both.wait()
            for begin in range(0, len(order), 4):
                with store.batch(["anna"]):
                    for frame in order[begin : begin + 4]:
                        message = wire.decode_alarm(frame, lambda _badge: KEY)
                        store.take(message, frame, NOW)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [
        threading.Thread(target=take, args=(pair.one, frames)),
        threading.Thread(target=take, args=(pair.two, frames[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [one.seq for one in sorted(pair.one.incidents(), key=lambda one: one.seq)] == list(
        range(1, 11)
    )
    assert len(pair.two.untold()) == 10


def test_what_is_done_beside_receivers_elsewhere_says_whether_one_tells_the_badge(
    pair: Pair,
) -> None:
    for seq in (1, 2):
        frame = wire.encode_alarm(KEY, "anna", 1, seq, SOS, 0)
        pair.one.take(wire.decode_alarm(frame, lambda _badge: KEY), frame, NOW)
    pair.another("desk", Use.PASSING).close()
    desk = pair.folder / "desk"
    assert pair.two.has_duty(WATCHING)
    assert operator.take_action(desk, 1, wire.STATUS_TAKEN).served
    assert [one.state for one in pair.two.owed()] == [wire.STATUS_TAKEN]
    pair.one.close()
    pair.two.close()
    assert not operator.take_action(desk, 2, wire.STATUS_TAKEN).served


def test_a_receiver_elsewhere_that_shares_with_nobody_is_named(pair: Pair) -> None:
    pair.another("desk", Use.PASSING).close()
    pair.one.close()
    pair.two.close()
    sole = pair.another("sole", Use.SOLE)
    with pytest.raises(NabijError, match="runs on another machine and shares that with nobody"):
        operator.take_action(pair.folder / "desk", 1, wire.STATUS_TAKEN)
    assert operator.open_incidents(pair.folder / "desk") == []
    sole.close()


def test_tables_of_another_release_are_read_once_they_are_converted(pair: Pair) -> None:
    pair.another("desk", Use.PASSING).close()
    newest = schema.revision.c.version_num
    other = schema.revision.update().values(version_num="9999")
    pair.one.write(lambda connection: connection.execute(other))
    with pytest.raises(NabijError, match="schema version 9999 and this nabij knows"):
        operator.open_incidents(pair.folder / "desk")
    assert pair.one.read(lambda held: held.execute(sa.select(newest)).scalar_one()) == "9999"


def test_the_time_of_day_is_asked_of_the_server(pair: Pair, tmp_path: Path) -> None:
    told_ms = pair.one.read(duties.time_of_day_ms)
    assert told_ms is not None
    assert told_ms > NOW.wall_ms
    store = Store(StatePaths(tmp_path / "file"))
    assert store.read(duties.time_of_day_ms) is None
    store.close()
