"""Deadlines at the receiver: due in time whatever happens to the badge, the process, the clock."""

import json

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import AMBER, CHECK_IN, MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.database import schema
from nabij.centre.incidents.merge import What
from nabij.centre.worker import Worker
from tests.host.centre.databases import database_of, on_sqlite
from tests.host.centre.deadline_world import World, message
from tests.host.centre.loops import recurring
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("each_engine")

CANCEL = wire.FLAG_CANCELLED
DURESS = wire.FLAG_DURESS
FALSE_ALARM = wire.FLAG_FALSE_ALARM


@pytest.mark.requirement("R04")
@pytest.mark.parametrize("kind", [AMBER, CHECK_IN])
def test_dead_badge_becomes_an_incident_when_its_deadline_comes_due(
    world: World, kind: int
) -> None:
    answer = world.take(message(kind=kind, due_s=600))
    assert (answer.state, answer.rev) == (wire.STATUS_RECEIVED, 1)
    assert world.heard() == [What.DEADLINE]
    world.wait(599)
    assert world.incident() is None
    world.wait(1)
    incident = world.incident()
    assert incident is not None
    assert world.heard() == [What.OPENED]
    assert incident.age_ms == 600_000
    sentence = incident.sentence()
    for words in ("A. de Vries (badge anna)", "set 10 min 0 s ago", "last heard 10 min 0 s ago"):
        assert words in sentence
    assert ("AMBER EXPIRED" if kind == AMBER else "CHECK-IN MISSED") in sentence
    world.wait(3600)
    assert world.heard() == []


def test_alarm_of_the_badge_joins_the_incident_that_the_receiver_opened(world: World) -> None:
    world.take(message(due_s=60))
    world.wait(60)
    opened = world.incident()
    answer = world.take(message(rev=2, age_ms=61_000))
    assert (answer.state, answer.rev) == (wire.STATUS_RECEIVED, 2)
    joined = world.incident()
    assert opened is not None
    assert joined is not None
    assert joined.id == opened.id
    assert world.heard() == [What.DEADLINE, What.OPENED, What.JOINED]
    world.take(message(rev=2, age_ms=63_000, attempt=2))
    assert world.heard() == []
    assert len(world.store.transmissions(joined.id)) == 3


def test_squeeze_turns_an_amber_red_in_one_incident(world: World) -> None:
    world.take(message(due_s=600))
    world.take(message(kind=SOS, rev=2))
    world.wait(600)
    incident = world.incident()
    assert incident is not None
    assert incident.kind_name == "sos"
    assert world.heard() == [What.DEADLINE, What.OPENED]


def test_squeeze_on_an_expired_amber_escalates_its_incident(world: World) -> None:
    world.take(message(due_s=60))
    world.wait(60)
    world.heard()
    world.take(message(kind=SOS, rev=2))
    assert world.heard() == [What.JOINED, What.ESCALATED]
    incident = world.incident()
    assert incident is not None
    assert incident.kind_name == "sos"


@pytest.mark.parametrize("attempts", [1, 2])
def test_ended_deadline_never_comes_due_and_no_replay_revives_it(
    world: World, attempts: int
) -> None:
    first, extended = message(due_s=60), message(due_s=90, rev=2)
    world.take(first)
    world.take(extended)
    for attempt in range(1, attempts + 1):
        answer = world.take(message(due_s=0, flags=CANCEL, rev=3, attempt=attempt))
        assert (answer.state, answer.rev) == (wire.STATUS_RECEIVED, 3)
    assert world.heard() == [What.DEADLINE, What.EXTENDED, What.ENDED]
    for stale in (first, extended):
        assert world.take(stale).rev == 3
    world.wait(10_000)
    assert world.incident() is None
    assert world.store.running() == 0


@pytest.mark.requirement("R09")
def test_check_in_under_duress_is_an_incident_and_its_deadline_runs_on(world: World) -> None:
    """The badge is told no more than after any check-in: who is watched must not be given away."""
    world.take(message(kind=CHECK_IN, due_s=60))
    plain = world.take(message(kind=CHECK_IN, due_s=60, rev=2))
    world.heard()
    forced = world.take(message(kind=CHECK_IN, due_s=60, rev=3, flags=DURESS))
    assert forced.state == plain.state == wire.STATUS_RECEIVED
    incident = world.incident()
    assert incident is not None
    assert "DURESS (check in)" in incident.sentence()
    assert world.heard() == [What.OPENED]
    world.centre(incident, wire.STATUS_TAKEN)
    assert world.take(message(kind=CHECK_IN, due_s=60, rev=3, flags=DURESS)).state == plain.state
    world.heard()
    world.wait(60)
    assert world.heard() == [What.DUE_AGAIN]


def test_stale_and_repeated_deadlines_postpone_nothing(world: World) -> None:
    """The same frame kept back and delivered again and again, by a broker that lies."""
    first, second = message(due_s=600), message(due_s=60, rev=2)
    world.take(first)
    world.take(second)
    for _ in range(59):
        world.wait(1)
        world.take(first)
        world.take(second)
        assert world.incident() is None
    world.wait(1)
    assert world.incident() is not None


def test_extension_moves_a_deadline_also_to_an_earlier_time(world: World) -> None:
    world.take(message(due_s=60))
    world.wait(50)
    world.take(message(due_s=60, rev=2))
    world.wait(50)
    assert world.incident() is None
    world.take(message(due_s=5, rev=3))
    world.wait(5)
    assert world.incident() is not None


