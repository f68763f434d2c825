"""Light sleep of the stand-in chip: what wakes it, and what firmware loses that is not careful."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import BROWNOUT, WATCHDOG, Run
from tests.sim.stub import run_main
from tests.worlds import Site

_HEAD = """
import esp32, machine, time
from machine import Pin, UART, PWM, SoftI2C
button = Pin(14, Pin.IN, Pin.PULL_DOWN)
esp32.wake_on_ext1((button,), esp32.WAKEUP_ANY_HIGH)
"""


def facts(run: Run, key: str) -> list[Any]:
    return [fact[key] for fact in run.facts if key in fact]


def run_asleep(folder: Path, source: str, *presses: int, **scenario: Any) -> Run:
    events = [{"at_ms": at, "do": "press", "ms": 500} for at in presses]
    return run_main(folder, _HEAD + source, events=events, stalls="off", **scenario)


def test_a_timer_or_a_level_ends_the_sleep(tmp_path: Path) -> None:
    source = "for _ in range(3):\n    machine.lightsleep(1000)\n    print(time.ticks_ms())\n"
    run = run_asleep(tmp_path, source, 1500)
    # A millisecond to wake; the press ends the second sleep, and is still down for the third.
    assert run.console == ["1001", "1501", "1502"]


def test_a_level_that_was_there_before_the_sleep_ends_it_at_once(tmp_path: Path) -> None:
    source = "time.sleep_ms(1600)\nmachine.lightsleep(5000)\nprint(time.ticks_ms())\n"
    assert run_asleep(tmp_path, source, 1500).console == ["1601"]


def test_an_edge_in_sleep_raises_no_interrupt(tmp_path: Path) -> None:
    source = """
button.irq(lambda pin: print("edge"), Pin.IRQ_RISING)
machine.lightsleep(5000)
time.sleep_ms(50)
print("awake")
"""
    assert run_asleep(tmp_path, source, 1500).console == ["awake"]


def test_a_pin_that_can_wake_reads_0_after_a_sleep_until_it_is_set_up_again(
    tmp_path: Path,
) -> None:
    source = """
machine.lightsleep(5000)
print(button.value())
Pin(14, Pin.IN, Pin.PULL_DOWN)
print(button.value())
"""
    assert run_asleep(tmp_path, source, 1500).console == ["0", "1"]


def test_what_a_serial_port_hears_in_sleep_is_lost_and_said(tmp_path: Path) -> None:
    source = """
class Talker:
    def on_bytes(self, data):
        pass

uart = UART(2, 115200, tx=1, rx=2)
from sim.world import current
world = current.world
for at_ms in (500, 1500):
    world.at(at_ms * 1000, lambda: uart.deliver(b"hello"))
machine.lightsleep(1000)
time.sleep_ms(1000)
print(uart.read())
"""
    run = run_asleep(tmp_path, source)
    assert run.console == ["b'hello'"]
    assert facts(run, "lost") == [5]


def test_a_line_that_begins_in_sleep_loses_its_head(tmp_path: Path) -> None:
    source = """
uart = UART(2, 115200, tx=1, rx=2)
from sim.world import current
# 64 bytes take 5.6 ms; awake again 2 ms after the first of them.
current.world.at(1_004_556, lambda: uart.deliver(bytes(range(64))))
machine.lightsleep(1000)
time.sleep_ms(100)
print(list(uart.read())[0])
"""
    run = run_asleep(tmp_path, source)
    (lost,) = facts(run, "lost")
    assert run.console == [str(lost)]
    assert 20 <= lost <= 25


def test_a_motor_and_a_transmission_that_a_sleep_cuts_off_are_said(tmp_path: Path) -> None:
    source = """
motor = PWM(Pin(11), duty_u16=30000)
uart = UART(2, 115200, tx=1, rx=2)
uart.write(b"x" * 50)
machine.lightsleep(100)
"""
    said = facts(run_asleep(tmp_path, source), "sleep")
    assert said == ["stops a PWM", "cuts a UART off", "lets an output float"]


def test_an_edge_interrupt_on_a_gpio_that_wakes_is_said(tmp_path: Path) -> None:
    source = """
ri = Pin(3, Pin.IN, Pin.PULL_UP)
ri.irq(print, Pin.IRQ_FALLING)
esp32.wake_on_gpio((ri,), esp32.WAKEUP_ALL_LOW)
machine.lightsleep(100)
"""
    (said,) = facts(run_asleep(tmp_path, source), "sleep")
    assert "edge" in said


def test_an_output_floats_in_sleep_and_is_driven_again_after_it(tmp_path: Path) -> None:
    source = """
