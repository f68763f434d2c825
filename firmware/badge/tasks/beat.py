"""One beat for all who look around now and then, so that they do it in one wake of the chip."""

from time import ticks_ms


def until_ms(period_ms):
    """Return the time to the next beat of this period, 1 to `period_ms`."""
    return period_ms - ticks_ms() % period_ms
