"""The badge's clock: never before the build, never back, trusted only once a network told it."""

from tests.mp import run_mp

RIG = """
from badge.core import utc
from badge.storage.utc_clock import UtcClock

class Rtc:
    def __init__(self):
        self.parts = (2000, 1, 1, 5, 0, 0, 0, 0)
    def datetime(self, parts=None):
        if parts is None:
            return self.parts
        self.parts = parts

BUILD = utc.from_civil(2026, 11, 22)
AT_BUILD = (2026, 11, 22, 0, 0, 0)
moves = []
def moved(by_s, now_s):
    moves.append((by_s, now_s - BUILD))
def told(rtc):
    return rtc.datetime()[:3] + rtc.datetime()[4:7]
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_a_new_badge_starts_from_the_build_date_and_trusts_nothing() -> None:
    out = run("""
rtc = Rtc()
clock = UtcClock(rtc, "clock", BUILD, moved)
clock.start()
print(clock.trusted, clock.utc_s(), told(rtc) == AT_BUILD)
""")
    assert out == ["False", "None", "True"]


def test_network_time_is_kept_and_the_next_start_begins_from_it() -> None:
    out = run("""
clock = UtcClock(Rtc(), "clock", BUILD, moved)
clock.start()
print(clock.set(BUILD + 1000), clock.utc_s() == BUILD + 1000, clock.store_due())
clock.store()
print(clock.store_due())
rtc = Rtc()
again = UtcClock(rtc, "clock", BUILD, moved)
again.start()
print(moves, again.trusted, rtc.datetime()[:3] == (2026, 11, 22), rtc.datetime()[5:7])
""")
    assert out[:4] == ["True", "True", "True", "False"]
    # By so much it was moved, to then.
    assert out[4:] == ["[(1000,", "1000)]", "False", "True", "(16,", "40)"]


def test_local_time_is_what_was_told_last_and_no_older_word_counts() -> None:
    out = run("""
clock = UtcClock(Rtc(), "clock", BUILD, moved)
for quarters, utc_s in ((None, 9), (52, 1000), (56, 2000), (52, 1999), (None, 3000)):
    clock.offset_told(quarters, utc_s)
    print(clock.offset_min)
""")
    assert out == ["None", "60", "120", "120", "120"]


def test_local_time_is_kept_over_a_restart_and_told_anew_by_the_first_word() -> None:
    """Written when it changes, also before the time is trusted, which then is not written."""
    out = run("""
clock = UtcClock(Rtc(), "clock", BUILD, moved)
clock.start()
print(clock.offset_min, clock.store_due())
clock.offset_told(56, 2000)
print(clock.store_due())
clock.store()
print(clock.store_due())
clock.offset_told(56, 3000)
print(clock.store_due())
again = UtcClock(Rtc(), "clock", BUILD, moved)
again.start()
print(again.offset_min, again.store_due())
again.offset_told(52, 1000)
print(again.offset_min, again.store_due())
import os
print([name for name in os.listdir() if name.startswith("clock")])
""")
    assert out == [
        *("None", "False", "True", "False", "False"),
        *("120", "False", "60", "True", "['clock.offset']"),
    ]


def test_a_damaged_offset_is_as_if_none_was_told() -> None:
    out = run("""
for text in ("", "12x", "841", "-721", "99999999999999999999", "-720"):
    with open("clock.offset", "w") as file:
        file.write(text)
    clock = UtcClock(Rtc(), "clock", BUILD, moved)
    clock.start()
    print(clock.offset_min)
""")
    assert out == ["None"] * 5 + ["-720"]


def test_a_flash_that_refuses_the_offset_is_tried_again() -> None:
    out = run("""
import os
clock = UtcClock(Rtc(), "clock", BUILD, moved)
clock.start()
clock.offset_told(56, 2000)
os.mkdir("clock.offset.new")
print(clock.store_due())
try:
    clock.store()
except OSError:
    print("refused")
os.rmdir("clock.offset.new")
print([clock.store_due() for _ in range(2)] == [False, True])
clock.store()
print(clock.store_due())
""")
    assert out == ["True", "refused", "True", "False"]


def test_a_time_before_the_build_is_refused_and_a_damaged_file_ignored() -> None:
    out = run("""
with open("clock", "w") as file:
    file.write("not a number")
rtc = Rtc()
clock = UtcClock(rtc, "clock", BUILD, moved)
clock.start()
print(clock.set(BUILD - 1), clock.set(BUILD + 21 * 31_557_600), clock.trusted)
print(told(rtc) == AT_BUILD)
""")
    assert out == ["False", "False", "False", "True"]


RUNNING = """
rtc = Rtc()
clock = UtcClock(rtc, "clock", BUILD, moved)
clock.start()
clock.set(BUILD + 1000)
def later(passed_s):
    year, month, day, hour, minute, second = utc.to_civil(clock.utc_s() + passed_s)
    rtc.parts = (year, month, day, 0, hour, minute, second, 0)
