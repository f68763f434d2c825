"""Turns the detector fields of the configuration into the words that the kernel compares with."""

from array import array

from badge.core import detect

# round(1024 * cos(degrees)) for 0-90: a table, because float results differ between the VMs.
_COSINES = (
    1024, 1024, 1023, 1023, 1022, 1020, 1018, 1016, 1014, 1011, 1008, 1005, 1002, 998, 994, 989,
    984, 979, 974, 968, 962, 956, 949, 943, 935, 928, 920, 912, 904, 896, 887, 878, 868, 859, 849,
    839, 828, 818, 807, 796, 784, 773, 761, 749, 737, 724, 711, 698, 685, 672, 658, 644, 630, 616,
    602, 587, 573, 558, 543, 527, 512, 496, 481, 465, 449, 433, 416, 400, 384, 367, 350, 333, 316,
    299, 282, 265, 248, 230, 213, 195, 178, 160, 143, 125, 107, 89, 71, 54, 36, 18, 0,
)  # fmt: skip


def build(config):
    """Return the kernel's `params` for a Config (or anything with its detector fields)."""
    params = array("i", [0] * detect.PARAM_WORDS)
    params[detect.P_IMPACT_Q] = _square_q(config.impact_mg)
    params[detect.P_DECIDE_BLOCKS] = blocks(config.decide_ms)
    params[detect.P_CONFIRM_BLOCKS] = blocks(config.confirm_ms)
    params[detect.P_TILT_COS] = biased_cosine(config.tilt_deg)
    params[detect.P_STILL_STEPS] = _steps(config.still_mg, 8)
    params[detect.P_HARD_Q] = _square_q(config.hard_impact_mg)
    params[detect.P_HARD_TILT_COS] = biased_cosine(config.hard_tilt_deg)
    params[detect.P_DOWN_TILT_COS] = biased_cosine(config.down_tilt_deg)
    params[detect.P_DOWN_BLOCK_STEPS] = _steps(config.down_still_mg, 1)
    return params


def blocks(duration_ms):
    """Return a duration as whole blocks of 1/8 s, to the nearest."""
    return (duration_ms + 62) // 125


def biased_cosine(degrees):
    """Return 1024 + round(1024 * cos(degrees)) for 0-180 degrees."""
    if degrees > 90:
        return 1024 - _COSINES[180 - degrees]
    return 1024 + _COSINES[degrees]


def degrees_of(cosine):
    """Return the angle in whole degrees of a biased cosine, such as state[S_TILT_COS]."""
    cosine -= 1024
    size = abs(cosine)
    degrees = 0
    while degrees < 90 and _COSINES[degrees + 1] >= size:
        degrees += 1
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


def _steps(mean_step_mg, block_count):
    return mean_step_mg * detect.BLOCK_SAMPLES * block_count // 2
