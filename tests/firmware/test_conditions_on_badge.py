"""The conditions of man-down under the badge's own VM: the same answers, and what they cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nabij.virtual.body_model import Body
from tests.mp import run_mp

_SCRIPT = """
from array import array
from badge.core import ticks
from badge.core.settings import config
from badge.core.alarm.life import Refused
from badge.core.body.body_watch import Silencing, BodyWatch
from badge.core.body.man_down import ManDown

class Log:
    def event(self, what, **fields):
        print(watch_at[0], what, sorted(fields.items()))

class Alarm:
    state = 1
    def is_red(self):
        return False

class Keeper:
    def under_way(self):
        return []
    def condition(self, kind, now_ms, peak_mg, tilt_deg):
        print(watch_at[0], "condition", kind, peak_mg, tilt_deg)
        return Alarm()
    def clear(self, kind, now_ms):
        print(watch_at[0], "clear", kind)

def feel(name):
    print(watch_at[0], "feel", name)

def nothing():
    return 0

watch_at = [0]
down = ManDown(config.defaults())
down.conditions.wearing.assume_worn()
silencing = Silencing(lambda: False, lambda: False, lambda: False)
watch = BodyWatch(down, Keeper(), feel, nothing, silencing, Log())
"""

_PLAY = """
chunk = array("H", bytes(26 * 3))
with open(FILE, "rb") as file:
    while file.readinto(chunk) == 78:
        watch_at[0] += 13
        now_ms = watch_at[0] * 1000 // 104
        watch.block(down.feed(chunk, 13), watch_at[0], now_ms)
        watch.tick(now_ms)
"""

_COST = """
import gc
chunk = array("H", [0, 1000, 0] * 13)
# Names that are new in the loop would make the globals grow in it.
before = bits = block = most = 0
for block in range(8 * 40):
    gc.collect()
    before = gc.mem_alloc()
    bits = down.feed(chunk, 13)
    if not down.has_second():
        watch.block(bits, 0, block * 125)
        assert gc.mem_alloc() == before, block
    else:
        watch.block(bits, 0, block * 125)
        most = max(most, gc.mem_alloc() - before)
print(most)
"""


def test_the_badges_vm_comes_to_the_same_conclusions_as_cpython(tmp_path: Path) -> None:
    body = Body(seed=5)
    parts = [
        body.walking(30),
        body.faint(),
        body.freezing(40),
        body.walking(30),
        body.fall(),
        body.lying(4),
        body.walking(20),
        body.tossed(),
        body.table(100),
        body.taken_off()[::-1],
        body.sitting(200, None),
    ]
    samples = np.concatenate(parts)
    samples = samples[: len(samples) // 13 * 13]
    file = tmp_path / "samples"
    file.write_bytes(samples.astype("<i2").tobytes())
    out = run_mp(f"FILE = {str(file)!r}\n{_SCRIPT}{_PLAY}", timeout_s=120)
    # Under CPython the same script, with the same classes.
    printed: list[str] = []
    scope = {"FILE": str(file), "print": lambda *what: printed.append(" ".join(map(str, what)))}
    exec(_SCRIPT + _PLAY, scope)  # noqa: S102 - the text above
    assert out.splitlines() == printed
    said = "\n".join(printed)
    for what in ("condition 4", "condition 2", "clear 2", "feel NOT_WORN", "condition 3"):
        assert what in said


def test_a_block_allocates_nothing_and_a_second_little() -> None:
    most = int(run_mp(_SCRIPT + _COST, timeout_s=120))
    assert most < 1024
