"""A gateway in reach of the badge, for fast mode: fetches, carries, writes back.

What `nabij gateway` does, with a time for each step and no radio; one of them, no loss.
"""

from badge.core.codec import beacon
from sim.models.modem.mobile_network import end_us, spans_us

# So often it fetches the same before it goes, and so long it stays away then.
_SAME = 8
_AWAY_US = 5_000_000
_CONNECTION = 0
_LOOK_US = 500_000
_APART_US = 500_000


class NearGateway:
    """`radio` is the BleModel, `receiver` the server inside the simulator, or None."""

    def __init__(self, world, radio, receiver, options):
        self._world = world
        self._radio = radio
        self._receiver = receiver
        self._options = options
        self._away_us = spans_us(options["away_ms"])
        self._is_calling = self._is_there = False
        self._next = None
        self._fetched = None
        self._same = 0
        self._flits = options["flits"]
        self._handles = {}

    def registered(self, _service, characteristics):
        """The badge has these to offer."""
        self._handles = {uuid: handle for handle, uuid, _flags in characteristics}

    def new_address(self):
        """Nobody here remembers one."""

    def changed(self, _handle, _value):
        """It looks by itself."""

    def advertise(self, payload):
        """The badge calls, or no longer."""
        self._is_calling = payload is not None
        is_near = self._options["gateway"] and not self._is_there
        if self._is_calling and is_near and beacon.is_ours(payload[-beacon.SIZE :]):
            self._plan(self._options["hear_ms"] * 1000, self._come)

    def hang_up(self, _connection):
        """The badge ends the connection."""
        self._is_there = False
        self._world.observe({"gateway": "sent away"})
        self._plan(None, None)

    def _plan(self, us, what):
        self._world.cancel(self._next)
        self._next = None if us is None else self._world.after(int(us), what)

    def _come(self):
        if not self._is_calling:
            return
        if end_us(self._away_us, self._world.now_us) is not None:
            self._plan(_LOOK_US, self._come)
            return
        if self._flits:
            # Nobody has a turn between the two: the badge has to call anew all the same.
            self._flits -= 1
            self._is_calling = False
            self._radio.came(_CONNECTION)
            self._radio.gone(_CONNECTION)
            return
        self._is_there = True
        self._same = 0
        self._world.observe({"gateway": "came"})
        self._radio.came(_CONNECTION)
        if not self._options["idle"]:
            self._plan(self._options["fetch_ms"] * 1000, self._fetch)

    def _fetch(self):
        value = self._radio.values.get(self._handles.get(beacon.FRAME))
        if value and value != self._fetched:
            self._fetched = value
            self._same = 0
            self._world.observe({"gateway": "fetched", "bytes": len(value)})
            if self._receiver is not None:
                for i in range(1 + self._options["copies"]):
                    way_us = int(self._options["rtt_ms"] * 500) + i * _APART_US
                    self._world.after(way_us, lambda: self._receiver.carry(value, self._answer))
        else:
            self._same += 1
        if self._same > _SAME:
            self._go()
        else:
            self._plan(self._options["fetch_ms"] * 1000, self._fetch)

    def _go(self):
        self._is_there = False
        self._plan(_AWAY_US, self._come)
        self._radio.gone(_CONNECTION)

    def _answer(self, status):
        us = int(self._options["rtt_ms"] * 500)
        writes = [bytes(40)] * self._options["rubbish"] + [status] * (1 + self._options["again"])
        for i, value in enumerate(writes):
            self._world.after(us + i * 200_000, lambda value=value: self._write(value))

    def _write(self, value):
        if self._is_there:
            self._world.observe({"gateway": "wrote", "bytes": len(value)})
            self._radio.written(_CONNECTION, self._handles[beacon.STATUS], value)
