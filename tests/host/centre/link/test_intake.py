"""Messages that come together: one commit, an outcome each, and a bad one costs no other."""

import pytest

from badge.core.alarm.kinds import AMBER
from badge.core.codec import veil, wire
from badge.core.codec.carried import Carried, decode_brought, encode_carried
from nabij.centre.incidents import carriers
from nabij.centre.link.incoming import Incoming
from nabij.centre.link.intake import Intake
from nabij.centre.store import BadgeRecord
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.databases import database_of, full_disk
from tests.host.centre.deadline_world import KEY, World

UP = wire.up_topic("anna")
POISON = 7


class Door:
    """An intake with what it said and whom it heard, and the transactions of its database."""

    def __init__(self, world: World) -> None:
        self.said: list[str] = []
        self.heard: list[str] = []
        self.world = world
        self.intake = Intake(
            world.store,
            world.clock,
            Backlog(world.clock.now(), None),
            self.said.append,
            lambda badge, _lag_ms: self.heard.append(badge),
        )
        self.statements: list[str] = []
        database_of(world.store).set_trace_callback(self.statements.append)

    def commits(self) -> int:
        return self.statements.count("COMMIT")

    def seqs(self) -> list[int]:
        return [one.seq for one in self.world.store.incidents()]


def alarms(first: int, last: int) -> list[Incoming]:
    frames = [wire.encode_alarm(KEY, "anna", 1, n, 1, 0, rev=1) for n in range(first, last + 1)]
    return [Incoming(UP, frame) for frame in frames]


def test_messages_that_come_together_are_kept_in_one_commit_with_a_receipt_each(
    world: World,
) -> None:
    door = Door(world)
    refused = Incoming(UP, b"no message")
    hello = wire.Hello(
        "anna", 1, 1, "0.1.0", 60, 80, (wire.Standing(1, 2, 1, 0, 0),), *wire.NOWHERE
    )
    messages = [
        *alarms(1, 8),
        refused,
        Incoming(UP, wire.encode_hello(KEY, hello)),
        *alarms(9, 12),
    ]
    outcomes = door.intake.take_all(messages)
    # One for the alarms, one for the hello, which sees what they changed, and one for what all
    # hellos tell of the link.
    assert door.commits() == 3
    assert all(outcome.done for outcome in outcomes)
    receipts = [
        [wire.decode_status(frame, KEY, "anna").seq for _topic, frame in outcome.replies]
        for outcome in outcomes
    ]
    assert receipts == [[1], [2], [3], [4], [5], [6], [7], [8], [], [2], [9], [10], [11], [12]]
    assert door.seqs() == list(range(1, 13))
    assert (door.intake.counts["created"], door.intake.counts["hello"]) == (12, 1)


def test_what_a_colleagues_badge_carries_is_that_badges_and_says_who_carried_it(
    world: World,
) -> None:
    """By its own topic; its own messages there are its own, and so is a carried one refused."""
    colleague = b"c" * 32
    world.store.enrol(BadgeRecord("bert", colleague, "CN=bert", "", 1))
    door = Door(world)
    # It waited at the broker for an hour: its clock is held against that of coming there.
    came_ms = world.clock.now().wall_ms - 3_600_000
    said_s = came_ms // 1000 + 7
    veiled = veil.veil(KEY, veil.FRAME, b"1234", alarms(1, 1)[0].frame)
    frames = [
        encode_carried(colleague, Carried("bert", 5, b"", veiled, -70, said_s)),
        encode_carried(colleague, Carried("bert", 6, b"", b"x" * 60, -70, None)),
        wire.encode_alarm(colleague, "bert", 1, 1, 1, 0, rev=1),
    ]
    topic = wire.up_topic("bert")
    outcomes = door.intake.take_all([Incoming(topic, frame, came_ms) for frame in frames])
    own, brought = outcomes[0].replies
    assert own[0] == wire.down_topic("anna")
    assert brought[0] == wire.down_topic("bert")
    answer = decode_brought(colleague, brought[1])
    assert answer.call == 5
    assert veil.unveil(KEY, veil.STATUS, answer.status) == own[1]
    [nobodys] = outcomes[1].replies
    assert decode_brought(colleague, nobodys[1]).status == b""
    [carried, itself] = world.store.incidents()
    assert (carried.badge, itself.badge) == ("anna", "bert")
    found = world.store.read(lambda one: carriers.of(one, None))
    assert list(found) == [carried.id]
    [by] = found[carried.id]
    assert by.sentence().startswith("carried by badge bert at ")
    assert by.fields() | {"first_ms": 0, "last_ms": 0} == {
        "by": "badge",
        "name": "bert",
        "first_ms": 0,
        "last_ms": 0,
        "times": 1,
        "rssi_dbm": -70,
        "said_s": said_s,
        "off_ms": said_s * 1000 - came_ms,
        "clock_is_off": False,
    }


def test_copies_that_come_together_are_one_incident(world: World) -> None:
    door = Door(world)
    outcomes = door.intake.take_all(alarms(1, 1) * 3)
    assert [len(outcome.replies) for outcome in outcomes] == [1, 1, 1]
    assert [len(outcome.news) for outcome in outcomes] == [1, 0, 0]
    assert door.seqs() == [1]


def test_what_is_refused_or_repeated_costs_no_commit(world: World) -> None:
    """One that sends without end must not take the database from the others."""
    door = Door(world)
    [frame] = alarms(1, 1)
    assert door.intake.take_all([frame])[0].done
    forged = frame.frame[:-1] + bytes([frame.frame[-1] ^ 1])
    foreign = Incoming(wire.up_topic("bert"), frame.frame)
    before = len(door.statements)
    for _ in range(50):
        found = door.intake.take_all([frame, Incoming(UP, forged), foreign, Incoming(UP, b"\0")])
        assert all(one.done for one in found)
    assert door.statements[before:] == []
    assert len(found[0].replies) == 1


