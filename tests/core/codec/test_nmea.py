"""NMEA 0183: a fix is what both sentences tell alike; whatever else comes is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core import utc
from badge.core.codec.nmea import Nmea
from badge.core.fix_check import ACCURACY_MAX_M, Fix

RMC = "GNRMC,120530.00,A,5222.21296,N,00453.71008,E,1.944,12.5,150127,,,A"
GGA = "GNGGA,120530.00,5222.21296,N,00453.71008,E,1,11,1.20,3.1,M,46.0,M,,"
HERE = Fix(523_702_160, 48_951_680, 6, utc.from_civil(2027, 1, 15, 12, 5, 30), 100)


def framed(body: str) -> bytes:
    check = 0
    for byte in body.encode():
        check ^= byte
    return f"${body}*{check:02X}\r\n".encode()


def heard(*bodies: str) -> Fix | None:
    fix: Fix | None = Nmea().hear(b"".join(map(framed, bodies)))
    return fix


def test_two_sentences_of_one_second_are_a_fix_in_either_order() -> None:
    assert heard(RMC, GGA) == HERE
    assert heard(GGA, RMC) == HERE
    assert heard(GGA, "GNVTG,,T,,M,1.944,N,3.6,K,A", "GPGSV,1,1,00", RMC) == HERE


def test_one_alone_is_none_and_a_fix_is_told_once() -> None:
    nmea = Nmea()
    assert nmea.hear(framed(RMC)) is None
    assert nmea.hear(framed(GGA)) == HERE
    assert nmea.hear(framed(GGA)) is None
    assert nmea.sentences == 3


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "GB", "BD", "GQ"])
def test_whose_satellites_they_are_makes_no_difference(talker: str) -> None:
    assert heard(talker + RMC[2:], talker + GGA[2:]) == HERE


def test_south_and_west_and_a_receiver_without_a_speed_or_a_mode() -> None:
    assert heard(
        "GPRMC,120530,A,3352.1234,S,07030.0001,W,,,150127,,",
        "GPGGA,120530,3352.1234,S,07030.0001,W,2,05,2.5,520.0,M,,M,,0000",
    ) == HERE._replace(
        lat_e7=-(33 * 10_000_000 + 521_234_000 // 60),
        lon_e7=-(70 * 10_000_000 + 300_001_000 // 60),
        accuracy_m=13,
        speed_cm_s=None,
    )


@pytest.mark.parametrize(
    ("rmc", "gga"),
    [
        (("A,5222", "V,5222"), None),
        ((",,,A", ",,,E"), None),
        ((",,,A", ",,,N"), None),
        (None, ("E,1,11", "E,0,11")),
        (None, ("E,1,11", "E,6,11")),
        (None, ("E,1,11", "E,8,11")),
        (None, ("E,1,11", "E,1,03")),
        (None, ("1.20", "20.10")),
        (None, ("1.20", "")),
        (("120530.00", "120529.00"), None),
        (("120530.00", "240530.00"), ("120530.00", "240530.00")),
        (("5222.21296", "5223.21296"), None),
        (("5222.21296", "5260.21296"), ("5222.21296", "5260.21296")),
        (("5222.21296,N", ",N"), None),
        ((",N,", ",X,"), (",N,", ",X,")),
        (("150127", "151327"), None),
        (("150127", ""), None),
        (("GNRMC", "GPRMC"), None),
        (("GNRMC", "XXRMC"), ("GNGGA", "XXGGA")),
    ],
    ids=str,
)
def test_what_is_no_fix_is_none(rmc: tuple[str, str] | None, gga: tuple[str, str] | None) -> None:
    bodies = []
    for body, change in ((RMC, rmc), (GGA, gga)):
        assert change is None or change[0] in body
        bodies.append(body if change is None else body.replace(*change, 1))
    assert heard(*bodies) is None


def test_a_fix_that_is_lost_is_not_completed_by_what_came_before() -> None:
    nmea = Nmea()
    assert nmea.hear(framed(GGA)) is None
    assert nmea.hear(framed(GGA.replace("E,1,11", "E,0,00"))) is None
    assert nmea.hear(framed(RMC)) is None


@pytest.mark.parametrize("at", range(1, len(framed(GGA)) - 2))
def test_no_flipped_bit_and_no_torn_sentence_is_taken(at: int) -> None:
    whole = framed(GGA)
    flipped = whole[:at] + bytes((whole[at] ^ 4,)) + whole[at + 1 :]
    torn = whole[:at] + whole
    for data, fix in ((flipped, None), (whole[:at] + b"\r\n", None), (torn, HERE)):
        nmea = Nmea()
        nmea.hear(framed(RMC))
        assert nmea.hear(data) == fix
        # And it is heard again at once.
        nmea.hear(b"\r\n" + framed(RMC))
        assert nmea.hear(framed(GGA)) == HERE


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([framed(RMC), framed(GGA), b"$", b"\n", b"*", b"$GNGGA,", b"$GNRMC,,A"]),
        st.binary(max_size=200),
    ),
    max_size=12,
)


@given(_PIECES, st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_noise_gives_no_place_that_nobody_told_however_it_is_cut(
    pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    whole, cut = Nmea(), Nmea()
    fix = whole.hear(data)
    found, at = None, 0
    for i in range(len(data)):
        size = cuts[i % len(cuts)]
        found = cut.hear(data[at : at + size]) or found
        at += size
        if at >= len(data):
            break
    assert fix == found
    assert whole.sentences == cut.sentences
    assert fix is None or fix == HERE
    # Whatever it was, the next two sentences are understood.
    for nmea in (whole, cut):
        nmea.hear(b"\r\n" + framed(GGA.replace("120530", "120531")))
        later = nmea.hear(framed(RMC.replace("120530", "120531")))
        assert later == HERE._replace(utc_s=HERE.utc_s + 1)


@given(
    st.floats(0, 20).map(lambda hdop: f"{hdop:.2f}"),
    st.integers(0, 89),
    st.integers(0, 5_999_999),
)
def test_places_and_accuracy_come_through(hdop: str, degrees: int, minutes_e5: int) -> None:
    lat = f"{degrees:02d}{minutes_e5 // 100_000:02d}.{minutes_e5 % 100_000:05d}"
    fix = heard(*(body.replace("1.20", hdop).replace("5222.21296", lat) for body in (RMC, GGA)))
    assert fix is not None
    assert fix.lat_e7 == degrees * 10_000_000 + minutes_e5 * 100 // 60
    assert 0 <= fix.accuracy_m - 5 * float(hdop) < 1.001
    assert fix.accuracy_m <= ACCURACY_MAX_M
