"""The configuration: one table of settings, and refusals that say what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import edrx
from badge.core.settings.config import Config, ConfigError, defaults
from badge.core.settings.fields import FIELDS
from badge.core.settings.mend import mended
from tests.core.settings.linted import lint

NUMBERS = [row for row in FIELDS if row[1] == "int"]


def refusal(given_settings):
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(given_settings)
    return caught.value


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row[0])
def test_every_row_is_complete_and_its_default_legal(row):
    name, kind, default, _, _, requirements = row
    texts = ("table", "addresses", "networks", "host", "phone", "name", "tags")
    assert kind in ("int", "bool", "choice", *texts)
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


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"edrx_s": 7}, "config.range", "edrx_s is 7; write one of 0, 5, 10, 20, 40."),
        ({"edrx_s": 81}, "config.range", "write one of 0, 5, 10, 20, 40."),
        ({"edrx_s": False}, "config.range", "write one of 0, 5, 10, 20, 40."),
        ({"edrx_s": 20.0}, "config.range", "write one of 0, 5, 10, 20, 40."),
        ({"edrx_s": "20"}, "config.range", "write one of 0, 5, 10, 20, 40."),
        ({"edrx_s": 40, "keepalive_s": 30}, "config.range", "may not exceed keepalive_s (30)"),
        ({"edrx_s": 5, "modem_sleep": False}, "config.rule", "of no use without modem_sleep"),
        ({"edrx_s": 5, "light_sleep": False}, "config.rule", "of no use without light_sleep"),
    ],
)
@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_a_cycle_that_there_is_not_or_that_saves_nothing_is_refused(profile, given, code, says):
    error = refusal({"profile": profile} | given)
    assert (error.code, error.field) == (code, "edrx_s")
    assert says in str(error)
    assert len(str(error).split(". ")) == 1


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_no_cycle_is_longer_than_the_time_between_two_pings(profile):
    """So what the receiver's side ends is noticed no later than a link that died in silence."""
    (cycles,) = [row.lowest for row in FIELDS if row.name == "edrx_s"]
    assert defaults(profile).edrx_s == 0
    for cycle_s in cycles:
        config = Config.from_dict({"profile": profile, "edrx_s": cycle_s})
        assert edrx.CYCLES_MS[0] // 1000 <= (cycle_s or 5) < config.keepalive_s
        # Whatever an older firmware let be set, none is left that this one refuses.
        left = mended({"profile": profile, "edrx_s": cycle_s, "keepalive_s": 10})
        assert left.edrx_s <= left.keepalive_s


SMS = {"sms_to": "+31612345678", "sms_after_s": 20}


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"sms_to": "0612345678"}, "config.range", "write it with its country"),
        ({"sms_to": 31612345678}, "config.type", "as +31612345678"),
        ({"sms_after_s": 20}, "config.rule", "sms_to"),
        ({"sms_to": "+31612345678", "sms_plain_to": "+31612345678"}, "config.rule", "sms_after_s"),
        ({"sms_shift_test": True}, "config.rule", "sms_after_s"),
        (SMS | {"sms_plain_name": "Zoë"}, "config.range", "every phone"),
        (SMS | {"sms_plain_language": "fr"}, "config.range", "en, nl, de"),
    ],
)
def test_sms_that_cannot_work_is_refused_in_a_sentence(given, code, says):
    error = refusal({"profile": "pna11"} | given)
    assert error.code == code
    assert says in str(error)


@pytest.mark.requirement("R19")
def test_words_to_a_person_are_refused_where_they_could_betray_the_alarm():
    given = SMS | {"sms_plain_to": "+31687654321"}
    assert Config.from_dict(given | {"profile": "pna11"}).sms_plain_to == "+31687654321"
    error = refusal(given | {"profile": "discreet"})
    assert (error.code, error.field, error.requirement) == ("config.rule", "sms_plain_to", "R19")
    assert "leave sms_plain_to empty in profile discreet" in str(error)
    # A file that older firmware took, or that was written by hand, has no such number either.
    assert mended(given).sms_plain_to == ""
    assert mended(given).sms_after_s == 20
    found = lint(Config.from_dict(given | {"profile": "pna11"}), "discreet")
    assert [rule for rule, sentence in found if "sms_plain_to" in sentence] == ["R19"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("more_addresses", "a:b"), ("wlan_networks", "ward"), ("time_host", "a b")],
)
def test_a_text_that_is_none_of_its_kind_is_refused_under_its_name_once(name, text):
    error = refusal({name: text})
    assert (error.code, error.field) == ("config.range", name)
    assert str(error).count(name) == 1
