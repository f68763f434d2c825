"""Motion windows in flash: whole and checked, or not there; bounded; never in a squeeze's way."""

from badge.core.alarm import kinds
from nabij.data.alarm_window import Seen, parse_window
from tests.mp import run_mp

RIG = """
import asyncio, os
from array import array
from binascii import hexlify
from badge.core.detector.ring import MotionRing
from badge.core.detector.stretches import Stretch
from badge.storage import motion_file
from badge.storage.motion_file import About, MotionFiles

class Gate:
    begun = 0
    async def wait_open(self):
        await asyncio.sleep_ms(0)
    def begin(self):
        self.begun += 1
    def end(self):
        pass

def ring_of(n):
    ring = MotionRing(1024)
    chunk = array("H", [0, 0, 0])
    for i in range(n):
        chunk[0] = i & 0xFFFF
        chunk[1] = (-i) & 0xFFFF
        chunk[2] = 1000
        ring.write(chunk, 1)
    return ring

gate = Gate()
about = About("nb-0007", "0.1.0", "card_badge", "belt", "x -y z", 0xFFFFFFFE)
files = MotionFiles("motion", about)

def Window(boot, seq, start, stop, stretch=None):
    return motion_file.Window(boot, seq, 2, start, stop, start + 10, start + 30, stretch)
files.tidy()
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_a_window_is_the_samples_asked_for_with_a_checksum() -> None:
    out = run("""
stretch = Stretch(100, (7, 16384, 0, 20000), 4)
ring = ring_of(700)
ring.filled, ring.lost = 6, 1
print(asyncio.run(files.save(ring, Window(5, 2, 100, 600, stretch), 104, gate)))
with open("motion/5-2.nbm", "rb") as file:
    print(hexlify(file.read()).decode())
""")
    assert out[0] == "500"
    window = parse_window("5-2.nbm", bytes.fromhex(out[1]))
    assert (window.boot, window.seq, window.rate_hz, window.badge) == (5, 2, 104, "nb-0007")
    assert window.samples == tuple((i, -i, 1000) for i in range(100, 600))
    assert window.seen == Seen(
        kind=kinds.MAN_DOWN,
        event=10,
        opened=30,
        made_up=3,
        params_crc=0xFFFFFFFE,
        version="0.1.0",
        board="card_badge",
        placement="belt",
        axes="x -y z",
        upright=(7, 16384, 0, 20000),
    )


def test_one_that_begins_later_than_its_stretch_says_nothing_of_upright() -> None:
    out = run("""
stretch = Stretch(500, (7, 16384, 0, 20000), 4)
asyncio.run(files.save(ring_of(2000), Window(1, 1, 500, 1500, stretch), 104, gate))
with open("motion/1-1.nbm", "rb") as file:
    print(hexlify(file.read()).decode())
""")
    window = parse_window("1-1.nbm", bytes.fromhex(out[0]))
    assert window.seen is not None
    assert (window.seen.event, window.seen.upright, window.seen.made_up) == (0, None, None)
    assert window.samples[0] == (2000 - 1024, 1024 - 2000, 1000)


def test_what_the_ring_no_longer_holds_is_left_out() -> None:
    out = run("print(asyncio.run(files.save(ring_of(2000), Window(1, 1, 500, 1500), 104, gate)))")
    assert out == [str(1500 - (2000 - 1024))]


def test_the_newest_four_alarms_are_kept() -> None:
    out = run("""
for seq in range(1, 13):
    asyncio.run(files.save(ring_of(50), Window(9, seq, 0, 50), 104, gate))
print(*files.names())
""")
    assert out == ["9-9.nbm", "9-10.nbm", "9-11.nbm", "9-12.nbm"]


def test_a_window_that_a_reset_cut_short_is_removed() -> None:
    out = run("""
with open("motion/3-1.nbm.part", "wb") as file:
    file.write(b"NBM2")
files.tidy()
print(len(os.listdir("motion")))
""")
    assert out == ["0"]


def test_all_flash_work_of_a_window_is_announced_to_the_gate() -> None:
    out = run("""
import badge.storage.motion_file as module

class Announced:
    inside = False
    async def wait_open(self):
        await asyncio.sleep_ms(0)
    def begin(self):
        self.inside = True
    def end(self):
        self.inside = False

gate = Announced()
outside = []
def watched(name, work):
    def call(*args):
        if not gate.inside:
            outside.append(name)
        return work(*args)
    return call

class Os:
    listdir = staticmethod(os.listdir)
    remove = staticmethod(watched("remove", os.remove))
    rename = staticmethod(watched("rename", os.rename))

module.os = Os
module.open = watched("open", open)
async def main():
    ring = ring_of(300)
    for seq in range(1, 7):
        await files.save(ring, Window(1, seq, 0, 200), 104, gate)
    print(len(files.names()), outside)
asyncio.run(main())
""")
    assert out == ["4", "[]"]
