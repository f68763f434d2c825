"""Fall, tilt, rest and a torn lanyard: what meets them, what ends them, what keeps them quiet."""

from __future__ import annotations

import numpy as np
import pytest

from badge.core import ticks
from badge.core.alarm import kinds, life
from badge.core.alarm.record import Alarm
from badge.core.settings import config
from nabij.detector.worn import Badge
from nabij.virtual.body_model import Samples
from tests.core.body.wearers import BODY, WALK_S, assert_alarm_in_time, closes_nothing, worn

PROFILES = ("discreet", "pna11")


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R03")
@pytest.mark.requirement("R06")
@pytest.mark.parametrize("profile", PROFILES)
def test_a_faint_without_a_blow_is_an_alarm_by_tilt(profile: str) -> None:
    badge = worn(BODY.faint(), BODY.freezing(80), profile=profile)
    assert not badge.of("pre_alarm", "man_down")
    assert_alarm_in_time(badge, "tilt", WALK_S)


@pytest.mark.requirement("R03")
@pytest.mark.requirement("R06")
def test_who_does_not_move_is_an_alarm_by_rest_in_time() -> None:
    badge = worn(BODY.sitting(120, None), profile="pna11")
    assert_alarm_in_time(badge, "rest", WALK_S)
    lying = worn(BODY.faint(), BODY.lying(90), tilt_alarm=False)
    assert_alarm_in_time(lying, "rest", WALK_S)


@pytest.mark.requirement("R03")
def test_before_the_frame_is_known_rest_and_falls_still_alarm() -> None:
    for profile in PROFILES:
        still = Badge(config.defaults(profile)).wear(BODY.lying(90))
        assert_alarm_in_time(still, "rest", 0)
        assert Badge(config.defaults(profile)).wear(BODY.walk_fall_lie(8, 30)).of("alarm")


def leaning(degrees: float, seconds: int) -> Samples:
    """Standing, turned by so much."""
    up, out = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    leant = BODY.standing(seconds).astype(float)
    leant[:, 1:] = leant[:, 1:] @ np.array([[up, out], [-out, up]])
    leant_over: Samples = np.rint(leant).astype(np.int16)
    return leant_over


@pytest.mark.requirement("R15")
@pytest.mark.parametrize(("profile", "deg"), [("pna11", 45), ("discreet", 60)])
def test_tilt_counts_from_the_profiles_angle(profile: str, deg: int) -> None:
    assert not worn(leaning(deg - 8, 40), profile=profile).of("pre_alarm")
    assert worn(leaning(deg + 12, 40), profile=profile).of("pre_alarm", "tilt")


def test_who_sways_about_the_angle_is_down_all_the_while() -> None:
    swaying = [leaning(60 + by, 6) for by in (4, -4) * 3]
    assert worn(*swaying).of("pre_alarm", "tilt")
    up_between = [leaning(60 + by, 6) for by in (4, -25) * 3]
    assert not worn(*up_between).of("pre_alarm", "tilt")


@pytest.mark.parametrize("profile", PROFILES)
def test_daily_moves_raise_nothing(profile: str) -> None:
    parts = [
        BODY.sitting(300),
        BODY.jog_to_stop(15, 20),
        BODY.walking(20),
        BODY.driving(60),
        BODY.speed_bump(),
        BODY.driving(60),
    ]
    badge = worn(*parts, profile=profile)
    assert not badge.of("pre_alarm")
    assert not badge.of("felt")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["taken_off", "tossed"])
def test_a_badge_on_a_table_is_felt_and_never_an_alarm(profile: str, name: str) -> None:
    badge = worn(getattr(BODY, name)(), BODY.table(400), profile=profile)
    assert not badge.of("alarm")
    felt = badge.of("felt", "NOT_WORN")
    assert len(felt) == 1
    assert felt[0] < WALK_S + 90
    assert badge.watch.reason() == "not_worn"
    badge.wear(BODY.table(500))
    assert len(badge.of("felt", "NOT_WORN")) == 2
    # Picked up and worn again it counts again, without an alarm for the way it was picked up.
    badge.wear(np.concatenate([BODY.taken_off()[::-1], BODY.walking(20)]))
    assert not badge.of("alarm")
    assert badge.watch.reason() == ""
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(40)]))
    assert badge.of("alarm", "man_down")


