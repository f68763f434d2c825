"""What a modem says on its UART: at the speed of the line, with bytes lost or spoilt on demand."""

from binascii import unhexlify

# What can be done to it (sim/options/modem.py).
LINE_VERBS = ("noise", "line", "lose", "spoil")
# The chip's UART hands over about this much at a time.
_BURST = 64


class ModemLine:
    """Output of one modem; `cut()` is its loss of power.

    `before(data)` is called first; it returns the microseconds by which RI leads what is said.
    """

    def __init__(self, world, before):
        self._world = world
        self._before = before
        self._uart = None
        self._free_us = 0
        self._epoch = 0
        self._fault = None
        self.sent_bytes = 0

    def connect(self, uart):
        """The far end; its baud rate is adopted."""
        self._uart = uart

    def control(self, what, given):
        """Do one of LINE_VERBS with its arguments."""
        if what == "noise":
            self.send(unhexlify(given["hex"]))
        elif what == "line":
            self.say(given["text"].encode())
        elif what == "lose":
            self.lose_bytes(given["byte"], given["count"])
        else:
            self.spoil_bytes(given["byte"], given["count"])

    def say(self, line):
        """One line as the modem frames it."""
        self.send(b"\r\n" + line + b"\r\n")

    def send(self, data):
        """Raw bytes, each burst there when its last bit is."""
        if self._uart is None:
            return
        lead_us = self._before(data)
        data = self._faulty(data)
        epoch = self._epoch
        byte_ns = 10_000_000_000 // self._uart.baudrate
        at_us = max(self._world.now_us + lead_us, self._free_us)
        for i in range(0, len(data), _BURST):
            burst = data[i : i + _BURST]
            at_us += len(burst) * byte_ns // 1000
            self._world.at(
                at_us, lambda burst=burst: self._epoch == epoch and self._uart.deliver(burst)
            )
        self._free_us = at_us

    def quiet_us(self):
        """World time when all that was said has been heard."""
        return max(self._world.now_us, self._free_us) + 1

    def lose_bytes(self, first, count):
        """Of what is sent from now, byte `first` (from 1) and `count` in all get lost."""
        self._plan(first, count, b"")

    def spoil_bytes(self, first, count):
        """The same, but line noise makes them 0xFF."""
        self._plan(first, count, b"\xff")

    def cut(self):
        """What is not on the wire yet never will be."""
        self._epoch += 1
        self._free_us = self._world.now_us

    def _plan(self, first, count, noise):
        start = self.sent_bytes + first - 1
        self._fault = (start, start + count, noise)

    def _faulty(self, data):
        first = self.sent_bytes
        self.sent_bytes += len(data)
        if self._fault is None:
            return data
        start, end, noise = self._fault
        low, high = max(start - first, 0), min(end - first, len(data))
        if low >= high:
            return data
        return data[:low] + noise * (high - low) + data[high:]
