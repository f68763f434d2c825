"""Which pieces of motion are kept, what becomes of odd ones, and that all of it is bounded."""

import binascii
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.codec.motion_piece import DONE, GO_ON, REFUSED, Piece
from nabij.centre.database.motion_tables import motion_piece, motion_upload
from nabij.centre.incidents import places
from nabij.centre.motion import pieces as kept
from nabij.centre.motion.pieces import Taken
from nabij.data.alarm_window import parse_window
from tests.host.centre.deadline_world import World, message
from tests.host.centre.motion.windows import SAMPLES, pieces, window

DATA = window()


def plain(rate_hz: int) -> bytes:
    """A window as badges of before have kept it, under the name of this one."""
    body = struct.pack("<4sHI", b"NBM2", rate_hz, 2) + b"anna".ljust(32, b"\0") + bytes(12)
    return body + struct.pack("<I", binascii.crc32(body))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[World]:
    """A receiver with an incident of a fall."""
    world = World(tmp_path)
    world.take(message(kind=kinds.MAN_DOWN, peak_mg=6200, tilt_deg=71, age_ms=20_000))
    yield world
    world.close()


def take(world: World, piece: Piece, **more: Any) -> Taken:
    now_ms = world.clock.now().wall_ms
    return world.store.write(lambda one: kept.take(one, piece, now_ms, **more))


def upload(world: World, data: bytes = DATA, seq: int = 1) -> Taken:
    """All of it, in order; the last answer."""
    return [take(world, piece) for piece in pieces(data, seq=seq)][-1]


def rows(world: World) -> tuple[int, int]:
    """How many uploads are known, and how many pieces wait."""
    counts = [sa.select(sa.func.count()).select_from(one) for one in (motion_upload, motion_piece)]
    found = world.store.read(lambda one: [one.execute(count).scalar_one() for count in counts])
    return found[0], found[1]


def shown(world: World) -> places.Motion | None:
    return world.store.read(lambda one: places.motion_of(one, 1))


def test_all_pieces_make_the_file_of_the_badge(shelf: World) -> None:
    answers = [take(shelf, piece) for piece in pieces(DATA)]
    assert [one.next for one in answers] == [
        piece.offset + len(piece.data) for piece in pieces(DATA)
    ]
    assert [one.state for one in answers] == [GO_ON] * (len(answers) - 1) + [DONE]
    found = shelf.store.read(lambda one: kept.content_of(one, 1))
    assert found == ("1-1.nbm", DATA)
    assert list(parse_window(*found).samples) == SAMPLES
    assert rows(shelf) == (1, 0)
    # A badge that did not hear the end of it.
    assert take(shelf, pieces(DATA)[0]) == Taken(len(DATA), DONE)


def test_the_console_shows_it_around_the_alarm(shelf: World) -> None:
    upload(shelf)
    how, incident = shown(shelf), shelf.incident()
    assert how is not None
    assert incident is not None
    phases = json.loads(how.phases)
    assert [one["what"] for one in phases] == ["the blow", "MAN DOWN: the badge begins it"]
    # The alarm is at sample 500, the blow at 250; the badge's own clock is nowhere in it.
    assert phases[1]["at_ms"] == pytest.approx(incident.raised_ms, abs=1)
    assert phases[0]["at_ms"] == pytest.approx(incident.raised_ms - 250 * 1000 / 104, abs=1)
    magnitudes = json.loads(how.magnitudes_mg)
    assert len(magnitudes) == (len(SAMPLES) - 1) * 100 // 104 + 1
    blow = (phases[0]["at_ms"] - how.begin_ms) // how.step_ms
    assert max(magnitudes) == magnitudes[blow] == 3134
    assert (how.by, how.why) == (
        "badge anna",
        "a blow of 6.2 g; 71 degrees from the posture before",
    )


def test_what_somebody_noted_by_cable_stays(shelf: World) -> None:
    noted = places.Motion(1, 20, "[1]", "[]", "by hand", 1, "J. Smit")
    shelf.store.write(lambda one: places.note_motion(one, 1, noted))
    assert upload(shelf).state == DONE
    assert shown(shelf) == noted


# A write for each byte takes as long as all the others, so it is lived once.
@settings(max_examples=25, deadline=None)
@example(order=[3, 0], size=1)
@given(
    order=st.lists(st.integers(0, len(pieces(DATA)) - 1), max_size=30), size=st.integers(17, 119)
)
def test_in_any_order_and_size_the_answers_lead_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], size: int
) -> None:
    """Late ones, early ones, copies; and a badge that sends pieces of another size since."""
    world = World(tmp_path_factory.mktemp("shelf"))
    try:
        world.take(message(kind=kinds.MAN_DOWN))
        for number in order:
            take(world, pieces(DATA)[number])
        at = 0
        for _ in range(2 * len(DATA)):
            answer = take(world, Piece("anna", 1, 1, at, len(DATA), DATA[at : at + size]))
            assert answer.state in (GO_ON, DONE)
            if answer.state == DONE:
                break
            assert answer.next != at
            at = answer.next
        assert world.store.read(lambda one: kept.content_of(one, 1)) == ("1-1.nbm", DATA)
    finally:
        world.close()


