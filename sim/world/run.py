"""One run of the virtual badge: build the world, start the firmware, report how it ended."""

import gc
import hashlib
import os
import sys
from binascii import unhexlify

import utime
import vfs

from sim import engine
from sim.halt import BROWNOUT, END, POWER_CUT, RESET, WATCHDOG, Halt
from sim.models.flash import PowerCut
from sim.options import ble, gnss_serial, imu, modem, pmu, wlan
from sim.options import scenario as options
from sim.options.option import filled
from sim.world import aio, current, prompt, sink, storage, usb
from sim.world.board import Board

# Before `gc` is replaced: it takes the real one.
from sim.world.heap import Ballast
from sim.world.world import World

_PWRON, _HARD, _WDT, _SOFT = 1, 2, 3, 5
# What the port tells of the next start: a brownout is a power-on to it (modmachine.c).
_CAUSE = {
    RESET: _HARD,
    WATCHDOG: _WDT,
    BROWNOUT: _PWRON,
    POWER_CUT: _PWRON,
    END: _PWRON,
    prompt.SOFT: _SOFT,
}
# What the chip itself knows (ESP-IDF, soc/reset_reasons.h of the S3).
_REASON = {RESET: 0x03, WATCHDOG: 0x09, BROWNOUT: 0x0F}
_POWERED_ON = 0x01
_SIM_KERNELS = ("sim.models.fifo_kernel", "sim.models.tick_kernel")
_DRIVER_KERNELS = ("badge.drivers.imu_words", "badge.drivers.bma423_frames")
_BAD_SCENARIO = 2
# What the unix port has in `os` and `vfs` and no chip.
_OF_THE_HOST = ("VfsPosix", "system", "getenv", "putenv", "unsetenv", "errno")
_PARTS = (
    ("flash", options.FLASH, "The scenario's 'flash'"),
    ("trace", options.TRACE, "The scenario's 'trace'"),
    ("usb", options.USB, "The scenario's 'usb'"),
    ("imu", imu.OPTIONS, "The accelerometer"),
    ("pmu", pmu.OPTIONS, "The power chip"),
    ("modem", modem.OPTIONS, "The modem"),
    ("wlan", wlan.OPTIONS, "WLAN"),
    ("ble", ble.OPTIONS, "BLE"),
    ("gnss", gnss_serial.OPTIONS, "The satellite receiver on a serial line"),
)
# Far above what the firmware calls nearly full.
_COLLECT_BELOW = 1_048_576
# To count the free blocks of a heap of 48 MB takes milliseconds, every two minutes a fourteenth of
# fast mode: while a scenario takes none away, a count of less than an hour ago is as good.
_COUNT_EVERY_US = 3_600_000_000


def run(scenario, host, main_globals):
    """Run one start of the badge; returns the exit code of the process, None for the prompt."""
    try:
        scenario = _whole(scenario)
        kept = storage.load_state(scenario["flash"], host)
        output = prompt.observer(scenario, host)
        live = scenario["mode"] == "live"
        world = World(live, kept.get("now_us", 0), scenario["stalls"], output)
        _choose_engine(scenario["engine"])
        parts, control = _build(scenario, world, kept, host)
    except ValueError as error:
        print("The scenario cannot be run: %s" % error, file=sys.stderr)
        return _BAD_SCENARIO
    wall_us = utime.ticks_us()
    start_us = world.now_us
    try:
        _mount(scenario, world, parts, host, kept)
        if _start(scenario, world, control, host, main_globals):
            prompt.enter(world, lambda code: _keep(scenario, world, parts, host, code))
            return None
    except Halt as halt:
        code = halt.code
    except PowerCut as cut:
        world.observe({"power": "cut", "why": str(cut)})
        code = POWER_CUT
    wall_ms = utime.ticks_diff(utime.ticks_us(), wall_us) / 1000
    _report(world, parts, code, start_us, wall_ms)
    _keep(scenario, world, parts, host, code)
    return code


