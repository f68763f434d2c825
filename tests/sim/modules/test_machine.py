"""The stand-in `machine` and `time` behave as the ESP32-S3 port does, faults included."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import POWER_CUT, RESET, WATCHDOG, Run
from tests.sim.stub import run_main

_IMPORTS = "import asyncio, errno, gc, machine, time\nfrom machine import *\n"


def facts(run: Run, key: str) -> list[Any]:
    return [fact[key] for fact in run.facts if key in fact]


def test_a_soft_interrupt_waits_for_the_end_of_a_stall(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
Pin(14, Pin.IN).irq(lambda pin: print("irq", pin.value(), time.ticks_ms()), Pin.IRQ_RISING)
time.sleep_ms(395)
gc.collect()
print("collected", time.ticks_ms())
""",
        events=[{"at_ms": 1000, "do": "press", "ms": 500}],
        stalls={"boot": 600},
    )
    assert run.console == ["irq 1 1045", "collected 1045"]


def test_the_ninth_pending_interrupt_is_dropped_as_on_the_chip(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
count = 0
def on_edge(pin):
    global count
    count += 1
Pin(14, Pin.IN).irq(on_edge)
time.sleep_ms(399)
gc.collect()
time.sleep_ms(50)
print(count)
""",
        events=[{"at_ms": 1000, "do": "bounce", "closed": True, "times": 6}],
    )
    assert run.console == ["8"]
    assert facts(run, "irq").count("dropped") > 0


def test_a_handler_that_raises_is_reported_and_the_next_edge_still_comes(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
Pin(14, Pin.IN).irq(lambda pin: 1 // (1 - pin.value()))
time.sleep(3)
print("alive")
""",
        events=[{"at_ms": 1000, "do": "press", "ms": 100}],
    )
    assert "alive" in run.console
    assert facts(run, "irq") == ["raised"]


def test_a_pin_is_one_object_with_pulls_and_levels(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
a = Pin(20, Pin.IN, Pin.PULL_UP)
print(a is Pin(20), a.value(), Pin(21, Pin.IN).value())
a.init(Pin.OUT, value=0)
print(a(), a.on(), a(), a)
""",
    )
    assert run.console == ["True 1 0", "0 None 1 Pin(20)"]


def test_a_starved_watchdog_resets_and_the_next_start_knows_why(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
print("cause", reset_cause(), time.ticks_ms() // 1000)
if reset_cause() == WDT_RESET:
    raise ValueError("stay here")
wdt = WDT(timeout=2000)
time.sleep(1)
wdt.feed()
time.sleep(10)
print("never")
""",
    )
    assert run.exit_codes == [WATCHDOG, 0]
    assert [line for line in run.console if line.startswith("cause")] == ["cause 1 0", "cause 3 4"]
    assert "never" not in run.console


def test_reset_keeps_the_clock_of_the_chip_and_a_power_cut_does_not(tmp_path: Path) -> None:
    source = (
        _IMPORTS
        + """
rtc = RTC()
def date():
    parts = rtc.datetime()
    return parts[:3] + parts[4:7]
print("start", reset_cause(), date())
if rtc.datetime()[0] == 2000:
    rtc.datetime((2026, 2, 28, 0, 23, 59, 58, 0))
    print("set", rtc.datetime()[:7], time.gmtime(time.time())[:6])
    time.sleep(3)
    print("later", date())
    machine.reset()
"""
    )
    events = [{"at_ms": 6000, "do": "power_cut"}]
    run = run_main(tmp_path, source, keep=True, events=events)
    assert run.exit_codes == [RESET, POWER_CUT]
    assert run.console == [
        "start 1 (2000, 1, 1, 0, 0, 0)",
        "set (2026, 2, 28, 5, 23, 59, 58) (2026, 2, 28, 23, 59, 58)",
        "later (2026, 3, 1, 0, 0, 1)",
        "start 2 (2026, 3, 1, 0, 0, 1)",
    ]
    again = run_main(tmp_path, source, keep=True, duration_ms=7000)
    assert again.console[0] == "start 1 (2000, 1, 1, 0, 0, 0)"


def test_firmware_that_returns_or_raises_leaves_the_chip_at_its_prompt(tmp_path: Path) -> None:
    returned = run_main(tmp_path, "print('done')")
    assert facts(returned, "firmware") == ["returned"]
    raised = run_main(tmp_path, "open('nothing')")
    assert facts(raised, "firmware") == ["raised"]
    assert any("ENOENT" in line for line in raised.console)


