"""Every table of the database stands in the one table of what is held of people, or without."""

from typing import Any

import sqlalchemy as sa

from nabij.centre.database import schema
from nabij.centre.privacy import copy_of, terms
from nabij.centre.privacy.held import HELD, NAMING, TEXTS
from nabij.centre.privacy.not_held import NAMING_ONLY, WITHOUT_PEOPLE
from nabij.centre.privacy.subject import find
from tests.host.centre.deadline_world import START_MS, World
from tests.host.centre.privacy.employer import NAME, OTHER, filled

TABLES = schema.metadata.tables
# A column of such a name is of a person, in whatever table it stands.
OF_PEOPLE = {
    *("wearer", "owner", "by", "given_by", "ended_by", "noted_by", "asked_by", "set_by"),
    *("responder", "born", "phone", "login", "whom", "person_id", "account_id"),
}
# How long something is kept is set by who administers the receiver; the audit says who.
SET_BY = {("retention_term", "set_by")}


def test_a_new_table_says_whether_it_holds_anything_of_people() -> None:
    held = {one.table.name for one in HELD}
    places = [held, set(NAMING_ONLY), set(WITHOUT_PEOPLE)]
    assert set(TABLES) == set().union(*places)
    assert sum(map(len, places)) == len(TABLES)
    assert {one.term for one in HELD} <= set(terms.KINDS)


def test_a_column_of_a_person_is_in_a_table_of_people_or_named() -> None:
    held = {one.table.name for one in HELD}
    named = {(column.table.name, column.name) for column in (*NAMING, *TEXTS)} | SET_BY
    for table in TABLES.values():
        for column in table.columns:
            refers = {key.column.table.name for key in column.foreign_keys} & {"person", "account"}
            if column.name in OF_PEOPLE or refers:
                where = table.name, column.name
                assert table.name in held or where in named, where


def test_a_copy_has_the_rows_of_every_table_and_no_secret(world: World) -> None:
    """So a table that is in the list finds its person there."""
    subject = filled(world)
    found = world.store.read(lambda one: copy_of.build(one, subject, START_MS))
    empty = [one["table"] for one in found["held"] if not one["rows"]]
    # Nobody may leave whom a plan calls, and this badge was enrolled under another name.
    assert empty == ["badge", "plan_step"]
    text = str(found)
    assert "key-of-all" not in text
    assert text.count(copy_of.KEPT_BACK) >= 5
    assert {(one["table"], one["column"]) for one in found["named_in"]} >= {
        ("permit", "given_by"), ("measure", "owner"), ("team", "action_plan"),
    }  # fmt: skip
    assert found["person"] == NAME


def test_somebody_elses_rows_are_in_no_copy(world: World) -> None:
    filled(world)
    copies = world.store.read(_copy_of_bert)
    rows = {one["table"]: len(one["rows"]) for one in copies["held"] if one["rows"]}
    assert rows == {"audit": 1, "permit": 1, "person": 1}


def _copy_of_bert(one: sa.Connection) -> dict[str, Any]:
    return copy_of.build(one, find(one, OTHER), START_MS)
