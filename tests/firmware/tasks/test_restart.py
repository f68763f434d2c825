"""A restart waits for the centre, the gate and what is to be done before; for none for ever."""

from tests.mp import run_mp

# In virtual time.
RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_diff, ticks_ms
from badge.log import EventLog
from badge.tasks.restart import Restart

class Gate:
    hangs = False
    async def wait_open(self):
        if self.hangs:
            await asyncio.Event().wait()

def reset():
    print("made", ticks_diff(ticks_ms(), began_ms) // 60_000, asked)
    # A chip does not go on.
    raise asyncio.CancelledError

async def on_asked():
    global asked
    asked += 1
    if hangs:
        await asyncio.Event().wait()

asked = 0
hangs = False
gate = Gate()
is_open = True
began_ms = ticks_ms()

def of(is_saved):
    log = EventLog(ticks_ms)
    return Restart(gate, reset, lambda: ["sos"] if is_open else (), is_saved, on_asked, log)

async def ended(restart):
    while restart.pending:
        await asyncio.sleep_ms(1000)
"""


def run(body: str) -> list[str]:
    return run_mp(RIG + body).splitlines()


def test_it_waits_an_hour_for_an_alarm_to_be_closed_and_is_then_made() -> None:
    out = run("""
async def main():
    restart = of(lambda: True)
    restart.soon("usb")
    await asyncio.sleep(3_500)
    assert restart.pending
    await ended(restart)
asyncio.run(main())
""")
    assert out[-1] == "made 60 1"


def test_it_is_given_up_where_it_would_lose_an_alarm_and_can_be_asked_for_again() -> None:
    out = run("""
async def main():
    global is_open
    restart = of(lambda: False)
    restart.soon("usb")
    await ended(restart)
    print(restart.pending)
    is_open = False
    restart.soon("usb")
    await ended(restart)
asyncio.run(main())
""")
    assert out[-4].endswith("restart.given_up why=usb")
    assert out[-3] == "False"
    assert out[-1] == "made 60 2"


def test_a_gate_that_never_opens_holds_it_up_for_no_longer_than_an_alarm() -> None:
    out = run("""
async def main():
    gate.hangs = True
    restart = of(lambda: True)
    restart.when_safe("task.link", lambda: True)
    await ended(restart)
asyncio.run(main())
""")
    assert any("restart.failed" in line for line in out)
    assert out[-1] == "made 2 0"


def test_what_is_to_be_done_before_it_and_never_ends_is_left_undone() -> None:
    out = run("""
async def main():
    global hangs, is_open
    hangs, is_open = True, False
    restart = of(lambda: True)
    restart.soon("usb")
    await ended(restart)
asyncio.run(main())
""")
    assert out[-1] == "made 0 1"
