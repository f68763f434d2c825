"""What an incident gets of what was sealed: a fix as a fix, a cell as a hint, and once."""

import time

from badge.core.alarm import kinds
from badge.core.codec import place as wire_place
from nabij.centre.incidents import remarks, whereabouts
from nabij.centre.incidents.whereabouts import Source
from nabij.centre.location import kept, opening
from tests.host.centre.databases import on_sqlite
from tests.host.centre.location.location_world import AT, HOURS, SOON_S, LocationWorld, running
from tests.waiting import wait_until


@on_sqlite
def test_a_cell_alone_is_kept_as_well(place: LocationWorld) -> None:
    place.hand_out()
    place.consent()
    place.begin_shift(HOURS)
    with running(place):
        place.hello(None, cell=wire_place.Cell(204, 4, 1, 2, -90))
        place.wait_sealed()
        place.send()
        wait_until(lambda: place.sealed()[0]["answer"] == kept.OPENED)
    # Of a cell that no table has the name is all that there is.
    [spot] = place.store.read(lambda one: whereabouts.one_of(one, 2)).spots
    assert spot.lasting_words() == (
        "hint, by cell 204-04 tac 1 ci 2, which is not in the table, -90 dBm"
    )


@on_sqlite
def test_a_zone_alone_is_kept_as_well(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello(None, zone=4)
        place.wait_sealed()
        place.send()
        wait_until(lambda: place.sealed()[0]["answer"] == kept.OPENED)
    [note] = place.store.read(lambda one: remarks.of(one, [2]))
    assert note.text == "Before the alarm, on shift, the badge was at zone 4."


@on_sqlite
def test_of_two_alarms_of_one_badge_each_has_it_opened_once(place: LocationWorld) -> None:
    """Nor does one have the other ask again, each second, for as long as both are open."""
    place.agree()
    with running(place):
        place.hello(None, cell=wire_place.Cell(204, 4, 1, 2, -90))
        place.wait_sealed()
        place.send()
        wait_until(lambda: place.sealed()[0]["incident_id"] == 2)
        place.send(kinds.MAN_DOWN)
        wait_until(lambda: place.sealed()[0]["incident_id"] == 3)
        time.sleep(2 * SOON_S)
    opened = [what for what, _ in place.audit() if what == opening.OPENED]
    assert len(opened) == 2


@on_sqlite
def test_what_a_cell_says_is_a_hint_also_when_it_was_sealed(place: LocationWorld) -> None:
    """And an old fix does not hide the cell of now, nor the cell the fix."""
    place.agree()
    old = AT._replace(age_s=7200)
    with running(place):
        place.hello(old, cell=wire_place.Cell(204, 4, 1, 2, -90), zone=3)
        place.wait_sealed()
        place.send()
        wait_until(lambda: place.sealed()[0]["answer"] == kept.OPENED)
        wait_until(lambda: place.told == 1)
    now_ms = place.world.clock.now().wall_ms
    known = place.store.read(lambda one: whereabouts.one_of(one, 2))
    fix, cell = known.spots
    assert (fix.source, fix.hint, fix.at_ms) == (Source.SATELLITES, False, now_ms - 7_200_000)
    assert (cell.source, cell.hint, cell.at_ms) == (Source.CELL, True, now_ms)
    assert cell.name == "204-04 tac 1 ci 2"
