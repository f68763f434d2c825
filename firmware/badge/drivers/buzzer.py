"""A piezo buzzer on a PWM pin."""

import asyncio

# A square wave is loudest at half the period, in the units of machine.PWM.
_LOUDEST_U16 = 32768


class Buzzer:
    """Plays tones of (on_ms, off_ms, hertz); silent whenever none plays."""

    def __init__(self, pwm, loudness_percent):
        self._pwm = pwm
        self._duty_u16 = _LOUDEST_U16 * loudness_percent // 100
        pwm.duty_u16(0)

    async def play(self, tones):
        """Play the tones to their end; cancelling it is silence at once."""
        try:
            for on_ms, off_ms, hertz in tones:
                self._pwm.freq(hertz)
                self._pwm.duty_u16(self._duty_u16)
                await asyncio.sleep_ms(on_ms)
                self._pwm.duty_u16(0)
                await asyncio.sleep_ms(off_ms)
        finally:
            self._pwm.duty_u16(0)

    def is_on(self):
        """Whether the PWM runs, which a sleep would stop."""
        return self._pwm.duty_u16() != 0

    def off(self):
        """Silence, whatever was playing."""
        self._pwm.duty_u16(0)