DAY = 86_400
"""


def test_a_clock_that_runs_is_moved_by_less_than_a_day_at_once() -> None:
    out = run(RUNNING + "print(clock.set(BUILD + 1000 + DAY), clock.set(BUILD + 1000))")
    assert out == ["True", "True"]


def test_one_time_that_is_days_off_needs_a_second_opinion() -> None:
    out = run(
        RUNNING
        + """
wrong = BUILD + 40 * DAY
print(clock.set(wrong), clock.utc_s() == BUILD + 1000)
later(30)
print(clock.set(wrong + 30))
later(300)
print(clock.set(wrong + 330), clock.utc_s() == wrong + 330)
"""
    )
    assert out == ["False", "True", "False", "True", "True"]


def test_two_times_that_are_days_off_and_disagree_move_nothing() -> None:
    out = run(
        RUNNING
        + """
for n in range(4):
    print(clock.set(BUILD + (20 + n) * DAY))
    later(90)
print(clock.set(clock.utc_s() + 5), clock.set(BUILD + 23 * DAY + 95))
"""
    )
    assert out == ["False"] * 4 + ["True", "False"]


def test_flash_that_refuses_is_not_asked_each_round() -> None:
    out = run("""
clock = UtcClock(Rtc(), "/no_such_folder/clock", BUILD, moved)
clock.start()
clock.set(BUILD + 1000)
tries = 0
for _ in range(100):
    if clock.store_due():
        tries += 1
        try:
            clock.store()
        except OSError:
            pass
print(5 <= tries <= 10)
""")
    assert out == ["True"]


AFTER_RESET = """
DAY = 86_400
def after(stored_s, rtc_s):
    with open("clock", "w") as file:
        file.write(str(stored_s))
    rtc = Rtc()
    if rtc_s:
        year, month, day, hour, minute, second = utc.to_civil(rtc_s)
        rtc.parts = (year, month, day, 0, hour, minute, second, 0)
    clock = UtcClock(rtc, "clock", BUILD, moved)
    clock.start()
    return clock
"""


def test_a_clock_that_went_on_over_a_reset_doubts_a_time_that_is_days_off() -> None:
    """It was told within two days; of an older one nobody knows what moved it."""
    out = run(
        AFTER_RESET
        + """
for rtc_s in (BUILD + 1000, BUILD + 1000 + 2 * DAY - 1, BUILD + 1000 + 2 * DAY):
    clock = after(BUILD + 1000, rtc_s)
    print(clock.rtc_s() == rtc_s, clock.set(rtc_s + 40 * DAY), clock.is_in_doubt())
"""
    )
    assert out == [*("True", "False", "True") * 2, "True", "True", "False"]


def test_after_a_loss_of_power_any_later_time_is_taken_and_none_of_days_before() -> None:
    out = run(
        AFTER_RESET
        + """
stored = BUILD + 30 * DAY
for utc_s in (stored + 400 * DAY, stored - DAY, stored - DAY - 1):
    clock = after(stored, 0)
    print(clock.rtc_s() == stored, clock.set(utc_s), clock.trusted)
"""
    )
    assert out == [*("True", "True", "True") * 2, "True", "False", "False"]


def test_a_time_of_this_build_until_twenty_years_after_can_be() -> None:
    out = run("""
for after_s in (0, 20 * 31_557_600 - 1, 20 * 31_557_600):
    clock = UtcClock(Rtc(), "clock", BUILD, moved)
    clock.start()
    print(clock.set(BUILD + after_s))
""")
    assert out == ["True", "True", "False"]


def test_a_second_opinion_is_of_a_minute_later_and_within_ten_minutes() -> None:
    out = run(
        RUNNING
        + """
def asked(after_s, off_s):
    rtc.parts = start
    assert not clock.set(BUILD + 40 * DAY) and clock.is_in_doubt()
    later(after_s)
    found = clock.set(BUILD + 40 * DAY + after_s + off_s)
    doubts = clock.is_in_doubt()
    rtc.parts = start
    clock.set(clock.utc_s())
    return found, doubts
start = rtc.parts
for after_s, off_s in ((59, 0), (60, 0), (60, 600), (60, -600), (60, 601), (60, -601)):
    print(*asked(after_s, off_s))
"""
    )
    yes, no = ["True", "False"], ["False", "True"]
    assert out == [*no, *yes, *yes, *yes, *no, *no]


def test_the_time_is_written_down_once_a_day() -> None:
    out = run(
        RUNNING
        + """
clock.store()
later(DAY - 1)
print(clock.store_due())
later(1)
print(clock.store_due())
"""
    )
    assert out == ["False", "True"]
