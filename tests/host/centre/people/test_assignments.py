"""Who wears which badge: one at a time, and the right name is called, also of a late alarm."""

import pytest

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.people import assignments, persons
from nabij.centre.people.persons import Person, Wanted
from nabij.centre.store import Store
from nabij.errors import UsageError
from tests.host.centre.people.conftest import KEY

NOW_MS = 1_790_000_000_000


@pytest.fixture
def anna(store: Store) -> Person:
    return store.write(lambda one: persons.add(one, Wanted("Anna")))


@pytest.fixture
def bert(store: Store) -> Person:
    return store.write(lambda one: persons.add(one, Wanted("Bert")))


def give(store: Store, badge: str, person: Person, at_ms: int, had_by: Person | None = None):
    return store.write(
        lambda one: assignments.hand_out(
            one, badge, person.id, at_ms, "smit", had_by=None if had_by is None else had_by.id
        )
    )


def wearer_of_alarm(store: Store, seq: int, raised_ms: int, arrived_ms: int) -> str:
    frame = wire.encode_alarm(KEY, "a", 1, seq, kind=SOS, age_ms=arrived_ms - raised_ms, rev=1)
    message = wire.decode_alarm(frame, lambda _badge: KEY)
    taken = store.take(message, frame, Moment(arrived_ms, 1, "epoch"))
    assert taken.incident is not None
    return taken.incident.wearer


def test_an_alarm_is_of_who_had_the_badge_when_it_was_raised(
    store: Store, anna: Person, bert: Person
) -> None:
    """It may come long after the badge went into other hands."""
    give(store, "a", anna, NOW_MS)
    give(store, "a", bert, NOW_MS + 1000, had_by=anna)
    store.write(lambda one: assignments.give_back(one, "a", NOW_MS + 2000, "smit"))
    late_ms = NOW_MS + 5000
    found = [
        wearer_of_alarm(store, seq, NOW_MS + after_ms, late_ms)
        for seq, after_ms in enumerate((-1, 0, 999, 1000, 1999, 2000), 1)
    ]
    label = "On the label"
    assert found == [label, "Anna", "Anna", "Bert", "Bert", label]


def test_a_badge_has_one_wearer_and_nobody_takes_it_unawares(
    store: Store, anna: Person, bert: Person
) -> None:
    give(store, "a", anna, NOW_MS)
    with pytest.raises(UsageError, match="with Anna by now"):
        give(store, "a", bert, NOW_MS + 1)
    with pytest.raises(UsageError, match="with Anna already"):
        give(store, "a", anna, NOW_MS + 1, had_by=anna)
    store.write(lambda one: assignments.give_back(one, "a", NOW_MS + 2, "bos"))
    with pytest.raises(UsageError, match="with nobody"):
        store.write(lambda one: assignments.give_back(one, "a", NOW_MS + 3, "bos"))
    with pytest.raises(UsageError, match="with nobody by now"):
        give(store, "a", bert, NOW_MS + 4, had_by=anna)
    [ended] = store.read(lambda one: assignments.history(one, badge="a"))
    assert (ended.until_ms, ended.ended_by, ended.ended_why) == (NOW_MS + 2, "bos", "returned")


def test_a_lost_badge_is_replaced_in_one_step(store: Store, anna: Person, bert: Person) -> None:
    give(store, "a", anna, NOW_MS)
    store.write(lambda one: assignments.replace(one, "a", "b", NOW_MS + 5, "smit"))
    found = store.read(assignments.all_now)
    assert {badge: one.person_id for badge, one in found.items()} == {"b": anna.id}
    lost = store.read(lambda one: assignments.at(one, "a", NOW_MS + 4))
    assert lost is not None
    assert (lost.person_id, lost.ended_why) == (anna.id, assignments.LOST)
    give(store, "a", bert, NOW_MS + 6)
    with pytest.raises(UsageError, match="with Anna by now"):
        store.write(lambda one: assignments.replace(one, "a", "b", NOW_MS + 7, "smit"))
    kept = store.read(lambda one: assignments.now(one, "a"))
    assert kept is not None
    assert kept.person_id == bert.id


def test_some_badges_and_people_are_never_put_together(store: Store, anna: Person) -> None:
    other = store.write(lambda one: persons.add(one, Wanted("Desk", wears=False)))
    for badge, person, words in (
        ("a", other, "not one of those who wear"),
        ("c", anna, "revoked"),
        ("nobodys", anna, "enrol it first"),
    ):
        with pytest.raises(UsageError, match=words):
            give(store, badge, person, NOW_MS)
    with pytest.raises(UsageError, match="no person 99"):
        store.write(lambda one: assignments.hand_out(one, "a", 99, NOW_MS, "smit"))
    assert store.read(assignments.all_now) == {}


def test_a_clock_that_was_set_back_ends_nothing_before_it_began(
    store: Store, anna: Person
) -> None:
    give(store, "a", anna, NOW_MS)
    ended = store.write(lambda one: assignments.give_back(one, "a", NOW_MS - 60_000, "smit"))
    assert ended.until_ms == ended.from_ms


def test_who_had_what_is_found_by_person(store: Store, anna: Person, bert: Person) -> None:
    give(store, "a", anna, NOW_MS)
    give(store, "b", bert, NOW_MS)
    found = store.read(lambda one: assignments.history(one, people=[bert.id]))
    assert [one.badge for one in found] == ["b"]


def test_who_had_what_is_found_by_badge_newest_first(
    store: Store, anna: Person, bert: Person
) -> None:
    give(store, "a", anna, NOW_MS)
    give(store, "b", bert, NOW_MS)
    give(store, "a", bert, NOW_MS + 1, had_by=anna)
    found = store.read(lambda one: assignments.history(one, badge="a"))
    assert [(one.badge, one.person_id) for one in found] == [("a", bert.id), ("a", anna.id)]
    assert store.read(lambda one: assignments.history(one, badge="c")) == []
