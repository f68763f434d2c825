"""The detector on noise, extremes and made-up falls: events, evidence and the whole state."""

from array import array

from common import Draw, begin, checksum, end

from badge.core.detector import detect
from badge.core.detector import params as detector_params


class Settings:
    """Fixed here, so that tuning the badge does not change what this transcript walks through."""

    impact_mg = 1600
    decide_ms = 2500
    confirm_ms = 8000
    fall_points = 0
    down_points = 0


def table():
    """Trees that ask for everything: what they say is nonsense, but the same everywhere."""
    draw = Draw(8)
    trees = bytearray(b"NV1\x28\x50\x14\x00\x0a\x00")
    for tree in range(120):
        for _ in range(3):
            trees.append(draw.below(24 if tree < 40 else 28))
            trees.append(64 + draw.below(128))
        for _ in range(8):
            trees.append(124 + draw.below(9))
    return bytes(trees)


def play(name, params):
    draw = Draw(11)
    state = array("i", [0] * detect.STATE_WORDS)
    detect.reset(state)
    samples = array("H", bytes(6 * 208))
    chunk = memoryview(samples)
    seen = 0
    with open(name + ".bin", "rb") as file:
        while True:
            # Any cut of the stream must do: the badge reads what its FIFO happens to hold.
            n = file.readinto(chunk[: 3 * (1 + draw.below(208))]) // 6
            if not n:
                break
            events = detect.step_block(state, samples, n, params)
            seen |= events
            print(name, n, events, checksum(state), *state[:64])
    print(name, "events", seen, "peak", detector_params.milli_g_of(state[detect.S_PEAK_Q]))


begin()
params = detector_params.build(Settings, table())
print("params", *params)
for name in ("noise", "zeros", "lowest", "swing", "falls"):
    play(name, params)
end()
