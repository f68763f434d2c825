"""When a badge calls for whoever is near, as a table."""

import pytest

from badge.core import nearby, ticks

AFTER = 15_000
MIN = 60_000
NOW = 1_000_000_000


class Alarm:
    def __init__(self, *, waits_ms=None, age_ms=0, red=True, late=False):
        self.waits = waits_ms is not None
        self.waiting_since_ms = (NOW - (waits_ms or 0)) % ticks.PERIOD
        self._age_ms = max(age_ms, waits_ms or 0)
        self._red = red
        self._late = late

    def is_due_for_sending(self):
        return self.waits

    def is_red(self):
        return self._red

    def is_late(self):
        return self._late

    def age_ms(self, _now_ms):
        return self._age_ms


def waits(ms, **more):
    return Alarm(waits_ms=ms, **more)


def has(age_ms, **more):
    return Alarm(age_ms=age_ms, **more)


@pytest.mark.parametrize(
    ("alarms", "is_linked", "wanted"),
    [
        ([], False, False),
        # The link has its time first, up or not.
        ([waits(0)], False, False),
        ([waits(AFTER - 1)], True, False),
        ([waits(AFTER)], True, True),
        ([waits(AFTER)], False, True),
        # Ten minutes without a pause, then a minute in five, for ever.
        ([waits(AFTER + 10 * MIN - 1)], False, True),
        ([waits(AFTER + 12 * MIN)], False, False),
        ([waits(AFTER + 15 * MIN)], False, True),
        ([waits(AFTER + 15 * MIN + MIN // 2, late=True)], False, True),
        ([waits(AFTER + 15 * MIN + MIN)], False, False),
        ([waits(AFTER + 600 * MIN)], False, True),
        # The receiver has it: only a badge without a session has to ask what became of it.
        ([has(MIN)], True, False),
        ([has(MIN)], False, True),
        ([has(11 * MIN)], False, False),
        ([has(15 * MIN)], False, True),
        # Nothing was raised.
        ([has(MIN, red=False)], False, False),
        # One is enough.
        ([has(MIN, red=False), waits(AFTER)], True, True),
    ],
)
def test_it_is_on_by_evidence_only(alarms, is_linked, wanted):
    assert nearby.is_wanted(alarms, NOW, AFTER, is_linked=is_linked) is wanted


def test_an_alarm_of_days_ago_is_still_called_for():
    """Whatever the ticks say: within five minutes there is one on."""
    for days in (7, 20):
        found = set()
        for minute in range(6):
            alarm = waits(days * 1440 * MIN + minute * MIN, late=True)
            found.add(nearby.is_wanted([alarm], NOW, AFTER, is_linked=False))
        assert found == {True, False}


def test_without_a_modem_it_is_on_at_once():
    assert nearby.is_wanted([waits(0)], NOW, 0, is_linked=False)
