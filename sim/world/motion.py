"""What the badge's wearer does: a recorded or modelled acceleration, at any instant asked for."""

import json
from array import array

from sim.models.fifo_kernel import interpolate

_MAGIC = "nabij_trace"
_AFTER = ("hold", "loop", "still")
# Instants are rounded to 1/256 of a trace sample, so that a chip at the trace's own rate reads
# the very samples of the file and not their neighbours' blend.
_ROUND_Q16 = 128
# A badge that hangs on a standing person, before any trace was played.
UPRIGHT_MG = (0, 1000, 0)


class TraceError(ValueError):
    """A trace file that cannot be played; one sentence that says what to do."""


class Motion:
    """The acceleration of the world in milli-g; one trace at a time."""

    def __init__(self, world, host=None):
        self._world = world
        self._host = host
        self._cursor = array("i", [0, 0, 0, 0])
        self.play_samples(array("h", UPRIGHT_MG), 1000, 0, "hold")

    def play(self, path, start_us, after="hold"):
        """Play a trace file from world time `start_us`; its first sample holds until then."""
        if after not in _AFTER:
            raise TraceError("'after' is one of hold, loop, still; not %r." % after)
        samples, rate_mhz = load(path, self._host)
        if after == "still":
            samples = _with_rest(samples, rate_mhz)
        self.play_samples(samples, rate_mhz, start_us, after)
        self._world.observe({"trace": path.split("/")[-1], "start_ms": start_us / 1000})

    def check(self, path):
        """Raise TraceError for a file that cannot be played."""
        load(path, self._host)

    def stop(self):
        """Stay exactly as now."""
        now = array("h", bytes(6))
        self.sample(now, self._world.now_us, 1_000_000, 1)
        self.play_samples(now, 1000, 0, "hold")
        self._world.observe({"trace": None})

    def sample(self, out, first_us, rate_uhz, n):
        """Write n samples of 3 axes into `out`, from `first_us` on at `rate_uhz`."""
        step = self._rate_mhz * 65_536_000 // rate_uhz
        done = 0
        if first_us < self._start_us:
            until_start = ((self._start_us - first_us) * rate_uhz - 1) // 1_000_000_000_000 + 1
            done = min(n, until_start)
            self._segment(out, 0, 0, 0, 0, done)
            first_us += done * 1_000_000_000_000 // rate_uhz
        position = max(0, first_us - self._start_us) * self._rate_mhz
        fraction = (position % 1_000_000_000 * 65536 // 1_000_000_000 + _ROUND_Q16) & ~0xFF
        index = position // 1_000_000_000 + (fraction >> 16)
        fraction &= 0xFFFF
        while done < n:
            part = n - done
            if self._after == "loop":
                index %= self._last + 1
                part = min(part, (((self._last - index) << 16) - fraction) // step + 1)
                part = max(part, 1)
            self._segment(out, done, index, fraction, step, part)
            done += part
            fraction += part * step
            index += fraction >> 16
            fraction &= 0xFFFF

    def _segment(self, out, offset, index, fraction, step, n):
        cursor = self._cursor
        cursor[0] = min(index, self._last)
        cursor[1] = fraction
        cursor[2] = step
        cursor[3] = self._last
        interpolate(memoryview(out)[3 * offset :] if offset else out, self._samples, cursor, n)

    def play_samples(self, samples, rate_mhz, start_us, after="hold"):
        """As play(), of an array 'h' of 3 axes in mg at `rate_mhz`."""
        self._samples = samples
        self._last = len(samples) // 3 - 1
        self._rate_mhz = rate_mhz
        self._start_us = start_us
        self._after = after


def load(path, host=None):
    """Samples (array 'h', 3 a row, mg) and rate in mHz of a trace file; raises TraceError."""
    try:
        file = host.open(path, "rb") if host else open(path, "rb")
    except OSError:
        raise TraceError("There is no trace file %s; make it with nabij.data.traces." % path)
    try:
        header = file.readline()
        body = file.read()
    finally:
        file.close()
    try:
        head = json.loads(header)
        rate_mhz = int(head["rate_hz"] * 1000)
        count = head["samples"]
        good = head[_MAGIC] == 1 and rate_mhz > 0 and count > 0
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise TraceError(
            "%s is not a trace of this simulator; make it with nabij.data.traces." % path
        )
    if len(body) != count * 6:
        raise TraceError("%s is cut short: %d bytes for %d samples." % (path, len(body), count))
    return array("h", body), rate_mhz


def _with_rest(samples, rate_mhz):
    # "still": one more sample, the mean of the last second, which then holds.
    count = len(samples) // 3
    n = min(count, max(1, rate_mhz // 1000))
    last = range(count - n, count)
    rest = [sum(samples[3 * i + axis] for i in last) // n for axis in range(3)]
    return samples + array("h", rest)
