"""Who is in reach of a badge that listens, for fast mode: a badge that calls, tags, and others.

The one that calls has an alarm, offers its frame, takes statuses and ends a connection after 20 s,
as the firmware's does (link/ble/peripheral.py); one at a time, at -60 dBm, and nothing is lost.
"""

import os
from binascii import unhexlify

from badge.core.codec import beacon, veil, wire
from badge.core.codec.cbor import WireError
from sim.models import ble_central
from sim.models.modem.mobile_network import end_us, spans_us

NAME = "colleague"
_EVERY_US = 100_000
_STAY_US = 20_000_000
_RSSI_DBM = -60
_CONNECTION = 8
_RANDOM = 1
_OTHERS_DBM = -80
_OTHERS = b"\x02\x01\x06\x05\xff\x4c\0\x10\0"
_UTC_BOOT = 7
# Handles of what it offers.
_START, _FRAME, _STATUS, _END = 12, 14, 16, 20
# Of ATT: no such attribute, no such handle.
_NOT_FOUND = 10
_INVALID = 1


class NearCaller:
    """`radio` is the BleModel."""

    def __init__(self, world, radio, options):
        self._world = world
        self._radio = radio
        self._options = options
        self._does = options["caller_does"]
        self._key = unhexlify(options["caller_key"])
        self._calls_us = spans_us(options["calls_ms"])
        self._tags = [
            (int(start * 1000), int(end * 1000), unhexlify(data), rssi)
            for start, end, data, rssi in options["tags"]
        ]
        self._address = b"\xc0\0\0\0\0\1"
        self._number = 0
        self._is_heard = self._is_there = False
        self._next = self._stays = None
        self._told = wire.STATUS_NONE
        self._offered = self._payload = b""

    def scan(self, is_on):
        """The badge listens, or no longer."""
        self._is_heard = is_on
        self._world.cancel(self._next)
        if is_on:
            self._next = self._world.after(_EVERY_US, self._advertise)

    def connect(self, address_type, address):
        """The badge wants to come to somebody."""
        is_there = self._calls() and address_type == _RANDOM and address[:2] == self._address[:2]
        if is_there and self._does != "refuses":
            self._next = self._world.after(self._step_us(), self._join)

    def cancel(self):
        """It does not come."""
        self._world.cancel(self._next)

    def leave(self, _connection):
        """The badge ends the connection."""
        self._is_there = False
        self._world.cancel(self._stays)
        self._world.observe({"caller": "left"})

    def ask(self, _connection, event, what):
        """What the badge asks for, answered after a while."""
        if self._does != "hangs":
            self._world.after(self._step_us(), lambda: self._answer(event, what))

    def _step_us(self):
        return int(self._options["caller_step_ms"] * 1000)

    def _calls(self):
        return end_us(self._calls_us, self._world.now_us) is not None and (
            self._told == wire.STATUS_NONE or self._does != "calls"
        )

    def _advertise(self):
        central = self._radio.central
        around = self._options["around"]
        for number in range(around):
            # Each at its own time: not even a radio hears them all at once.
            self._world.after(
                number * _EVERY_US // around,
                lambda number=number: central.heard(0, bytes((number,)) * 6, _OTHERS_DBM, _OTHERS),
            )
        for start_us, end, data, rssi in self._tags:
            if start_us <= self._world.now_us < end:
                central.heard(_RANDOM, b"\xc0tags!", rssi, data)
        if self._calls() and not self._is_there:
            if self._does == "moves":
                self._number += 1
                self._address = b"\xc0\0" + self._number.to_bytes(4, "big")
            if not self._payload:
                self._call()
            # It comes twice, and once cut short, as a radio at its limit tells it.
            for data in (self._payload, self._payload[:20], self._payload):
                central.heard(_RANDOM, self._address, _RSSI_DBM, data)
        if self._is_heard:
            self._next = self._world.after(_EVERY_US, self._advertise)

    def _call(self):
        call = beacon.call_of(_UTC_BOOT, 1, 1, 1)
        self._payload = beacon.advertisement(self._key, os.urandom(veil.NONCE_SIZE), call)
        self._world.observe({"caller": "calls"})

    def _join(self):
        self._is_there = True
        self._world.observe({"caller": "visited"})
        self._stays = self._world.after(_STAY_US, self._send_away)
        self._radio.central.joined(_CONNECTION, _RANDOM, self._address)

    def _send_away(self):
        if self._is_there:
            self._is_there = False
            self._world.observe({"caller": "sent away"})
            self._radio.central.left(_CONNECTION)

    def _answer(self, event, what):
        if not self._is_there:
            return
        if self._does == "vanishes" and event != ble_central.MTU_EXCHANGED:
            self._send_away()
            return
        central = self._radio.central
        if event == ble_central.MTU_EXCHANGED:
            central.answered(_CONNECTION, 0, (247,))
        elif event == ble_central.SERVICE_DONE:
            if self._does == "foreign":
                central.answered(_CONNECTION, _NOT_FOUND)
            else:
                central.answered(_CONNECTION, 0, ((_START, _END, beacon.SERVICE),))
        elif event == ble_central.CHARACTERISTIC_DONE:
            rows = ((_FRAME + 1, _FRAME, 2, beacon.FRAME), (_END, _STATUS, 8, beacon.STATUS))
            central.answered(_CONNECTION, 0, rows)
        elif event == ble_central.READ_DONE and what["handle"] == _FRAME:
            central.answered(_CONNECTION, 0, ((_FRAME, self._value()),))
        elif event == ble_central.WRITE_DONE and what["handle"] == _STATUS:
            self._take(what["value"])
            central.answered(_CONNECTION, 0)
        else:
            central.answered(_CONNECTION, _INVALID)

    def _value(self):
        if self._does == "empty":
            return b""
        if self._does in ("rubbish", "long", "moves"):
            return os.urandom(60 if self._does != "long" else 240)
        if not self._offered:
            age_ms = self._world.now_us // 1000
            frame = wire.encode_alarm(self._key, NAME, _UTC_BOOT, 1, 1, age_ms, rev=1)
            nonce = os.urandom(veil.NONCE_SIZE)
            self._offered = veil.veil(self._key, veil.FRAME, nonce, frame)
        return self._offered

    def _take(self, written):
        try:
            frame = veil.unveil(self._key, veil.STATUS, written)
            status = wire.decode_status(frame, self._key, NAME)
        except WireError as error:
            self._world.observe({"caller": "refused", "why": str(error)})
            return
        self._told = status.state
        self._world.observe({"caller": "told", "state": status.state})
