"""The simulator's task and run queue keep the rules of MicroPython's own asyncio."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.mp import run_mp
from tests.sim.stub import run_main

# Each prints what happened in which order. Delays are 40 ms apart and more: a real process that
# stands still for 5 ms on a busy machine has other tasks due, and they run in another order.
_PROGRAMS = {
    "order of sleeps": """
async def say(ms, text):
    await asyncio.sleep_ms(ms)
    print(text)
async def main():
    await asyncio.gather(say(1200, "third"), say(0, "first"), say(600, "second"))
""",
    "first come first served": """
async def say(text):
    for i in range(3):
        print(text, i)
        await asyncio.sleep_ms(0)
async def main():
    for name in "abc":
        asyncio.create_task(say(name))
    await asyncio.sleep_ms(1000)
""",
    "gather returns and raises": """
async def value(ms, v):
    await asyncio.sleep_ms(ms)
    return v
async def fail():
    await asyncio.sleep_ms(200)
    raise ValueError("no")
async def main():
    print(await asyncio.gather(value(400, 1), value(100, 2)))
    print(await asyncio.gather(value(400, 1), fail(), return_exceptions=True))
    try:
        await asyncio.gather(value(400, 1), fail())
    except ValueError as error:
        print("raised", error)
""",
    "cancel sleeping, waiting and finished tasks": """
async def victim(what):
    try:
        await what
        print("not cancelled")
    except asyncio.CancelledError:
        print("cancelled")
        raise
    finally:
        print("finally")
async def main():
    event = asyncio.Event()
    for what in (asyncio.sleep(10), event.wait()):
        task = asyncio.create_task(victim(what))
        await asyncio.sleep_ms(100)
        print(task.done(), task.cancel())
        try:
            await task
        except asyncio.CancelledError:
            print("seen")
        print(task.done(), task.cancel())
""",
    "cancel reaches the innermost task": """
async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        print("inner cancelled")
        raise
async def outer(task):
    try:
        await task
    except asyncio.CancelledError:
        print("outer cancelled")
        raise
async def main():
    inside = asyncio.create_task(inner())
    outside = asyncio.create_task(outer(inside))
    await asyncio.sleep_ms(100)
    outside.cancel()
    await asyncio.sleep_ms(100)
    print(inside.done(), outside.done())
""",
    "wait_for in time, too late and failing": """
async def work(ms):
    await asyncio.sleep_ms(ms)
    return ms
async def fail():
    raise OSError(5)
async def main():
    print(await asyncio.wait_for_ms(work(200), 4000))
    try:
        await asyncio.wait_for_ms(work(6000), 800)
    except asyncio.TimeoutError:
        print("too late")
    try:
        await asyncio.wait_for_ms(fail(), 800)
    except OSError as error:
        print(error)
""",
    "locks queue their takers": """
async def taker(lock, name):
    async with lock:
        print(name, "in")
        await asyncio.sleep_ms(100)
        print(name, "out")
async def main():
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(taker(lock, name)) for name in "abc"]
    await asyncio.sleep_ms(40)
    tasks[1].cancel()
    await asyncio.sleep_ms(800)
    print(lock.locked())
""",
    "event wakes all": """
async def waiter(event, name):
    await event.wait()
    print(name)
async def main():
    event = asyncio.Event()
    for name in "abc":
        asyncio.create_task(waiter(event, name))
    await asyncio.sleep_ms(100)
    event.set()
    await asyncio.sleep_ms(100)
    print(event.is_set())
""",
    "flags wake their reader once": """
async def reader(flag):
    for i in range(2):
        await flag.wait()
        print("flag", i)
async def main():
    flag = asyncio.ThreadSafeFlag()
    task = asyncio.create_task(reader(flag))
    await asyncio.sleep_ms(1000)
    flag.set()
    await asyncio.sleep_ms(1000)
    print(task.done())
    flag.set()
    await asyncio.sleep_ms(1000)
    print(task.done())
""",
    "a flag's reader can be cancelled and come back": """
async def main():
    flag = asyncio.ThreadSafeFlag()
    try:
        await asyncio.wait_for_ms(flag.wait(), 200)
    except asyncio.TimeoutError:
        print("nothing")
    flag.set()
    await asyncio.wait_for_ms(flag.wait(), 200)
    print("flag")
""",
    "a flag that was set before is there at once, cleared it is not": """
