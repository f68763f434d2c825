"""Local time at a site, over the change to summer time and back."""

import datetime as dt

import pytest

from nabij.centre.incidents.words import local_time
from nabij.centre.people import assignments, persons, zones
from nabij.centre.people.persons import Site, Wanted
from nabij.centre.store import BadgeRecord, Store
from nabij.errors import UsageError

AMSTERDAM = "Europe/Amsterdam"
# 2027-03-28 01:00 and 2027-10-31 01:00 UTC.
SUMMER_MS = round(dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC).timestamp() * 1000)
WINTER_MS = round(dt.datetime(2027, 10, 31, 1, tzinfo=dt.UTC).timestamp() * 1000)


def worn(store: Store, badge: str, name: str, team_id: int | None) -> None:
    """A badge that somebody of the team wears from the start."""
    store.enrol(BadgeRecord(badge, bytes(32), f"CN={badge}", "", 0))
    person = store.write(lambda one: persons.add(one, Wanted(name, team_id)))
    store.write(lambda one: assignments.hand_out(one, badge, person.id, 1, "x"))


@pytest.mark.parametrize(
    ("name", "at_ms", "quarters"),
    [
        (AMSTERDAM, SUMMER_MS - 1, 52),
        (AMSTERDAM, SUMMER_MS, 56),
        (AMSTERDAM, WINTER_MS - 1, 56),
        (AMSTERDAM, WINTER_MS, 52),
        ("Asia/Kathmandu", SUMMER_MS, 71),
        ("America/St_Johns", WINTER_MS, 38),
        ("Pacific/Kiritimati", SUMMER_MS, 104),
    ],
)
def test_the_offset_is_that_of_the_moment(name: str, at_ms: int, quarters: int) -> None:
    assert zones.offset_quarters(name, at_ms) == quarters


def test_times_are_shown_in_local_time_on_both_sides_of_the_change() -> None:
    assert local_time(SUMMER_MS - 1000, AMSTERDAM) == "2027-03-28 01:59:59 +0100"
    assert local_time(SUMMER_MS, AMSTERDAM) == "2027-03-28 03:00:00 +0200"
    # The hour that there is twice is told apart by its offset.
    assert local_time(WINTER_MS - 1000, AMSTERDAM) == "2027-10-31 02:59:59 +0200"
    assert local_time(WINTER_MS + 1000, AMSTERDAM) == "2027-10-31 02:00:01 +0100"


def test_a_badge_has_the_zone_of_the_site_where_its_wearer_works(store: Store) -> None:
    site = store.write(lambda one: persons.add_site(one, "Depot", zone=f" {AMSTERDAM} "))
    bare = store.write(lambda one: persons.add_site(one, "Yard"))
    placed = store.write(lambda one: persons.add_team(one, "North", site.id))
    other = store.write(lambda one: persons.add_team(one, "South", bare.id))
    worn(store, "a", "Anna", placed.id)
    worn(store, "b", "Bert", other.id)
    worn(store, "c", "Cas", None)
    store.enrol(BadgeRecord("d", bytes(32), "CN=d", "", 0))
    assert store.read(zones.of_badges) == {"a": AMSTERDAM}
    moved = Site(bare.id, "Yard", "", "", "Europe/London")
    store.write(lambda one: persons.change_site(one, moved))
    assert store.read(zones.of_badges) == {"a": AMSTERDAM, "b": "Europe/London"}
    store.write(lambda one: assignments.give_back(one, "a", 2, "x"))
    assert store.read(zones.of_badges) == {"b": "Europe/London"}


@pytest.mark.parametrize("wrong", ["Europe/Delft", "CET+1", "../etc/passwd", "x" * 300])
def test_a_zone_that_there_is_not_is_refused(store: Store, wrong: str) -> None:
    site = store.write(lambda one: persons.add_site(one, "Depot"))
    with pytest.raises(UsageError, match="give an IANA name, as Europe/Amsterdam"):
        store.write(lambda one: persons.add_site(one, "Yard", zone=wrong))
    asked = Site(site.id, "Depot", "", "", wrong)
    with pytest.raises(UsageError, match="no time zone"):
        store.write(lambda one: persons.change_site(one, asked))
    assert store.read(persons.sites) == [site]


def test_a_site_that_there_is_not_and_a_name_that_is_taken_are_refused(store: Store) -> None:
    site = store.write(lambda one: persons.add_site(one, "Depot"))
    with pytest.raises(UsageError, match="no site 99"):
        store.write(lambda one: persons.change_site(one, Site(99, "Elsewhere", "", "")))
    store.write(lambda one: persons.add_site(one, "Yard"))
    with pytest.raises(UsageError, match="a site 'Yard' already"):
        store.write(lambda one: persons.change_site(one, Site(site.id, "Yard", "", "")))
