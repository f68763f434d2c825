"""Plans at work: what begins one, who is next, and what ends it."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.database import escalation_tables as tables
from nabij.centre.escalation import outbox, rounds
from nabij.centre.escalation.outbox import CANNOT, TAKE, Row, State
from nabij.centre.escalation.rounds import Begun, Left
from tests.host.centre.deadline_world import START_MS, World, message
from tests.host.centre.escalation.plans import book

Result = TypeVar("Result")
MINUTE_MS = 60_000


class Calls:
    """Whom a plan calls: smit at once, jansen after 1 min, the desk after 5 and each 5 more."""

    def __init__(self, world: World) -> None:
        self.world = world
        for seq in (1, 2):
            world.take(message(1, seq, kind=SOS))

    def do(self, work: Callable[[sa.Connection], Result]) -> Result:
        return self.world.store.write(work)

    def begin(self, incident_id: int | None, event_id: int, at_ms: int = START_MS) -> int | None:
        begun = Begun(incident_id, event_id, at_ms)
        return self.do(lambda one: rounds.begin(one, book(), book().plans["yard"], begun))

    def rows(self, number: int = 1) -> list[Row]:
        return self.do(lambda one: outbox.rows_of(one, number))

    def waiting(self, number: int = 1) -> list[tuple[int, str, float | None]]:
        """(round, responder, minutes after the alarm) of first channels that wait."""
        return [
            (one.round, one.responder, ((one.due_ms or 0) - START_MS) / MINUTE_MS)
            for one in self.rows(number)
            if one.state is State.WAITING and one.place == 0
        ]

    def row(self, responder: str) -> Row:
        """The newest of them."""
        return [one for one in self.rows() if one.responder == responder and one.channel][-1]

    def cannot(self, responder: str, after_min: float) -> Left:
        row, at_ms = self.row(responder), START_MS + round(after_min * MINUTE_MS)
        self.answered(row, CANNOT, at_ms)
        return self.do(lambda one: rounds.cannot_come(one, book(), row, at_ms))

    def answered(self, row: Row, what: str, at_ms: int) -> None:
        values = {"outbox_id": row.id, "what": what, "at_ms": at_ms}
        self.do(lambda one: one.execute(tables.answer.insert().values(values)))

    def repeat(self, after_min: float) -> list[tuple[int, int]]:
        at_ms = START_MS + round(after_min * MINUTE_MS)
        return self.do(lambda one: rounds.repeat_last(one, book(), at_ms))

    def end_drills(self, after_min: float) -> bool:
        """Whether one runs after it."""
        at_ms = START_MS + round(after_min * MINUTE_MS)
        self.do(lambda one: rounds.end_drills(one, book(), at_ms))
        return self.do(rounds.is_any_running)


@pytest.fixture
def calls(world: World) -> Calls:
    return Calls(world)


ALL = [(1, "smit", 0), (1, "jansen", 1), (1, "desk", 5)]


def test_a_plan_begins_once_for_an_event_and_anew_for_a_later_one(calls: Calls) -> None:
    assert not calls.do(rounds.is_any_running)
    assert calls.begin(1, 5) == 1
    assert calls.do(rounds.is_any_running)
    assert calls.waiting() == ALL
    assert (calls.begin(1, 5), calls.begin(1, 4)) == (None, None)
    assert calls.begin(2, 3) == 2
    assert calls.begin(1, 6, START_MS + MINUTE_MS) == 1
    assert calls.waiting() == [(2, "smit", 1), (2, "jansen", 2), (2, "desk", 6)]
    assert {one.state for one in calls.rows() if one.round == 1} == {State.OVER, State.SKIPPED}
    assert calls.waiting(2) == ALL


def test_with_its_incident_ends_all_that_was_to_be_told_of_it(world: World, calls: Calls) -> None:
    calls.begin(1, 5)
    calls.begin(2, 6)
    calls.begin(None, 0)
    world.centre(world.incident(1, 1), wire.STATUS_CLOSED)
    calls.do(lambda one: rounds.end_closed(one, START_MS))
    assert [bool(calls.waiting(number)) for number in (1, 2, 3)] == [False, True, True]
    # Opened again it begins anew.
    assert calls.begin(1, 9) == 1
    assert calls.waiting() == [(2, *one[1:]) for one in ALL]


def test_what_somebody_else_has_ends_unless_it_began_anew(calls: Calls) -> None:
    calls.begin(1, 5)
    for incident_id, event_id in ((1, 4), (2, 5)):
        calls.do(lambda one, a=incident_id, b=event_id: rounds.end_one(one, a, b, START_MS))  # type: ignore[misc]
        assert calls.waiting() == ALL
    calls.do(lambda one: rounds.end_one(one, 1, 5, START_MS))
    assert calls.waiting() == []
    assert not calls.do(rounds.is_any_running)


def test_nobody_answers_is_told_once_and_the_last_is_called_each_five_minutes(
    calls: Calls,
) -> None:
    calls.begin(1, 5)
    assert calls.repeat(9.99) == []
    assert calls.repeat(10) == [(1, 1)]
    assert calls.waiting()[-1] == (1, "desk", 10)
    assert calls.repeat(14.99) == []
    assert calls.repeat(15) == []
    desks = [one for one in calls.waiting() if one[1] == "desk"]
    assert desks == [(1, "desk", 15)]


def test_while_somebody_has_it_the_last_is_not_called_again(world: World, calls: Calls) -> None:
    calls.begin(1, 5)
    world.centre(world.incident(1, 1), wire.STATUS_TAKEN)
    assert calls.repeat(10) == []
    assert calls.waiting() == ALL


def test_who_cannot_come_brings_the_next_forward_and_only_that_one(calls: Calls) -> None:
    calls.begin(1, 5)
    assert calls.cannot("smit", 0.5) == Left(is_anybody=True)
    assert calls.waiting() == [(1, "smit", 0), (1, "jansen", 0.5), (1, "desk", 5)]


def test_who_is_due_already_is_made_no_later(calls: Calls) -> None:
    calls.begin(1, 5)
    assert calls.cannot("smit", 3).is_anybody
    assert calls.waiting() == ALL


def test_when_the_last_cannot_come_those_who_did_not_say_so_are_called_from_the_beginning(
    calls: Calls,
) -> None:
    calls.begin(1, 5)
    assert calls.cannot("smit", 1).is_anybody
    assert calls.cannot("desk", 6) == Left(is_anybody=True)
    # Neither of those two: jansen, and at once.
    assert [one for one in calls.waiting() if one[0] == 2] == [(2, "jansen", 6)]
    skipped = [one.said for one in calls.rows() if one.round == 2 and one.state is State.SKIPPED]
    assert skipped.count("cannot come") == 2


def test_when_nobody_can_come_that_is_told_once_and_the_last_is_called_within_a_minute(
    calls: Calls,
) -> None:
    calls.begin(1, 5)
    for responder in ("smit", "jansen"):
        assert calls.cannot(responder, 1).is_anybody
    desk = calls.row("desk")
    calls.do(lambda one: outbox.claim(one, desk.id, START_MS + 6 * MINUTE_MS))
    assert calls.cannot("desk", 6.5) == Left(is_anybody=False, is_news=True)
    # A minute after the call before.
    assert calls.waiting()[-1] == (1, "desk", 7)
    assert calls.cannot("desk", 9) == Left(is_anybody=False)
    assert calls.waiting()[-1] == (1, "desk", 9)


def test_a_drill_ends_when_somebody_took_it_or_in_its_time(calls: Calls) -> None:
    calls.begin(None, 0)
    assert calls.end_drills(9.99)
    assert not calls.end_drills(10)
    assert calls.waiting() == []
    calls.begin(None, 0)
    assert calls.end_drills(0)
    calls.answered(calls.rows(2)[0], TAKE, START_MS)
    assert not calls.end_drills(0)


def test_nobody_is_told_that_nobody_comes_to_a_drill(calls: Calls) -> None:
    calls.begin(None, 0)
    assert calls.repeat(60) == []
    assert calls.cannot("desk", 6) == Left(is_anybody=False)
    assert calls.cannot("smit", 6) == Left(is_anybody=True)
