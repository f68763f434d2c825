"""Wrapping millisecond ticks: what `time.ticks_diff` and `time.ticks_add` do, without `time`."""

PERIOD = 1 << 30
_MASK = 0x3FFFFFFF
_HALF = 1 << 29


def diff(a_ms, b_ms):
    """Return a - b in [-PERIOD/2, PERIOD/2): positive when a is the later of two near moments."""
    d = (a_ms - b_ms) & _MASK
    return d if d < _HALF else d - _MASK - 1


def add(a_ms, delta_ms):
    """Return the tick `delta_ms` after `a_ms`; OverflowError from half a period on."""
    if not -_HALF < delta_ms < _HALF:
        raise OverflowError("ticks interval overflow")
    if delta_ms > 0:
        # Going down a period first keeps the sum a small int on a 32-bit VM: no allocation.
        a_ms = a_ms - _MASK - 1
    return (a_ms + delta_ms) & _MASK
