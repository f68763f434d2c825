"""A satellite receiver on a serial line (u-blox, Quectel L76, ATGM): it is only listened to."""

from time import ticks_diff, ticks_ms

from badge.core.codec.nmea import Nmea
from badge.core.codec.place import SATELLITES
from badge.core.portable import const

# What the port holds at most; at 9600 baud so much comes in two seconds.
_MOST_BYTES = const(2_048)
# A receiver speaks a second after its supply is there, and every second from then on.
_SILENT_MS = const(6_000)


class GnssError(Exception):
    """The receiver failed; `code` is gnss.silent."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class SerialGnss:
    """As ModemGnss, beside the network; `uart` its line, `power` the pin that feeds it.

    Raises GnssError. `sentences` and `heard_bytes` are those since it was switched on.
    """

    source = SATELLITES
    errors = (GnssError,)

    def __init__(self, uart, power, on_level):
        self._uart = uart
        self._power = power
        self._on_level = on_level
        self._spoke_ms = 0
        self._begin()

    @property
    def sentences(self):
        """GGA and RMC whose checksum was right."""
        return self._nmea.sentences

    async def start(self):
        """Fed from now on."""
        # What came while it had no supply is noise, or of the last window.
        self._uart.read(_MOST_BYTES)
        self._begin()
        self._power(self._on_level)

    async def fix(self):
        """What it reports now as a Fix, or None while it says that it has none."""
        before = self._nmea.sentences
        data = self._uart.read(_MOST_BYTES) or b""
        self.heard_bytes += len(data)
        found = self._nmea.hear(data)
        now_ms = ticks_ms()
        if self._nmea.sentences != before:
            self._spoke_ms = now_ms
        elif ticks_diff(now_ms, self._spoke_ms) >= _SILENT_MS:
            raise GnssError("gnss.silent", "%d bytes, and no sentence any more" % self.heard_bytes)
        return found

    async def stop(self):
        """Without its supply; never fails."""
        self.off()

    def off(self):
        """The same, for who cannot wait."""
        self._power(1 - self._on_level)

    def _begin(self):
        self._nmea = Nmea()
        self.heard_bytes = 0
        self._spoke_ms = ticks_ms()
