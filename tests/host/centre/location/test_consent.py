"""A consent says who gave it, for whom and until when; anything else is no consent."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from nabij.centre.location import consent
from nabij.centre.location.consent import Consent, Wanted
from nabij.centre.people import persons
from nabij.centre.privacy import terms
from nabij.errors import UsageError
from tests.host.centre.deadline_world import START_MS, World

DAY = consent.day_of(START_MS)
GOOD = Wanted("OR Noord", "OR-1", DAY, DAY + dt.timedelta(365))


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (replace(GOOD, council=" "), "Give the council"),
        (replace(GOOD, reference="x" * 101), "Give the reference"),
        (replace(GOOD, on=DAY + dt.timedelta(2)), "is yet to come"),
        (replace(GOOD, on=DAY - dt.timedelta(9), until=DAY - dt.timedelta(1)), "is over"),
        (replace(GOOD, until=DAY + dt.timedelta(732)), "more than two years"),
        (replace(GOOD, teams=("Nobody",)), "There is no team 'Nobody'"),
        (replace(GOOD, sites=("Nowhere",)), "There is no site 'Nowhere'"),
    ],
)
def test_what_is_no_consent_is_refused(world: World, wanted: Wanted, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        world.store.write(lambda one: consent.note(one, wanted, START_MS, "desk"))
    assert world.store.read(consent.newest) is None


def test_without_one_the_term_cannot_be_set(world: World) -> None:
    def set_term() -> None:
        world.store.write(
            lambda one: terms.keep(one, "location", 1, "why", by="desk", now_ms=START_MS)
        )

    with pytest.raises(UsageError, match="nabij location consent"):
        set_term()
    world.store.write(lambda one: consent.note(one, GOOD, START_MS, "desk"))
    assert not world.store.read(consent.switch).is_on(START_MS)
    set_term()
    switch = world.store.read(consent.switch)
    assert switch.is_on(START_MS)
    assert switch.is_on(START_MS + 365 * 86_400_000)
    assert not switch.is_on(START_MS + 366 * 86_400_000)
    assert not switch.is_on(START_MS - 86_400_000)
    world.store.write(lambda one: consent.withdraw(one, START_MS, "desk"))
    assert not world.store.read(consent.switch).is_on(START_MS)
    with pytest.raises(UsageError, match="no consent to withdraw"):
        world.store.write(lambda one: consent.withdraw(one, START_MS, "desk"))


def test_it_is_for_the_teams_and_sites_that_it_names(world: World, tmp_path: Path) -> None:
    assert tmp_path
    ids = world.store.write(
        lambda one: (
            persons.add_site(one, "Yard").id,
            persons.add_team(one, "North").id,
            persons.add_team(one, "South").id,
        )
    )
    yard, north, south = ids
    wanted = replace(GOOD, teams=("North",), sites=("Yard",))
    world.store.write(lambda one: consent.note(one, wanted, START_MS, "desk"))
    found = world.store.read(consent.newest)
    assert isinstance(found, Consent)
    assert found.covers(north, None)
    assert found.covers(south, yard)
    assert not found.covers(south, None)
    assert not found.covers(None, None)
    everybody = replace(found, teams=frozenset(), sites=frozenset())
    assert everybody.covers(None, None)
