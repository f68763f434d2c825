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
def told(rtc):
    return rtc.datetime()[:3] + rtc.datetime()[4:7]
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_a_new_badge_starts_from_the_build_date_and_trusts_nothing() -> None:
    out = run("""
rtc = Rtc()
clock = UtcClock(rtc, "clock", BUILD)
clock.start()
print(clock.trusted, clock.utc_s(), told(rtc) == AT_BUILD)
""")
    assert out == ["False", "None", "True"]


def test_network_time_is_kept_and_the_next_start_begins_from_it() -> None:
    out = run("""
clock = UtcClock(Rtc(), "clock", BUILD)
clock.start()
print(clock.set(BUILD + 1000), clock.utc_s() == BUILD + 1000, clock.store_due())
clock.store()
print(clock.store_due())
rtc = Rtc()
again = UtcClock(rtc, "clock", BUILD)
again.start()
print(again.trusted, rtc.datetime()[:3] == (2026, 11, 22), rtc.datetime()[5:7])
""")
    assert out == ["True", "True", "True", "False", "False", "True", "(16,", "40)"]


def test_a_time_before_the_build_is_refused_and_a_damaged_file_ignored() -> None:
    out = run("""
with open("clock", "w") as file:
    file.write("not a number")
rtc = Rtc()
clock = UtcClock(rtc, "clock", BUILD)
clock.start()
print(clock.set(BUILD - 1), clock.set(BUILD + 21 * 31_557_600), clock.trusted)
print(told(rtc) == AT_BUILD)
""")
    assert out == ["False", "False", "False", "True"]
