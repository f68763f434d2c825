"""A job that recurs outlives every fault, complains once of each, and says when all is well."""

import asyncio
import queue
from collections.abc import Callable
from typing import Any

from nabij.centre.recurring import Job, RecurringJob, tried
from nabij.errors import NabijError
from tests.host.centre.loops import recurring
from tests.waiting import LONG_S, wait_until

AGAIN = "Lamps are lit again."


class Lamps:
    """A job whose rounds a test decides on; after the last one all is well."""

    def __init__(self, *rounds: Callable[[], Any]) -> None:
        self.done = 0
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._rounds = rounds
        self.job = Job("lamps", 0.001, self._light, "Lamps are not lit", AGAIN)

    async def _light(self) -> None:
        number, self.done = self.done, self.done + 1
        if number < len(self._rounds):
            self._rounds[number]()

    def heard(self) -> list[str]:
        found = []
        while not self.said.empty():
            found.append(self.said.get())
        return found


def failing(text: str) -> Callable[[], None]:
    def fail() -> None:
        raise NabijError(text)

    return fail


def well() -> None:
    pass


def run(*rounds: Callable[[], Any]) -> Lamps:
    """Has all the rounds happen, and some more."""
    lamps = Lamps(*rounds)
    with recurring(lamps.job, lamps.said.put):
        wait_until(lambda: lamps.done > len(rounds) + 3)
    return lamps


def test_same_failure_is_told_once_and_its_end_once() -> None:
    assert run(*[failing("The oil is out.")] * 50).heard() == ["The oil is out.", AGAIN]


def test_failures_that_take_turns_are_told_once_each() -> None:
    turns = [failing("The oil is out."), failing("The wick is out.")] * 20
    assert run(*turns).heard() == ["The oil is out.", "The wick is out.", AGAIN]


def test_failure_that_comes_back_is_told_again() -> None:
    fail = failing("The oil is out.")
    assert run(fail, well, fail).heard() == ["The oil is out.", AGAIN] * 2


def test_fault_of_ours_is_one_sentence_and_does_not_end_it() -> None:
    def fault() -> None:
        raise ZeroDivisionError("no wicks")

    told = "Lamps are not lit because of a fault in nabij: no wicks."
    assert run(fault, fault).heard() == [told, AGAIN]


def test_nothing_is_said_while_all_is_well() -> None:
    assert run(well).heard() == []


def test_stopped_in_the_middle_it_finishes_its_round_and_begins_no_other() -> None:
    done: list[str] = []

    async def stop_in_the_middle() -> None:
        under_way, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            under_way.set()
            await go_on.wait()
            done.append("round")

        job = RecurringJob(Job("lamps", 0.001, slow, "Lamps are not lit", AGAIN), print)
        job.start()
        await under_way.wait()
        assert not job.is_stopping()
        stopping = asyncio.create_task(job.stop())
        # It is asked to, and begins to wait.
        await asyncio.sleep(0)
        assert job.is_stopping()
        assert not stopping.done()
        go_on.set()
        await asyncio.wait_for(stopping, LONG_S)
        await job.stop()

    asyncio.run(stop_in_the_middle())
    assert done == ["round"]


def test_what_never_began_can_be_stopped() -> None:
    asyncio.run(RecurringJob(Lamps().job, print).stop())


def test_what_is_tried_ends_with_what_it_gives_or_after_its_time() -> None:
    rounds = iter([None, None, "lit", "lit again"])
    assert tried(lambda: next(rounds), LONG_S, 0.001) == "lit"
    assert next(rounds) == "lit again"
    count = 0

    def dark() -> str | None:
        nonlocal count
        count += 1
        return None

    assert tried(dark, 0.0, 0.001) is None
    assert count >= 1
