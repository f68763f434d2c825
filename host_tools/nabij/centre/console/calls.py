"""How plans call a person, as the page of people has it.

Each function works inside the transaction of its caller.
"""

from typing import Any

import sqlalchemy as sa

from nabij.centre.console.models import AwayModel, Calls, ChannelModel
from nabij.centre.escalation import called, plan_file, plan_look, plan_rows
from nabij.centre.escalation.plan import Person
from nabij.centre.people import persons
from nabij.errors import UsageError


def of(called_by: str | None, people: dict[str, Person]) -> Calls:
    """Of the person of that key; its addresses are kept back."""
    person = people.get(called_by or "")
    if person is None:
        return Calls()
    return Calls(
        key=person.key,
        zone=person.zone,
        quiet=person.quiet.text,
        channels=[ChannelModel(one.name, plan_file.KEPT) for one in person.channels],
        away=[AwayModel(one.first, one.last, one.stand_in) for one in person.away],
    )


def keep(connection: sa.Connection, person_id: int, name: str, wanted: Calls) -> None:
    """Have plans call the person so; UsageError for what cannot be, or would leave a gap."""
    before, book = persons.find(connection, person_id).key, plan_rows.read(connection)
    plans = plan_rows.plans_with(connection, person_id)
    if plans and wanted.key != before:
        raise UsageError(f"Plan {plans[0]} calls {name} as '{before}': change the plan first.")
    if not wanted.key:
        if before is not None:
            called.unnamed(connection, person_id)
            plan_look.changed(connection)
        return
    if wanted.key != before and wanted.key in book.people:
        other = book.people[wanted.key].name
        raise UsageError(f"Plans call {other} '{wanted.key}': choose another name.")
    person = plan_file.person(wanted.key, {"name": name, **_values(wanted)}, book)
    called.add_channels(connection, person_id, person)
    plan_file.check(plan_rows.read(connection))
    plan_look.changed(connection)


def check_leaves(connection: sa.Connection, person_id: int) -> None:
    """UsageError for somebody whom a plan calls; of others all addresses are forgotten."""
    if plans := plan_rows.plans_with(connection, person_id):
        raise UsageError(f"Plan {plans[0]} calls this person: change the plan first.")
    called.unnamed(connection, person_id)


def rename(connection: sa.Connection, person_id: int) -> None:
    """The person has another name: whom plans call are told apart by it."""
    if persons.find(connection, person_id).key is not None:
        plan_file.check(plan_rows.read(connection))
        plan_look.changed(connection)


def _values(wanted: Calls) -> dict[str, Any]:
    channels = {one.name: one.url for one in wanted.channels}
    if len(channels) < len(wanted.channels):
        raise UsageError("Two of the channels have one name: give each its own.")
    return {
        "zone": wanted.zone,
        "quiet": wanted.quiet,
        "channels": channels,
        "away": [
            {"first": one.first, "last": one.last, "stand_in": one.stand_in} for one in wanted.away
        ],
    }
