"""What waits for alarm centres: in order, each once, and tried again later each time."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from nabij.centre.database import handover_tables as tables
from nabij.centre.handover import rows
from nabij.centre.handover.arcs import Arc
from nabij.centre.handover.rows import RETRY_MS, Message, Row, State, What
from tests.host.centre.deadline_world import START_MS, World, message

Result = TypeVar("Result")
NORTH = Arc("north", (("127.0.0.1", 1),), "1234", key=bytes(16))
SOUTH = replace(NORTH, name="south")
ALARM = Message("1234", 7, What.ALARM, "sos", "SIA-DCS", "#1234|Nri1/PA007", ("Vhttps://a", "X"))


class Queue:
    """The rows of a database, and a time that the test sets."""

    def __init__(self, world: World) -> None:
        self.world = world
        for seq in (1, 2):
            world.take(message(1, seq, kind=SOS))
        self.do(lambda one: rows.replace_arcs(one, [NORTH, SOUTH], START_MS))

    def do(self, work: Callable[[sa.Connection], Result]) -> Result:
        return self.world.store.write(work)

    def add(self, what: Message = ALARM, arc: Arc = NORTH) -> int | None:
        return self.do(lambda one: rows.add(one, arc, what, START_MS))

    def row(self, row_id: int) -> Row:
        found = self.do(lambda one: rows.row(one, row_id))
        assert found is not None
        return found

    def head(self, at_ms: int = START_MS, arc: str = "north", account: str = "1234") -> int | None:
        found = self.do(lambda one: rows.head(one, arc, account, at_ms))
        return None if found is None else found.id

    def due(self, at_ms: int = START_MS) -> set[tuple[str, str]]:
        return self.do(lambda one: rows.due(one, at_ms))


@pytest.fixture
def queue(world: World) -> Queue:
    return Queue(world)


def test_an_event_is_told_each_centre_once_as_each_thing(queue: Queue) -> None:
    of_event = replace(ALARM, incident_id=1, event_id=5)
    assert queue.add(of_event) == 1
    assert queue.add(of_event) is None
    assert queue.add(of_event, SOUTH) == 2
    assert queue.add(replace(of_event, what=What.RESTORE)) == 3
    assert queue.add(replace(of_event, event_id=6)) == 4
    # Of what is no event there may be any number.
    assert (queue.add(), queue.add()) == (5, 6)
    assert queue.do(rows.waiting) == {"north": 5, "south": 1}
    assert queue.row(1).message == of_event


def test_what_comes_first_is_sent_first_and_the_next_waits_for_it(queue: Queue) -> None:
    for account in ("1234", "1234", "5678"):
        queue.add(replace(ALARM, account=account))
    queue.add(arc=SOUTH)
    assert queue.due() == {("north", "1234"), ("north", "5678"), ("south", "1234")}
    assert (queue.head(), queue.head(account="5678"), queue.head(arc="south")) == (1, 3, 4)
    queue.do(lambda one: rows.again(one, queue.row(1), START_MS, "no answer"))
    assert queue.due() == {("north", "5678"), ("south", "1234")}
    assert queue.head() is None
    queue.do(lambda one: rows.acknowledged(one, queue.row(1), START_MS, "arc:1"))
    assert queue.head() == 2
    assert queue.head(account="9") is None


def test_each_try_waits_longer_up_to_a_minute_and_none_is_the_last(queue: Queue) -> None:
    queue.add()
    at_ms, waits = START_MS, []
    for _ in range(9):
        queue.do(lambda one, at_ms=at_ms: rows.again(one, queue.row(1), at_ms, "x" * 300))  # type: ignore[misc]
        found = queue.row(1)
        waits.append(found.due_ms - at_ms)
        assert queue.head(found.due_ms - 1) is None
        assert queue.head(found.due_ms) == 1
        at_ms = found.due_ms
    assert waits == [*RETRY_MS, *[60_000] * 3]
    assert (queue.row(1).tries, queue.row(1).said, queue.row(1).state) == (
        9,
        "x" * 200,
        State.WAITING,
    )


def test_a_clock_that_was_set_back_holds_up_nothing(queue: Queue) -> None:
    queue.add()
    queue.do(lambda one: rows.again(one, queue.row(1), START_MS, ""))
    long_before_ms = START_MS - 3_600_000
    assert queue.due(long_before_ms) == {("north", "1234")}
    assert queue.head(long_before_ms) == 1
    # Within the longest pause it is a pause.
    assert queue.due(START_MS + 1_000 - 60_000) == set()
    assert queue.head(START_MS + 1_000 - 60_000) is None
    assert queue.due(START_MS + 999 - 60_000) == {("north", "1234")}
    assert queue.head(START_MS + 999 - 60_000) == 1


def test_what_a_centre_has_stays_with_who_said_so_and_without_its_link(queue: Queue) -> None:
    queue.add()
    queue.do(lambda one: rows.acknowledged(one, queue.row(1), START_MS + 5, "arc:1"))
    found = queue.row(1)
    assert (found.state, found.done_ms, found.answered_by) == (
        State.ACKNOWLEDGED,
        START_MS + 5,
        "arc:1",
    )
    assert found.message.extended == ("X",)
    # A late answer of another receiver changes nothing.
    queue.do(lambda one: rows.again(one, found, START_MS, "late"))
    queue.do(lambda one: rows.refused(one, found, START_MS, None))
    assert queue.row(1) == found


def test_what_a_centre_does_not_take_is_told_by_another_event_or_said(queue: Queue) -> None:
    queue.add()
    queue.do(lambda one: rows.again(one, queue.row(1), START_MS, ""))
    other = replace(ALARM, event="any", data="#1234|Nri1/BA007")
    queue.do(lambda one: rows.refused(one, queue.row(1), START_MS + 9, other))
    found = queue.row(1)
    assert (found.message, found.seq, found.tries, found.due_ms) == (other, 2, 0, START_MS + 9)
    assert (found.state, found.said) == (State.WAITING, "it takes no event #1234|Nri1/PA007")
    queue.do(lambda one: rows.refused(one, found, START_MS + 10, None))
    found = queue.row(1)
    assert (found.state, found.done_ms) == (State.REFUSED, START_MS + 10)
    assert found.said == "it takes no event #1234|Nri1/BA007"


def test_numbers_go_up_to_9999_by_account_and_begin_again_at_1(queue: Queue) -> None:
    queue.add()
    queue.add(replace(ALARM, account="5678"))
    queue.add(arc=SOUTH)
    assert [queue.row(number).seq for number in (1, 2, 3)] == [1, 1, 1]
    nearly = tables.arc_account.update().where(tables.arc_account.c.account == "1234")
    queue.do(lambda one: one.execute(nearly.values(last_seq=9998)))
    last = [queue.row(queue.add() or 0).seq for _ in range(3)]
    assert last == [9999, 1, 2]


def test_a_centre_that_is_taken_out_drops_what_waited_and_keeps_what_was_told(
    queue: Queue,
) -> None:
    for arc in (NORTH, SOUTH, SOUTH):
        queue.add(arc=arc)
    queue.do(lambda one: rows.acknowledged(one, queue.row(2), START_MS, "arc:1"))
    queue.do(lambda one: rows.replace_arcs(one, [NORTH], START_MS + 7))
    assert [queue.row(number).state for number in (1, 2, 3)] == [
        State.WAITING,
        State.ACKNOWLEDGED,
        State.DROPPED,
    ]
    assert (queue.row(3).done_ms, queue.row(3).said) == (START_MS + 7, "its centre was taken out")
    assert [one.name for one in queue.do(rows.read_arcs)] == ["north"]
    assert queue.do(lambda one: rows.named(one, "south")) is None


def test_what_was_sent_of_an_incident_and_the_newest_of_all(queue: Queue) -> None:
    for incident_id, what in (
        (1, What.TEST),
        (2, What.ALARM),
        (1, What.RESTORE),
        (1, What.CANCEL),
    ):
        queue.add(replace(ALARM, incident_id=incident_id, what=what))
    assert [one.id for one in queue.do(lambda one: rows.of_incident(one, 1))] == [1, 3, 4]
    assert [one.id for one in queue.do(lambda one: rows.newest(one, 2))] == [3, 4]
    told = [queue.do(lambda one, n=n: rows.was_told(one, n)) for n in (1, 2, 3)]  # type: ignore[misc]
    assert told == [False, True, False]
