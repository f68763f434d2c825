"""The badge's idea of UTC: the later of build date and last time stored, then network time."""

from badge.core import utc
from badge.core.portable import const
from badge.core.retries import Retries
from badge.storage import files

# A network that is wrong by more than the life of a badge is not believed.
_LIFE_S = const(20 * 31_557_600)
# A stored time at most this old is good enough for certificate dates; saves flash.
_STORE_EVERY_S = const(86_400)
# A clock that runs is not moved further than this by one opinion, nor one that went on over a
# reset, nor what was stored back to before. A second one agrees with the first within the
# tolerance, and was given later.
_DOUBT_S = const(86_400)
_APART_S = const(60)
_TOLERANCE_S = const(600)
_OFFSET = ".offset"


class UtcClock:
    """Sets the RTC so that TLS can check dates; knows whether the time can be trusted.

    `watch(by_s, now_s)` hears of each time that it is set to.
    """

    def __init__(self, rtc, path, build_utc_s, watch):
        self._rtc = rtc
        self._path = path
        self._build_utc_s = build_utc_s
        self._watch = watch
        self._stored_utc_s = 0
        # (what a network said that we doubt, our own time then), or None.
        self._doubted = None
        # The time was told before the reset, and the chip's clock has gone on since.
        self._goes_on = False
        self._retries = Retries()
        self._told_s = 0
        # Local time less UTC, and what of it is in flash; None until the receiver has told it.
        self.offset_min = self._stored_min = None
        self.trusted = False

    def start(self):
        """Move the RTC forward to the latest time known to have passed; never back."""
        self._stored_utc_s = self._read()
        self.offset_min = self._stored_min = self._read_offset()
        floor_utc_s = max(self._build_utc_s, self._stored_utc_s)
        rtc_s = self._rtc_utc_s()
        if rtc_s < floor_utc_s:
            self._set_rtc(floor_utc_s)
        elif self._stored_utc_s:
            # It is stored once a day while it is trusted; flash may refuse for a day more.
            self._goes_on = rtc_s - self._stored_utc_s < 2 * _STORE_EVERY_S

    def utc_s(self):
        """UTC in seconds once a network has told it, else None."""
        return self._rtc_utc_s() if self.trusted else None

    def offset_told(self, quarters, utc_s):
        """The receiver says how far local time was ahead of UTC-12:00 then, or nothing (None)."""
        # An older word than the last is a replay.
        if quarters is not None and utc_s >= self._told_s:
            self._told_s, self.offset_min = utc_s, 15 * quarters - 720

    def rtc_s(self):
        """What the chip's clock says, right or not: it goes on over a reset, and never back."""
        return self._rtc_utc_s()

    def set(self, utc_s):
        """Take network time; False for one before this firmware was built or 20 years after.

        False too for the first that is more than a day from our own, where that was told before,
        and for one that is more than a day before what was stored. Where nothing was, the build is
        all that there is to compare with.
        """
        if not self._build_utc_s <= utc_s < self._build_utc_s + _LIFE_S:
            return False
        if not self._is_near(utc_s) and not self._is_seconded(utc_s):
            return False
        self._doubted = None
        self._watch(utc_s - self._rtc_utc_s(), utc_s)
        self._set_rtc(utc_s)
        self.trusted = True
        return True

    def is_in_doubt(self):
        """Whether a second opinion is wanted."""
        return self._doubted is not None

    def _is_near(self, utc_s):
        if self.trusted or self._goes_on:
            return -_DOUBT_S <= utc_s - self._rtc_utc_s() <= _DOUBT_S
        return utc_s >= self._stored_utc_s - _DOUBT_S

    def _is_seconded(self, utc_s):
        own_s = self._rtc_utc_s()
        if self._doubted is not None:
            said_s, then_s = self._doubted
            passed_s = own_s - then_s
            if -_TOLERANCE_S <= utc_s - said_s - passed_s <= _TOLERANCE_S:
                return passed_s >= _APART_S
        self._doubted = (utc_s, own_s)
        return False

    def store_due(self):
        """True when time or offset should be written down again; to be asked once a round."""
        is_old = self.trusted and self._rtc_utc_s() - self._stored_utc_s >= _STORE_EVERY_S
        return (is_old or self.offset_min != self._stored_min) and self._retries.due()

    def store(self):
        """Write down what was told, for the next start to begin from; OSError on a full disk."""
        self._retries.begin()
        if self.offset_min != self._stored_min:
            # A file of its own: the release before reads the other as one number.
            files.replace(self._path + _OFFSET, str(self.offset_min).encode())
            self._stored_min = self.offset_min
        if self.trusted:
            now_utc_s = self._rtc_utc_s()
            files.replace(self._path, str(now_utc_s).encode())
            self._stored_utc_s = now_utc_s
        self._retries.done()

    def _read(self):
        try:
            with open(self._path) as file:
                return int(file.read())
        except (OSError, ValueError):
            # No time stored yet, or a damaged one: the build date still bounds the clock.
            return 0

    def _read_offset(self):
        try:
            offset_min = int(files.read(self._path + _OFFSET) or b"")
        except (OSError, ValueError):
            return None
        return offset_min if -720 <= offset_min <= 840 else None

    def _rtc_utc_s(self):
        year, month, day, _weekday, hour, minute, second, _sub = self._rtc.datetime()
        return utc.from_civil(year, month, day, hour, minute, second)

    def _set_rtc(self, utc_s):
        year, month, day, hour, minute, second = utc.to_civil(utc_s)
        self._rtc.datetime((year, month, day, 0, hour, minute, second, 0))
