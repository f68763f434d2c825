"""Turns the detector fields of the configuration into the words that the kernel compares with."""

from array import array

from badge.core.detector import detect, verifier
from badge.core.portable import const

_BLOCK_MS = const(125)
# What is told of a sample comes with its burst, and 10 % later where an interrupt is missed.
_BURST_MS_PER_SAMPLE = const(11)
_LATE_MS = const(250)
# round(1024 * cos(degrees)) for 0-90: a table, because float results differ between the VMs.
_COSINES = (
    1024, 1024, 1023, 1023, 1022, 1020, 1018, 1016, 1014, 1011, 1008, 1005, 1002, 998, 994, 989,
    984, 979, 974, 968, 962, 956, 949, 943, 935, 928, 920, 912, 904, 896, 887, 878, 868, 859, 849,
    839, 828, 818, 807, 796, 784, 773, 761, 749, 737, 724, 711, 698, 685, 672, 658, 644, 630, 616,
    602, 587, 573, 558, 543, 527, 512, 496, 481, 465, 449, 433, 416, 400, 384, 367, 350, 333, 316,
    299, 282, 265, 248, 230, 213, 195, 178, 160, 143, 125, 107, 89, 71, 54, 36, 18, 0,
)  # fmt: skip


def build(config, table=None):
    """Return the kernel's `params` for a Config (or anything with its detector fields).

    `table` is a verifier's (see verifier.py) in place of the configuration's.
    """
    if table is None:
        table = verifier.parse(config.verifier)
    fall_base, down_base = verifier.bases(table)
    params = array("i", [0] * detect.P_TREES)
    params[detect.P_IMPACT_Q] = _square_q(config.impact_mg)
    params[detect.P_DECIDE_BLOCKS] = blocks(config.decide_ms)
    params[detect.P_CONFIRM_BLOCKS] = blocks(config.confirm_ms)
    params[detect.P_FALL_POINTS] = detect.POINTS_BIAS - fall_base + config.fall_points
    params[detect.P_DOWN_POINTS] = detect.POINTS_BIAS - down_base + config.down_points
    params[detect.P_FALL_TREES] = table[3]
    params[detect.P_DOWN_TREES] = table[4]
    params.extend(verifier.words(table))
    return params


def pre_alarm_ms(config, is_fall):
    """Return how long the pre-alarm of an automatic alarm lasts: of a fall until its verdict."""
    if not is_fall:
        return config.prealarm_ms
    likelier_ms = detect.LIKELIER_BLOCKS * _BLOCK_MS
    verdict_ms = config.confirm_ms + likelier_ms - config.decide_ms
    # Its samples are counted by a chip that may run 6 % slow, and come in bursts.
    verdict_ms += verdict_ms // 16 + _LATE_MS
    verdict_ms += config.imu_watermark_samples * _BURST_MS_PER_SAMPLE
    return max(config.prealarm_ms, verdict_ms)


def blocks(duration_ms):
    """Return a duration as whole blocks of 1/8 s, to the nearest."""
    return (duration_ms + _BLOCK_MS // 2) // _BLOCK_MS


def degrees_of(cosine):
    """Return the angle in whole degrees of a biased cosine, such as state[S_TILT_COS]."""
    cosine -= 1024
    size = abs(cosine)
    degrees, above = 0, 91
    while above - degrees > 1:
        middle = (degrees + above) // 2
        if _COSINES[middle] >= size:
            degrees = middle
        else:
            above = middle
    return 180 - degrees if cosine < 0 else degrees


def milli_g_of(q):
    """Return the length in milli-g, rounded down to 2, of a squared kernel magnitude."""
    low, high = 0, 32768
    while high - low > 1:
        middle = (low + high) // 2
        if middle * middle <= q:
            low = middle
        else:
            high = middle
    return 2 * low


def _square_q(length_mg):
    half = length_mg // 2
    return half * half
