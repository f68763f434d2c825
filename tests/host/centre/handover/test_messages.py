"""What a centre is told of what happens, and what is never told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.handover import arcs, messages
from nabij.centre.handover.arcs import Arc, When, Zone
from nabij.centre.handover.frame import KEY_SIZES, LONGEST, Frame, encode
from nabij.centre.handover.messages import More
from nabij.centre.handover.rows import What
from nabij.centre.incidents import merge, own_incident
from nabij.centre.incidents.news import News
from nabij.centre.incidents.places import E7
from nabij.centre.incidents.whereabouts import Source, Spot, Whereabouts
from tests.host.centre.deadline_world import World, message

NORTH = arcs.read(
    """
[arcs.north]
addresses = ["127.0.0.1:1"]
account = "1234"
[arcs.north.badges]
anna = 7
""",
    {},
)[0]
CID = replace(NORTH, protocol="ADM-CID")


def told(world: World, arc: Arc, **fields: Any) -> list[tuple[str, str]]:
    """What the centre is told when the badge sends that: as what, and the data."""
    before = len(world.told)
    world.take(message(**fields))
    return sent(arc, world.told[before:])


def sent(arc: Arc, all_news: list[News]) -> list[tuple[str, str]]:
    found = []
    for news in all_news:
        what = messages.wanted(arc, news)
        if what is not None:
            found.append((str(what), messages.message(arc, news, what).data))
    return found


@pytest.fixture
def world(tmp_path: Path) -> Any:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("kind", "sia", "cid"),
    [
        (kinds.SOS, "HA", 122),
        (kinds.MAN_DOWN, "MA", 100),
        (kinds.RIP, "QA", 101),
        (kinds.FLIGHT, "PA", 120),
        (77, "QA", 101),
    ],
)
def test_an_alarm_is_told_by_its_code_and_its_zone(
    world: World, kind: int, sia: str, cid: int
) -> None:
    assert told(world, NORTH, kind=kind) == [("alarm", f"#1234|Nri1/{sia}007")]
    assert told(world, CID, kind=kind, seq=2) == [("alarm", f"#1234|1{cid} 01 007")]


def test_duress_is_told_as_such_and_a_wish_to_close_it_is_not(world: World) -> None:
    told(world, NORTH, kind=kinds.SOS)
    duress = told(world, NORTH, kind=kinds.SOS, rev=2, flags=wire.FLAG_DURESS)
    assert duress == [("alarm", "#1234|Nri1/HA007")]
    assert "DURESS" in messages.text_of(world.told[-1].incident)  # type: ignore[arg-type]
    flags = wire.FLAG_DURESS | wire.FLAG_FALSE_ALARM
    assert told(world, NORTH, kind=kinds.SOS, rev=3, flags=flags) == []


def test_the_end_is_told_and_what_the_wearer_wishes(world: World) -> None:
    told(world, NORTH, kind=kinds.SOS)
    wish = told(world, NORTH, kind=kinds.SOS, rev=2, flags=wire.FLAG_FALSE_ALARM)
    assert wish == [("cancel", "#1234|Nri1/OC007")]
    news = replace(world.told[0], what=merge.What.CLOSED)
    assert sent(NORTH, [news]) == [("restore", "#1234|Nri1/HH007")]
    assert sent(CID, [news]) == [("restore", "#1234|3122 01 007")]
    assert sent(NORTH, [replace(news, what=merge.What.TAKEN)]) == []


def test_a_test_says_that_it_is_one(world: World) -> None:
    assert told(world, NORTH, kind=kinds.SOS, flags=wire.FLAG_TEST) == [
        ("alarm", "#1234|Nri1/RX007")
    ]
    assert messages.text_of(world.told[-1].incident).startswith("TEST ")  # type: ignore[arg-type]


@pytest.mark.parametrize("arc", [NORTH, CID], ids=["sia", "cid"])
@pytest.mark.parametrize("who", ["wearer", "supervisor"])
def test_a_test_and_a_drill_are_never_an_alarm_at_a_centre(
    world: World, who: str, arc: Arc
) -> None:
    """Whatever becomes of them: each message has the code of a test, and says so where it can."""
    if who == "wearer":
        flags = wire.FLAG_TEST | wire.FLAG_FALSE_ALARM
        world.take(message(kind=kinds.SOS, flags=wire.FLAG_TEST))
        world.take(message(kind=kinds.SOS, rev=2, flags=flags))
    else:
        begun = world.store.write(
            lambda one: own_incident.practise(one, "anna", world.clock.now(), "J. Smit")
        )
        world.tell(begun[1])
    first = world.told[0]
    assert first.incident is not None
    all_news = [*world.told, *(replace(first, what=what) for what in merge.What)]
    built = [
        messages.message(arc, news, what)
        for news in all_news
        if (what := messages.wanted(arc, news)) is not None
    ]
    assert len(built) > 1
    for one in built:
        assert one.data.startswith(("#1234|Nri1/RX", "#1234|1601", "#1234|3601"))
        assert arc is CID or one.extended[1].startswith("ITEST ")
        # Nor when the centre does not take that.
        assert messages.instead(arc, one) is None


def noted(lat_e7: int, lon_e7: int) -> Whereabouts:
    spot = Spot(Source.NOTED, 1, 1, lat_e7=lat_e7, lon_e7=lon_e7, accuracy_m=20, by="J. Smit")
    return Whereabouts((spot,))


@pytest.mark.parametrize(
    ("lat_e7", "lon_e7", "x", "y"),
    [
        (520_116_000, 43_571_000, "X004E21.4260", "Y52N00.6960"),
        (-338_568_000, -1_512_153_000, "X151W12.9180", "Y33S51.4080"),
        (0, 0, "X000E00.0000", "Y00N00.0000"),
        # What rounds up is the next degree, not sixty minutes.
        (519_999_999, 1_799_999_999, "X180E00.0000", "Y52N00.0000"),
    ],
)
def test_a_position_goes_with_it_when_there_is_one(
    world: World, lat_e7: int, lon_e7: int, x: str, y: str
) -> None:
    world.take(message(kind=kinds.SOS))
    where = noted(lat_e7, lon_e7)
    without = messages.message(NORTH, world.told[0], What.ALARM)
    found = messages.message(NORTH, world.told[0], What.ALARM, More(where=where, now_ms=180_001))
    [at, said] = without.extended
    assert found.extended == (at, f"{said}; within 20 m, 3 min 0 s ago, noted by J. Smit", x, y)
    # Centres are known that take one block only with Contact ID.
    assert len(messages.message(CID, world.told[0], What.ALARM, More(where=where)).extended) == 1


def test_a_hint_is_said_and_never_stands_where_a_position_does(world: World) -> None:
    """[X] and [Y] have no room for how wide a cell is: a guard would drive to its middle."""
    world.take(message(kind=kinds.SOS))
    circle = replace(noted(520000000, 43000000).spots[0], source=Source.CELL, accuracy_m=1200)
    cell = replace(circle, by="", name="204-08 tac 1 ci 2", strength_dbm=-90)
    unknown = Spot(Source.TAG, 1, 1, name="3132", known=False)
    found = messages.message(
        *(NORTH, world.told[0], What.ALARM),
        More(where=Whereabouts((cell, unknown)), now_ms=60_001),
    )
    [_, said] = found.extended
    assert "(badge anna), no. 1; hint, within 1200 m, 1 min 0 s ago, by cell" in said
    assert "3132" not in said


@given(
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
)
def test_any_position_is_read_back_to_a_metre(lat_e7: int, lon_e7: int) -> None:
    x, y = messages.place_of(lat_e7, lon_e7)
    for text, digits, e7 in ((x, 3, lon_e7), (y, 2, lat_e7)):
        degrees, side, minutes = text[1 : 1 + digits], text[1 + digits], text[2 + digits :]
        assert float(minutes) < 60
        found = (int(degrees) + float(minutes) / 60) * (-1 if side in "WS" else 1)
        assert abs(found - e7 / E7) < 1e-6


def test_the_longest_message_fits_a_frame_by_every_key(world: World) -> None:
    long = replace(
        NORTH,
        link="https://" + "a" * 72,
        badges={"anna": Zone("1" * 16, 999)},
    )
    world.take(message(kind=kinds.SOS))
    built = messages.message(
        *(long, world.told[0], What.ALARM),
        More(where=noted(-338_568_000, -1_512_153_000), link="https://" + 142 * "a"),
    )
    whole = replace(built, extended=(built.extended[0], "I" + 120 * "x", *built.extended[2:]))
    for size in (0, *KEY_SIZES):
        sent = Frame(whole.protocol, 9999, whole.account, whole.data, whole.extended, 1)
        assert len(encode(sent, bytes(size))) < LONGEST


def test_what_is_wrong_with_a_badge_only_where_that_is_wanted(world: World) -> None:
    battery = {"kind": kinds.BATTERY}
    assert told(world, NORTH, **battery) == []
    technical = replace(NORTH, technical=True)
    assert told(world, technical, **battery, seq=2) == [("alarm", "#1234|Nri1/XT007")]


def test_a_badge_of_nobody_is_not_told(world: World) -> None:
    assert told(world, replace(NORTH, badges={}), kind=kinds.SOS) == []


def test_a_centre_of_last_resort_is_told_when_nobody_answered(world: World) -> None:
    last = replace(NORTH, when=When.UNANSWERED)
    assert told(world, last, kind=kinds.SOS) == []
    news = replace(world.told[0], what=merge.What.UNANSWERED)
    assert sent(last, [news]) == [("alarm", "#1234|Nri1/HA007")]
    assert sent(NORTH, [news]) == []


def test_the_true_time_goes_beside_that_of_sending(world: World) -> None:
    world.take(message(kind=kinds.SOS, age_ms=3_600_000))
    news = world.told[-1]
    found = messages.message(NORTH, news, What.ALARM)
    # An hour before 1,790,000,000 s.
    assert found.extended[0] == "H13:13:20,09-21-2026"
    assert found.extended[1].startswith("I")


@given(st.text())
def test_any_name_fits_a_frame(name: str) -> None:
    text = messages.ascii_of(name)
    assert text.isascii()
    assert not set(text) & set('[]|"^\r\n')
    assert len(text) <= 120


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Zoë Müller-Ångström", "Zoe Muller-Angstrom"), ("Łukasz Straße", "Lukasz Strasse")],
)
def test_names_stay_readable(name: str, plain: str) -> None:
    assert messages.ascii_of(name) == plain
