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
from nabij.centre.handover.arcs import Arc, When
from nabij.centre.handover.rows import What
from nabij.centre.incidents import merge
from nabij.centre.incidents.news import News
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
