"""Satellite receiver of the SIM7080G, which works only while its LTE does not (GNSS note V1.02).

Both at once crash the module (LilyGo-T-SIM7080G#91). AT+CFUN=4 is the switch, and not 0.
"""

from badge.core.codec import cgnsinf
from badge.core.codec.place import SATELLITES
from badge.core.portable import const
from badge.drivers.modem.at import AtError

_COMMAND_MS = const(2_000)
# To leave the network politely.
_RADIO_MS = const(10_000)


class ModemGnss:
    """Of a Sim7080; `antenna(on)` feeds the antenna, or None where it needs nothing.

    Raises AtError. What was left on is ended by the modem's next power_on().
    """

    source = SATELLITES
    errors = (AtError,)

    def __init__(self, modem, antenna=None):
        self._modem = modem
        self._antenna = antenna

    async def start(self):
        """Off the network, and the receiver on."""
        at = self._modem.at
        # From here on whoever brings the modem up configures it anew: that ends this too.
        self._modem.forget()
        await at.command(b"AT+CFUN=4", _RADIO_MS)
        # GPS and Galileo. It is kept, and counts from the next start of the modem on.
        await self._modem.attempt(b"AT+CGNSMOD=1,0,0,1,0")
        self._feed_antenna(True)
        await at.command(b"AT+CGNSPWR=1", _COMMAND_MS)

    async def fix(self):
        """What it reports now as a Fix, or None while it says that it has none."""
        lines = await self._modem.at.command(b"AT+CGNSINF", _COMMAND_MS, expect=b"+CGNSINF:")
        try:
            return cgnsinf.fix_of(lines[0])
        except ValueError as error:
            raise AtError("at.garbage", str(error))

    async def stop(self):
        """The receiver off; the network comes with the modem's next power_on()."""
        self._feed_antenna(False)
        await self._modem.at.command(b"AT+CGNSPWR=0", _COMMAND_MS)

    def _feed_antenna(self, on):
        if self._antenna is not None:
            self._antenna(on)