def test_message_that_cannot_be_kept_costs_no_other_and_nothing_of_it_is_heard(
    world: World,
) -> None:
    door = Door(world)
    database_of(world.store).execute(
        f"CREATE TRIGGER poison BEFORE INSERT ON incident WHEN NEW.seq = {POISON} "
        "BEGIN SELECT RAISE(ABORT, 'poison'); END"
    )
    outcomes = door.intake.take_all(alarms(1, 10))
    assert [outcome.done for outcome in outcomes] == [n != POISON for n in range(1, 11)]
    assert outcomes[POISON - 1].replies == ()
    assert outcomes[POISON - 1].is_bad
    assert door.seqs() == [n for n in range(1, 11) if n != POISON]
    assert (len(door.heard), door.intake.counts["deferred"]) == (9, 1)
    # As the broker brings it again.
    assert not door.intake.take(*alarms(POISON, POISON)[0]).done
    [sentence] = door.said
    assert "poison" in sentence
    database_of(world.store).execute("DROP TRIGGER poison")
    assert door.intake.take(*alarms(POISON, POISON)[0]).done


def test_disk_that_is_full_defers_all_that_has_no_room_in_one_sentence(world: World) -> None:
    door = Door(world)
    with full_disk(world.store):
        outcomes = door.intake.take_all(alarms(1, 200))
        kept = [seq for seq, outcome in enumerate(outcomes, 1) if outcome.done]
        # The pages at hand have some room yet.
        assert len(kept) < 200
        assert door.seqs() == kept == list(range(1, len(kept) + 1))
        assert not any(outcome.replies for outcome in outcomes if not outcome.done)
        assert not any(outcome.is_bad for outcome in outcomes)
        for late in alarms(len(kept) + 1, 200):
            assert not door.intake.take(*late).done
        [sentence] = door.said
        assert "full" in sentence
    assert all(outcome.done for outcome in door.intake.take_all(alarms(1, 200)))
    assert door.seqs() == list(range(1, 201))
    with full_disk(world.store):
        assert not all(outcome.done for outcome in door.intake.take_all(alarms(201, 400)))
    assert len(door.said) == 2


def test_who_has_said_hello_asks_for_what_it_missed_and_older_firmware_has_it_kept(
    world: World,
) -> None:
    door = Door(world)
    assert door.intake.take(*alarms(1, 1)[0]).kept
    assert not door.intake.asks("anna")
    hello = wire.Hello("anna", 1, 1, "0.1.0", 60, 80, (), *wire.NOWHERE)
    door.intake.take(UP, wire.encode_hello(KEY, hello))
    assert door.intake.asks("anna")
    assert not door.intake.take(*alarms(2, 2)[0]).kept


def test_a_receipt_says_by_which_way_its_alarm_came(world: World) -> None:
    world.store.enrol(BadgeRecord("gw_hall", b"g" * 32, "CN=gw_hall", "", 0))
    intake = Door(world).intake
    [alarm] = alarms(1, 1)
    frame = veil.veil(KEY, veil.FRAME, b"nonc", alarm.frame)
    carried = encode_carried(b"g" * 32, Carried("gw_hall", 1, b"", frame, -60, 1_790_000_000))
    by_link = intake.take(UP, alarm.frame)
    by_gateway = intake.take("nabij/gw_hall/up", carried)
    told = [one.replies[0][1] for one in (by_link, by_gateway)]
    assert [wire.decode_status(one, KEY, "anna").way for one in told] == [None, wire.WAY_BLE]


def test_alarm_that_waited_is_dated_by_its_arrival_less_its_age(world: World) -> None:
    """Whatever the badge's clock says, and however late it is taken."""
    door = Door(world)
    arrived = world.clock.now()
    world.clock.wait(45)
    behind_s = arrived.wall_ms // 1000 - 90 * 86_400
    frame = wire.encode_alarm(KEY, "anna", 1, 1, 1, 2_000, rev=1, utc_s=behind_s)
    assert door.intake.take(UP, frame, arrived.wall_ms).done
    incident = world.incident()
    assert incident is not None
    assert incident.raised_ms == arrived.wall_ms - 2_000
    assert incident.received_ms == arrived.wall_ms + 45_000
    assert incident.age_ms == 47_000


def test_age_that_is_a_lower_bound_leaves_the_date_to_a_clock_that_can_be_right(
    world: World,
) -> None:
    door = Door(world)
    now = world.clock.now()
    for seq, utc_s in ((1, now.wall_ms // 1000 - 600), (2, now.wall_ms // 1000 + 600), (3, 5)):
        fields = {"flags": wire.FLAG_AGE_AT_LEAST, "utc_s": utc_s, "rev": 1}
        door.intake.take(UP, wire.encode_alarm(KEY, "anna", 1, seq, 1, 2_000, **fields))
    raised_ms = [one.raised_ms for one in world.store.incidents()]
    assert raised_ms == [now.wall_ms - 600_000, now.wall_ms - 2_000, now.wall_ms - 2_000]


@pytest.mark.requirement("R04")
def test_deadline_that_waited_comes_due_when_the_badge_meant_it(world: World) -> None:
    door = Door(world)
    arrived = world.clock.now()
    world.clock.wait(20)
    frame = wire.encode_alarm(KEY, "anna", 1, 1, AMBER, 0, rev=1, due_s=30)
    door.intake.take(UP, frame, arrived.wall_ms)
    world.wait(9)
    assert world.incident() is None
    world.wait(1)
    incident = world.incident()
    assert incident is not None
    assert incident.raised_ms == arrived.wall_ms + 30_000