def _whole(scenario):
    """The scenario and its parts with all defaults; ValueError for what none of them knows."""
    scenario = filled(options.OPTIONS, scenario, "The scenario")
    for name, table, whose in _PARTS:
        if scenario[name] is not None:
            scenario[name] = filled(table, scenario[name], whose)
    return scenario


def _keep(scenario, world, parts, host, code):
    if scenario["keep_state"]:
        storage.save_state(scenario["flash"], host, _state(world, parts, code))


def _build(scenario, world, kept, host):
    current.world = world
    cause = kept.get("cause", _PWRON)
    rtc_offset_us = kept.get("rtc_offset_us", -world.now_us)
    reason = kept.get("reason", _POWERED_ON)
    serial = unhexlify(scenario["serial"])
    current.board = Board(world, cause, rtc_offset_us, serial, reason)
    aio.install(world, scenario["ticks_offset_ms"])
    ballast = Ballast(world)
    _replace_gc(world, ballast)
    _replace_os(world, scenario["seed"])
    flash = storage.make_flash(scenario["flash"], world, host)
    # Only now: the models import kernels, which _choose_engine() must have put in place.
    from sim.world import wiring  # noqa: PLC0415
    from sim.world.control import Control  # noqa: PLC0415
    from sim.world.deeds import Deeds  # noqa: PLC0415

    if "battery_percent" in kept:
        scenario["pmu"] = dict(scenario["pmu"], percent=kept["battery_percent"])
    parts = wiring.connect(scenario, world, current.board, flash, host)
    keyboard, port = _usb_port(scenario, world)
    control = Control(world, Deeds(world, parts, ballast, keyboard, port))
    trace = scenario["trace"]
    if trace:
        parts.motion.play(trace["file"], int(trace["start_ms"] * 1000), trace["after"])
    end_us = None if scenario["duration_ms"] is None else int(scenario["duration_ms"] * 1000)
    control.plan(scenario["events"], end_us)
    if end_us is not None:
        world.at(end_us, lambda: world.halt(END, "duration over"))
    return parts, control


def _usb_port(scenario, world):
    if scenario["usb"]:
        keyboard = usb.FileInput(world)
        usb.install(world, keyboard, usb.FileOutput())
        sink.pass_in(lambda line: world.observe({"log": line}), lambda: None)
        return keyboard, None
    output = usb.PrintedOutput(sys.stdout, world, scenario["hear_usb"])
    port = (usb.TypedInput(world), output)
    usb.install(world, *port)
    sink.pass_in(output.take, output.begins)
    return port[0], port


def _mount(scenario, world, parts, host, kept):
    """The flash, provisioned once, and what outlives a reset."""
    stalls = world.quiet_stalls()
    blank = storage.mount(parts.flash)
    if blank and scenario["provision"]:
        storage.provision(scenario["provision"], host)
    world.restore_stalls(stalls)
    storage.watch(parts.flash, scenario["flash"], world, not kept)
    parts.board.watchdog.resume(kept.get("watchdog_us"))


def _start(scenario, world, control, host, main_globals):
    """Run the firmware; returns True when it left the chip at a prompt that somebody uses."""
    if world.live:
        control.listen(prompt.control_stream(scenario, host))
    world.observe({"boot": current.board.reset_cause, "engine": scenario["engine"]})
    world.stall("boot", observe=False)
    if scenario["app"] == "flash":
        prompt.leave_only_the_flash()
    else:
        _flash_board(scenario["board"], scenario["board_source"])
    if not prompt.wanted_at_once(scenario):
        _run_firmware(_main_source(scenario, host), world, main_globals)
    if scenario["usb"]:
        return True
    world.keep_going()
    return False


def _main_source(scenario, host):
    """The text of main.py; a scenario names another file of the host to try something out."""
    path = scenario["main"]
    if path is None and scenario["app"] == "flash":
        return prompt.main_in_flash()
    with host.open(path, "r") if path else open("/rom/main.py") as file:
        return file.read()


