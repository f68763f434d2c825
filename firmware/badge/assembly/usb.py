"""Puts the USB side of the badge together: the console, its verbs, the event journal."""

import gc
import sys
from binascii import hexlify
from collections import namedtuple
from time import ticks_ms

import machine

from badge.core.codec import usb_protocol
from badge.core.wearer import protection
from badge.storage import files
from badge.storage.event_files import EventFiles
from badge.tasks.usb.event_writer import EventWriter
from badge.tasks.usb.usb_console import UsbConsole
from badge.tasks.usb.usb_verbs import UsbVerbs
from badge.version import BUILD_UTC_S, VERSION

Usb = namedtuple("Usb", ("console", "writer", "guard", "show_log"))

# Verbs whose answers an alarm moves: the journal, and checks from buttons to modem.
_TELLING = ("log", "selftest")
# What config.get says of a trial, which an alarm can hold up or end.
_OF_TRIAL = ("trial", "why_not", "left_ms", "reverted")


def build(parts, consoles, written):
    """The UsbConsole, the EventWriter that keeps the log in flash, who may do what, and what has
    the log shown.

    `consoles` are tables of verb to (access, handler) of what is not USB's own; `written` are the
    ConsoleOut and the LiveLog that writes to it. What an alarm moves is told by no verb to who has
    not shown the service key, unless the profile is one whose alarms are heard.
    """
    console, live = written
    common, who, directory = parts.base.common, parts.alarms.who, parts.base.directory
    events = EventFiles(directory + "events")
    writer = EventWriter(events, common.gate, parts.alarms.boot, common.log)
    guard = usb_protocol.Guard(None if who is None else usb_protocol.service_key(who.hmac_key))
    is_silent = common.config.profile == "discreet"

    def is_open():
        return not is_silent or guard.is_open(ticks_ms())

    verbs = UsbVerbs(
        guard,
        events,
        writer,
        common.gate,
        parts.restart,
        facts=_facts(parts),
        status=_status(parts, console, is_open),
    ).table()
    for table in consoles:
        verbs.update(table)
    if is_silent:
        for name, (_, handler) in list(verbs.items()):
            if name in _TELLING:
                verbs[name] = (usb_protocol.FRESH, handler)
            elif name == "config.get":
                verbs[name] = (usb_protocol.OPEN, _without_trial(handler, is_open))
    usb_console = UsbConsole(sys.stdin.buffer, console, verbs, guard, common)
    return Usb(usb_console, writer, guard, lambda: live.decide(is_open))


def _without_trial(get, is_open):
    """Return config.get that does not say to anybody how a trial goes: an alarm holds it up."""

    async def told(request):
        answer = await get(request)
        if not is_open():
            for name in _OF_TRIAL:
                del answer[name]
            answer["locked"] = True
        return answer

    return told


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
        return {
            "armed": True,
            "can_send": alarms.who is not None,
            "open_alarms": len(alarms.keeper.under_way()),
            "protected": protection.NAMES[verdict],
            "reasons": reasons,
            "clock_s": common.clock.utc_s(),
            "battery_mv": parts.power.status()["mv"],
            "power": parts.power.status(),
            "last_error": common.log.last_failure,
            "free_bytes": block * free,
            "heap_free": gc.mem_free(),
            "console_lost": console.lost,
        }

    return status
