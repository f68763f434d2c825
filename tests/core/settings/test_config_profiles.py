"""The two profiles and their rules: what each refuses, with the requirement behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.settings.config import Config, ConfigError, defaults
from badge.core.settings.fields import EMPTY, FIELDS, NEEDS, ORDERED, PROFILES, RULES
from badge.core.settings.mend import mended
from tests.core.settings.linted import lint

NAMES = sorted(PROFILES)


def broken(profile, **settings):
    """Requirements that a configuration breaks, also one out of the table's ranges."""
    config = defaults(profile)
    for name, value in settings.items():
        assert hasattr(config, name)
        setattr(config, name, value)
    return [requirement for requirement, _ in lint(config, profile)]


@pytest.mark.parametrize("profile", NAMES)
def test_defaults_of_a_profile_are_legal_and_break_no_rule(profile):
    config = defaults(profile)
    assert config.profile == profile
    assert lint(config, profile) == []


def test_a_configuration_without_a_profile_is_discreet():
    assert Config.from_dict({}).profile == "discreet"


@pytest.mark.parametrize("profile", NAMES)
def test_what_a_profile_changes_is_a_setting_of_its_own_range(profile):
    rows = {row[0]: row for row in FIELDS}
    for name, value in PROFILES[profile].items():
        assert getattr(Config.from_dict({"profile": profile}), name) == value
        assert value != rows[name][2]


@pytest.mark.parametrize("profile", ["", "PNA11", "discreet ", None, 1, ["discreet"], {}])
def test_an_unknown_profile_is_refused_with_the_known_ones(profile):
    with pytest.raises(ConfigError, match=r"discreet, pna11") as caught:
        Config.from_dict({"profile": profile})
    assert (caught.value.code, caught.value.field) == ("config.profile", "profile")


_SHORT_REST = {"rest_hold_ms": 38000, "rest_upright_hold_ms": 38000}
# The highest value that keeps to the standard with what the badge adds, and one more.
LIMITS = [
    pytest.param(
        "R01",
        {"rest_alarm": False, "tilt_alarm": False},
        {"rest_alarm": False, "tilt_alarm": False, "rip_alarm": False},
        id="R01",
    ),
    pytest.param("R02", {"sos_hold_ms": 60000}, {"sos_hold_ms": 60001}, id="R02"),
    *(
        pytest.param("R03", {name: 64000}, {name: 64001}, id="R03-" + name)
        for name in (
            "decide_ms",
            "tilt_hold_ms",
            "rest_hold_ms",
            "rest_upright_hold_ms",
            "rip_hold_ms",
        )
    ),
    pytest.param(
        "R06",
        {"prealarm_ms": 45000, **_SHORT_REST},
        {"prealarm_ms": 45001, **_SHORT_REST},
        id="R06",
    ),
    pytest.param("R06", {"prealarm_ms": 1}, {"prealarm_ms": 0}, id="R06-none"),
    pytest.param("R15", {"tilt_deg": 45}, {"tilt_deg": 46}, id="R15"),
    pytest.param("R10", {"keepalive_s": 85}, {"keepalive_s": 86}, id="R10"),
    pytest.param(
        "R04",
        {"check_in_min": 14, "check_in_grace_s": 45},
        {"check_in_min": 15, "check_in_grace_s": 45},
        id="R04-check-in",
    ),
    pytest.param("R04", {"amber_min": 14}, {"amber_min": 15}, id="R04-amber"),
    pytest.param("R06", {"check_in_grace_s": 45}, {"check_in_grace_s": 46}, id="R06-check-in"),
    pytest.param("R11", {"shift_test": True}, {"shift_test": False}, id="R11"),
    pytest.param("R11", {"shift_buttons": True}, {"shift_buttons": False}, id="R11-buttons"),
    pytest.param(
        "R01",
        {"rest_alarm": False, "tilt_alarm": False},
        {"rest_alarm": False, "tilt_alarm": False, "rip_alarm": False},
        id="R01",
    ),
]


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R02")
@pytest.mark.requirement("R03")
@pytest.mark.requirement("R04")
@pytest.mark.requirement("R06")
@pytest.mark.requirement("R10")
@pytest.mark.requirement("R11")
@pytest.mark.requirement("R15")
@pytest.mark.parametrize(("requirement", "allowed", "refused"), LIMITS)
def test_the_limit_of_a_requirement_is_allowed_and_one_more_is_not(requirement, allowed, refused):
    assert broken("pna11", **allowed) == []
    assert broken("pna11", **refused) == [requirement]
    assert broken("discreet", **refused) == []