def _flash_board(board, source):
    """What `nabij flash` writes: the module of the board that is in use."""
    names = {"__name__": "badge.boards.active"}
    if source is not None:
        exec(compile(source, "active.py", "exec"), names)  # noqa: S102

    class Active:
        Board = (
            names.get("Board") or __import__("badge.boards." + board, None, None, ("Board",)).Board
        )

    sys.modules["badge.boards.active"] = Active


def _run_firmware(source, world, main_globals):
    try:
        exec(compile(source, "main.py", "exec"), main_globals)  # noqa: S102
    except SystemExit:
        # MicroPython restarts the interpreter when main.py raises it.
        current.board.reset("SystemExit")
    # As at the prompt: the traceback is printed, whatever it is.
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        sys.print_exception(error)
        world.observe({"firmware": "raised", "error": repr(error)})
        return
    # The chip would now sit at its prompt; only a watchdog still runs.
    world.observe({"firmware": "returned"})


def _choose_engine(wanted):
    variant = wanted or ("viper" if _has_native_emitter() else "bytecode")
    engine.install(variant, "", _SIM_KERNELS)
    engine.install(variant, "/rom", engine.KERNELS + _DRIVER_KERNELS)


def _has_native_emitter():
    try:
        compile("import micropython\n@micropython.viper\ndef f(): pass\n", "probe", "exec")
    except (SyntaxError, NotImplementedError):
        return False
    return True


def _replace_gc(world, ballast):
    class Gc:
        """`gc` with the chip's cost; the host collects by itself when its heap is full."""

    free = 0
    counted_us = None

    def mem_free():
        """What a collection leaves: garbage of the host's own heap is no want of memory."""
        nonlocal free, counted_us
        is_old = counted_us is None or world.now_us - counted_us >= _COUNT_EVERY_US
        if is_old or ballast.is_filled() or free < 2 * _COLLECT_BELOW:
            free, counted_us = count(), world.now_us
        return free

    def count():
        free = gc.mem_free()
        if free < _COLLECT_BELOW:
            gc.collect()
            free = gc.mem_free()
        return free

    _copy_names(gc, Gc)
    Gc.mem_free = staticmethod(mem_free)
    Gc.collect = staticmethod(lambda: world.stall("gc_collect"))
    Gc.threshold = staticmethod(lambda amount=-1: amount)
    sys.modules["gc"] = Gc


def _replace_os(world, seed):
    class Os:
        """`os` without the host's own; in a fast run its random bytes follow from the scenario."""

    class Vfs:
        """`vfs` without the host's files."""

    count = 0
    start_us = world.now_us

    def urandom(n):
        nonlocal count
        out = b""
        while len(out) < n:
            count += 1
            out += hashlib.sha256(b"%d %d %d" % (seed, start_us, count)).digest()
        return out[:n]

    _copy_names(os, Os)
    _copy_names(vfs, Vfs)
    if not world.live:
        Os.urandom = staticmethod(urandom)
    sys.modules["os"] = Os
    sys.modules["vfs"] = Vfs


def _copy_names(module, to):
    for name in dir(module):
        if not name.startswith("__") and name not in _OF_THE_HOST:
            setattr(to, name, getattr(module, name))


def _state(world, parts, code):
    kept = {
        "now_us": world.now_us,
        "cause": _CAUSE[code],
        "reason": _REASON.get(code, _POWERED_ON),
    }
    if code == prompt.SOFT:
        kept["watchdog_us"] = parts.board.watchdog.deadline_us
    if code in (RESET, WATCHDOG, prompt.SOFT):
        kept["rtc_offset_us"] = parts.board.rtc.offset_us
    if code in (RESET, WATCHDOG, BROWNOUT, prompt.SOFT):
        kept["battery_percent"] = parts.pmu.permille / 10
    return kept


def _report(world, parts, code, start_us, wall_ms):
    world_ms = (world.now_us - start_us) / 1000
    if world.ledger is not None:
        world.observe(world.ledger.report())
    world.observe(
        {
            "end": code,
            "world_ms": world_ms,
            "wall_ms": wall_ms,
            "realtime_factor": world_ms / wall_ms if wall_ms else 0,
            "flash_erases": parts.flash.erases,
            "flash_programs": parts.flash.programs,
        }
    )