dtr, led = Pin(42, Pin.OUT, value=1), Pin(16, Pin.OUT, value=1)
from sim.world import current
current.world.at(50_000, lambda: print("asleep", current.board.line(42).level))
machine.lightsleep(100)
machine.lightsleep(100)
print("awake", dtr.value())
"""
    run = run_asleep(tmp_path, source)
    assert run.console == ["asleep 0", "awake 1"]
    assert facts(run, "led")[-2:] == [0, 1]
    said = [(f["sleep"], f["pin"]) for f in run.facts if "sleep" in f]
    assert sorted(said) == [("lets an output float", 16), ("lets an output float", 42)]


def test_a_pad_whose_sleep_bit_is_cleared_and_a_pwm_made_for_sleep_go_on(tmp_path: Path) -> None:
    source = """
from machine import mem32
dtr = Pin(42, Pin.OUT, value=1)
mem32[0x60009004 + 4 * 42] &= ~2
motor = PWM(Pin(11), duty_u16=30000, lightsleep=True)
from sim.world import current
current.world.at(50_000, lambda: print("asleep", current.board.line(42).level))
machine.lightsleep(100)
"""
    run = run_asleep(tmp_path, source)
    assert run.console == ["asleep 1"]
    assert facts(run, "sleep") == []


@pytest.mark.parametrize("pin", [14, 13])
def test_the_chips_own_pull_is_gone_in_sleep_on_a_pin_that_wakes(tmp_path: Path, pin: int) -> None:
    """GPIO14 has a resistor on the board, GPIO13 has none: it floats, and wakes the chip."""
    source = f"""
button = Pin({pin}, Pin.IN, Pin.PULL_DOWN)
esp32.wake_on_ext1((button,), esp32.WAKEUP_ANY_HIGH)
machine.lightsleep(1000)
print(time.ticks_ms())
"""
    run = run_asleep(tmp_path, source)
    floats = pin == 13
    assert run.console == ["1" if floats else "1001"]
    assert facts(run, "sleep") == (["lets an input float"] if floats else [])


def test_a_low_pin_that_was_armed_once_wakes_as_long_as_any_is_armed(tmp_path: Path) -> None:
    source = """
ri, irq = Pin(3, Pin.IN, Pin.PULL_UP), Pin(6, Pin.IN, Pin.PULL_UP)
from sim.world import current
current.board.line(3).drive(0)
for pins in ((ri, irq), (irq,), (), (irq,)):
    esp32.wake_on_gpio(pins, esp32.WAKEUP_ALL_LOW)
    began = time.ticks_ms()
    machine.lightsleep(1000)
    print(time.ticks_diff(time.ticks_ms(), began))
"""
    assert run_asleep(tmp_path, source).console == ["1", "1", "1001", "1"]


def test_the_task_watchdog_stands_still_in_sleep(tmp_path: Path) -> None:
    source = """
wdt = machine.WDT(timeout=2000)
time.sleep_ms(1500)
machine.lightsleep(4000)
print(time.ticks_ms())
time.sleep_ms(450)
print("still there")
time.sleep_ms(100)
"""
    run = run_asleep(tmp_path, source, respawn=frozenset())
    assert run.console == ["5501", "still there"]
    assert run.exit_codes == [WATCHDOG]


@pytest.mark.parametrize("pauses", [False, True])
def test_the_rtc_watchdog_ends_a_sleep_that_does_not_end_unless_it_pauses(
    tmp_path: Path, pauses: bool
) -> None:
    source = f"""
from machine import mem32
mem32[0x600080B0] = 0x50D83AA1
# The first stage lasts twice what is set.
mem32[0x6000809C] = 3 * 136_000 // 2
mem32[0x60008098] = 1 << 31 | 3 << 28 | {int(pauses)} << 9
mem32[0x600080AC] = 1 << 31
mem32[0x600080B0] = 0
mem32[0x60008098] = 0
machine.lightsleep(1000)
print(time.ticks_ms())
mem32[0x600080B0] = 0x50D83AA1
mem32[0x60008098] = 0
print("over")
"""
    stuck = {"at_ms": 500, "do": "sleep_stuck", "for_ms": 6000}
    run = run_main(tmp_path, _HEAD + source, events=[stuck], stalls="off", respawn=frozenset())
    if pauses:
        assert run.console == ["6501", "over"]
        assert run.exit_codes == [0]
    else:
        assert run.exit_codes == [WATCHDOG]
        assert run.facts[-1]["t_ms"] == 3000


def test_after_a_brownout_the_port_says_power_on_and_a_register_knows_better(
    tmp_path: Path,
) -> None:
    source = """
