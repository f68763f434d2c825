"""X-Powers AXP2101: battery gauge, charger, interrupts, and the modem's supply rail (DC3).

Registers after the AXP2101 datasheet as used by XPowersLib; the board's rails after the README of
LilyGo-T-SIM7080G (DC1 chip, DC3 modem, BLDO1 level shifter between modem and chip).
"""

from badge.core.portable import const
from badge.drivers.chip_errors import PmuError, Reading

_STATUS1 = const(0x00)
_STATUS2 = const(0x01)
_CHIP_ID = const(0x03)
_COMMON = const(0x10)
_POWER_OFF = const(0x22)
_KEY_TIMES = const(0x27)
_ADC_ENABLE = const(0x30)
_VBAT_HIGH = const(0x34)
_IRQ_ENABLE = const(0x40)
_IRQ_STATUS = const(0x48)
_TS_CONTROL = const(0x50)
_CHARGE_CURRENT = const(0x62)
_CHARGE_VOLTAGE = const(0x64)
_DC_ENABLE = const(0x80)
_DC3_VOLTAGE = const(0x84)
_LDO_ENABLE = const(0x90)
_LDO2_ENABLE = const(0x91)
_BLDO1_VOLTAGE = const(0x96)
_BLDO2_VOLTAGE = const(0x97)
_PERCENT = const(0xA4)

_IDENTITY = const(0x4A)
_VBUS_GOOD = const(0x20)
_BATTERY_PRESENT = const(0x08)
_CHARGING = const(1)
_CHARGE_DONE = const(4)
_ADC_VBAT = const(0x01)
# The board has no thermistor: with TS measured, the charger would take it for a frozen battery.
# Both bits, as XPowersLib has it: what the second one is after power-on is set in the factory.
_ADC_TS = const(0x02)
_TS_KEPT = const(0xF0)
_TS_NOT_FOR_CHARGER = const(0x10)
_CURRENT_KEPT = const(0xE0)
_VOLTAGE_KEPT = const(0xF8)
_CHARGE_MV = (4000, 4100, 4200, 4350, 4400)
# Bits of _DC_ENABLE that are no rail.
_DC_MODES = const(0xE0)
_DC3_ON = const(0x04)
_BLDO1_ON = const(0x10)
_BLDO2_ON = const(0x20)
# DC3 above 1.6 V: code 88 and 100 mV a step. The README asks for 3.0 V.
_DC3_3000_MV = const(102)
_BLDO_3300_MV = const(28)
# Holding the key switches off: after 4 to 10 s as the factory has it, and after 16 s.
_OFF_BY_KEY = const(0x02)
_OFF_BY_KEY_16_S = const(0x04)
_OFF_AFTER = const(0x0C)

# Bits of the three interrupt registers, the first one lowest.
IRQ_VBUS_OUT = const(1 << 14)
IRQ_VBUS_IN = const(1 << 15)
IRQ_KEY_UP = const(1 << 8)
IRQ_KEY_DOWN = const(1 << 9)
# Held for a second.
IRQ_KEY_LONG = const(1 << 10)
_IRQ_VBUS = const(IRQ_VBUS_IN | IRQ_VBUS_OUT)
_IRQ_KEY = const(IRQ_KEY_UP | IRQ_KEY_DOWN | IRQ_KEY_LONG)


class Supply:
    """The board's cell and rails: charge_ma of it, charge_mv, and the rails that feed something.

    `rails` are the bits of the registers 0x80, 0x90 and 0x91.
    """

    def __init__(self, charge_ma, charge_mv, rails):
        self.charge_ma = charge_ma
        self.charge_mv = charge_mv
        self.rails = rails


