"""Puts the badge together: parts from the board, keys from flash, one task for each concern."""

import asyncio
import os
import sys
from time import ticks_ms

import machine

from badge.assembly import buttons as touch
from badge.assembly import man_down as body
from badge.assembly import power, settings, usb, wearer
from badge.core.alarm.book import AlarmBook
from badge.core.alarm.outbox import Outbox
from badge.core.detector import detect
from badge.core.detector.ring import MotionRing
from badge.core.portable import const
from badge.core.wearer import haptics
from badge.drivers.haptic_motor import HapticMotor
from badge.drivers.modem.at import AtChannel
from badge.drivers.modem.sim7080 import Sim7080
from badge.link.tls import LinkError, client_context
from badge.log import EventLog
from badge.storage import boot_counter, crash_note, identity
from badge.storage.journal_file import AlarmJournal
from badge.storage.motion_file import MotionFiles
from badge.storage.utc_clock import Clock
from badge.storage.worn_file import WornFile
from badge.tasks import beat
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.housekeeping import Housekeeping
from badge.tasks.restart import Restart
from badge.tasks.stall_gate import StallGate
from badge.tasks.supervisor import Supervisor
from badge.tasks.uplink import Uplink
from badge.tasks.usb.console_out import ConsoleOut
from badge.tasks.usb.self_check import SelfTest
from badge.tasks.usb.update_console import UpdateConsole
from badge.tasks.usb.updater import Updater
from badge.version import BUILD_UTC_S, VERSION

_RING_SAMPLES = const(4096)
# Signs of life: what must never be silent for long, and what waits for a network.
_VITAL_MS = const(5_000)
_CHORE_MS = const(30_000)
_LINK_MS = const(300_000)
_READER_LOOK_MS = const(1_000)
# Version, sub-version and architecture of .mpy files; above them come flags of some processors.
_MPY_MASK = const(0x3FFF)
_RESET_CAUSES = {
    machine.PWRON_RESET: "power",
    machine.HARD_RESET: "reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deepsleep",
    machine.SOFT_RESET: "soft",
}


def run(board, watchdog):
    """Run the badge for ever. Without an identity it stays armed and says so; it cannot send."""
    console = ConsoleOut(sys.stdout.buffer)
    log = EventLog(ticks_ms, out=console.line)
    # What is sounding when an engineer stops the badge would go on for ever.
    outputs = []
    try:
        asyncio.run(_run(board, watchdog, log, console, outputs))
    except KeyboardInterrupt:
        for output in outputs:
            output.off()
        _stopped(board, log)
        raise


def _stopped(board, log):
    """Ctrl-C: the wearer feels it and the journal has it; the watchdog arms the badge again."""
    log.event("usb.stopped")
    motor = HapticMotor(board.haptic_pwm())
    # The old loop still holds the tasks of the application.
    asyncio.new_event_loop()
    try:
        log.flush()
        asyncio.run(motor.play(haptics.pattern("STOPPED", 100)))
    finally:
        HapticMotor(board.haptic_pwm())


async def _run(board, watchdog, log, console, outputs):
    directory = board.DATA_DIR
    config_file, config = settings.load_config(directory, log)
    clock = Clock(machine.RTC(), directory + "clock", BUILD_UTC_S)
    clock.start()
    journal = AlarmJournal(directory + "alarms")
    records = _stored_alarms(journal, log)
    boot = _boot_number(directory, journal.highest_boot, log)
    cause = _RESET_CAUSES.get(machine.reset_cause(), "unknown")
    log.event("boot", number=boot, version=VERSION, board=board.NAME, cause=cause)
    _tell_of_crash(directory, log)

    supervisor = Supervisor(watchdog, log)
    gestures = touch.recogniser(config)
    gate = StallGate(gestures.is_under_way)
    feeling = wearer.start_feedback(board, config, supervisor, log)
    outputs.append(feeling)
    power_task = power.start(board, supervisor, config, feeling.feel, log)
    outbox = Outbox(config, lambda: os.urandom(1)[0])
    who = _identity(directory, log)
    keeper = AlarmKeeper(
        AlarmBook(boot), journal, outbox, gate, who, config, clock, feeling.feel, log
    )
    power.tell_receiver(power_task, keeper)

    buttons = touch.start(board, config, gestures, supervisor, gate, keeper, log)
    supervisor.start("alarms", keeper.run, _VITAL_MS, vital=True)

    ring = MotionRing(_RING_SAMPLES)
    worn_file = WornFile(directory + "worn")
    is_new_use = cause == "power"
    man_down, watch, motion = body.start(
        board, config, supervisor, ring, keeper, feeling, worn_file, log, is_new_use=is_new_use
    )
    keeper.on_open = _start_chores(
        directory, supervisor, config, gate, ring, man_down, clock, worn_file, watch, who, log
    )

    radio = None
    if who is not None:
        radio = _start_link(
            board, supervisor, who, config, gate, keeper, outbox, clock, power_task, log
        )
    shift, timers, answers = wearer.start(
        board,
        config,
        supervisor,
        keeper,
        clock,
        gate,
        feeling.feel,
        log,
        is_new_use=is_new_use,
    )
    touch.use(buttons, keeper, shift, timers, answers, feeling.feel)
    wearer.use_motion(shift, motion)
    wearer.use_watch(shift, answers, power_task, motion, watch)
    wearer.use_power(shift, answers, power_task)
    if radio is not None:
        wearer.use_radio(shift, radio)
    updater = _updater(directory, who, keeper, gate, log)
    updater.start(supervisor, lambda: radio is not None and radio[2].was_up)
    self_test = SelfTest(
        board, motion, ring, keeper, journal, gate, feeling.feel, clock, updater, radio, log
    )
    restart = Restart(gate, machine.reset, keeper.under_way, log)
    change_verbs = settings.start(
        directory,
        supervisor,
        who,
        config_file,
        config,
        gate,
        keeper,
        clock,
        lambda: radio is not None and radio[2].is_up,
        restart,
        log,
    )
    verbs = (UpdateConsole(updater).verbs(), self_test.verbs(), change_verbs)
    slot = updater.status()["running"]
    usb.start(
        board,
        supervisor,
        who,
        boot,
        slot,
        gate,
        keeper,
        clock,
        power_task,
        answers,
        restart,
        console,
        log,
        verbs,
    )
    keeper.resume(records, ticks_ms())
    feeling.feel("ARMED" if radio is not None else "NOT_DELIVERED")
    log.event("armed", can_send=radio is not None)
    power.sleep_when_idle(board, config, power_task, gate, motion, radio, (feeling.is_on,), log)
    await supervisor.run()


