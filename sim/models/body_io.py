"""What touches the wearer: buttons, the lanyard's contact, motor, buzzer and light."""


class Button:
    """A switch to 3.3 V (or to ground when `active_level` is 0), observed under `name`.

    Open, it drives nothing: what the line reads then is up to resistors.
    """

    def __init__(self, world, line, active_level, name):
        self._world = world
        self._line = line
        self._active_level = active_level
        self._name = name
        self._closed = False

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
        if closed != self._closed:
            self._closed = closed
            self._world.observe({self._name: "down" if closed else "up"})
        self._line.drive(self._active_level if closed else None)


class RipContact:
    """The lanyard's contact: closed while it is attached."""

    def __init__(self, world, line, closed_level):
        self._world = world
        self._line = line
        self._closed_level = closed_level
        self._closed = True
        line.drive(closed_level)

    def turn(self, closed):
        """Close or open the contact."""
        if closed != self._closed:
            self._closed = closed
            self._world.observe({"rip": "closed" if closed else "open"})
        self._line.drive(self._closed_level if closed else None)


class PwmLoad:
    """Motor or buzzer behind a PWM pin: its duty in percent, observed under `name`."""

    def __init__(self, world, name):
        self._world = world
        self._name = name
        self._percent = 0

    def duty_u16(self, duty):
        """The PWM's duty changed."""
        percent = (duty * 100 + 32767) // 65535
        if percent != self._percent:
            self._percent = percent
            self._world.observe({self._name: percent})


class Light:
    """The status light, observed as 1 when it is lit; dark while nothing drives its pin."""

    def __init__(self, world, line, active_level):
        self._world = world
        self._active_level = active_level
        line.drive(1 - active_level)
        line.listen(self._on_level)

    def _on_level(self, level):
        self._world.observe({"led": int(level == self._active_level)})
