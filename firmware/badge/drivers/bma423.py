"""Bosch BMA423 accelerometer (BST-BMA423-DS000): its registers, its FIFO with headers, its test.

ImuFifo drains it. Nothing of what needs Bosch's feature file (steps, taps, wrist tilt) is used, so
the file is not loaded: samples, FIFO and watermark do without. Of 12 bits a count is 2 mg at 4 g:
at 16 g (8 mg) the chip's own noise (1 mg) would vanish, and a still chip look like a frozen one.
"""

import asyncio
import struct
from array import array
from time import sleep_ms, sleep_us

from badge.core.portable import const
from badge.drivers import bma423_frames, imu_words
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_registers import ImuRegisters

_CHIP_ID = const(0x00)
_IDENTITY = const(0x13)
_STATUS = const(0x03)
_DATA = const(0x12)
_FIFO_LENGTH = const(0x24)
_FIFO_DATA = const(0x26)
_ACC_CONF = const(0x40)
_ACC_RANGE = const(0x41)
_FIFO_DOWNS = const(0x45)
_FIFO_WTM_LOW = const(0x46)
_FIFO_WTM_HIGH = const(0x47)
_FIFO_CONFIG_0 = const(0x48)
_FIFO_CONFIG_1 = const(0x49)
_INT1_IO_CTRL = const(0x53)
_INT_LATCH = const(0x55)
_INT_MAP_DATA = const(0x58)
_SELF_TEST = const(0x6D)
_PWR_CONF = const(0x7C)
_PWR_CTRL = const(0x7D)
_CMD = const(0x7E)

_SOFT_RESET = const(0xB6)
_FIFO_FLUSH = const(0xB0)
# As at power-up: it saves power, and hears nothing but these two registers and commands.
_PWR_CONF_AT_RESET = const(0x03)
# Out of that, registers can be set after 450 us.
_WAKE_US = const(500)
_RESET_POLLS = const(20)
_ACC_ON = const(0x04)
# Sampling all the time, in the filter's normal mode; 100 Hz.
_PERFORMANCE_NORMAL = const(0xA0)
_ODR_100_HZ = const(8)
_RATE_HZ = const(100)
_FILTERED = const(0x80)
_OVERWRITE = const(0)
_ACC_WITH_HEADERS = const(0x50)
# Push-pull, high while the FIFO holds the watermark.
_INT1_HIGH = const(0x0A)
_INT1_WATERMARK = const(0x02)
_ACC_READY = const(0x80)
_FIFO_BYTES_MASK = const(0x3F)

# The header of a frame of acceleration; a count is the fifth bit of 16.
_HEADER = const(0x84)
_HEADER_MASK = const(0xFF)
_COUNT = const(16)

# The self-test of Bosch's driver: 8 g, pushed one way and the other, 100 ms to settle.
_TEST_RANGE = const(2)
_TEST_PLUS = const(0x0D)
_TEST_MINUS = const(0x09)
_TEST_SETTLE_MS = const(100)
_TEST_SAMPLES = const(5)
_TEST_POLL_MS = const(4)
_TEST_POLLS = const(20)

# Full scale in g: (code, mg a 16-bit unit in Q16).
SCALES = {2: (0, 4000), 4: (1, 8000), 8: (2, 16000), 16: (3, 32000)}


