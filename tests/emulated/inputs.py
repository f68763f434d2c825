"""Files that both machines read, made on the host: the emulated one is slow at making numbers."""

import random
from array import array
from collections.abc import Callable

Sample = tuple[int, int, int]
Signal = Callable[[random.Random, int], Sample]

RATE_HZ = 104


def of(transcript: str, *, long: bool = False) -> dict[str, bytes]:
    """The files that the transcript of this name opens; `long` asks for its whole walk."""
    return {**({"long": b""} if long else {}), **_motion(transcript, 3 if long else 1)}


def _motion(transcript: str, share: int) -> dict[str, bytes]:
    if transcript == "t_detect":
        return {
            "noise.bin": _trace(_noise, 4 * share * RATE_HZ),
            "zeros.bin": _trace(lambda _random, _i: (0, 0, 0), 2 * share * RATE_HZ),
            "lowest.bin": _trace(lambda _random, _i: (-32768,) * 3, 2 * share * RATE_HZ),
            "swing.bin": _trace(_full_scale_swing, 2 * share * RATE_HZ),
            "falls.bin": _trace(_falls, 100 * RATE_HZ),
        }
    if transcript == "t_ring":
        return {"noise.bin": _trace(_noise, 4000)}
    return {}


def _trace(signal: Signal, samples: int) -> bytes:
    """Little-endian int16 milli-g, three a sample."""
    source = random.Random(2)
    values = array("h")
    for index in range(samples):
        values.extend(signal(source, index))
    return values.tobytes()


def _noise(source: random.Random, _index: int) -> Sample:
    return (
        source.randint(-32768, 32767),
        source.randint(-32768, 32767),
        source.randint(-32768, 32767),
    )


def _full_scale_swing(_source: random.Random, index: int) -> Sample:
    return (32767, -32768, 32767) if index & 1 else (-32768, 32767, -32768)


def _falls(source: random.Random, index: int) -> Sample:
    """Every 20 s: 6 s upright, a free fall, an impact, then down, up again or restless."""
    turn, at = divmod(index, 20 * RATE_HZ)
    seconds = at / RATE_HZ
    wobble = 20
    if seconds < 6:
        x, y, z = 1000, 0, 0
    elif seconds < 6.3:
        x, y, z = 80, 60, 40
    elif seconds < 6.36:
        x, y, z = 1400 + 900 * turn, 1200, -2500
    elif turn == 2:
        x, y, z = 990, 60, 90
    elif turn == 3 and seconds > 11:
        x, y, z = 1000, 0, 0
    else:
        x, y, z = 100, 40 * turn, 980
        wobble = 400 if turn == 4 else 20
    return (
        x + source.randint(-wobble, wobble),
        y + source.randint(-wobble, wobble),
        z + source.randint(-wobble, wobble),
    )
