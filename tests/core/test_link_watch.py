"""The watch over the link: a lost network is told until it is back."""

import pytest

from badge.core import link_watch
from tests.core.configs import config


@pytest.mark.requirement("R10")
def test_a_lost_network_is_told_again_and_again_until_it_is_back():
    settings = config("pna11")
    lost_ms, remind_ms = settings.link_lost_s * 1000, settings.link_remind_s * 1000
    watch = link_watch.LinkWatch(settings, 0)
    assert watch.step(lost_ms - 1, is_up=False) == link_watch.NOTHING
    assert watch.step(lost_ms - 1, is_up=True) == link_watch.NOTHING
    lost_at_ms = 2 * lost_ms - 1
    told = [
        at_ms
        for at_ms in range(lost_ms, lost_at_ms + 3 * remind_ms, 1)
        if watch.step(at_ms, is_up=False) == link_watch.LOST
    ]
    assert told == [lost_at_ms + n * remind_ms for n in range(3)]
    assert watch.is_lost
    assert watch.step(lost_at_ms + 3 * remind_ms, is_up=True) == link_watch.BACK
    assert watch.step(lost_at_ms + 3 * remind_ms + 1, is_up=True) == link_watch.NOTHING
