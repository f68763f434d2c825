"""Which room a tag stands for, whichever way its identity is written."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from nabij.centre.people import persons, room_tags
from nabij.centre.people.room_tags import id_of, written
from nabij.centre.workforce import rows, sheets
from nabij.errors import UsageError
from tests.host.centre.deadline_world import World

UUID = "f7826da6-4fa2-4e98-8024-bc5b71e0893e"
HEAD = "locatie;ruimte;soort;kenmerk;breedtegraad;lengtegraad\n"
COLD = f"Yard;cold store 2;ibeacon;{UUID} 1 7;52,00667;4,35556\n"
GATE = "Yard;gate;eddystone;00112233445566778899 aabbccddeeff;;\n"


def kept(world: World, text: str) -> int:
    given = sheets.read("tags", text.encode())
    return world.store.write(lambda one: rows.keep(one, "tags", given))


@pytest.fixture
def yard(each_engine: str, world: World) -> World:
    world.store.write(lambda one: persons.add_site(one, "Yard"))
    return world


@pytest.mark.parametrize(
    ("sort", "identity", "plain"),
    [
        ("ibeacon", f"{UUID} 1 7", bytes([1]) + bytes.fromhex(UUID.replace("-", "") + "00010007")),
        ("eddystone", "00112233445566778899 aabbccddeeff", None),
        ("own", "00112233445566778899aabbccddeeff", None),
    ],
)
def test_the_id_of_a_tag_is_what_a_badge_sends(
    sort: str, identity: str, plain: bytes | None
) -> None:
    kind = {"eddystone": 2, "own": 3}.get(sort)
    if plain is None:
        plain = bytes([kind or 0]) + bytes.fromhex("00112233445566778899aabbccddeeff")
    assert id_of(sort, identity) == hashlib.sha256(plain).digest()[:8]


@pytest.mark.parametrize(
    ("sort", "one", "other"),
    [
        ("ibeacon", f"{UUID} 1 7", f"{UUID.upper()}/1/7"),
        ("ibeacon", f"{UUID} 1 7", f"  {UUID.replace('-', '')}, 1,  7"),
        ("eddystone", "00112233445566778899 aabbccddeeff", "0x00112233445566778899AABBCCDDEEFF"),
        ("own", "a1b2c3d4", "A1:B2:C3:D4"),
    ],
)
def test_an_identity_may_be_written_as_its_maker_does(sort: str, one: str, other: str) -> None:
    assert written(sort, one) == written(sort, other) == one
    assert id_of(sort, one) == id_of(sort, other)


@pytest.mark.parametrize(
    ("sort", "identity"),
    [
        ("ibeacon", UUID),
        ("ibeacon", f"{UUID} 1 65536"),
        ("ibeacon", f"{UUID[:-1]} 1 7"),
        ("ibeacon", f"{UUID} x 7"),
        ("eddystone", "00112233445566778899"),
        ("own", ""),
        ("own", "a1b"),
        ("own", "00" * 21),
    ],
)
def test_what_is_no_tag_of_that_sort_is_refused(sort: str, identity: str) -> None:
    with pytest.raises(ValueError, match=r"UUID|hex digits"):
        id_of(sort, identity)


def test_a_sheet_of_tags_takes_the_place_of_the_one_before(yard: World) -> None:
    assert kept(yard, HEAD + COLD + GATE) == 2
    cold = id_of("ibeacon", f"{UUID} 1 7")
    found = yard.store.read(lambda one: room_tags.find(one, [cold, b"unknown!"]))
    assert list(found) == [cold]
    assert (found[cold].site, found[cold].room) == ("Yard", "cold store 2")
    assert (found[cold].lat_e7, found[cold].lon_e7) == (520066700, 43555600)
    # What is exported can be imported again.
    text = sheets.write(
        "tags", yard.store.read(lambda one: rows.read(one, "tags")), sheets.Language.EN
    )
    assert kept(yard, text) == 2
    assert kept(yard, HEAD + GATE) == 1
    assert yard.store.read(lambda one: room_tags.find(one, [cold])) == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (COLD.replace("Yard", "Nowhere"), "Line 3: there is no site Nowhere"),
        (COLD.replace(" 7;", ";"), "is no tag of that sort: give its UUID"),
        (GATE, "Line 3: this tag was named before"),
        (COLD.replace("52,00667", ""), "Line 3: give both latitude and longitude"),
        (COLD.replace("52,00667", "95"), "Line 3: '95' is no breedtegraad"),
        (COLD.replace("ibeacon", "wifi"), "one of ibeacon, eddystone, own, eigen"),
    ],
)
def test_a_sheet_with_a_mistake_changes_nothing(yard: World, line: str, words: str) -> None:
    kept(yard, HEAD + GATE)
    with pytest.raises(UsageError) as caught:
        kept(yard, HEAD + GATE + line)
    assert words in caught.value.sentence
    assert [row["room"] for row in yard.store.read(lambda one: rows.read(one, "tags"))] == ["gate"]


def test_a_site_with_tags_is_named_by_them_as_it_is_called_now(yard: World) -> None:
    kept(yard, HEAD + COLD)
    [site] = yard.store.read(persons.sites)
    yard.store.write(lambda one: persons.change_site(one, replace(site, name="Depot")))
    [tag] = yard.store.read(room_tags.all_of)
    assert tag.site == "Depot"
