"""Which motion is kept with an alarm."""

from __future__ import annotations

import json
from typing import Any

from tests.mp import run_mp

RIG = """
import asyncio, json
from badge.core.alarm import kinds
from badge.core.alarm.record import Alarm
from badge.core.detector import detect
from badge.core.settings.config import Config
from badge.tasks.common import Common
from badge.tasks.housekeeping import Housekeeping
from badge.tasks.stall_gate import StallGate

kept = []
class Files:
    def tidy(self):
        pass
    async def save(self, ring, window, rate_hz, gate):
        kept.append([window.boot, window.seq, window.start, window.stop])
        if window.stretch is not None:
            kept[-1].append(list(window.stretch.upright))
        return window.stop - window.start

class Clock:
    def store_due(self):
        return False

class Log:
    def event(self, what, **fields):
        if what == "motion.not_stored":
            kept.append((fields["boot"], fields["seq"], fields["code"]))

class Body:
    count, size, filled, lost = 10_000, 4096, 0, 0
    # 3 stretches and 5 blocks, and two samples: upright was learned twice.
    state = [0] * detect.STATE_WORDS
    state[detect.S_BLOCKS], state[detect.S_UPRIGHTS] = 101, 2
    def room(self):
        return detect.BLOCK_SAMPLES - 2
    def samples_since_fall(self):
        return 500
    def is_worn(self):
        return False
    def store_due(self, is_worn):
        return False

body = Body()
body.ring = body.man_down = body.watch = body.worn_file = body
config = Config.from_dict({"motion_before_ms": 10_000, "motion_after_ms": 5_000})
gate = StallGate(lambda: False, lambda now_ms: None)
chores = Housekeeping(Common(config, Clock(), gate, None, Log()), Files(), body)

class Raised:
    boot = 7
    def __init__(self, seq, kind):
        self.seq, self.kind = seq, kind

async def live():
    task = asyncio.create_task(chores.run(lambda: None))
    await asyncio.sleep_ms(20)
    task.cancel()

def store(count):
    body.count = count
    asyncio.run(live())
"""


def kept(body: str) -> Any:
    return json.loads(run_mp(RIG + body + "\nprint(json.dumps(kept))"))


def test_the_motion_around_a_press_is_stored_once_its_end_has_come() -> None:
    assert kept("chores.keep_motion_of(Raised(3, kinds.SOS))\nstore(10_519)") == []
    out = kept("chores.keep_motion_of(Raised(3, kinds.SOS))\nstore(10_520)")
    assert out == [[7, 3, 10_000 - 1040, 10_000 + 520]]


def test_the_motion_of_a_fall_is_that_around_its_blow() -> None:
    out = kept("chores.keep_motion_of(Raised(3, kinds.MAN_DOWN))\nstore(10_020)")
    assert out == [[7, 3, 9_500 - 1040, 9_500 + 520]]


def test_with_the_stretch_that_was_under_way_comes_what_was_known_of_upright() -> None:
    """Noted once a second: the window begins with it, whole, and no more than 4 s earlier."""
    out = kept(
        "store(10_000)\n"
        "body.state = [word + 7 for word in body.state]\n"
        "body.count = 11_050\n"
        "chores.keep_motion_of(Raised(3, kinds.SOS))\n"
        "store(11_570)"
    )
    began = 10_000 - 5 * 13 - 2
    assert 11_050 - 1040 - 416 < began <= 11_050 - 1040
    assert out == [[7, 3, began, 11_050 + 520, [2, 0, 0, 0]]]


def test_soon_after_the_start_it_begins_with_the_first_sample() -> None:
    out = kept("body.count = 100\nchores.keep_motion_of(Raised(3, kinds.SOS))\nstore(700)")
    assert out == [[7, 3, 0, 620]]


def test_of_too_many_the_oldest_wish_is_given_up_and_said() -> None:
    out = kept("for seq in range(9):\n    chores.keep_motion_of(Raised(seq, kinds.SOS))")
    assert out == [[7, 0, "motion.late"]]