def test_a_badge_that_is_thrown_onto_a_table_is_no_wearer_even_where_its_blow_was_no_fall() -> (
    None
):
    badge = worn(BODY.tossed(), BODY.table(400), fall_points=1000, down_points=1000)
    assert not badge.of("pre_alarm", "man_down")
    assert not badge.of("alarm")
    assert badge.of("felt", "NOT_WORN")


def test_a_fall_that_leaves_the_badge_as_still_as_on_a_table_is_an_alarm() -> None:
    for drop in (BODY.fall(), BODY.ladder_fall()):
        badge = worn(BODY.standing(5), drop, BODY.table(120))
        assert badge.of("alarm", "man_down")
        assert not badge.of("felt")


def test_a_blow_that_is_no_fall_to_the_detector_still_leads_to_an_alarm_of_who_lies_there() -> (
    None
):
    badge = worn(BODY.standing(5), BODY.fall(), BODY.table(60), fall_points=1000)
    assert not badge.of("pre_alarm", "man_down")
    assert_alarm_in_time(badge, "tilt", WALK_S + 5)


def test_a_badge_that_was_taken_off_and_hung_on_a_hook_warns_its_wearer() -> None:
    badge = worn(BODY.taken_off(), BODY.hook(400))
    assert not badge.of("pre_alarm")
    assert badge.of("felt", "NOT_WORN")


def test_a_badge_that_goes_still_as_it_hangs_is_an_alarm_because_its_wearer_may_sit_there() -> (
    None
):
    assert worn(BODY.hook(240)).of("alarm", "rest")
    sat_up = worn(BODY.fall(), BODY.lying(3), BODY.walking(3), BODY.hook(300))
    assert sat_up.of("alarm")
    assert not sat_up.of("felt")


def test_a_fall_of_who_ends_upright_is_taken_back_only_once_they_move() -> None:
    for after, is_alarm in ((BODY.hook(40), True), (BODY.walking(40), False)):
        badge = worn(BODY.fall(), BODY.lying(7), after)
        assert badge.of("pre_alarm", "man_down")
        assert bool(badge.of("alarm", "man_down")) == is_alarm


def test_a_badge_that_nobody_has_worn_since_it_was_switched_on_raises_nothing() -> None:
    badge = Badge(config.defaults(), was_worn=False)
    badge.wear(np.concatenate([BODY.hook(400), BODY.table(400)]))
    assert not badge.of("pre_alarm")
    assert not badge.of("felt")
    assert badge.watch.reason() == "not_worn"
    badge.wear(np.concatenate([BODY.walking(WALK_S), BODY.faint(), BODY.lying(60)]))
    assert badge.of("alarm", "tilt")


@pytest.mark.parametrize("kind", ["man_down", "tilt", "rest"])
@pytest.mark.parametrize("name", ["seizure", "rolling"])
def test_the_jerks_of_who_lies_there_do_not_end_a_pre_alarm(kind: str, name: str) -> None:
    move = getattr(BODY, name)
    if kind == "man_down":
        badge = worn(BODY.fall(), BODY.lying(6), move(40))
    else:
        lying_s = 62 if kind == "rest" else 24
        badge = worn(BODY.faint(), BODY.lying(lying_s), move(40), tilt_alarm=kind == "tilt")
    assert badge.of("pre_alarm", kind)
    assert not badge.of("cleared")
    assert badge.of("alarm", kind)


def test_a_seizure_from_the_first_moment_on_is_an_alarm_by_tilt() -> None:
    badge = worn(BODY.faint(), BODY.seizure(90))
    assert_alarm_in_time(badge, "tilt", WALK_S)
    assert not badge.of("cleared")


def test_a_ride_while_lying_ends_no_pre_alarm() -> None:
    def ride(samples: Samples) -> Samples:
        # The van's vibration and its brakes, felt on a stretcher.
        lying = BODY.lying(len(samples) / 104)
        shaken: Samples = lying + (samples - samples.mean(0)).astype(np.int16)
        return shaken

    badge = worn(BODY.faint(), BODY.lying(24), ride(BODY.driving(60)))
    assert_alarm_in_time(badge, "tilt", WALK_S)
    assert not badge.of("cleared")


