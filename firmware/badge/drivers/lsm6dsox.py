"""ST LSM6DSOX accelerometer (DS12814, AN5272): FIFO in continuous mode, drained in bursts.

A transfer that fails is tried again at once, and a bad word is a sample that is missing. How many
are missing is told with the sample that follows them: by the clock of the chip, of which the
factory has measured the error, and exactly by the two bits that count the words.
"""

import asyncio
import struct
from array import array
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.drivers import imu_words
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_registers import TRIES, ImuRegisters
from badge.drivers.imu_words import WORD_BYTES, convert

_FIFO_CTRL1 = const(0x07)
_FIFO_CTRL2 = const(0x08)
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_INT1_CTRL = const(0x0D)
_CTRL1_XL = const(0x10)
_CTRL3_C = const(0x12)
_CTRL5_C = const(0x14)
_CTRL9_XL = const(0x18)
_STATUS = const(0x1E)
_OUTX_L_A = const(0x28)
_FIFO_STATUS1 = const(0x3A)
_INTERNAL_FREQ_FINE = const(0x63)
_FIFO_DATA_OUT_TAG = const(0x78)

_BDU_IF_INC = const(0x44)
# INT1 high at power-up can select I3C; its reset value with I3C_disable (bit 1).
_NO_I3C = const(0xE2)
_FIFO_BYPASS = const(0)
_FIFO_CONTINUOUS = const(6)
_INT1_FIFO_TH = const(0x08)
_OVERRUN_LATCHED = const(0x08)

FIFO_WORDS = const(512)
# 32 words are 224 bytes: 5 ms at 400 kHz. A longer burst would hold up the button.
MAX_FRAMES = const(32)
# More bad words than this in a row are not noise on the wires.
_BAD_WORDS_MAX = const(32)
# Neither wearer nor healthy chip is so for so long: words all the same, size at the rail or none.
_FROZEN_S = const(3)
# How far back a loss is reckoned; what is older is long anyway.
_LOOK_BACK_MS = const(600_000)
# INTERNAL_FREQ_FINE: 0.15 % of the rate a step, which is 1.5 mHz for each Hz of it.
_FINE_MHZ_X2 = const(3)

# The self-test of AN5272: 4 g, 100 ms to settle, the mean of five samples; at 208 and not 52 Hz,
# so that what is missed meanwhile is a gap that is bridged.
_TEST_CTRL1 = const(0x58)
_TEST_SETTLE_MS = const(100)
_TEST_SAMPLES = const(5)
_TEST_POLL_MS = const(2)
_TEST_POLLS = const(20)
# 122 ug a count.
_TEST_MG_Q16 = const(7995)
_ST_XL_POSITIVE = const(0x01)

# Codes of odr_xl and bdr_xl by the rate in Hz.
_ODR_CODES = {26: 2, 52: 3, 104: 4, 208: 5}
# Full scale in g: (code of fs_xl, mg a count in Q16: 61, 122, 244 and 488 ug).
SCALES = {2: (0, 3998), 4: (2, 7995), 8: (3, 15991), 16: (1, 31982)}


