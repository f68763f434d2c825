"""Runs the badge: builds its parts, connects who publishes with who listens, starts the tasks."""

import asyncio
import sys
from time import ticks_ms

import machine
import micropython

from badge.assembly import (
    alarms,
    buttons,
    chips,
    health,
    link,
    man_down,
    power,
    settings,
    usb,
    wearer,
)
from badge.assembly.parts import Base, Parts
from badge.assembly.ports import Ports
from badge.core import placement
from badge.core.portable import const
from badge.core.wearer.shift import Shift
from badge.drivers.esp32s3 import Esp32s3
from badge.log import EventLog
from badge.stop import Stop
from badge.storage import crash_note
from badge.storage.starts_file import StartsFile
from badge.storage.utc_clock import UtcClock
from badge.tasks.common import Common
from badge.tasks.restart import Restart
from badge.tasks.stall_gate import StallGate
from badge.tasks.supervisor import StandIn, Supervisor
from badge.tasks.usb.console_out import ConsoleOut
from badge.tasks.usb.live_log import LiveLog
from badge.tasks.usb.updater import Updater
from badge.version import BUILD_UTC_S, VERSION

# Signs of life: what must never be silent for long, and what waits for flash or a network.
_VITAL_MS = const(5_000)
_MOTION_MS = const(10_000)
_CHORE_MS = const(30_000)
_POWER_MS = const(60_000)
_LINK_MS = const(300_000)
# Four times the longest sleep (tasks/power/sleeper.py): one that lasts longer has gone wrong.
_SLEEP_LIMIT_MS = const(20_000)
# Version, sub-version and architecture of .mpy files; above them come flags of some processors.
_MPY_MASK = const(0x3FFF)
_RESET_CAUSES = {
    machine.PWRON_RESET: "power",
    machine.HARD_RESET: "reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deepsleep",
    machine.SOFT_RESET: "soft",
}


def run(board, watchdog, sink=None):
    """Run the badge for ever. Without an identity it stays armed and says so; it cannot send.

    `sink(line)` gets each event of the log, also what nobody may read on the cable.
    """
    ports = Ports()
    console = ConsoleOut(sys.stdout.buffer, ports.press_could_stall, ports.console_stalled)
    live = LiveLog(console.line)
    log = EventLog(ticks_ms, live.line, ports.line_logged, ports.log_wanted_durable, sink)
    stop = Stop(lambda: chips.motor(board), ports, log)
    # main.py of an earlier release leaves it on.
    micropython.kbd_intr(-1)
    try:
        asyncio.run(_run(board, watchdog, log, ports, (console, live)))
    except KeyboardInterrupt:
        stop.carry_out()
        raise


