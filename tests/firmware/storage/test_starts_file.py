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
# It is whole again.
print(start(T + 4000).may_restart(T + 4000))
""",
    )
    assert out == ["True", "False True False", "True"]
