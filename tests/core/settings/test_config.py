"""The configuration: one table of settings, and refusals that say what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.settings.config import Config, ConfigError, defaults
from badge.core.settings.fields import FIELDS

NUMBERS = [row for row in FIELDS if row[1] == "int"]


def refusal(given_settings):
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(given_settings)
    return caught.value


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row[0])
def test_every_row_is_complete_and_its_default_legal(row):
    name, kind, default, _, _, requirements = row
    assert kind in ("int", "bool", "table", "choice", "addresses", "networks", "host")
    assert isinstance(requirements, str)
    assert getattr(Config.from_dict({name: default}), name) == default


def test_names_are_unique_and_carry_their_unit():
    names = [row[0] for row in FIELDS]
    assert len(set(names)) == len(names)
    units = (
        "_ms",
        "_s",
        "_min",
        "_hours",
        "_mg",
        "_kmh",
        "_deg",
        "_percent",
        "_samples",
        "_points",
    )
    assert [row[0] for row in NUMBERS if not row[0].endswith(units)] == []


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row[0])
def test_out_of_range_is_refused_with_the_range(row):
    name, _, _, lowest, highest, requirements = row
    for value in (lowest - 1, highest + 1):
        error = refusal({name: value})
        assert error.code == "config.range"
        for part in (name, str(value), str(lowest), str(highest), requirements):
            assert part in str(error)


@pytest.mark.requirement("R06")
def test_a_pre_alarm_above_45_s_is_refused_with_the_requirement():
    assert Config.from_dict({"prealarm_ms": 45000}).prealarm_ms == 45000
    assert "R06" in str(refusal({"prealarm_ms": 45001}))


@pytest.mark.requirement("R15")
def test_a_squeeze_longer_than_two_seconds_is_refused():
    assert "R15" in str(refusal({"sos_hold_ms": 2001}))


@pytest.mark.parametrize("value", ["1500", 1500.0, None, True, [], {}])
def test_a_wrong_type_is_refused(value):
    error = refusal({"sos_hold_ms": value})
    assert error.code == "config.type"
    assert "sos_hold_ms" in str(error)


def test_an_unknown_name_is_refused():
    error = refusal({"sos_hold": 1500})
    assert error.code == "config.unknown"
    assert "'sos_hold'" in str(error)


def test_settings_that_contradict_each_other_are_refused():
    error = refusal({"retry_first_ms": 30000, "retry_max_ms": 2000})
    assert error.code == "config.range"
    assert "retry_first_ms" in str(error)
    assert "retry_max_ms" in str(error)


@pytest.mark.parametrize("given_settings", [None, [], "x", 3])
def test_a_configuration_that_is_no_table_is_refused(given_settings):
    assert refusal(given_settings).code == "config.type"


@given(
    st.dictionaries(
        st.one_of(st.sampled_from([row[0] for row in FIELDS]), st.text()),
        st.one_of(st.integers(), st.booleans(), st.none(), st.text(), st.floats()),
    )
)
def test_anything_is_either_in_range_or_refused(given_settings):
    try:
        config = Config.from_dict(given_settings)
    except ConfigError:
        return
    for name, kind, _, lowest, highest, _ in FIELDS:
        if kind == "int":
            assert lowest <= getattr(config, name) <= highest
        elif kind == "choice":
            choices: Any = lowest
            assert getattr(config, name) in choices
    assert Config.from_dict(config.to_dict()).to_dict() == config.to_dict()
    assert set(config.to_dict()) == set(defaults().to_dict())


def test_who_counts_as_resting_never_counts_as_up_and_moving():
    """A posture alone would end a confirmed fall; 0 is only for a human to end it."""
    error = refusal({"fall_clear_mg": 1})
    assert error.code == "config.range"
    assert "rest_mg is 30 but may not exceed fall_clear_mg (1)" in str(error)
    assert refusal({"rest_mg": 61}).field == "rest_mg"
    for given_settings in ({"fall_clear_mg": 30}, {"fall_clear_mg": 0, "rest_mg": 500}):
        assert Config.from_dict(given_settings).fall_clear_mg == given_settings["fall_clear_mg"]
