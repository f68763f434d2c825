"""How an application is broken for a row: Python put between its import and its start."""

from __future__ import annotations

from typing import Final

from badge.core.wearer import reasons

MAIN: Final = """
import machine
watchdog = machine.WDT(timeout=30_000)
from badge.boards.t_sim7080g_s3 import Board
from badge import app
{patch}
app.run(Board(), watchdog)
machine.reset()
"""
# A task dies of itself again and again, from 12 s on.
_DYING: Final = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
def start_dying(self, name, run, limit_ms, *, vital=False):
    async def dies(feed):
        task = asyncio.create_task(run(feed))
        while not task.done() and ticks_ms() < 12_000:
            feed()
            await asyncio.sleep_ms(100)
        task.cancel()
        raise ERROR
    start(self, name, dies if name == "NAME" else run, limit_ms, vital=vital)
Supervisor.start = start_dying
"""
_SIGNALS_HANG: Final = """
import asyncio
from badge.drivers.haptic_motor import HapticMotor
async def hang(self, pattern):
    await asyncio.sleep_ms(100_000_000)
HapticMotor.play = hang
"""
# A task dies once, at 12 s.
_DIES_ONCE: Final = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
def start_dying(self, name, run, limit_ms, *, vital=False):
    async def dies(feed):
        if ticks_ms() >= 12_000:
            await run(feed)
        task = asyncio.create_task(run(feed))
        while not task.done() and ticks_ms() < 12_000:
            feed()
            await asyncio.sleep_ms(100)
        task.cancel()
        raise ValueError("once")
    start(self, name, dies if name == "NAME" else run, limit_ms, vital=vital)
Supervisor.start = start_dying
"""
# A task no longer gives a sign of life from 12 s on.
_DEAF: Final = """
import asyncio
from time import ticks_ms
from badge.tasks.supervisor import Supervisor
start = Supervisor.start
def start_deaf(self, name, run, limit_ms, *, vital=False):
    async def deaf(feed):
        asyncio.create_task(run(lambda: None))
        while ticks_ms() < 12_000:
            feed()
            await asyncio.sleep_ms(100)
        await asyncio.sleep_ms(1_000_000)
    # Only before the watchdog's reset, which is what helps.
    is_it = name == "NAME" and machine.reset_cause() == machine.PWRON_RESET
    start(self, name, deaf if is_it else run, limit_ms, vital=vital)
Supervisor.start = start_deaf
"""
# A task stops for ever, at 12 s.
_HANGING: Final = _DEAF.replace("asyncio.create_task", "task = asyncio.create_task").replace(
    "        await asyncio.sleep_ms(1_000_000)",
    "        task.cancel()\n        await asyncio.sleep_ms(1_000_000)",
)
# 12 s after each start again: ticks go on over a restart.
_HANGS: Final = (
    _HANGING.replace("machine.reset_cause() == machine.PWRON_RESET", "True")
    .replace("    # Only before the watchdog's reset, which is what helps.\n", "")
    .replace("start = Supervisor.start", "began_ms = ticks_ms()\nstart = Supervisor.start")
    .replace("ticks_ms() < 12_000", "ticks_ms() - began_ms < 12_000")
)
# The link never comes back from sending the squeeze, until the badge starts anew.
_HANGS_AS_IT_SENDS: Final = """
import asyncio
from time import ticks_ms
from badge.link.mqtt import MqttClient
publish = MqttClient.publish
async def hanging(self, *what):
    if machine.reset_cause() == machine.PWRON_RESET and ticks_ms() >= 67_000:
        await asyncio.sleep_ms(1_000_000)
    await publish(self, *what)
MqttClient.publish = hanging
"""
# What sends for a session never comes back.
_SOCKET_HANGS: Final = """
import asyncio
from badge.drivers.modem.at import AtChannel
command = AtChannel.command
async def hanging(self, text, timeout_ms, expect=None, data=None):
    if text.startswith(b"AT+CASEND") and IS_IT:
        await asyncio.sleep_ms(100_000_000)
    return await command(self, text, timeout_ms, expect=expect, data=data)
AtChannel.command = hanging
"""
# No line of the log finds memory from 30 s to 80 s.
_NO_ROOM_FOR_LINES: Final = """
from time import ticks_ms
from badge.tasks.usb.live_log import LiveLog
line = LiveLog.line
def broken(self, text):
    if 30_000 <= ticks_ms() < 80_000:
        raise MemoryError()
    line(self, text)
LiveLog.line = broken
"""
# The accelerometer's test of itself is asked for at AT_MS.
_SELF_TEST: Final = """
import asyncio
from time import ticks_ms
from badge.drivers.chip_errors import ImuError
from badge.tasks.motion_task import MotionTask
run = MotionTask.run
async def run_tested(self, feed):
    async def test():
        await asyncio.sleep_ms(max(0, AT_MS - ticks_ms()))
        try:
            print("self-test", await self.self_test(5000))
        except ImuError as error:
            print("self-test", error.code)
    asyncio.create_task(test())
    await run(self, feed)
MotionTask.run = run_tested
"""
_DAMAGED: Final = """
with open("/PATH", "wb") as file:
    file.write(DATA)
"""
_FOLDER: Final = """
import os
if "PATH" not in os.listdir("/"):
    os.mkdir("/PATH")
"""
_LOST: Final = """
import os
try:
    os.remove("/PATH")
except OSError:
    pass
"""
# At the second start the settings are as damage leaves them; the first has made their copy.
_SECOND_START: Final = """
if machine.reset_cause() == machine.PWRON_RESET:
    from badge.storage.config_file import ConfigFile
    ConfigFile("/").load()
"""


