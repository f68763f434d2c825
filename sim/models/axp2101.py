"""The AXP2101 power chip at register level: gauge, charger, interrupts, the modem's rails.

The battery empties by what the ledger counts and fills at the current that the charger was told;
when it is empty the power goes. A charger that waits for a thermistor does not charge, nor does
one that was told more than the cell stands: the real one would, so that is said and refused here.
Its key is held against it for as long as the factory could have it: unless told otherwise it
switches off after 6 s, and after 16 s. Not modelled: temperature, ageing, what the other rails
feed, switching on by the key.
"""

from collections import namedtuple

from sim.halt import POWER_CUT

_IDENTITY = 0x4A
_STATUS1, _STATUS2, _CHIP_ID, _ADC = 0x00, 0x01, 0x03, 0x30
_COMMON, _POWER_OFF, _KEY_TIMES = 0x10, 0x22, 0x27
_BLDO2_VOLTAGE = 0x97
_VBAT_HIGH, _VBAT_LOW = 0x34, 0x35
_IRQ_ENABLE, _IRQ_STATUS = 0x40, 0x48
_TS_CONTROL, _CHARGE_CURRENT, _CHARGE_VOLTAGE = 0x50, 0x62, 0x64
_DC_ENABLE, _LDO_ENABLE, _LDO2_ENABLE, _PERCENT = 0x80, 0x90, 0x91, 0xA4
_VBUS_GOOD, _BATTERY_PRESENT = 0x20, 0x08
_CHARGING, _DISCHARGING = 1 << 5, 2 << 5
_DC1, _DC3, _BLDO1, _BLDO2 = 0x01, 0x04, 0x10, 0x20
# Less than this enables nothing: 0.5 V and 0.1 V a step.
_ENABLING = 13
_TS_NOT_FOR_CHARGER = 0x10
_CHARGE_MV = (None, 4000, 4100, 4200, 4350, 4400, None, None)
# Assumption, as bad as the factory could leave it: each chip has its own (the data sheet's EFUSE).
_AT_POWER_ON = (
    (_ADC, 0x03),
    (_COMMON, 0x34),
    (_POWER_OFF, 0x06),
    (_KEY_TIMES, 0x14),
    (_CHARGE_CURRENT, 16),
    (_CHARGE_VOLTAGE, 5),
    (_DC_ENABLE, 0x1B),
    (_LDO_ENABLE, 0xDF),
    (_LDO2_ENABLE, 0x01),
)
# Interrupt register 2 (0x41): VBUS came, VBUS went.
_IRQ2_IN, _IRQ2_OUT = 0x80, 0x40
# And of the key: held for long, pressed, let go.
_IRQ2_LONG, _IRQ2_DOWN, _IRQ2_UP = 0x04, 0x02, 0x01
_LONG_MS = (1000, 1500, 2000, 2500)
_OFF_MS = (4000, 6000, 8000, 10000)
_OFF_AT_LAST_MS = 16_000
_OFF_BY_KEY, _OFF_BY_KEY_AT_LAST = 0x02, 0x04
_ADC_VBAT, _ADC_TS = 0x01, 0x02
# Assumption: open-circuit voltage of a lithium cell by percent, straight lines between.
_CELL_MV = ((0, 3300), (3, 3450), (8, 3580), (15, 3660), (30, 3720), (60, 3850), (100, 4150))
_CHARGED_PERCENT = 99
_LOW_PERCENT = 12
_LOOK_US = 20_000_000
_US_PER_HOUR = 3_600_000_000


# What hears of three rails, each by a function of whether it is on: DC3, BLDO1 and BLDO2.
Rails = namedtuple("Rails", ("modem", "port", "haptic"))


