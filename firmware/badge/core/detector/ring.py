"""The last seconds of motion, kept so that those around an event can be stored and uploaded."""

from array import array

from badge.core.portable import const, micropython, ptr16, ptr32

_GAPS = const(16)

# A viper function takes at most four arguments, so the lengths of a copy travel in an array.
_JOB_TO = const(0)
_JOB_FROM = const(1)
_JOB_WORDS = const(2)


class MotionRing:
    """Holds the newest `samples_pow2` samples of 3 int16 milli-g as uint16 bits.

    Samples are numbered from 0 at the start of the badge; `count` is the number of the next.
    """

    def __init__(self, samples_pow2):
        if samples_pow2 < 2 or samples_pow2 & (samples_pow2 - 1):
            raise ValueError("The motion ring must hold a power of two of samples.")
        self.size = samples_pow2
        self.count = 0
        self.lost = 0
        self.filled = 0
        self._data = array("H", bytes(6 * samples_pow2))
        self._job = array("i", [0, 0, 0])
        self._gap_at = [-1] * _GAPS
        self._gap_lost = [0] * _GAPS
        self._newest_gap = 0

    @property
    def oldest(self):
        """The number of the oldest sample that is still here."""
        return max(0, self.count - self.size)

    def write(self, src, n):
        """Append the first `n` samples of `src` (an array of 3 * n words or more)."""
        if n < 0 or 3 * n > len(src):
            raise ValueError("A motion chunk holds fewer samples than it says.")
        done = 0
        while done < n:
            at = self.count & (self.size - 1)
            take = min(n - done, self.size - at)
            self._copy(self._data, 3 * at, src, 3 * done, 3 * take)
            self.count += take
            done += take

    def copy_last(self, dst, n, end=None):
        """Copy the samples [end - n, end) to the start of `dst`; return how many were still here.

        Without `end` it is the newest. Samples too old or not yet written are left out.
        """
        end = self.count if end is None else end
        first = max(self.oldest, end - n)
        end = min(end, self.count)
        if end <= first:
            return 0
        if 3 * (end - first) > len(dst):
            raise ValueError("The buffer for a motion window is too small.")
        done = 0
        while first + done < end:
            at = (first + done) & (self.size - 1)
            take = min(end - first - done, self.size - at)
            self._copy(dst, 3 * done, self._data, 3 * at, 3 * take)
            done += take
        return done

    def mark_gap(self, n_lost):
        """Record that `n_lost` samples went missing just before the next one written."""
        if n_lost <= 0:
            return
        self.lost += n_lost
        newest = self._newest_gap
        after = (newest + 1) % _GAPS
        # With every record still in the window the newest moves up: no loss is ever forgotten.
        if self._gap_at[newest] != self.count and self._gap_at[after] < self.oldest:
            newest = self._newest_gap = after
            self._gap_lost[newest] = 0
        self._gap_at[newest] = self.count
        self._gap_lost[newest] += n_lost

    def mark_filled(self, n):
        """Record that the last `n` samples written stand for ones that were missing."""
        self.filled += n

    def gaps(self, first, end):
        """Return ((number of the sample after the gap, samples lost), ...) within [first, end)."""
        found = []
        for k in range(_GAPS):
            slot = (self._newest_gap + 1 + k) % _GAPS
            if first <= self._gap_at[slot] < end:
                found.append((self._gap_at[slot], self._gap_lost[slot]))
        return tuple(found)

    def _copy(self, dst, to, src, start, words):
        job = self._job
        job[_JOB_TO] = to
        job[_JOB_FROM] = start
        job[_JOB_WORDS] = words
        _copy_words(dst, src, job)


@micropython.viper
def _copy_words(dst: ptr16, src: ptr16, job: ptr32) -> int:
    to = job[_JOB_TO]
    start = job[_JOB_FROM]
    end = start + job[_JOB_WORDS]
    to -= start
    while start < end:
        dst[to + start] = src[start]
        start += 1
    return 0