@pytest.mark.parametrize("kind", ["man_down", "tilt", "rest"])
def test_a_cause_that_stays_away_for_the_clear_hold_ends_the_pre_alarm(kind: str) -> None:
    if kind == "man_down":
        badge = worn(BODY.fall(), BODY.lying(3), BODY.walking(40))
    elif kind == "tilt":
        badge = worn(BODY.faint(), BODY.lying(24), BODY.walking(40))
    else:
        badge = worn(BODY.sitting(185, None), BODY.walking(40))
    (pre_s,) = badge.of("pre_alarm", kind)
    (cleared_s,) = badge.of("cleared", kind)
    assert 0 < cleared_s - pre_s < 20
    assert not badge.of("alarm")


@pytest.mark.parametrize("up_s", [1, 2, 3])
def test_up_for_less_than_the_clear_hold_is_not_up(up_s: int) -> None:
    parts = [BODY.faint(), BODY.lying(24)]
    for _ in range(4):
        parts += [BODY.standing(up_s), BODY.lying(3)]
    badge = worn(*parts)
    assert not badge.of("cleared")
    assert badge.of("alarm", "tilt")


def test_the_motors_own_shaking_does_not_end_a_pre_alarm() -> None:
    rng = np.random.default_rng(1)
    badge = worn(BODY.sitting(184, None))
    assert badge.of("pre_alarm", "rest")
    felt = BODY.sitting(25, None)
    for at in range(0, len(felt), 13):
        block = felt[at : at + 13]
        # Six of the pulses of a pre-alarm, then a pause.
        if at % 312 < 104:
            badge.pulses += 1
            block = block + rng.integers(-400, 400, block.shape, dtype=np.int16)
        badge.wear(block)
    assert not badge.of("cleared")
    assert badge.of("alarm", "rest")


def test_one_body_is_one_alarm_until_its_wearer_has_walked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn()
    monkeypatch.setattr(badge.keeper, "look", closes_nothing(badge))
    badge.wear(np.concatenate([BODY.fall(), BODY.lying(200)]))
    assert len(badge.of("pre_alarm")) == 1
    (alarm,) = badge.keeper.book.alarms
    alarm.state = 5
    badge.wear(np.concatenate([BODY.walking(40), BODY.fall(), BODY.lying(10)]))
    assert len(badge.of("pre_alarm", "man_down")) == 2


def test_a_cancelled_pre_alarm_starts_the_delay_again() -> None:
    badge = worn(BODY.sitting(185, None))
    badge.keeper.cancel(badge.now_ms)
    badge.wear(BODY.sitting(170, None))
    assert len(badge.of("pre_alarm")) == 1
    badge.wear(BODY.sitting(20, None))
    assert len(badge.of("pre_alarm")) == 2


@pytest.mark.requirement("R03")
@pytest.mark.parametrize("profile", PROFILES)
def test_a_torn_lanyard_is_an_alarm_even_with_a_dead_accelerometer(profile: str) -> None:
    badge = Badge(config.defaults(profile))
    badge.pass_time(10)
    badge.watch.lanyard(False, badge.now_ms)
    badge.pass_time(60)
    assert_alarm_in_time(badge, "rip", 10)


def test_who_walks_away_with_a_torn_off_badge_is_one_alarm_until_its_lanyard_is_on_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    badge = worn()
    monkeypatch.setattr(badge.keeper, "look", closes_nothing(badge))
    badge.watch.lanyard(False, badge.now_ms)
    badge.wear(BODY.walking(180))
    assert len(badge.of("pre_alarm")) == 1
    badge.watch.lanyard(True, badge.now_ms)
    badge.wear(BODY.walking(60))
    badge.watch.lanyard(False, badge.now_ms)
    badge.wear(BODY.walking(30))
    assert len(badge.of("pre_alarm", "rip")) == 2


def test_a_lanyard_that_was_never_on_or_is_put_back_raises_nothing() -> None:
    never = Badge(config.defaults())
    never.watch.lanyard(False, 0)
    never.pass_time(300)
    assert not never.of("pre_alarm")
    again = Badge(config.defaults())
    again.pass_time(10)
    again.watch.lanyard(False, again.now_ms)
    again.pass_time(5)
    again.watch.lanyard(True, again.now_ms)
    again.pass_time(60)
    assert again.of("pre_alarm", "rip")
    assert again.of("cleared", "rip")
    assert not again.of("alarm")


