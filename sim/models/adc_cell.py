"""A lithium cell with a charger of its own and a divider to a pin of the chip.

It empties by what the ledger counts and fills at the board's current while there is USB power;
when it is empty the power goes. What the ADC reads has its noise. Not modelled: temperature,
ageing, the sag under the radio's load.
"""

from micropython import const

from sim.halt import POWER_CUT
from sim.models.axp2101 import cell_mv

_LOOK_US = const(20_000_000)
_US_PER_HOUR = const(3_600_000_000)
# Assumption: the ADC of an ESP32-S3 with its calibration, attenuated by 11 dB.
_NOISE_UV = const(12_000)


class AdcCellModel:
    """`options` are all of sim/options/pmu.py, `cell` is [battery] of hardware/boards."""

    def __init__(self, world, options, cell, divider):
        self._world = world
        self._cell = cell
        self._divider = divider
        self._fitted = options["battery"]
        self._vbus = options["vbus"]
        ledger = world.ledger
        self._capacity_uah = (ledger.battery_mah if ledger else cell["capacity_mah"]) * 1000
        self._uah = int(self._capacity_uah * options["percent"]) // 100
        self._used_uah = 0
        self._since_us = world.now_us
        self._random = 1
        world.after(_LOOK_US, self._look)

    def set_percent(self, percent):
        """Verb `battery`: so much is left from now on."""
        self._settle()
        self._uah = self._capacity_uah * percent // 100
        self._world.observe({"battery": percent})

    def set_charger(self, on):
        """Verb `charger`: USB power comes or goes."""
        self._settle()
        self._vbus = on
        self._world.observe({"charger": on})

    @property
    def permille(self):
        """What is left; kept over a reset of the chip beside it."""
        self._settle()
        return self._uah * 1000 // self._capacity_uah

    def read_uv(self):
        """At the pin."""
        if not self._fitted:
            return 0
        self._random = (self._random * 1103515245 + 12345) & 0x7FFFFFFF
        noise_uv = (self._random >> 8) % (2 * _NOISE_UV) - _NOISE_UV
        return cell_mv(self.permille // 10) * 1000 // self._divider + noise_uv

    def _settle(self):
        now_us, ledger = self._world.now_us, self._world.ledger
        used_uah = ledger.total_uah() if ledger else 0
        if self._vbus:
            ua_us = self._cell["charge_ma"] * 1000 * (now_us - self._since_us)
            self._uah += ua_us // _US_PER_HOUR
        else:
            self._uah -= used_uah - self._used_uah
        self._uah = min(max(self._uah, 0), self._capacity_uah)
        self._used_uah = used_uah
        self._since_us = now_us

    def _look(self):
        self._settle()
        if self._uah == 0 and not self._vbus and self._fitted:
            self._world.observe({"battery": "empty"})
            self._world.halt(POWER_CUT, "the battery is empty")
        self._world.after(_LOOK_US, self._look)
