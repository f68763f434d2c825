"""Somebody who wears a badge that has learned how it hangs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from badge.core.settings import config
from nabij.detector.worn import Badge
from nabij.virtual.body_model import Body, Samples

BODY = Body()
WALK_S = 30


def worn(*parts: Samples, profile: str = "discreet", **settings: object) -> Badge:
    """A badge that has learned how it hangs, and then the parts."""
    chosen = config.Config.from_dict({"profile": profile, **settings})
    return Badge(chosen).wear(np.concatenate([BODY.walking(WALK_S), *parts]))


def assert_alarm_in_time(badge: Badge, kind: str, began_s: float) -> None:
    """One pre-alarm of at most 45 s, and the alarm at most 90 s after the condition began."""
    (pre_s,), alarms = badge.of("pre_alarm", kind)[:1], badge.of("alarm", kind)
    assert alarms
    assert 0 < alarms[0] - pre_s <= 45
    assert alarms[0] - began_s <= 90


def closes_nothing(badge: Badge) -> Callable[[int], None]:
    """A centre that closes nothing."""

    def look(now_ms: int) -> None:
        for alarm in badge.keeper.book.alarms:
            if alarm.state == 1 and alarm.age_ms(now_ms) >= badge.config.prealarm_ms:
                badge.keeper.book.handle(alarm, 4, now_ms)

    return look
