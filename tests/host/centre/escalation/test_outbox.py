"""Who is told by which channel: claimed once, the next one in time, and nobody told twice."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.escalation import outbox, rounds
from nabij.centre.escalation.outbox import Row, State
from nabij.centre.escalation.rounds import Begun
from tests.host.centre.deadline_world import START_MS, World, message
from tests.host.centre.escalation.plans import book

Result = TypeVar("Result")


class Box:
    """An outbox: smit by sms and mail at once, jansen after a minute whoever has it, the desk."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.take(message(kind=SOS))
        begun = Begun(1, 1, START_MS)
        self.do(lambda one: rounds.begin(one, book(), book().plans["yard"], begun))

    def do(self, work: Callable[[sa.Connection], Result]) -> Result:
        return self.world.store.write(work)

    def row(self, channel: str) -> Row:
        return next(one for one in self.rows() if one.channel == channel)

    def rows(self) -> list[Row]:
        return self.do(lambda one: outbox.rows_of(one, 1))

    def due(self, after_s: float) -> list[str]:
        found = self.do(lambda one: outbox.due(one, START_MS + round(after_s * 1000)))
        return [one.channel for one in found]

    def claim(self, channel: str, after_s: float = 0) -> Row | None:
        at_ms = START_MS + round(after_s * 1000)
        return self.do(lambda one: outbox.claim(one, self.row(channel).id, at_ms))

    def record(self, channel: str, after_s: float, *, is_sent: bool, said: str = "so") -> None:
        at_ms, row_id = START_MS + round(after_s * 1000), self.row(channel).id
        self.do(lambda one: outbox.record(one, row_id, at_ms, is_sent=is_sent, said=said))

    def recover(self, after_s: float, *ours: int) -> int:
        return self.do(lambda one: outbox.recover(one, START_MS + round(after_s * 1000), ours))

    def due_s(self, channel: str) -> float | None:
        due_ms = self.row(channel).due_ms
        return None if due_ms is None else (due_ms - START_MS) / 1000


@pytest.fixture
def box(world: World) -> Box:
    return Box(world)


def test_each_is_due_at_its_time_and_a_second_channel_not_by_itself(box: Box) -> None:
    assert box.due(0) == ["sms"]
    assert box.due(59.9) == ["sms"]
    assert box.due(60) == ["sms", "push"]
    # The step for other hours is there, and says why it is left out.
    assert box.due(300) == ["sms", "push", "phone"]
    assert [(one.position, one.place, one.channel, one.state) for one in box.rows()] == [
        (0, 0, "sms", State.WAITING),
        (0, 1, "mail", State.WAITING),
        (1, 0, "push", State.WAITING),
        (2, 0, "", State.SKIPPED),
        (3, 0, "phone", State.WAITING),
    ]


def test_what_is_claimed_is_nobody_elses_and_the_next_channel_waits_five_seconds(
    box: Box,
) -> None:
    assert box.claim("push", 59.9) is None
    claimed = box.claim("sms", 1)
    assert claimed is not None
    assert (claimed.state, claimed.tries, claimed.began_ms) == (State.SENDING, 1, START_MS + 1000)
    assert box.claim("sms", 1) is None
    assert box.due_s("mail") == 6
    assert box.claim("mail", 5.9) is None
    assert box.claim("mail", 6) is not None


def test_a_channel_that_reached_its_person_spares_the_other(box: Box) -> None:
    box.claim("sms")
    box.record("sms", 2, is_sent=True, said="x" * 300)
    row = box.row("sms")
    assert (row.state, row.done_ms, row.said) == (State.SENT, START_MS + 2000, "x" * 200)
    assert (box.row("mail").state, box.row("mail").done_ms) == (State.SPARED, START_MS + 2000)
    assert box.row("push").state is State.WAITING
    # What answers later changes nothing.
    box.record("sms", 9, is_sent=False)
    assert box.row("sms") == row


def test_a_channel_that_was_being_sent_when_the_other_reached_its_person_is_not_sent_again(
    box: Box,
) -> None:
    box.claim("sms")
    box.claim("mail", 6)
    box.record("sms", 7, is_sent=True)
    box.record("mail", 8, is_sent=False)
    assert box.claim("mail", 38) is None
    assert box.row("mail").state is State.SPARED


