"""SIM7080G modem: power, registration, data bearer, signal and time (SIMCom AT manual V1.05)."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core import utc
from badge.core.portable import const
from badge.drivers.modem.at import MISSED, AtError, ModemError, printable

# Long enough to switch on (1 s) and off (1.2 s).
_PWRKEY_MS = const(1_500)
_FIRST_MS = const(800)
# For the first answer after a press. One that takes longer must not be switched off again by the
# next press for ever, so the presses that follow one that was of no use get more time in turn.
_BOOT_MS = const(8_000)
_BOOTS_MS = (8_000, 8_000, 14_000, 14_000, 8_000, 8_000, 8_000, 8_000)
_DOWN_MS = const(3_000)
_POWER_TRIES = const(3)
_COMMAND_MS = const(2_000)
_BEARER_MS = const(20_000)
# +CEREG and +APP PDP come by themselves, but a line can be lost on the wire: ask now and then.
_ASK_AGAIN_MS = const(5_000)
# DTR low to a serial port that listens: assumption (SIM802 hardware design: about 40 ms).
_ROUSE_MS = const(60)
# What the modem was asked may have an aftermath; then it may sleep.
_REST_AFTER_MS = const(2_000)
# One that did not come back from its sleep, as when DTR is stuck, may not sleep for so long.
_AWAKE_MS = const(3_600_000)

_HOME = const(1)
_DENIED = const(3)
_ROAMING = const(5)

# Local time is at most 14 hours from UTC.
_QUARTERS_MAX = const(56)


class Sim7080:
    """`pwrkey(1)` presses the power key, `pwrkey(0)` lets go; raises AtError and ModemError.

    `dtr(1)` lets the modem sleep between pages, or None for one that never may; `await
    cycle_rail()` takes its supply away for a second, or None where nothing can.
    """

    def __init__(self, at, pwrkey, apn, dtr=None, cycle_rail=None):
        self.at = at
        self._dtr = dtr
        self._cycle_rail = cycle_rail
        self._may_rest = False
        self._rests = False
        self._overslept_ms = None
        self._in_vain = 0
        # Whether RI tells of every line: without that nobody may sleep while a line can come.
        self.rings = False
        self._pwrkey = pwrkey
        self._apn = apn.encode()
        self._news = asyncio.Event()
        self._configured = False
        self._restarted = False
        self._says_off = False
        self.registration = 0
        for urc in (b"+CEREG", b"+APP PDP"):
            at.on(urc, self._on_news)
        at.on(MISSED, self._on_missed)
        at.on(b"RDY", self._on_restart)
        at.on(b"NORMAL POWER DOWN", self._on_power_down)
        at.rouse_by(self._rouse)

    async def power_on(self):
        """Returns when the modem answers and is configured; in one command if it was already."""
        for _ in range(_POWER_TRIES):
            if await self.at.answers(_FIRST_MS):
                await self._notice_restart()
                return await self._configure()
            if self._may_rest:
                self._overslept_ms = ticks_ms()
            # The same key switches off a modem that is on but deaf; the next try turns it on.
            self._says_off = False
            await self._press()
            began_ms = ticks_ms()
            if await self._comes_up(_BOOTS_MS[self._in_vain]):
                # One that is slow gets as much time at once the next time.
                if ticks_diff(ticks_ms(), began_ms) < _BOOT_MS:
                    self._in_vain = 0
                return await self._configure()
            if self._says_off:
                await asyncio.sleep_ms(_DOWN_MS)
            else:
                self._in_vain = (self._in_vain + 1) % len(_BOOTS_MS)
        raise ModemError("modem.dead", "no answer after %d presses of PWRKEY" % _POWER_TRIES)

    async def _comes_up(self, timeout_ms):
        """Whether it answers; one that said that it goes off is not waited for."""
        while timeout_ms > 0 and not self._says_off:
            if await self.at.answers(min(timeout_ms, _FIRST_MS)):
                return True
            timeout_ms -= _FIRST_MS
        return False

    async def power_off(self):
        """Off, politely if it still listens."""
        try:
            await self.at.command(b"AT+CPOWD=1", _COMMAND_MS)
        except AtError:
            # "NORMAL POWER DOWN" replaces the OK; only a modem that still answers needs the key.
            if await self.at.answers(_COMMAND_MS):
                await self._press()
        await asyncio.sleep_ms(_DOWN_MS)

    async def power_cycle(self):
        """Off and on again, from its supply where that can be switched."""
        await self.power_off()
        if self._cycle_rail is not None:
            await self._cycle_rail()
            self._forget()
        await self.power_on()

    def rest(self, now_ms):
        """Let the modem sleep until it is spoken to or paged, if nothing was said for a while."""
        if self._may_rest and not self._rests and self.at.idle_for_ms(now_ms) >= _REST_AFTER_MS:
            self._rests = True
            self._dtr(1)

    async def wait_registered(self, timeout_ms, feed=None):
        """Returns 1 (home) or 5 (roaming); raises modem.denied or modem.no_network.

        `feed()` is called every few seconds.
        A network that denies may take the badge a minute later: both are raised at the end only.
        """
        started = ticks_ms()
        while True:
            if feed is not None:
                feed()
            # Asked again at any news: of a line that woke the chip the first bytes are lost.
            await self.at.command(b"AT+CEREG?", _COMMAND_MS, expect=b"+CEREG:")
            # The answer itself is none.
            self._news.clear()
            if self.registration in (_HOME, _ROAMING):
                return self.registration
            left = timeout_ms - ticks_diff(ticks_ms(), started)
            if left <= 0:
                if self.registration == _DENIED:
                    raise ModemError("modem.denied", "the network refused this SIM")
                raise ModemError("modem.no_network", "not registered in %d ms" % timeout_ms)
            await self._heard(min(left, _ASK_AGAIN_MS))

    async def pdp_up(self):
        """Brings the data bearer up; returns the IP address as text."""
        started = ticks_ms()
        asked = False
        while True:
            self._news.clear()
            lines = await self.at.command(b"AT+CNACT?", _COMMAND_MS, expect=b"+CNACT: 0,")
            fields = lines[0][10:].split(b",")
            if len(fields) < 2:
                raise AtError("at.garbage", "not a CNACT line: %s" % printable(lines[0]))
            address = fields[1].strip().strip(b'"')
            if fields[0] == b"1" and address not in (b"", b"0.0.0.0"):
                return printable(address)
            if ticks_diff(ticks_ms(), started) > _BEARER_MS:
                raise ModemError("modem.no_bearer", "no data bearer in %d ms" % _BEARER_MS)
            if not asked:
                asked = await self._ask_for_bearer(was_up=fields[0] == b"1")
            if not await self._heard(_ASK_AGAIN_MS):
                asked = False

    async def _ask_for_bearer(self, *, was_up):
        """False when the modem refuses, which may be because it is just coming or going."""
        try:
            if was_up:
                # Up without an address: hollow, and what is up cannot be asked for.
                await self.at.command(b"AT+CNACT=0,0", _BEARER_MS)
            await self.at.command(b"AT+CNACT=0,1", _BEARER_MS)
        except AtError as error:
            if error.code != "at.error":
                raise
            return False
        return True

    async def network_time(self):
        """UTC in seconds since 1970, or None if the network has not told."""
        lines = await self.at.command(b"AT+CCLK?", _COMMAND_MS, expect=b"+CCLK:")
        return utc_from_cclk(lines[0])

    async def sim_state(self):
        """What +CPIN says: READY, SIM PIN, SIM PUK ..; AtError at.error without a SIM."""
        lines = await self.at.command(b"AT+CPIN?", _COMMAND_MS, expect=b"+CPIN:")
        return lines[0][6:].strip().decode()

    async def signal(self):
        """(RSRP in dBm, tracking area code, cell id) of the serving cell, or None without one."""
        lines = await self.at.command(b"AT+CPSI?", _COMMAND_MS, expect=b"+CPSI:")
        fields = lines[0].split(b",")
        if len(fields) < 14:
            return None
        try:
            return int(fields[11]), int(fields[3].decode(), 16), int(fields[4])
        except ValueError:
            raise AtError("at.garbage", "not a CPSI line")

    async def _configure(self):
        """LTE-M only, the APN, and the unsolicited results that we use."""
        if self._configured:
            return
        apn = self._apn
        self._restarted = False
        for text in (
            b"ATE0",
            b"AT+CMEE=1",
            b"AT+CLTS=1",
            b"AT+CNMP=38",
            b"AT+CMNB=1",
            b'AT+CGDCONT=1,"IP","%s"' % apn,
            b'AT+CNCFG=0,1,"%s"' % apn,
            b"AT+CEREG=4",
        ):
            await self.at.command(text, _COMMAND_MS)
        await self._save_power()
        if self._restarted:
            self._forget()
        else:
            self._configured = True

    async def _save_power(self):
        """RI for every line, no light on the board, sleep by DTR: none of them is a must."""
        # Remembered by the modem over a loss of power: with the first it would switch itself off
        # (PSM), with the second hear a receipt minutes late (eDRX).
        for text in (b"AT+CPSMS=0", b"AT+CEDRXS=0", b"AT+CNETLIGHT=0"):
            await self._try(text)
        if await self._try(b"AT+CFGRI=1"):
            self.rings = True
            sleeps = self._dtr is not None and not self._overslept()
            if await self._try(b"AT+CSCLK=%d" % sleeps):
                self._may_rest = sleeps

    def _overslept(self):
        slept_ms = self._overslept_ms
        if slept_ms is None or 0 <= ticks_diff(ticks_ms(), slept_ms) < _AWAKE_MS:
            return slept_ms is not None
        self._overslept_ms = None
        return False

    async def _try(self, text):
        """False when the modem refuses; raises AtError when it does not answer."""
        try:
            await self.at.command(text, _COMMAND_MS)
        except AtError as error:
            if error.code != "at.error":
                raise
            return False
        return True

    async def _notice_restart(self):
        """A modem that started again while nobody listened has forgotten what RI is for."""
        if self._overslept_ms is not None and not self._overslept():
            # It may try again.
            self._configured = False
        if self._configured and self.rings:
            lines = await self.at.command(b"AT+CFGRI?", _COMMAND_MS, expect=b"+CFGRI:")
            if lines[0][7:].strip() != b"1":
                self._on_restart(lines[0])

    async def _rouse(self):
        if self._rests:
            self._rests = False
            self._dtr(0)
            await asyncio.sleep_ms(_ROUSE_MS)

    async def _press(self):
        self._forget()
        self._pwrkey(1)
        try:
            await asyncio.sleep_ms(_PWRKEY_MS)
        finally:
            self._pwrkey(0)

    async def _heard(self, timeout_ms):
        try:
            await asyncio.wait_for_ms(self._news.wait(), timeout_ms)
        except asyncio.TimeoutError:
            return False
        self._news.clear()
        return True

    def _forget(self):
        self._configured = False
        self._may_rest = False
        self.rings = False
        self.registration = 0

    def _on_restart(self, _line):
        self._restarted = True
        self._forget()

    def _on_missed(self, _line):
        self._news.set()

    def _on_power_down(self, _line):
        self._says_off = True

    def _on_news(self, line):
        if line.startswith(b"+CEREG:"):
            stat = stat_from_cereg(line)
            if stat is None:
                return
            self.registration = stat
        self._news.set()


def stat_from_cereg(line):
    """<stat> of a +CEREG line, solicited (<n>,<stat>,..) or not (<stat>,..); None if neither."""
    fields = line[7:].strip().split(b",")
    # After the <stat> of an unsolicited line comes the tracking area code in quotes, or nothing.
    stat = fields[1] if len(fields) > 1 and fields[1].isdigit() else fields[0]
    return int(stat) if stat.isdigit() and len(stat) == 1 else None


def utc_from_cclk(line):
    """UTC seconds of +CCLK: "yy/MM/dd,hh:mm:ss+zz" (local time, zz quarter hours), or None."""
    text = line[6:].strip().strip(b'"')
    numbers = [text[i : i + 2] for i in range(0, 20, 3)]
    if len(text) != 20 or text[17:18] not in (b"+", b"-"):
        return None
    if not all(n.isdigit() for n in numbers):
        return None
    year, month, day, hour, minute, second, quarters = [int(n) for n in numbers]
    # The chip counts from 1980 ("80/01/06") until the network has told it the time.
    if not 24 <= year < 80 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    local_s = utc.from_civil(2000 + year, month, day, hour, minute, second)
    if utc.to_civil(local_s)[:5] != (2000 + year, month, day, hour, minute):
        return None
    if quarters > _QUARTERS_MAX:
        return None
    return local_s + (-900 if text[17:18] == b"+" else 900) * quarters
