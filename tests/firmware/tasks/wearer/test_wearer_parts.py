"""Parts of what the wearer feels, on MicroPython: the queue of signals, the record of a shift."""

import struct
from binascii import crc32
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.storage.shift_file import ShiftFile
from badge.storage.worn_file import WornFile
from tests.mp import run_mp

FEEDBACK = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core.settings import config
from badge.core.wearer import feedback
from badge.tasks.wearer.feedback_task import FeedbackTask
class Output:
    "Notes when it comes on and that it goes off."
    def __init__(self):
        self.playing = 0
        self.lasted = []
    def is_on(self):
        return self.playing > 0
    def off(self):
        self.playing = 0
    async def play(self, steps):
        began = ticks_ms()
        self.playing += 1
        try:
            for step in steps:
                await asyncio.sleep_ms(step[0] + step[1])
        finally:
            self.playing -= 1
            self.lasted.append(ticks_ms() - began)
class Log:
    def event(self, what, **fields):
        print(what, fields["pattern"])
motor, buzzer, led = Output(), Output(), Output()
task = FeedbackTask(motor, buzzer, led, feedback.plan(config.defaults("pna11")), Log())
async def main():
    asyncio.create_task(task.run(lambda: None))
    %s
asyncio.run(main())
"""


def lines(script: str) -> list[str]:
    return run_mp(FEEDBACK % script.replace("\n", "\n    ")).splitlines()


def test_what_waits_is_played_by_urgency_and_once() -> None:
    assert lines(
        "for name in ('PROTECTED', 'LOW_BATTERY', 'TAKEN', 'TAKEN', 'PRE_ALARM', 'RAISED'):"
        "\n    task.feel(name)"
        "\nawait asyncio.sleep_ms(20_000)"
        "\nprint(motor.is_on(), buzzer.is_on(), led.is_on(), task.is_on())"
    ) == [
        "haptic RAISED",
        "haptic PRE_ALARM",
        "haptic TAKEN",
        "haptic LOW_BATTERY",
        "haptic PROTECTED",
        "False False False False",
    ]


def test_a_squeeze_breaks_off_motor_buzzer_and_light() -> None:
    found = lines(
        "task.feel('NOT_DELIVERED')"
        "\nawait asyncio.sleep_ms(300)"
        "\ntask.feel('RAISED')"
        "\nawait asyncio.sleep_ms(10)"
        "\nprint(motor.is_on(), buzzer.is_on(), led.is_on())"
        "\nawait asyncio.sleep_ms(5000)"
        "\nprint(motor.lasted[0] < 350, buzzer.lasted[0] < 350, led.lasted[0] < 350)"
    )
    assert found == [
        "haptic NOT_DELIVERED",
        "False False False",
        "haptic RAISED",
        "True True True",
    ]


def test_of_too_many_the_least_urgent_is_dropped_and_never_an_alarm() -> None:
    tells = "'ARMED', 'LIMITED', 'NOT_WORN', 'AMBER_ENDED', 'SHIFT_ENDED', 'TEST_PASSED'"
    found = lines(
        f"for name in ({tells}, 'HELP_COMING', 'CHECK_IN_DUE'):"
        "\n    task.feel(name)"
        "\nawait asyncio.sleep_ms(30_000)"
    )
    assert found[:2] == ["haptic.dropped TEST_PASSED", "haptic.dropped SHIFT_ENDED"]
    assert found[2:4] == ["haptic HELP_COMING", "haptic CHECK_IN_DUE"]


SECONDS = st.integers(0, 2**32 - 2)


@given(
    st.booleans(),
    SECONDS,
    st.none() | SECONDS,
    st.none() | st.booleans(),
    st.integers(0, 255),
)
def test_a_shift_is_read_as_it_was_stored(
    tmp_path_factory: pytest.TempPathFactory,
    on: bool,
    age_s: int,
    tested_ago_s: int | None,
    passed: bool | None,
    tried: int,
) -> None:
    file = ShiftFile(str(tmp_path_factory.mktemp("shift") / "shift"))
    file.save(on, age_s, tested_ago_s, passed, tried)
    assert file.load() == (on, age_s, tested_ago_s, passed, tried)


def test_a_record_of_before_the_buttons_were_tried_is_still_read(tmp_path: Path) -> None:
    """Written by firmware that an update replaced in the middle of a shift."""
    path = tmp_path / "shift"
    record = struct.pack("<BBIIB", 1, 1, 3600, 60, 1)
    path.write_bytes(record + struct.pack("<I", crc32(record)))
    assert ShiftFile(str(path)).load() == (True, 3600, 60, True, 0)
    path.write_bytes(record + struct.pack("<I", crc32(record) ^ 1))
    assert ShiftFile(str(path)).load() is None


@given(st.binary(max_size=32))
def test_a_damaged_record_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("shift") / "shift"
    assert ShiftFile(str(path)).load() is None
    path.write_bytes(data)
    assert ShiftFile(str(path)).load() is None
    other_version = struct.pack("<BBIIB", 9, 1, 2, 3, 1)
    path.write_bytes(other_version + struct.pack("<I", crc32(other_version)))
    assert ShiftFile(str(path)).load() is None


def test_every_bit_of_a_record_is_guarded(tmp_path: Path) -> None:
    path = tmp_path / "shift"
    file = ShiftFile(str(path))
    file.save(on=True, age_s=3600, tested_ago_s=60, passed=True, tried=3)
    data = path.read_bytes()
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(changed)
        assert file.load() is None


def test_whether_it_was_worn_outlives_a_loss_of_power(tmp_path: Path) -> None:
    path = str(tmp_path / "worn")
    file = WornFile(path)
    assert not file.load()
    assert not file.store_due(is_worn=False)
    for is_worn in (True, False, True):
        assert file.store_due(is_worn=is_worn)
        file.store(is_worn=is_worn)
        assert not file.store_due(is_worn=is_worn)
        assert WornFile(path).load() == is_worn
        assert file.load() == is_worn


def test_a_full_flash_is_tried_once_a_change(tmp_path: Path) -> None:
    file = WornFile(str(tmp_path / "no folder" / "worn"))
    assert not file.load()
    with pytest.raises(OSError, match="No such file"):
        file.store(is_worn=True)
    assert not file.store_due(is_worn=True)
