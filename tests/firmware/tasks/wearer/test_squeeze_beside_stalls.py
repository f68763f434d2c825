"""Presses beside stalls: none hides one, and none begins between a squeeze and its record."""

from tests.mp import run_mp

HEAD = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core.wearer.gestures import Gestures
from badge.tasks.wearer.buttons_task import Buttons, ButtonsTask, Hearers
from badge.tasks.stall_gate import StallGate
class Button:
    IRQ_RISING, IRQ_FALLING = 1, 2
    level = 0
    def value(self):
        return self.level
    def irq(self, handler, trigger):
        self.handler = handler
    def at(self, ms, level):
        rig.world.at(ms * 1000, lambda: self.turn(level))
    def turn(self, level):
        self.level = level
        rig.world.soft_irq(self.handler, self)
class Log:
    def event(self, what, **fields):
        pass
left, right = Button(), Button()
gestures = Gestures("squeeze", 1500, 30, 80)
gate = StallGate(gestures.is_under_way, lambda now_ms: buttons.look(now_ms))
meanings = []
noted = []
hearers = Hearers(
    lambda now_ms: "QUIET",
    lambda means, now_ms: meanings.append((now_ms, means)),
    lambda now_ms: None,
    lambda tried: [note() for note in noted],
)
buttons = ButtonsTask(Buttons((left, right), 1, None), gestures, "squeeze", hearers, gate, Log())
def squeeze(down_ms, up_ms):
    for button in (left, right):
        button.at(down_ms, 1)
        button.at(up_ms, 0)
def block(ms):
    rig.world.busy_us(ms * 1000)
async def stall(ms):
    await gate.wait_open()
    gate.begin()
    block(ms)
    gate.end()
async def until(ms):
    await asyncio.sleep_ms(ms - ticks_ms())
async def main():
    asyncio.create_task(buttons.run(lambda: None))
    await until(500)
    await story()
    await until(4000)
    for at_ms, means in meanings:
        print(at_ms, means)
"""


def meanings_of(story: str) -> list[tuple[int, str]]:
    indented = "".join(f"    {line}\n" for line in story.strip().splitlines())
    out = run_mp(f"{HEAD}\nasync def story():\n{indented}\nasyncio.run(main())")
    found = [line.split() for line in out.strip().splitlines()]
    return [(int(at_ms), means) for at_ms, means in found]


def test_a_press_hidden_by_an_announced_stall_and_a_collection_after_it_is_not_lost() -> None:
    ((_, means),) = meanings_of("""
squeeze(1010, 2515)
await until(1000)
await stall(150)
block(50)
""")
    assert means == "SOS"


def test_a_squeeze_that_ends_in_a_collection_is_taken_before_the_next_stall() -> None:
    ((at_ms, means),) = meanings_of("""
squeeze(1000, 2530)
async def handshake():
    await until(1500)
    for _ in range(3):
        await stall(150)
asyncio.create_task(handshake())
await until(2490)
block(50)
""")
    assert means == "SOS"
    assert at_ms <= 2550


def test_a_tap_that_began_and_ended_in_one_stall_is_answered() -> None:
    ((at_ms, means),) = meanings_of("""
left.at(1030, 1)
left.at(1110, 0)
await until(1000)
await stall(150)
""")
    assert means == "STATUS"
    assert at_ms <= 1150 + 600 + 10


def test_no_stall_begins_between_the_taps_of_one_gesture() -> None:
    ((_, means),) = meanings_of("""
for ms in (1000, 1400):
    left.at(ms, 1)
    left.at(ms + 120, 0)
await until(1200)
await stall(150)
assert 1400 + 120 + 600 <= ticks_ms() - 150, ticks_ms()
""")
    assert means == "STATUS"


def test_an_sos_goes_before_the_note_that_its_buttons_work() -> None:
    """Whatever becomes of the note, and of the task with it, the alarm is raised."""
    found = meanings_of("""
noted.append(lambda: meanings.append((ticks_ms(), "noted")))
left.at(1000, 1)
right.at(1000, 1)
""")
    assert [what for _, what in found] == ["SOS", "noted"]


def test_a_stuck_button_keeps_no_stall_waiting() -> None:
    ((_, means),) = meanings_of("""
left.at(600, 1)
await until(3000)
await stall(1)
assert ticks_ms() < 6100
await until(7000)
await stall(150)
assert ticks_ms() < 7160, ticks_ms()
""")
    assert means == "AMBER"
