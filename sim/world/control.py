"""The verbs of a scenario: what happens to the badge, planned by the scenario or typed live."""

import json
import sys

from sim.halt import END, POWER_CUT

# Verbs that leave the world in a state: replayed when a respawned badge missed them.
_LASTING = ("sos_down", "sos_up", "rip_open", "rip_close", "play", "stop", "charger")


class ControlError(ValueError):
    """A verb that cannot be done; one sentence."""


class Control:
    """Carries out `{"do": verb, ...}`; the parts are what wiring.py built."""

    def __init__(self, world, parts, usb=None):
        self._world = world
        self._usb = usb
        self._parts = parts
        self._verbs = {
            "sos_down": self._sos_down,
            "sos_up": self._sos_up,
            "press": self._press,
            "bounce": self._bounce,
            "rip_open": self._rip_open,
            "rip_close": self._rip_close,
            "play": self._play,
            "stop": self._stop,
            "stall": self._stall,
            "i2c_fault": self._i2c_fault,
            "fifo_garbage": self._fifo_garbage,
            "imu_stuck": self._imu_stuck,
            "imu_reset": self._imu_reset,
            "flash_cut": self._flash_cut,
            "flash_error": self._flash_error,
            "power_cut": self._power_cut,
            "battery": self._battery,
            "charger": self._charger,
            "end": self._end,
            "modem": self._modem,
            "usb": self._usb_line,
            "usb_break": self._usb_break,
            "usb_stuck": self._usb_stuck,
        }

    def plan(self, events):
        """Put a scenario's events on the agenda; of those already past only the lasting count."""
        now_us = self._world.now_us
        for event in sorted(_one_by_one(events), key=lambda one: one["at_ms"]):
            at_us = int(event["at_ms"] * 1000)
            self._verb(event)
            if at_us >= now_us:
                self._world.at(at_us, self._doing(event))
            elif event["do"] in _LASTING:
                self.do(event, at_us)
            elif event["do"] == "press" and at_us + event["ms"] * 1000 > now_us:
                rest = {"ms": (at_us - now_us) / 1000 + event["ms"]}
                if "button" in event:
                    rest["button"] = event["button"]
                self._press(rest, now_us)

    def do(self, event, at_us=None):
        """Do one thing now; raises ControlError for a verb or argument that is not known."""
        verb = self._verb(event)
        try:
            verb(event, self._world.now_us if at_us is None else at_us)
        except KeyError as error:
            raise ControlError("'%s' needs '%s'." % (event["do"], error.args[0]))

    def listen(self, stream=None):
        """Live mode: one JSON object a line on `stream` (stdin), done now or in `in_ms`.

        The end of the stream is the end.
        """
        self._stream = stream or sys.stdin
        self._world.watch_fd(self._stream, self._on_line)

    def _verb(self, event):
        name = event.get("do")
        if name not in self._verbs:
            known = ", ".join(sorted(self._verbs))
            raise ControlError("There is no verb %r; the verbs are %s." % (name, known))
        return self._verbs[name]

    def _doing(self, event):
        return lambda: self.do(event)

    def _on_line(self):
        line = self._stream.readline()
        if not line:
            self._world.halt(END, "the control stream was closed")
        try:
            event = json.loads(line)
            in_us = int(event.get("in_ms", 0) * 1000)
            if in_us > 0:
                self._world.after(in_us, lambda: self._do_typed(event, line))
                return
        except (ValueError, AttributeError, TypeError) as error:
            self._refuse(line, error)
            return
        self._do_typed(event, line)

    def _do_typed(self, event, line):
        try:
            self.do(event)
        except (ValueError, AttributeError) as error:
            self._refuse(line, error)

    def _refuse(self, line, error):
        self._world.observe({"control": "refused", "why": str(error), "line": line.strip()})

    def _sos_down(self, event, at_us):
        for button in self._buttons(event):
            button.down()

    def _sos_up(self, event, at_us):
        for button in self._buttons(event):
            button.up()

    def _press(self, event, at_us):
        for button in self._buttons(event):
            button.press(event["ms"])

    def _bounce(self, event, at_us):
        for button in self._buttons(event):
            button.bounce(event["closed"], event.get("times", 4), event.get("us", 800))

    def _buttons(self, event):
        buttons = self._parts.buttons
        which = event.get("button", "both")
        if which == "both":
            return (buttons["left"], buttons["right"])
        if which not in buttons:
            raise ControlError("A button is 'left', 'right' or 'both', not %r." % which)
        return (buttons[which],)

    def _rip_open(self, event, at_us):
        self._parts.rip.turn(False)

    def _rip_close(self, event, at_us):
        self._parts.rip.turn(True)

    def _play(self, event, at_us):
        self._parts.motion.play(event["trace"], at_us, event.get("after", "hold"))

    def _stop(self, event, at_us):
        self._parts.motion.stop()

    def _stall(self, event, at_us):
        # In the middle of another stall the two overlap: the later end counts.
        self._world.observe({"stall": event.get("name", "scenario"), "ms": event["ms"]})
        self._world.busy_us(int(event["ms"] * 1000))

    def _i2c_fault(self, event, at_us):
        chip = event.get("chip")
        if chip is None:
            hit = [(bus, None) for bus in self._parts.board.buses]
        elif chip in self._parts.chips:
            hit = [self._parts.chips[chip]]
        else:
            raise ControlError("A chip is 'imu' or 'pmu', not %r." % chip)
        if ("for_ms" in event) == ("nth" in event):
            raise ControlError("'i2c_fault' needs 'for_ms' or 'nth' (and 'times'), not both.")
        for bus, address in hit:
            if "for_ms" in event:
                bus.break_for(event["kind"], event["for_ms"], address)
            else:
                bus.break_nth(event["kind"], event["nth"], event.get("times", 1), address)

    def _fifo_garbage(self, event, at_us):
        self._parts.imu.faults.spoil(
            event["kind"],
            event.get("nth", 1),
            event.get("times", 1),
            event.get("bit", 3),
            event.get("word"),
        )

    def _imu_stuck(self, event, at_us):
        self._parts.imu.stick(event["for_ms"], event.get("mg"), event.get("noisy", False))

    def _imu_reset(self, event, at_us):
        self._parts.imu.reset_itself()

    def _flash_cut(self, event, at_us):
        self._parts.flash.cut_after(event["after"], event.get("torn", False))

    def _flash_error(self, event, at_us):
        flash = self._parts.flash
        kind = event["kind"]
        if ("for_ms" in event) == ("nth" in event):
            raise ControlError("'flash_error' needs 'for_ms' or 'nth' (and 'times'), not both.")
        if "nth" in event:
            flash.fail(kind, event["nth"], event.get("times", 1))
            return
        flash.fail(kind, times=1 << 30)
        self._world.after(int(event["for_ms"] * 1000), lambda: flash.mend(kind))

    def _power_cut(self, event, at_us):
        self._world.observe({"power": "cut"})
        self._world.halt(POWER_CUT, "the scenario cut the power")

    def _battery(self, event, at_us):
        self._parts.pmu.set_percent(event["percent"])

    def _charger(self, event, at_us):
        self._parts.pmu.set_charger(bool(event["on"]))

    def _end(self, event, at_us):
        self._world.halt(END, "the scenario ended")

    def _usb_line(self, event, at_us):
        end = "\n" if event.get("newline", True) else ""
        self._port()[0].type((event["text"] + end).encode())

    def _usb_break(self, event, at_us):
        if self._usb is not None:
            self._usb[0].clear()
        self._world.interrupt()

    def _usb_stuck(self, event, at_us):
        output = self._port()[1]
        output.stuck = True
        self._world.after(int(event["for_ms"] * 1000), lambda: setattr(output, "stuck", False))

    def _port(self):
        if self._usb is None:
            raise ControlError("This badge's USB port is a terminal; type there.")
        return self._usb

    def _modem(self, event, at_us):
        if self._parts.modem is None:
            raise ControlError("This scenario has no modem.")
        self._parts.modem.control(event)


def _one_by_one(events):
    """Each event as often as it comes: `every_ms` from `at_ms` on, up to and with `until_ms`."""
    for event in events:
        if "every_ms" not in event:
            yield event
            continue
        once = {key: event[key] for key in event if key not in ("every_ms", "until_ms")}
        at_ms, end_ms, every_ms = event["at_ms"], event.get("until_ms"), event["every_ms"]
        if end_ms is None or every_ms <= 0:
            raise ControlError("'every_ms' is above 0 and needs 'until_ms'.")
        while at_ms <= end_ms:
            yield dict(once, at_ms=at_ms)
            at_ms += every_ms
