"""One wire between the chip and the rest of the badge: drivers, resistors, and who listens."""

_HIGH_Z = None


class Line:
    """One wire: the chip may drive it, the outside may drive it, both can listen.

    `exposed` has, by number, the outputs of all wires that a light sleep would isolate.
    """

    def __init__(self, world, number, exposed=None):
        self.number = number
        self._exposed = {} if exposed is None else exposed
        self._world = world
        self._chip = _HIGH_Z
        self._outside = _HIGH_Z
        # Whether the chip drives the wire when it is awake, and whether nothing outside holds it,
        # no driver and no resistor.
        self.is_driven = False
        self.floats = True
        self._pull = 0
        # What the wire reads: an output's level, else what drives it, else the pull.
        self.level = 0
        # The level of a short circuit, which no driver is a match for.
        self._stuck = None
        self._irq = None
        # Whether an interrupt is set on this wire.
        self.has_irq = False
        self._triggers = 0
        self._listeners = []
        self.pin = None
        # After a sleep that this pin could end it belongs to the RTC, until it is set up again.
        self.rtc = False
        # A resistor on the board: the level that it pulls to, or None.
        self.external_pull = None
        # SLP_SEL of the pad: in sleep it takes the sleep's settings, which isolate it.
        self.sleep_sel = True
        self._isolated = False
        # A high level is the wire let go.
        self.is_open_drain = False

    def drive(self, level):
        """The outside drives the wire (None lets it go); edges reach the chip's interrupt."""
        if level != self._outside:
            self._outside = level
            self._hold()
            self._change()

    def output(self, level):
        """The chip drives the wire (None makes it an input)."""
        if level != self._chip:
            self._chip = level
            is_driven = level is not _HIGH_Z
            if is_driven != self.is_driven:
                self.is_driven = is_driven
                self._expose()
            self._change()

    def pull(self, level):
        """The chip's pull resistor: 0, 1, or None for the weak default low; it makes no edge."""
        level = level or 0
        if level != self._pull:
            self._pull = level
            self.level = self._read()

    def isolate(self, isolated):
        """Light sleep takes the chip's driver from the wire, or gives it back."""
        if isolated != self._isolated:
            self._isolated = isolated
            self._change()

    def belongs_to(self, pin):
        """The machine.Pin of this wire, which its interrupts are told with; returns it."""
        self.pin = pin
        return pin

    def leave_to_rtc(self):
        """A sleep leaves the pin to the RTC."""
        self.rtc = True

    def set_up(self, is_open_drain):
        """The chip sets the pin up, which takes it back from the RTC.

        See machine_pin.c, rtc_gpio_deinit.
        """
        self.rtc = False
        self.is_open_drain = is_open_drain

    def set_up_as_input(self):
        """The same for an input, which each sleep on ext1 is followed by."""
        self.rtc = self.is_open_drain = False
        if self._chip is not _HIGH_Z:
            self.output(None)

    def set_sleep_sel(self, on):
        """Whether the pad takes the sleep's settings."""
        self.sleep_sel = on
        self._expose()

    def pull_outside(self, level):
        """A resistor on the board pulls the wire to a level."""
        self.external_pull = level
        self._hold()

    def stick(self, level):
        """A short circuit holds the wire at a level; None: it is over."""
        self._stuck = level
        self._hold()
        self._change()

    def listen(self, callback):
        """Call `callback(level)` on each change of level."""
        self._listeners.append(callback)

    def irq(self, handler, triggers):
        """The chip's soft interrupt on this wire; None switches it off."""
        self._irq = handler
        self.has_irq = handler is not None
        self._triggers = triggers

    def _expose(self):
        if self.is_driven and self.sleep_sel:
            self._exposed[self.number] = self
        else:
            self._exposed.pop(self.number, None)

    def _hold(self):
        held = self._outside is not _HIGH_Z or self.external_pull is not None
        self.floats = not held and self._stuck is None

    def _read(self):
        if self._stuck is not None:
            return self._stuck
        if self._chip is not _HIGH_Z and not self._isolated:
            return self._chip
        if self._outside is not _HIGH_Z:
            return self._outside
        return self._pull if self.external_pull is None else self.external_pull

    def _change(self):
        after = self._read()
        if self.level == after:
            return
        self.level = after
        for listener in self._listeners:
            listener(after)
        if self.rtc or self._world.asleep:
            return
        if self._irq is not None and self._triggers & (1 if after else 2):
            self._world.soft_irq(self._irq, self.pin)
