"""The two profiles and their rules: what each refuses, with the requirement behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.config import FIELDS, PROFILES, RULES, Config, ConfigError, defaults, lint

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
        assert rows[name][3] <= value <= rows[name][4]
        assert value != rows[name][2]


@pytest.mark.parametrize("profile", ["", "PNA11", "discreet ", None, 1, ["discreet"], {}])
def test_an_unknown_profile_is_refused_with_the_known_ones(profile):
    with pytest.raises(ConfigError, match=r"discreet, pna11") as caught:
        Config.from_dict({"profile": profile})
    assert (caught.value.code, caught.value.field) == ("config.profile", "profile")


# What the highest value of the standard is, and one more. R05 and R04 have no setting yet.
LIMITS = [
    pytest.param("R02", {"sos_hold_ms": 60000}, {"sos_hold_ms": 60001}, id="R02"),
    pytest.param(
        "R03",
        {"decide_ms": 50000, "prealarm_ms": 40000},
        {"decide_ms": 50001, "prealarm_ms": 40000},
        id="R03",
    ),
    pytest.param("R06", {"prealarm_ms": 45000}, {"prealarm_ms": 45001}, id="R06"),
    pytest.param("R06", {"prealarm_ms": 1}, {"prealarm_ms": 0}, id="R06-none"),
    pytest.param("R10", {"keepalive_s": 85}, {"keepalive_s": 86}, id="R10"),
]


@pytest.mark.requirement("R02")
@pytest.mark.requirement("R03")
@pytest.mark.requirement("R06")
@pytest.mark.requirement("R10")
@pytest.mark.parametrize(("requirement", "allowed", "refused"), LIMITS)
def test_the_limit_of_a_requirement_is_allowed_and_one_more_is_not(requirement, allowed, refused):
    assert broken("pna11", **allowed) == []
    assert broken("pna11", **refused) == [requirement]
    assert broken("discreet", **refused) == []


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("profile", NAMES)
def test_a_lost_link_counts_as_lost_within_half_an_hour(profile):
    """Two keep-alives and a retry: 870 s twice and 60 s is 1800 s."""
    assert "R07" not in broken(profile, keepalive_s=870, retry_max_ms=60000)
    assert "R07" in broken(profile, keepalive_s=870, retry_max_ms=60001)


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
    assert lowest < highest


@given(
    st.sampled_from(NAMES),
    st.fixed_dictionaries({}, optional={row[0]: st.integers(row[3], row[4]) for row in FIELDS}),
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
