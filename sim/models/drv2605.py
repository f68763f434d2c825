"""The DRV2605 at register level (SLOS854): a motor that turns as strongly as it is told to.

Without its enable line it answers nobody and has forgotten all afterwards. Modelled is real-time
playback of a motor with a weight: no effects, no resonant ones, nor how long it takes to turn.
"""

import errno

_STATUS, _MODE, _STRENGTH, _FEEDBACK, _CONTROL3 = 0x00, 0x01, 0x02, 0x1A, 0x1D
_AT_RESET = ((_STATUS, 0x60), (_MODE, 0x40), (_FEEDBACK, 0x36), (_CONTROL3, 0xA0), (0x03, 0x01))
_REAL_TIME = 5
_STANDBY, _RESET = 0x40, 0x80
_RESONANT, _UNSIGNED = 0x80, 0x08


class Drv2605Model:
    """`load` has duty_u16(duty): what the motor does is observed by it."""

    def __init__(self, load):
        self._load = load
        self._is_enabled = False
        self._reset()

    def enable(self, on):
        """Its enable line: the power chip's BLDO2."""
        if on != self._is_enabled:
            self._is_enabled = on
            self._reset()

    def read_into(self, register, buf):
        """A burst read."""
        self._must_be_enabled()
        for i in range(len(buf)):
            buf[i] = self._registers[(register + i) & 0x3F]

    def write(self, register, data):
        """A burst write."""
        self._must_be_enabled()
        for i in range(len(data)):
            at = register + i & 0x3F
            if at == _MODE and data[i] & _RESET:
                self._reset()
            elif at != _STATUS:
                self._registers[at] = data[i]
        self._turn()

    def _reset(self):
        self._registers = bytearray(64)
        for register, value in _AT_RESET:
            self._registers[register] = value
        self._turn()

    def _must_be_enabled(self):
        if not self._is_enabled:
            raise OSError(errno.ENODEV)

    def _turn(self):
        registers = self._registers
        strength = registers[_STRENGTH]
        # A strength below 0 turns it the other way, and a motor with a weight has no resonance.
        is_right = not registers[_CONTROL3] & _UNSIGNED and not registers[_FEEDBACK] & _RESONANT
        turns = registers[_MODE] & 7 == _REAL_TIME and not registers[_MODE] & _STANDBY
        self._load.duty_u16(
            strength * 65535 // 127 if turns and is_right and strength < 128 else 0
        )
