"""The accelerometer driver: register facts on a hand-made bus, a life with the chip's model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firmware.drivers.imu_bus import LIFE, on_bus
from tests.sim.stub import run_main


def test_start_resets_the_chip_and_sets_it_up_for_the_fifo() -> None:
    out = on_bus("""
imu.start(odr_hz=104, full_scale_g=16, watermark_samples=300)
out["writes"] = bus.writes
out["registers"] = {str(r): bus.registers[r] for r in (0x07, 0x08, 0x09, 0x0A, 0x0D, 0x10, 0x12)}
""")
    assert out["writes"][0] == [0x12, 0x01]  # SW_RESET first
    registers = {int(register): value for register, value in out["registers"].items()}
    assert registers[0x12] == 0x44  # BDU and IF_INC
    assert registers[0x07] | (registers[0x08] & 1) << 8 == 300
    assert registers[0x10] == 0x44  # 104 Hz, 16 g
    assert registers[0x09] & 0x0F == 4  # batched at 104 Hz
    assert registers[0x0A] & 7 == 6  # continuous
    assert registers[0x0D] == 0x08  # INT1 = FIFO threshold


def test_the_fifo_is_emptied_through_bypass_before_it_runs() -> None:
    out = on_bus("""
imu.start()
out["modes"] = [one[1] & 7 for one in bus.writes if one[0] == 0x0A]
""")
    assert out["modes"] == [0, 6]


@pytest.mark.parametrize(("scale", "ug"), [(2, 61), (4, 122), (8, 244), (16, 488)])
def test_counts_become_milli_g_rounded_to_nearest(scale: int, ug: int) -> None:
    counts = [0, 1, -1, 2, 1000, -1000, 12345, -12345, 32767, -32768, 4099, -4099]
    out = on_bus(f"""
imu.start(full_scale_g={scale})
counts = {counts}
bus.fifo = b"".join(word(*counts[i:i + 3]) for i in range(0, 12, 3))
bus.status = (4, 0)
out["n"] = imu.read_into(dst)
out["mg"] = signed(dst[:12])
""")
    assert out["n"] == 4
    for count, mg in zip(counts, out["mg"], strict=True):
        # The factor is Q16, so the farthest counts may round the other way at an exact half.
        assert abs(mg - count * ug / 1000) <= 0.5 + abs(count) / 65536


def test_a_burst_takes_at_most_32_frames_and_says_how_many() -> None:
    out = on_bus("""
imu.start()
bus.fifo = word(1, 2, 3) * 50
bus.status = (50, 0)
out["first"] = imu.read_into(dst)
bus.status = (18, 0)
out["second"] = imu.read_into(dst, 10)
bus.status = (8, 0)
out["rest"] = imu.read_into(dst)
bus.status = (0, 0)
out["third"] = imu.read_into(dst)
bus.status = (0, 2)
out["pending"] = imu.pending()
""")
    assert out == {"first": 32, "second": 10, "rest": 8, "third": 0, "pending": 512}


def test_each_failure_of_the_chip_has_its_code() -> None:
    out = on_bus("""
bus.fail = 19
out["absent"] = code_of(imu.start)
bus.fail = None
bus.registers[0x0F] = 0x6A
out["identity"] = code_of(imu.start)
bus.registers[0x0F] = 0x6C
bus.resets_pending = 10000
out["stuck_in_reset"] = code_of(imu.start)
bus.resets_pending = 1
bus.registers[0x12] = 0
imu.start()
bus.fail = 110
out["bus"] = [code_of(imu.pending), code_of(imu.read_into, dst)]
""")
    assert out == {
        "absent": "imu.absent",
        "identity": "imu.identity",
        "stuck_in_reset": "imu.bus",
        "bus": ["imu.bus", "imu.bus"],
    }


def test_reading_allocates_nothing() -> None:
    out = on_bus("""
class Still(Bus):
    is_still = False
    def readfrom_mem_into(self, addr, register, buf):
        if not self.is_still:
            super().readfrom_mem_into(addr, register, buf)
        elif register == 0x3A:
            buf[0] = 26
            buf[1] = 0
        else:
            i = 0
            while i < len(buf):
                buf[i] = 0x11
                i += 7
bus = Still()
imu = ImuFifo(Lsm6dsox(bus))
imu.start()
bus.is_still = True
def grown():
    imu.read_into(dst)
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(10):
        imu.read_into(dst)
    return gc.mem_alloc() - before
out["bytes"] = grown()
""")
    assert out["bytes"] == 0


@pytest.mark.parametrize("wrong", ["odr_hz=100", "full_scale_g=6", "watermark_samples=512"])
def test_settings_the_chip_does_not_have_are_refused(wrong: str) -> None:
    out = on_bus(f"""
try:
    imu.start({wrong})
    out["refused"] = False
except ValueError:
    out["refused"] = True
""")
    assert out["refused"] is True


def test_every_sample_of_a_minute_arrives_once_by_interrupt(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        LIFE
        + """
ready = asyncio.ThreadSafeFlag()
async def main():
    imu.start()
    start = time.ticks_ms()
    Pin(12, Pin.IN).irq(lambda pin: ready.set(), Pin.IRQ_RISING)
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
    assert 6240 <= total <= 6240 + 30
    assert wakes == pytest.approx(240, abs=2)
    assert (overruns, lost) == (0, 0)


@pytest.mark.parametrize("ppm", [-15_000, 0, 15_000])
def test_an_overrun_is_noticed_and_its_loss_estimated(tmp_path: Path, ppm: int) -> None:
    run = run_main(
        tmp_path,
        LIFE
        + """
imu.start()
start = time.ticks_ms()
time.sleep(2)
got = drain()
time.sleep(9)
got += drain()
print(time.ticks_diff(time.ticks_ms(), start), got, imu.overruns, *lost)
time.sleep(1)
print(drain(), imu.overruns)
""",
        duration_ms=60_000,
        imu={"odr_ppm": ppm},
    )
    rate_hz = 104 * (1 + ppm / 1e6)
    elapsed_ms, got, overruns, lost = map(int, run.console[0].split())
    # One more sample may be pushed out while the first burst is on the bus.
    assert overruns in (1, 2)
    assert got + lost == pytest.approx(
        elapsed_ms / 1000 * rate_hz, abs=4 + abs(ppm) * 11 * 104 / 1e6
    )
    later, overruns_later = map(int, run.console[1].split())
    assert later == pytest.approx(rate_hz, abs=12)
    assert overruns_later == overruns


def test_a_fault_on_the_bus_is_survived_by_starting_again(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        LIFE
        + """
imu.start()
codes = []
for _ in range(9):
    time.sleep_ms(500)
    try:
        drain()
        codes.append("ok")
    except ImuError as error:
        codes.append(error.code)
        try:
            imu.start()
        except ImuError as again:
            codes.append(again.code)
print(" ".join(codes))
""",
        events=[{"at_ms": 2000, "do": "i2c_fault", "kind": "stuck", "for_ms": 800}],
    )
    codes = run.console[0].split()
    assert codes[0] == "ok"
    assert "imu.bus" in codes
    assert "imu.absent" in codes
    assert codes[-1] == "ok"