async def main():
    flag = asyncio.ThreadSafeFlag()
    flag.set()
    await flag.wait()
    flag.set()
    flag.clear()
    try:
        await asyncio.wait_for_ms(flag.wait(), 200)
    except asyncio.TimeoutError:
        print("cleared")
""",
    "a stream that tells nobody is asked": """
import io
class Lamp(io.IOBase):
    lit = False
    def ioctl(self, request, flags):
        if request != 3:
            return -1
        return flags if self.lit else 0
async def wait(lamp):
    yield asyncio.core._io_queue.queue_read(lamp)
async def watch(lamp, flag):
    await wait(lamp)
    print("lit")
    flag.set()
async def main():
    lamp, flag = Lamp(), asyncio.ThreadSafeFlag()
    asyncio.create_task(watch(lamp, flag))
    await asyncio.sleep_ms(400)
    print("dark")
    lamp.lit = True
    await flag.wait()
    print("seen")
""",
    "an exception nobody fetched is reported": """
def report(loop, context):
    print("handler", repr(context["exception"]))
async def fail():
    raise ValueError("lost")
async def main():
    asyncio.get_event_loop().set_exception_handler(report)
    asyncio.create_task(fail())
    await asyncio.sleep_ms(200)
""",
    "awaiting an ended task": """
async def value():
    return 7
async def main():
    task = asyncio.create_task(value())
    await asyncio.sleep_ms(100)
    print(task.done(), await task, await task)
    try:
        asyncio.current_task().cancel()
    except RuntimeError as error:
        print(error)
""",
}


@pytest.mark.parametrize("program", _PROGRAMS.values(), ids=_PROGRAMS.keys())
def test_programs_do_the_same_on_the_world_clock_as_on_the_real_one(
    program: str, tmp_path: Path
) -> None:
    source = "import asyncio\n" + program + "\nasyncio.run(main())\n"
    expected = run_mp(source).splitlines()
    assert expected
    assert run_main(tmp_path, source).console == expected


def test_an_hour_of_waiting_takes_no_time_and_wakes_on_the_dot(tmp_path: Path) -> None:
    began_s = time.monotonic()
    run = run_main(
        tmp_path,
        """
import asyncio, time
async def main():
    start = time.ticks_ms()
    for _ in range(3600):
        await asyncio.sleep_ms(1000)
    print(time.ticks_diff(time.ticks_ms(), start))
asyncio.run(main())
""",
        duration_ms=3_700_000,
    )
    assert run.console == ["3600000"]
    assert time.monotonic() - began_s < 100


def test_waits_span_the_wrap_of_ticks_ms(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        """
import asyncio, time
async def main():
    before = time.ticks_ms()
    await asyncio.sleep_ms(2000)
    after = time.ticks_ms()
    print(after < before, time.ticks_diff(after, before))
asyncio.run(main())
""",
        ticks_offset_ms=(1 << 30) - 1500,
        stalls="off",
    )
    assert run.console == ["True 2000"]


def test_loops_that_never_wait_do_not_stop_the_world(tmp_path: Path) -> None:
    run = run_main(
        tmp_path,
        """
import asyncio, time
async def spin():
    while True:
        await asyncio.sleep_ms(0)
async def main():
    asyncio.create_task(spin())
    await asyncio.sleep_ms(20)
    print("slept")
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < 20:
        pass
    print("polled")
asyncio.run(main())
""",
    )
    assert run.console == ["slept", "polled"]


def test_two_runs_of_one_scenario_are_the_same_to_the_microsecond(tmp_path: Path) -> None:
    source = """
import asyncio, os
from machine import Pin
flags = [asyncio.ThreadSafeFlag() for _ in range(5)]
async def wait(i):
    while True:
        await flags[i].wait()
        print("flag", i, os.urandom(2))
async def main():
    for i in range(5):
        asyncio.create_task(wait(i))
    Pin(14, Pin.IN).irq(lambda pin: [flag.set() for flag in flags])
    await asyncio.sleep(9)
asyncio.run(main())
"""
    events = [{"at_ms": 1000 + 37 * i, "do": "press", "ms": 11} for i in range(50)]
    runs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run = run_main(tmp_path / name, source, events=events)
        runs.append([line.text for line in run.lines if '"end"' not in line.text])
    assert runs[0] == runs[1]
    assert len(runs[0]) > 500
