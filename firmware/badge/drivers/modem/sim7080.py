"""SIM7080G modem: power, registration, data bearer, signal and time (SIMCom AT manual V1.05)."""

import asyncio
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.drivers.modem.at import MISSED, AtError, ModemError, printable
from badge.drivers.modem.lines import cell_from_cpsi, stat_from_cereg, utc_from_cclk

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
_RADIO_MS = const(10_000)
# +CEREG and +APP PDP come by themselves, but a line can be lost on the wire: ask now and then.
_ASK_AGAIN_MS = const(5_000)
# Where another bearer waits for its turn.
_LOOK_MS = const(1_000)
# DTR low to a serial port that listens: assumption (SIM802 hardware design: about 40 ms).
_ROUSE_MS = const(60)
# What the modem was asked may have an aftermath; then it may sleep.
_REST_AFTER_MS = const(2_000)
# One that did not come back from its sleep, as when DTR is stuck, may not sleep for so long.
_AWAKE_MS = const(3_600_000)

_HOME = const(1)
_DENIED = const(3)
_ROAMING = const(5)


class Sim7080:
    """`pwrkey(1)` presses the power key, `pwrkey(0)` lets go; raises AtError and ModemError.

    `dtr(1)` lets the modem sleep between pages, or None for one that never may; `await
    cycle_rail()` takes its supply away for a second, or None where nothing can. `edrx` is what it
    asks for (edrx_request.py), or None. `is_waiting()`: an alarm waits for a network.
    """

    def __init__(
        self, at, pwrkey, apn, dtr=None, cycle_rail=None, *, edrx=None, is_waiting=lambda: True
    ):
        self.at = at
        self.edrx = edrx
        self._dtr = dtr
        self._cycle_rail = cycle_rail
        self._is_waiting = is_waiting
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
        # The +CEREG line in which a network refused it since it was registered last, or None.
        self.denied = None
        # Since when it is refused and does not search; when it was made to ask anew; and whether
        # somebody new waits.
        self._refused_ms = self._asked_ms = None
        self._is_hurried = False
        # Whether the cell may be another than `cell` has found; which one +CEREG named.
        self.moved = True
        self._named = b""
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
            self.forget()
        await self.power_on()

    def rest(self, now_ms):
        """Let the modem sleep until it is spoken to or paged, if nothing was said for a while."""
        if self._may_rest and not self._rests and self.at.idle_for_ms(now_ms) >= _REST_AFTER_MS:
            self._rests = True
            self._dtr(1)

    async def wait_registered(self, timeout_ms, feed=None, is_over=None):
        """Returns 1 (home) or 5 (roaming); raises what modem/not_registered.py finds.

        `feed()` is called every few seconds. A refusal, which may pass, is raised at the end only:
        after that time, or when `is_over()`.
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
            if left <= 0 or (is_over is not None and is_over()):
                reason = await self.why_not()
                # The next try configures it anew, which switches the radio on.
                self._configured &= reason.code != "modem.radio_off"
                raise reason
            if self.registration == _DENIED and self._asks_anew():
                await self.renew_radio()
            await self._heard(min(left, _ASK_AGAIN_MS if is_over is None else _LOOK_MS))

    async def renew_radio(self):
        """The radio off and on: it searches and registers anew."""
        self._configured = False
        await self.attempt(b"AT+CFUN=4", _RADIO_MS)
        # If this fails the next try configures it at once, and does not wait for nothing.
        await self.at.command(b"AT+CFUN=1", _RADIO_MS)
        self._configured = not self._restarted

    def _asks_anew(self):
        from badge.core.refusal import is_due  # noqa: PLC0415  seldom asked for

        now_ms = ticks_ms()
        refused_ms, asked_ms = [
            None if at_ms is None else ticks_diff(now_ms, at_ms)
            for at_ms in (self._refused_ms, self._asked_ms)
        ]
        is_new = self._is_hurried
        if not is_due(refused_ms, asked_ms, is_waiting=self._is_waiting(), is_new=is_new):
            return False
        self._refused_ms, self._asked_ms, self._is_hurried = None, now_ms, False
        return True

    def hurry(self):
        """Somebody new waits: a network that refuses is asked anew."""
        self._is_hurried = True

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

    async def pdp_down(self):
        """Ends the data bearer; `pdp_up` asks for another."""
        await self.attempt(b"AT+CNACT=0,0", _BEARER_MS)

    async def network_time(self):
        """UTC in seconds since 1970, or None if the network has not told."""
        lines = await self.at.command(b"AT+CCLK?", _COMMAND_MS, expect=b"+CCLK:")
        return utc_from_cclk(lines[0])

    async def sim_state(self):
        """What +CPIN says: READY, SIM PIN, SIM PUK ..; AtError at.error without a SIM."""
        lines = await self.at.command(b"AT+CPIN?", _COMMAND_MS, expect=b"+CPIN:")
        return lines[0][6:].strip().decode()

    async def why_not(self):
        """The ModemError that says why it is not registered (modem/not_registered.py)."""
        from badge.drivers.modem.not_registered import reason  # noqa: PLC0415  seldom asked for

        return await reason(self)

    async def granted(self):
        """What it asked for and what the network granted of saving power (modem/granted.py)."""
        from badge.drivers.modem.granted import granted  # noqa: PLC0415  seldom asked for

        return await granted(self)

    async def signal(self):
        """(RSRP in dBm, tracking area code, cell id) of the serving cell, or None without one."""
        cell = await self.cell()
        return None if cell is None else (cell.rsrp_dbm, cell.tac, cell.ci)

    async def cell(self):
        """The serving cell as a place.Cell, or None without one."""
        # Without one, or when that is not understood, +CEREG will name the next.
        self.moved = False
        lines = await self.at.command(b"AT+CPSI?", _COMMAND_MS, expect=b"+CPSI:")
        return cell_from_cpsi(lines[0])

    def forget(self):
        """What it was told is lost, or will be soon: power_on() says it again."""
        self._configured = self._may_rest = self.rings = False
        self.registration = 0
        self.denied = self._refused_ms = None
        self.moved = True

    async def _configure(self):
        """LTE-M only, the APN, and the unsolicited results that we use."""
        if self._configured:
            return
        self._restarted = False
        # A badge that was reset while it looked for satellites has left the modem off its network.
        await self.attempt(b"AT+CGNSPWR=0")
        await self.at.command(b"AT+CFUN=1", _RADIO_MS)
        for text in (
            b"ATE0",
            b"AT+CMEE=1",
            b"AT+CLTS=1",
            b"AT+CNMP=38",
            b"AT+CMNB=1",
            b'AT+CGDCONT=1,"IP","%s"' % self._apn,
            b'AT+CNCFG=0,1,"%s"' % self._apn,
            b"AT+CEREG=4",
        ):
            await self.at.command(text, _COMMAND_MS)
        await self._save_power()
        if self._restarted:
            self.forget()
        else:
            self._configured = True

    async def _save_power(self):
        """RI for every line, no light on the board, sleep by DTR: none of them is a must."""
        # Remembered without power: by PSM it would switch itself off, by eDRX hear minutes late.
        for text in (b"AT+CPSMS=0", b"AT+CNETLIGHT=0"):
            await self.attempt(text)
        if self.edrx is None:
            await self.attempt(b"AT+CEDRXS=0")
        else:
            await self.edrx.make(self)
        if await self.attempt(b"AT+CFGRI=1"):
            self.rings = True
            sleeps = self._dtr is not None and not self._overslept()
            if await self.attempt(b"AT+CSCLK=%d" % sleeps):
                self._may_rest = sleeps

    def _overslept(self):
        slept_ms = self._overslept_ms
        if slept_ms is None or 0 <= ticks_diff(ticks_ms(), slept_ms) < _AWAKE_MS:
            return slept_ms is not None
        self._overslept_ms = None
        return False

    async def attempt(self, text, timeout_ms=_COMMAND_MS):
        """Say what is no must: False when the modem refuses; AtError when it does not answer."""
        try:
            await self.at.command(text, timeout_ms)
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
        self.forget()
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

    def _on_restart(self, _line):
        self._restarted = True
        self.forget()

    def _on_missed(self, _line):
        # It may have been of another cell.
        self.moved = True
        self._news.set()

    def _on_power_down(self, _line):
        self._says_off = True

    def _on_news(self, line):
        if line.startswith(b"+CEREG:"):
            stat = stat_from_cereg(line)
            if stat is None:
                return
            self.registration = stat
            if stat != _DENIED:
                self._refused_ms = None
            elif self._refused_ms is None:
                self._refused_ms = ticks_ms()
            if stat == _DENIED:
                # A modem that was refused goes on searching, and says no more of it.
                self.denied = line
            elif stat in (_HOME, _ROAMING):
                self.denied = None
            named = line[line.find(b'"') : line.rfind(b'"')]
            if named and named != self._named:
                self._named = named
                self.moved = True
        self._news.set()
