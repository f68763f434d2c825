"""Motion windows in flash: whole and checked, or not there; bounded; never in a squeeze's way."""

import struct
from binascii import crc32

from tests.mp import run_mp

RIG = """
import asyncio, os
from array import array
from binascii import hexlify
from badge.core.detector.ring import MotionRing
from badge.storage.motion_file import MotionFiles, Window

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
files = MotionFiles("motion", "nb-0007")
files.tidy()
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_a_window_is_the_samples_asked_for_with_a_checksum() -> None:
    out = run("""
print(asyncio.run(files.save(ring_of(700), Window(5, 2, 100, 600), 104, gate)))
with open("motion/5-2.nbm", "rb") as file:
    print(hexlify(file.read()).decode())
""")
    assert out[0] == "500"
    data = bytes.fromhex(out[1])
    magic, rate_hz, count, whose = struct.unpack_from("<4sHI32s", data)
    assert (magic, rate_hz, count) == (b"NBM2", 104, 500)
    assert whose == b"nb-0007".ljust(32, b"\0")
    samples = struct.unpack_from("<1500h", data, 42)
    assert samples[:6] == (100, -100, 1000, 101, -101, 1000)
    assert samples[-3:] == (599, -599, 1000)
    assert struct.unpack_from("<I", data, 42 + 3000) == (crc32(data[:-4]),)
    assert len(data) == 42 + 3000 + 4


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