def test_extension_of_an_open_incident_is_watched_beside_it(world: World) -> None:
    """Out of coverage the wearer checked in; the incident was opened; now both run on."""
    world.take(message(kind=CHECK_IN, due_s=60))
    world.wait(60)
    world.heard()
    assert world.take(message(kind=CHECK_IN, due_s=60, rev=2)).state == wire.STATUS_RECEIVED
    assert world.heard() == [What.EXTENDED]
    world.wait(60)
    assert world.heard() == [What.DUE_AGAIN]
    incident = world.incident()
    assert incident is not None
    world.centre(incident, wire.STATUS_CLOSED)
    world.take(message(kind=CHECK_IN, due_s=60, rev=3))
    world.heard()
    world.wait(60)
    assert world.heard() == [What.REOPENED]
    reopened = world.incident()
    assert reopened is not None
    assert reopened.state == wire.STATUS_RECEIVED


def test_closing_an_incident_ends_the_deadline_that_runs_beside_it(world: World) -> None:
    world.take(message(due_s=60))
    world.wait(60)
    world.take(message(due_s=60, rev=2))
    incident = world.incident()
    assert incident is not None
    world.centre(incident, wire.STATUS_CLOSED)
    assert world.take(message(due_s=60, rev=2, attempt=2)).state == wire.STATUS_CLOSED
    world.heard()
    world.wait(60)
    assert world.heard() == []


@pytest.mark.parametrize("kind", [MAN_DOWN, SOS, 200])
def test_anything_that_happens_to_a_person_escalates_a_deadline_that_nobody_answered(
    world: World, kind: int
) -> None:
    """Also a kind of the future: what it is nobody knows, but it is no deadline."""
    world.take(message(kind=CHECK_IN, due_s=60))
    world.wait(60)
    world.take(message(kind=kind, rev=2))
    assert What.ESCALATED in [change.what for change in world.told]


def test_alarm_counts_even_when_something_newer_ended_it_first(world: World) -> None:
    """No badge says that; should one do, the alarm weighs more."""
    world.take(message(due_s=0, flags=CANCEL, rev=3))
    assert world.incident() is None
    world.take(message(kind=SOS, rev=2))
    assert world.incident() is not None


def test_check_ins_that_go_well_are_routine_and_ambers_are_not(world: World) -> None:
    """Lines that ask nothing of anybody would hide the one that does."""
    for boot, kind in ((1, CHECK_IN), (2, AMBER)):
        world.take(message(boot, kind=kind, due_s=60))
        world.take(message(boot, kind=kind, due_s=90, rev=2))
        world.take(message(boot, kind=kind, due_s=0, rev=3, flags=CANCEL))
    assert [change.routine for change in world.told] == [True] * 3 + [False] * 3
    world.heard()
    world.take(message(3, kind=CHECK_IN, due_s=60))
    world.wait(60)
    world.take(message(3, kind=CHECK_IN, due_s=60, rev=2))
    assert [change.routine for change in world.told] == [True, False, False]


def test_every_change_reads_as_one_line_and_as_json(world: World) -> None:
    world.take(message(1, due_s=600))
    world.take(message(1, due_s=60, rev=2))
    world.wait(60)
    for rev, fields in enumerate(
        (
            {"due_s": 60},
            {"kind": SOS},
            {"kind": SOS, "flags": FALSE_ALARM},
            {"kind": SOS, "flags": FALSE_ALARM | DURESS},
        ),
        3,
    ):
        world.take(message(1, rev=rev, **fields))
    world.take(message(2, kind=MAN_DOWN, flags=CANCEL))
    for change in world.told:
        sentence, plain = change.sentence(), json.loads(change.to_json())
        assert "\n" not in sentence
        assert "A. de Vries (badge anna)" in sentence
        assert (plain["event"], plain["badge"], plain["seq"]) == (change.what, "anna", 1)
    sentences = [change.sentence() for change in world.told]
    for words in ("now SOS", "says it is a false alarm", "UNDER DURESS", "asks for more time"):
        assert any(words in sentence for sentence in sentences), words


@on_sqlite
def test_it_says_once_what_it_cannot_keep_and_goes_on(world: World) -> None:
    """The operator must not see nothing while a worker is overdue."""
    world.take(message(due_s=60))
    database = database_of(world.store)
    database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON incident "
        "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    world.clock.wait(60)
    looks = world.clock.looks
    worker = Worker()
    with recurring(world.watch.job(worker), world.said.append):
        wait_until(lambda: world.clock.looks >= looks + 3)
        [sentence] = world.said
        assert "A DEADLINE OF BADGE anna CAME DUE and cannot be kept." in sentence
        assert "database or disk is full" in sentence
        # By the store: amid a round of the watch it would be rolled back with that.
        world.store.write(lambda one: one.exec_driver_sql("DROP TRIGGER full"))
        wait_until(lambda: world.incident() is not None)
    worker.close()
    assert world.said[1:] == ["Deadlines are watched again."]


def test_that_the_receiver_is_alive_is_written_six_times_a_minute(world: World) -> None:
    """Each is a commit that reaches the disk."""
    alive = sa.select(schema.alive.c.steady_ms)
    kept = set()
    for _ in range(119):
        world.wait(0.5)
        kept.add(world.store.read(lambda one: one.execute(alive).scalar_one()))
    # Once when it began to watch, and then every ten seconds.
    assert len(kept) == 6
