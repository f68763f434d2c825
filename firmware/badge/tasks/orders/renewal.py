"""A new certificate for the key that the badge has: tried for a session, then kept for good."""

import asyncio
import os
from time import ticks_diff, ticks_ms

from badge.core.codec import certificate
from badge.core.codec.usb_protocol import SERVICE, UsbError, field, to_text
from badge.core.portable import const
from badge.link.tls import LinkError, client_context
from badge.storage import files
from badge.tasks import beat

_ROUND_MS = const(1000)
_TRIAL_MS = const(180_000)
# A network that is away for a moment costs one or two.
_MOST_FAILURES = const(3)
_LINK, _ALARM, _UNCONFIRMED, _CRASH = "link", "alarm", "unconfirmed", "crash"


class Renewal:
    """The verbs renew.*; `alarms()` are the open ones, `link` is the Uplink.

    What is on trial is in memory alone: a badge that starts anew has the certificate of before.
    """

    def __init__(self, who, link, alarms, common):
        self._who = who
        self._link = link
        self._alarms = alarms
        self._clock = common.clock
        self._gate = common.gate
        self._log = common.log
        self._before = None
        self._trial = None
        self._new_der = b""
        self._back = ""
        self._task = None

    def verbs(self):
        """For the table of Orders."""
        return {
            "renew.status": (SERVICE, self.status),
            "renew.try": (SERVICE, self.begin),
            "renew.keep": (SERVICE, self.keep),
        }

    async def status(self, _request):
        """{"certificate" in force, "trial", "used": with a session, "back": why it went back}."""
        return {
            "certificate": to_text(self._who.cert_der),
            "trial": self._trial is not None,
            "used": self._is_used(),
            "back": self._back,
        }

    async def begin(self, request):
        """{"data": DER}: the next session shows it, and this one ends once no alarm is open."""
        der = field(request, "data", bytes)
        if self._trial is not None:
            raise UsbError("renew.trial", "A certificate is on trial.")
        fault = _fault(self._who.cert_der, der, self._clock.utc_s())
        if fault:
            raise UsbError("renew.certificate", fault)
        await self._gate.wait_open()
        self._gate.begin()
        try:
            trial = client_context(self._who.ca_der, der, self._who.key_der)
        except LinkError as error:
            raise UsbError("renew.certificate", str(error))
        finally:
            self._gate.end()
        self._new_der, self._back = der, ""
        self._trial, self._before = trial, self._link.shown
        self._link.change(trial)
        self._log.event("renewal.trying")
        self._task = asyncio.create_task(self._watch(trial))
        return {"confirm_within_ms": _TRIAL_MS}

    async def keep(self, _request):
        """Put what is on trial in force; refused before a session that shows it."""
        await self._gate.wait_open()
        if self._trial is None:
            raise UsbError("renew.none", "No certificate is on trial.")
        if not self._is_used():
            raise UsbError("renew.session", "It has no session with it yet.")
        self._gate.begin()
        try:
            _store(self._who.folder + "badge.der", self._new_der)
        except OSError as error:
            self._log.failure("renewal.not_stored", error)
            raise UsbError("renew.flash", "The badge could not write its flash (%s)." % error)
        finally:
            self._gate.end()
        self._who.cert_der = self._new_der
        self._trial = self._before = None
        self._log.event("renewal.kept")
        return {}

    def _is_used(self):
        return self._trial is not None and self._link.is_up and self._link.shown is self._trial

    async def _watch(self, trial):
        began_ms = ticks_ms()
        why = ""
        try:
            while self._trial is trial and not why:
                await asyncio.sleep_ms(beat.until_ms(_ROUND_MS))
                if self._alarms():
                    began_ms = ticks_ms()
                why = self._why_back(began_ms)
        # The badge must not stay with what nobody watches.
        except Exception as error:  # noqa: BLE001
            self._log.failure("renewal.failed", error)
            why = _CRASH
        if self._trial is trial:
            self._log.event("renewal.reverting", why=why)
            self._link.change(self._before)
            self._trial = self._before = None
            self._back = why

    def _why_back(self, began_ms):
        if self._alarms() and not self._link.is_open:
            # The certificate may be what holds it up.
            return _ALARM
        if self._link.failures >= _MOST_FAILURES:
            return _LINK
        return _UNCONFIRMED if ticks_diff(ticks_ms(), began_ms) >= _TRIAL_MS else ""


def _fault(old_der, new_der, now_s):
    """What is wrong with a certificate in place of this one, "" for nothing."""
    try:
        if _named(old_der) != _named(new_der):
            return "It is of another authority, badge or key."
        end_s = certificate.date_s(new_der, certificate.END)
        if (
            now_s is not None
            and not certificate.date_s(new_der, certificate.BEGIN) <= now_s < end_s
        ):
            return "It is not valid now."
        is_sooner = end_s < certificate.date_s(old_der, certificate.END)
    except (IndexError, ValueError) as error:
        return "It cannot be read (%s)." % error
    return "It ends before the one in force." if is_sooner else ""


def _named(der):
    """Issuer, and subject with public key."""
    issuer = certificate.skip(der, certificate.first(der), 2)
    dates = certificate.skip(der, issuer, 1)
    subject = certificate.skip(der, dates, 1)
    return der[issuer:dates], der[subject : certificate.skip(der, subject, 2)]


def _store(path, data):
    """In place of what is there, and only once flash gives back what was written."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    if files.read(path + ".new") != data:
        raise OSError("it reads back otherwise")
    os.rename(path + ".new", path)
