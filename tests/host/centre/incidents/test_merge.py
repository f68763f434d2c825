"""Exactly one incident for each key, whatever the order, the copies, the clocks, the crashes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm.kinds import AMBER, CHECK_IN, MAN_DOWN, SOS
from badge.core.codec import wire
from nabij.centre.incidents.merge import What
from tests.host.centre.databases import sync_nothing
from tests.host.centre.deadline_world import World, message

DUE_S = (30, 60, 300)
boots = itertools.count(1)
Fields = dict[str, Any]


@st.composite
def histories(draw: st.DrawFn) -> list[Fields]:
    """What a badge says of one key, in the order of rev: all that its state table allows."""
    said: list[Fields] = []
    kind = draw(st.sampled_from([AMBER, CHECK_IN]))
    deadlines = draw(st.integers(0, 3))
    said += [{"kind": kind, "due_s": draw(st.sampled_from(DUE_S))} for _ in range(deadlines)]
    duress = draw(st.sampled_from([0, wire.FLAG_DURESS]))
    end = draw(st.sampled_from(["none", "cancel", "alarm", "squeeze"]))
    if end == "cancel":
        cancel: Fields = {"kind": kind, "flags": wire.FLAG_CANCELLED | duress}
        said.append({**cancel, "due_s": 0} if deadlines else {**cancel, "kind": MAN_DOWN})
    elif end != "none":
        said.append({"kind": SOS if end == "squeeze" else kind if deadlines else MAN_DOWN})
        if draw(st.booleans()):
            said.append({"kind": said[-1]["kind"], "flags": wire.FLAG_FALSE_ALARM | duress})
    return [{**fields, "rev": rev} for rev, fields in enumerate(said, 1)]


@dataclass(frozen=True)
class Step:
    """Deliver message `at` of the history, or let something happen to the receiver."""

    what: str
    at: int = 0
    seconds: int = 0


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Fields], list[Step]]:
    """A history, its messages in any order, some never, some more than once; time and mishaps."""
    history = draw(histories().filter(bool))
    deliver = st.builds(Step, st.just("deliver"), st.integers(0, len(history) - 1))
    wait = st.builds(Step, st.just("wait"), seconds=st.integers(1, 200))
    mishap = st.builds(
        Step, st.sampled_from(["restart", "reboot", "clock"]), seconds=st.integers(-4000, 4000)
    )
    steps = st.one_of(deliver, deliver, wait, mishap)
    return history, draw(st.lists(steps, min_size=1, max_size=12))


class Expected:
    """What must have come of the deliveries so far, reckoned from the whole list of them."""

    def __init__(self, history: list[Fields]) -> None:
        self._history = history
        self._arrived: list[tuple[int, int]] = []
        self.expired = False

    def deliver(self, at: int, now_ms: int) -> None:
        self._arrived.append((at, now_ms))

    def look(self, now_ms: int) -> None:
        """The receiver looks at its deadlines."""
        newest = self._newest()
        if newest is None or not is_deadline(self._history[newest]):
            return
        due_ms = min(
            arrived_ms + self._history[at]["due_s"] * 1000
            for at, arrived_ms in self._arrived
            if at == newest
        )
        self.expired = self.expired or due_ms <= now_ms

    @property
    def rev(self) -> int:
        newest = self._newest()
        return 0 if newest is None else newest + 1

    @property
    def duress(self) -> bool:
        return any(flags(self._history[at]) & wire.FLAG_DURESS for at, _ in self._arrived)

    @property
    def incident(self) -> bool:
        return self.expired or self.duress or bool(self._alarms())

    @property
    def kind(self) -> int:
        of = max(self._alarms(), default=self._newest())
        assert of is not None
        return int(self._history[of]["kind"])

    def _alarms(self) -> list[int]:
        return [at for at, _ in self._arrived if is_alarm(self._history[at])]

    def _newest(self) -> int | None:
        return max((at for at, _ in self._arrived), default=None)


def flags(fields: Fields) -> int:
    return int(fields.get("flags", 0))


def is_deadline(fields: Fields) -> bool:
    return "due_s" in fields and not flags(fields) & wire.FLAG_CANCELLED


def is_alarm(fields: Fields) -> bool:
    return "due_s" not in fields and not flags(fields) & wire.FLAG_CANCELLED


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("state"))
    yield world
    world.close()


@pytest.mark.requirement("R04")
@given(run=runs())
def test_one_incident_for_a_key_and_only_when_there_must_be_one(
    world: World, run: tuple[list[Fields], list[Step]]
) -> None:
    history, steps = run
    boot = next(boots)
    expected = Expected(history)
    sync_nothing(world.store)
    world.heard()
    rebooted = False
    for step in steps:
        # Only the time of day bridges a reboot, so what it is set to afterwards tells.
        shift_s = 0 if rebooted else step.seconds
        if step.what == "deliver":
            fields = history[step.at]
            expected.deliver(step.at, world.clock.true_ms)
            answer = world.take(message(boot, **fields))
            assert answer.rev == expected.rev
            if flags(fields) & wire.FLAG_CANCELLED:
                assert answer.state == wire.STATUS_RECEIVED
        elif step.what == "wait":
            world.clock.wait(step.seconds)
        elif step.what == "clock":
            world.clock.set_forward(shift_s)
        else:
            rebooted = rebooted or step.what == "reboot"
            if step.what == "reboot":
                world.clock.reboot()
            else:
                world.clock.set_forward(shift_s)
            world.clock.wait(abs(step.seconds) / 100)
            world.restart()
            sync_nothing(world.store)
        world.tick()
        expected.look(world.clock.true_ms)
        incident = world.incident(boot)
        assert (incident is not None) == expected.incident
        if incident is not None:
            assert incident.kind == expected.kind
            assert incident.duress == expected.duress
            assert incident.state == wire.STATUS_RECEIVED
    told = [change.what for change in world.told if change.boot == boot]
    assert told.count(What.OPENED) == int(expected.incident)
    world.heard()
    # Whatever is left must not come due in the next example.
    world.take(message(boot, kind=SOS, rev=99))


STORY: list[Fields] = [
    {"kind": AMBER, "due_s": 60, "rev": 1},
    {"kind": AMBER, "due_s": 90, "rev": 2},
    {"kind": SOS, "rev": 3},
    {"kind": SOS, "flags": wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS, "rev": 4},
]


@pytest.mark.requirement("R09")
def test_every_order_of_a_whole_story_ends_in_the_same_single_incident(world: World) -> None:
    """An amber: extended, squeezed red, called false under duress; and time passes."""
    ends = set()
    sync_nothing(world.store)
    for order in itertools.permutations([*STORY, None]):
        boot = next(boots)
        for fields in order:
            if fields is None:
                # Sooner or later it comes due at the receiver.
                world.wait(100)
            else:
                world.take(message(boot, **fields))
                world.take(message(boot, **{**fields, "attempt": 2}))
        incident = world.incident(boot)
        assert incident is not None
        ends.add(
            (incident.kind, incident.duress, incident.false_alarm, incident.ended, incident.state)
        )
        opened = [one for one in world.told if one.what is What.OPENED and one.boot == boot]
        assert len(opened) == 1
        world.heard()
    assert ends == {(SOS, True, True, False, wire.STATUS_RECEIVED)}
