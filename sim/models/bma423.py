"""The BMA423 accelerometer at register level (BST-BMA423-DS000): clock, FIFO with headers, INT1.

As of the LSM6DSOX, nothing happens sample by sample. A FIFO that is full drops the oldest frames
and says in a frame of its own how many; a frame that was read in part comes again. After a reset
the chip is asleep for a while, and then saves power: settings other than of its power are lost
until it was told not to. Not modelled: the features, the auxiliary bus, a FIFO that stops when it
is full, down-sampling. Its noise is white: 120 ug/sqrt(Hz), as far as the data sheet is recalled.
"""

import errno
from array import array
from math import sqrt

from micropython import const

from sim.models import noise
from sim.models.fifo_kernel import pack, to_frames
from sim.models.imu_faults import ImuFaults

_IDENTITY = const(0x13)
_FRAME = const(7)
_FIFO_BYTES = const(1024)
# Of these the skip frame takes two.
_FIFO_FRAMES = const(146)
_STATUS, _DATA, _DATA_LAST = 0x03, 0x12, 0x17
_LENGTH_LOW, _LENGTH_HIGH, _FIFO_DATA = 0x24, 0x25, 0x26
_ACC_CONF, _ACC_RANGE, _FIFO_DOWNS = 0x40, 0x41, 0x45
_WTM_LOW, _WTM_HIGH, _FIFO_CONFIG_1 = 0x46, 0x47, 0x49
_INT1_IO, _INT_MAP = 0x53, 0x58
_SELF_TEST, _PWR_CONF, _PWR_CTRL, _CMD = 0x6D, 0x7C, 0x7D, 0x7E
_SOFT_RESET, _FLUSH = 0xB6, 0xB0
_AT_RESET = ((0x00, _IDENTITY), (_ACC_CONF, 0xA8), (_ACC_RANGE, 0x01), (_FIFO_DOWNS, 0x80))
_ACC_AND_HEADERS = const(0x50)
_SKIPPED, _CONFIGURED, _NO_MORE = 0x40, 0x48, 0x80
# Assumption: a reset takes as long as power-up.
_RESET_US = const(1_500)
# What follows the end of saving must wait so long.
_WAKE_US = const(450)
# Codes 5 to 12 of the output data rate: 12.5 Hz, and twice as much each.
_FIRST_CODE, _FIRST_UHZ, _LAST_CODE = 5, 12_500_000, 12
# Counts a mg in Q24, of 12 bits, by the code of the range.
COUNTS_PER_MG_Q24 = tuple([(2048 << 24) // (g * 1000) for g in (2, 4, 8, 16)])
_DENSITY_UG = const(120)
_US_UHZ = const(1_000_000_000_000)
_REBASE_SAMPLES = const(1 << 20)


class Bma423Model:
    """As Lsm6dsoxModel; `options` are all of sim/options/imu.py."""

    def __init__(self, world, motion, int1, options):
        self._world = world
        self._motion = motion
        self._int1 = int1
        self._ppm = options["odr_ppm"]
        self._self_test_mg = options["self_test_mg"]
        self._noise_percent = options["noise_percent"]
        self.faults = ImuFaults()
        self._samples = array("H", bytes(6 * _FIFO_FRAMES))
        self._scale = array("i", [0, 0, 0, 1] + noise.table())
        self._words = bytearray(_FRAME * _FIFO_FRAMES)
        self._event = None
        self._ready_us = 0
        self._power_up()

    def read_into(self, register, buf):
        """A burst read; that of the FIFO stays at its register."""
        self._catch_up()
        if self._world.now_us < self._ready_us:
            raise OSError(errno.ENODEV)
        if register == _FIFO_DATA:
            self._read_fifo(buf)
        else:
            for i in range(len(buf)):
                buf[i] = self._read_byte((register + i) & 0x7F)
        self._settle()

    def write(self, register, data):
        """A burst write."""
        self._catch_up()
        if self._world.now_us < self._ready_us:
            raise OSError(errno.ENODEV)
        for byte in data:
            self._write_byte(register & 0x7F, byte)
            register += 1
        self._settle()

    @property
    def read_count(self):
        """How many frames have left the FIFO since the chip started, read or dropped."""
        return self._read_count

    def reset_itself(self):
        """A dip of its supply: it stops sampling and has forgotten what it was told."""
        self._world.observe({"imu": "reset"})
        self._power_up()
        self._settle()

    def stick(self, for_ms, mg=None, noisy=False):
        """As of Lsm6dsoxModel."""
        from_us = self._world.now_us
        self._catch_up()
        samples, word = array("H", bytes(6)), bytearray(_FRAME)
        if mg is None:
            self._motion.sample(samples, from_us, 1_000_000, 1)
        else:
            for axis in range(3):
                samples[axis] = mg[axis] & 0xFFFF
        self._pack(word, samples, 1)
        raw = None if noisy else bytes(word[1:])
        to_us = from_us + int(for_ms * 1000)
        self.faults.stick(from_us, to_us, raw, tuple(samples) if noisy else None)
        self._world.observe({"imu": "stuck", "for_ms": for_ms})

    def _power_up(self):
        self._registers = bytearray(128)
        for register, value in _AT_RESET:
            self._registers[register] = value
        self._registers[_PWR_CONF] = 0x03
        # Since when settings are taken; None: they are not.
        self._hears_from_us = None
        self._rate_uhz = 0
        self._epoch_us = self._world.now_us
        self._epoch_count = self._produced = 0
        self._empty()
        self._fresh = False
        self._read_count = 0
        if self._world.ledger is not None:
            self._world.ledger.set("imu", "off")

    def _empty(self):
        # Frames from this number on are in the FIFO.
        self._first = self._produced
        self._skipped = 0
        # The frame that a new configuration is announced with.
        self._is_new = False

    # The sample clock.

    def _catch_up(self):
        produced = self._epoch_count
        if self._rate_uhz:
            produced += (self._world.now_us - self._epoch_us) * self._rate_uhz // _US_UHZ
        if produced == self._produced:
            return
        self._produced = produced
        self._fresh = True
        if produced - self._epoch_count > _REBASE_SAMPLES:
            self._epoch_us = self._time_of(produced)
            self._epoch_count = produced
        lost = self._frames() - _FIFO_FRAMES
        if lost > 0:
            self._first += lost
            self._read_count += lost
            self._skipped += lost
            self._world.observe({"imu": "overrun", "lost": lost})

    def _time_of(self, count):
        """World time at which sample number `count` (from 1) exists."""
        ahead = (count - self._epoch_count) * _US_UHZ
        return self._epoch_us + (ahead + self._rate_uhz - 1) // self._rate_uhz

    def _set_rate(self):
        registers = self._registers
        code = registers[_ACC_CONF] & 0x0F
        rate_uhz = 0
        if registers[_PWR_CTRL] & 0x04:
            if not _FIRST_CODE <= code <= _LAST_CODE:
                raise ValueError("The model has no output data rate with code %d." % code)
            rate_uhz = _FIRST_UHZ << (code - _FIRST_CODE)
            rate_uhz += rate_uhz // 1_000_000 * self._ppm
        self._epoch_count = self._produced
        self._epoch_us = self._world.now_us
        self._rate_uhz = rate_uhz
        if self._world.ledger is not None:
            self._world.ledger.set("imu", "on" if rate_uhz else "off")

    # The FIFO.

    def _frames(self):
        if self._registers[_FIFO_CONFIG_1] & _ACC_AND_HEADERS != _ACC_AND_HEADERS:
            return 0
        return self._produced - self._first

    def _length(self):
        return _FRAME * self._frames() + 2 * (self._skipped > 0) + 2 * self._is_new

    def _read_fifo(self, buf):
        at = 0
        for is_there, header, value in (
            (self._skipped, _SKIPPED, min(self._skipped, 255)),
            (self._is_new, _CONFIGURED, 0),
        ):
            if is_there and at + 2 <= len(buf):
                buf[at] = header
                buf[at + 1] = value
                at += 2
        self._skipped, self._is_new = 0, False
        frames = min((len(buf) - at + _FRAME - 1) // _FRAME, self._frames())
        whole = min((len(buf) - at) // _FRAME, frames)
        if frames:
            self._make(frames)
            part = memoryview(self._words)[: min(_FRAME * frames, len(buf) - at)]
            memoryview(buf)[at : at + len(part)] = part
            at += len(part)
        self._first += whole
        self._read_count += whole
        while at < len(buf):
            buf[at] = _NO_MORE
            at += 1

    def _make(self, n):
        """The next n frames, as they are read."""
        first = self._first

        def time_of(i):
            return self._time_of(first + 1 + i)

        self._motion.sample(self._samples, time_of(0), self._rate_uhz or 1_000_000, n)
        faults, words = self.faults, self._words
        if faults.active:
            faults.put_samples(self._samples, n, time_of)
        self._pack(words, self._samples, n)
        if faults.active:
            faults.hold_words(words, n, time_of)
            faults.spoil_words(words, n)

    def _pack(self, words, samples, n):
        scale_code = self._registers[_ACC_RANGE] & 3
        counts_per_mg = COUNTS_PER_MG_Q24[scale_code]
        rms_ug = _DENSITY_UG * sqrt((self._rate_uhz or 100_000_000) / 2e6)
        self._scale[0] = counts_per_mg
        self._scale[2] = noise.rms_q14(rms_ug, counts_per_mg) * self._noise_percent // 100
        pack(words, samples, self._scale, n)
        to_frames(words, n)

    # Registers one by one.

    def _read_byte(self, register):
        if register == _STATUS:
            return 0x10 | (0x80 if self._fresh else 0)
        if register == _LENGTH_LOW:
            return self._length() & 0xFF
        if register == _LENGTH_HIGH:
            return self._length() >> 8
        if _DATA <= register <= _DATA_LAST:
            return self._read_output(register - _DATA)
        return self._registers[register]

    def _read_output(self, offset):
        if offset == 0 and self._produced:
            self._fresh = False
            at_us = self._time_of(self._produced) if self._rate_uhz else self._world.now_us
            self._motion.sample(self._samples, at_us, self._rate_uhz or 1_000_000, 1)
            self._push()
            self.faults.put_samples(self._samples, 1, lambda _i: at_us)
            self._pack(self._words, self._samples, 1)
            self.faults.hold_words(self._words, 1, lambda _i: at_us)
        return self._words[1 + offset] if self._produced else 0

    def _push(self):
        # Bit 0 on, bit 2 the way.
        test = self._registers[_SELF_TEST]
        if test & 1:
            way = 1 if test & 4 else -1
            for axis in range(3):
                moved_mg = self._samples[axis] + way * self._self_test_mg[axis]
                self._samples[axis] = moved_mg & 0xFFFF

    def _write_byte(self, register, byte):
        if register == _CMD:
            if byte == _SOFT_RESET:
                self._power_up()
                self._ready_us = self._world.now_us + _RESET_US
            elif byte == _FLUSH:
                self._read_count += self._frames()
                self._empty()
            return
        if register == _PWR_CONF:
            self._save_power(byte & 1)
        elif register != _PWR_CTRL and not self._hears():
            self._world.observe({"imu": "a setting is lost", "register": register})
            return
        if register >= _ACC_CONF:
            self._set(register, byte)

    def _save_power(self, on):
        if on:
            self._hears_from_us = None
        elif self._hears_from_us is None:
            self._hears_from_us = self._world.now_us + _WAKE_US

    def _set(self, register, byte):
        before, self._registers[register] = self._registers[register], byte
        if register in (_ACC_CONF, _PWR_CTRL) and byte != before:
            self._set_rate()
        if register == _FIFO_CONFIG_1 and byte != before:
            if byte & 0x10 == 0:
                raise ValueError("The model's FIFO has headers; set bit 4 of FIFO_CONFIG_1.")
            self._empty()
        if register in (_ACC_CONF, _ACC_RANGE, _FIFO_DOWNS, _FIFO_CONFIG_1):
            self._is_new = self._registers[_FIFO_CONFIG_1] & 0x10 != 0

    def _hears(self):
        since_us = self._hears_from_us
        return since_us is not None and self._world.now_us >= since_us

    # INT1.

    def _settle(self):
        """Drive INT1 as it is now, and look again when it will rise by itself."""
        registers = self._registers
        wanted = registers[_WTM_LOW] | registers[_WTM_HIGH] << 8
        is_routed = registers[_INT_MAP] & 2 and registers[_INT1_IO] & 0x08 and wanted
        is_full = bool(is_routed) and self._length() >= wanted
        is_high = registers[_INT1_IO] & 2 != 0
        self._int1.drive(int(is_full) ^ int(not is_high and is_routed != 0))
        self._world.cancel(self._event)
        self._event = None
        if is_routed and not is_full and self._rate_uhz:
            missing = (wanted - self._length() + _FRAME - 1) // _FRAME
            self._event = self._world.at(self._time_of(self._produced + missing), self._on_event)

    def _on_event(self):
        self._event = None
        self._catch_up()
        self._settle()
