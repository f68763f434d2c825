"""Writes, windows and gaps of the motion ring around its end."""

from array import array

from common import Draw, begin, checksum, end, turns

from badge.core.detector.ring import MotionRing


def play(size, writes, noise):
    draw = Draw(size)
    ring = MotionRing(size)
    source = array("H", bytes(6 * 100))
    for turn in range(writes):
        n = draw.below(100)
        noise.readinto(memoryview(source)[: 3 * n])
        if draw.below(4) == 0:
            ring.mark_gap(draw.below(50))
        ring.write(source, n)
        window = array("H", bytes(6 * size))
        wanted = 1 + draw.below(size)
        last = ring.count - draw.below(size)
        got = ring.copy_last(window, wanted, last)
        print(size, turn, ring.count, ring.oldest, ring.lost, wanted, last, got, checksum(window))
        print(size, turn, ring.gaps(ring.oldest, ring.count))


begin()
for size, few, many in ((2, 6, 8), (16, 8, 12), (256, 8, 16), (1024, 6, 24)):
    with open("noise.bin", "rb") as noise:
        play(size, turns(few, many), noise)
end()
