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
