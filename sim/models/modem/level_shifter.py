"""What stands between chip and modem on the serial port: without its supply both are deaf."""


class LevelShifter:
    """The far end of the chip's UART to the modem, and the modem's to the chip."""

    def __init__(self, world, modem):
        self._world = world
        self._modem = modem
        self._uart = None
        self._is_on = True

    def connect(self, uart):
        """The chip opened its port."""
        self._uart = uart
        self._modem.connect(self)

    def supply(self, on):
        """Its own rail."""
        self._is_on = on
        self._world.observe({"rail": "port", "on": on})

    @property
    def baudrate(self):
        """The chip's, in bits a second."""
        return self._uart.baudrate

    def on_bytes(self, data):
        """The chip has sent these."""
        if self._passes(data):
            self._modem.on_bytes(data)

    def deliver(self, data):
        """The modem has."""
        if self._passes(data):
            self._uart.deliver(data)

    def _passes(self, data):
        if not self._is_on:
            self._world.observe({"modem": "port off", "lost": len(data)})
        return self._is_on
