"""Rubbish drawn from a seed, the same under CPython and MicroPython: what targets are fed with.

An input is a list of pieces: bytes that come in one go, in order. The first seeds go through one
sample systematically, each cut of it in turn; those after that are drawn.
"""

_MASK = 0xFFFFFFFF
_EDGES = (0, 1, 9, 10, 13, 0x1B, 0x20, 0x22, 0x2C, 0x3A, 0x3E, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
_NUMBERS = (0, 1, -1, 9, 255, 256, 65535, 99999999999)
_LONGEST = 3_000


class Draw:
    """xorshift32 of a seed; what `random` draws differs between the two interpreters."""

    def __init__(self, seed):
        self._x = (seed * 2654435761 ^ 0x9E3779B9) & _MASK or 1
        for _ in range(4):
            self.word()

    def word(self):
        """32 bits."""
        x = self._x
        x ^= (x << 13) & _MASK
        x ^= x >> 17
        x ^= (x << 5) & _MASK
        self._x = x
        return x

    def below(self, n):
        """An integer from 0 to n - 1."""
        return (self.word() * n) >> 32

    def chance(self, percent):
        """True so often."""
        return self.below(100) < percent

    def one(self, of):
        """One of a sequence."""
        return of[self.below(len(of))]

    def some(self, n):
        """n bytes."""
        return bytes([self.word() >> 24 for _ in range(n)])


def require(condition, why):
    """AssertionError with `why`, also where an exception is being handled."""
    if not condition:
        raise AssertionError(why)


def spoiled(draw, data, words=(), times=None):
    """`data` after one to four mutations; `words`: what a speaker of its grammar could say."""
    for _ in range(1 + draw.below(4) if times is None else times):
        data = _spoiled_once(draw, data, words)
    return data[:_LONGEST]


def _spoiled_once(draw, data, words):
    what = draw.below(10)
    at = draw.below(len(data) + 1)
    size = 1 + draw.below(8)
    head, tail = data[:at], data[at:]
    if what == 0 and tail:
        put, tail = bytes((tail[0] ^ (1 << draw.below(8)),)), tail[1:]
    elif what == 1 and tail:
        put, tail = bytes((draw.one(_EDGES),)), tail[1:]
    elif what == 2:
        put, tail = b"", b""
    elif what == 3:
        put, tail = b"", tail[size:]
    elif what == 4:
        put = tail[:size]
    elif what == 5:
        put = draw.some(size)
    elif what == 6 and draw.chance(20):
        put = bytes((draw.one(_EDGES),)) * (1 + draw.below(1_200))
    elif what == 7:
        put = b"%d" % draw.one(_NUMBERS)
    elif words:
        put = draw.one(words)
    else:
        put, tail = b"", data[draw.below(len(data) + 1) :]
    return head + put + tail


def cut(draw, data):
    """`data` in pieces, at cuts that are drawn: none, some, or between any two bytes."""
    how = draw.below(4)
    if how == 0 or len(data) < 2:
        return [data]
    if how == 1 and len(data) < 80:
        return [data[i : i + 1] for i in range(len(data))]
    pieces = []
    while data:
        size = 1 + draw.below(min(len(data), 40))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def systematic(seed, sample):
    """The seed-th of all cuts, ends and flipped bits of `sample`, in pieces; None beyond them."""
    size = len(sample)
    if seed < size:
        return [sample[:seed], sample[seed:]]
    if seed < 2 * size:
        return [sample[: seed - size]]
    if seed < 10 * size:
        at, bit = divmod(seed - 2 * size, 8)
        return [sample[:at] + bytes((sample[at] ^ (1 << bit),)) + sample[at + 1 :]]
    return None


def drawn(seed, samples, words=()):
    """The input of a seed: systematic over the samples first, then mutated ones of them."""
    for sample in samples:
        found = systematic(seed, sample)
        if found is not None:
            return found
        seed -= 10 * len(sample)
    draw = Draw(seed)
    pieces = []
    for _ in range(1 + draw.below(4)):
        what = draw.below(10)
        if what == 0:
            rubbish = draw.some(draw.below(60))
        elif what == 1 and words:
            rubbish = b"".join([draw.one(words) for _ in range(1 + draw.below(6))])
        elif what == 2:
            rubbish = draw.one(samples)
        else:
            rubbish = spoiled(draw, draw.one(samples), words)
        pieces += cut(draw, rubbish)
    return pieces
