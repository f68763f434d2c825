"""What is answered to what: probes, hellos, texts, and what is refused."""

from dataclasses import dataclass, field

from badge.core.alarm.kinds import SOS
from badge.core.codec import veil, wire
from badge.core.codec.carried import Carried, encode_carried
from badge.core.codec.place import Cell
from nabij.centre.database import schema
from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.link.broker_config import PROBE_DOWN, PROBE_UP
from nabij.centre.link.floods import MOST
from nabij.centre.link.incoming import Outcome
from nabij.centre.link.intake import Intake
from nabij.centre.store import BadgeRecord
from nabij.centre.watch.deadlines import Backlog
from tests.host.centre.databases import database_of
from tests.host.centre.deadline_world import KEY, START_MS, World

UP = wire.up_topic("anna")
OPEN = wire.Standing(1, 1, 1, 0, 0)


@dataclass
class Desk:
    """An intake and all that it told others."""

    world: World
    proved: list[tuple[bytes, bool]] = field(default_factory=list)
    flooded: list[str] = field(default_factory=list)
    heard: list[tuple[str, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    placed: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    hellos: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(
            self.world.store,
            self.world.clock,
            Backlog(self.world.clock.now(), None),
            self.said.append,
            lambda badge, lag_ms: self.heard.append((badge, lag_ms)),
            proved=lambda token, kept: self.proved.append((token, kept)),
            flooded=self.flooded.append,
            lacks_permit=self.lacking.__contains__,
            location=self,
        )

    def hear(self, _hello: wire.Hello, heard_ms: int) -> None:
        self.placed.append(heard_ms)

    def begin(self, message: wire.AlarmMessage, _frame: bytes) -> None:
        self.begun.append(message.seq)

    def sentence(self) -> str:
        return ""

    def take(self, frame: bytes, topic: str = UP, arrived_ms: int | None = None) -> Outcome:
        return self.intake.take(topic, frame, arrived_ms)

    def alarm(self, seq: int = 1, **fields: object) -> bytes:
        frame: bytes = wire.encode_alarm(KEY, "anna", 1, seq, SOS, 0, **{"rev": 1, **fields})
        return frame

    def hello(self, *opened: wire.Standing, place: tuple[object, ...] = wire.NOWHERE) -> bytes:
        self.hellos += 1
        one = wire.Hello("anna", 1, self.hellos, "0.1.0", 60, 80, opened, *place)
        frame: bytes = wire.encode_hello(KEY, one)
        return frame


def status(outcome: Outcome) -> wire.Status:
    [(topic, frame)] = outcome.replies
    assert topic == wire.down_topic("anna")
    found: wire.Status = wire.decode_status(frame, KEY, "anna")
    return found


def test_a_probe_is_answered_once_the_database_kept_it_and_else_not(world: World) -> None:
    desk = Desk(world)
    world.tick()
    world.clock.wait(1)
    outcome = desk.take(b"token", PROBE_UP)
    assert (outcome.done, outcome.replies) == (True, ((PROBE_DOWN, b"token"),))
    database_of(world.store).execute(
        f"CREATE TRIGGER poison BEFORE UPDATE ON {schema.alive.name} "
        "BEGIN SELECT RAISE(ABORT, 'poison'); END"
    )
    world.clock.wait(1)
    for _ in range(2):
        assert desk.take(b"other", PROBE_UP) == Outcome(done=True)
    assert desk.proved == [(b"token", True), *[(b"other", False)] * 2]
    [sentence] = desk.said
    assert "poison" in sentence


def test_a_hello_with_an_open_alarm_hears_how_that_stands(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm())
    world.centre(world.incident(), wire.STATUS_TAKEN)
    told = status(desk.take(desk.hello(OPEN)))
    assert (told.state, told.seq, told.rev) == (wire.STATUS_TAKEN, 1, 1)
    assert (told.utc_s, told.permit) == (START_MS // 1000, None)
    assert desk.intake.counts["hello"] == 1


def test_the_very_same_hello_again_is_heard_of_no_more(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm())
    frame = desk.hello(OPEN)
    assert desk.take(frame).replies
    heard = len(desk.heard)
    world.clock.wait(60)
    assert desk.take(frame) == Outcome(done=True)
    assert (len(desk.heard), desk.intake.counts["duplicate"]) == (heard, 1)


def test_hellos_without_end_count_as_heard_and_are_not_answered(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm())
    answered = [bool(desk.take(desk.hello(OPEN)).replies) for _ in range(12)]
    assert answered == [True] * 10 + [False] * 2
    assert len(desk.heard) == 1 + 12
    world.clock.wait(10)
    assert desk.take(desk.hello(OPEN)).replies


def test_a_hello_without_an_alarm_is_answered_only_with_something_to_tell(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm())
    assert desk.take(desk.hello()) == Outcome(done=True)
    desk.lacking.add("anna")
    assert status(desk.take(desk.hello())).permit == 1
    # So does a receipt.
    assert status(desk.take(desk.alarm(2))).permit == 1


def test_how_long_a_hello_waited_at_the_broker_is_told_with_it(world: World) -> None:
    desk = Desk(world)
    world.clock.wait(30)
    cell = (None, Cell(204, 8, 1, 2, -90), None)
    outcome = desk.take(desk.hello(place=cell), arrived_ms=START_MS + 25_000)
    assert desk.heard == [("anna", 5_000)]
    assert desk.placed == [START_MS + 25_000]
    # Where somebody is does not stay on the broker's disk.
    assert outcome.is_private
    assert not desk.take(desk.hello()).is_private
    assert len(desk.placed) == 1


def test_a_test_that_begins_a_shift_is_told_to_who_keeps_places(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm(1))
    desk.take(desk.alarm(2, flags=wire.FLAG_TEST, watch_s=3600))
    desk.take(desk.alarm(3, flags=wire.FLAG_TEST, watch_s=0))
    assert desk.begun == [2]


def test_a_text_is_answered_as_one_and_nothing_of_it_is_kept_at_the_broker(world: World) -> None:
    desk = Desk(world)
    outcome = desk.intake.take("SMS", desk.alarm(), None, Arrival("svc", "1", "+316", None))
    assert (outcome.done, outcome.kept) == (True, False)
    assert status(outcome).way == wire.WAY_SMS
    # By the badge's own link it is.
    assert desk.take(desk.alarm(2)).kept
    # Nothing but an alarm comes by SMS.
    refused = desk.intake.take("SMS", desk.hello(), None, Arrival("svc", "2", "+316", None))
    assert (refused.done, refused.replies, desk.hellos) == (True, (), 1)
    assert desk.intake.counts["hello"] == 0


def test_a_badge_that_floods_is_told_once_in_its_window(world: World) -> None:
    desk = Desk(world)
    frame = desk.alarm()
    for _ in range(MOST):
        desk.take(frame)
    assert desk.flooded == []
    for _ in range(MOST):
        desk.take(frame)
    assert desk.flooded == ["anna"]
    world.clock.wait(10)
    for _ in range(MOST + 1):
        desk.take(frame)
    assert desk.flooded == ["anna", "anna"]


def test_what_is_refused_is_told_thrice_with_its_reason_and_then_counted(world: World) -> None:
    world.store.enrol(BadgeRecord("bert", bytes(32), "CN=bert", "", 0, revoked_ms=1))
    desk = Desk(world)
    forged = desk.alarm()[:-1] + b"\0"
    for _ in range(6):
        assert desk.take(forged) == Outcome(done=True)
    why = "its authentication code does not match the badge's key"
    assert desk.said[:3] == [f"Refused a message on '{UP}': {why}."] * 3
    assert desk.said[3].startswith(f"Refused more messages on '{UP}' of that sort")
    assert len(desk.said) == 4
    assert desk.intake.counts["wire.mac"] == 6
    del desk.said[:]
    # Each sort for itself.
    desk.take(b"rubbish")
    desk.take(desk.alarm(), wire.up_topic("bert"))
    theirs = wire.encode_alarm(bytes(32), "bert", 1, 1, SOS, 0, rev=1)
    desk.take(theirs, wire.up_topic("bert"))
    desk.take(theirs.replace(b"bert", b"cora"), wire.up_topic("cora"))
    assert [one.partition("': ")[2] for one in desk.said] == [
        "it is not CBOR.",
        "what is in it is of another badge.",
        "that badge is revoked.",
        "no badge of that name is enrolled.",
    ]
    world.clock.wait(60)
    del desk.said[:]
    desk.take(forged)
    assert len(desk.said) == 1


def test_what_a_carrier_brought_is_counted_as_that(world: World) -> None:
    world.store.enrol(BadgeRecord("gw_hall", b"g" * 32, "CN=gw_hall", "", 0))
    desk = Desk(world)
    veiled = veil.veil(KEY, veil.FRAME, b"nonc", desk.alarm())
    for call, data in ((1, veiled), (2, b"x" * 60)):
        carried = Carried("gw_hall", call, b"", data, -60, START_MS // 1000)
        assert desk.take(encode_carried(b"g" * 32, carried), wire.up_topic("gw_hall")).done
    counts = desk.intake.counts
    assert (counts["carried"], counts["created"], counts["air.unknown"]) == (1, 1, 1)


def test_a_badge_that_is_revoked_is_let_in_and_answered_no_more(world: World) -> None:
    desk = Desk(world)
    desk.take(desk.alarm())
    assert desk.intake.refresh() == {"anna": "CN=anna"}
    assert desk.intake.key_of("anna") == KEY
    world.store.revoke("anna", START_MS)
    assert desk.intake.refresh() == {}
    assert desk.intake.key_of("anna") is None
    assert desk.take(desk.alarm(2)) == Outcome(done=True)
    assert len(world.store.incidents()) == 1
