"""Which pins may end a sleep: an active one keeps the chip awake, a stuck one does not wake it."""

import json
from typing import Any

from tests.mp import run_mp

SCRIPT = """
import json
from badge.tasks.power.wake_pins import WakePin, WakePins

class Pin:
    def __init__(self, level):
        self.level = level
    def value(self):
        return self.level

said = []
button, int1, ri = Pin(0), Pin(0), Pin(1)
class Log:
    def event(self, what, **fields):
        said.append("%s %s %s" % (what, fields["pin"], fields["stuck"]))

pmu = Pin(1)
high = [WakePin("left", button, 1, 15_000, lambda: said.append("button")),
        WakePin("int1", int1, 1, 5_000, lambda: said.append("int1"))]
low = [WakePin("pmu", pmu, 0, 5_000, lambda: said.append("pmu")),
       WakePin("ri", ri, 0, 2_000, lambda: said.append("ri"))]
armed = []
def arm(sign):
    return lambda pins: armed.append(sign * len(pins))
pins = WakePins(high, low, arm(1), arm(-1), Log())
out = []
def show():
    out.append([list(armed), list(said)])
    armed.clear()
    said.clear()
"""


def steps(script: str) -> Any:
    return json.loads(run_mp(SCRIPT + script + "\nprint(json.dumps(out))\n").splitlines()[-1])


def test_idle_pins_are_armed_once() -> None:
    said = steps("out.append(pins.awake_ms(0)); out.append(pins.awake_ms(100)); show()")
    assert said == [0, 0, [[2, -2], []]]


def test_an_active_pin_keeps_the_chip_awake_and_its_owner_is_told() -> None:
    said = steps("ri.level = 0; out.append(pins.awake_ms(0) > 0); pins.serve(0); show()")
    assert said == [True, [[], ["ri"]]]


def test_a_pin_that_sticks_is_left_out_and_armed_again_when_it_lets_go() -> None:
    said = steps(
        "button.level = 1\n"
        "for at_ms in (0, 14_999, 15_000):\n"
        "    out.append(pins.awake_ms(at_ms) > 0)\n"
        "pins.serve(15_000)\n"
        "show()\n"
        "button.level = 0\n"
        "out.append(pins.awake_ms(16_000))\n"
        "show()\n"
    )
    assert said == [
        True,
        True,
        False,
        [[1, -2], ["wake.pin left True"]],
        0,
        [[2, -2], ["wake.pin left False"]],
    ]


def test_while_a_low_pin_sticks_none_is_armed_and_all_are_looked_at_by_the_clock() -> None:
    """The port cannot disarm one low pin: armed once, it would end every sleep at once."""
    said = steps(
        "pins.awake_ms(0)\n"
        "show()\n"
        "ri.level = 0\n"
        "for at_ms in (1_000, 2_999, 3_000):\n"
        "    out.append(pins.awake_ms(at_ms) > 0)\n"
        "show()\n"
        "for at_ms in (3_250, 12_990, 13_000, 13_250, 23_000):\n"
        "    pins.awake_ms(at_ms)\n"
        "    pins.serve(at_ms)\n"
        "show()\n"
        "pmu.level = 0\n"
        "pins.serve(23_300)\n"
        "pmu.level = ri.level = 1\n"
        "out.append(pins.awake_ms(24_000))\n"
        "show()\n"
    )
    assert said == [
        [[2, -2], []],
        True,
        True,
        False,
        [[2, 0], ["wake.pin ri True"]],
        [[], ["pmu", "ri", "pmu", "ri"]],
        0,
        [[2, -2], ["pmu", "wake.pin ri False"]],
    ]
