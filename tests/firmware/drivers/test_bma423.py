"""The watch's accelerometer: its driver in lives with the chip's model, on good and bad days."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Run
from tests.firmware.drivers.imu_bus import LIFE
from tests.sim.stub import run_main

BOARD = "t_watch_s3"
_LIFE = LIFE.replace("lsm6dsox", "bma423").replace("Lsm6dsox", "Bma423")
LIFE = (
    _LIFE.replace("Pin(21), Pin(13)", "Pin(11), Pin(10)")
    + """
from sim.world import current
bus = current.board.bus(11, 10)
chip = bus.devices[0x19]
def signed(values):
    return [(v ^ 0x8000) - 0x8000 for v in values]
def code_of(what):
    try:
        what()
        return None
    except ImuError as error:
        return error.code
"""
)


def life(folder: Path, script: str, **more: Any) -> Run:
    return run_main(folder, LIFE + script, board=BOARD, **more)


def test_it_is_set_up_for_samples_and_no_setting_is_lost(tmp_path: Path) -> None:
    """The chip hears nothing while it resets, and little until it was told to save no power."""
    run = life(
        tmp_path,
        """
imu.start(watermark_samples=26)
def register(number):
    one = bytearray(1)
    chip.read_into(number, one)
    return one[0]
print([register(r) for r in (0x40, 0x41, 0x46, 0x47, 0x49, 0x53, 0x58, 0x7C, 0x7D)])
print(imu.check())
""",
    )
    assert run.console == ["[168, 1, 182, 0, 80, 10, 2, 0, 4]", "True"]
    assert not [fact for fact in run.facts if fact.get("imu") == "a setting is lost"]


def test_every_sample_of_a_minute_arrives_once_by_interrupt(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
ready = asyncio.ThreadSafeFlag()
async def main():
    imu.start()
    start = time.ticks_ms()
    Pin(14, Pin.IN).irq(lambda pin: ready.set(), Pin.IRQ_RISING)
    total = wakes = 0
    while time.ticks_diff(time.ticks_ms(), start) < 60000:
        await ready.wait()
        wakes += 1
        total += drain()
    print(total, wakes, imu.overruns, sum(lost))
asyncio.run(main())
""",
        duration_ms=70_000,
    )
    total, wakes, overruns, lost = map(int, run.console[0].split())
    assert total == pytest.approx(6000, abs=30)
    assert wakes == pytest.approx(231, abs=3)
    assert (overruns, lost) == (0, 0)


@pytest.mark.parametrize("scale", [2, 4, 8, 16])
def test_counts_become_milli_g_at_each_scale(tmp_path: Path, scale: int) -> None:
    run = life(
        tmp_path,
        f"""
imu.start(full_scale_g={scale})
time.sleep_ms(300)
imu.read_into(buf)
print(signed(buf[:3]))
""",
        imu={"noise_percent": 0},
    )
    x, y, z = json.loads(run.console[0])
    assert (x, z) == (0, 0)
    # A count is the two thousandth part of the scale.
    assert abs(y - 1000) <= scale / 2 + 0.5


@pytest.mark.parametrize("ppm", [-20_000, 0, 20_000])
def test_an_overrun_is_told_to_the_sample_by_the_chip_itself(tmp_path: Path, ppm: int) -> None:
    run = life(
        tmp_path,
        """
imu.start()
total = 0
for pause_ms in (700, 2300, 400, 3003):
    time.sleep_ms(pause_ms)
    total += drain()
print(total, sum(lost), len(lost), chip.read_count, imu.overruns)
""",
        duration_ms=60_000,
        imu={"odr_ppm": ppm},
    )
    total, lost, gaps, read, overruns = map(int, run.console[0].split())
    assert (gaps, overruns) == (2, 2)
    # By the clock alone a chip that is fast would have lost some that nobody counts.
    assert total + lost >= read - 1
    # What has been read or dropped: of long losses its count ends at 255, and the clock says more.
    assert total + lost == pytest.approx(read, abs=3 + abs(ppm) * 600 / 1e6)


@pytest.mark.parametrize("kind", ["nak", "stuck", "torn", "low", "cut"])
def test_a_fault_on_the_bus_is_survived_and_what_it_took_is_told(
    tmp_path: Path, kind: str
) -> None:
    run = life(
        tmp_path,
        """
imu.start()
total, codes = 0, []
def one_by_one():
    # So that what came before a failure counts.
    global total
    while True:
        n = imu.read_into(buf)
        total += n
        if imu.gap:
            lost.append(imu.gap)
            imu.pass_gap()
        elif not imu.has_more():
            return
for _ in range(40):
    time.sleep_ms(250)
    try:
        one_by_one()
    except ImuError as error:
        codes.append(error.code)
print(total, sum(lost), imu.faults(), chip.read_count)
print(imu.check(), imu.is_frozen(), codes)
""",
        duration_ms=20_000,
        events=[
            {"at_ms": 2_000, "do": "i2c_fault", "kind": kind, "chip": "imu", "nth": 2, "times": 3},
            {"at_ms": 5_000, "do": "i2c_fault", "kind": kind, "chip": "imu", "for_ms": 600},
        ],
    )
    total, lost, faults, read = map(int, run.console[0].split())
    assert run.console[1].startswith("True False")
    assert faults > 0
    # A frame that was read in part comes again, so little is lost; by the clock, to a few samples.
    assert total + lost == pytest.approx(read, abs=4)
    assert total > 900


