"""What time says against "am I protected?": nobody tells it, or the certificate ends soon."""

from time import ticks_diff, ticks_ms

from badge.core.codec import certificate
from badge.core.portable import const

# The modem tells the time with each session.
_TOLD_MS = const(900_000)
# A month is enough to send an engineer round.
_CERTIFICATE_S = const(30 * 86_400)


class ClockWatch:
    """`cert_der`: the badge's certificate, or None. One that cannot be read is said at once."""

    def __init__(self, clock, cert_der, log):
        self._clock = clock
        self._began_ms = ticks_ms()
        self._is_late = False
        self._is_unread = False
        self._end_s = None
        if cert_der is None:
            return
        try:
            self._end_s = certificate.not_after_s(cert_der)
        except ValueError as error:
            self._is_unread = True
            log.event("certificate.unread", why=repr(str(error)))

    def clock_reason(self):
        """Return "clock" while no network has told the time for long, else ""."""
        # Latched, for ticks wrap.
        self._is_late = self._is_late or ticks_diff(ticks_ms(), self._began_ms) >= _TOLD_MS
        return "clock" if self._is_late and not self._clock.trusted else ""

    def certificate_reason(self):
        """Return "certificate" when it ends soon, has ended or cannot be read, else ""."""
        if self._end_s is None:
            return "certificate" if self._is_unread else ""
        utc_s = self._clock.utc_s()
        is_due = utc_s is not None and utc_s > self._end_s - _CERTIFICATE_S
        return "certificate" if is_due else ""