@pytest.mark.requirement("R05")
@pytest.mark.parametrize("profile", NAMES)
def test_a_flight_alarm_that_is_on_comes_within_ten_seconds(profile):
    assert not defaults(profile).flight_alarm
    longest = next(row[4] for row in FIELDS if row[0] == "flight_hold_ms")
    assert broken(profile, flight_hold_ms=longest) == []
    assert broken(profile, flight_alarm=True, flight_hold_ms=8000) == []
    assert broken(profile, flight_alarm=True, flight_hold_ms=8001) == ["R05"]
    with pytest.raises(ConfigError, match="R05"):
        Config.from_dict({"profile": profile, "flight_alarm": True, "flight_hold_ms": 9000})


@pytest.mark.requirement("R10")
@pytest.mark.requirement("R12")
def test_pna11_must_be_heard_and_discreet_must_not():
    assert broken("pna11", sound_percent=20) == []
    assert broken("pna11", sound_percent=19) == ["R10", "R12"]
    for seen_or_heard in ({"sound_percent": 1}, {"light": True}):
        assert broken("discreet", **seen_or_heard) == ["R19"]
        with pytest.raises(ConfigError, match="R19"):
            Config.from_dict(seen_or_heard)


@pytest.mark.requirement("R10")
def test_the_profiles_differ_in_what_is_felt_seen_and_heard():
    discreet, pna11 = defaults("discreet"), defaults("pna11")
    assert discreet.haptic_strength_percent < pna11.haptic_strength_percent
    assert (discreet.sound_percent, discreet.light) == (0, False)
    assert pna11.sound_percent > 0
    assert pna11.light
    assert pna11.link_lost_s < discreet.link_lost_s


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("profile", NAMES)
def test_a_lost_link_counts_as_lost_within_half_an_hour(profile):
    """By the receiver: one and a half keep-alives, its 15 min and a look. By the wearer: two."""
    longest = {"keepalive_s": 593, "link_lost_s": 614}
    assert 1.5 * longest["keepalive_s"] + 15 * 60 + 10 <= 30 * 60
    assert "R07" not in broken(profile, **longest)
    assert "R07" in broken(profile, **{**longest, "keepalive_s": 594, "link_lost_s": 60})
    assert "R07" in broken(profile, **{**longest, "link_lost_s": 615})


def test_a_rule_that_is_broken_is_a_refusal_with_its_id_and_the_setting_to_change():
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"profile": "pna11", "keepalive_s": 120})
    error = caught.value
    assert (error.code, error.field, error.requirement) == ("config.rule", "keepalive_s", "R10")
    for part in ("R10", "120", "85", "pna11", "lower keepalive_s"):
        assert part in str(error)
    assert Config.from_dict({"profile": "discreet", "keepalive_s": 120}).keepalive_s == 120


def test_every_fault_is_found_at_once():
    given_settings = {"profile": "pna11", "prealarm_ms": 0, "sos_hold_ms": 9, "nonsense": 1}
    config, faults = Config.examine(given_settings)
    assert {fault.field for fault in faults} == {"prealarm_ms", "sos_hold_ms", "nonsense"}
    assert config.sos_hold_ms == defaults("pna11").sos_hold_ms


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule[0])
def test_rules_name_known_profiles_and_settings(rule):
    _, profiles, parts, lowest, highest, _ = rule
    assert set(profiles) <= set(PROFILES)
    assert {name for name, _ in parts} <= {row[0] for row in FIELDS}
    assert lowest <= highest


