"""Who did what, and who looked at whom."""

from nabij.centre.people import audit, persons
from nabij.centre.people.persons import Wanted
from nabij.centre.store import Store


def test_a_person_finds_what_was_done_about_them_and_nothing_else(store: Store) -> None:
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    store.write(lambda one: audit.add(one, 1, "smit", "looked", person_id=anna.id))
    store.write(lambda one: audit.add(one, 2, "smit", "logged in"))
    store.write(lambda one: audit.add(one, 3, "bos", "changed", person_id=anna.id, detail="x"))
    mine = store.read(lambda one: audit.newest(one, person_id=anna.id))
    assert [(one.at_ms, one.by, one.what, one.detail) for one in mine] == [
        (3, "bos", "changed", "x"),
        (1, "smit", "looked", ""),
    ]
    assert [one.at_ms for one in store.read(lambda one: audit.newest(one, limit=2))] == [3, 2]
