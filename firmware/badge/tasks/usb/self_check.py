"""What the badge can find out about itself while it stays armed: facts, one part at a time.

The verdicts are the reader's (`nabij doctor`), who can also tell a person what to do.
"""

import asyncio
import os
from array import array
from time import ticks_diff, ticks_ms

from badge.core.codec import usb_protocol
from badge.core.portable import const
from badge.drivers.chip_errors import ImuError
from badge.storage import files

_IMU_TEST_MS = const(5_000)
# Anyone on USB may ask for it, and it makes fall detection begin anew.
_IMU_AGAIN_MS = const(30_000)
_REST_SAMPLES = const(208)
_RATE_MS = const(4_000)
_BURST_MS = const(2_000)
_STEP_MS = const(5)
_SETTLED_MS = const(20)
_MOST_BURSTS = const(20)
_MODEM_MS = const(2_000)
_PROBE_BYTES = const(256)
# Of +CEREG: at home, roaming.
_REGISTERED = (1, 5)


class SelfCheck:
    """Each check is `await check(name)` and gives a dict; `parts` are the badge's Parts.

    Only the accelerometer's own test costs protection, of 0.3 s: it is refused while an
    alarm is open. The buttons, and all that an SOS needs, are never touched.
    """

    def __init__(self, parts):
        common = parts.base.common
        self._gate = common.gate
        self._feel = common.feel
        self._clock = common.clock
        self._log = common.log
        self._board = parts.base.board
        self._directory = parts.base.directory
        self._motion = parts.body.motion
        self._ring = parts.body.ring
        self._is_held = parts.buttons.is_held
        self._keeper = parts.alarms.keeper
        self._journal = parts.alarms.journal
        self._updater = parts.updater
        self._radio = radio = parts.radio
        self._errors = (ImuError,) if radio is None else radio.bearer.errors + (ImuError,)  # noqa: RUF005
        # Without a radio: why there is none.
        self._unused = {"failed": "modem.unused", "why": "the badge is not provisioned"}
        if parts.alarms.who is not None:
            self._unused = {"failed": "link.none", "why": "no network is configured"}
        self._imu_tested_ms = None
        self._checks = {
            "imu": self._imu,
            "noise": self._noise,
            "rate": self._rate,
            "button": self._button,
            "motor": self._motor,
            "modem": self._modem,
            "sim": self._sim,
            "network": self._network,
            "wlan": self._wlan,
            "gnss": self._gnss,
            "link": self._link,
            "sms": self._sms,
            "flash": self._flash,
            "clock": self._time,
            "slots": self._slots,
        }

    async def check(self, name):
        """The facts about one part; {"failed": code} when they could not be had."""
        try:
            return await self._checks[name]()
        except self._errors as error:
            return {"failed": error.code, "why": str(error)[:200]}
        except OSError as error:
            return {"failed": "flash.failed", "why": str(error)}

    async def asked(self, request):
        """The verb selftest."""
        name = usb_protocol.field(request, "check", str)
        if name not in self._checks:
            raise usb_protocol.UsbError(
                "selftest.unknown", "This firmware has no check '%s'." % name
            )
        return await self.check(name)

    async def _imu(self):
        if self._keeper.under_way():
            return {"failed": "selftest.alarm", "why": "an alarm is open"}
        now_ms = ticks_ms()
        tested_ms = self._imu_tested_ms
        if tested_ms is not None and 0 <= ticks_diff(now_ms, tested_ms) < _IMU_AGAIN_MS:
            return {"failed": "selftest.soon", "why": "it was tested a moment ago"}
        self._imu_tested_ms = now_ms
        self._log.event("selftest", check="imu")
        moved_mg = list(await self._motion.self_test(_IMU_TEST_MS))
        return {"moved_mg": moved_mg, "chip": self._board.IMU}

    async def _noise(self):
        """Mean and spread (highest less lowest) of each axis over the last two seconds."""
        await asyncio.sleep_ms(_REST_SAMPLES * 1000 // 104)
        samples = array("H", bytes(6 * _REST_SAMPLES))
        n = self._ring.copy_last(samples, _REST_SAMPLES)
        if not n:
            return {"failed": "imu.silent", "why": "no samples"}
        mean_mg, spread_mg = [], []
        for axis in range(3):
            values = [(samples[i] ^ 0x8000) - 0x8000 for i in range(axis, 3 * n, 3)]
            mean_mg.append(sum(values) // n)
            spread_mg.append(max(values) - min(values))
        return {"mean_mg": mean_mg, "spread_mg": spread_mg, "samples": n}

    async def _rate(self):
        """Samples against the badge's clock, from burst to burst."""
        first, began_ms = await self._next_burst()
        lost = self._ring.lost
        await asyncio.sleep_ms(_RATE_MS)
        last, ended_ms = await self._next_burst()
        took_ms = ticks_diff(ended_ms, began_ms)
        rate_mhz = (last - first) * 1_000_000 // took_ms
        lost = self._ring.lost - lost
        return {"rate_mhz": rate_mhz, "lost": lost, "chip": self._board.IMU}

    async def _next_burst(self):
        count = self._ring.count
        began_ms = ticks_ms()
        while self._ring.count == count:
            if ticks_diff(ticks_ms(), began_ms) > _BURST_MS:
                raise ImuError("imu.silent", "no samples for %d ms" % _BURST_MS)
            await asyncio.sleep_ms(_STEP_MS)
        # What was late comes in several bursts; those of a low watermark never pause.
        for _ in range(_MOST_BURSTS):
            count = self._ring.count
            await asyncio.sleep_ms(_SETTLED_MS)
            if self._ring.count == count:
                break
        return self._ring.count, ticks_ms()

    async def _button(self):
        return {"pressed": self._is_held()}

    async def _motor(self):
        self._feel("SELF_TEST")
        return {"pulses": 6}

    def _lacks_modem(self):
        if "modem" not in self._board.UPLINKS:
            return {"failed": "modem.none", "why": "this board has no modem"}
        return self._unused if self._radio is None else None

    async def _modem(self):
        lacks = self._lacks_modem()
        return lacks or {"answers": await self._radio.bearer.modem.at.answers(_MODEM_MS)}

    async def _sim(self):
        lacks = self._lacks_modem()
        return lacks or {"state": await self._radio.bearer.modem.sim_state()}

    async def _wlan(self):
        """What is received of the access point while it is the way to the receiver."""
        if "wlan" not in self._board.UPLINKS:
            return {"failed": "wlan.none", "why": "this board has no WLAN"}
        if self._radio is None:
            return self._unused
        bearer = self._radio.bearer
        signal = await bearer.signal() if bearer.name == "wlan" else None
        return {"in_use": bearer.name == "wlan", "rssi_dbm": None if signal is None else signal[0]}

    async def _gnss(self):
        """Whether a satellite receiver of its own speaks; that of the modem is never tried."""
        if not self._board.HAS_GNSS:
            return {"failed": "gnss.none", "why": "this board has none of its own"}
        if self._radio is None:
            return self._unused
        if self._radio.gnss is None:
            return {"failed": "gnss.off", "why": "the settings have it off"}
        return await self._radio.gnss.check()

    async def _network(self):
        lacks = self._lacks_modem()
        if lacks:
            return lacks
        modem = self._radio.bearer.modem
        cell = await modem.signal()
        rsrp_dbm, area, cell_id = (None, None, None) if cell is None else cell
        found = {
            "registration": modem.registration,
            "rsrp_dbm": rsrp_dbm,
            "area": area,
            "cell": cell_id,
        }
        if modem.registration not in _REGISTERED:
            reason = await modem.why_not()
            found["reason"], found["why"] = reason.code, str(reason)[:200]
        else:
            found.update(await modem.granted())
        return found

    async def _link(self):
        """The badge's own session with the receiver, which is TLS with both certificates."""
        if self._radio is None:
            return self._unused
        link = self._radio.link
        return {"up": link.is_up, "took_ms": link.took_ms, "last_failure": link.last_failure}

    async def _sms(self):
        """Whether a test by SMS has passed on this SIM; it costs a message, so none is sent."""
        lacks = self._lacks_modem()
        if lacks:
            return lacks
        task = self._radio.sms
        return {"state": "off"} if task is None else task.status()

    async def _flash(self):
        """Room, a small file written and read back, and how the journal of alarms is."""
        block, blocks, free = files.room(self._directory)
        path = self._directory + "selftest"
        data = os.urandom(_PROBE_BYTES)
        await self._gate.wait_open()
        self._gate.begin()
        try:
            files.replace(path, data)
            same = files.read(path) == data
            files.remove(path)
        finally:
            self._gate.end()
        return {
            "free_bytes": block * free,
            "size_bytes": block * blocks,
            "reads_back": same,
            "journal_ready": self._journal.primed,
        }

    async def _time(self):
        return {"utc_s": self._clock.utc_s()}

    async def _slots(self):
        return self._updater.status()