class Lsm6dsox:
    """One accelerometer on an I2C bus; `read_into` allocates nothing.

    `gap`: so many samples are missing before the next one, which is `next_mg`, until
    pass_gap(). `overruns` counts overruns.
    """

    def __init__(self, i2c, addr=0x6A):
        self.chip = ImuRegisters(i2c, addr)
        self._status = bytearray(2)
        self._one = bytearray(1)
        self._buffer = bytearray(MAX_FRAMES * WORD_BYTES)
        # One view for each burst length, made once: a slice would allocate in the sample path.
        self._views = [memoryview(self._buffer)[: n * WORD_BYTES] for n in range(MAX_FRAMES + 1)]
        self._job = array("i", [0] * imu_words.JOB_WORDS)
        # The words of the buffer that are not given out yet.
        self._at = self._end = 0
        # What the FIFO held beyond them when it was last asked, and when that was.
        self._left = 0
        self._asked_ms = 0
        self._settings = ()
        self._rate_hz = 0
        self._rate_mhz = 0
        self._read_since = 0
        self._empty_at_ms = 0
        self._has_sample = False
        # Samples are missing before the next word, or may be.
        self._suspects = False
        self._missing = 0
        self._knows_slot = False
        self._bad_run = 0
        self._torn = 0
        self._is_held = False
        self.next_mg = array("H", bytes(6))
        self.gap = 0
        self.overruns = 0
        self._bad_words = 0

    def start(self, odr_hz=104, full_scale_g=16, watermark_samples=26):
        """Reset the chip and start sampling; INT1 is high while `watermark_samples` wait.

        Started again, it reckons what went missing meanwhile.
        """
        if odr_hz not in _ODR_CODES or full_scale_g not in SCALES:
            raise ValueError("odr_hz is 26, 52, 104 or 208 and full_scale_g 2, 4, 8 or 16")
        if not 1 <= watermark_samples < FIFO_WORDS:
            raise ValueError("watermark_samples is 1 to 511")
        self.chip.identify()
        self.chip.reset()
        scale_code, self._job[imu_words.J_MG_Q16] = SCALES[full_scale_g]
        odr_code = _ODR_CODES[odr_hz]
        self._settings = (
            (_CTRL9_XL, _NO_I3C),
            (_CTRL3_C, _BDU_IF_INC),
            (_FIFO_CTRL1, watermark_samples & 0xFF),
            (_FIFO_CTRL2, watermark_samples >> 8),
            (_INT1_CTRL, _INT1_FIFO_TH),
            (_CTRL1_XL, odr_code << 4 | scale_code << 2),
            (_FIFO_CTRL3, odr_code),
            (_FIFO_CTRL4, _FIFO_CONTINUOUS),
        )
        self.chip.write(_FIFO_CTRL4, _FIFO_BYPASS)
        for register, value in self._settings:
            self.chip.write(register, value)
        if not self.check():
            raise ImuError("imu.bus", "the accelerometer does not take its settings")
        self.chip.read(_INTERNAL_FREQ_FINE, self._one)
        if self._has_sample:
            self._suspect(max(0, self._due()) + self._end - self._at)
        fine = (self._one[0] ^ 0x80) - 0x80
        self._rate_hz = odr_hz
        self._rate_mhz = odr_hz * 1000 + odr_hz * fine * _FINE_MHZ_X2 // 2
        imu_words.forget(self._buffer)
        self._at = self._end = self._bad_run = self._torn = 0
        self._knows_slot = False
        self._left = 0
        self._job[imu_words.J_SAME] = self._job[imu_words.J_ODD] = 0
        self._asked_ms = ticks_ms()
        self._count_from(0)

    def faults(self):
        """How many transfers failed and how many words were bad, since the start of the badge."""
        return self.chip.faults + self._bad_words

    def check(self):
        """False when the chip has lost its settings; ImuError when it is silent or another one."""
        self.chip.identify()
        return all(self.chip.holds(register, value) for register, value in self._settings)

    def pending(self):
        """Samples waiting in the FIFO, 0 to 512; notices an overrun and estimates its loss."""
        status = self._status
        for _ in range(TRIES):
            self._asked_ms = ticks_ms()
            self.chip.read(_FIFO_STATUS1, status)
            waiting = status[0] | (status[1] & 3) << 8
            if waiting <= FIFO_WORDS:
                break
            # No chip says that: it let go of the bus half-way.
            self._bad_words += 1
        else:
            raise ImuError("imu.bus", "the accelerometer says that more waits than it can hold")
        if status[1] & _OVERRUN_LATCHED:
            # The chip keeps the newest 512 and says only that older ones are gone. One that is
            # just full is flagged too, and is not yet a loss.
            self.overruns += 1
            self._suspect(max(0, self._due() - waiting))
            self._count_from(waiting)
            self._torn = 0
        return waiting

    def pass_gap(self):
        """The gap has been dealt with: read_into() goes on with the samples after it."""
        self.gap = 0

    def read_into(self, dst, max_frames=MAX_FRAMES):
        """Give up to 32 waiting samples as milli-g in `dst` (array 'H', 3 each); returns n.

        Before samples that follow a gap it returns 0 once, with `gap` set.
        """
        if self._is_held:
            return self._give_held(dst)
        while self._at < self._end or self._fetch(max_frames):
            if self._suspects:
                if self._see_next():
                    return 0 if self.gap else self._give_held(dst)
                continue
            n = min(self._end - self._at, max_frames)
            good = self._convert(dst, n)
            if good:
                return good
            self._pass_bad_word()
        return 0

    def has_more(self):
        """Whether read_into() would give samples that waited when the chip was last asked."""
        return self._is_held or self._at < self._end or self._left > 0

    def is_frozen(self):
        """True when for 3 s no word has changed, or the size was at the rail or below 100 mg."""
        most = _FROZEN_S * self._rate_hz
        return self._job[imu_words.J_SAME] >= most or self._job[imu_words.J_ODD] >= most

    def _convert(self, dst, n):
        self._job[imu_words.J_FIRST] = self._at
        good = convert(dst, self._buffer, n, self._job)
        self._at += good
        if good:
            self._has_sample = self._knows_slot = True
            self._bad_run = 0
        return good

    def _fetch(self, max_frames):
        """Read a burst; False when nothing waits."""
        waiting = self.pending()
        if waiting < self._left and not self._torn:
            # Or the data line is held low, and all that is heard is zeros.
            self.chip.identify()
            raise ImuError("imu.reset", "the accelerometer has lost what waited in its FIFO")
        if self._torn:
            # What a transfer had taken from the FIFO before it failed is gone.
            lost = max(0, min(self._torn, self._due() - waiting))
            self._suspect(lost)
            self._read_since += lost
            self._torn = 0
        n = min(waiting, max_frames, MAX_FRAMES)
        self._left = waiting
        if n == 0:
            return False
        try:
            self.chip.i2c.readfrom_mem_into(self.chip.addr, _FIFO_DATA_OUT_TAG, self._views[n])
        except OSError as error:
            self.chip.count_fault()
            # What was heard before it failed is as good as any; the last word is not whole.
            heard = max(0, imu_words.heard(self._buffer, n) - 1)
            self._torn = n - heard
            self._at = self._left = 0
            self._end = heard
            self._read_since += heard
            if heard:
                return True
            raise ImuError("imu.bus", "reading the accelerometer's FIFO failed: %s" % error)
        self._at = 0
        self._end = n
        self._left = waiting - n
        self._read_since += n
        if self._left == 0:
            # When it was asked, not now: the next sample may have come during the transfer.
            self._count_from(0)
        return True

    def _suspect(self, missing):
        self._suspects = True
        self._missing += missing

    def _pass_bad_word(self):
        self._bad_words += 1
        self._at += 1
        self._bad_run += 1
        if self._at == self._end:
            # No good word came after them, so they may be what is heard when a chip lets go.
            tail = min(self._bad_run, self._end)
            self._missing -= tail - 1
            self._suspects = True
            self._torn += tail
            self._read_since -= tail
        else:
            self._suspect(1)
        if self._bad_run > _BAD_WORDS_MAX:
            self._bad_run = 0
            raise ImuError("imu.tag", "the FIFO holds words that are not acceleration")

    def _see_next(self):
        """Take the sample after a gap and settle how long that is; False when it is bad too."""
        slot = self._job[imu_words.J_SLOT]
        knows_slot = self._knows_slot
        if not self._convert(self.next_mg, 1):
            self._pass_bad_word()
            return False
        gap = self._missing
        if knows_slot:
            # The counter says it modulo 4, and the clock is not wrong by 2.
            off = (self._job[imu_words.J_SLOT] - 1 - slot - gap) & 3
            gap += 1 if off == 1 else -1 if off == 3 and gap else 0
        self._suspects = False
        self._missing = 0
        self._is_held = True
        self.gap = gap
        return True

    def _give_held(self, dst):
        self._is_held = False
        for axis in range(3):
            dst[axis] = self.next_mg[axis]
        return 1

    async def self_test(self):
        """By how many mg the chip moves its own proof mass on (x, y, z); start() must follow.

        DS12814 wants 50 to 1700 on each axis. Takes about 0.27 s.
        """
        self.chip.identify()
        self.chip.reset()
        self.chip.write(_CTRL3_C, _BDU_IF_INC)
        self.chip.write(_CTRL1_XL, _TEST_CTRL1)
        at_rest = await self._settled_sum()
        self.chip.write(_CTRL5_C, _ST_XL_POSITIVE)
        moved = await self._settled_sum()
        self.chip.write(_CTRL5_C, 0)
        return tuple(
            abs(after - before) * _TEST_MG_Q16 // _TEST_SAMPLES >> 16
            for before, after in zip(at_rest, moved)
        )

    async def _settled_sum(self):
        await asyncio.sleep_ms(_TEST_SETTLE_MS)
        await self._next_output()
        total = [0, 0, 0]
        for _ in range(_TEST_SAMPLES):
            for axis, raw in enumerate(await self._next_output()):
                total[axis] += raw
        return total

    async def _next_output(self):
        output = bytearray(6)
        for _ in range(_TEST_POLLS):
            await asyncio.sleep_ms(_TEST_POLL_MS)
            self.chip.read(_STATUS, self._one)
            if self._one[0] & 1:
                self.chip.read(_OUTX_L_A, output)
                return struct.unpack("<hhh", output)
        raise ImuError("imu.silent", "the accelerometer has no new sample in its self-test")

    def _due(self):
        """How many samples have come by the clock, and were not read."""
        elapsed_ms = ticks_diff(ticks_ms(), self._empty_at_ms)
        if not 0 <= elapsed_ms < _LOOK_BACK_MS:
            elapsed_ms = _LOOK_BACK_MS
        return elapsed_ms * self._rate_mhz // 1_000_000 - self._read_since

    def _count_from(self, waiting):
        self._empty_at_ms = self._asked_ms
        self._read_since = -waiting
