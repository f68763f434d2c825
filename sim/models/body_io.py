"""What the wearer's body touches: the hidden button and the vibration motor."""


class Button:
    """A switch to 3.3 V (or to ground when `active_level` is 0), with bounce on request."""

    def __init__(self, world, line, active_level):
        self._world = world
        self._line = line
        self._active_level = active_level
        line.drive(1 - active_level)

    def down(self):
        """Close the switch."""
        self._set(True)

    def up(self):
        """Open the switch."""
        self._set(False)

    def press(self, ms):
        """Down now, up `ms` later."""
        self.down()
        self._world.after(int(ms * 1000), self.up)

    def bounce(self, closed, times=4, us=800):
        """Settle on `closed` after `times` short contacts of `us` microseconds."""
        for i in range(2 * times):
            self._world.after(i * us, self.down if (i % 2 == 0) == closed else self.up)
        self._world.after(2 * times * us, self.down if closed else self.up)

    def _set(self, closed):
        level = self._active_level if closed else 1 - self._active_level
        if level != self._line.level:
            self._world.observe({"sos": "down" if closed else "up"})
        self._line.drive(level)


class Motor:
    """A coin motor behind a PWM pin: what the wearer feels, as duty in percent."""

    def __init__(self, world):
        self._world = world
        self._percent = 0

    def duty_u16(self, duty):
        """The PWM's duty changed."""
        percent = (duty * 100 + 32767) // 65535
        if percent != self._percent:
            self._percent = percent
            self._world.observe({"motor": percent})