async def _run(board, watchdog, log, ports, written):
    # Until the last line nothing waits: no task has a turn before all are connected.
    directory = board.DATA_DIR
    config_file, config = settings.load_config(board, log)
    starts = StartsFile(directory + "starts")
    clock = UtcClock(machine.RTC(), directory + "clock", BUILD_UTC_S, starts.clock_moved)
    clock.start()
    journal, records, boot = alarms.open_journal(directory, log)
    chip = Esp32s3(board.registers(), board.KEPT_PADS, _SLEEP_LIMIT_MS, machine.lightsleep)
    # Before a soft reset the prompt may have been left with its own limit running.
    chip.after_sleep()
    cause = _cause(chip)
    log.event("boot", number=boot, version=VERSION, board=board.NAME, cause=cause)
    came_of = "fault" if _tell_of_crash(directory, log) else cause

    _note_start(starts, clock, cause, log)
    supervisor = Supervisor(watchdog, log, ports.restart_wanted, ports.second_passed)
    gestures = buttons.recogniser(config)
    gate = StallGate(gestures.is_under_way, ports.look_at_buttons)
    feeling = wearer.build_feedback(board, config, log)
    base = Base(board, chip, directory, Common(config, clock, gate, feeling.feel, log), ports)
    is_new_use = cause == "power"

    battery = power.build(base)
    raised = alarms.build(base, journal, records, boot)
    keeper = raised.keeper
    # Before all that is slow: from here on a press counts that goes on.
    clockwork = Shift(config, ticks_ms(), board.BUTTONS)
    two_buttons = buttons.build(base, gestures, keeper, clockwork.trial, battery)
    body = man_down.build(base, feeling, keeper, battery, is_new_use=is_new_use)
    radio = link.build(base, raised, battery)
    asks = wearer.build(
        base,
        clockwork,
        two_buttons,
        keeper,
        body,
        battery,
        radio=radio,
        has_identity=raised.who is not None,
    )
    updater = _updater(base, raised)
    parts = Parts(
        base=base,
        supervisor=supervisor,
        config_file=config_file,
        feeling=feeling,
        alarms=raised,
        power=battery,
        body=body,
        chores=alarms.build_chores(base, raised.who, body, radio),
        radio=radio,
        wearer=asks,
        buttons=two_buttons,
        updater=updater,
        restart=Restart(
            gate, machine.reset, keeper.under_way, keeper.is_saved, updater.spare_start, log
        ),
    )
    settings_console, provisioning = settings.build(parts)
    consoles = (
        usb.update(parts),
        usb.self_check(parts),
        usb.sms(parts),
        settings_console.verbs(),
        provisioning,
    )
    cable = usb.build(parts, consoles, written)

    def worker():
        # Most badges never get an order: this takes heap.
        from badge.assembly.orders import build  # noqa: PLC0415

        return build(parts, consoles)

    _connect(ports, parts, cable, health.build(parts, starts, came_of), worker)
    asks.shift.begin(is_new_use)
    if battery.vbus:
        asks.shift.charger(battery.vbus, ticks_ms())
    _start(parts, settings_console, cable)
    keeper.resume(records, ticks_ms(), was_cut=not is_new_use)
    for alarm in keeper.open_alarms():
        body.watch.opened(alarm)
    feeling.feel("ARMED" if radio is not None else "NOT_DELIVERED")
    log.event("armed", can_send=radio is not None)
    cable.show_log()
    power.sleep_when_idle(parts)
    await supervisor.run()


def _connect(ports, parts, cable, health_of, worker):
    """Who publishes which fact, and who listens; what else hears is given to a constructor."""
    log = parts.base.common.log
    for line in log.newest():
        cable.writer.hear(line)
    ports.line_logged.to(cable.writer.hear)
    ports.log_wanted_durable.to(cable.writer.flush_now)

    ports.look_at_buttons.to(parts.buttons.look)
    ports.alarm_opened.to(parts.chores.keep_motion_of, parts.body.watch.opened)
    if parts.radio is not None:
        ports.alarm_waits.to(parts.radio.link.kick)
        ports.press_began.to(parts.radio.link.look)
    ports.order_worker.by(worker)

    # Without a cable no host can stall; nobody knows while the power chip is silent.
    is_pressed, battery = parts.buttons.is_pressed, parts.power
    ports.console_stalled.to(parts.base.common.gate.stalled)
    ports.press_could_stall.by(lambda: is_pressed() and battery.vbus is not False)

    shift = parts.wearer.shift
    ports.gesture_meant.to(buttons.meanings(parts).carry_out)
    ports.button_released.to(shift.check.released)
    ports.buttons_tried.to(shift.tried)
    ports.battery_ends.to(power.report_end(parts.alarms.keeper))
    ports.charger_changed.to(shift.charger)
    ports.shift_left_min.by(shift.left_min)
    ports.is_off_shift.by(lambda: not shift.is_on())

    keeper, body = parts.alarms.keeper, parts.body
    ports.stretches_walked.by(lambda: body.man_down.conditions.frame.stretches)
    ports.speed_measured.by(body.watch.speed)
    # Ctrl-C ends the loop, and what has been switched on would stay so.
    gnss = None if parts.radio is None else parts.radio.gnss
    switched = (parts.feeling, gnss)
    ports.outputs_wanted_off.to(*[one.off for one in switched if one is not None])
    ports.stopped.to(keeper.may_be_reset, health_of.restart.note_stop)
    ports.reset_wanted_within.to(parts.base.chip.reset_within)
    ports.typist_may_stay.by(lambda: cable.guard.is_open(ticks_ms()))
    ports.alarm_is_open.by(lambda: parts.radio is not None and bool(keeper.under_way()))
    ports.second_passed.to(health_of.watch.look)
    ports.restart_wanted.by(health_of.restart.want)

    # What speaks against "am I protected?", beside shift, test and link.
    reasons = (
        lambda: "flash" if keeper.flash_fails() else "",
        parts.buttons.fault,
        body.motion.reason,
        body.watch.reason,
        body.watch.lanyard_reason,
        parts.power.reason,
        parts.feeling.reason,
        lambda: "form" if placement.lacks(parts.base.board.PLACEMENT) else "",
    )
    for source in reasons + health_of.reasons:
        parts.wearer.answers.add(source)
    for sources in health_of.lists:
        parts.wearer.answers.add_all(sources)


