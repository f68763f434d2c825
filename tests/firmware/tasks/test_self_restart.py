"""A restart of the badge's own: at most once an hour, and when it costs nothing."""

from __future__ import annotations

from tests.mp import run_mp

RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
from time import sleep_ms
from badge.storage.starts_file import StartsFile
from badge.tasks.self_restart import Asked, SelfRestart

class Clock:
    now_s = 900_000_000
    def rtc_s(self):
        return self.now_s

class Keeper:
    is_stored, is_overdue = True, False
    def may_be_reset(self):
        return self.is_stored
    def has_overdue(self):
        return self.is_overdue

class Restart:
    pending = False
    def when_safe(self, why, is_safe):
        print(why)
        self.is_safe = is_safe

class Log:
    def failure(self, what, error):
        print(what)

judging = on_trial = False
clock, keeper, restart = Clock(), Keeper(), Restart()
starts = StartsFile("starts")
asked = Asked(lambda: judging, lambda: on_trial)
own = SelfRestart(starts, clock, keeper, asked, restart, Log())
"""


def said(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_it_is_asked_for_once_an_hour_and_for_a_pre_alarm_that_nobody_ends() -> None:
    out = said("""
print(own.want("task.alarms"))
clock.now_s += 3599
print(own.want("task.alarms"))
keeper.is_overdue = True
print(own.want("task.overdue"))
keeper.is_overdue = False
clock.now_s += 3600
print(own.want("task.later"))
""")
    assert out == ["task.alarms", "True", "False", "task.overdue", "True", "task.later", "True"]


def test_an_update_on_trial_is_not_given_an_hour() -> None:
    """Three starts that fail end its trial: soon, whatever it is that fails."""
    out = said("""
starts.begin(clock.now_s, False)
starts.restarts(clock.now_s)
clock.now_s += 125
print(own.want("task.usb", True))
on_trial = True
print(own.want("task.usb", True))
""")
    assert out == ["False", "task.usb", "True"]


def test_for_what_hangs_and_is_needed_it_comes_again_ever_later() -> None:
    """After 2, 8 and 32 minutes; none for what dies, or can be lived without."""
    out = said("""
passed_s = []
for number in range(6):
    starts = StartsFile("starts")
    starts.begin(clock.now_s, number == 0)
    own = SelfRestart(starts, clock, keeper, asked, restart, Log())
    began_s = clock.now_s
    clock.now_s += 10
    while not own.want("task.motion", True):
        assert not own.want("task.motion")
        assert not own.want("task.usb", True)
        clock.now_s += 10
    passed_s.append(clock.now_s - began_s)
print(" ".join(str(s) for s in passed_s))
""")
    first, *later = [int(word) for word in out if word != "task.motion"]
    assert first == 10
    assert later[:3] == [120, 480, 1920]
    # From then on as many within each hour.
    assert all(sum(later[at : at + 4]) > 3600 for at in range(1, len(later) - 3))
    assert later[3] >= 480


def test_one_that_is_on_its_way_is_told_of_the_fault_and_counts_for_no_other() -> None:
    """It waits for less from now on, and the hour is that of the badge's own restarts."""
    out = said("""
restart.pending = True
print(own.want("task.alarms"))
print(starts.may_restart(clock.now_s))
""")
    assert out == ["task.alarms", "True", "True"]


def test_one_that_cannot_be_noted_is_none() -> None:
    """The next start could not tell that it came of it, and might restart for ever."""
    out = said("""
own = SelfRestart(StartsFile("no/starts"), clock, keeper, asked, restart, Log())
print(own.want("task.alarms"))
own.note_stop()
""")
    assert out == ["starts.not_stored", "False", "starts.not_stored"]


def test_a_stop_is_told_by_the_next_start() -> None:
    out = said("""
own.note_stop()
again = StartsFile("starts")
again.begin(clock.now_s + 5, False)
print(again.was_stopped(clock.now_s + 5))
""")
    assert out == ["True"]


def test_it_waits_for_alarms_on_flash_and_for_the_verdict_on_a_fall() -> None:
    out = said("""
own.want("task.motion")
print(restart.is_safe())
keeper.is_stored = False
print(restart.is_safe())
keeper.is_stored = judging = True
print(restart.is_safe())
sleep_ms(14_999)
print(restart.is_safe())
sleep_ms(1)
# The task that feeds the detector may be the one that keeps dying.
print(restart.is_safe())
judging = False
print(restart.is_safe())
judging = True
print(restart.is_safe())
""")
    assert out == ["task.motion", "True", "False", "False", "False", "True", "True", "False"]
