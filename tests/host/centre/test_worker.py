"""The receiver's loop ends whatever runs on it, and waits for nothing without an end."""

import asyncio
import threading

import pytest

from nabij.centre import worker
from nabij.centre.worker import LoopThread
from tests.waiting import LONG_S


async def stubborn(times: int) -> None:
    """Swallows so many cancellations, as some tasks of nats-py do one."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


@pytest.mark.parametrize("times", [0, 1, 3, 1_000_000])
def test_a_loop_ends_however_often_a_task_swallows_its_cancellation(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(worker, "MOST_ENDING_S", 0.5)
    loop = LoopThread()
    kept: list[asyncio.Task[None]] = []

    async def begin() -> None:
        kept.append(asyncio.create_task(stubborn(times)))
        await asyncio.sleep(0)

    loop.run(begin())
    closing = threading.Thread(target=loop.close, daemon=True)
    closing.start()
    closing.join(LONG_S)
    assert not closing.is_alive()


def test_what_takes_too_long_is_waited_for_no_longer() -> None:
    loop = LoopThread()
    with pytest.raises(TimeoutError):
        loop.run(asyncio.sleep(LONG_S), 0.05)
    loop.close()
