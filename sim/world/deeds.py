"""What each verb does to the badge: one method a verb, given all of its arguments."""

import binascii

from sim.halt import BROWNOUT, END, POWER_CUT
from sim.options import modem, verbs
from sim.world import heap

_FOR_GOOD = 1 << 30
_DIP_US = 10_000
_TYPES = ("usb", "usb_stuck")


class DeedError(ValueError):
    """A verb that this badge cannot do; one sentence."""


class Deeds:
    """Does the verbs of sim/options/verbs.py to the parts that wiring.py built."""

    def __init__(self, world, parts, ballast, keyboard, usb=None):
        self._world = world
        self._keyboard = keyboard
        self._parts = parts
        self._terminal = usb
        self._ballast = ballast
        # What ends a state that lasts, by the state: a second one outlives the end of the first.
        self._ends = {}
        self._by_name = {}
        for one in verbs.VERBS:
            if one.name != "modem":
                self._by_name[one.name] = getattr(self, "_" + one.name)

    def check(self, verb, arguments):
        """Raise DeedError, or TraceError, for a verb that cannot be done to this badge."""
        if verb in modem.VERBS:
            if self._parts.modem is None:
                raise DeedError("This badge has no modem: nothing can happen to it.")
        elif verb.name == "wlan_drop" and self._parts.board.wlan is None:
            raise DeedError("This badge has no WLAN: nothing can happen to it.")
        elif verb.name == "gnss" and self._parts.gnss is None:
            raise DeedError("This badge has no satellite receiver on a serial line.")
        elif arguments.get("button") == "right" and "right" not in self._parts.buttons:
            raise DeedError("This badge has one button, the left one.")
        elif verb.name in ("rip_open", "rip_close") and self._parts.rip is None:
            raise DeedError("This badge has no lanyard contact.")
        elif verb.name in _TYPES and self._terminal is None:
            raise DeedError("This badge's USB port is a terminal: type there.")
        elif verb.name == "play":
            self._parts.motion.check(arguments["trace"])

    def do(self, verb, arguments, at_us):
        """Do a verb that was checked; it was due at `at_us`."""
        if verb in modem.VERBS:
            self._parts.modem.control(verb.name, arguments)
        else:
            self._by_name[verb.name](arguments, at_us)

    def _sos_down(self, given, at_us):
        for button in self._buttons(given):
            button.down()

    def _sos_up(self, given, at_us):
        for button in self._buttons(given):
            button.up()

    def _press(self, given, at_us):
        for button in self._buttons(given):
            button.press(given["ms"])

    def _bounce(self, given, at_us):
        for button in self._buttons(given):
            button.bounce(given["closed"], given["times"], given["us"])

    def _buttons(self, given):
        buttons = self._parts.buttons
        which = given["button"]
        # Who has one button presses that.
        return list(buttons.values()) if which == "both" else (buttons[which],)

    def _wlan_drop(self, given, at_us):
        self._parts.board.wlan.drop()

    def _gnss(self, given, at_us):
        self._parts.gnss.control(given["what"])

    def _rip_open(self, given, at_us):
        self._parts.rip.turn(False)

    def _rip_close(self, given, at_us):
        self._parts.rip.turn(True)

    def _play(self, given, at_us):
        self._parts.motion.play(given["trace"], at_us, given["after"])

    def _stop(self, given, at_us):
        self._parts.motion.stop()

    def _charger(self, given, at_us):
        self._parts.pmu.set_charger(given["on"])

    def _battery(self, given, at_us):
        self._parts.pmu.set_percent(given["percent"])

    def _stall(self, given, at_us):
        # In the middle of another stall the two overlap: the later end counts.
        self._world.observe({"stall": given["name"], "ms": given["ms"]})
        self._world.busy_us(int(given["ms"] * 1000))

    def _heap_pressure(self, given, at_us):
        self._ballast.fill(given["free_kb"] * 1024)
        self._after("heap", given["for_ms"], self._ballast.drop)

    def _heap_used(self, given, at_us):
        self._world.observe({"heap": "used", "bytes": heap.used()})

    def _i2c_fault(self, given, at_us):
        chip = given["chip"]
        if chip is None:
            hit = [(bus, None) for bus in self._parts.board.buses]
        else:
            hit = [self._parts.chips[chip]]
        for bus, address in hit:
            if given["for_ms"] is not None:
                bus.break_for(given["kind"], given["for_ms"], address)
            else:
                bus.break_nth(given["kind"], given["nth"], given["times"], address)

    def _fifo_garbage(self, given, at_us):
        is_bit = given["kind"] == "tag_bit"
        by = 1 << given["bit"] if is_bit else binascii.unhexlify(given["word"])
        self._parts.imu.faults.spoil(given["nth"], given["times"], by)

    def _imu_stuck(self, given, at_us):
        self._parts.imu.stick(given["for_ms"], given["mg"], given["noisy"])

    def _imu_reset(self, given, at_us):
        self._parts.imu.reset_itself()

    def _line_stuck(self, given, at_us):
        name = given["line"]
        line = self._parts.lines[name]
        self._world.observe({"short": name, "level": given["level"]})
        line.stick(given["level"])

        def is_over():
            self._world.observe({"short": name, "level": None})
            line.stick(None)

        self._after(name, given["for_ms"], is_over)

    def _flash_cut(self, given, at_us):
        self._parts.flash.cut_after(given["after"], given["torn"])

    def _flash_error(self, given, at_us):
        flash, kind = self._parts.flash, given["kind"]
        if given["for_ms"] is None:
            flash.fail(kind, given["nth"], given["times"])
        else:
            flash.fail(kind, 1, _FOR_GOOD)
            self._after("flash " + kind, given["for_ms"], lambda: flash.mend(kind))

    def _power_cut(self, given, at_us):
        self._world.observe({"power": "cut"})
        self._world.halt(POWER_CUT, "the scenario cut the power")

    def _brownout(self, given, at_us):
        self._world.observe({"power": "brownout"})
        # The chip starts again when the supply is back: what was due in the dip does not come.
        self._world.skip_us(_DIP_US)
        self._world.halt(BROWNOUT, "the supply dipped")

    def _sleep_stuck(self, given, at_us):
        self._parts.board.light_sleep.stick(int(given["for_ms"] * 1000))
        self._world.observe({"sleep": "does not end", "for_ms": given["for_ms"]})

    def _end(self, given, at_us):
        self._world.halt(END, "the scenario ended")

    def _usb(self, given, at_us):
        end = "\n" if given["newline"] else ""
        self._terminal[0].type((given["text"] + end).encode())

    def _usb_break(self, given, at_us):
        if not self._world.interrupt():
            self._keyboard.type(b"\x03")
        elif self._terminal is not None:
            self._terminal[0].clear()

    def _usb_stuck(self, given, at_us):
        output = self._terminal[1]
        output.stick(True)
        self._after("usb", given["for_ms"], lambda: output.stick(False))

    def _after(self, state, for_ms, callback):
        """Call back when a state has lasted so long, unless it was begun anew meanwhile."""
        self._world.cancel(self._ends.get(state))
        self._ends[state] = self._world.after(int(for_ms * 1000), callback)