class Axp2101:
    """The power chip on an I2C bus, with the board's Supply; every call may raise PmuError.

    With `has_key` its key calls for help: it switches nothing off, and its edges are kept until
    take_key(). `news`: it has something to tell read(). `fails`: it was never set up, or did not
    answer since read() was last content.
    """

    def __init__(self, i2c, supply, addr=0x34, *, has_key=False):
        self._i2c = i2c
        self._supply = supply
        self._addr = addr
        self._one = bytearray(1)
        self._two = bytearray(2)
        self.has_key = has_key
        self._wanted = _IRQ_VBUS | (_IRQ_KEY if has_key else 0)
        self._key = 0
        self.news = False
        self.fails = True

    def start(self):
        """Check who answers, set up charger, rails and key, ask for interrupts.

        The battery is measured from now on; rails that feed nothing on this board are off.
        """
        if self._get(_CHIP_ID) != _IDENTITY:
            raise PmuError("pmu.identity", "another chip answers at the power chip's address")
        self._charger()
        self._put(_ADC_ENABLE, self._get(_ADC_ENABLE) & ~_ADC_TS & 0xFF | _ADC_VBAT)
        dc, ldo, ldo2 = self._supply.rails
        self._put(_DC_ENABLE, self._get(_DC_ENABLE) & (dc | _DC_MODES))
        self._put(_LDO_ENABLE, self._get(_LDO_ENABLE) & ldo)
        self._put(_LDO2_ENABLE, self._get(_LDO2_ENABLE) & ldo2)
        if ldo & _BLDO2_ON:
            self._put(_BLDO2_VOLTAGE, _BLDO_3300_MV)
            self._put(_LDO_ENABLE, self._get(_LDO_ENABLE) | _BLDO2_ON)
        if self.has_key:
            self._put(_POWER_OFF, self._get(_POWER_OFF) & ~_OFF_BY_KEY & 0xFF)
            self._put(_COMMON, self._get(_COMMON) & ~_OFF_BY_KEY_16_S & 0xFF)
            # Should it be switched off all the same, then as late as can be; a second is long.
            self._change(_KEY_TIMES, 0x03, _OFF_AFTER)
        for i in range(3):
            self._put(_IRQ_ENABLE + i, self._wanted >> (8 * i) & 0xFF)
        self.take_irq()
        self.fails = False

    def read(self):
        """Look at battery and charger."""
        if self.has_key:
            self._check_key()
        self._get_into(_STATUS1, self._two)
        vbus = bool(self._two[0] & _VBUS_GOOD)
        present = self._two[0] & _BATTERY_PRESENT
        charging = self._two[1] >> 5 & 3 == _CHARGING
        charged = self._two[1] & 7 == _CHARGE_DONE
        if not present:
            self.news = self.fails = False
            return Reading(None, None, vbus, False, False)
        self._get_into(_VBAT_HIGH, self._two)
        battery_mv = (self._two[0] & 0x1F) << 8 | self._two[1]
        # Before the gauge has a figure it says 255.
        percent = self._get(_PERCENT)
        self.news = self.fails = False
        return Reading(battery_mv, percent if percent <= 100 else None, vbus, charging, charged)

    def take_irq(self):
        """What has interrupted since the last call (IRQ_*), which also lets the line go."""
        found = 0
        for i in range(3):
            bits = self._get(_IRQ_STATUS + i)
            if bits:
                self._put(_IRQ_STATUS + i, bits)
            found |= bits << (8 * i)
        self._key |= found & _IRQ_KEY
        if found & _IRQ_VBUS:
            self.news = True
        return found

    def take_key(self):
        """What the key did (IRQ_KEY_*) as far as take_irq() has heard, once."""
        found, self._key = self._key, 0
        return found

    def feeds_modem(self):
        """Whether its DC3 is the supply of a modem here."""
        return bool(self._supply.rails[0] & _DC3_ON)

    def modem_rail(self, on):
        """Switch the modem's supply, and with it on the level shifter of its serial port."""
        enabled = self._get(_DC_ENABLE)
        if not on:
            self._put(_DC_ENABLE, enabled & ~_DC3_ON & 0xFF)
            return
        self._put(_BLDO1_VOLTAGE, _BLDO_3300_MV)
        self._put(_LDO_ENABLE, self._get(_LDO_ENABLE) | _BLDO1_ON)
        self._put(_DC3_VOLTAGE, self._get(_DC3_VOLTAGE) & 0x80 | _DC3_3000_MV)
        self._put(_DC_ENABLE, enabled | _DC3_ON)

    def antenna(self, on):
        """Feed a satellite receiver's antenna from BLDO2, where that feeds nothing else."""
        if self._supply.rails[1] & _BLDO2_ON:
            return
        if on:
            self._put(_BLDO2_VOLTAGE, _BLDO_3300_MV)
        enabled = self._get(_LDO_ENABLE)
        self._put(_LDO_ENABLE, enabled | _BLDO2_ON if on else enabled & ~_BLDO2_ON & 0xFF)

    def _charger(self):
        # 25 mA a step up to 200 mA, then 100 mA.
        ma = self._supply.charge_ma
        code = ma // 25 if ma <= 200 else 6 + ma // 100
        self._change(_CHARGE_CURRENT, _CURRENT_KEPT, code)
        code = _CHARGE_MV.index(self._supply.charge_mv) + 1
        self._change(_CHARGE_VOLTAGE, _VOLTAGE_KEPT, code)
        # Last: until now the charger may have had another cell in mind.
        self._change(_TS_CONTROL, _TS_KEPT, _TS_NOT_FOR_CHARGER)

    def _check_key(self):
        """A chip that has forgotten what its key is for must not be found out by a squeeze."""
        wanted = self._wanted >> 8 & 0xFF
        if self._get(_IRQ_ENABLE + 1) != wanted or self._get(_POWER_OFF) & _OFF_BY_KEY:
            self.fails = True
            raise PmuError("pmu.reset", "the power chip has lost its settings")

    def _change(self, register, kept, bits):
        self._put(register, self._get(register) & kept | bits)

    def _get(self, register):
        self._get_into(register, self._one)
        return self._one[0]

    def _get_into(self, register, buf):
        try:
            self._i2c.readfrom_mem_into(self._addr, register, buf)
        except OSError as error:
            raise self._failed(error)

    def _put(self, register, value):
        self._one[0] = value
        try:
            self._i2c.writeto_mem(self._addr, register, self._one)
        except OSError as error:
            raise self._failed(error)

    def _failed(self, error):
        self.fails = True
        # ENODEV: nobody acknowledged the address.
        if error.args and error.args[0] == 19:
            return PmuError("pmu.absent", "the power chip does not answer")
        return PmuError("pmu.bus", "the power chip's bus failed (%r)" % error)
