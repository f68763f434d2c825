"""A badge that says hello is told what it missed; releases that know no hello work as before."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from badge.core.alarm.book import AlarmBook
from badge.core.codec import cbor, wire
from badge.storage.utc_clock import UtcClock
from nabij.centre.link.incoming import Outcome
from nabij.centre.link.intake import Intake
from nabij.centre.operator import take_action
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.register.enrol import enrol
from nabij.centre.store import BadgeRecord
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.deadline_world import KEY, World
from tests.host.centre.desk import Desk

UP = wire.up_topic("anna")
# What release 1 wrote: an SOS (boot 3, seq 4), and that it is taken; badge b1, key 00 01 02 .. 1f.
ALARM_1 = bytes.fromhex(
    "8257a800010162623102030304040105050702061a6b49d20050ce85112a1c54bb7230096449ca74bf49"
)
STATUS_1 = bytes.fromhex(
    "8253a6000201626231020303040402051a6b49d201505cec76cf697d58d6d617cddff9f3ccc8"
)
# Fields below it are refused by a badge of release 1 unless it knows them.
LATER_1 = 11


class Door:
    """An intake, and who it heard."""

    def __init__(self, world: World) -> None:
        self.heard: list[str] = []
        self.said: list[str] = []
        backlog = Backlog(world.clock.now(), None)
        self.intake = Intake(
            world.store, world.clock, backlog, self.said.append, lambda who, _lag: self._hear(who)
        )

    def _hear(self, badge: str) -> None:
        self.heard.append(badge)

    def hello(self, count: int, *standings: wire.Standing, boot: int = 1) -> list[wire.Status]:
        hello = wire.Hello("anna", boot, count, "0.1.0", 60, 80, standings, *wire.NOWHERE)
        return statuses(self.intake.take(UP, wire.encode_hello(KEY, hello)))


def statuses(outcome: Outcome) -> list[wire.Status]:
    assert outcome.done
    return [wire.decode_status(frame, KEY, "anna") for _topic, frame in outcome.replies]


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


def test_a_hello_makes_its_badge_heard_and_is_answered_by_the_state_of_its_alarms(
    world: World, door: Door
) -> None:
    frame = wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1)
    [receipt] = statuses(door.intake.take(UP, frame))
    assert door.hello(1) == []
    world.centre(world.incident(), wire.STATUS_HELP_COMING)
    missed = wire.Standing(1, 1, 1, 1, receipt.number)
    [told] = door.hello(2, missed, wire.Standing(1, 9, 1, 0, 0))
    assert (told.state, told.rev, told.seq) == (wire.STATUS_HELP_COMING, 1, 1)
    assert told.number > receipt.number
    assert door.heard == ["anna"] * 3
    assert door.said == []


def test_a_replayed_hello_is_not_heard_and_not_answered(world: World, door: Door) -> None:
    door.intake.take(UP, wire.encode_alarm(KEY, "anna", 1, 1, 1, 0, rev=1))
    standing = wire.Standing(1, 1, 1, 0, 0)
    assert len(door.hello(7, standing)) == 1
    heard = len(door.heard)
    assert door.hello(7, standing) == door.hello(6, standing) == []
    assert len(door.heard) == heard
    assert len(door.hello(1, standing, boot=2)) == 1
    assert door.hello(8, standing, boot=1) == []
    world.store.enrol(BadgeRecord("anna", bytes(32), "CN=new", "", 1))
    door.intake.refresh()
    fresh = wire.encode_hello(
        bytes(32), wire.Hello("anna", 1, 1, "0.1.0", 60, 80, (), *wire.NOWHERE)
    )
    heard = len(door.heard)
    assert door.intake.take(UP, fresh).done
    assert len(door.heard) == heard + 1


def test_a_hello_on_the_topic_of_another_or_under_another_key_is_refused(door: Door) -> None:
    hello = wire.Hello("anna", 1, 1, "0.1.0", 60, 80, (), *wire.NOWHERE)
    door.intake.take("nabij/bert/up", wire.encode_hello(KEY, hello))
    door.intake.take(UP, wire.encode_hello(bytes(32), hello))
    assert (door.intake.counts["topic"], door.intake.counts["wire.mac"]) == (1, 1)
    assert (door.heard, len(door.said)) == ([], 2)


def test_a_badge_of_release_1_and_this_receiver_understand_each_other(world: World) -> None:
    world.store.enrol(BadgeRecord("b1", KEY, "CN=b1", "", 0))
    outcome = Door(world).intake.take("nabij/b1/up", ALARM_1)
    [(topic, frame)] = outcome.replies
    assert topic == "nabij/b1/down"
    assert len(world.store.incidents("b1")) == 1
    payload = cbor.decode(cbor.decode(frame)[0])
    assert {field for field in payload if field < LATER_1} == {0, 1, 2, 3, 4, 5}


def test_a_badge_of_release_1_at_a_site_with_a_zone_is_told_local_time_where_it_does_not_look(
    world: World,
) -> None:
    world.store.enrol(BadgeRecord("b1", KEY, "CN=b1", "", 0))
    site = world.store.write(lambda one: persons.add_site(one, "Depot", zone="Asia/Kolkata"))
    team = world.store.write(lambda one: persons.add_team(one, "North", site.id))
    bert = world.store.write(lambda one: persons.add(one, Wanted("Bert", team.id)))
    world.store.write(lambda one: assignments.hand_out(one, "b1", bert.id, 1, "x"))
    [(_topic, frame)] = Door(world).intake.take("nabij/b1/up", ALARM_1).replies
    payload = cbor.decode(cbor.decode(frame)[0])
    assert {field for field in payload if field < LATER_1} == {0, 1, 2, 3, 4, 5}
    assert wire.decode_status(frame, KEY, "b1").offset_quarters == 70


def test_local_time_that_was_told_stays_with_a_receiver_of_release_1() -> None:
    clock = UtcClock(None, "", 0, lambda *_: None)
    clock.offset_told(56, 1)
    status = wire.decode_status(STATUS_1, KEY, "b1")
    clock.offset_told(status.offset_quarters, status.utc_s)
    assert (status.offset_quarters, clock.offset_min) == (None, 120)


def test_this_badge_and_a_receiver_of_release_1_understand_each_other() -> None:
    book = AlarmBook(3)
    for _ in range(4):
        alarm, _ = book.squeeze(0)
    status = wire.decode_status(STATUS_1, KEY, "b1")
    assert (status.rev, status.number) == (None, None)
    assert book.on_status(status, 0)[0] is alarm
    assert alarm.is_delivered()
    assert alarm.heard == 0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver:
        yield desk


def _until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@pytest.mark.requirement("R09")
def test_a_badge_that_was_away_is_told_by_the_receiver_and_not_by_the_broker(desk: Desk) -> None:
    anna = desk.badge("anna")
    anna.connect()
    anna.hello()
    anna.send(1, rev=1)
    receipt = anna.wait_status(1, LONG_S)
    assert receipt is not None
    anna.close()
    [incident] = desk.receiver.store.incidents()
    take_action(desk.state, incident.id, wire.STATUS_TAKEN, by="J. Smit")
    _until(lambda: not desk.receiver.store.owed())
    anna.connect()
    # The broker kept nothing for it.
    assert anna.wait_status(1, 1.0) is None
    anna.hello(wire.Standing(1, 1, 1, receipt.state, receipt.number))
    status = anna.wait_status(1, LONG_S)
    assert status is not None
    assert (status.state, status.number > receipt.number) == (wire.STATUS_TAKEN, True)
    anna.close()


@pytest.mark.requirement("R09")
def test_older_firmware_has_what_it_missed_from_its_session(desk: Desk) -> None:
    anna = desk.badge("anna", older=True)
    anna.connect()
    anna.send(1, rev=1)
    assert anna.wait_status(1, LONG_S) is not None
    anna.close()
    [incident] = desk.receiver.store.incidents()
    take_action(desk.state, incident.id, wire.STATUS_TAKEN, by="J. Smit")
    _until(lambda: not desk.receiver.store.owed())
    anna.connect()
    status = anna.wait_status(1, LONG_S)
    assert status is not None
    assert status.state == wire.STATUS_TAKEN
    anna.close()
