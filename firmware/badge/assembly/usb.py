"""Puts the USB side of the badge together: the console, its verbs, the event journal."""

import gc
import sys
from binascii import hexlify
from collections import namedtuple

import machine

from badge.core.codec import usb_protocol
from badge.core.wearer import protection
from badge.storage import files
from badge.storage.event_files import EventFiles
from badge.tasks.usb.event_writer import EventWriter
from badge.tasks.usb.silence import Silence
from badge.tasks.usb.usb_console import UsbConsole
from badge.tasks.usb.usb_verbs import UsbVerbs
from badge.version import BUILD_UTC_S, VERSION

Usb = namedtuple("Usb", ("console", "writer", "guard", "show_log"))


def build(parts, consoles, written):
    """The UsbConsole, the EventWriter that keeps the log in flash, who may do what, and what has
    the log shown.

    `consoles` are tables of verb to (access, handler) of what is not USB's own; `written` are the
    ConsoleOut and the LiveLog that writes to it.
    """
    console, live = written
    common, who, directory = parts.base.common, parts.alarms.who, parts.base.directory
    events = EventFiles(directory + "events")
    writer = EventWriter(events, common.gate, parts.alarms.boot, common.log)
    guard = usb_protocol.Guard(None if who is None else usb_protocol.service_key(who.hmac_key))
    silence = Silence(guard, common.config.profile)
    verbs = UsbVerbs(
        guard,
        events,
        writer,
        common.gate,
        parts.restart,
        facts=_facts(parts),
        status=_status(parts, console, silence.is_open),
    ).table()
    for table in consoles:
        verbs.update(table)
    is_judging = parts.body.man_down.is_judging
    verbs = silence.over(verbs)
    usb_console = UsbConsole(sys.stdin.buffer, console, verbs, guard, common, is_judging)
    return Usb(usb_console, writer, guard, lambda: live.decide(silence.is_open))


def later(gate, verbs, make):
    """The table of `verbs` (name: (access, method)) of what `make()` imports with the first."""
    made = []

    def handler(method):
        async def handle(request):
            if not made:
                await gate.wait_open()
                gate.begin()
                try:
                    made.append(make())
                finally:
                    gate.end()
            return await getattr(made[0], method)(request)

        return handle

    return {name: (access, handler(method)) for name, (access, method) in verbs.items()}


def self_check(parts):
    """The verbs of the SelfCheck, which takes heap that most badges never need."""

    def make():
        from badge.tasks.usb.self_check import SelfCheck  # noqa: PLC0415

        return SelfCheck(parts)

    return later(parts.base.common.gate, {"selftest": (usb_protocol.OPEN, "asked")}, make)


def update(parts):
    """The verbs of the UpdateConsole, for whoever brings new firmware."""

    def make():
        from badge.tasks.usb.update_console import UpdateConsole  # noqa: PLC0415

        return UpdateConsole(parts.updater)

    names = ("manifest", "begin", "next", "data", "commit")
    verbs = {"update." + name: (usb_protocol.SERVICE, name) for name in names}
    verbs["update.status"] = usb_protocol.OPEN, "status"
    return later(parts.base.common.gate, verbs, make)


def sms(parts):
    """The verb that has a test sent by SMS: a message may cost money, so not by anybody."""

    async def test(_request):
        task = None if parts.radio is None else parts.radio.sms
        if task is None:
            raise usb_protocol.UsbError("sms.off", "SMS is off: set sms_to and sms_after_s.")
        task.begin_test()
        return task.status()

    return {"sms.test": (usb_protocol.SERVICE, test)}


def _facts(parts):
    who = parts.alarms.who
    slot = parts.updater.status()["running"]

    def facts():
        return {
            "serial": hexlify(machine.unique_id()).decode(),
            "badge": None if who is None else who.badge,
            "firmware": VERSION,
            "build": BUILD_UTC_S,
            "board": parts.base.board.NAME,
            "slot": slot,
            "boot": parts.alarms.boot,
        }

    return facts


def _status(parts, console, is_open):
    common, alarms = parts.base.common, parts.alarms

    def status():
        if not is_open():
            return {"armed": True, "can_send": alarms.who is not None, "locked": True}
        block, _, free = files.room(parts.base.directory)
        verdict, reasons = parts.wearer.answers.verdict()
        task = None if parts.radio is None else parts.radio.sms
        return {
            "armed": True,
            "can_send": alarms.who is not None,
            "open_alarms": len(alarms.keeper.under_way()),
            "protected": protection.NAMES[verdict],
            "reasons": reasons,
            "clock_s": common.clock.utc_s(),
            "battery_mv": parts.power.status()["mv"],
            "power": parts.power.status(),
            "sms": None if task is None else task.status(),
            "last_error": common.log.last_failure,
            "free_bytes": block * free,
            "heap_free": gc.mem_free(),
            "console_lost": console.lost,
        }

    return status