@pytest.mark.parametrize("word", ["00000000000000", "ffffffffffffff", "44000000000000"])
def test_a_spoilt_frame_is_a_sample_that_is_missing(tmp_path: Path, word: str) -> None:
    run = life(
        tmp_path,
        """
imu.start()
total = 0
for _ in range(20):
    time.sleep_ms(250)
    total += drain()
print(total, sum(lost), imu.faults(), chip.read_count)
""",
        events=[{"at_ms": 2_000, "do": "fifo_garbage", "kind": "word", "word": word, "nth": 7}],
    )
    total, lost, _, read = map(int, run.console[0].split())
    # A header that lies about its frame's length takes the rest of that burst with it.
    assert total + lost == pytest.approx(read, abs=2)
    assert (lost == 1) is (not word.startswith("44"))


def test_a_chip_that_lost_its_supply_is_noticed_and_started_again(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
imu.start()
time.sleep_ms(500)
total = drain()
time.sleep_ms(100)
chip.reset_itself()
time.sleep_ms(150)
print(code_of(drain), imu.check())
imu.start()
time.sleep_ms(250)
total += drain()
print(total + sum(lost), imu.check())
""",
    )
    assert run.console[0] in ("None False", "imu.reset False")
    total, sound = run.console[1].split()
    assert sound == "True"
    assert int(total) == pytest.approx(100, abs=3)


def test_another_chip_or_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """The watch's sister has a BHI260 in its place."""
    run = life(
        tmp_path,
        """
class Sister:
    def read_into(self, register, buf):
        buf[0] = 0x70
bus.devices[0x19] = Sister()
try:
    imu.start()
except ImuError as error:
    print(error.code, error)
del bus.devices[0x19]
print(code_of(imu.start))
""",
    )
    assert run.console == ["imu.identity the chip says 0x70, not BMA423", "imu.absent"]


def test_a_still_chip_is_not_frozen_and_a_stuck_one_is(tmp_path: Path) -> None:
    """Also when the real one has half the noise: at 16 g it would repeat itself for minutes."""
    script = """
imu.start(SCALE)
frozen = 0
for _ in range(300):
    time.sleep_ms(1000)
    drain()
    frozen += imu.is_frozen()
print(frozen)
"""
    quiet = {"noise_percent": 50}

    def frozen(scale: str, **more: Any) -> int:
        source = script.replace("SCALE", scale)
        run = life(tmp_path, source, duration_ms=310_000, imu=quiet, **more)
        return int(run.console[0])

    assert frozen("") == 0
    assert frozen("full_scale_g=16") > 100
    stuck = [{"at_ms": 5_000, "do": "imu_stuck", "for_ms": 100_000}]
    assert frozen("", events=stuck) > 90


def test_its_self_test_moves_each_axis_and_sampling_goes_on(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
async def main():
    imu.start()
    time.sleep_ms(300)
    total = drain()
    print(await imu.self_test())
    imu.start()
    time.sleep_ms(500)
    total += drain()
    print(total, sum(lost), imu.check())
asyncio.run(main())
""",
        imu={"self_test_mg": [300, 500, 350]},
    )
    moved = json.loads(run.console[0].replace("(", "[").replace(")", "]"))
    assert moved == pytest.approx([600, 1000, 700], abs=8)
    total, lost, sound = run.console[1].split()
    assert sound == "True"
    assert int(total) + int(lost) == pytest.approx(110, abs=5)


def test_reading_allocates_nothing(tmp_path: Path) -> None:
    run = life(
        tmp_path,
        """
import gc, micropython
imu.start()
time.sleep_ms(400)
drain()
class Still:
    addr = 0x19
    def readfrom_mem_into(self, addr, register, view):
        if register == 0x24:
            view[0], view[1] = 182, 0
        else:
            i = 0
            while i < len(view):
                view[i] = 0x84
                i += 7
imu.registers.i2c = Still()
imu.read_into(buf)
micropython.heap_lock()
try:
    for _ in range(10):
        imu.read_into(buf)
finally:
    micropython.heap_unlock()
print("still")
""",
    )
    assert run.console == ["still"]