def test_bus_faults_are_the_errors_of_the_driver(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
i2c = SoftI2C(Pin(21), Pin(13), freq=400000, timeout=100)
def try_it():
    start = time.ticks_us()
    try:
        print(i2c.readfrom_mem(0x6A, 0x0F, 1))
    except OSError as error:
        print(errno.errorcode[error.errno], time.ticks_diff(time.ticks_us(), start))
print(i2c.scan())
for _ in range(5):
    try_it()
    time.sleep(1)
try:
    SoftI2C(Pin(1), Pin(2)).readfrom_mem(0x6A, 0x0F, 1)
except OSError as error:
    print("wrong pins", errno.errorcode[error.errno])
""",
        events=[
            {"at_ms": 1500, "do": "i2c_fault", "kind": "nak", "for_ms": 900},
            {"at_ms": 2500, "do": "i2c_fault", "kind": "stuck", "for_ms": 900},
            {"at_ms": 3500, "do": "i2c_fault", "kind": "low", "for_ms": 900},
        ],
    )
    # A byte takes 26 us, an edge of the clock is waited for 100 turns of 1.2 us.
    assert run.console == [
        "[106]",
        "b'l'",
        "ENODEV 52",
        "ETIMEDOUT 120",
        "b'\\x00'",
        "b'l'",
        "wrong pins ENODEV",
    ]


def test_the_chips_own_master_waits_a_tenth_of_a_second_for_each_byte(tmp_path: Path) -> None:
    """As the port asks of it (machine_i2c.c:308), should the controller give no sign."""
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
i2c = I2C(0, scl=Pin(21), sda=Pin(13), freq=400000)
for n in (1, 2, 224):
    start = time.ticks_ms()
    try:
        i2c.readfrom_mem(0x6A, 0x78, n)
    except OSError as error:
        print(errno.errorcode[error.errno], time.ticks_diff(time.ticks_ms(), start))
""",
        duration_ms=60_000,
        events=[{"at_ms": 0, "do": "i2c_fault", "kind": "stuck", "for_ms": 50_000}],
    )
    assert run.console == ["ETIMEDOUT 300", "ETIMEDOUT 400", "ETIMEDOUT 22600"]


def test_one_transfer_fails_and_only_that_of_the_chip_that_is_meant(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
imu = SoftI2C(Pin(21), Pin(13), freq=400000)
pmu = SoftI2C(Pin(7), Pin(15), freq=400000)
def look(bus, addr, register, n=1):
    try:
        return bus.readfrom_mem(addr, register, n)
    except OSError as error:
        return errno.errorcode[error.errno]
time.sleep(1)
print([look(pmu, 0x34, 0x03) for _ in range(3)])
print([look(imu, 0x6A, 0x0F) for _ in range(5)])
print(look(imu, 0x6A, 0x0F, 4), look(imu, 0x6A, 0x0F))
""",
        events=[
            {"at_ms": 900, "do": "i2c_fault", "chip": "imu", "kind": "nak", "nth": 2, "times": 2},
            {"at_ms": 900, "do": "i2c_fault", "chip": "imu", "kind": "cut", "nth": 6},
        ],
    )
    assert run.console == [
        "[b'J', b'J', b'J']",
        "[b'l', 'ENODEV', 'ENODEV', b'l', b'l']",
        "b'l\\x00\\xff\\xff' b'l'",
    ]


def test_a_transfer_blocks_for_nine_bits_a_byte(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
for i2c in (
    I2C(0, scl=Pin(21), sda=Pin(13), freq=400000),
    SoftI2C(Pin(21), Pin(13), freq=400000),
):
    start = time.ticks_us()
    i2c.readfrom_mem_into(0x6A, 0x78, bytearray(224))
    print(time.ticks_diff(time.ticks_us(), start))
""",
    )
    # 224 bytes and the addressing; in software a half of a bit takes 1.3 us, not 1.25.
    hardware, software = map(int, run.console)
    assert 5040 <= hardware <= 5200
    assert 5850 <= software <= 6000


def test_the_motor_is_observed_in_percent(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + """
pwm = PWM(Pin(11), freq=20000, duty_u16=0)
pwm.duty_u16(52428)
time.sleep_ms(100)
pwm.deinit()
""",
    )
    assert facts(run, "motor") == [80, 0]


