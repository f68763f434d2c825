"""Waits for news or a time: nothing that rings is lost, and nobody else is kept waiting."""

from tests.mp import run_mp

RIG = """
import asyncio
from time import ticks_diff, ticks_ms
from badge.tasks.bell import Bell, IrqBell

LONG_MS = 30_000

def since(began_ms):
    return ticks_diff(ticks_ms(), began_ms)
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body + "\nasyncio.run(main())\n").split()


def test_a_wait_lasts_its_time_when_nothing_rings() -> None:
    out = run("""
async def main():
    for bell in (Bell(), IrqBell()):
        began_ms = ticks_ms()
        print(await bell.wait_ms(60), since(began_ms) >= 60)
""")
    assert out == ["False", "True"] * 2


def test_a_ring_ends_the_wait_at_once_and_stays_until_it_is_cleared() -> None:
    out = run("""
async def main():
    bell = Bell()
    async def ring():
        bell.set()
    asyncio.create_task(ring())
    began_ms = ticks_ms()
    print(await bell.wait_ms(LONG_MS), await bell.wait_ms(LONG_MS), since(began_ms) < LONG_MS)
    bell.clear()
    print(bell.is_set(), await bell.wait_ms(10))
""")
    assert out == ["True", "True", "True", "False", "False"]


def test_a_ring_before_the_wait_counts_for_an_interrupt_once() -> None:
    out = run("""
async def main():
    bell = IrqBell()
    for _ in range(2):
        bell.set()
        print(await bell.wait_ms(LONG_MS), await bell.wait_ms(10))
""")
    assert out == ["True", "False"] * 2


def test_an_interrupt_bell_that_went_deaf_says_so_at_once_and_then_hears_again() -> None:
    """Or a button task would go on for ever without edges, and no supervisor would know."""
    out = run("""
works = asyncio.ThreadSafeFlag
class Full(works):
    is_full = True
    async def wait(self):
        if Full.is_full:
            raise MemoryError
        await super().wait()
asyncio.ThreadSafeFlag = Full
async def main():
    bell = IrqBell()
    began_ms = ticks_ms()
    try:
        await bell.wait_ms(LONG_MS)
    except MemoryError:
        print("told", since(began_ms) < LONG_MS)
    Full.is_full = False
    print(await bell.wait_ms(20))
    bell.set()
    print(await bell.wait_ms(LONG_MS))
""")
    assert out == ["told", "True", "False", "True"]


def test_two_rings_in_one_turn_wake_the_waiter_once() -> None:
    out = run("""
async def main():
    bell = Bell()
    async def wait():
        print(await bell.wait_ms(LONG_MS))
        bell.clear()
        print(await bell.wait_ms(20))
    task = asyncio.create_task(wait())
    await asyncio.sleep_ms(5)
    bell.set()
    bell.set()
    await task
""")
    assert out == ["True", "False"]


def test_a_cancelled_wait_stays_cancelled_when_it_rings_in_the_same_turn() -> None:
    out = run("""
async def main():
    bell = Bell()
    async def wait():
        await bell.wait_ms(LONG_MS)
        print("not cancelled")
    for _ in range(2):
        task = asyncio.create_task(wait())
        await asyncio.sleep_ms(5)
        task.cancel()
        bell.set()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled")
        bell.clear()
    # Nothing is left behind that the next ring could wake.
    print(await bell.wait_ms(10))
""")
    assert out == ["cancelled", "cancelled", "False"]


def test_a_bell_that_always_rings_leaves_others_their_turn() -> None:
    out = run("""
async def main():
    bell = Bell()
    turns = []
    async def other():
        for _ in range(3):
            turns.append(1)
            await asyncio.sleep_ms(0)
    bell.set()
    task = asyncio.create_task(other())
    for _ in range(5):
        await bell.wait_ms(LONG_MS)
    print(len(turns))
""")
    assert out == ["3"]


def test_rounds_of_one_period_meet_however_far_apart_they_began() -> None:
    """On MicroPython's own clock: all are due at one tick, a whole period after the last."""
    out = run("""
from badge.tasks import beat
due = []
async def main():
    async def rounds(late_ms):
        await asyncio.sleep_ms(late_ms)
        # However long the machine pauses in between, the beat lies between these two.
        before_ms = ticks_ms()
        left_ms = beat.until_ms(5_000)
        latest_ms = ticks_ms() + left_ms
        beat_number = (before_ms + left_ms + 4_999) // 5_000
        due.append(beat_number)
        print(0 < left_ms <= 5_000 and 5_000 * beat_number <= latest_ms)
    # Not over a beat, which would part them.
    if beat.until_ms(5_000) < 2_000:
        await asyncio.sleep_ms(2_001)
    await asyncio.gather(rounds(0), rounds(17), rounds(41))
    print(len(set(due)))
""")
    assert out == ["True", "True", "True", "1"]
