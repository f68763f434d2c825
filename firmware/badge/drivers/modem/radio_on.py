"""The radio of a modem whose bearer's turn ended between off and on, beside the next turn."""

from badge.core.portable import const
from badge.drivers.modem.at import AtError

_RADIO_MS = const(10_000)


async def radio_on(modem):
    """It searches on."""
    try:
        await modem.attempt(b"AT+CFUN=1", _RADIO_MS)
    except AtError:
        # Its own next turn configures it anew, which switches the radio on.
        return