def test_stalls_can_be_changed_and_switched_off(tmp_path: Path) -> None:
    source = (
        _IMPORTS + "s = time.ticks_ms()\ngc.collect()\nprint(time.ticks_diff(time.ticks_ms(), s))"
    )
    assert run_main(tmp_path, source).console == ["50"]
    assert run_main(tmp_path, source, stalls={"gc_collect": 70}).console == ["70"]
    assert run_main(tmp_path, source, stalls="off").console == ["0"]


@pytest.mark.parametrize("torn", [False, True])
def test_a_power_cut_in_flash_ends_the_run_and_the_next_one_mounts(
    tmp_path: Path, torn: bool
) -> None:
    source = (
        _IMPORTS
        + """
import os
try:
    with open("notes", "r") as file:
        print("was", file.read() == "x" * 5000)
except OSError:
    print("blank")
try:
    with open("notes", "w") as file:
        file.write("x" * 5000)
    print("written")
except Exception:
    print("caught: the chip is off, this must not happen")
"""
    )
    cut = run_main(tmp_path, source, keep=True, cut_after=3, torn=torn)
    assert cut.exit_codes == [POWER_CUT]
    assert cut.console == ["blank"]
    again = run_main(tmp_path, source, keep=True, duration_ms=20_000)
    assert again.console[-1] == "written"
    third = run_main(tmp_path, source, keep=True, duration_ms=30_000)
    assert third.console == ["was True", "written"]


_UART = """
from sim.world import current
class Far:
    def on_bytes(self, data):
        print("far", len(data), current.world.now_us // 1000 - origin)
far = Far()
def attach(port):
    return far
current.board.uarts[(5, 4)] = attach
uart = UART(1, 115200, tx=5, rx=4, rxbuf=64, txbuf=256)
origin = time.ticks_ms()
"""


def test_serial_bytes_arrive_when_the_line_has_carried_them(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + _UART
        + """
uart.write(b"x" * 115)
print("back at once", time.ticks_ms() - origin)
time.sleep_ms(100)
uart.write(b"x" * 1152)
print("blocked until the rest fits the buffer", time.ticks_ms() - origin - 100)
time.sleep_ms(100)
""",
    )
    assert run.console[0] == "back at once 0"
    assert run.console[1] in ("far 115 9", "far 115 10")
    # 1152 bytes take 100 ms; 384 of them may still wait in ring and FIFO.
    assert 60 <= int(run.console[2].rsplit(" ", 1)[1]) <= 70
    assert run.console[3].startswith("far 1152 ")


def test_what_the_receive_ring_cannot_hold_is_lost_and_said(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        _IMPORTS
        + _UART
        + """
async def main():
    reader = asyncio.StreamReader(uart)
    current.world.after(50_000, lambda: uart.deliver(b"+OK\\r\\n" + b"y" * 70))
    print(await reader.readline())
    print(len(await reader.read(100)))
asyncio.run(main())
""",
    )
    assert run.console == ["b'+OK\\r\\n'", "59"]
    assert facts(run, "lost") == [11]


def test_without_a_native_emitter_the_badge_runs_as_bytecode(tmp_path: Path) -> None:
    source = (
        _IMPORTS
        + """
from array import array
from badge.drivers.imu_fifo import ImuFifo
from badge.drivers.lsm6dsox import Lsm6dsox
imu = ImuFifo(Lsm6dsox(SoftI2C(Pin(21), Pin(13))))
imu.start()
time.sleep_ms(200)
buf = array("H", bytes(192))
n = imu.read_into(buf)
print(n, list(buf[:3]))
"""
    )
    runs = [run_main(tmp_path, source, engine=name).console for name in ("viper", "bytecode")]
    assert runs[0] == runs[1]
    assert re.match(r"20 \[(\d|6553\d), (99\d|100\d), (\d|6553\d)\]", runs[0][0])


def test_a_scenario_that_cannot_be_run_says_so_in_one_sentence(tmp_path: Path) -> None:
    from nabij.virtual.badge import Scenario, VirtualBadgeError, run_fast

    for change, word in (
        ({"stalls": {"coffee": 1}}, "coffee"),
        ({"events": [{"at_ms": 1, "do": "dance"}]}, "dance"),
    ):
        with pytest.raises(VirtualBadgeError, match=word):
            run_fast(dataclasses.replace(Scenario(duration_ms=10), **change), folder=tmp_path)
