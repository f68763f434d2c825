"""Text messages of a SIM7080 (SIMCom AT manual V1.05, 4.2; 3GPP TS 27.005)."""

from badge.core.codec import sms_pdu
from badge.core.codec.cbor import WireError
from badge.core.portable import const
from badge.drivers.modem.at import MISSED, AtError, ModemError

_COMMAND_MS = const(2_000)
# The manual's longest for CMGS. The modem takes no other command meanwhile.
SEND_MS = const(60_000)
_READ_MS = const(5_000)
# A PDU of the longest: 12 + 18 + 140 octets.
_LINE_MAX = const(352)
# So many are read at once: whoever knows the number can fill the store.
_MOST = const(8)
_CTRL_Z = b"\x1a"
_DIGITS = b"0123456789"
_HEX = b"0123456789ABCDEFabcdef"
# An ICCID has 19 or 20 digits (ITU-T E.118), some cards an F at the end.
_CARD_LEAST = const(18)


class Sms:
    """Sends, reads and deletes; `news()` when one may have come. Raises AtError and ModemError.

    It needs a modem that is on: who switches it on is the bearer alone (lte_m.py).
    """

    def __init__(self, at, news):
        self._at = at
        at.widen(_LINE_MAX)
        for urc in (b"+CMTI", MISSED):
            at.on(urc, self._on_news)
        self._news = news

    async def card(self):
        """The number of the SIM (ICCID) in digits; at.error without one."""
        lines = await self._at.command(b"AT+CCID", _COMMAND_MS, expect=b"")
        for line in lines:
            number = line[6:].strip() if line.startswith(b"+CCID:") else line
            number = number.strip(b'"Ff')
            if len(number) >= _CARD_LEAST and not number.strip(_DIGITS):
                return number.decode()
        raise AtError("at.garbage", "no number of a SIM in answer to AT+CCID")

    async def send(self, number, text, most_ms=SEND_MS):
        """The network has taken it when this returns; at the prompt, after `most_ms` at most.

        modem.sms_not_ready: not tried; at.error: refused; at.timeout: nobody knows; at.garbage:
        taken, and the line that says so was lost.
        """
        await self._prepare(b"AT+CMGF=1")
        # What the SIM and the modem begin with is the same: one that refuses is used as it is.
        await self._try(b'AT+CSCS="GSM"')
        await self._try(b"AT+CSMP=17,167,0,0")
        command = b'AT+CMGS="%s"' % number.encode()
        data = text.encode() + _CTRL_Z
        try:
            await self._at.command(command, most_ms, expect=b"+CMGS:", data=data)
        except AtError as error:
            # Whose number it is, is nobody's business who reads the log.
            raise AtError(error.code, str(error).split(": ", 1)[1].replace(number, ".."))

    async def listen(self, on):
        """Have the modem tell of each message that comes, or of none."""
        # One that refuses is asked for its store now and then.
        await self._try(b"AT+CNMI=2,1" if on else b"AT+CNMI=0,0")

    async def take(self, hear):
        """Read what lies in the store, call `hear(text)`, delete it; how many may be left."""
        await self._prepare(b"AT+CMGF=0")
        used = await self._used()
        if not used:
            return 0
        lines = await self._at.command(b"AT+CMGL=4", _READ_MS, expect=b"+CMGL:")
        places = [line[6:].split(b",")[0].strip() for line in lines]
        places = [place for place in places if place and not place.strip(_DIGITS)]
        for place in places[:_MOST]:
            text = await self._read(place)
            if text is not None:
                hear(text)
            await self._try(b"AT+CMGD=" + place)
        return max(used - _MOST, 0)

    async def _used(self):
        # Where what comes is put, and how much lies there.
        lines = await self._at.command(b'AT+CPMS="SM","SM","SM"', _COMMAND_MS, expect=b"+CPMS:")
        count = lines[0][6:].split(b",")[0].strip()
        if not count or count.strip(_DIGITS):
            raise AtError("at.garbage", "no count in answer to AT+CPMS")
        return int(count)

    async def _read(self, place):
        try:
            lines = await self._at.command(b"AT+CMGR=" + place, _READ_MS, expect=b"")
        except AtError as error:
            if error.code == "at.timeout":
                raise
            return None
        for line in lines:
            if not line.strip(_HEX):
                try:
                    return sms_pdu.decode(line)
                except WireError:
                    return None
        return None

    async def _prepare(self, text):
        try:
            await self._at.command(text, _COMMAND_MS)
        except AtError as error:
            if error.code != "at.error":
                raise
            # The card takes its time after the start ("SMS Ready").
            raise ModemError("modem.sms_not_ready", str(error))

    async def _try(self, text):
        try:
            await self._at.command(text, _COMMAND_MS)
        except AtError as error:
            if error.code != "at.error":
                raise

    def _on_news(self, _line):
        self._news()
