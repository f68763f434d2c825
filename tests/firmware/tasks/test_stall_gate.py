"""The gate: no stall begins under a squeeze, and none begins before the button was looked at."""

from tests.mp import run_mp

RIG = """
import asyncio
from time import sleep_ms, ticks_diff, ticks_ms
from badge.tasks.stall_gate import StallGate

class Button:
    pressed = False
    looks = 0
    def look(self, now_ms):
        self.looks += 1

button = Button()
gate = StallGate(lambda: button.pressed, button.look)
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).split()


def test_the_button_is_looked_at_before_a_stall_may_begin() -> None:
    out = run("""
async def main():
    await gate.wait_open()
    print(button.looks)
asyncio.run(main())
""")
    assert int(out[0]) >= 1


def test_a_stall_waits_for_the_end_of_a_squeeze_and_then_goes_on() -> None:
    out = run("""
async def chore():
    started = ticks_ms()
    await gate.wait_open()
    print(300 <= ticks_diff(ticks_ms(), started) < 1000)
async def main():
    button.pressed = True
    task = asyncio.create_task(chore())
    await asyncio.sleep_ms(300)
    button.pressed = False
    await task
asyncio.run(main())
""")
    assert out == ["True"]


def test_a_stuck_button_holds_stalls_up_once_for_six_seconds_at_most() -> None:
    out = run("""
async def main():
    button.pressed = True
    for _ in range(2):
        started = ticks_ms()
        await gate.wait_open()
        print(ticks_diff(ticks_ms(), started) // 1000)
asyncio.run(main())
""")
    assert out == ["6", "0"]


def test_once_the_squeeze_is_durable_stalls_go_on_under_it_but_not_under_the_next() -> None:
    out = run("""
async def main():
    button.pressed = True
    gate.squeeze_served()
    started = ticks_ms()
    await gate.wait_open()
    print(ticks_diff(ticks_ms(), started) < 100)
    button.pressed = False
    await gate.wait_open()
    button.pressed = True
    try:
        await asyncio.wait_for_ms(gate.wait_open(), 200)
        print("went on")
    except asyncio.TimeoutError:
        print("waits")
asyncio.run(main())
""")
    assert out == ["True", "waits"]


def test_an_edge_seen_right_after_a_stall_may_be_as_old_as_the_stall() -> None:
    out = run("""
gate.begin()
started = ticks_ms()
sleep_ms(60)
gate.end()
gate.begin()
sleep_ms(60)
gate.end()
print(abs(ticks_diff(gate.earliest_edge_ms(ticks_ms()), started)) <= 2)
sleep_ms(30)
now = ticks_ms()
print(gate.earliest_edge_ms(now) == now)
""")
    assert out == ["True", "True"]


def test_a_stall_that_nobody_announced_dates_the_edges_of_the_next_look_alone() -> None:
    """Whatever ran between the stall and that look, also a stall that is announced."""
    out = run("""
began_ms = ticks_ms()
sleep_ms(60)
gate.stalled(began_ms)
sleep_ms(20)
gate.begin()
sleep_ms(5)
now_ms = ticks_ms()
print(gate.earliest_edge_ms(now_ms) == began_ms)
sleep_ms(20)
now_ms = ticks_ms()
print(gate.earliest_edge_ms(now_ms) == now_ms)
""")
    assert out == ["True", "True"]
