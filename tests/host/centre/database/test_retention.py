"""What is removed with age, what never is, and that removing it lets no replay in."""

import pytest

from badge.core.alarm.kinds import AMBER, CHECK_IN, SOS
from badge.core.codec import wire
from nabij.centre.database.retention import AT_ONCE, DAY_MS, DEFAULT_DAYS, SHORTEST_DAYS
from nabij.centre.store import BadgeRecord
from tests.host.centre.deadline_world import KEY, World, message

pytestmark = pytest.mark.usefixtures("each_engine")

CANCEL = wire.FLAG_CANCELLED
DAY_S = DAY_MS / 1000


def purge(world: World, days: float = DEFAULT_DAYS) -> int:
    """Until nothing is left, as the receiver does it hour by hour."""
    before_ms = world.clock.now().wall_ms - round(days * DAY_MS)
    removed = 0
    while batch := world.store.purge(before_ms):
        removed += batch
    return removed


def rows(world: World, table: str) -> int:
    query = f"SELECT count(*) FROM {table}"  # noqa: S608 - one of ours
    return world.store.read(lambda connection: int(connection.exec_driver_sql(query).scalar_one()))


def ended(world: World, boot: int, seq: int) -> None:
    world.take(message(boot, seq, kind=CHECK_IN, due_s=60))
    world.take(message(boot, seq, kind=CHECK_IN, due_s=0, flags=CANCEL, rev=2))


def test_repeats_of_an_incident_go_and_the_first_of_each_rev_stays(world: World) -> None:
    for attempt in range(1, 6):
        world.take(message(kind=SOS, attempt=attempt))
    world.take(message(kind=SOS, rev=2, flags=wire.FLAG_FALSE_ALARM, attempt=6))
    world.take(message(kind=SOS, rev=2, flags=wire.FLAG_FALSE_ALARM, attempt=7))
    assert purge(world) == 0
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    # The copies, and the two events of which everybody was told.
    assert purge(world) == 5 + 2
    incident = world.incident()
    assert incident is not None
    assert [attempt for _, attempt, _ in world.store.transmissions(incident.id)] == [1, 6]


def test_what_is_forgotten_of_one_badge_is_news_of_another(world: World) -> None:
    ended(world, 1, 5)
    world.heard()
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    purge(world)
    assert rows(world, "alarm") == 0
    world.store.enrol(BadgeRecord("bert", KEY, "CN=bert", "", 0))
    for badge, kept in (("anna", 0), ("bert", 1)):
        frame = wire.encode_alarm(KEY, badge, 1, 5, AMBER, 0, due_s=60, rev=1)
        world.take(wire.decode_alarm(frame, lambda _badge: KEY))
        assert rows(world, "alarm") == kept


def test_alarms_that_came_to_nothing_go_and_leave_one_row_for_each_start(world: World) -> None:
    for seq in range(1, 6):
        ended(world, 1, seq)
    world.take(message(2, 1, flags=CANCEL))
    world.heard()
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    purge(world)
    assert (rows(world, "alarm"), rows(world, "message"), rows(world, "forgotten")) == (0, 0, 2)


def test_replay_of_what_was_removed_starts_no_deadline(world: World) -> None:
    ended(world, 1, 5)
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    purge(world)
    answer = world.take(message(1, 5, kind=CHECK_IN, due_s=60))
    assert (answer.state, answer.rev) == (wire.STATUS_RECEIVED, 1)
    world.take(message(1, 4, kind=CHECK_IN, due_s=60))
    world.take(message(1, 3, flags=CANCEL))
    world.wait(120)
    assert world.store.incidents() == []
    assert rows(world, "alarm") == 0


@pytest.mark.parametrize(
    "fields",
    [{"kind": SOS}, {"flags": CANCEL | wire.FLAG_DURESS}, {"flags": wire.FLAG_FALSE_ALARM}],
    ids=["alarm", "duress", "false alarm"],
)
def test_what_may_mean_danger_is_never_taken_for_a_replay(
    world: World, fields: dict[str, int]
) -> None:
    """A badge that lay in a drawer for months with an alarm that it could not deliver."""
    ended(world, 1, 5)
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    purge(world)
    world.take(message(1, 4, **fields))
    assert world.incident(1, 4) is not None


def test_deadline_of_another_start_of_the_badge_is_new(world: World) -> None:
    """Also a lower number: a formatted badge goes on at a random one."""
    ended(world, 900, 5)
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    purge(world)
    world.take(message(800, 1, kind=CHECK_IN, due_s=60))
    world.wait(60)
    assert world.incident(800, 1) is not None


def test_deadline_that_runs_and_news_that_wait_are_kept(world: World) -> None:
    far_s = wire.DUE_MAX_S
    assert far_s < SHORTEST_DAYS * DAY_S
    world.take(message(1, 1, due_s=far_s))
    now = world.clock.now()
    taken = world.store.take(message(1, 2, flags=CANCEL), b"frame", now)
    assert len(taken.news) == 1
    world.clock.wait(far_s - 1)
    # The one event of which everybody was told.
    assert purge(world, days=1) == 1
    assert rows(world, "alarm") == 2
    assert len(world.store.untold()) == 1
    world.wait(1)
    assert world.incident(1, 1) is not None


def test_running_receiver_purges_a_batch_a_round(world: World) -> None:
    for attempt in range(1, AT_ONCE + 12):
        world.take(message(kind=SOS, attempt=attempt))
    world.clock.wait(DEFAULT_DAYS * DAY_S + 1)
    world.tick()
    assert rows(world, "message") == 11
    world.tick()
    assert rows(world, "message") == 1
