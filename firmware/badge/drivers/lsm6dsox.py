"""ST LSM6DSOX accelerometer (DS12814, AN5272): its registers, its continuous FIFO, its test.

ImuFifo drains it. The factory has measured the error of its clock, and two bits count its words.
"""

import asyncio
import struct
from time import sleep_us

from badge.core.portable import const
from badge.drivers import imu_words
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_registers import ImuRegisters

_WHO_AM_I = const(0x0F)
_IDENTITY = const(0x6C)
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

_SW_RESET = const(0x01)
# A software reset takes 50 us.
_RESET_POLL_US = const(100)
_RESET_POLLS = const(50)
# Tag sensor 2 is the accelerometer, not compressed (AN5272, FIFO_DATA_OUT_TAG); of the rest of
# the tag the counter and its parity are no part of it.
_TAG = const(0x10)
_TAG_MASK = const(0xF8)
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
    """One chip on an I2C bus, for an ImuFifo.

    `has_overrun`: at the last look at its level the FIFO had overrun. It skips nothing untold.
    """

    FIFO_WORDS = 512
    COUNTS_WORDS = True
    skipped = 0

    def __init__(self, i2c, addr=0x6A):
        self.registers = ImuRegisters(i2c, addr, _WHO_AM_I, _IDENTITY, "LSM6DSOX")
        self.has_overrun = False
        self._status = bytearray(2)
        self._one = bytearray(1)
        self._settings = ()

    def set_up(self, job, watermark_samples, odr_hz=104, full_scale_g=16):
        """Reset it and have it sample; says in `job` how its words are read (imu_words).

        Return its rate in Hz as it is called, and in mHz as it is.
        """
        if odr_hz not in _ODR_CODES or full_scale_g not in SCALES:
            raise ValueError("odr_hz is 26, 52, 104 or 208 and full_scale_g 2, 4, 8 or 16")
        registers = self.registers
        registers.identify()
        self._reset()
        scale_code, mg_q16 = SCALES[full_scale_g]
        imu_words.reads(job, mg_q16, _TAG, _TAG_MASK, 1)
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
        registers.write(_FIFO_CTRL4, _FIFO_BYPASS)
        for register, value in self._settings:
            registers.write(register, value)
        registers.read(_INTERNAL_FREQ_FINE, self._one)
        fine = (self._one[0] ^ 0x80) - 0x80
        return odr_hz, odr_hz * 1000 + odr_hz * fine * _FINE_MHZ_X2 // 2

    def check(self):
        """False when it has lost its settings; ImuError when it is silent or another one."""
        self.registers.identify()
        return all(self.registers.holds(register, value) for register, value in self._settings)

    def level(self):
        """How many words wait, 0 to 512; more is what no chip says."""
        status = self._status
        self.registers.read(_FIFO_STATUS1, status)
        self.has_overrun = bool(status[1] & _OVERRUN_LATCHED)
        return status[0] | (status[1] & 3) << 8

    def burst(self, view, words):
        """Fill `view` with so many words; return how many those are. OSError of the bus."""
        self.registers.i2c.readfrom_mem_into(self.registers.addr, _FIFO_DATA_OUT_TAG, view)
        return words

    async def self_test(self):
        """By how many mg the chip moves its own proof mass on (x, y, z); start() must follow.

        DS12814 wants 50 to 1700 on each axis. Takes about 0.27 s.
        """
        self.registers.identify()
        self._reset()
        self.registers.write(_CTRL3_C, _BDU_IF_INC)
        self.registers.write(_CTRL1_XL, _TEST_CTRL1)
        at_rest = await self._settled_sum()
        self.registers.write(_CTRL5_C, _ST_XL_POSITIVE)
        moved = await self._settled_sum()
        self.registers.write(_CTRL5_C, 0)
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
            self.registers.read(_STATUS, self._one)
            if self._one[0] & 1:
                self.registers.read(_OUTX_L_A, output)
                return struct.unpack("<hhh", output)
        raise ImuError("imu.silent", "the accelerometer has no new sample in its self-test")

    def _reset(self):
        """All registers as at power-up."""
        self.registers.write(_CTRL3_C, _SW_RESET)
        for _ in range(_RESET_POLLS):
            sleep_us(_RESET_POLL_US)
            self.registers.read(_CTRL3_C, self._one)
            if not self._one[0] & _SW_RESET:
                return
        raise ImuError("imu.bus", "the accelerometer does not come out of its reset")
