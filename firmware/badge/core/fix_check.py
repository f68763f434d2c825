"""Which of what a satellite receiver reports is believed: pure, and the same for each receiver."""

from collections import namedtuple

from badge.core.portable import const

# What a receiver reports while it says that it has a fix. accuracy_m: its own estimate. utc_s: of
# the fix. speed_cm_s: None where it does not say.
Fix = namedtuple("Fix", ("lat_e7", "lon_e7", "accuracy_m", "utc_s", "speed_cm_s"))

# One that is worse says no more than the cell.
ACCURACY_MAX_M = const(500)
# Good enough to stop for; one that is worse may become better in the time that follows.
GOOD_M = const(30)
_CLOCK_OFF_S = const(120)
# A speed is that of now, of somebody on a road.
_SPEED_OFF_S = const(10)
_SPEED_MAX_KMH = const(250)
# 1.1 km: no two reports of a window are so far apart.
_APART_E7 = const(100_000)


class FixCheck:
    """Hears the fixes of one window; `earliest_utc_s`: when the firmware was built.

    A report is believed when another went before it that was as good and a second or more older:
    receivers repeat the place of last week, and one that has just started makes one up.
    """

    def __init__(self, earliest_utc_s):
        self._earliest_utc_s = earliest_utc_s
        self._before = None

    def hear(self, fix, utc_s):
        """Return whether `fix` is believed; `utc_s` is the badge's time, or None."""
        if not self._is_plausible(fix, utc_s):
            self._before = None
            return False
        before = self._before
        if before is not None and fix.utc_s == before.utc_s:
            return False
        self._before = fix
        if before is None or fix.utc_s < before.utc_s:
            return False
        return (
            abs(fix.lat_e7 - before.lat_e7) < _APART_E7
            and abs(fix.lon_e7 - before.lon_e7) < _APART_E7
        )

    def _is_plausible(self, fix, utc_s):
        if not 0 < fix.accuracy_m <= ACCURACY_MAX_M:
            return False
        if abs(fix.lat_e7) > 900_000_000 or abs(fix.lon_e7) > 1_800_000_000:
            return False
        # The middle of the sea off Africa: what zeros mean.
        if not (fix.lat_e7 or fix.lon_e7):
            return False
        if fix.utc_s < self._earliest_utc_s:
            return False
        return utc_s is None or -_CLOCK_OFF_S <= fix.utc_s - utc_s <= _CLOCK_OFF_S


def speed_kmh(fix, utc_s):
    """What a believed `fix` says of driving: its speed, or None where it is vague, old or untold.

    `utc_s` is the badge's time, or None, and then nobody knows how old it is.
    """
    if fix.speed_cm_s is None or fix.accuracy_m > GOOD_M or utc_s is None:
        return None
    if not -_SPEED_OFF_S <= fix.utc_s - utc_s <= _SPEED_OFF_S:
        return None
    kmh = fix.speed_cm_s * 36 // 1000
    return kmh if 0 <= kmh <= _SPEED_MAX_KMH else None


def e7_of(text):
    """Return the bytes b"-52.123456" as degrees times 10,000,000; ValueError for anything else."""
    is_negative = text[:1] == b"-"
    whole, _, part = (text[1:] if is_negative else text).partition(b".")
    if not whole.isdigit() or len(whole) > 3 or (part and not part.isdigit()):
        raise ValueError("no degrees")
    value = int(whole) * 10_000_000 + int((part + b"0000000")[:7])
    return -value if is_negative else value
