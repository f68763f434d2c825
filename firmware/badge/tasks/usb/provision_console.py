"""Provisioning over USB: an identity from the receiver's authority, sealed once it is in force."""

import binascii
import hashlib
from collections import namedtuple

from badge.core.codec.usb_protocol import UsbError, field, piece
from badge.storage.identity import IdentityError

# What speaks against a restart: alarms() those under way, staged() settings that are on trial.
InTheWay = namedtuple("InTheWay", ("alarms", "staged"))


class ProvisionConsole:
    """The verbs provision.*. `who` is the Identity of this start or None."""

    def __init__(self, common, provisioning, who, restart, in_the_way):
        self._provisioning = provisioning
        self._who = who
        self._gate = common.gate
        self._in_the_way = in_the_way
        self._clock = common.clock
        self._restart = restart
        self._log = common.log

    async def state(self, _request):
        """Whose badge this is: {"badge", "certificate"}, both None before it is provisioned."""
        return _told(self._who)

    async def begin(self, request):
        """{"force"}: make room for a new identity; a badge that has one wants force."""
        if self._who is not None and not field(request, "force", bool, False):
            raise UsbError("identity.sealed", "The badge is %s already." % self._who.badge)
        self._refuse_if_busy()
        await self._on_flash(self._provisioning.begin)
        return {}

    async def put(self, request):
        """{"name", "at", "data"}: the next bytes of a file."""
        name, at = field(request, "name", str), field(request, "at", int)
        data = piece(request)
        await self._on_flash(lambda: self._provisioning.put(name, at, data))
        return {"have": at + len(data)}

    async def commit(self, request):
        """{"sha256": name to digest, "utc_s"}: put it in force; the badge restarts as another."""
        digests, utc_s = field(request, "sha256", dict), field(request, "utc_s", int)
        self._refuse_if_busy()
        # First, so that a certificate can be judged from the first start on.
        if self._clock.set(utc_s):
            await self._on_flash(self._clock.store)
        new = await self._on_flash(lambda: self._provisioning.commit(digests))
        self._log.event("identity.new", badge=new.badge)
        if self._who is None:
            # An alarm that is open has waited for just this.
            self._restart.at_once("provision")
        else:
            self._restart.soon("provision")
        return _told(new)

    async def _on_flash(self, work):
        await self._gate.wait_open()
        self._gate.begin()
        try:
            return work()
        except IdentityError as error:
            raise UsbError(error.code, str(error))
        except OSError as error:
            self._log.failure("identity.failed", error)
            raise UsbError("identity.flash", "The badge could not write its flash (%s)." % error)
        finally:
            self._gate.end()

    def _refuse_if_busy(self):
        # Without an identity nobody can close it, and with one it is delivered at last.
        if self._who is not None and self._in_the_way.alarms():
            raise UsbError("alarm.open", "An alarm is open; try again when it is closed.")
        if self._restart.pending:
            raise UsbError("restart", "The badge is about to restart; try again when it has.")
        if self._in_the_way.staged():
            raise UsbError("config.trial", "Settings are on trial; wait until that is over.")


def _told(who):
    if who is None:
        return {"badge": None, "certificate": None}
    digest = hashlib.sha256(who.cert_der).digest()
    return {"badge": who.badge, "certificate": binascii.hexlify(digest).decode()}
