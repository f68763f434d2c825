"""What a satellite receiver says on a serial line (NMEA 0183), of which GGA and RMC are read."""

from badge.core import utc
from badge.core.fix_check import Fix, e7_of
from badge.core.portable import const

# The standard has 82 characters; receivers of today write a few more.
_LONGEST = const(100)
# Whose satellites they are: GPS, several, GLONASS, Galileo, BeiDou (two names), QZSS.
_TALKERS = (b"GP", b"GN", b"GL", b"GA", b"GB", b"BD", b"GQ")
# A fix of satellites, with corrections or without: none that is estimated, typed in or simulated.
_QUALITIES = (b"1", b"2", b"3", b"4", b"5")
_MODES = (b"A", b"D", b"F", b"P", b"R")
# With fewer the height is a guess, and so is the place.
_SATELLITES = const(4)
# No receiver of this sort says how far it may be off. HDOP says how badly the satellites stand;
# so many metres for each unit of it are an assumption, and none of a street's echoes is in it.
_M_PER_HDOP = const(5)
_HDOP_MAX_E7 = const(200_000_000)
# 0.2 m, the fourth decimal of a minute: further apart is not one fix told twice.
_APART_E7 = const(20)


class Nmea:
    """`hear` bytes as they come; `sentences` counts the GGA and RMC whose checksum is right."""

    def __init__(self):
        self.sentences = 0
        self._rest = b""
        # (talker, hhmmss) and (lat_e7, lon_e7), with (utc_s, speed_cm_s) of the one, accuracy_m of
        # the other.
        self._rmc = self._gga = None

    def hear(self, data):
        """Return the newest Fix that these bytes complete, or None; never raises."""
        lines = (self._rest + data).split(b"\n")
        rest = lines.pop()
        fix = None
        for line in lines:
            found = self._line(line)
            fix = fix if found is None else found
        # What stands before a beginning is torn, and what is too long already is none.
        start = rest.rfind(b"$")
        self._rest = b"" if start < 0 or len(rest) - start > _LONGEST else rest[start:]
        return fix

    def _line(self, line):
        start = line.rfind(b"$")
        # As long as it came: where the line is cut must not matter.
        if start < 0 or len(line) - start > _LONGEST:
            return None
        text = line[start + 1 :].rstrip(b"\r")
        if text[:2] not in _TALKERS:
            return None
        kind = text[2:6]
        if kind not in (b"RMC,", b"GGA,") or text[-3:-2] != b"*":
            return None
        check = 0
        for byte in text[:-3]:
            check ^= byte
        if text[-2:].upper() != b"%02X" % check:
            return None
        self.sentences += 1
        fields = text[:-3].split(b",")
        try:
            if kind == b"RMC,":
                self._rmc = _of_rmc(fields)
            else:
                self._gga = _of_gga(fields)
        except ValueError:
            # Of a receiver that has no fix most fields are empty.
            if kind == b"RMC,":
                self._rmc = None
            else:
                self._gga = None
        return self._both()

    def _both(self):
        """The Fix of which both tell the same, once."""
        rmc, gga = self._rmc, self._gga
        if rmc is None or gga is None or rmc[0] != gga[0]:
            return None
        self._rmc = self._gga = None
        lat_e7, lon_e7 = gga[1]
        if abs(lat_e7 - rmc[1][0]) > _APART_E7 or abs(lon_e7 - rmc[1][1]) > _APART_E7:
            return None
        utc_s, speed_cm_s = rmc[2]
        return Fix(lat_e7, lon_e7, gga[2], utc_s, speed_cm_s)


def _of_rmc(fields):
    # Time, A or V, latitude, N or S, longitude, E or W, knots, course, date, and from version 2.3
    # on what sort of fix it is.
    if len(fields) < 10 or fields[2] != b"A" or (len(fields) > 12 and fields[12] not in _MODES):
        raise ValueError("no fix")
    knots, date = fields[7], fields[9]
    day_s = _day_s(fields[1])
    if len(date) != 6 or not date.isdigit():
        raise ValueError("no date")
    day, month = int(date[:2]), int(date[2:4])
    if not 1 <= day <= 31 or not 1 <= month <= 12:
        raise ValueError("no date")
    utc_s = utc.from_civil(2000 + int(date[4:]), month, day) + day_s
    # A knot is 51.4444 cm/s.
    speed_cm_s = e7_of(knots) * 514_444 // 100_000_000_000 if knots else None
    return (fields[0][:2], day_s), _place(fields[3:7]), (utc_s, speed_cm_s)


def _of_gga(fields):
    # Time, latitude, N or S, longitude, E or W, what sort of fix it is, satellites, HDOP.
    if len(fields) < 9 or fields[6] not in _QUALITIES:
        raise ValueError("no fix")
    satellites, hdop_e7 = fields[7], e7_of(fields[8])
    if not satellites.isdigit() or int(satellites) < _SATELLITES or hdop_e7 > _HDOP_MAX_E7:
        raise ValueError("a poor fix")
    accuracy_m = (hdop_e7 * _M_PER_HDOP + 9_999_999) // 10_000_000
    return (fields[0][:2], _day_s(fields[1])), _place(fields[2:6]), accuracy_m


def _day_s(text):
    """Seconds of the day of b"hhmmss.ss"."""
    digits, _, part = text.partition(b".")
    if len(digits) != 6 or not digits.isdigit() or (part and not part.isdigit()):
        raise ValueError("no time")
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no time")
    return hour * 3600 + minute * 60 + second


def _place(fields):
    """(lat_e7, lon_e7) of b"ddmm.mmmm", b"N", b"dddmm.mmmm" and b"E"."""
    lat, north, lon, east = fields
    if north not in (b"N", b"S") or east not in (b"E", b"W"):
        raise ValueError("no side")
    lat_e7, lon_e7 = _degrees_e7(lat, 4), _degrees_e7(lon, 5)
    return (-lat_e7 if north == b"S" else lat_e7), (-lon_e7 if east == b"W" else lon_e7)


def _degrees_e7(text, width):
    whole, _, part = text.partition(b".")
    if len(whole) != width or not whole.isdigit() or (part and not part.isdigit()):
        raise ValueError("no degrees")
    minutes = int(whole[-2:])
    if minutes > 59:
        raise ValueError("no minutes")
    minutes_e7 = minutes * 10_000_000 + int((part + b"0000000")[:7])
    return int(whole[:-2]) * 10_000_000 + minutes_e7 // 60
