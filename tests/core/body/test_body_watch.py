"""What man-down says in the log, whether somebody is watched, and how often it looks."""

from __future__ import annotations

import numpy as np
import pytest

from badge.core.alarm import kinds
from badge.core.detector import detect
from badge.core.settings import config
from nabij.detector.worn import Badge
from tests.core.body.wearers import BODY, closes_nothing, worn

_LOGGED = {
    detect.EV_FALL: "motion.fall",
    detect.EV_CONFIRMED: "motion.confirmed",
    detect.EV_RECOVERED: "motion.recovered",
    detect.EV_REJECTED: "motion.rejected",
}


def test_each_decision_is_logged_with_the_time_since_its_own_impact() -> None:
    badge = worn(
        *(BODY.fall(), BODY.lying(12), BODY.walking(20)),
        *(BODY.fall(), BODY.lying(4), BODY.walking(20)),
        *(BODY.table(1), BODY.tossed(), BODY.walking(20)),
    )
    seen = set()
    for one in badge.decisions:
        for bit, name in _LOGGED.items():
            if not one.bits & bit:
                continue
            seen.add(name)
            lines = [line.fields for line in badge.happened if line.what == name]
            [line] = [fields for fields in lines if fields["sample"] == one.at]
            assert line["since_impact_ms"] == (one.at - one.anchor) * 1000 // detect.RATE_HZ
            assert ("points" in line) == (bit == detect.EV_REJECTED)
    assert seen == set(_LOGGED.values())
    # And nothing is logged that was not decided.
    for bit, name in _LOGGED.items():
        decided = sum(1 for one in badge.decisions if one.bits & bit)
        assert len([line for line in badge.happened if line.what == name]) == decided


def test_nobody_is_watched_whose_shift_is_over() -> None:
    badge = worn(BODY.walking(4))
    assert badge.watch.is_worn()
    badge.is_off = True
    assert not badge.watch.is_worn()
    put_down = worn(BODY.taken_off(), BODY.table(120))
    assert not put_down.watch.is_worn()


def test_it_looks_once_a_second_however_often_it_is_called() -> None:
    class Counting(Badge):
        looks = 0

        def _is_off(self) -> bool:
            self.looks += 1
            return False

    badge = Counting(config.defaults())
    for now_ms in (5_000, 5_400, 5_999, 6_000, 6_001, 6_999, 7_000):
        badge.watch.tick(now_ms)
    assert badge.looks == 3


def test_one_stretch_of_walking_does_not_end_a_case_wherever_the_count_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn(profile="discreet")
    monkeypatch.setattr(badge.keeper, "look", closes_nothing(badge))
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(60)]))
    # 7 and 8 have no bit in common.
    assert badge.man_down.conditions.frame.stretches == 7
    badge.wear(BODY.walking(18))
    assert badge.man_down.conditions.frame.stretches == 8
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(60)]))
    assert len(badge.of("pre_alarm")) == 1


def test_an_alarm_that_is_refused_is_asked_for_again_after_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn(BODY.walking(20), profile="discreet")
    asked_ms = []

    def refused(kind: int, now_ms: int, *_what: object) -> None:
        if kind == kinds.MAN_DOWN:
            asked_ms.append(now_ms)

    monkeypatch.setattr(badge.keeper, "condition", refused)
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(70)]))
    pauses_ms = np.diff(asked_ms)
    assert len(pauses_ms) >= 1
    assert all(30_000 <= pause_ms <= 31_000 for pause_ms in pauses_ms)
