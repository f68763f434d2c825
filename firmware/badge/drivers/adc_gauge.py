"""The cell of a board without a power chip: its voltage behind a divider, at a pin."""

from badge.core.portable import const
from badge.drivers.chip_errors import Reading

# The ADC is noisy by some 10 mV: the middle of so many looks counts.
_LOOKS = const(9)
# (mV, percent) of a lithium cell that feeds a badge: low, for nobody counts the charge.
_CURVE = ((3300, 0), (3500, 3), (3600, 8), (3680, 15), (3750, 30), (3880, 60), (4150, 100))
# Lower than any lithium cell that still runs a chip: there is none.
_NONE_MV = const(2_500)


class AdcGauge:
    """As Axp2101, of a board on which nobody can tell whether a charger is connected.

    Without an `adc` (None) nothing is known of the battery either.
    """

    # It tells nothing by itself, and never fails.
    news = fails = has_key = False

    def __init__(self, adc, divider):
        self._adc = adc
        self._divider = divider

    def start(self):
        """Nothing is to be set up."""

    def read(self):
        """Look at the battery; the percentage is what its voltage says."""
        if self._adc is None:
            return Reading(None, None, None, None, None)
        looks = sorted([self._adc.read_uv() for _ in range(_LOOKS)])
        mv = looks[_LOOKS // 2] * self._divider // 1000
        if mv < _NONE_MV:
            return Reading(None, None, None, None, None)
        return Reading(mv, _percent(mv), None, None, None)

    def take_irq(self):
        """It has no interrupt."""
        return 0

    def feeds_modem(self):
        """There is no rail to switch."""
        return False


def _percent(mv):
    low_mv, low = _CURVE[0]
    for high_mv, high in _CURVE:
        if mv < high_mv:
            return low if mv < low_mv else low + (high - low) * (mv - low_mv) // (high_mv - low_mv)
        low_mv, low = high_mv, high
    return low
