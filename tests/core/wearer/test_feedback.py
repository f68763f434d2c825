"""What is felt, seen and heard: complete, and by profile."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import life
from badge.core.settings.config import Config, ConfigError, defaults
from badge.core.wearer import feedback, protection
from tests.places import FIRMWARE

NAMES = [row[0] for row in feedback.SIGNALS]


def test_every_feeling_of_the_alarm_table_is_a_signal():
    named = {
        action.removeprefix("FEEL_")
        for _, actions in life.TABLE.values()
        for action in actions
        if action.startswith("FEEL_")
    }
    assert named <= set(NAMES)
    assert set(protection.SIGNALS) <= set(NAMES)


def test_the_table_names_only_what_there_is():
    assert len(set(NAMES)) == len(NAMES)
    for _, _, _, sound, light, doc in feedback.SIGNALS:
        assert sound in {*feedback.SOUNDS, ""}
        assert light in {*feedback.LIGHTS, ""}
        assert doc.endswith(".")
    assert {row[3] for row in feedback.SIGNALS} - {""} == set(feedback.SOUNDS)
    assert {row[4] for row in feedback.SIGNALS} - {""} == set(feedback.LIGHTS)


def test_whatever_the_firmware_wants_felt_is_a_signal():
    firmware = FIRMWARE / "badge"
    asked = set()
    for source in firmware.rglob("*.py"):
        for call in re.findall(r"(?:feel|_repeat)\(([^()]*)", source.read_text(encoding="utf-8")):
            asked |= set(re.findall(r'"([A-Z_]+)"', call))
    assert asked >= {"ARMED", "CHECKED_IN", "NO_NETWORK"}
    assert asked <= set(NAMES)


@pytest.mark.requirement("R19")
@given(st.integers(0, 100), st.booleans())
def test_discreet_has_no_sound_and_no_light_whatever_is_set(sound_percent, light):
    """Even a configuration that the rules refuse stays dark and silent."""
    with_rules = {"sound_percent": sound_percent, "light": light}
    if sound_percent or light:
        with pytest.raises(ConfigError):
            Config.from_dict(with_rules)
    config = defaults("discreet")
    config.sound_percent, config.light = sound_percent, light
    assert not feedback.has_sound(config)
    assert not feedback.has_light(config)
    for feeling in feedback.plan(config).values():
        assert feeling.tones == ()
        assert feeling.blinks == ()
        assert feeling.pulses


@pytest.mark.requirement("R10")
@pytest.mark.requirement("R12")
def test_pna11_is_heard_before_an_alarm_without_network_and_with_an_empty_battery():
    plan = feedback.plan(defaults("pna11"))
    for name in ("PRE_ALARM", "NO_NETWORK", "NOT_DELIVERED", "LOW_BATTERY", "CHECK_IN_DUE"):
        assert plan[name].tones
    assert plan["NO_NETWORK"].tones != plan["PRE_ALARM"].tones != plan["LOW_BATTERY"].tones


def test_pna11_is_stronger_than_discreet():
    plans = [feedback.plan(defaults(profile)) for profile in ("discreet", "pna11")]
    for name in NAMES:
        discreet, pna11 = (plan[name].pulses for plan in plans)
        assert [pulse[:2] for pulse in discreet] == [pulse[:2] for pulse in pna11]
        assert all(a[2] < b[2] for a, b in zip(discreet, pna11, strict=True))


def test_a_pre_alarm_is_repeated_before_it_can_be_missed_and_never_overlaps_itself():
    """The keeper repeats it every 3 s: pulses, tones and blinks must be over by then."""
    feeling = feedback.plan(defaults("pna11"))["PRE_ALARM"]
    for part in (feeling.pulses, feeling.tones, feeling.blinks):
        assert sum(step[0] + step[1] for step in part) < 2500
