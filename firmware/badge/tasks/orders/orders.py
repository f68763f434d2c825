"""Carries out what the receiver orders by the link: what an engineer can ask by USB, and less."""

import json

from badge.core.codec import order as codec
from badge.core.codec.usb_protocol import UsbError
from badge.core.codec.wire import TYPE_ORDER, WireError
from badge.core.portable import const

# Flash work and a restart take what an alarm may need.
_LEAST_PERCENT = const(30)
# What speaks against a verb: nothing; an open alarm or a low battery; also a shift that is on,
# because the badge is not there while it restarts.
_READS, _CHANGES, _RESTARTS = range(3)
_ALLOWED = {
    "config.get": _READS,
    "config.stage": _RESTARTS,
    "config.commit": _CHANGES,
    "config.revert": _RESTARTS,
    "update.status": _READS,
    "update.manifest": _CHANGES,
    "update.begin": _CHANGES,
    "update.next": _CHANGES,
    "update.data": _CHANGES,
    "update.commit": _CHANGES,
    "renew.status": _READS,
    "renew.try": _CHANGES,
    "renew.keep": _CHANGES,
    "reset": _RESTARTS,
}


class Orders:
    """`verbs` are handlers by name, as of the USB console, `hindrance` is a Hindrance.

    Each order is done once: a copy of the last one gets its answer again, an older one none.
    """

    def __init__(self, who, boot, verbs, hindrance, common):
        self._who = who
        self._boot = boot
        self._verbs = verbs
        self._hindrance = hindrance
        self._gate = common.gate
        self._log = common.log
        self._last = 0
        self._answer = None

    async def do(self, frame):
        """The frame of the answer; None to what is no authentic order to this badge."""
        try:
            order = codec.decode(self._who.hmac_key, TYPE_ORDER, frame)
        except WireError as error:
            self._log.failure("order.refused", error)
            return None
        if order.badge != self._who.badge:
            return None
        if order.boot != self._boot:
            return self._sealed(order, "order.boot", b"")
        if order.number == self._last and self._answer is not None:
            return self._answer
        if order.number <= self._last:
            return self._sealed(order, "order.number", b"")
        self._last = order.number
        self._answer = None
        code, body = await self._outcome(order)
        try:
            self._answer = self._sealed(order, code, body)
        except WireError:
            self._answer = self._sealed(order, "usb.long", b"The answer is too long.")
        return self._answer

    def _sealed(self, order, code, body):
        message = codec.Answer(self._who.badge, self._boot, order.number, code, body, self._last)
        return codec.encode(self._who.hmac_key, codec.TYPE_ANSWER, message)

    async def _outcome(self, order):
        # A press first: what follows may take a turn or two of flash.
        await self._gate.wait_open()
        try:
            return "", json.dumps(await self._carried_out(order)).encode()
        except UsbError as error:
            return error.code, error.why.encode()
        # The receiver gets a sentence and the badge stays armed, whatever a handler died of.
        except Exception as error:  # noqa: BLE001
            self._log.failure("order.failed", error)
            return "order.failed", repr(error).encode()

    async def _carried_out(self, order):
        if order.verb not in _ALLOWED or order.verb not in self._verbs:
            raise UsbError("usb.verb", "This firmware takes no order '%s'." % order.verb)
        self._hindrance.refuse(_ALLOWED[order.verb])
        request = json.loads(order.fields.decode())
        if not isinstance(request, dict):
            raise UsbError("usb.json", "The fields are not a JSON object.")
        request["do"] = order.verb
        if order.data:
            request["data"] = order.data
        _access, handler = self._verbs[order.verb]
        return await handler(request)


class Hindrance:
    """What speaks against an order now: `alarms()` the open ones, `is_on_shift()`, `power`."""

    def __init__(self, alarms, is_on_shift, power):
        self._alarms = alarms
        self._is_on_shift = is_on_shift
        self._power = power

    def refuse(self, wants):
        """UsbError when an order that wants this much may not be carried out."""
        if wants == _READS:
            return
        if self._alarms():
            raise UsbError("order.alarm", "An alarm is open.")
        percent = self._power.percent
        if not self._power.on_charger and percent is not None and percent < _LEAST_PERCENT:
            raise UsbError("order.battery", "The battery has %d %%." % percent)
        if wants == _RESTARTS and self._is_on_shift():
            raise UsbError("order.shift", "Its wearer is on shift.")
