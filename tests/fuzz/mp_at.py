"""Target `at`: a modem that says rubbish before, inside and instead of what it should say.

An alarm has to get through its socket as soon as the modem speaks soundly again.
"""

import asyncio

from badge.drivers.modem.at import AtChannel, AtError, ModemError
from badge.drivers.modem.modem_socket import ModemSocket
from tests.fuzz.mp_draw import drawn

ALARM = b"\x16\x03the alarm\r\nOK\r\n> \x00\xff"
RECEIPT = b"+CASTATE: 0,0\r\nthe receipt,\r\n"
# Of sockets that were begun when the modem spoke soundly again.
_TRIES = 3
_ANSWER_MS = 10_000
SAMPLES = (
    b"\r\nOK\r\n",
    b"\r\n+CADATAIND: 0\r\n",
    b"\r\n+CARECV: 30," + RECEIPT + b"\r\n\r\nOK\r\n",
    b"\r\n+CAOPEN: 0,0\r\n\r\nOK\r\n",
    b"\r\n+CMEE: 1\r\n\r\nOK\r\n",
    b"\r\n> ",
    b"\r\n+CASTATE: 0,0\r\n",
    b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n",
    b"\r\n+APP PDP: 0,DEACTIVE\r\n",
    b'\r\n+CEREG: 5,"10A0","0A4C8A26",7\r\n',
)
WORDS = (
    b"\r\n|\r|\n|OK|ERROR|+CME ERROR: 3|+CMS ERROR: 500|> |,|:|?|AT|+CMEE:|+CMEE: 1"
    b"|+CARECV: |+CARECV: 1460,|+CARECV: 0|+CAOPEN: 0,|+CAOPEN: 0,27|+CADATAIND: 0"
    b"|+CADATAIND: 1|+CASTATE: 0,1|NORMAL POWER DOWN|PSM POWER DOWN|+APP PDP: 1,ACTIVE|+APP PDP:"
).split(b"|")


def make(seed):
    """The pieces of a seed."""
    return drawn(seed, SAMPLES, WORDS)


class Modem:
    """The stream under an AtChannel: a sound modem, whose utterances the pieces spoil in turn.

    A piece goes into the utterance at an offset that it has from its own bytes, or in its place.
    """

    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.is_sound = False
        self._out = b""
        self._in = b""
        self._news = asyncio.Event()
        self._want = None
        self._is_open = False
        self._inbox = b""
        self._is_told = False
        self.got = b""

    async def readinto(self, buf):
        """What it says next."""
        while not self._out:
            self._news.clear()
            await self._news.wait()
        n = min(len(buf), len(self._out))
        buf[:n] = self._out[:n]
        self._out = self._out[n:]
        return n

    def write(self, data):
        """What it is told."""
        self._in += bytes(data)
        while self._step():
            pass

    async def drain(self):
        """At once."""

    def _say(self, line):
        if self.pieces:
            piece = self.pieces.pop(0)
            mark = sum(piece) + len(piece)
            at = 0 if mark & 3 == 0 else mark % (len(line) + 1)
            line = line[:at] + piece + (line[at:] if mark & 7 else b"")
        self._out += line
        self._news.set()

    def _step(self):
        if self._want is not None:
            if self._in[:1] == b"\x1b":
                self._in, self._want = self._in[1:], None
                self._say(b"\r\n+CME ERROR: 3\r\n")
                return True
            if len(self._in) < self._want:
                return False
            data, self._in, self._want = self._in[: self._want], self._in[self._want :], None
            self._say(b"\r\nOK\r\n")
            self._take(data)
            return True
        end = self._in.find(b"\r")
        if end < 0:
            return False
        line, self._in = self._in[:end], self._in[end + 1 :]
        at = line.find(b"AT")
        if at >= 0:
            self._do(line[at:])
        return True

    def _take(self, data):
        self.got += data
        if ALARM in self.got and not self._is_told:
            self._is_told = True
            self._inbox += RECEIPT
            self._say(b"\r\n+CADATAIND: 0\r\n")

    def _do(self, line):
        if line == b"AT+CMEE?":
            self._say(b"\r\n+CMEE: 1\r\n\r\nOK\r\n")
        elif line[:11] == b"AT+CAOPEN=0":
            self._is_open, self._is_told, self.got, self._inbox = True, False, b"", b""
            self._say(b"\r\n+CAOPEN: 0,0\r\n\r\nOK\r\n")
        elif line[:12] == b"AT+CASEND=0," and self._is_open:
            self._want = int(line[12:])
            self._say(b"\r\n> ")
        elif line[:12] == b"AT+CARECV=0," and self._is_open:
            data, self._inbox = self._inbox, b""
            head = b"\r\n+CARECV: %d" % len(data)
            self._say(head + (b"," + data if data else b"") + b"\r\n\r\nOK\r\n")
        elif line[:10] == b"AT+CACLOSE" and self._is_open:
            self._is_open = False
            self._say(b"\r\nOK\r\n")
        else:
            self._say(b"\r\n+CME ERROR: 3\r\n")


async def run(pieces):
    """Sends the alarm until its receipt is there, as the link does."""
    modem = Modem(pieces)
    at = AtChannel(modem)
    reader = asyncio.create_task(at.run())
    try:
        tries = 0
        while not await _try(at):
            # One that began in the midst of rubbish is not counted.
            tries += modem.is_sound
            assert tries < _TRIES, "no receipt over %d sockets of a sound modem" % tries
            modem.is_sound = not modem.pieces
        assert ALARM in modem.got, "a receipt of an alarm that did not arrive"
    finally:
        reader.cancel()


async def _try(at):
    sock = ModemSocket(at)
    try:
        await sock.open("receiver.example", 8883, 13_000)
        await sock.drain(_ANSWER_MS)
        if sock.write(ALARM) != len(ALARM):
            return False
        return await _has_receipt(sock)
    except (AtError, ModemError):
        return False
    finally:
        await sock.aclose()


async def _has_receipt(sock):
    got, chunk = b"", bytearray(64)
    while await sock.wait_readable(_ANSWER_MS):
        n = sock.readinto(chunk)
        if n == 0:
            return False
        got += chunk[: n or 0]
        if RECEIPT in got:
            return True
    return False
