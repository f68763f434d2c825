"""The file of alarm centres: what goes in comes out, and each mistake has its sentence."""

from __future__ import annotations

import time

import pytest

from nabij.centre.handover import arcs
from nabij.centre.handover.arcs import Zone
from nabij.errors import UsageError

TEXT = """
[arcs.north]
addresses = ["arc.example.org:12128", "[2001:db8::1]:12128"]
account = "1234"
key = "000102030405060708090a0b0c0d0e0f"
supervision = "SP4"
hold_s = 60
link = "https://alarm.example.org:8443"

[arcs.north.badges]
nb-0001 = 1
nb-0002 = { zone = 1, account = "2345" }

[arcs.north.codes.sos]
sia = "PA"
"""


def test_a_file_comes_out_as_it_went_in_but_for_the_key() -> None:
    (north,) = arcs.read(TEXT, {})
    assert north.addresses == (("arc.example.org", 12128), ("2001:db8::1", 12128))
    assert north.supervision_s == 180
    assert north.badges["nb-0002"] == Zone("2345", 1)
    assert (north.code("sos").sia, north.code("sos").restore, north.code("sos").cid) == (
        *("PA", "HH"),
        122,
    )
    assert north.code("man_down").sia == "MA"
    written = arcs.write([north])
    assert "000102" not in written
    assert "000102" not in repr(north)
    assert arcs.read(written, {"north": north.key}) == [north]
    with pytest.raises(UsageError, match="key of arc north is not known here"):
        arcs.read(written, {})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[arcs.north]", "[arcs.north", "This is no TOML"),
        ("[arcs.north]", "x = 1\n[arcs.north]", "and nothing else"),
        ('"arc.example.org:12128", ', '"arc.example.org", ', "is no address: give HOST:PORT"),
        ('"arc.example.org:12128", ', '"arc.example.org:99999", ', "is no address"),
        ('account = "1234"', 'account = "12G4"', "3 to 16 of 0-9 and A-F"),
        ('account = "1234"', "", "account of arc north"),
        ("0d0e0f", "0d0e", "32, 48 or 64 hex digits"),
        ('"SP4"', '"SP9"', "give none, SP2"),
        ("hold_s = 60", "hold_s = 6000", "give 0 to 600"),
        ("hold_s = 60", 'hold_s = 60\nwhen = "unanswered"', "needs when = 'at_once'"),
        ("hold_s = 60", 'when = "later"', "give one of at_once, unanswered"),
        ("hold_s = 60", 'protocol = "sia"', "give sia-dcs or adm-cid"),
        ("hold_s = 60", 'technical = "yes"', "true or false"),
        ("hold_s = 60", "holds = 60", "unknown holds"),
        ("nb-0001 = 1", "nb-0001 = 0", "no zone from 1 to 999"),
        ("nb-0001 = 1", 'nb-0001 = { zone = 1, account = "2345" }', "have zone 1"),
        ('sia = "PA"', 'sia = "Pa"', "two capitals"),
        ('sia = "PA"', "sia = 1", "are texts"),
        (":8443", ":8443/?a=1", "give https://NAME:PORT"),
        ("https", "http", "give https://NAME:PORT"),
        ("alarm.example.org", "a" * 80, "at most 80 characters"),
        ("codes.sos", "codes.test", "test of arc north has a code of flight"),
        (
            'codes.sos]\nsia = "PA"',
            "codes.test]\ncid = 122",
            "test of arc north has a code of sos",
        ),
        ("codes.sos", "codes.fire", "There is no event fire"),
    ],
)
def test_each_mistake_is_one_sentence(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError, match=words) as error:
        arcs.read(TEXT.replace(old, new), {})
    assert error.value.sentence.endswith(".")


def test_a_badge_is_of_one_centre() -> None:
    second = TEXT.replace("north", "south")
    with pytest.raises(UsageError, match="is of north and of south"):
        arcs.read(TEXT + second, {})


def test_thousands_of_badges_are_read_in_no_time() -> None:
    """They are read for each alarm: what grows with their square is minutes at ten thousand."""
    badges = "".join(
        f'nb-{at} = {{ zone = {at % 999 + 1}, account = "{0x1000 + at // 999:04X}" }}\n'
        for at in range(10_000)
    )
    text = '[arcs.north]\naddresses = ["127.0.0.1:1"]\naccount = "1234"\n[arcs.north.badges]\n'
    (north,) = arcs.read(text + badges, {})
    table = arcs.to_table(north)
    began_s = time.process_time()
    assert arcs.of_table("north", table, {}) == north
    assert time.process_time() - began_s < 1.0