class Axp2101Model:
    """`options` are all of sim/options/pmu.py; `rails` (Rails) are told when they go on or off.

    `cell` is [battery] of hardware/boards: what it holds, and what it may be charged with.
    """

    def __init__(self, world, irq, options, cell, rails):
        self._world = world
        self._irq = irq
        self._rails = rails
        self._registers = bytearray(256)
        self._registers[_CHIP_ID] = _IDENTITY
        for register, value in _AT_POWER_ON:
            self._registers[register] = value
        self._cell = cell
        self._complaint = None
        self._fitted = options["battery"]
        self._vbus = options["vbus"]
        ledger = world.ledger
        mah = ledger.battery_mah if ledger else cell["capacity_mah"]
        self._capacity_uah = mah * 1000
        self._uah = int(self._capacity_uah * options["percent"]) // 100
        self._used_uah = 0
        self._since_us = world.now_us
        self._watching = False
        # When the key was pressed, by which what it would do is known to be of this press.
        self._pressed_us = None
        irq.drive(1)
        self._watch()

    def set_percent(self, percent):
        """Verb `battery`: so much is left from now on."""
        self._settle()
        self._uah = self._capacity_uah * percent // 100
        self._world.observe({"battery": percent})
        self._watch()

    def set_charger(self, on):
        """Verb `charger`: USB power comes or goes."""
        self._settle()
        if on != self._vbus:
            self._vbus = on
            self._world.observe({"charger": on})
            self._complain()
            self._interrupt(_IRQ2_IN if on else _IRQ2_OUT)
            self._watch()

    def drive(self, level):
        """The key, which is a wire to ground: 0 while it is pressed, else None."""
        if (level is not None) == (self._pressed_us is not None):
            return
        if level is None:
            self._pressed_us = None
            self._interrupt(_IRQ2_UP)
            return
        self._pressed_us = self._world.now_us
        self._interrupt(_IRQ2_DOWN)
        times = self._registers[_KEY_TIMES]
        self._held_for(_LONG_MS[times >> 4 & 3], self._held_long)
        self._held_for(_OFF_MS[times >> 2 & 3], self._held_to_off)
        self._held_for(_OFF_AT_LAST_MS, self._held_at_last)

    def _held_for(self, ms, then):
        pressed_us = self._pressed_us

        def look():
            if self._pressed_us == pressed_us:
                then()

        self._world.after(ms * 1000, look)

    def _held_long(self):
        self._interrupt(_IRQ2_LONG)

    def _held_to_off(self):
        if self._registers[_POWER_OFF] & _OFF_BY_KEY:
            self._world.halt(POWER_CUT, "the key was held: the power chip switched off")

    def _held_at_last(self):
        if self._registers[_COMMON] & _OFF_BY_KEY_AT_LAST:
            self._world.halt(POWER_CUT, "the key was held for 16 s: the power chip switched off")

    @property
    def permille(self):
        """What is left; kept over a reset of the chip beside it."""
        self._settle()
        return self._uah * 1000 // self._capacity_uah

    def read_into(self, register, buf):
        """A burst read."""
        self._settle()
        self._refresh()
        for i in range(len(buf)):
            buf[i] = self._registers[(register + i) & 0xFF]

    def write(self, register, data):
        """A burst write."""
        for byte in data:
            self._write_byte(register, byte)
            register = (register + 1) & 0xFF

    def _write_byte(self, register, byte):
        if _IRQ_STATUS <= register < _IRQ_STATUS + 3:
            self._registers[register] &= ~byte & 0xFF
            self._drive_irq()
            return
        # What was charged until now was charged as it was told until now.
        self._settle()
        before = self._registers[register]
        self._registers[register] = byte
        if register == _DC_ENABLE:
            self._switched(before, byte)
        if register == _LDO_ENABLE and (before ^ byte) & _BLDO1:
            self._rails.port(bool(byte & _BLDO1))
        if register in (_LDO_ENABLE, _BLDO2_VOLTAGE):
            is_high = self._registers[_BLDO2_VOLTAGE] >= _ENABLING
            self._rails.haptic(is_high and bool(self._registers[_LDO_ENABLE] & _BLDO2))
        self._complain()

    def _switched(self, before, now):
        if before & ~now & _DC1:
            self._world.halt(POWER_CUT, "the chip switched off its own supply (DC1)")
        if (before ^ now) & _DC3:
            on = bool(now & _DC3)
            self._world.observe({"rail": "modem", "on": on})
            self._rails.modem(on)

    def _charge_ma(self):
        """What flows into the cell while there is USB power; 0 while the charger waits."""
        return 0 if self._waits_for_ts() or self._too_much() else self._told_ma()

    def _waits_for_ts(self):
        # With a thermistor looked at that is not there, the charger waits for ever.
        registers = self._registers
        return registers[_ADC] & _ADC_TS or not registers[_TS_CONTROL] & _TS_NOT_FOR_CHARGER

    def _told_ma(self):
        code = self._registers[_CHARGE_CURRENT] & 0x1F
        return 25 * code if code <= 8 else 200 + 100 * (min(code, 16) - 8)

    def _too_much(self):
        """In a sentence, when the charger was told what the cell does not stand; else None."""
        ma, mv = self._told_ma(), _CHARGE_MV[self._registers[_CHARGE_VOLTAGE] & 7]
        if ma > self._cell["charge_ma"]:
            return "%d mA for a cell that takes %d" % (ma, self._cell["charge_ma"])
        if mv != self._cell["charge_mv"]:
            return "%r mV for a cell of %d" % (mv, self._cell["charge_mv"])
        return None

    def _complain(self):
        charging = self._vbus and not self._waits_for_ts()
        complaint = self._too_much() if charging else None
        if complaint != self._complaint:
            self._complaint = complaint
            self._world.observe({"charging": "refused", "why": complaint})

    def _interrupt(self, bits):
        if self._registers[_IRQ_ENABLE + 1] & bits:
            self._registers[_IRQ_STATUS + 1] |= bits
            self._drive_irq()

    def _drive_irq(self):
        waiting = any(self._registers[_IRQ_STATUS + i] for i in range(3))
        self._irq.drive(0 if waiting else 1)

    def _percent(self):
        return (self._uah * 200 + self._capacity_uah) // (2 * self._capacity_uah)

    def _refresh(self):
        registers = self._registers
        percent = self._percent()
        present = _BATTERY_PRESENT if self._fitted else 0
        registers[_STATUS1] = (_VBUS_GOOD if self._vbus else 0) | present
        may_charge = self._vbus and self._charge_ma() > 0
        if may_charge and percent < _CHARGED_PERCENT:
            registers[_STATUS2] = _CHARGING | 2
        elif self._vbus:
            registers[_STATUS2] = 4 if may_charge else 5
        else:
            registers[_STATUS2] = _DISCHARGING | 5
        mv = cell_mv(percent) if registers[_ADC] & _ADC_VBAT else 0
        registers[_VBAT_HIGH] = mv >> 8
        registers[_VBAT_LOW] = mv & 0xFF
        registers[_PERCENT] = percent if self._fitted else 255

    def _settle(self):
        now_us = self._world.now_us
        ledger = self._world.ledger
        used_uah = ledger.total_uah() if ledger else 0
        if self._vbus:
            charged_ua_us = self._charge_ma() * 1000 * (now_us - self._since_us)
            self._uah += charged_ua_us // _US_PER_HOUR
        else:
            self._uah -= used_uah - self._used_uah
        self._uah = min(max(self._uah, 0), self._capacity_uah)
        self._used_uah = used_uah
        self._since_us = now_us

    def _watch(self):
        # Only near the end: a full battery schedules nothing.
        if not self._watching and self._percent() < _LOW_PERCENT and self._fitted:
            self._watching = True
            self._world.after(_LOOK_US, self._look)

    def _look(self):
        self._watching = False
        self._settle()
        if self._uah == 0 and not self._vbus:
            self._world.observe({"battery": "empty"})
            self._world.halt(POWER_CUT, "the battery is empty")
        self._watch()


def cell_mv(percent):
    """The voltage of a lithium cell at rest that holds so much."""
    below = _CELL_MV[0]
    for point in _CELL_MV[1:]:
        if percent <= point[0]:
            return below[1] + (point[1] - below[1]) * (percent - below[0]) // (point[0] - below[0])
        below = point
    return below[1]
