"""The LSM6DSOX accelerometer at register level (ST DS12814, AN5272): clock, FIFO, INT1.

Nothing happens sample by sample: counts follow from the time, words are made when a burst reads
them, and INT1 is an event at the instant the watermark is reached. Not modelled: the gyroscope,
self-test in the FIFO, FIFO compression, batching slower than the output data rate. Its noise is
white and of the data sheet's typical density; a real one has more at the lowest frequencies.
"""

from array import array

from micropython import const

from sim.models import noise
from sim.models.fifo_kernel import pack
from sim.models.imu_faults import ImuFaults

_WHO_AM_I = const(0x6C)
_FIFO_WORDS = const(512)
_WORD = const(7)
# DS12814: software reset takes 50 us.
_RESET_US = const(50)
_FIFO_CTRL1 = const(0x07)
_FIFO_CTRL2 = const(0x08)
_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_INT1_CTRL = const(0x0D)
_WHO = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL3_C = const(0x12)
_CTRL5_C = const(0x14)
_CTRL6_C = const(0x15)
_CTRL9_XL = const(0x18)
_STATUS = const(0x1E)
_OUT_FIRST = const(0x28)
_OUT_LAST = const(0x2D)
_FIFO_STATUS1 = const(0x3A)
_FIFO_STATUS2 = const(0x3B)
_FREQ_FINE = const(0x63)
_TAG = const(0x78)
_TAG_LAST = const(0x7E)
# odr_xl and bdr_xl codes in uHz (DS12814 table 50); code 11 is the 1.6 Hz low-power rate.
_ODR_UHZ = (
    0,
    12_500_000,
    26_000_000,
    52_000_000,
    104_000_000,
    208_000_000,
    416_000_000,
    833_000_000,
    1_666_000_000,
    3_332_000_000,
    6_664_000_000,
    1_600_000,
)
# fs_xl codes to counts a mg in Q24: 61, 488, 122 and 244 ug a count.
COUNTS_PER_MG_Q24 = tuple((1000 << 24) // ug for ug in (61, 488, 122, 244))
_BYPASS = const(0)
_STOP_WHEN_FULL = const(1)
_CONTINUOUS = const(6)
_XL_LOW_POWER = const(0x10)
_INT_DRDY = const(0x01)
_INT_TH = const(0x08)
_INT_OVR = const(0x10)
_INT_FULL = const(0x20)
# Keeps the products of the sample clock in 62 bits.
_REBASE_SAMPLES = const(1 << 20)
_US_UHZ = const(1_000_000_000_000)
_NEVER = const(1 << 40)


class Lsm6dsoxModel:
    """Answers `read_into(register, buf)` and `write(register, data)`; drives the INT1 line.

    `options` are all of sim/options/imu.py.
    """

    def __init__(self, world, motion, int1, options):
        self._world = world
        self._motion = motion
        self._int1 = int1
        self._odr_ppm = options["odr_ppm"]
        self._self_test_mg = options["self_test_mg"]
        self._noise_percent = options["noise_percent"]
        self.faults = ImuFaults()
        self._samples = array("H", bytes(6 * _FIFO_WORDS))
        # What pack() reads: counts a mg, tag counter, noise, the generator's state and its table.
        self._scale = array("i", [0, 0, 0, 1] + noise.table())
        # INT1 will rise by itself when sample `_event_count` exists.
        self._event = None
        self._event_count = None
        self._partial = None
        # The output registers, and the number of the sample in them.
        self._output = bytearray(_WORD)
        self._reset_done_us = 0
        self._power_up()

    def read_into(self, register, buf):
        """A burst read from `register` on, with the FIFO output wrapping at 0x7E (if_inc)."""
        is_new = self._catch_up()
        asks_level = register == _FIFO_STATUS1 and len(buf) <= 2
        if register == _TAG and len(buf) % _WORD == 0 and self._partial is None:
            self._read_words(buf, len(buf) // _WORD)
        elif register == _FIFO_STATUS1 and len(buf) == 2:
            # What is asked most often.
            words = self._words()
            buf[0] = min(words, _FIFO_WORDS) & 0xFF
            buf[1] = self._fifo_status2(words)
        else:
            for i in range(len(buf)):
                buf[i] = self._read_byte(register)
                register = _next(register, self._registers[_CTRL3_C])
        # To ask how much is in the FIFO changes nothing for INT1.
        if is_new or not asks_level:
            self._settle()

    def write(self, register, data):
        """A burst write."""
        self._catch_up()
        for byte in data:
            self._write_byte(register, byte)
            register = _next(register, self._registers[_CTRL3_C])
        self._set_up()
        self._settle()

    @property
    def read_count(self):
        """How many words have left the FIFO since the chip started, read or overwritten."""
        return self._read_count

    def reset_itself(self):
        """A dip of its supply: it stops sampling and has forgotten what it was told."""
        self._world.observe({"imu": "reset"})
        self._power_up()
        self._settle()

    def stick(self, for_ms, mg=None, noisy=False):
        """Samples no longer move: exactly as now, or `mg` [x, y, z], with its noise if `noisy`."""
        from_us = self._world.now_us
        self._catch_up()
        samples, word = array("H", bytes(6)), bytearray(_WORD)
        if mg is None:
            self._motion.sample(samples, from_us, 1_000_000, 1)
        else:
            for axis in range(3):
                samples[axis] = mg[axis] & 0xFFFF
        pack(word, samples, self._scale, 1)
        raw = None if noisy else bytes(word[1:])
        to_us = from_us + int(for_ms * 1000)
        self.faults.stick(from_us, to_us, raw, tuple(samples) if noisy else None)
        self._world.observe({"imu": "stuck", "for_ms": for_ms})

    def _power_up(self):
        self._registers = bytearray(128)
        self._registers[_WHO] = _WHO_AM_I
        self._registers[_CTRL3_C] = 0x04
        self._registers[_CTRL9_XL] = 0xE0
        # The factory measures the rate: 0.15 % a step, two's complement.
        self._registers[_FREQ_FINE] = (self._odr_ppm + 750) // 1500 & 0xFF
        self._rate_uhz = 0
        self._epoch_us = self._world.now_us
        self._epoch_count = 0
        self._produced = 0
        self._read_count = 0
        self._batch_from = 0
        self._latched = 0
        self._fresh = False
        self._partial = None
        self._output_of = 0
        self._set_up()

    def _set_up(self):
        """What follows from the registers, which change seldom and matter in every transfer."""
        registers = self._registers
        mode = registers[_FIFO_CTRL4] & 7
        self._batches = mode != _BYPASS and registers[_FIFO_CTRL3] & 0x0F != 0
        # In FIFO mode the sample number that fills it is the last to be batched.
        self._last = self._batch_from + _FIFO_WORDS if mode == _STOP_WHEN_FULL else _NEVER
        self._threshold = registers[_FIFO_CTRL1] | (registers[_FIFO_CTRL2] & 1) << 8
        scale_code = registers[_CTRL1_XL] >> 2 & 3
        counts_per_mg = COUNTS_PER_MG_Q24[scale_code]
        low_power = registers[_CTRL6_C] & _XL_LOW_POWER != 0
        rms = noise.counts_q14(self._rate_uhz, counts_per_mg, scale_code, low_power)
        self._scale[0] = counts_per_mg
        self._scale[2] = rms * self._noise_percent // 100
        routed = registers[_INT1_CTRL]
        self._wakes_fresh = routed & _INT_DRDY != 0
        # INT1 is active from this many words on.
        self._wakes_words = _NEVER
        if self._batches:
            if routed & _INT_OVR:
                self._wakes_words = _FIFO_WORDS
            if routed & _INT_FULL:
                self._wakes_words = _FIFO_WORDS - 1
            if routed & _INT_TH and self._threshold:
                self._wakes_words = min(self._wakes_words, self._threshold)

    # The sample clock.

    def _count_at(self, t_us):
        if not self._rate_uhz:
            return self._epoch_count
        return self._epoch_count + (t_us - self._epoch_us) * self._rate_uhz // _US_UHZ

    def _time_of(self, count):
        """World time at which sample number `count` (from 1) exists."""
        ahead = (count - self._epoch_count) * _US_UHZ
        return self._epoch_us + (ahead + self._rate_uhz - 1) // self._rate_uhz

    def _rebase(self, t_us):
        self._epoch_count = self._count_at(t_us)
        self._epoch_us = t_us
        self._expect(None)

    def _catch_up(self):
        """Take up the time; True when there are new samples."""
        produced = self._epoch_count
        if self._rate_uhz:
            # As _count_at(), on the path of each transfer.
            produced += (self._world.now_us - self._epoch_us) * self._rate_uhz // _US_UHZ
        if produced == self._produced:
            return False
        self._fresh = True
        self._produced = produced
        if produced - self._epoch_count > _REBASE_SAMPLES:
            self._rebase(self._time_of(produced))
        words = self._words()
        if words >= _FIFO_WORDS:
            self._latched = 1
            if words > _FIFO_WORDS:
                self._overflow(words - _FIFO_WORDS)
        return True

    # The FIFO: words batched so far less words read.

    def _words(self):
        if not self._batches:
            return 0
        return min(self._produced, self._last) - self._read_count

    def _overflow(self, excess):
        self._read_count += excess
        self._world.observe({"imu": "overrun", "lost": excess})

    def _read_words(self, buf, wanted):
        n = min(wanted, self._words())
        if n:
            first = self._read_count
            self._motion.sample(self._samples, self._time_of(first + 1), self._rate_uhz, n)
            self._scale[1] = first & 3
            if self.faults.active:
                self._pack_faulty(buf, first, n)
            else:
                pack(buf, self._samples, self._scale, n)
            self._read_count = first + n
        for i in range(n * _WORD, wanted * _WORD):
            buf[i] = 0

    def _pack_faulty(self, buf, first, n):
        def time_of(i):
            return self._time_of(first + 1 + i)

        self.faults.put_samples(self._samples, n, time_of)
        pack(buf, self._samples, self._scale, n)
        self.faults.hold_words(buf, n, time_of)
        self.faults.spoil_words(buf, n)

    # Registers one by one.

    def _read_byte(self, register):
        if register == _FIFO_STATUS1:
            return min(self._words(), _FIFO_WORDS) & 0xFF
        if register == _FIFO_STATUS2:
            return self._fifo_status2(self._words())
        if _TAG <= register <= _TAG_LAST:
            return self._read_fifo_byte(register - _TAG)
        if register == _CTRL3_C and self._world.now_us < self._reset_done_us:
            return self._registers[_CTRL3_C] | 1
        if register == _STATUS:
            return int(self._fresh)
        if _OUT_FIRST <= register <= _OUT_LAST:
            return self._read_output_byte(register - _OUT_FIRST)
        return self._registers[register & 0x7F]

    def _fifo_status2(self, words):
        status = words >> 8 & 3 | self._latched << 3
        status |= 0x20 if words >= _FIFO_WORDS - 1 else 0
        status |= 0x40 if words >= _FIFO_WORDS else 0
        status |= 0x80 if self._threshold and words >= self._threshold else 0
        # DS12814: reading FIFO_STATUS2 resets the latched flag.
        self._latched = 0
        return status

    def _read_fifo_byte(self, offset):
        if self._partial is None:
            self._partial = bytearray(_WORD)
            self._read_words(self._partial, 1)
        byte = self._partial[offset]
        if offset == _WORD - 1:
            self._partial = None
        return byte

    def _read_output_byte(self, offset):
        if not self._produced:
            return 0
        self._fresh = False
        if self._output_of != self._produced:
            self._output_of = self._produced
            self._sample_output(self._time_of(self._produced))
        return self._output[1 + offset]

    def _sample_output(self, at_us):
        self._motion.sample(self._samples, at_us, self._rate_uhz or 1_000_000, 1)
        # st_xl 01 pushes the proof mass one way, 10 the other (DS12814, CTRL5_C).
        push = (0, 1, -1, 0)[self._registers[_CTRL5_C] & 3]
        for axis in range(3):
            moved_mg = self._samples[axis] + push * self._self_test_mg[axis]
            self._samples[axis] = moved_mg & 0xFFFF
        self.faults.put_samples(self._samples, 1, lambda _i: at_us)
        pack(self._output, self._samples, self._scale, 1)
        self.faults.hold_words(self._output, 1, lambda _i: at_us)

    def _write_byte(self, register, byte):
        if register == _CTRL3_C and byte & 1:
            self._power_up()
            self._reset_done_us = self._world.now_us + _RESET_US
            return
        if register in (_WHO, _FREQ_FINE) or _STATUS <= register < 0x40:
            return
        before = self._registers[register & 0x7F]
        self._registers[register & 0x7F] = byte
        if register == _CTRL1_XL and byte >> 4 != before >> 4:
            self._set_rate(byte >> 4)
        elif register == _FIFO_CTRL3 and byte & 0x0F != before & 0x0F:
            self._start_batching(byte & 0x0F)
        elif register == _FIFO_CTRL4:
            self._set_mode(byte & 7, before & 7)

    def _set_rate(self, code):
        if code >= len(_ODR_UHZ):
            raise ValueError("The model has no output data rate with code %d." % code)
        self._rebase(self._world.now_us)
        self._rate_uhz = _ODR_UHZ[code] + _ODR_UHZ[code] // 1_000_000 * self._odr_ppm
        if self._world.ledger is not None:
            self._world.ledger.set("imu", "on" if code else "off")

    def _start_batching(self, code):
        if code and code != self._registers[_CTRL1_XL] >> 4:
            raise ValueError(
                "The model batches at the output data rate only; set bdr_xl = odr_xl."
            )
        self._read_count = self._batch_from = self._produced

    def _set_mode(self, mode, before):
        if mode not in (_BYPASS, _STOP_WHEN_FULL, _CONTINUOUS):
            raise ValueError("The model has FIFO modes 0, 1 and 6, not %d." % mode)
        if _BYPASS in (mode, before):
            self._read_count = self._batch_from = self._produced
            self._latched = 0

    # INT1.

    def _settle(self):
        """Drive INT1 as it is now, and look again when it will rise by itself."""
        active = self._words() >= self._wakes_words
        # In FIFO mode a level above what is left of the 512 is never reached.
        count = self._read_count + self._wakes_words
        if count > self._last:
            count = _NEVER
        if self._wakes_fresh:
            active = active or self._fresh
            count = min(count, self._produced + 1)
        low_active = self._registers[_CTRL3_C] >> 5 & 1
        self._int1.drive(int(active) ^ low_active)
        self._expect(None if active or count >= _NEVER or not self._rate_uhz else count)

    def _expect(self, count):
        """Look at INT1 again when sample number `count` exists; None: not at all."""
        if count == self._event_count:
            return
        self._world.cancel(self._event)
        self._event_count = count
        self._event = None
        if count is not None:
            self._event = self._world.at(self._time_of(count), self._on_event)

    def _on_event(self):
        self._event = self._event_count = None
        self._catch_up()
        self._settle()


def _next(register, ctrl3):
    if not ctrl3 & 0x04:
        return register
    return _TAG if register == _TAG_LAST else register + 1