print(machine.reset_cause() == machine.PWRON_RESET, hex(machine.mem32[0x60008038] & 0x3F))
time.sleep(5)
"""
    run = run_main(tmp_path, _HEAD + source, events=[{"at_ms": 2000, "do": "brownout"}])
    assert run.exit_codes == [BROWNOUT, 0]
    assert run.console == ["True 0x1", "True 0xf"]


def test_a_register_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    run = run_asleep(tmp_path, "machine.mem32[0x60000000]\n")
    assert "no register at 0x60000000" in run.console[-1]


def test_sleep_draws_less_than_waiting(tmp_path: Path) -> None:
    waiting = run_asleep(tmp_path, "time.sleep(9)", duration_ms=8000)
    asleep = run_asleep(tmp_path, "machine.lightsleep(9000)", duration_ms=8000)
    (awake_mah,) = [fact["mah"] for fact in facts(waiting, "energy")]
    (asleep_mah,) = [fact["mah"] for fact in facts(asleep, "energy")]
    assert asleep_mah < 0.1 * awake_mah


def test_the_power_chip_answers_as_its_registers_say(tmp_path: Path) -> None:
    source = """
from badge.boards.t_sim7080g_s3 import Board as board
from badge.drivers.axp2101 import Axp2101, IRQ_VBUS_IN, IRQ_VBUS_OUT, PmuError, Supply
i2c = SoftI2C(Pin(7), Pin(15))
irq = Pin(6, Pin.IN, Pin.PULL_UP)
pmu = Axp2101(i2c, Supply(board.CHARGE_MA, board.CHARGE_MV, board.PMU_RAILS))
pmu.start()
def show():
    r = pmu.read()
    print(r.battery_mv, r.percent, r.vbus, r.charging, r.charged, irq.value())
show()
time.sleep_ms(1000)
show()
print(pmu.take_irq() == IRQ_VBUS_IN, irq.value())
time.sleep_ms(1000)
print(pmu.take_irq() == IRQ_VBUS_OUT)
time.sleep_ms(1000)
show()
for on in (True, False):
    pmu.modem_rail(on)
time.sleep_ms(1000)
try:
    pmu.read()
except PmuError as error:
    print(error.code)
"""
    events = [
        {"at_ms": 500, "do": "charger", "on": True},
        {"at_ms": 1500, "do": "charger", "on": False},
        {"at_ms": 2500, "do": "battery", "percent": 8},
        {"at_ms": 3500, "do": "i2c_fault", "kind": "nak", "for_ms": 5000},
    ]
    run = run_main(tmp_path, _HEAD + source, events=events, stalls="off", pmu={"percent": 60})
    assert run.console[0] == "3850 60 False False False 1"
    assert run.console[1].endswith("True True False 0")
    assert run.console[2:4] == ["True 1", "True"]
    assert run.console[4] == "3580 8 False False False 1"
    assert run.console[5] == "pmu.absent"
    assert [fact["on"] for fact in run.facts if fact.get("rail") == "modem"] == [True, False]


def test_without_its_level_shifters_rail_the_modem_is_deaf_and_dumb(
    site: Site, tmp_path: Path
) -> None:
    """BLDO1; its supply (DC3) goes on, and the firmware's way to switch both on mends it."""
    source = """
from badge.boards import t_sim7080g_s3
from badge.drivers.axp2101 import Axp2101, Supply
board = t_sim7080g_s3.Board
pmu_i2c = board().pmu_i2c()
uart = board().modem_uart()
pmu = Axp2101(pmu_i2c, Supply(board.CHARGE_MA, board.CHARGE_MV, board.PMU_RAILS))
def ask():
    uart.write(b"AT\\r")
    time.sleep_ms(500)
    print("OK" in (uart.read() or b"").decode())
time.sleep_ms(1000)
ask()
pmu_i2c.writeto_mem(0x34, 0x90, b"\\x00")
ask()
pmu.modem_rail(True)
ask()
"""
    modem = site.modem(powered=True, boot_ms=100, register_ms=100)
    run = run_main(tmp_path, _HEAD + source, modem=modem)
    assert run.console == ["True", "False", "True"]
    assert facts(run, "rail") == ["port", "port", "modem"]
    assert "port off" in facts(run, "modem")


def test_another_chip_or_none_at_its_address_is_named(tmp_path: Path) -> None:
    source = """
from badge.drivers.axp2101 import Axp2101, PmuError
for address in (0x34, 0x35):
    try:
        Axp2101(SoftI2C(Pin(7), Pin(15)), address).start()
    except PmuError as error:
        print(error.code)
"""
    run = run_main(tmp_path, _HEAD + source, pmu={"absent": True})
    assert run.console == ["pmu.absent"] * 2
