"""The SIM7080G's satellite receiver behind its AT commands (GNSS application note V1.02).

Harsh where reports of users are: it works only while the radio of LTE is off (CFUN 4 or 7), and
crashes the module otherwise, which then minds its power key no more; after CFUN=0 it finds
nothing; without power it forgets all, so every start is a cold one; without a fix it reports a
place that is not its own, and its first fixes are old. How long a start takes varies from one to
the next. Not modelled: satellites one by one, XTRA, degrees between open sky and none.
"""

import utime

from sim.models.modem.network_time import utc_s
from sim.options.gnss import OPTIONS
from sim.options.option import filled

RADIO_OFF = (4, 7)
_WEEK_S = 7 * 86_400
_WRONG_E7 = 13_500_000
# Shares of cold_ms that the starts take, one after the other.
_STARTS = (100, 70, 180, 85, 130)
COMMANDS = (b"+CGNSPWR", b"+CGNSMOD", b"+CGNSINF")


class ModemGnss:
    """`given`: options of sim/options/gnss.py; `say(line)` answers; `crash()`: of the module."""

    def __init__(self, world, given, say, crash):
        self._world = world
        self._options = filled(OPTIONS, given, "The satellite receiver")
        self._say = say
        self._crash = crash
        self._starts = 0
        self._start = 0
        self.reset()

    def reset(self):
        """The module starts, or has no power."""
        self._start += 1
        self._fun = 1
        self._sees_us = None
        self._fixes = 0
        self._first = None
        self._account(False)

    def control(self, what, given):
        """Do a verb: sky or place."""
        if what == "sky":
            self._options["sky"] = given["view"]
            if self._sees_us is not None:
                self._sees_us = self._world.now_us
        else:
            self._options.update(given)

    def fun(self, mode):
        """AT+CFUN has switched the radio."""
        self._fun = mode
        self._watch_clash()

    def command(self, name, mark, rest):
        """Do a command of COMMANDS; whether it is one."""
        if name == b"+CGNSMOD":
            return mark == b"=" and len(rest.split(b",")) == 5
        if name == b"+CGNSPWR" and mark == b"=":
            self._power(rest == b"1")
            return rest in (b"0", b"1")
        if name == b"+CGNSPWR" and mark == b"?":
            self._say(b"+CGNSPWR: %d" % self._is_on())
            return True
        if name == b"+CGNSINF" and not mark:
            self._say(self._info())
            return True
        return False

    def deafens(self):
        """Whether a module that it has crashed hears its power key no more."""
        return self._options["deaf"]

    def _is_on(self):
        return self._sees_us is not None

    def _power(self, on):
        if on == self._is_on():
            return
        self._sees_us = self._world.now_us if on else None
        self._fixes, self._first = 0, None
        self._starts += on
        self._start += 1
        self._account(on)
        self._world.observe({"gnss": "on" if on else "off"})
        crash_ms = self._options["crash_ms"]
        if on and crash_ms is not None:
            start = self._start
            self._world.after(int(crash_ms * 1000), lambda: self._start == start and self._crash())
        self._watch_clash()

    def _watch_clash(self):
        if self._is_on() and self._fun == 1 and self._options["clashes"]:
            self._crash()

    def _account(self, on):
        if self._world.ledger is not None:
            self._world.ledger.set("gnss", "on" if on else "off")

    def _has_fix(self):
        share = _STARTS[(self._starts - 1) % len(_STARTS)]
        takes_us = int(self._options["cold_ms"] * 10) * share
        is_long = self._world.now_us - self._sees_us >= takes_us
        return is_long and self._options["sky"] == "open" and self._fun in RADIO_OFF

    def _info(self):
        if not self._is_on():
            return b"+CGNSINF: 0,,,,,,,,,,,,,,,,,"
        options = self._options
        lat_e7, lon_e7 = options["lat_e7"], options["lon_e7"]
        if not self._has_fix():
            if not options["lies"]:
                return b"+CGNSINF: 1,,,,,,,,,,,,,,,,,"
            place = _place(lat_e7 + _WRONG_E7, lon_e7)
            return _line(b"", utc_s(self._world), place, 0, 9)
        self._fixes += 1
        if self._fixes <= options["old"]:
            place = _place(lat_e7 + _WRONG_E7, lon_e7)
            return _line(b"1", utc_s(self._world) - _WEEK_S, place, 0, 9)
        is_first = self._fixes == options["old"] + 1
        accuracy_m = options["accuracy_m"] * (5 if is_first else 1)
        line = _line(b"1", utc_s(self._world), _place(lat_e7, lon_e7), options["kmh"], accuracy_m)
        if self._first is None:
            self._first = line
        return self._first if options["frozen"] else line


def _place(lat_e7, lon_e7):
    return b"%s,%s" % (_degrees(lat_e7), _degrees(lon_e7))


def _degrees(value_e7):
    sign = "-" if value_e7 < 0 else ""
    return (
        "%s%d.%06d" % (sign, abs(value_e7) // 10_000_000, abs(value_e7) % 10_000_000 // 10)
    ).encode()


def _line(fix, told_s, place, kmh, accuracy_m):
    year, month, day, hour, minute, second = utime.gmtime(told_s)[:6]
    when = b"%04d%02d%02d%02d%02d%02d.000" % (year, month, day, hour, minute, second)
    head = b"+CGNSINF: 1,%s,%s,%s,3.100,%d.00,0.0,1,," % (fix, when, place, kmh)
    return head + b"0.9,1.2,0.8,,11,,%d.0,6.0" % accuracy_m
