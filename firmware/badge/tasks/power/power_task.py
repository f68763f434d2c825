"""Watches battery and charger, warns the wearer, and owns the modem's supply rail."""

import asyncio
from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core import power_policy
from badge.core.portable import const
from badge.drivers.chip_errors import PmuError
from badge.tasks import beat
from badge.tasks.bell import Bell

_ROUND_MS = const(1_000)
_LOOK_EVERY_MS = const(30_000)
_LOOK_LOW_MS = const(10_000)
_RETRY_FIRST_MS = const(1_000)
_RETRY_MAX_MS = const(60_000)
# The key that calls for help hangs on it.
_RETRY_KEY_MS = const(2_000)
_RAIL_TRIES = const(3)
# What the chip said last of the battery is not known any more when it is as old as this.
_OLD_MS = const(60_000)
_FEED_MS = const(10_000)
_RAIL_OFF_MS = const(1_000)
# DC3 to a stable supply of the modem; our choice, far above the converter's soft start.
_RAIL_ON_MS = const(100)

# feel(signal): tells the wearer. gasp(now_ms, percent): the last of the battery. shift_left_min():
# minutes until the shift ends by itself, or None. on_charger_change(is_on, now_ms).
Hearers = namedtuple("Hearers", ("feel", "gasp", "shift_left_min", "on_charger_change"))


