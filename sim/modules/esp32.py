"""Stand-in for `esp32` as on the ESP32-S3 port: what wakes the chip from light sleep."""

from sim.world import current

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True

_RTC_PINS = 22


def wake_on_ext1(pins, level):
    """Levels of RTC pins; ALL_LOW wakes only when all of them are low."""
    lines = _lines(pins)
    for line in lines:
        if line.number >= _RTC_PINS:
            raise ValueError("invalid pin")
    if not level and len(lines) > 1:
        raise ValueError("the model of ext1 knows ALL_LOW for a single pin only")
    current.board.light_sleep.arm_ext1(lines, int(level))


def wake_on_gpio(pins, level):
    """Levels of any pins, from light sleep only on this chip; adds to what was armed before."""
    current.board.light_sleep.arm_gpio(_lines(pins), int(level))


def _lines(pins):
    return tuple(pin._line for pin in pins or ())
