"""A restart that a person asked for: it waits for the centre, and not for ever."""

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
    async def wait_open(self):
        pass

def reset():
    print("made", ticks_diff(ticks_ms(), began_ms) // 60_000, asked)
    # A chip does not go on.
    raise asyncio.CancelledError

async def on_asked():
    global asked
    asked += 1

asked = 0
is_open = True
began_ms = ticks_ms()

def of(is_saved):
    log = EventLog(ticks_ms)
    return Restart(Gate(), reset, lambda: ["sos"] if is_open else (), is_saved, on_asked, log)

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
