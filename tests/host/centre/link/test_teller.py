"""News of many commits is told together and in order, and whoever fails to hear costs no other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nabij.centre.link import teller
from nabij.centre.link.teller import Teller
from nabij.centre.worker import Worker
from tests.waiting import wait_until

Told = list[tuple[int, ...]]


def run(
    tell: Callable[[tuple[int, ...]], None], work: Callable[[Teller], Coroutine[Any, Any, None]]
) -> None:
    """Do `work` with a teller that is begun, and end it."""

    async def whole() -> None:
        one = Teller(worker, tell)
        one.start()
        await work(one)
        await one.stop()

    worker = Worker("telling")
    try:
        asyncio.run(whole())
    finally:
        assert worker.close(60)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop and the worker go on until it holds."""
    await asyncio.get_running_loop().run_in_executor(None, wait_until, condition)


def test_one_that_comes_alone_is_told_at_once_and_a_burst_together() -> None:
    told: Told = []

    async def work(one: Teller) -> None:
        one.add((1,))
        await until(lambda: told)
        for news in ((2,), (), (3, 4), (5,)):
            one.add(news)
        await until(lambda: len(told) == 2)

    run(told.append, work)
    assert told == [(1,), (2, 3, 4, 5)]


def test_it_lets_pass_some_time_between_two_tellings(monkeypatch: pytest.MonkeyPatch) -> None:
    told: Told = []
    monkeypatch.setattr(teller, "PAUSE_S", 60.0)

    async def work(one: Teller) -> None:
        one.add((1,))
        await until(lambda: told)
        one.add((2,))
        await asyncio.sleep(0.05)
        assert told == [(1,)]

    run(told.append, work)
    # The end waits for no pause.
    assert told == [(1,), (2,)]


def test_one_that_fails_stops_nothing_that_follows() -> None:
    told: Told = []

    def tell(news: tuple[int, ...]) -> None:
        told.append(news)
        if news == (1,):
            raise ZeroDivisionError

    async def work(one: Teller) -> None:
        one.add((1,))
        await until(lambda: told)
        one.add((2,))
        await until(lambda: len(told) == 2)

    run(tell, work)
    assert told == [(1,), (2,)]


def test_one_that_never_began_tells_what_waits_when_it_ends() -> None:
    told: Told = []
    worker = Worker("telling")

    async def whole() -> None:
        one = Teller(worker, told.append)
        one.add((1, 2))
        await one.stop()
        await one.stop()

    asyncio.run(whole())
    assert worker.close(60)
    assert told == [(1, 2)]