def _start(parts, settings_console, cable):
    """Every task, in the order of first turns: buttons and alarms before all that is slow."""
    supervisor, body, asks = parts.supervisor, parts.body, parts.wearer
    start = supervisor.start
    start("feedback", parts.feeling.run, _CHORE_MS)
    start("power", parts.power.run, _POWER_MS)
    start("buttons", parts.buttons.run, _VITAL_MS, vital=True)
    supervisor.stand_in("buttons", StandIn(parts.buttons.look, 500, 50))
    start("alarms", parts.alarms.keeper.run, _VITAL_MS, vital=True)
    # It may wait for a press: 2.5 s and a round.
    supervisor.stand_in("alarms", StandIn(parts.alarms.keeper.stand_in, 3_000, 250))
    if body.lanyard is not None:
        start("lanyard", body.lanyard.run, _CHORE_MS)
    start("motion", body.motion.run, _MOTION_MS)
    start("chores", parts.chores.run, _CHORE_MS)
    if parts.radio is not None:
        if parts.radio.bearer.modem is not None:
            start("modem", link.reader(parts.radio.bearer.modem.at), _CHORE_MS)
        start("link", parts.radio.link.run, _LINK_MS)
        is_urgent = link.is_waited_for(parts.alarms.keeper)
        supervisor.hurry("modem", is_urgent)
        supervisor.hurry("link", is_urgent, link.patience_of(parts.radio))
        nearby, relay, tags = parts.radio.on_air
        if nearby is not None:
            start("nearby", nearby.run, _CHORE_MS)
        if relay is not None:
            start("relay", relay.run, _CHORE_MS)
        if tags is not None:
            start("tags", tags.run, _CHORE_MS)
        if parts.radio.gnss is not None:
            start("gnss", parts.radio.gnss.run, _CHORE_MS)
        if parts.radio.sms is not None:
            # One message may take the modem a minute.
            start("sms", parts.radio.sms.run, _LINK_MS)
    start("shift", asks.shift.run, _CHORE_MS)
    start("timers", asks.timers.run, _VITAL_MS)
    parts.updater.start(supervisor, lambda: parts.radio is not None and parts.radio.link.was_up)
    start("config", settings_console.run, _CHORE_MS)
    start("usb", cable.console.run, _CHORE_MS)
    start("events", cable.writer.run, _CHORE_MS)


def _updater(base, raised):
    key = None if raised.who is None else raised.who.hmac_key
    mpy = sys.implementation._mpy & _MPY_MASK  # noqa: SLF001 - the documented way
    common = base.common
    return Updater(base.directory, key, mpy, raised.keeper.under_way, common.gate, common.log)


def _cause(chip):
    """Why the badge starts; after a dip of the supply what was going on goes on."""
    if chip.browned_out():
        return "brownout"
    return _RESET_CAUSES.get(machine.reset_cause(), "unknown")


def _note_start(starts, clock, cause, log):
    try:
        starts.begin(clock.rtc_s(), cause == "power")
    except OSError as error:
        log.failure("starts.not_stored", error)


def _tell_of_crash(directory, log):
    """Whether the start before this one died of an exception."""
    try:
        why = crash_note.take(directory)
    except OSError as error:
        log.failure("crash.unread", error)
        return False
    if why is not None:
        log.event("crashed", why=repr(why))
    return why is not None
