"""An alarm in words: who, what, when, where, in one message that every phone shows."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.alarm.sms_words import TEXT_MAX, Said, words
from badge.core.phones import NAME_MAX
from badge.core.settings.fields import FIELDS


class Position(NamedTuple):
    """As on the wire."""

    lat_e7: int
    lon_e7: int
    accuracy_m: int
    age_s: int
    source: int


# Basic characters of 3GPP TS 23.038 that take one septet, and are no other in ASCII.
GSM = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:/?&=-'")
(LANGUAGES,) = [field.lowest for field in FIELDS if field.name == "sms_plain_language"]
HERE = Position(521_561_600, 53_878_300, 40, 130, 1)
RED = [kind for kind in kinds.TABLE if kind.category == kinds.RED]


def said(**more: object) -> Said:
    facts = {
        "name": "Jan de Wit",
        "kind": kinds.SOS,
        # 2026-11-30 00:53:20
        "utc_s": 1_796_000_000,
        "age_ms": 40_000,
        "offset_min": 60,
        "position": None,
    }
    return Said(**(facts | more))


def test_it_says_who_what_when_and_where() -> None:
    assert words("en", said(position=HERE)) == (
        "ALARM of a person: Jan de Wit, asks for help at 01:53. "
        "Place 2 min ago: osm.org/?mlat=52.15616&mlon=5.38783 within 40 m."
    )


def test_without_a_place_it_says_what_to_do() -> None:
    assert words("nl", said(kind=kinds.MAN_DOWN)) == (
        "ALARM van een persoon: Jan de Wit, gevallen en ligt om 01:53. "
        "De meldkamer antwoordt nog niet: bel of ga erheen."
    )


@pytest.mark.parametrize(
    ("age_ms", "min_ago"),
    [(0, 0), (59_999, 0), (60_000, 1), (119_999, 1), (725_000, 12), (86_400_000, 1440)],
)
def test_without_a_clock_it_says_how_long_ago(age_ms: int, min_ago: int) -> None:
    assert f" {min_ago} min ago." in words("en", said(utc_s=None, age_ms=age_ms))


def test_a_place_of_hours_ago_is_left_out() -> None:
    assert "osm" not in words("en", said(position=HERE._replace(age_s=3_601)))
    assert "Place 59 min ago" in words("en", said(position=HERE._replace(age_s=3_599)))


def test_south_and_west_are_so() -> None:
    text = words("de", said(position=HERE._replace(lat_e7=-5_000_000, lon_e7=-1)))
    assert "mlat=-0.50000&mlon=-0.00000" in text


@given(
    st.sampled_from(LANGUAGES),
    st.sampled_from(RED),
    st.sampled_from(["M" * NAME_MAX, "nb-0007"]),
    st.none() | st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.none()
    | st.builds(
        Position,
        st.integers(-900_000_000, 900_000_000),
        st.integers(-1_800_000_000, 1_800_000_000),
        st.integers(0, 65_535),
        st.integers(0, 65_535),
        st.integers(1, 3),
    ),
)
def test_it_is_always_one_message_of_plain_characters(
    language: str,
    kind: kinds.Kind,
    name: str,
    utc_s: int | None,
    age_ms: int,
    position: Position | None,
) -> None:
    text = words(language, Said(name, kind.number, utc_s, age_ms, 60, position))
    assert len(text) <= TEXT_MAX == 160
    assert set(text) <= GSM
    assert name in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_a_person_has_words_of_its_own(language: str) -> None:
    texts = {words(language, said(kind=kind.number)) for kind in RED}
    assert len(texts) == len(RED)