def test_it_goes_on_after_a_restart_where_it_was(shelf: World) -> None:
    half = pieces(DATA)[:3]
    for piece in half:
        take(shelf, piece)
    shelf.restart()
    assert take(shelf, pieces(DATA)[0]) == Taken(sum(len(one.data) for one in half), GO_ON)
    assert upload(shelf).state == DONE


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (Piece("anna", 1, 1, 0, len(DATA), b"x" * 120), "from byte 0 on it has other bytes"),
        (Piece("anna", 1, 1, 200, len(DATA), b"x" * 80), "from byte 200 on it has other bytes"),
        (Piece("anna", 1, 1, 240, len(DATA) - 1, DATA[240:360]), f"it was {len(DATA)} bytes"),
    ],
)
def test_what_contradicts_what_is_there_ends_it(shelf: World, odd: Piece, why: str) -> None:
    for piece in pieces(DATA)[:2]:
        take(shelf, piece)
    answer = take(shelf, odd)
    assert answer.state == REFUSED
    assert why in answer.said
    assert answer.said.startswith("Motion of alarm 1-1 of badge anna was thrown away: ")
    assert answer.said.endswith(".")
    assert rows(shelf) == (1, 0)
    # And for good: it is told so once.
    assert upload(shelf) == Taken(0, REFUSED)
    assert shown(shelf) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (DATA[:-1] + bytes([DATA[-1] ^ 1]), "its checksum is wrong"),
        (window(seq=2), "the motion of alarm 1-2"),
        (window("bert"), "it is of badge bert"),
        (b"x" * 500, "not a motion window"),
        # What no badge that sends it has: hours of it, another rate, and a format of before.
        (window(k0=1), "longer than a badge keeps"),
        (window(k6=1 << 31), "longer than a badge keeps"),
        (window(k7=1 << 31), "longer than a badge keeps"),
        (plain(104), "in a format of before"),
        (plain(0), "in a format of before"),
    ],
)
def test_what_is_no_window_of_that_alarm_is_thrown_away(
    shelf: World, data: bytes, why: str
) -> None:
    answer = upload(shelf, data)
    assert answer.state == REFUSED
    assert why in answer.said
    assert answer.said.count(".") - answer.said.count(".nbm") == 1
    assert shelf.store.read(lambda one: kept.content_of(one, 1)) is None


def test_only_that_of_an_alarm_is_taken(shelf: World) -> None:
    assert take(shelf, pieces(DATA, seq=9)[0]).state == REFUSED
    # A deadline that was ended in time, and one that is an alarm of somebody under duress.
    shelf.take(message(seq=2, due_s=600))
    shelf.take(message(seq=2, due_s=0, rev=2, flags=wire.FLAG_CANCELLED))
    assert take(shelf, pieces(DATA, seq=2)[0]).state == REFUSED
    shelf.take(message(seq=3, flags=wire.FLAG_TEST, kind=kinds.SOS))
    assert take(shelf, pieces(DATA, seq=3)[0]).state == REFUSED
    assert rows(shelf) == (0, 0)


def test_what_comes_a_week_late_is_refused_and_a_half_is_forgotten(shelf: World) -> None:
    take(shelf, pieces(DATA)[0])
    shelf.clock.wait(8 * 86_400)
    shelf.take(message(seq=2, kind=kinds.MAN_DOWN))
    take(shelf, pieces(window(seq=2), seq=2)[0])
    assert rows(shelf) == (1, 1)
    answer = take(shelf, pieces(DATA)[0])
    assert (answer.state, "more than a week late" in answer.said) == (REFUSED, True)


def test_of_one_badge_and_of_all_there_is_a_most(
    shelf: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seq in range(2, 25):
        shelf.take(message(seq=seq, kind=kinds.MAN_DOWN))
    begun = [take(shelf, pieces(window(seq=seq), seq=seq)[0]) for seq in range(1, 6)]
    assert [one.state for one in begun] == [GO_ON] * 4 + [None]
    assert "more motion than a badge has reason to" in begun[-1].said
    for seq in range(1, 17):
        assert upload(shelf, window(seq=seq), seq=seq).state == DONE
    assert take(shelf, pieces(window(seq=17), seq=17)[0]).state is None
    shelf.clock.wait(86_401)
    monkeypatch.setattr(kept, "MOST_BYTES", 16 * len(DATA))
    answer = take(shelf, pieces(window(seq=17), seq=17)[0])
    assert (answer.state, "no room" in answer.said) == (None, True)


def test_on_a_short_disk_nothing_is_kept_and_nothing_is_lost(shelf: World) -> None:
    first, second = pieces(DATA)[:2]
    assert take(shelf, first, has_room=False).state is None
    take(shelf, first)
    assert take(shelf, second, has_room=False) == Taken(120, None)
    assert upload(shelf).state == DONE