# A file of the identity is read wrongly, once and without an error.
_MISREAD: Final = """
from badge.storage import files, identity
class Misread:
    names = files.names
    left = 1
    @staticmethod
    def read(path):
        data = files.read(path)
        if path.endswith("PATH") and Misread.left:
            Misread.left = 0
            if machine.reset_cause() == machine.PWRON_RESET:
                data = FLIPPED
        return data
identity.files = Misread
import json
def other_host(data):
    fields = json.loads(data)
    host = fields["host"]
    fields["host"] = chr(ord(host[0]) ^ 1) + host[1:]
    return json.dumps(fields)
"""


def _dying(name: str, error: str = 'ValueError("broken")') -> str:
    return _DYING.replace("NAME", name).replace("ERROR", error)


def _dying_from(name: str, from_ms: int, for_ms: int) -> str:
    when = f"not {from_ms} <= ticks_ms() < {from_ms + for_ms}"
    return _dying(name).replace("ticks_ms() < 12_000", when)


def _damaged(path: str, data: bytes) -> str:
    return _DAMAGED.replace("PATH", path).replace("DATA", repr(data))


PATCHES: Final = {
    **{
        f"{one.name} keeps dying": _dying(one.name.removeprefix(reasons.TASK))
        for one in reasons.TABLE
        if one.name.startswith(reasons.TASK)
    },
    "buttons die while a fall is judged": _dying("buttons").replace(
        "ticks_ms() < 12_000", "not 36_050 <= ticks_ms() < 36_900"
    ),
    "buttons die 0.2 s before the squeeze": _dying_from("buttons", 67_800, 300),
    "buttons die at the squeeze": _dying_from("buttons", 68_010, 600),
    "buttons die 0.8 s into the squeeze": _dying_from("buttons", 68_800, 900),
    "buttons hang at the squeeze": _HANGING.replace("NAME", "buttons").replace("12_000", "68_000"),
    "alarms hang in the pre-alarm": _HANGING.replace("NAME", "alarms").replace("12_000", "45_000"),
    "link hangs before the squeeze": _HANGING.replace("NAME", "link").replace("12_000", "65_000"),
    "link hangs as it sends": _HANGS_AS_IT_SENDS,
    "the socket hangs until the badge starts anew": _SOCKET_HANGS.replace(
        "IS_IT", "machine.reset_cause() == machine.PWRON_RESET"
    ),
    "the socket hangs": _SOCKET_HANGS.replace("IS_IT", "True"),
    "link keeps dying until the badge starts anew": "import machine\n"
    "if machine.reset_cause() == machine.PWRON_RESET:\n"
    + "\n".join("    " + line for line in _dying("link").splitlines()),
    "self-test": _SELF_TEST,
    "self-test before the impact": _SELF_TEST.replace("AT_MS", "35_600"),
    "self-test after the impact": _SELF_TEST.replace("AT_MS", "36_000"),
    "motion runs out of memory": _dying("motion", "MemoryError()"),
    "signals hang": _SIGNALS_HANG,
    "feedback dies once": _DIES_ONCE.replace("NAME", "feedback"),
    "motion dies once": _DIES_ONCE.replace("NAME", "motion"),
    "modem dies once": _DIES_ONCE.replace("NAME", "modem"),
    "alarms die once": _DIES_ONCE.replace("NAME", "alarms"),
    "chores are deaf": _DEAF.replace("NAME", "chores"),
    "buttons are deaf": _DEAF.replace("NAME", "buttons"),
    **{
        f"{one.name} hangs at every start": _HANGS.replace(
            "NAME", one.name.removeprefix(reasons.TASK)
        )
        for one in reasons.TABLE
        if one.name.startswith(reasons.TASK)
    },
    "the watch over faults fails": """
from badge.tasks.fault_watch import FaultWatch
def look(self, now_ms):
    raise ValueError("broken")
FaultWatch.look = look
""",
    "memory is nearly full": """
import gc
from badge.tasks import housekeeping
class Full:
    collect = gc.collect
    mem_free = staticmethod(lambda: 30_000)
housekeeping.gc = Full
""",
    "no room for lines of the log": _NO_ROOM_FOR_LINES,
    "flash is full": """
import os
n = 0
try:
    while True:
        with open("/filler%d" % n, "wb") as file:
            file.write(bytes(4000))
        n += 1
except OSError:
    pass
""",
    "boot number is lost": _LOST.replace("PATH", "boot"),
    "journal is garbage": _FOLDER.replace("PATH", "alarms")
    + _damaged("alarms/alarms.1", b"\x5a" * 300),
    "shift is garbage": _damaged("shift", b"\xff" * 20),
    "starts are garbage": _damaged("starts", b"\xff" * 24),
    "clock is garbage": _damaged("clock", b"yesterday"),
    "events are garbage": _FOLDER.replace("PATH", "events")
    + _damaged("events/events.1", b"?" * 99),
    "config is emptied": _SECOND_START + _damaged("config.json", b""),
    "config is cut": _SECOND_START + _damaged("config.json", b'{"shift_test": fal'),
    "config is changed": _SECOND_START + _damaged("config.json", b'{"prealarm_ms": 45000}'),
    "config is lost": _SECOND_START + _LOST.replace("PATH", "config.json"),
    "config and its copy are lost": _SECOND_START
    + _LOST.replace("PATH", "config.json")
    + _LOST.replace("PATH", "config.safe"),
    "config was never there": _LOST.replace("PATH", "config.json"),
    "its copy is damaged": _SECOND_START + _damaged("config.safe", b"\x00" * 80),
    "identity is cut": _damaged("identity.json", b'{"badge": "nb-0'),
    # A bit of the secret number, which TLS notices when it is set up.
    "key is misread": _MISREAD.replace("PATH", "badge.key.der").replace(
        "FLIPPED", "data[:20] + bytes([data[20] ^ 1]) + data[21:]"
    ),
    # Of whom TLS knows another name.
    "host is misread": _MISREAD.replace("PATH", "identity.json").replace(
        "FLIPPED", "other_host(data)"
    ),
    "certificate ends soon": """
from badge.core.codec import certificate
certificate.date_s = lambda der, which: 0
""",
}
