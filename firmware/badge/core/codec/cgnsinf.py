"""What the SIM7080G reports of the satellites it hears (+CGNSINF, GNSS note V1.02)."""

from badge.core import utc
from badge.core.fix_check import Fix, e7_of


def fix_of(line):
    """The Fix of a +CGNSINF line, None without one; ValueError when it is no such line.

    Fields: 1 runs, 2 has a fix, 3 UTC, 4 and 5 degrees, 7 km/h, 17 accuracy in m. Without a fix a
    position may stand there all the same (T-SIM7000G#177).
    """
    fields = [field.strip() for field in line[9:].split(b",")]
    if len(fields) < 18:
        raise ValueError("a CGNSINF line of %d fields" % len(fields))
    if fields[0] != b"1" or fields[1] != b"1":
        return None
    try:
        accuracy_m = (e7_of(fields[16]) + 9_999_999) // 10_000_000
        speed_cm_s = None if not fields[6] else e7_of(fields[6]) // 360_000
        return Fix(e7_of(fields[3]), e7_of(fields[4]), accuracy_m, _utc_s(fields[2]), speed_cm_s)
    except ValueError:
        # A fix without its accuracy or its time is none that anybody could check.
        return None


def _utc_s(text):
    """Seconds since 1970 of b"yyyyMMddhhmmss.sss"; ValueError when it is no time."""
    digits = text[:14]
    if len(digits) != 14 or not digits.isdigit():
        raise ValueError("no time")
    month, day = int(digits[4:6]), int(digits[6:8])
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise ValueError("no date")
    return utc.from_civil(
        int(digits[:4]), month, day, int(digits[8:10]), int(digits[10:12]), int(digits[12:14])
    )
