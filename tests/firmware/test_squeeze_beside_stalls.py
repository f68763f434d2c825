"""A squeeze beside stalls: none hides it, and none begins between its end and its record."""

from tests.mp import run_mp

HEAD = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core.sos import SqueezeHold
from badge.tasks.sos_task import SosTask
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
        self.handler(self)
button = Button()
gate = StallGate(lambda: button.level)
squeezes = []
sos = SosTask(button, 1, SqueezeHold(1500, 30, 80), gate, squeezes.append, None)
gate.look = sos.look
def block(ms):
    rig.world.busy_us(ms * 1000)
async def stall(ms):
    await gate.quiet()
    gate.begin()
    block(ms)
    gate.end()
async def until(ms):
    await asyncio.sleep_ms(ms - ticks_ms())
async def main():
    asyncio.create_task(sos.run(lambda: None))
    await until(500)
    await story()
    await until(4000)
    print(squeezes)
"""


def squeezes_of(story: str) -> list[int]:
    indented = "".join(f"    {line}\n" for line in story.strip().splitlines())
    out = run_mp(f"{HEAD}\nasync def story():\n{indented}\nasyncio.run(main())")
    return [int(ms) for ms in out.strip().strip("[]").split(",") if ms]


def test_a_press_hidden_by_an_announced_stall_and_a_collection_after_it_is_not_lost() -> None:
    assert squeezes_of("""
button.at(1010, 1)
button.at(2515, 0)
await until(1000)
await stall(150)
block(50)
""")


def test_a_squeeze_that_ends_in_a_collection_is_taken_before_the_next_stall() -> None:
    (at_ms,) = squeezes_of("""
button.at(1000, 1)
button.at(2530, 0)
async def handshake():
    await until(1500)
    for _ in range(3):
        await stall(150)
asyncio.create_task(handshake())
await until(2490)
block(50)
""")
    assert at_ms <= 2550
