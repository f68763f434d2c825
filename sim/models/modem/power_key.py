"""PWRKEY: a press of a second switches the modem on, one of 1.2 s off (hardware design)."""

_PULSE_ON_US = 1_000_000
_PULSE_OFF_US = 1_200_000


class PowerKey:
    """`is_on()`; `boot()` and `power_down()` are the modem's."""

    def __init__(self, world, is_on, boot, power_down):
        self._world = world
        self._is_on = is_on
        self._boot = boot
        self._power_down = power_down
        self._down_us = None

    def level(self, level):
        """1 presses the key, 0 lets go."""
        now_us = self._world.now_us
        if level:
            self._down_us = now_us
            return
        if self._down_us is None:
            return
        held_us = now_us - self._down_us
        self._down_us = None
        if not self._is_on() and held_us >= _PULSE_ON_US:
            self._boot()
        elif self._is_on() and held_us >= _PULSE_OFF_US:
            self._power_down()
