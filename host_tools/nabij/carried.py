"""What gateways and the receiver say to each other (docs/protocol.cddl): veiled bytes of badges.

A gateway has a name that no badge can have, and a key, certificate and topics as badges have them.
Who carried it, how strong and when stands outside what the badge authenticated.
"""

from dataclasses import dataclass
from typing import Any, Final

from badge.core.codec import beacon, cbor
from badge.core.codec.cbor import WireError
from badge.core.codec.envelope import envelope, sealed, verify
from badge.core.codec.wire import U32_MAX, up_topic

PREFIX: Final = "gw_"
TYPE_CARRIED: Final = 7
TYPE_BROUGHT: Final = 8
MOST_BYTES: Final = 400
_RSSI_DBM: Final = range(-127, 21)
_CARRIED: Final = b"nabij/carried/1"
_BROUGHT: Final = b"nabij/brought/1"


@dataclass(frozen=True)
class Carried:
    """What a gateway fetched: the beacon (after its company) and the frame, both veiled.

    `call` is a number of the gateway's own, by which the answer finds the badge again. `utc_s` is
    the gateway's clock when it fetched it, `rssi_dbm` how strong the beacon came.
    """

    gateway: str
    call: int
    beacon: bytes
    frame: bytes
    rssi_dbm: int
    utc_s: int


@dataclass(frozen=True)
class Brought:
    """The receiver's answer: a status, veiled; empty: what was carried is nobody's."""

    gateway: str
    call: int
    status: bytes


def is_gateway(name: str) -> bool:
    """Whether this is the name of a gateway and not of a badge."""
    return name.startswith(PREFIX)


def name_on(topic: str) -> str | None:
    """The gateway that may publish there; None for any other topic."""
    parts = topic.split("/")
    is_one = len(parts) == 3 and is_gateway(parts[1]) and topic == up_topic(parts[1])
    return parts[1] if is_one else None


def encode_carried(key: bytes, carried: Carried) -> bytes:
    """The frame of it, under the gateway's key; WireError for what cannot be said."""
    _check(carried)
    fields = {
        0: TYPE_CARRIED,
        1: carried.gateway,
        2: carried.call,
        3: carried.beacon,
        4: carried.frame,
        5: carried.rssi_dbm,
        6: carried.utc_s,
    }
    return bytes(sealed(cbor.encode(fields), key, _CARRIED))


def decode_carried(key: bytes, frame: bytes) -> Carried:
    """What is in a frame; WireError wire.cbor, wire.shape or wire.mac."""
    fields = _fields(key, frame, _CARRIED, TYPE_CARRIED)
    carried = Carried(*(_known(fields, at) for at in range(1, 7)))
    _check(carried)
    return carried


def encode_brought(key: bytes, brought: Brought) -> bytes:
    """The frame of it, under the gateway's key; WireError for what cannot be said."""
    _check_brought(brought)
    fields = {0: TYPE_BROUGHT, 1: brought.gateway, 2: brought.call, 3: brought.status}
    return bytes(sealed(cbor.encode(fields), key, _BROUGHT))


def decode_brought(key: bytes, frame: bytes) -> Brought:
    """What is in a frame; WireError wire.cbor, wire.shape or wire.mac."""
    fields = _fields(key, frame, _BROUGHT, TYPE_BROUGHT)
    brought = Brought(*(_known(fields, at) for at in range(1, 4)))
    _check_brought(brought)
    return brought


def _fields(key: bytes, frame: bytes, domain: bytes, kind: int) -> dict[Any, Any]:
    payload, mac = envelope(frame, MOST_BYTES)
    verify(payload, mac, key, domain)
    fields = cbor.decode(payload)
    if not isinstance(fields, dict) or fields.get(0) != kind:
        raise WireError("wire.shape", "no message of a gateway")
    return fields


def _known(fields: dict[Any, Any], at: int) -> Any:
    if at not in fields:
        raise WireError("wire.shape", f"field {at} is missing")
    return fields[at]


def _check(one: Carried) -> None:
    _check_head(one.gateway, one.call)
    if not (type(one.beacon) is bytes and len(one.beacon) <= beacon.SIZE):
        raise WireError("wire.shape", "a beacon has at most 18 bytes")
    if not (type(one.frame) is bytes and 0 < len(one.frame) <= beacon.VALUE_MAX):
        raise WireError("wire.shape", "what was fetched has a bad length")
    if not (type(one.rssi_dbm) is int and one.rssi_dbm in _RSSI_DBM):
        raise WireError("wire.shape", "no strength of a signal")
    if not (type(one.utc_s) is int and 0 < one.utc_s <= U32_MAX):
        raise WireError("wire.shape", "no time")


def _check_brought(one: Brought) -> None:
    _check_head(one.gateway, one.call)
    if not (type(one.status) is bytes and len(one.status) <= beacon.VALUE_MAX):
        raise WireError("wire.shape", "a status has a bad length")


def _check_head(name: Any, call: Any) -> None:
    if not (type(name) is str and is_gateway(name) and len(name) <= 32):
        raise WireError("wire.shape", "no name of a gateway")
    if not (type(call) is int and 0 <= call <= U32_MAX):
        raise WireError("wire.shape", "no number of a call")