def test_one_that_fails_is_tried_three_times_and_the_next_channel_at_once(box: Box) -> None:
    box.claim("sms")
    box.record("sms", 1, is_sent=False)
    assert (box.row("sms").state, box.due_s("sms"), box.due_s("mail")) == (State.WAITING, 31, 1)
    box.claim("sms", 31)
    box.record("sms", 40, is_sent=False)
    assert (box.row("sms").state, box.due_s("sms")) == (State.WAITING, 160)
    box.claim("sms", 160)
    box.record("sms", 161, is_sent=False, said="no credit")
    row = box.row("sms")
    assert (row.state, row.done_ms, row.tries) == (State.FAILED, START_MS + 161_000, 3)
    assert box.do(outbox.failing) == {("smit", "sms"): "no credit"}


def test_a_channel_that_works_again_is_no_failing_one(box: Box) -> None:
    for after_s in (0, 31, 160):
        box.claim("sms", after_s)
        box.record("sms", after_s + 1, is_sent=False)
    again = Begun(1, 2, START_MS + 600_000)
    box.do(lambda one: rounds.begin(one, book(), book().plans["yard"], again))
    newest = max(one.id for one in box.rows() if one.channel == "sms")
    at_ms = START_MS + 600_000
    assert box.do(lambda one: outbox.claim(one, newest, at_ms)) is not None
    box.do(lambda one: outbox.record(one, newest, at_ms, is_sent=True, said=""))
    assert box.do(outbox.failing) == {}


def test_who_has_it_is_enough_but_for_those_who_are_told_until_it_is_closed(
    world: World, box: Box
) -> None:
    world.centre(world.incident(), wire.STATUS_TAKEN)
    assert box.claim("sms") is None
    assert box.row("sms").state is State.WAITING
    assert box.claim("push", 60) is not None
    world.centre(world.incident(), wire.STATUS_CLOSED)
    assert box.claim("phone", 300) is None
    row = box.row("phone")
    assert (row.state, row.done_ms) == (State.OVER, START_MS + 300_000)


def test_what_others_were_sending_is_sent_again_and_says_so(box: Box) -> None:
    box.claim("sms")
    box.claim("push", 60)
    assert box.recover(61, box.row("push").id) == 1
    row = box.row("sms")
    assert (row.state, row.repeated, row.interrupted, box.due_s("sms")) == (
        State.WAITING,
        True,
        1,
        61,
    )
    assert box.row("push").state is State.SENDING
    # The first end of a sender is no reason to hurry.
    assert box.due_s("mail") == 5


def test_a_message_that_ends_its_sender_each_time_waits_longer_and_is_given_up(box: Box) -> None:
    waits = []
    for number in range(5):
        now_s = 1000.0 * (number + 1)
        assert box.claim("sms", now_s) is not None
        again = box.recover(now_s + 1)
        due_s = box.due_s("sms")
        waits.append((again, None if due_s is None else due_s - now_s - 1))
    assert waits[:4] == [(1, 0), (1, 5), (1, 30), (1, 120)]
    assert waits[4][0] == 0
    row = box.row("sms")
    assert (row.state, row.done_ms) == (State.FAILED, START_MS + 5_001_000)
    assert "ended 5 times" in row.said


def test_from_the_second_end_of_a_sender_on_the_next_channel_goes_beside_it(box: Box) -> None:
    for after_s, due_s in ((0, 5), (2, 3)):
        assert box.claim("sms", after_s) is not None
        box.recover(after_s + 1)
        assert box.due_s("mail") == due_s


def test_an_end_of_the_sender_is_no_refusal_of_the_channel(box: Box) -> None:
    box.claim("sms")
    box.recover(1)
    for after_s, state in ((2, State.WAITING), (40, State.WAITING), (200, State.FAILED)):
        assert box.claim("sms", after_s) is not None
        box.record("sms", after_s, is_sent=False)
        assert box.row("sms").state is state


def test_a_channel_without_room_hastens_the_next_and_makes_none_later(box: Box) -> None:
    first = box.row("sms")
    for after_s, due_s in ((20, 20), (10, 10), (30, 10)):
        at_ms = START_MS + after_s * 1000
        box.do(lambda one, at_ms=at_ms: outbox.hasten_next(one, first, at_ms))  # type: ignore[misc]
        assert box.due_s("mail") == due_s
    assert box.due_s("push") == 60