class PowerTask:
    """`hearers` is a Hearers.

    `vbus` and `on_charger` are None while the power chip has not answered.
    """

    def __init__(self, pmu, irq_pin, battery, policy, hearers, log):
        self._pmu = pmu
        self._irq_pin = irq_pin
        self._hearers = hearers
        self._battery = battery
        self._policy = policy
        self._log = log
        self._wake = Bell()
        self._started = False
        self._failures = 0
        self._looked_ms = None
        self._read_ms = None
        self.vbus = None
        self.charging = None
        self.charged = False

    def chip_and_line(self):
        """The power chip and its interrupt line, for the key that hangs on it."""
        return self._pmu, self._irq_pin

    @property
    def sos_only(self):
        """The reserve has begun: no man-down alarms."""
        return self._policy.sos_only

    @property
    def save_gnss(self):
        """Satellite fixes for alarms only."""
        return self._policy.save_gnss

    @property
    def on_charger(self):
        """True while a charger is connected, charging or done; None when nobody knows."""
        return self.vbus

    @property
    def percent(self):
        """What is left, in percent; None when it cannot be told."""
        return self._battery.percent

    def reason(self):
        """Return what the battery says against "protected", or ""; see PowerPolicy.reason."""
        return self._policy.reason(self._battery.percent)

    def status(self):
        """For USB and for the answer to 'am I protected?'; None is what nobody knows."""
        is_known = self._battery.percent is not None
        return {
            "mv": self._battery.battery_mv,
            "percent": self._battery.percent,
            "vbus": self.vbus,
            "charging": self.charging,
            "charged": self.charged,
            "minutes_left": self._battery.minutes_left(),
            "lasts": self._policy.lasts if is_known else None,
            "level": self._level_name(),
        }

    def start(self):
        """Once, before any task: the chip configured, the modem's rail on, the battery looked at.

        A chip that fails is said, and tried again by run(): the badge must be armed without it.
        """
        if self._open():
            self.switch_rail(True)
            # Nobody hears yet what follows from it; run() looks again at once.
            if self._read(ticks_ms()):
                self._say("power.started")

    def switch_rail(self, on):
        """The modem's supply; False (and said) when the chip did not do it, or feeds none."""
        if not self._pmu.feeds_modem():
            return False
        for _ in range(_RAIL_TRIES):
            try:
                self._pmu.modem_rail(on)
            except PmuError as error:
                failed = error
                continue
            self._log.event("power.modem_rail", on=on)
            return True
        self._log.failure("power.rail_failed", failed, on=on)
        return False

    def feed_antenna(self, on):
        """The antenna of the modem's satellite receiver; a chip that fails is said."""
        if not self._pmu.feeds_modem():
            return
        try:
            self._pmu.antenna(on)
        except PmuError as error:
            self._log.failure("power.antenna_failed", error, on=on)

    async def cycle_rail(self):
        """Take the supply from a modem that nothing else revives."""
        if not self.switch_rail(False):
            return
        try:
            await asyncio.sleep_ms(_RAIL_OFF_MS)
        finally:
            self.switch_rail(True)
        await asyncio.sleep_ms(_RAIL_ON_MS)

    def look_now(self):
        """The chip pulls its interrupt line: USB has come or gone."""
        self._wake.set()

    async def run(self, feed):
        """Look for ever."""
        retry_ms = _RETRY_FIRST_MS
        while True:
            feed()
            if not self._started:
                if self._open():
                    retry_ms = _RETRY_FIRST_MS
                    # The modem may be waiting for its supply since the start.
                    self.switch_rail(True)
                else:
                    await self._nap(retry_ms, feed)
                    most_ms = _RETRY_KEY_MS if self._pmu.has_key else _RETRY_MAX_MS
                    retry_ms = min(2 * retry_ms, most_ms)
                    continue
            now_ms = ticks_ms()
            if self._interrupted() or self._due(now_ms):
                self._look(now_ms)
            await self._nap(beat.until_ms(_ROUND_MS), feed)

    def _open(self):
        try:
            self._pmu.start()
        except PmuError as error:
            self._fail(error)
            return False
        self._started = True
        self._failures = 0
        return True

    def _interrupted(self):
        # The line is held low until the chip has been asked why, so no edge can be missed.
        is_low = self._irq_pin is not None and self._irq_pin.value() == 0
        # Or whoever asked it for the key has heard more, or nothing.
        pmu = self._pmu
        return is_low or pmu.news or pmu.fails or self._wake.is_set()

    def _due(self, now_ms):
        if self._looked_ms is None or self._battery.doubts:
            return True
        low = self._policy.level >= power_policy.SAVING
        every_ms = _LOOK_LOW_MS if low else _LOOK_EVERY_MS
        return ticks_diff(now_ms, self._looked_ms) >= every_ms

    def _look(self, now_ms):
        self._wake.clear()
        self._looked_ms = now_ms
        vbus = self.vbus
        if not self._read(now_ms):
            return
        changed = self.vbus != vbus
        before = self._policy.level
        battery = self._battery
        actions = self._policy.update(
            now_ms,
            battery.percent,
            battery.minutes_left(),
            self._hearers.shift_left_min(),
            self.vbus,
        )
        if changed:
            self._say("power.charger")
            self._hearers.on_charger_change(self.vbus, now_ms)
        if self._policy.level != before:
            self._say("power.level")
        for action in actions:
            if action == power_policy.WARN:
                self._say("power.low")
                self._hearers.feel("LOW_BATTERY")
            elif action == power_policy.GASP:
                self._hearers.gasp(now_ms, battery.percent)

    def _read(self, now_ms):
        try:
            self._pmu.take_irq()
            reading = self._pmu.read()
        except PmuError as error:
            # What was known is old now: without it the badge must not think USB is away.
            self.vbus = self.charging = None
            self._started = False
            self._fail(error)
            return False
        self._read_ms = now_ms
        self.vbus, self.charging, self.charged = reading.vbus, reading.charging, reading.charged
        self._battery.look(now_ms, reading.battery_mv, reading.percent, reading.vbus)
        return True

    def _say(self, what):
        battery = self._battery
        self._log.event(
            what,
            level=self._level_name(),
            percent=battery.percent,
            mv=battery.battery_mv,
            minutes_left=battery.minutes_left(),
            vbus=self.vbus,
        )

    def _level_name(self):
        known = self._battery.percent is not None
        return power_policy.LEVEL_NAMES[self._policy.level] if known else None

    def _fail(self, error):
        self._failures += 1
        now_ms = ticks_ms()
        if self._read_ms is not None and ticks_diff(now_ms, self._read_ms) >= _OLD_MS:
            self._read_ms = None
            self._battery.look(now_ms, None, None, None)
        # Said when it begins and now and then, not every second.
        if self._failures & (self._failures - 1) == 0:
            self._log.failure("power.failed", error, failures=self._failures)

    async def _nap(self, wait_ms, feed):
        while wait_ms > 0:
            await self._wake.wait_ms(min(wait_ms, _FEED_MS))
            wait_ms = 0 if self._wake.is_set() else wait_ms - _FEED_MS
            feed()
