"""Which pins may end a sleep: an active one keeps the chip awake, a stuck one is left out."""

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
high = [WakePin(button, 1, 15_000, lambda: said.append("button")),
        WakePin(int1, 1, 5_000, lambda: said.append("int1"))]
low = [WakePin(ri, 0, 2_000, lambda: said.append("ri"))]
armed = []
def arm(sign):
    return lambda pins: armed.append(sign * len(pins))
pins = WakePins(high, low, arm(1), arm(-1))
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
    assert said == [0, 0, [[2, -1], []]]


def test_an_active_pin_keeps_the_chip_awake_and_its_owner_is_told() -> None:
    said = steps("ri.level = 0; out.append(pins.awake_ms(0) > 0); pins.serve(); show()")
    assert said == [True, [[], ["ri"]]]


def test_a_pin_that_sticks_is_left_out_and_armed_again_when_it_lets_go() -> None:
    said = steps(
        "button.level = 1\n"
        "for at_ms in (0, 14_999, 15_000):\n"
        "    out.append(pins.awake_ms(at_ms) > 0)\n"
        "pins.serve()\n"
        "show()\n"
        "button.level = 0\n"
        "out.append(pins.awake_ms(16_000))\n"
        "show()\n"
    )
    assert said == [True, True, False, [[1, -1], []], 0, [[2, -1], []]]
