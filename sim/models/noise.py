"""The noise of accelerometers: its density by the data sheet, and the table to draw from.

LSM6DSOX (DS12814, table 3), high-performance mode: 70, 75, 80 and 110 ug/sqrt(Hz) at 2, 4, 8 and
16 g. The bandwidth is half the output data rate (LPF1), so at 104 Hz and 16 g a sample is 0.8 mg
off, root mean square. In normal and low-power mode (XL_HM_MODE) it is 1.8, 2.0, 2.4 and 3.0 mg.
"""

from math import log, sqrt

# By the code of fs_xl: 2, 16, 4 and 8 g.
_DENSITY_UG = (70, 110, 75, 80)
_LOW_POWER_UG = (1800, 3000, 2000, 2400)
# Quantiles of the normal distribution, sigma in Q10, biased so that no entry is negative.
BIAS = 4096
_ENTRIES = 256


def counts_q14(rate_uhz, counts_per_mg_q24, scale_code, low_power):
    """Root mean square of the noise of an LSM6DSOX in counts, Q14."""
    if low_power:
        rms_ug = _LOW_POWER_UG[scale_code]
    else:
        rms_ug = _DENSITY_UG[scale_code] * sqrt(rate_uhz / 2e6)
    return rms_q14(rms_ug, counts_per_mg_q24)


def rms_q14(rms_ug, counts_per_mg_q24):
    """So many micro-g in counts, Q14."""
    return int(rms_ug * counts_per_mg_q24 / 1000 / (1 << 10))


def table():
    """256 equally likely values of a normal distribution, as the kernel takes them."""
    return [int(_quantile((i + 0.5) / _ENTRIES) * 1024) + BIAS for i in range(_ENTRIES)]


def _quantile(p):
    # Hastings' approximation (Abramowitz and Stegun 26.2.23), off by at most 0.00045.
    if p > 0.5:
        return -_quantile(1 - p)
    t = sqrt(-2 * log(p))
    above = 2.515517 + t * (0.802853 + t * 0.010328)
    below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    return above / below - t
