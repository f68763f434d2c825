"""People, teams and sites; whom to call, and what to do."""

from typing import Any

import pytest

from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Contact, Wanted
from nabij.centre.store import Store
from nabij.errors import UsageError

NOW_MS = 1_790_000_000_000


def test_a_person_is_kept_and_changed(store: Store) -> None:
    site = store.write(lambda one: persons.add_site(one, "Depot", "Kade 1"))
    team = store.write(lambda one: persons.add_team(one, "North", site.id, "Call the guard."))
    made = store.write(lambda one: persons.add(one, Wanted("  Anna   de Vries ", team.id)))
    assert made.name == "Anna de Vries"
    wanted = Wanted("Anna Bos", team.id, language="nl", phone="+31 6 1", wears=False)
    store.write(lambda one: persons.change(one, made.id, wanted))
    found = store.read(lambda one: persons.find(one, made.id))
    assert (found.name, found.language, found.wears) == ("Anna Bos", "nl", False)
    assert store.read(persons.teams) == [team]
    assert store.read(persons.sites) == [site]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(""), "name"),
        (Wanted("x" * 101), "name"),
        (Wanted("Anna", team_id=7), "no team 7"),
        (Wanted("Anna", language="xx"), "no language 'xx'"),
        (Wanted("Anna", note="x" * 4001), "longer than 4000"),
    ],
)
def test_a_person_that_cannot_be_is_refused(store: Store, wanted: Wanted, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        store.write(lambda one: persons.add(one, wanted))
    assert store.read(persons.present) == []


def test_contacts_are_called_in_their_order(store: Store) -> None:
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    calls = [Contact("Bert", "+31 6 2"), Contact("Ada", "+31 6 3"), Contact("Desk", "ext. 4")]
    store.write(lambda one: persons.set_contacts(one, anna.id, calls))
    store.write(lambda one: persons.set_contacts(one, anna.id, calls[::-1]))
    assert store.read(lambda one: persons.contacts(one, anna.id)) == calls[::-1]
    with pytest.raises(UsageError, match="how Bert is reached"):
        store.write(lambda one: persons.set_contacts(one, anna.id, [Contact("Bert", " ")]))
    assert store.read(lambda one: persons.contacts(one, anna.id)) == calls[::-1]


def test_a_plan_of_ones_own_goes_before_that_of_the_team(store: Store) -> None:
    team = store.write(lambda one: persons.add_team(one, "North", None, "Call the guard."))
    anna = store.write(lambda one: persons.add(one, Wanted("Anna", team.id)))
    bert = store.write(
        lambda one: persons.add(one, Wanted("Bert", team.id, action_plan="Do not ring."))
    )
    store.write(lambda one: persons.set_team_plan(one, team.id, "Go there by two."))
    assert store.read(lambda one: persons.action_plan(one, anna.id)) == "Go there by two."
    assert store.read(lambda one: persons.action_plan(one, bert.id)) == "Do not ring."
    assert store.read(lambda one: persons.action_plan(one, 99)) == ""


def test_who_left_is_listed_no_more_and_cannot_leave_with_a_badge(store: Store) -> None:
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    bert = store.write(lambda one: persons.add(one, Wanted("Bert")))
    store.write(lambda one: assignments.hand_out(one, "a", anna.id, NOW_MS, "smit"))
    with pytest.raises(UsageError, match="Badge a is still theirs"):
        store.write(lambda one: persons.leave(one, anna.id, NOW_MS))
    store.write(lambda one: persons.leave(one, bert.id, NOW_MS))
    assert [one.name for one in store.read(persons.present)] == ["Anna"]
    assert store.read(lambda one: persons.find(one, bert.id)).left_ms == NOW_MS


def test_those_of_some_teams_are_found(store: Store) -> None:
    north = store.write(lambda one: persons.add_team(one, "North"))
    store.write(lambda one: persons.add(one, Wanted("Anna", north.id)))
    store.write(lambda one: persons.add(one, Wanted("Bert")))

    def named(**which: Any) -> list[str]:
        return [one.name for one in store.read(lambda c: persons.present(c, **which))]

    assert named() == ["Anna", "Bert"]
    assert named(teams=[north.id]) == ["Anna"]
    assert named(teams=[]) == []


def test_names_of_teams_and_sites_are_given_once(store: Store) -> None:
    store.write(lambda one: persons.add_team(one, "North"))
    store.write(lambda one: persons.add_site(one, "Depot"))
    with pytest.raises(UsageError, match="a team 'North' already"):
        store.write(lambda one: persons.add_team(one, " North "))
    with pytest.raises(UsageError, match="a site 'Depot' already"):
        store.write(lambda one: persons.add_site(one, "Depot"))