def values(row):
    """What a row of the table may hold, but for the table of the verifier."""
    _, kind, _, lowest, highest = row[:5]
    if kind == "bool":
        return st.booleans()
    if kind == "addresses":
        return st.sampled_from(["", "b.example.org", "10.0.0.3:9000 c.example.org"])
    if kind == "networks":
        return st.sampled_from(["", "ward=very secret", "ward=very secret\nguests="])
    if kind == "tags":
        return st.sampled_from(["", "0" * 32, "f" * 20 + " " + "A" * 32])
    if kind == "host":
        return st.sampled_from(["", "b.example.org", "10.0.0.3"])
    if kind == "phone":
        return st.sampled_from(["", "+31612345678"])
    if kind == "name":
        return st.sampled_from(["", "Jan de Wit"])
    return st.sampled_from(lowest) if kind == "choice" else st.integers(lowest, highest)


@given(
    st.sampled_from(NAMES),
    st.fixed_dictionaries({}, optional={row[0]: values(row) for row in FIELDS}),
)
def test_what_is_accepted_breaks_no_rule_and_survives_the_way_to_the_badge_and_back(
    profile, settings
):
    config, faults = Config.examine({"profile": profile, **settings})
    if faults:
        with pytest.raises(ConfigError):
            Config.from_dict({"profile": profile, **settings})
        return
    assert lint(config, profile) == []
    assert Config.from_dict(config.to_dict()).to_dict() == config.to_dict()


@given(st.data())
def test_settings_that_a_new_rule_forbids_are_mended_and_the_rest_is_kept(data):
    names = data.draw(st.lists(st.sampled_from([row[0] for row in FIELDS if row[1] != "table"])))
    rows = {row[0]: row for row in FIELDS}
    given_settings = {name: data.draw(values(rows[name])) for name in names}
    given_settings["profile"] = data.draw(st.sampled_from(NAMES))
    config, faults = Config.examine(given_settings)
    legal = mended(given_settings)
    assert Config.from_dict(legal.to_dict()).profile == given_settings["profile"]
    if not faults:
        assert legal.to_dict() == config.to_dict()
    in_rules = {name for rule in RULES for name, _ in rule[2]}
    in_rules |= {name for pair in ORDERED for name in pair}
    in_rules |= {one[0] for one in (*NEEDS, *EMPTY)}
    for name in set(names) - in_rules:
        assert getattr(legal, name) == given_settings[name]


def test_of_the_settings_of_a_rule_the_last_is_to_be_changed():
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"keepalive_s": 593, "link_lost_s": 615})
    assert (caught.value.field, caught.value.requirement) == ("link_lost_s", "R07")


def test_of_a_rule_that_is_broken_no_setting_is_believed():
    legal, plain = mended({"keepalive_s": 593, "link_lost_s": 615}), defaults()
    assert (legal.keepalive_s, legal.link_lost_s) == (plain.keepalive_s, plain.link_lost_s)


def test_what_just_keeps_a_rule_is_believed():
    given_settings = {"profile": "pna11", "tilt_alarm": False, "rip_alarm": False}
    legal = mended(given_settings)
    assert {name: getattr(legal, name) for name in given_settings} == given_settings


@pytest.mark.parametrize(
    "pair",
    [
        {"retry_first_ms": 50_000, "retry_max_ms": 30_000},
        {"rest_hold_ms": 500_000, "rest_upright_hold_ms": 20_000},
    ],
)
def test_of_two_in_the_wrong_order_neither_is_believed(pair):
    legal, plain = mended(pair), defaults()
    assert [getattr(legal, name) for name in pair] == [getattr(plain, name) for name in pair]
