"""When an open alarm comes due: to the moment, and so much later for who waits a while."""

import pytest

from badge.core.alarm import due, kinds, life
from badge.core.alarm.book import AlarmBook
from tests.core.configs import config

LATE_MS = 3000


@pytest.mark.parametrize(("late_ms", "is_due"), [(-1000, False), (0, True), (LATE_MS, True)])
def test_a_deadline_is_due_at_its_end(late_ms: int, is_due: bool) -> None:
    book = AlarmBook(7)
    alarm, _actions = book.deadline(kinds.AMBER, 60, 0, grace_s=30)
    assert alarm.state == life.WAITING
    now_ms = 60_000 + late_ms
    assert due.is_due(config(), alarm, now_ms) == is_due
    assert due.is_due(config(), alarm, now_ms, LATE_MS) == (late_ms == LATE_MS)