@pytest.mark.parametrize("reason", ["shift", "charging"])
def test_a_silenced_condition_is_logged_with_its_reason_and_raises_nothing(reason: str) -> None:
    badge = worn()
    setattr(badge, "is_off" if reason == "shift" else "is_on_charger", True)
    badge.wear(np.concatenate([BODY.faint(), BODY.lying(120)]))
    badge.watch.lanyard(False, badge.now_ms)
    badge.pass_time(10)
    assert badge.watch.reason() == reason
    assert not badge.of("pre_alarm")
    why = {m.kind: m.fields["reason"] for m in badge.happened if m.what == "mandown.suppressed"}
    assert why == {"tilt": reason, "rest": reason, "rip": reason}
    badge.wear(BODY.lying(200))
    # Said once: a night on the charger does not fill the log.
    assert len(badge.of("mandown.suppressed")) == 3


def test_silence_by_the_charger_ends_after_its_longest_time_and_when_its_wearer_walks() -> None:
    badge = worn(suppress_max_ms=600_000)
    badge.is_on_charger = True
    badge.wear(BODY.sitting(620))
    [over] = [moment for moment in badge.happened if moment.what == "mandown.suppression_over"]
    assert over.fields == {"reason": "charging"}
    assert over.at_s - WALK_S == pytest.approx(600, abs=2)
    assert badge.watch.reason() == ""
    walks = worn()
    walks.is_on_charger = True
    walks.wear(BODY.standing(5))
    assert walks.watch.reason() == "charging"
    walks.wear(BODY.walking(30))
    assert walks.watch.reason() == ""


def test_driving_silences_tilt_and_rest_and_no_crash() -> None:
    badge = worn()
    badge.watch.speed(80, ticks.add(badge.now_ms, -5000))
    for _ in range(8):
        badge.watch.speed(80, badge.now_ms)
        badge.wear(BODY.lying(30))
    assert badge.watch.reason() == "driving"
    assert not badge.of("pre_alarm")
    badge.watch.speed(80, badge.now_ms)
    badge.wear(np.concatenate([BODY.standing(6), BODY.fall(), BODY.lying(30)]))
    assert badge.of("alarm", "man_down")


@pytest.mark.parametrize("start_ms", [2**30 - 40_000, 2**30 - 70_000])
def test_the_clock_may_wrap_at_any_moment(start_ms: int) -> None:
    samples = np.concatenate([BODY.walking(30), BODY.faint(), BODY.lying(100)])
    usual = Badge(config.defaults()).wear(samples)
    wrapped = Badge(config.defaults(), start_ms=start_ms).wear(samples)
    assert [(m.at_s, m.what) for m in usual.happened] == [
        (m.at_s, m.what) for m in wrapped.happened
    ]


def test_a_gap_in_the_samples_neither_starts_the_hold_again_nor_clears() -> None:
    badge = worn(BODY.faint(), BODY.lying(12))
    badge.man_down.reset()
    badge.pass_time(6)
    badge.wear(BODY.lying(8))
    (pre_s,) = badge.of("pre_alarm", "tilt")
    assert pre_s - WALK_S < 25
    badge.man_down.reset()
    badge.pass_time(10)
    badge.wear(BODY.lying(5))
    assert not badge.of("cleared")


def test_only_a_badge_that_nobody_is_seen_to_wear_rests_on_the_charger() -> None:
    badge = worn()
    assert not badge.watch.rests_on_charger()
    badge.is_on_charger = True
    badge.wear(BODY.standing(60))
    assert badge.watch.rests_on_charger()
    badge.wear(BODY.walking(60))
    assert not badge.watch.rests_on_charger()


def test_a_badge_that_starts_on_the_charger_rests_there() -> None:
    badge = Badge(config.defaults())
    badge.is_on_charger = True
    badge.wear(BODY.table(4))
    assert badge.watch.rests_on_charger()


def test_where_the_power_chip_is_silent_nothing_rests_on_a_charger() -> None:
    """It may have been taken off meanwhile, and its shift must not end."""
    badge = worn()
    badge.is_on_charger = True
    badge.wear(BODY.standing(60))
    badge.is_on_charger = None
    badge.wear(BODY.standing(2))
    assert not badge.watch.rests_on_charger()


@pytest.mark.requirement("R03")
def test_who_called_for_help_and_lies_still_is_taken_for_no_table() -> None:
    for state, is_worn in ((life.RAISED, True), (life.REPORT, False)):
        badge = worn(BODY.taken_off())
        alarm = Alarm(kinds.SOS, 1, 1, 0)
        alarm.state = state
        badge.watch.opened(alarm)
        badge.wear(BODY.table(120))
        assert (badge.watch.reason() == "") == is_worn
        assert bool(badge.of("alarm")) == is_worn
