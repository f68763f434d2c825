"""Puts the badge together: parts from the board, keys from flash, one task for each concern."""

import asyncio
import json
import os
from time import ticks_ms

from machine import RTC

from badge.core import config as settings
from badge.core import detect, haptics
from badge.core.alarm_book import AlarmBook
from badge.core.mandown import ManDown
from badge.core.outbox import Outbox
from badge.core.portable import const
from badge.core.ring import MotionRing
from badge.core.sos import SqueezeHold
from badge.drivers.at import AtChannel
from badge.drivers.haptic_motor import HapticMotor
from badge.drivers.lsm6dsox import Lsm6dsox
from badge.drivers.sim7080 import Sim7080
from badge.link.tls import LinkError, client_context
from badge.log import EventLog
from badge.storage import boot_counter, identity
from badge.storage.clock import Clock
from badge.storage.journal_file import AlarmJournal
from badge.storage.motion_file import MotionFiles
from badge.tasks.alarm_keeper import AlarmKeeper
from badge.tasks.haptics_task import HapticsTask
from badge.tasks.housekeeping import Housekeeping
from badge.tasks.motion_task import MotionTask
from badge.tasks.sos_task import SosTask
from badge.tasks.stall_gate import StallGate
from badge.tasks.supervisor import Supervisor
from badge.tasks.uplink import Uplink
from badge.version import BUILD_UTC_S, VERSION

_RING_SAMPLES = const(4096)
# A collection that nobody asked for (50 ms) and a FIFO burst (5 ms) are not announced to the gate.
_UNSEEN_STALL_MS = const(80)
# Signs of life: what must never be silent for long, and what waits for a network.
_VITAL_MS = const(5_000)
_MOTION_MS = const(10_000)
_CHORE_MS = const(30_000)
_LINK_MS = const(300_000)
_READER_LOOK_MS = const(1_000)


def run(board, watchdog):
    """Run the badge for ever. Without an identity it stays armed and says so; it cannot send."""
    asyncio.run(_run(board, watchdog))


async def _run(board, watchdog):
    log = EventLog(ticks_ms)
    directory = board.DATA_DIR
    config = _config(directory, log)
    clock = Clock(RTC(), directory + "clock", BUILD_UTC_S)
    clock.start()
    journal = AlarmJournal(directory + "alarms")
    records = _stored_alarms(journal, log)
    boot = _boot_number(directory, journal.highest_boot, log)
    log.event("boot", number=boot, version=VERSION, board=board.NAME)

    supervisor = Supervisor(watchdog, log)
    sos_pin = board.sos_pin()
    gate = StallGate(lambda: sos_pin.value() == board.SOS_ACTIVE_LEVEL)
    patterns = {
        name: haptics.pattern(name, config.haptic_strength_percent) for name in haptics.PATTERNS
    }
    feeling = HapticsTask(HapticMotor(board.haptic_pwm()), patterns, log)
    outbox = Outbox(config, lambda: os.urandom(1)[0])
    who = _identity(directory, log)
    keeper = AlarmKeeper(
        AlarmBook(boot), journal, outbox, gate, who, config, clock, feeling.feel, log
    )

    hold = SqueezeHold(config.sos_hold_ms, config.sos_debounce_ms, _UNSEEN_STALL_MS)
    sos = SosTask(sos_pin, board.SOS_ACTIVE_LEVEL, hold, gate, keeper.squeeze, log)
    gate.look = sos.look
    supervisor.start("sos", sos.run, _VITAL_MS, vital=True)
    supervisor.start("alarms", keeper.run, _VITAL_MS, vital=True)
    supervisor.start("haptics", feeling.run, _CHORE_MS)

    ring = MotionRing(_RING_SAMPLES)
    man_down = ManDown(config)
    motion = MotionTask(
        Lsm6dsox(board.imu_i2c(), board.IMU_ADDR),
        board.imu_int1(),
        ring,
        man_down,
        config.imu_watermark_samples,
        keeper,
        log,
    )
    supervisor.start("motion", motion.run, _MOTION_MS)
    chores = Housekeeping(
        gate, MotionFiles(directory + "motion"), ring, detect.RATE_HZ, clock, log
    )
    supervisor.start("chores", chores.run, _CHORE_MS)
    keeper.on_open = _motion_keeper(chores, ring, man_down, config)

    can_send = who is not None and _start_link(
        board, supervisor, who, config, gate, keeper, outbox, clock, log
    )
    keeper.resume(records, ticks_ms())
    feeling.feel("ARMED" if can_send else "NOT_DELIVERED")
    log.event("armed", can_send=can_send)
    await supervisor.run()


def _start_link(board, supervisor, who, config, gate, keeper, outbox, clock, log):
    try:
        tls_context = client_context(who.ca_der, who.cert_der, who.key_der)
    except LinkError as error:
        log.failure("identity.unusable", error)
        return False
    at = AtChannel(asyncio.StreamReader(board.modem_uart()))
    modem = Sim7080(at, board.modem_pwrkey(), who.apn)
    link = Uplink(who, config, at, modem, tls_context, gate, keeper, outbox, clock, log)
    keeper.kick = link.kick
    supervisor.start("modem", _reader(at), _CHORE_MS)
    supervisor.start("link", link.run, _LINK_MS)
    return True


def _reader(at):
    async def read(feed):
        reader = asyncio.create_task(at.run())
        while not reader.done():
            feed()
            await asyncio.sleep_ms(_READER_LOOK_MS)
        # Raises what the reader died of.
        await reader

    return read


def _motion_keeper(chores, ring, man_down, config):
    before = config.motion_before_ms * detect.RATE_HZ // 1000
    after = config.motion_after_ms * detect.RATE_HZ // 1000

    def keep(alarm):
        event = ring.count
        if alarm.peak_mg is not None:
            event -= man_down.samples_since_impact()
        chores.keep_motion(alarm.boot, alarm.seq, max(0, event - before), event + after)

    return keep


def _config(directory, log):
    try:
        with open(directory + "config.json") as file:
            return settings.Config.from_dict(json.load(file))
    except OSError:
        log.event("config.defaults")
    except ValueError as error:
        # A setting that the badge refuses must not disarm it; the console and the log say so.
        log.failure("config.refused", error)
    return settings.defaults()


def _identity(directory, log):
    try:
        return identity.load(directory)
    except identity.IdentityError as error:
        log.failure("identity.unusable", error)
        return None


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
