"""A line of the modem about satellites: a fix with all that it takes to check it, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec.cgnsinf import fix_of

GOOD = (
    b"+CGNSINF: 1,1,20270115120001.000,52.370216,-4.895168,3.100,36.00,0.0,1,,"
    b"0.9,1.2,0.8,,11,,12.3,6.0"
)


def changed(field: int, text: bytes) -> bytes:
    fields = GOOD[10:].split(b",")
    fields[field - 1] = text
    return b"+CGNSINF: " + b",".join(fields)


def test_a_fix_is_read_with_its_accuracy_rounded_up_and_its_speed() -> None:
    assert fix_of(GOOD) == (523_702_160, -48_951_680, 13, 1_800_014_401, 1000)
    assert fix_of(changed(7, b"")).speed_cm_s is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *((field, b"") for field in (1, 2, 3, 4, 5, 17)),
        (1, b"0"),
        (2, b"0"),
        (3, b"20271315120001.000"),
        (3, b"2027"),
        (4, b"north"),
        (17, b"?"),
    ],
)
def test_without_status_time_place_or_accuracy_it_is_no_fix(field: int, text: bytes) -> None:
    assert fix_of(changed(field, text)) is None


@given(
    st.one_of(st.binary(max_size=120), st.lists(st.binary(max_size=6), min_size=15, max_size=22))
)
def test_any_line_is_a_fix_or_none_or_garbage(given_: bytes | list[bytes]) -> None:
    tail = given_ if isinstance(given_, bytes) else b",".join([b"1,1", *given_])
    try:
        fix = fix_of(b"+CGNSINF: " + tail)
    except ValueError:
        assert tail.count(b",") < 17
    else:
        assert fix is None or all(isinstance(value, int) for value in fix[:4])


@pytest.mark.parametrize(
    ("date", "is_one"),
    [
        *((b"20270015", False), (b"20270115", True), (b"20271215", True), (b"20271315", False)),
        *((b"20270100", False), (b"20270101", True), (b"20270131", True), (b"20270132", False)),
    ],
)
def test_a_month_and_a_day_are_those_of_a_calendar(date: bytes, is_one: bool) -> None:
    assert (fix_of(changed(3, date + b"120001.000")) is not None) is is_one


@pytest.mark.parametrize(
    ("told", "accuracy_m"), [(b"0", 0), (b"12.0", 12), (b"12.0000001", 13), (b"12.9", 13)]
)
def test_an_accuracy_is_a_whole_number_of_metres_that_is_not_too_good(
    told: bytes, accuracy_m: int
) -> None:
    found = fix_of(changed(17, told))
    assert found is not None
    assert found.accuracy_m == accuracy_m


def test_a_speed_is_told_in_centimetres_a_second() -> None:
    for told, cm_s in ((b"0.00", 0), (b"3.60", 100), (b"0.036", 1), (b"100.0", 2777)):
        found = fix_of(changed(7, told))
        assert found is not None
        assert found.speed_cm_s == cm_s


def test_a_line_of_seventeen_fields_is_none() -> None:
    with pytest.raises(ValueError, match="17 fields"):
        fix_of(b",".join(GOOD.split(b",")[:17]))
