"""The start of a badge with two slots, in the real firmware/main.py: what runs after what."""

from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import WATCHDOG, Run, Scenario, run_fast
from tests.places import FIRMWARE

# What a slot may hold instead of the application, as its badge/app.py.
WORKS = """
import time
def run(board, watchdog):
    while True:
        watchdog.feed()
        time.sleep(1)
"""
HANGS = WORKS.replace("watchdog.feed()", "pass")
RAISES = "def run(board, watchdog):\n    raise OSError(5)"
CANNOT_BE_IMPORTED = "import no_such_module"
NO_PYTHON = "def run(board"

BOARD = FIRMWARE / "badge" / "boards" / "t_sim7080g_s3.py"

# Fills the slots at the first start, as `nabij flash` and `nabij update` leave them.
FILL = """
import os
from badge.core import slots

def put(path, text):
    parts = path.split("/")
    for depth in range(2, len(parts)):
        try:
            os.mkdir("/".join(parts[:depth]))
        except OSError:
            pass
    with open(path, "w") as file:
        file.write(text)
board = {board!r}
if "slots" not in os.listdir("/"):
    for name, text in (("a", {a!r}), ("b", {b!r})):
        put("/%s/badge/__init__.py" % name, "print('slot', %r)" % name)
        put("/%s/badge/boards/__init__.py" % name, "")
        put("/%s/badge/boards/active.py" % name, board)
        put("/%s/badge/app.py" % name, text)
    record = slots.first(5, "5")
    record.start(False)
    record.steady(0, True)
    if {update}:
        record.commit(record.open(6), 6, "6")
    with open("/slots", "wb") as file:
        file.write(slots.encode(record))
with open("/rom/main.py") as file:
    exec(file.read())
"""


def run(
    folder: Path, a: str, b: str, *, duration_ms: int = 300_000, events=(), update=True
) -> Run:
    script = folder / "main.py"
    script.write_text(FILL.format(a=a, b=b, update=update, board=BOARD.read_text()))
    scenario = Scenario(main=script, duration_ms=duration_ms, events=events)
    return run_fast(scenario, folder=folder)


def slots_started(result: Run) -> str:
    return "".join(line[5] for line in result.console if line.startswith("slot "))


def test_an_update_that_works_runs(tmp_path: Path) -> None:
    result = run(tmp_path, WORKS, WORKS)
    assert slots_started(result) == "b"
    assert result.exit_codes == [0]


@pytest.mark.parametrize("broken", [RAISES, CANNOT_BE_IMPORTED, NO_PYTHON])
def test_an_update_that_fails_at_once_falls_back(tmp_path: Path, broken: str) -> None:
    assert slots_started(run(tmp_path, WORKS, broken)) == "bbba"


def test_an_update_that_hangs_is_ended_by_the_watchdog_and_falls_back(tmp_path: Path) -> None:
    result = run(tmp_path, WORKS, HANGS)
    assert slots_started(result) == "bbba"
    assert result.exit_codes[:3] == [WATCHDOG] * 3


def test_good_firmware_that_begins_to_crash_gives_way_to_the_other_slot(tmp_path: Path) -> None:
    """Slot a is good and crashes; slot b was never filled, so the badge pauses and tries again."""
    result = run(tmp_path, RAISES, WORKS, update=False, duration_ms=100_000)
    # The first start was a power-on; seven crashes of doubt, then by turns a pause and a try.
    assert slots_started(result).startswith("a" * 8)
    paused = [line for line in result.console if "safe_mode" in line]
    assert len(paused) >= 2
    assert set(slots_started(result)) == {"a"}


def test_safe_mode_is_felt_and_ends_by_itself(tmp_path: Path) -> None:
    result = run(tmp_path, RAISES, RAISES, duration_ms=100_000)
    first = next(i for i, line in enumerate(result.lines) if "safe_mode" in line.text)
    felt = [
        line.fact["motor"] for line in result.lines[first:] if line.fact and "motor" in line.fact
    ]
    assert felt[:6] == [100, 0] * 3
    after = "".join(line.text for line in result.lines[first:])
    assert "slot a" in after


HELD: list[dict[str, Any]] = [
    {"at_ms": 0, "do": "sos_down", "button": "right"},
    {"at_ms": 20_000, "do": "sos_up", "button": "right"},
]


def test_a_held_button_does_not_keep_sound_firmware_from_arming(tmp_path: Path) -> None:
    result = run(tmp_path, WORKS, WORKS, events=HELD, update=False, duration_ms=25_000)
    assert slots_started(result) == "a"
    assert not any("safe_mode" in line for line in result.console)


def test_a_held_button_at_power_on_pauses_a_badge_whose_last_start_failed(tmp_path: Path) -> None:
    hangs = run(tmp_path, WORKS, HANGS, duration_ms=20_000)
    assert slots_started(hangs) == "b"
    # The power was switched off and on, and the world clock went on.
    held = [{**event, "at_ms": event["at_ms"] + 20_000} for event in HELD]
    paused = run(tmp_path, WORKS, HANGS, events=held, duration_ms=45_000)
    assert slots_started(paused) == ""
    assert any("safe_mode why='the right button is held'" in line for line in paused.console)


@pytest.mark.parametrize("button", ["left", "both"])
def test_a_squeeze_at_power_on_never_pauses_the_badge(tmp_path: Path, button: str) -> None:
    """A wearer who squeezes while the badge starts wants help, not a prompt."""
    run(tmp_path, WORKS, HANGS, duration_ms=20_000)
    squeeze = [{**event, "at_ms": event["at_ms"] + 20_000, "button": button} for event in HELD]
    again = run(tmp_path, WORKS, HANGS, events=squeeze, duration_ms=45_000)
    assert slots_started(again) == "b"


def test_a_short_press_at_power_on_pauses_nothing(tmp_path: Path) -> None:
    run(tmp_path, WORKS, HANGS, duration_ms=20_000)
    squeeze = [{"at_ms": 20_000, "do": "press", "button": "right", "ms": 2_000}]
    again = run(tmp_path, WORKS, HANGS, events=squeeze, duration_ms=30_000)
    assert slots_started(again) == "b"


def test_a_badge_without_slots_runs_the_application_outside_them(tmp_path: Path) -> None:
    result = run_fast(Scenario(duration_ms=3_000), folder=tmp_path)
    assert any(" armed " in line for line in result.console)
