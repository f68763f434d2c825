"""A campaign: the receiver's clock is set by a day again and again, and nobody notices.

Two receivers live through the same hours, the same messages and restarts. The clock of one is set
forward and back; what it opens, and when, has to be what the other one opens.
"""

import random
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest

from badge.core.alarm.kinds import AMBER, SOS
from badge.core.codec import wire
from nabij.centre.clocks import Clock, Moment
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.register.enrol import enrol
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk
from tests.host.centre.quiet_world import QuietWorld

DAY_S: Final = 86_400
BADGES: Final = ("anna", "bert")
OVERDUE_S: Final = 4


@dataclass
class Life:
    """One receiver, and what badges have on the way to it."""

    world: QuietWorld
    is_set: bool
    open: dict[tuple[str, int], int] = field(default_factory=dict)
    frames: list[tuple[str, bytes]] = field(default_factory=list)
    seq: int = 0

    def step(self, what: str, chance: random.Random) -> None:
        """The same for both, but for the clock."""
        badge = chance.choice(BADGES)
        match what:
            case "set":
                self._set(chance.choice((-1, 1)))
            case "wait":
                self.world.wait(chance.randrange(1, 300))
            case "alarm":
                self._send(badge, self._next(), chance, kind=SOS)
            case "deadline":
                seq = self._next()
                self.open[badge, seq] = 1
                self._send(badge, seq, chance, kind=AMBER, due_s=chance.randrange(30, 2_000))
            case "later" | "end" if self.open:
                badge, seq = chance.choice(list(self.open))
                rev = self.open[badge, seq] = self.open[badge, seq] + 1
                flags = wire.FLAG_CANCELLED if what == "end" else 0
                due_s = 0 if what == "end" else chance.randrange(30, 2_000)
                self._send(badge, seq, chance, kind=AMBER, due_s=due_s, rev=rev, flags=flags)
            case "copy" if self.frames:
                badge, frame = chance.choice(self.frames)
                self.world.send(frame, badge)
            case "restart":
                self.world.restart(chance.randrange(60))
            case "shift":
                self.world.shift(badge, seq=self._next())
            case "leave":
                self.world.leaves(badge)
            case "return":
                self.world.returns(badge)

    def seen(self) -> list[tuple[str, int, int, int, int]]:
        """What an operator sees; an incident of the receiver's own has a time for its seq."""
        return sorted(
            (one.badge, one.boot, 0 if one.boot == OWN_BOOT else one.seq, one.kind, one.state)
            for one in self.world.store.incidents()
        )

    def _set(self, way: int) -> None:
        if self.is_set:
            self.world.clock.set_forward(way * DAY_S)
            # As the receiver does twice a second.
            self.world.backlog.look(self.world.clock.now())

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _send(self, badge: str, seq: int, chance: random.Random, **fields: int) -> None:
        """It waits at the broker for a while, and the clock may be set meanwhile."""
        frame = self.world.frame(badge, 1, seq, **fields)
        self.frames.append((badge, frame))
        arrived_ms = self.world.clock.now().wall_ms
        self.world.clock.wait(chance.randrange(20))
        if chance.random() < 0.3:
            self._set(chance.choice((-1, 1)))
        outcome = self.world.intake.take(wire.up_topic(badge), frame, arrived_ms)
        assert outcome.done
        assert outcome.replies
        for news_id in outcome.news:
            self.world.tell(news_id)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize(
    ("seed", "steps"),
    [(1, 100), *(pytest.param(seed, 400, marks=pytest.mark.soak) for seed in range(1, 6))],
)
def test_nothing_is_lost_doubled_early_or_late(tmp_path: Path, seed: int, steps: int) -> None:
    kinds = ["set", "wait", "wait", "wait", "alarm", "deadline", "deadline", "later", "end"]
    kinds += ["copy", "restart", "shift", "leave", "return"]
    chance = random.Random(seed)
    plan = [(chance.choice(kinds), chance.random()) for _ in range(steps)]
    lives = [
        Life(QuietWorld(tmp_path / name), is_set)
        for name, is_set in (("set", True), ("left", False))
    ]
    try:
        for number, (what, luck) in enumerate(plan):
            for life in lives:
                life.step(what, random.Random(luck))
            set_, left = (life.seen() for life in lives)
            assert set_ == left, f"step {number}: {what}"
        # The campaign had something to spoil.
        assert len(left) > steps / 10
        assert {kind for _badge, boot, _seq, kind, _state in left if boot} >= {SOS, AMBER}
    finally:
        for life in lives:
            life.world.close()


class SetClock(Clock):
    """The machine's clocks, of which a test sets the time of day."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0

    def now(self) -> Moment:
        now = super().now()
        return replace(now, wall_ms=now.wall_ms + self.ahead_ms)


@pytest.mark.requirement("R09")
def test_a_whole_receiver_whose_clock_is_set_under_way_keeps_each_alarm_once(
    tmp_path: Path,
) -> None:
    """Its broker goes by the machine's own clock, and so disagrees with it by a day, too."""
    enrol(tmp_path, "anna")
    clock = SetClock()
    desk = Desk(tmp_path, clock=clock)
    ended = threading.Event()

    def set_it() -> None:
        chance = random.Random(1)
        while not ended.wait(0.1):
            clock.ahead_ms = chance.choice((-1, 0, 1)) * DAY_S * 1000

    setting = threading.Thread(target=set_it)
    with desk.receiver as receiver:
        anna = desk.badge("anna")
        setting.start()
        try:
            anna.connect()
            began_s = time.monotonic()
            anna.send(100, kind=AMBER, due_s=OVERDUE_S, rev=1)
            for seq in range(1, 31):
                anna.insist(seq)
            opened = {desk.seen.get(timeout=LONG_S).seq for _ in range(31)}
            took_s = time.monotonic() - began_s
        finally:
            ended.set()
            setting.join()
            anna.close()
        assert opened == {*range(1, 31), 100}
        assert took_s >= OVERDUE_S - 1
        assert len(receiver.store.incidents()) == 31
