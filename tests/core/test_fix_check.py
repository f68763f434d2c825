"""Which fixes are believed: none that is old, made up, frozen or vague."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.fix_check import Fix, FixCheck, e7_of, speed_kmh

BUILT_S = 1_790_000_000
NOW_S = 1_800_000_000
HERE = Fix(523_702_160, 48_951_680, 12, NOW_S, 0)


def heard(*fixes: Fix, utc_s: int | None = NOW_S) -> list[bool]:
    check = FixCheck(BUILT_S)
    return [check.hear(fix, utc_s) for fix in fixes]


def test_the_second_report_of_a_place_is_believed() -> None:
    later = HERE._replace(utc_s=NOW_S + 1)
    assert heard(HERE, later) == [False, True]
    assert heard(HERE, later, utc_s=None) == [False, True]


@pytest.mark.parametrize(
    "bad",
    [
        {"accuracy_m": 0},
        {"accuracy_m": 501},
        {"lat_e7": 0, "lon_e7": 0},
        {"lat_e7": 900_000_001},
        {"lon_e7": -1_800_000_001},
        {"utc_s": NOW_S - 7 * 86_400},
        {"utc_s": NOW_S - 121},
        {"utc_s": NOW_S + 122},
    ],
    ids=str,
)
def test_what_cannot_be_is_not_believed(bad: dict[str, int]) -> None:
    wrong = HERE._replace(**bad)
    assert heard(wrong, wrong._replace(utc_s=wrong.utc_s + 1)) == [False, False]
    # And the first good one after it is not its second.
    assert heard(wrong, HERE, HERE._replace(utc_s=NOW_S + 1)) == [False, False, True]


def test_a_receiver_that_repeats_itself_is_not_believed() -> None:
    assert heard(HERE, HERE, HERE) == [False, False, False]


def test_a_place_that_jumps_is_not_believed_until_it_stays() -> None:
    there = HERE._replace(lat_e7=HERE.lat_e7 + 13_500_000, utc_s=NOW_S + 1)
    assert heard(HERE, there, there._replace(utc_s=NOW_S + 2)) == [False, False, True]


def test_time_that_runs_back_is_not_believed() -> None:
    assert heard(HERE, HERE._replace(utc_s=NOW_S - 1)) == [False, False]


def test_a_badge_without_the_time_knows_when_it_was_built() -> None:
    built = HERE._replace(utc_s=BUILT_S)
    assert heard(built, built._replace(utc_s=BUILT_S + 1), utc_s=None) == [False, True]
    old = HERE._replace(utc_s=BUILT_S - 1)
    assert heard(old, old._replace(utc_s=BUILT_S), utc_s=None) == [False, False]


@given(st.integers(-1_800_000_000, 1_800_000_000))
def test_degrees_are_read_to_their_last_digit(value: int) -> None:
    sign = "-" if value < 0 else ""
    text = f"{sign}{abs(value) // 10_000_000}.{abs(value) % 10_000_000:07d}"
    assert e7_of(text.encode()) == value


@pytest.mark.parametrize("text", [b"", b"-", b"5.x", b"+5.0", b"1e3", b"5.1.2", b"5,1", b"1000.0"])
def test_what_are_no_degrees_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="degrees"):
        e7_of(text)


def test_fewer_and_more_digits_are_read_too() -> None:
    assert (e7_of(b"52"), e7_of(b"52.5"), e7_of(b"-0.12345678901")) == (
        520_000_000,
        525_000_000,
        -1_234_567,
    )


def test_a_speed_is_told_to_the_rule_of_driving_in_kmh() -> None:
    fast = HERE._replace(speed_cm_s=2222, accuracy_m=30)
    assert speed_kmh(fast, NOW_S) == 79
    assert speed_kmh(fast, NOW_S - 10) == speed_kmh(fast, NOW_S + 10) == 79
    assert speed_kmh(HERE, NOW_S) == 0


@pytest.mark.parametrize(
    "bad",
    [
        *({"speed_cm_s": None}, {"speed_cm_s": 6973}, {"speed_cm_s": -1}),
        *({"accuracy_m": 31}, {"utc_s": NOW_S - 11}, {"utc_s": NOW_S + 11}),
    ],
    ids=str,
)
def test_a_speed_that_is_vague_old_or_cannot_be_is_none(bad: dict[str, int | None]) -> None:
    assert speed_kmh(HERE._replace(speed_cm_s=2222)._replace(**bad), NOW_S) is None


def test_without_the_time_no_speed_is_known_to_be_of_now() -> None:
    assert speed_kmh(HERE._replace(speed_cm_s=2222), None) is None


@pytest.mark.parametrize(
    "edge",
    [
        *({"accuracy_m": 1}, {"accuracy_m": 500}, {"lat_e7": 0}, {"lon_e7": 0}),
        *({"lat_e7": 900_000_000}, {"lat_e7": -900_000_000}),
        *({"lon_e7": 1_800_000_000}, {"lon_e7": -1_800_000_000}),
        *({"utc_s": NOW_S - 120}, {"utc_s": NOW_S + 119}),
    ],
    ids=str,
)
def test_what_is_just_possible_is_believed(edge: dict[str, int]) -> None:
    one = HERE._replace(**edge)
    assert heard(one, one._replace(utc_s=one.utc_s + 1)) == [False, True]


@pytest.mark.parametrize("way", ["lat_e7", "lon_e7"])
@pytest.mark.parametrize(
    ("by_e7", "is_near"), [(99_999, True), (-99_999, True), (100_000, False), (-100_000, False)]
)
def test_two_reports_are_less_than_a_hundredth_of_a_degree_apart(
    way: str, by_e7: int, is_near: bool
) -> None:
    there = HERE._replace(**{way: getattr(HERE, way) + by_e7}, utc_s=NOW_S + 1)
    assert heard(HERE, there) == [False, is_near]


def test_a_speed_of_a_road_is_one_up_to_250_kmh() -> None:
    for cm_s, kmh in ((6944, 249), (6945, 250), (6972, 250), (27, 0), (28, 1)):
        assert speed_kmh(HERE._replace(speed_cm_s=cm_s), NOW_S) == kmh
