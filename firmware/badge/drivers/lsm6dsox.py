"""ST LSM6DSOX accelerometer (DS12814, AN5272): FIFO in continuous mode, drained in bursts."""

import asyncio
import struct
from time import sleep_us, ticks_diff, ticks_ms

from badge.core.portable import const, micropython, ptr8, ptr16

_FIFO_CTRL1 = const(0x07)
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_INT1_CTRL = const(0x0D)
_WHO_AM_I = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL3_C = const(0x12)
_CTRL5_C = const(0x14)
_STATUS = const(0x1E)
_OUTX_L_A = const(0x28)
_FIFO_STATUS1 = const(0x3A)
_FIFO_DATA_OUT_TAG = const(0x78)

_IDENTITY = const(0x6C)
_SW_RESET = const(0x01)
_BDU_IF_INC = const(0x44)
_FIFO_BYPASS = const(0)
_FIFO_CONTINUOUS = const(6)
_INT1_FIFO_TH = const(0x08)
_OVERRUN_LATCHED = const(0x08)

FIFO_WORDS = const(512)
_WORD_BYTES = const(7)
# 32 words are 224 bytes: 5 ms at 400 kHz. A longer burst would hold up the button.
MAX_FRAMES = const(32)
# DS12814: a software reset takes 50 us.
_RESET_POLL_US = const(100)
_RESET_POLLS = const(50)

# The self-test of AN5272: 52 Hz, 4 g, 100 ms to settle, the mean of five samples.
_TEST_CTRL1 = const(0x38)
_TEST_SETTLE_MS = const(100)
_TEST_SAMPLES = const(5)
_TEST_PERIOD_MS = const(19)
_TEST_POLLS = const(10)
# 122 ug a count.
_TEST_MG_Q16 = const(7995)
_ST_XL_POSITIVE = const(0x01)

# Codes of odr_xl and bdr_xl by the rate in Hz.
_ODR_CODES = {26: 2, 52: 3, 104: 4, 208: 5}
# Full scale in g: (code of fs_xl, mg a count in Q16: 61, 122, 244 and 488 ug).
SCALES = {2: (0, 3998), 4: (2, 7995), 8: (3, 15991), 16: (1, 31982)}


