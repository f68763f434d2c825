"""What time says against "am I protected?": nobody tells it, or the certificate ends soon."""

from time import ticks_diff, ticks_ms

from badge.core.codec import certificate
from badge.core.portable import const

# The modem tells the time with each session.
_TOLD_MS = const(900_000)
# A month is enough to send an engineer round.
_CERTIFICATE_S = const(30 * 86_400)


class ClockWatch:
    """`who`: the Identity, or None. A certificate that cannot be read is said at once."""

    def __init__(self, clock, who, log):
        self._clock = clock
        self._began_ms = ticks_ms()
        self._is_late = False
        self._is_unread = False
        self._who = who
        self._log = log
        self._end_s = self._read = None
        self._read_anew()

    def _read_anew(self):
        if self._who is None or self._who.cert_der is self._read:
            return
        self._read = self._who.cert_der
        try:
            self._end_s, self._is_unread = certificate.date_s(self._read, certificate.END), False
        except ValueError as error:
            self._end_s, self._is_unread = None, True
            self._log.event("certificate.unread", why=repr(str(error)))

    def clock_reason(self):
        """Return "clock" while no network has told the time for long, else ""."""
        # Latched, for ticks wrap.
        self._is_late = self._is_late or ticks_diff(ticks_ms(), self._began_ms) >= _TOLD_MS
        return "clock" if self._is_late and not self._clock.trusted else ""

    def certificate_reason(self):
        """Return "certificate" when it ends soon, has ended or cannot be read, else ""."""
        # The receiver may have sent another.
        self._read_anew()
        if self._end_s is None:
            return "certificate" if self._is_unread else ""
        utc_s = self._clock.utc_s()
        is_due = utc_s is not None and utc_s > self._end_s - _CERTIFICATE_S
        return "certificate" if is_due else ""
