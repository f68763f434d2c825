"""The test of a shift: what of the accelerometer counts, and what a spoilt try costs."""

import json
from typing import Any

import pytest

from tests.mp import run_mp

RIG = """
import asyncio, json
from badge.core.settings.config import Config
from badge.core.wearer.protection import Protection
from badge.core.wearer.shift import Shift
from badge.drivers.chip_errors import ImuError
from badge.tasks.wearer.shift_check import Checked, ShiftCheck

asked = []
async def test_motion(timeout_ms):
    asked.append(timeout_ms)
    said = tries.pop(0)
    if isinstance(said, str):
        raise ImuError(said, "as said")
    return said

class Bearer:
    weak_dbm = -118
    async def signal(self):
        return cell

class Keeper:
    def open_alarms(self):
        return ()
    def test(self, now_ms, watch_s):
        return None

class Log:
    def event(self, what, **fields):
        if what == "shift.test":
            told.append(fields["rsrp_dbm"])

told = []
answers = Protection()
shift = Shift(Config.from_dict({}), 0)
shift.start(0)
checked = Checked(
    lambda: True, Bearer(), test_motion, lambda: False, lambda: False, lambda: None
)
check = ShiftCheck(shift, checked, answers, Keeper(), lambda signal: None, Log())
check.begin()
"""


def outcome(*, tries: list[Any], cell: str = "(-90, 1, 2)") -> Any:
    """[the reasons after the test, how often the sensor was asked, the signal that was told]."""
    return json.loads(
        run_mp(
            f"{RIG}\ntries = {tries!r}\ncell = {cell}\n"
            "asyncio.run(check.run(lambda: None))\n"
            "print(json.dumps([answers.verdict()[1], len(asked), told]))"
        )
    )


MOVED, SPOILT = (400, 50, 400), (400, 49, 400)


@pytest.mark.parametrize(
    ("tries", "is_faulty", "asked"),
    [
        ([MOVED], False, 1),
        ([SPOILT, MOVED], False, 2),
        ([SPOILT, SPOILT, MOVED], False, 3),
        ([SPOILT, SPOILT, SPOILT, MOVED], True, 3),
        (["imu.failed", MOVED], True, 1),
        (["imu.busy", SPOILT], False, 1),
        (["imu.bus", MOVED], False, 2),
        (["imu.silent", "imu.bus", SPOILT, MOVED], True, 3),
    ],
)
def test_an_axis_that_does_not_move_is_a_fault_after_three_tries(
    tries: list[Any], is_faulty: bool, asked: int
) -> None:
    """A wearer or a fault can spoil one; a chip that does not run is one at once."""
    reasons, times, _ = outcome(tries=tries)
    assert ("motion" in reasons, times) == (is_faulty, asked)


@pytest.mark.parametrize(
    ("cell", "is_weak", "told"),
    [
        ("(-118, 1, 2)", False, -118),
        ("(-119, 1, 2)", True, -119),
        ("None", False, None),
    ],
)
def test_a_weak_signal_is_said_and_one_that_nobody_knows_is_not(
    cell: str, is_weak: bool, told: int | None
) -> None:
    reasons, _, said = outcome(tries=[MOVED], cell=cell)
    assert ("coverage" in reasons, said) == (is_weak, [told])
