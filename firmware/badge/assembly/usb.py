"""Puts the USB side of the badge together: the console, its verbs, the event journal."""

import gc
import os
import sys
from binascii import hexlify

import machine

from badge.core.codec import usb_protocol
from badge.core.portable import const
from badge.core.wearer import protection
from badge.storage.event_files import EventFiles
from badge.tasks.usb.event_writer import EventWriter
from badge.tasks.usb.usb_console import UsbConsole
from badge.tasks.usb.usb_verbs import UsbVerbs
from badge.version import BUILD_UTC_S, VERSION

_CHORE_MS = const(30_000)


def start(
    board,
    supervisor,
    who,
    boot,
    slot,
    gate,
    keeper,
    clock,
    power,
    answers,
    restart,
    console,
    log,
    more_verbs,
):
    """Start the tasks of USB and the journal; `console` is the ConsoleOut that `log` writes to.

    `more_verbs` are tables of verb to (access, handler) of what is not USB's own, `answers` the
    Protection whose verdict `status` tells.
    """
    directory = board.DATA_DIR
    events = EventFiles(directory + "events")
    writer = EventWriter(events, gate, boot, log)
    for line in log.newest():
        writer.hear(line)
    log.hear = writer.hear
    log.flush = writer.flush_now
    guard = usb_protocol.Guard(None if who is None else usb_protocol.service_key(who.hmac_key))

    def facts():
        return {
            "serial": hexlify(machine.unique_id()).decode(),
            "badge": None if who is None else who.badge,
            "firmware": VERSION,
            "build": BUILD_UTC_S,
            "board": board.NAME,
            "slot": slot,
            "boot": boot,
        }

    status = _status(directory, who, keeper, clock, power, answers, console, log)
    verbs = UsbVerbs(guard, events, writer, gate, facts, status, restart).table()
    for table in more_verbs:
        verbs.update(table)
    usb = UsbConsole(sys.stdin.buffer, console, verbs, guard, log)
    supervisor.start("usb", usb.run, _CHORE_MS)
    supervisor.start("events", writer.run, _CHORE_MS)


def _status(directory, who, keeper, clock, power, answers, console, log):
    def status():
        block, _, _, free = os.statvfs(directory)[:4]
        verdict, reasons = answers.verdict()
        return {
            "armed": True,
            "can_send": who is not None,
            "open_alarms": len(keeper.under_way()),
            "protected": protection.NAMES[verdict],
            "reasons": reasons,
            "clock_s": clock.utc_s(),
            "battery_mv": power.status()["mv"],
            "power": power.status(),
            "last_error": log.last_failure,
            "free_bytes": block * free,
            "heap_free": gc.mem_free(),
            "console_lost": console.lost,
        }

    return status
