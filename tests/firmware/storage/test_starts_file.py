"""Restarts that come again and again, and one of the badge's own at most in an hour."""

from __future__ import annotations

from pathlib import Path

from tests.mp import run_mp


def answers(folder: Path, script: str) -> list[str]:
    """What a script under MicroPython prints; `start(s, power_on)` is a start of the badge."""
    head = f"""
from badge.storage.starts_file import StartsFile
PATH = {str(folder / "starts")!r}
def start(s, power_on=False):
    file = StartsFile(PATH)
    file.begin(s, power_on)
    return file
"""
    return run_mp(head + script).splitlines()


def test_three_resets_within_an_hour_are_a_loop_for_an_hour(tmp_path: Path) -> None:
    out = answers(
        tmp_path,
        """
T = 900_000_000
print([start(T + s).loops(T + s) for s in (0, 100, 3500)])
print([start(T + 3500, True).loops(T + 3500)], StartsFile(PATH).loops(0))
last = start(T + 3550)
print(last.loops(T + 3551), last.loops(T + 3550 + 3599), last.loops(T + 3550 + 3600))
print(start(T + 8000).loops(T + 8000))
""",
    )
    assert out == ["[False, False, True]", "[True] False", "True True False", "False"]


def test_its_own_restart_is_not_repeated_for_an_hour(tmp_path: Path) -> None:
    out = answers(
        tmp_path,
        """
T = 900_000_000
file = start(T, True)
print(file.may_restart(T))
file.restarts(T + 10)
after = start(T + 40)
print(after.may_restart(T + 40), after.may_restart(T + 3609), after.may_restart(T + 3610))
# A clock that was set back must not forbid it for years.
print(after.may_restart(T - 5))
""",
    )
    assert out == ["True", "False False True", "True"]


def test_a_damaged_record_is_none(tmp_path: Path) -> None:
    """It may have been of the badge's own restart, unless power was switched on since."""
    out = answers(
        tmp_path,
        """
T = 900_000_000
def damaged(power_on):
    with open(PATH, "wb") as file:
        file.write(b"\\xff" * 24)
    return start(T, power_on)
print(damaged(True).may_restart(T))
after = damaged(False)
print(after.may_restart(T), after.may_restart(T + 3600), after.came_of_fault())
# A chip just flashed has no record, and starts anew once it is provisioned.
print(start(T + 3).came_of_fault())
# It is whole again.
print(start(T + 4000).may_restart(T + 4000))
""",
    )
    assert out == ["True", "False True False", "False", "True"]


def test_a_clock_that_is_moved_moves_the_hour_with_it(tmp_path: Path) -> None:
    """As by the first time that a network tells."""
    out = answers(
        tmp_path,
        """
T, JUMP = 900_000_000, 20_000_000
file = start(T, True)
file.restarts(T + 10)
file = start(T + 12)
file.clock_moved(JUMP, T + 20 + JUMP)
print(file.may_restart(T + 21 + JUMP), file.may_restart(T + 3610 + JUMP))
file.restarts(T + 30 + JUMP)
after = start(T + 40 + JUMP)
print(after.may_restart(T + 40 + JUMP), after.came_of_fault())
after = start(T + 50 + JUMP)
print(after.loops(T + 51 + JUMP))
# Back again, as after a time that was wrong.
after.clock_moved(-JUMP, T + 52)
print(after.loops(T + 53), after.may_restart(T + 3600), after.may_restart(T + 3630))
""",
    )
    assert out == ["False True", "False True", "True", "True False True"]


def test_a_clock_that_is_lost_with_the_supply_hides_no_loop(tmp_path: Path) -> None:
    """After each dip it begins from what was stored, until the network tells the time."""
    out = answers(
        tmp_path,
        """
T, JUMP = 900_000_000, 20_000_000
for n in range(2):
    file = start(T)
    file.clock_moved(JUMP + 100 * n, T + 10 + JUMP + 100 * n)
    print(file.loops(T + 11 + JUMP + 100 * n))
third = start(T)
print(third.loops(T))
third.clock_moved(JUMP + 200, T + 10 + JUMP + 200)
print(third.loops(T + 11 + JUMP + 200), third.loops(T + 3700 + JUMP + 200))
# Power that was off may have been so for long.
print(start(T - JUMP, True).may_restart(T - JUMP))
""",
    )
    assert out == ["False", "False", "True", "True False", "True"]


def test_where_one_an_hour_is_too_few_the_pause_grows_with_the_starts(tmp_path: Path) -> None:
    out = answers(
        tmp_path,
        """
T = 900_000_000
at = T
file = start(at, True)
file.restarts(at)
for pause_s in (120, 120, 480, 1920):
    early, late = file.may_restart(at + pause_s - 1, True), file.may_restart(at + pause_s, True)
    print(early, late, file.may_restart(at + pause_s))
    at += 200
    file.restarts(at)
    file = start(at)
""",
    )
    assert out == ["False True False"] * 4


def test_a_stop_is_told_in_the_next_start_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    out = answers(
        tmp_path,
        """
T = 900_000_000
file = start(T, True)
print(file.was_stopped(T))
file.stopped(T + 5)
print(file.was_stopped(T + 6))
for power_on in (True, False):
    after = start(T + 10, power_on)
    print(after.was_stopped(T + 10), after.was_stopped(T + 909), after.was_stopped(T + 910))
    print(start(T + 20, power_on).was_stopped(T + 20))
    after.stopped(T + 30)
""",
    )
    assert out == ["False", "False", *["True True False", "False"] * 2]


def test_a_start_within_five_minutes_of_its_own_restart_came_of_that(tmp_path: Path) -> None:
    out = answers(
        tmp_path,
        """
T = 900_000_000
for after_s in (0, 299, 300):
    start(T, True).restarts(T)
    print(start(T + after_s, True).came_of_fault())
""",
    )
    assert out == ["True", "True", "False"]
