"""What man-down says in the log, whether somebody is watched, and how often it looks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds, life
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
    for now_ms in (5_000, 5_000, 5_400, 5_999, 6_000, 6_001, 6_999, 7_000):
        badge.watch.tick(now_ms)
    assert badge.looks == 3
    # A clock that ran back, or has wrapped.
    badge.watch.tick(6_900)
    assert badge.looks == 4


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


def _asked(badge: Badge, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the keeper is asked for, as (kind, peak, tilt)."""
    asked: list[tuple[Any, ...]] = []
    condition = badge.keeper.condition

    def heard(kind: int, now_ms: int, peak_mg: int | None, tilt_deg: int | None) -> object:
        asked.append((kind, peak_mg, tilt_deg))
        return condition(kind, now_ms, peak_mg, tilt_deg)

    monkeypatch.setattr(badge.keeper, "condition", heard)
    return asked


@pytest.mark.requirement("R03")
def test_an_alarm_tells_what_was_measured_of_its_own_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    badge = worn(BODY.standing(5))
    asked = _asked(badge, monkeypatch)
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(10)]))
    [(kind, peak_mg, tilt_deg)] = asked
    assert kind == kinds.MAN_DOWN
    assert peak_mg == badge.man_down.peak_mg > 2000
    assert tilt_deg == badge.man_down.tilt_deg > 60
    faints = worn(BODY.standing(5))
    asked = _asked(faints, monkeypatch)
    faints.wear(np.concatenate([BODY.faint(), BODY.lying(25)]))
    [(kind, peak_mg, tilt_deg)] = asked
    assert (kind, peak_mg) == (kinds.TILT, None)
    assert tilt_deg is not None
    assert 75 <= tilt_deg <= 105
    still = worn(BODY.standing(5), tilt_alarm=False)
    asked = _asked(still, monkeypatch)
    still.wear(np.concatenate([BODY.faint(), BODY.lying(65)]))
    assert asked == [(kinds.REST, None, None)]


def test_a_lanyard_that_is_off_is_a_reason_where_it_can_alarm() -> None:
    for rip_alarm, reason in ((True, "lanyard"), (False, "")):
        badge = worn(rip_alarm=rip_alarm)
        assert badge.watch.lanyard_reason() == ""
        badge.watch.lanyard(False, badge.now_ms)
        assert badge.watch.lanyard_reason() == reason
        badge.watch.lanyard(True, badge.now_ms)
        assert badge.watch.lanyard_reason() == ""
    lines = [moment.fields for moment in badge.happened if moment.what == "lanyard"]
    assert lines == [{"attached": False}, {"attached": True}]


def test_what_ends_by_itself_is_taken_back_once_and_only_while_it_is_a_pre_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn(BODY.standing(5))
    taken_back: list[int] = []
    clear = badge.keeper.clear

    def heard(kind: int, now_ms: int) -> None:
        taken_back.append(kind)
        clear(kind, now_ms)

    monkeypatch.setattr(badge.keeper, "clear", heard)
    badge.wear(np.concatenate([BODY.faint(), BODY.lying(24), BODY.walking(20)]))
    assert taken_back == [kinds.TILT]
    badge.wear(np.concatenate([BODY.faint(), BODY.lying(80), BODY.walking(20)]))
    assert badge.of("alarm", "tilt")
    assert taken_back == [kinds.TILT]


def test_no_badge_is_felt_to_be_unworn_while_an_alarm_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_one = worn(BODY.taken_off())
    monkeypatch.setattr(open_one.keeper, "under_way", lambda: [object()])
    open_one.wear(BODY.table(100))
    assert not open_one.of("felt")
    assert worn(BODY.taken_off(), BODY.table(100)).of("felt") != []


def test_a_shift_that_began_since_the_last_look_is_not_called_over() -> None:
    badge = worn()
    badge.is_off = True
    assert badge.watch.reason() == "shift"
    badge.is_off = False
    assert badge.watch.reason() == ""


def test_a_charger_that_nobody_knows_of_is_none() -> None:
    badge = worn()
    badge.is_on_charger = None
    badge.wear(BODY.standing(3))
    assert badge.watch.reason() == ""
    badge.is_on_charger = True
    badge.wear(BODY.standing(3))
    assert badge.watch.reason() == "charging"


def test_three_stretches_of_walking_end_a_case_and_two_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for walk_s, cases in ((11, 1), (30, 2)):
        badge = worn(BODY.standing(2))
        monkeypatch.setattr(badge.keeper, "look", closes_nothing(badge))
        badge.wear(np.concatenate([BODY.fall(), BODY.lying(60), BODY.walking(walk_s)]))
        for alarm in badge.keeper.book.alarms:
            alarm.state = life.TAKEN
        badge.wear(np.concatenate([BODY.fall(), BODY.lying(40)]))
        assert len(badge.of("pre_alarm")) == cases