class Bma423:
    """One chip on an I2C bus, for an ImuFifo.

    `has_overrun`: at the last look at its level the FIFO was full. `skipped`: how many samples the
    chip says it has dropped before those of the last burst.
    """

    # 1024 bytes, of which a frame takes seven.
    FIFO_WORDS = 146
    COUNTS_WORDS = False

    def __init__(self, i2c, addr=0x19):
        self.registers = ImuRegisters(i2c, addr, _CHIP_ID, _IDENTITY, "BMA423")
        self.has_overrun = False
        self.skipped = 0
        self._found = array("i", [0])
        self._length = bytearray(2)
        self._one = bytearray(1)
        self._settings = ()

    def set_up(self, job, watermark_samples, full_scale_g=4):
        """Reset it and have it sample; says in `job` how its words are read (imu_words).

        Return its rate in Hz, and in mHz as far as it is known.
        """
        if full_scale_g not in SCALES:
            raise ValueError("full_scale_g is 2, 4, 8 or 16")
        registers = self.registers
        registers.identify()
        self._reset()
        scale_code, mg_q16 = SCALES[full_scale_g]
        imu_words.reads(job, mg_q16, _HEADER, _HEADER_MASK, _COUNT)
        watermark_bytes = watermark_samples * imu_words.WORD_BYTES
        self._settings = (
            (_ACC_CONF, _PERFORMANCE_NORMAL | _ODR_100_HZ),
            (_ACC_RANGE, scale_code),
            (_FIFO_DOWNS, _FILTERED),
            (_FIFO_WTM_LOW, watermark_bytes & 0xFF),
            (_FIFO_WTM_HIGH, watermark_bytes >> 8),
            (_FIFO_CONFIG_0, _OVERWRITE),
            (_FIFO_CONFIG_1, _ACC_WITH_HEADERS),
            (_INT1_IO_CTRL, _INT1_HIGH),
            (_INT_LATCH, 0),
            (_INT_MAP_DATA, _INT1_WATERMARK),
            (_PWR_CONF, 0),
            (_PWR_CTRL, _ACC_ON),
        )
        for register, value in self._settings:
            registers.write(register, value)
        registers.write(_CMD, _FIFO_FLUSH)
        return _RATE_HZ, _RATE_HZ * 1000

    def check(self):
        """False when it has lost its settings; ImuError when it is silent or another one."""
        self.registers.identify()
        return all(self.registers.holds(register, value) for register, value in self._settings)

    def level(self):
        """How many frames wait, 0 to 146; more is what no chip says."""
        length = self._length
        self.registers.read(_FIFO_LENGTH, length)
        frames = (length[0] | (length[1] & _FIFO_BYTES_MASK) << 8) // imu_words.WORD_BYTES
        self.has_overrun = frames >= self.FIFO_WORDS - 1
        return frames

    def burst(self, view, words):
        """Fill `view` with frames of acceleration alone; return how many. OSError of the bus.

        A frame that others have pushed over the end of the burst comes again in the next one.
        """
        self.skipped = 0
        self.registers.i2c.readfrom_mem_into(self.registers.addr, _FIFO_DATA, view)
        found = self._found
        words = bma423_frames.close_up(view, words * imu_words.WORD_BYTES, found)
        self.skipped = found[0]
        return words

    async def self_test(self):
        """By how many mg the chip moves its own proof mass on (x, y, z); start() must follow.

        Bosch's driver wants at least 400, 800 and 400. Takes about 0.3 s.
        """
        registers = self.registers
        registers.identify()
        self._reset()
        registers.write(_ACC_CONF, _PERFORMANCE_NORMAL | _ODR_100_HZ)
        registers.write(_ACC_RANGE, _TEST_RANGE)
        registers.write(_PWR_CTRL, _ACC_ON)
        registers.write(_SELF_TEST, _TEST_PLUS)
        pushed = await self._settled_sum()
        registers.write(_SELF_TEST, _TEST_MINUS)
        pulled = await self._settled_sum()
        registers.write(_SELF_TEST, 0)
        _, mg_q16 = SCALES[8]
        return tuple(
            abs(one - other) * mg_q16 // _TEST_SAMPLES >> 16 for one, other in zip(pushed, pulled)
        )

    async def _settled_sum(self):
        await asyncio.sleep_ms(_TEST_SETTLE_MS)
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
            if self._one[0] & _ACC_READY:
                self.registers.read(_DATA, output)
                return struct.unpack("<hhh", output)
        raise ImuError("imu.silent", "the accelerometer has no new sample in its self-test")

    def _reset(self):
        """All registers as at power-up, and out of the saving that it begins with."""
        registers = self.registers
        registers.write(_CMD, _SOFT_RESET)
        for _ in range(_RESET_POLLS):
            # It answers nobody meanwhile.
            sleep_ms(1)
            try:
                if not registers.holds(_PWR_CONF, _PWR_CONF_AT_RESET):
                    continue
            except ImuError:
                continue
            registers.write(_PWR_CONF, 0)
            sleep_us(_WAKE_US)
            return
        raise ImuError("imu.bus", "the accelerometer does not come out of its reset")
