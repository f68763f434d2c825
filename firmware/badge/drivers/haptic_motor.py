"""A vibration motor on a PWM pin."""

import asyncio

# 100 % in the units of machine.PWM.
_FULL_U16 = 65535


class HapticMotor:
    """Plays patterns of (on_ms, off_ms, strength_percent); off whenever none plays."""

    def __init__(self, pwm):
        self._pwm = pwm
        # Both ends of each are counted, because the accelerometer beside the motor feels it.
        self.pulses = 0
        pwm.duty_u16(0)

    async def play(self, pattern):
        """Play one pattern to its end; cancelling it stops the motor at once."""
        try:
            for on_ms, off_ms, strength_percent in pattern:
                self.pulses = (self.pulses + 1) & 0xFFFF
                self._pwm.duty_u16(_FULL_U16 * strength_percent // 100)
                await asyncio.sleep_ms(on_ms)
                self._pwm.duty_u16(0)
                self.pulses = (self.pulses + 1) & 0xFFFF
                await asyncio.sleep_ms(off_ms)
        finally:
            self.off()

    def is_on(self):
        """Whether the PWM runs, which a sleep would stop."""
        return self._pwm.duty_u16() != 0

    def fails(self):
        """Whether the chip that drives it, if there is one, did not answer last."""
        return getattr(self._pwm, "fails", False)

    def off(self):
        """Still, whatever was playing."""
        self._pwm.duty_u16(0)
