"""An accelerometer's FIFO, drained in bursts: which samples came, and how many went missing.

A transfer that fails is tried again at once, and a bad word is a sample that is missing. How many
are missing is told with the sample that follows them: by the chip's clock as far as it is known,
and exactly where its words are counted.
"""

from array import array
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.drivers import imu_words
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_registers import TRIES
from badge.drivers.imu_words import WORD_BYTES, convert

# 32 words are 224 bytes: 5 ms at 400 kHz. A longer burst would hold up the button.
MAX_FRAMES = const(32)
# More bad words than this in a row are not noise on the wires.
_BAD_WORDS_MAX = const(32)
# Neither wearer nor healthy chip is so for so long: words all the same, size at the rail or none.
_FROZEN_S = const(3)
# How far back a loss is reckoned; what is older is long anyway.
_LOOK_BACK_MS = const(600_000)


class ImuFifo:
    """The samples of one `chip` (an Lsm6dsox or a Bma423); `read_into` allocates nothing.

    `axes` are the chip's that the badge's x, y and z are, as "x" or "-z".

    `gap`: so many samples are missing before the next one, which is `next_mg`, until
    pass_gap(). `overruns` counts overruns.
    """

    def __init__(self, chip, axes=("x", "y", "z")):
        self.chip = chip
        self.registers = chip.registers
        self.self_test = chip.self_test
        self._buffer = bytearray(MAX_FRAMES * WORD_BYTES)
        # One view for each burst length, made once: a slice would allocate in the sample path.
        self._views = [memoryview(self._buffer)[: n * WORD_BYTES] for n in range(MAX_FRAMES + 1)]
        self._job = array("i", [0] * imu_words.JOB_WORDS)
        imu_words.turns(self._job, axes)
        # The words of the buffer that are not given out yet.
        self._at = self._end = 0
        # What the FIFO held beyond them when it was last asked, and when that was.
        self._left = 0
        self._asked_ms = 0
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

    def start(self, watermark_samples=26, **settings):
        """Reset the chip and start sampling; INT1 is high while `watermark_samples` wait.

        `settings` are the chip's own. Started again, it reckons what went missing meanwhile.
        """
        if not 1 <= watermark_samples < self.chip.FIFO_WORDS:
            raise ValueError("watermark_samples is 1 to %d" % (self.chip.FIFO_WORDS - 1))
        # The chip says how a word is read, and its rate in Hz and mHz.
        rate_hz, rate_mhz = self.chip.set_up(self._job, watermark_samples, **settings)
        if not self.check():
            raise ImuError("imu.bus", "the accelerometer does not take its settings")
        if self._has_sample:
            self._suspect(max(0, self._due()) + self._end - self._at)
        self._rate_hz = rate_hz
        self._rate_mhz = rate_mhz
        imu_words.forget(self._buffer)
        self._at = self._end = self._bad_run = self._torn = 0
        self._knows_slot = False
        self._left = 0
        self._job[imu_words.J_SAME] = self._job[imu_words.J_ODD] = 0
        self._asked_ms = ticks_ms()
        self._count_from(0)

    def faults(self):
        """How many transfers failed and how many words were bad, since the start of the badge."""
        return self.registers.faults + self._bad_words

    def check(self):
        """False when the chip has lost its settings; ImuError when it is silent or another one."""
        return self.chip.check()

    def pending(self):
        """Samples waiting in the FIFO; notices an overrun and estimates its loss."""
        chip = self.chip
        for _ in range(TRIES):
            self._asked_ms = ticks_ms()
            waiting = chip.level()
            if waiting <= chip.FIFO_WORDS:
                break
            # No chip says that: it let go of the bus half-way.
            self._bad_words += 1
        else:
            raise ImuError("imu.bus", "the accelerometer says that more waits than it can hold")
        if chip.has_overrun:
            # The chip keeps the newest and says only that older ones are gone. One that is just
            # full is flagged too, and is not yet a loss.
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
        if self._torn and not waiting:
            # Zeros of a data line that is held low say nothing of what is left.
            self.registers.identify()
            waiting = self.pending()
        if waiting < self._left and not self._torn:
            # Or the data line is held low, and all that is heard is zeros.
            self.registers.identify()
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
            n = self.chip.burst(self._views[n], n)
        except OSError as error:
            self.registers.count_fault()
            # What was heard before it failed is as good as any; the last word is not whole.
            heard = max(0, imu_words.heard(self._buffer, n, self._job) - 1)
            self._torn = n - heard
            self._at = self._left = 0
            self._end = heard
            self._read_since += heard
            if heard:
                return True
            raise ImuError("imu.bus", "reading the accelerometer's FIFO failed: %s" % error)
        if self.chip.skipped:
            # Counted by the chip.
            self._suspects = True
            self._missing = max(self._missing, self.chip.skipped)
        self._at = 0
        self._end = n
        # A burst without a word would be followed by others like it.
        self._left = waiting - n if n else 0
        self._read_since += n
        if self._left == 0:
            # When it was asked, not now: the next sample may have come during the transfer.
            self._count_from(0)
        return n > 0

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
        if knows_slot and self.chip.COUNTS_WORDS:
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

    def _due(self):
        """How many samples have come by the clock, and were not read."""
        elapsed_ms = ticks_diff(ticks_ms(), self._empty_at_ms)
        if not 0 <= elapsed_ms < _LOOK_BACK_MS:
            elapsed_ms = _LOOK_BACK_MS
        return elapsed_ms * self._rate_mhz // 1_000_000 - self._read_since

    def _count_from(self, waiting):
        self._empty_at_ms = self._asked_ms
        self._read_since = -waiting
