"""TI DRV2605 (SLOS854): drives a coin motor at the strength that a register says."""

from badge.core.portable import const

_STATUS = const(0x00)
_MODE = const(0x01)
_STRENGTH = const(0x02)
_FEEDBACK = const(0x1A)
_CONTROL3 = const(0x1D)

# Bits 7 to 5 of the status: DRV2605, and DRV2605L.
_IDENTITIES = (3, 7)
# Real-time playback: the motor turns as _STRENGTH says; and the same in standby, which takes 4 uA.
_PLAYING = const(0x05)
_STANDBY = const(0x45)
# A motor with a weight, and no resonant one; driven without listening to it.
_RESONANT = const(0x80)
_OPEN_LOOP = const(0x20)
# Signed: a negative one would turn it the other way.
_STRONGEST = const(127)
_SHIFT = const(9)
_TRIES = const(2)


class Drv2605:
    """In the place of a PWM at a HapticMotor; `fails`: the chip did not answer last."""

    def __init__(self, i2c, addr):
        self._i2c = i2c
        self._addr = addr
        self._one = bytearray(1)
        self._duty = 0
        self.fails = False

    def duty_u16(self, duty=None):
        """As of machine.PWM; a chip that fails is tried again with each pulse.

        A motor that did not hear that it is to stop counts as turning: tell it again.
        """
        if duty is None:
            return self._duty
        if not (duty or self._duty):
            return None
        for _ in range(_TRIES):
            try:
                self._play(duty >> _SHIFT)
            except OSError:
                continue
            self._duty = duty
            return None
        # The wearer is told otherwise, and nothing else may fail of it.
        self.fails = True
        self._duty = self._duty or duty
        return None

    def _play(self, strength):
        if not strength:
            self._put(_STRENGTH, 0)
            self._put(_MODE, _STANDBY)
            return
        # Its supply may have been away, so that it has forgotten all.
        if self._get(_STATUS) >> 5 not in _IDENTITIES:
            self.fails = True
            return
        self._put(_MODE, _PLAYING)
        self._put(_FEEDBACK, self._get(_FEEDBACK) & ~_RESONANT & 0xFF)
        self._put(_CONTROL3, self._get(_CONTROL3) & 0xF7 | _OPEN_LOOP)
        self._put(_STRENGTH, min(strength, _STRONGEST))
        self.fails = False

    def _get(self, register):
        self._i2c.readfrom_mem_into(self._addr, register, self._one)
        return self._one[0]

    def _put(self, register, value):
        self._one[0] = value
        self._i2c.writeto_mem(self._addr, register, self._one)
