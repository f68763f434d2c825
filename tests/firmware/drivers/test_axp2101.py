"""The power chip's driver on the chip's model: charger and rails are the board's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nabij.hardware import boards, power
from tests.mp import run_mp

_BENCH = """
import json
from badge.drivers.axp2101 import Axp2101, Supply
from sim.models.axp2101 import Axp2101Model, Rails
from sim.options.option import filled
from sim.options.pmu import OPTIONS
from sim.world.board import Line
from sim.world.world import World

class Quiet:
    def write(self, text):
        seen.append(text)

class Bus:
    def readfrom_mem_into(self, addr, register, buf):
        chip.read_into(register, buf)
    def writeto_mem(self, addr, register, data):
        chip.write(register, data)

def register(number):
    one = bytearray(1)
    chip.read_into(number, one)
    return one[0]

seen = []
world = World(output=Quiet())
cell = {"capacity_mah": 1000, "charge_ma": CELL_MA, "charge_mv": CELL_MV}
options = filled(OPTIONS, {"vbus": True, "percent": 50}, "The power chip")
chip = Axp2101Model(world, Line(world, 6), options, cell, Rails(*[lambda on: None] * 3))
pmu = Axp2101(Bus(), Supply(CHARGE_MA, CHARGE_MV, RAILS))
out = {}
"""
_HOUR_US = 3_600_000_000


def bench(
    script: str,
    *,
    told: tuple[int, int] = (500, 4200),
    cell: tuple[int, int] = (500, 4200),
    rails: tuple[int, int, int] = (0x05, 0x10, 0),
) -> dict[str, Any]:
    setup = _BENCH
    for name, value in (
        ("CELL_MA", cell[0]),
        ("CELL_MV", cell[1]),
        ("CHARGE_MA", told[0]),
        ("CHARGE_MV", told[1]),
        ("RAILS", rails),
    ):
        setup = setup.replace(name, str(value))
    script = f"{setup}\n{script}\nout['seen'] = [json.loads(one[2:]) for one in seen]\n"
    found: dict[str, Any] = json.loads(run_mp(f"{script}print(json.dumps(out))\n"))
    return found


def charged(**told: Any) -> dict[str, Any]:
    """What the battery holds an hour after the start, in permille, from 500."""
    return bench(
        f"pmu.start()\nworld.now_us += {_HOUR_US}\nout['permille'] = chip.permille\n"
        "reading = pmu.read()\nout['charging'] = reading.charging\n",
        **told,
    )


def test_the_charger_is_told_the_boards_current_and_voltage_and_no_thermistor() -> None:
    out = bench("""
chip.write(0x50, bytes([0xA2]))
pmu.start()
out["is"] = [register(number) for number in (0x50, 0x62, 0x64)]
out["ts"] = register(0x30) & 2
""")
    assert out["is"] == [0xB0, 11, 3]
    assert out["ts"] == 0


@pytest.mark.parametrize(("ma", "code"), [(25, 1), (200, 8), (300, 9), (1000, 16)])
def test_each_step_of_the_current_has_its_code(ma: int, code: int) -> None:
    out = bench("pmu.start()\nout['is'] = register(0x62) & 0x1F\n", told=(ma, 4200))
    assert out["is"] == code


@pytest.mark.parametrize(("mv", "code"), [(4000, 1), (4100, 2), (4200, 3), (4350, 4), (4400, 5)])
def test_each_voltage_has_its_code(mv: int, code: int) -> None:
    out = bench("pmu.start()\nout['is'] = register(0x64) & 7\n", told=(500, mv))
    assert out["is"] == code


def test_an_hour_on_a_charger_fills_what_the_current_says() -> None:
    out = charged(told=(200, 4200))
    assert out["permille"] == pytest.approx(700, abs=2)
    assert out["charging"]
    assert not out["seen"]


@pytest.mark.parametrize(
    ("told", "why"), [((1000, 4200), "1000 mA"), ((500, 4350), "4350 mV"), ((500, 4000), "4000")]
)
def test_a_cell_is_not_charged_with_what_it_does_not_take(told: tuple[int, int], why: str) -> None:
    out = charged(told=told)
    assert out["permille"] == 500
    assert not out["charging"]
    (refused,) = out["seen"]
    assert refused["charging"] == "refused"
    assert why in refused["why"]


@pytest.mark.parametrize("undone", ["chip.write(0x50, b'\\x00')", "chip.write(0x30, b'\\x03')"])
def test_a_charger_that_looks_at_a_thermistor_waits_for_ever(undone: str) -> None:
    out = bench(
        f"pmu.start()\n{undone}\nworld.now_us += {_HOUR_US}\n"
        "out['permille'] = chip.permille\nout['charging'] = pmu.read().charging\n"
    )
    assert out["permille"] == 500
    assert not out["charging"]


def test_rails_that_feed_nothing_are_switched_off_and_a_modem_that_runs_keeps_its_own() -> None:
    out = bench("""
chip.write(0x80, bytes([0xDF]))
pmu.start()
out["is"] = [register(number) for number in (0x80, 0x90, 0x91)]
""")
    # The upper bits of 0x80 are no rails.
    assert out["is"] == [0xC5, 0x10, 0]


@pytest.mark.parametrize(("ldo", "fed"), [(0x10, [False, True, False]), (0x30, [True] * 3)])
def test_an_antenna_is_fed_while_it_is_needed_and_what_else_hangs_there_always(
    ldo: int, fed: list[bool]
) -> None:
    out = bench(
        """
out["fed"] = []
pmu.start()
for on in (None, True, False):
    if on is not None:
        pmu.antenna(on)
    out["fed"].append(bool(register(0x90) & 0x20))
    if on:
        out["mv"] = 500 + 100 * register(0x97)
""",
        rails=(0x05, ldo, 0),
    )
    assert (out["fed"], out["mv"]) == (fed, 3300)


def test_a_board_that_forgets_its_own_supply_goes_dark() -> None:
    out = bench(
        "from sim.halt import Halt\n"
        "try:\n    pmu.start()\nexcept Halt as halt:\n    out['halt'] = str(halt)\n",
        rails=(0x04, 0x10, 0),
    )
    assert "DC1" in out["halt"]


def test_the_reference_board_keeps_chip_modem_and_the_wires_between_them() -> None:
    assert set(boards.load(power.REFERENCE_BOARD).pmu.rails) == {"dc1", "dc3", "bldo1"}
