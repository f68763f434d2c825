"""Wrapping ticks as on the ESP32 port, of 30 bits: asked some two hundred times a second."""

from badge.core.portable import micropython


@micropython.viper
def ticks_diff(end: int, start: int) -> int:
    """How much later `end` is, in half a period either way."""
    return ((end - start + 0x20000000) & 0x3FFFFFFF) - 0x20000000


@micropython.viper
def ticks_add(ticks: int, delta: int) -> int:
    """The tick `delta` after another."""
    return (ticks + delta) & 0x3FFFFFFF