class ImuError(Exception):
    """The accelerometer failed: `imu.absent`, `imu.identity`, `imu.bus`, `imu.tag`."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


@micropython.viper
def convert(dst: ptr16, words: ptr8, n: int, mg_q16: int) -> int:
    """Turn n FIFO words into milli-g, rounded to nearest; returns how many were acceleration."""
    i = 0
    while i < n:
        word = i * 7
        # Tag sensor 2 is the accelerometer, not compressed (AN5272, FIFO_DATA_OUT_TAG).
        if (int(words[word]) >> 3) != 2:
            return i
        at = i * 3
        axis = 0
        while axis < 3:
            low = word + 1 + (axis << 1)
            raw = int(words[low]) | (int(words[low + 1]) << 8)
            raw = (raw ^ 0x8000) - 0x8000
            dst[at + axis] = ((raw * mg_q16 + 0x8000) >> 16) & 0xFFFF
            axis += 1
        i += 1
    return i


class Lsm6dsox:
    """One accelerometer on an I2C bus; `read_into` allocates nothing."""

    def __init__(self, i2c, addr=0x6A):
        self._i2c = i2c
        self._addr = addr
        self._status = bytearray(2)
        self._one = bytearray(1)
        self._buffer = bytearray(MAX_FRAMES * _WORD_BYTES)
        # One view for each burst length, made once: a slice would allocate in the sample path.
        self._views = [memoryview(self._buffer)[: n * _WORD_BYTES] for n in range(MAX_FRAMES + 1)]
        self._rate_hz = 0
        self._mg_q16 = 0
        self._read_since = 0
        self._empty_at_ms = 0
        self._lost = 0
        self.overruns = 0

    def start(self, odr_hz=104, full_scale_g=16, watermark_samples=26):
        """Reset the chip and start sampling; INT1 is high while `watermark_samples` wait."""
        if odr_hz not in _ODR_CODES or full_scale_g not in SCALES:
            raise ValueError("odr_hz is 26, 52, 104 or 208 and full_scale_g 2, 4, 8 or 16")
        if not 1 <= watermark_samples < FIFO_WORDS:
            raise ValueError("watermark_samples is 1 to 511")
        self._identify()
        self._reset()
        scale_code, self._mg_q16 = SCALES[full_scale_g]
        odr_code = _ODR_CODES[odr_hz]
        self._write(_CTRL3_C, _BDU_IF_INC)
        self._write(_FIFO_CTRL4, _FIFO_BYPASS)
        self._write(_FIFO_CTRL1, watermark_samples & 0xFF, watermark_samples >> 8)
        self._write(_INT1_CTRL, _INT1_FIFO_TH)
        self._write(_CTRL1_XL, odr_code << 4 | scale_code << 2)
        self._write(_FIFO_CTRL3, odr_code)
        self._write(_FIFO_CTRL4, _FIFO_CONTINUOUS)
        self._rate_hz = odr_hz
        self._lost = 0
        self._mark_empty()

    def pending(self):
        """Samples waiting in the FIFO, 0 to 512; notices an overrun and estimates its loss."""
        status = self._status
        self._read(_FIFO_STATUS1, status)
        waiting = status[0] | (status[1] & 3) << 8
        if status[1] & _OVERRUN_LATCHED:
            self._note_overrun(waiting)
        return waiting

    def read_into(self, dst, max_frames=MAX_FRAMES):
        """Read up to 32 waiting samples as milli-g into `dst` (array 'H', 3 each); returns n."""
        waiting = self.pending()
        n = min(waiting, max_frames, MAX_FRAMES)
        if n == 0:
            return 0
        self._read(_FIFO_DATA_OUT_TAG, self._views[n])
        good = convert(dst, self._buffer, n, self._mg_q16)
        if good != n:
            raise ImuError("imu.tag", "the FIFO holds a word that is not acceleration")
        self._read_since += n
        if n == waiting:
            self._mark_empty()
        return n

    def take_lost(self):
        """Samples lost to overruns since the last call, estimated from the clock."""
        lost = self._lost
        self._lost = 0
        return lost

    async def self_test(self):
        """By how many mg the chip moves its own proof mass on (x, y, z); start() must follow.

        DS12814 wants 50 to 1700 on each axis. Takes about half a second.
        """
        self._identify()
        self._reset()
        self._write(_CTRL3_C, _BDU_IF_INC)
        self._write(_CTRL1_XL, _TEST_CTRL1)
        at_rest = await self._settled_sum()
        self._write(_CTRL5_C, _ST_XL_POSITIVE)
        moved = await self._settled_sum()
        self._write(_CTRL5_C, 0)
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
            await asyncio.sleep_ms(_TEST_PERIOD_MS // 2)
            self._read(_STATUS, self._one)
            if self._one[0] & 1:
                self._read(_OUTX_L_A, output)
                return struct.unpack("<hhh", output)
        raise ImuError("imu.silent", "the accelerometer has no new sample in its self-test")

    def _mark_empty(self):
        self._empty_at_ms = ticks_ms()
        self._read_since = 0

    def _note_overrun(self, waiting):
        # The chip keeps the newest 512 and says only that older ones are gone: what should have
        # come since the FIFO was last empty, less what was read and what still waits, is lost.
        self.overruns += 1
        elapsed_ms = ticks_diff(ticks_ms(), self._empty_at_ms)
        due = elapsed_ms * self._rate_hz // 1000
        # A FIFO that is just full is flagged too, and is not yet a loss.
        self._lost += max(0, due - self._read_since - waiting)
        self._empty_at_ms = ticks_ms()
        self._read_since = -waiting

    def _identify(self):
        try:
            identity = self._i2c.readfrom_mem(self._addr, _WHO_AM_I, 1)[0]
        except OSError as error:
            raise ImuError("imu.absent", "no accelerometer answers on the bus: %s" % error)
        if identity != _IDENTITY:
            raise ImuError("imu.identity", "the chip says 0x%02x, not LSM6DSOX" % identity)

    def _reset(self):
        self._write(_CTRL3_C, _SW_RESET)
        for _ in range(_RESET_POLLS):
            sleep_us(_RESET_POLL_US)
            self._read(_CTRL3_C, self._one)
            if not self._one[0] & _SW_RESET:
                return
        raise ImuError("imu.bus", "the accelerometer does not come out of its reset")

    def _read(self, register, buf):
        try:
            self._i2c.readfrom_mem_into(self._addr, register, buf)
        except OSError as error:
            raise ImuError("imu.bus", "reading the accelerometer failed: %s" % error)

    def _write(self, register, *values):
        try:
            self._i2c.writeto_mem(self._addr, register, bytes(values))
        except OSError as error:
            raise ImuError("imu.bus", "writing to the accelerometer failed: %s" % error)