def _start_link(board, supervisor, who, config, gate, keeper, outbox, clock, power_task, log):
    try:
        tls_context = client_context(who.ca_der, who.cert_der, who.key_der)
    except LinkError as error:
        log.failure("identity.unusable", error)
        return None
    uart = board.modem_uart()
    at = AtChannel(asyncio.StreamReader(uart))
    dtr = board.modem_dtr()
    modem = Sim7080(
        at,
        board.modem_pwrkey(),
        who.apn,
        dtr if config.modem_sleep else None,
        power_task.cycle_rail,
    )
    link = Uplink(who, config, at, modem, tls_context, gate, keeper, outbox, clock, log)
    keeper.kick = link.kick
    supervisor.start("modem", _reader(at), _CHORE_MS)
    supervisor.start("link", link.run, _LINK_MS)
    return at, modem, link, uart


def _updater(directory, who, keeper, gate, log):
    key = None if who is None else who.hmac_key
    mpy = sys.implementation._mpy & _MPY_MASK  # noqa: SLF001 - the documented way
    return Updater(directory, key, mpy, keeper.under_way, gate, log)


def _reader(at):
    async def read(feed):
        reader = asyncio.create_task(at.run())
        while not reader.done():
            feed()
            await asyncio.sleep_ms(beat.until_ms(_READER_LOOK_MS))
        # Raises what the reader died of.
        await reader

    return read


def _start_chores(
    directory, supervisor, config, gate, ring, man_down, clock, worn_file, watch, who, log
):
    """Returns what is to be done as an alarm is opened: its motion is kept."""
    motion_files = MotionFiles(directory + "motion", "" if who is None else who.badge)
    chores = Housekeeping(
        gate, motion_files, ring, detect.RATE_HZ, clock, worn_file, watch.is_worn, log
    )
    supervisor.start("chores", chores.run, _CHORE_MS)
    before = config.motion_before_ms * detect.RATE_HZ // 1000
    after = config.motion_after_ms * detect.RATE_HZ // 1000

    def keep(alarm):
        event = ring.count
        if alarm.peak_mg is not None:
            event -= man_down.samples_since_fall()
        chores.keep_motion(alarm.boot, alarm.seq, max(0, event - before), event + after)

    return keep


def _identity(directory, log):
    try:
        return identity.load(directory)
    except identity.IdentityError as error:
        log.failure("identity.unusable", error)
        return None


def _tell_of_crash(directory, log):
    try:
        why = crash_note.take(directory)
    except OSError as error:
        log.failure("crash.unread", error)
        return
    if why is not None:
        log.event("crashed", why=repr(why))


def _stored_alarms(journal, log):
    try:
        records, errors = journal.replay()
    except OSError as error:
        # Flash that fails must not disarm the badge: alarms then go from memory alone.
        log.failure("journal.failed", error)
        return []
    for why in errors:
        log.event("journal.damaged", why=repr(why))
    return records


def _boot_number(directory, highest_seen, log):
    try:
        return boot_counter.next_boot(directory, highest_seen)
    except boot_counter.BootCounterError as error:
        log.failure("boot.not_stored", error)
        return error.boot
