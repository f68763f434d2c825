"""What a broken accelerometer puts into its FIFO: spoilt words, samples that do not move."""

_WORD = 7


class ImuFaults:
    """Changes words of 7 bytes as they are read; `active` is False on a healthy chip."""

    def __init__(self):
        self.active = False
        self._garbage = []
        # [from us, to us, raw 6 bytes or None, (x, y, z) mg or None]
        self._stuck = None

    def spoil(self, nth, times, by):
        """The n-th word read from now, and those after it until they are `times`, is spoilt.

        `by` is what flips bits of its tag (int), or what stands in its place (7 bytes).
        """
        self._garbage.append([nth - 1, times, by])
        self.active = True

    def stick(self, from_us, to_us, raw, mg):
        """Samples between two instants are `raw` (6 bytes) exactly, or `mg` under the noise."""
        self._stuck = (from_us, to_us, raw, mg)
        self.active = True

    def put_samples(self, samples, n, time_of):
        """Replace what is stuck in `samples` (3 a row, mg); `time_of(i)` dates a row."""
        if self._stuck is None or self._stuck[3] is None:
            return
        for i in range(n):
            if self._holds(time_of(i)):
                for axis in range(3):
                    samples[3 * i + axis] = self._stuck[3][axis] & 0xFFFF

    def hold_words(self, words, n, time_of):
        """Replace what is stuck exactly in n finished words."""
        if self._stuck is None:
            return
        if self._stuck[2] is not None:
            for i in range(n):
                if self._holds(time_of(i)):
                    words[_WORD * i + 1 : _WORD * (i + 1)] = self._stuck[2]
        if n and time_of(n - 1) >= self._stuck[1]:
            self._stuck = None
            self._note()

    def spoil_words(self, words, n):
        """Spoil those of n finished words of the FIFO that are to be spoilt."""
        for i in range(n):
            for plan in self._garbage:
                _spoil_word(words, i, plan)
        self._garbage = [plan for plan in self._garbage if plan[1]]
        self._note()

    def _note(self):
        self.active = bool(self._garbage) or self._stuck is not None

    def _holds(self, at_us):
        return self._stuck[0] < at_us <= self._stuck[1]


def _spoil_word(words, i, plan):
    if plan[0]:
        plan[0] -= 1
    elif plan[1]:
        plan[1] -= 1
        if isinstance(plan[2], int):
            words[_WORD * i] ^= plan[2]
        else:
            words[_WORD * i : _WORD * (i + 1)] = plan[2]
