"""What gateways and other badges carry: whose it is, and the answer by the way it came."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from badge.core.codec import beacon, veil, wire
from badge.core.codec.carried import Brought, Carried, decode_carried, encode_brought
from badge.core.codec.cbor import WireError
from nabij.carried import is_gateway
from nabij.centre.incidents.carriers import Via
from nabij.centre.link.incoming import Message, Outcome
from nabij.centre.store import BadgeRecord


@dataclass(frozen=True)
class Opened:
    """A badge's own frame and topic, and by whom it came."""

    badge: BadgeRecord
    carrier: BadgeRecord
    call: int
    frame: bytes
    via: Via
    # Whether the beacon was of that badge as well: evidence, and no more.
    was_called: bool

    @property
    def topic(self) -> str:
        """Where the badge itself would have said it."""
        return str(wire.up_topic(self.badge.badge))

    @property
    def copy(self) -> bytes:
        """The same for the same frame by the same carrier only."""
        return self.frame + self.carrier.badge.encode()


class UnknownError(WireError):
    """What was carried is veiled under no key of a badge that is in use; `answer` says so."""

    def __init__(self, answer: Message) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            "air.unknown", "no badge that is enrolled has veiled it"
        )
        self.answer = answer


class Carriers:
    """Finds the badge by trying keys: nothing in the air tells whose. Not for two threads."""

    def __init__(self) -> None:
        # Badges that were carried for, the last one first: most of what comes is of them again.
        self._recent: dict[str, None] = {}

    def open(
        self, name: str, frame: bytes, records: Mapping[str, BadgeRecord], came_ms: int
    ) -> Opened:
        """What `name` carried; WireError for what it cannot have, UnknownError for nobody's.

        `came_ms`: when it came to the broker.
        A frame counts whatever beacon came with it: that may be somebody else's in between.
        """
        carrier = records.get(name)
        if carrier is None:
            raise WireError("wire.other_badge", "nobody of that name is enrolled")
        carried = decode_carried(carrier.hmac_key, frame)
        if carried.by != name:
            raise WireError("topic", "what is in it was carried by another")
        found = self._whose(carried, records)
        if found is None:
            raise UnknownError(_brought(carrier, carried.call, b""))
        self._recent.pop(found.badge, None)
        self._recent = {found.badge: None, **self._recent}
        inner = veil.unveil(found.hmac_key, veil.FRAME, carried.frame)
        return Opened(
            badge=found,
            carrier=carrier,
            call=carried.call,
            frame=inner,
            via=_via(carried, came_ms),
            was_called=_calls(found.hmac_key, carried.beacon),
        )

    def _whose(self, carried: Carried, records: Mapping[str, BadgeRecord]) -> BadgeRecord | None:
        recent = [records[name] for name in self._recent if name in records]
        others = (one for name, one in records.items() if name not in self._recent)
        for record in (*recent, *others):
            # What a badge has to say of itself it says itself.
            is_other = not is_gateway(record.badge) and record.badge != carried.by
            if is_other and _fits(record.hmac_key, carried.frame):
                return record
        return None


def answered(opened: Opened, outcome: Outcome) -> Outcome:
    """The outcome, with what the badge is told brought by the carrier too."""
    badge = opened.badge
    topic = wire.down_topic(badge.badge)
    brought = [
        _brought(opened.carrier, opened.call, _veiled(badge.hmac_key, frame))
        for where, frame in outcome.replies
        if where == topic
    ]
    # A badge that calls by BLE asks for what it missed.
    return replace(outcome, replies=(*outcome.replies, *brought), kept=False)


def _via(carried: Carried, came_ms: int) -> Via:
    said_s = carried.utc_s
    off_ms = None if said_s is None else said_s * 1000 - came_ms
    return Via(carried.by, carried.rssi_dbm, said_s, off_ms)


def _brought(carrier: BadgeRecord, call: int, status: bytes) -> Message:
    frame = encode_brought(carrier.hmac_key, Brought(carrier.badge, call, status))
    return wire.down_topic(carrier.badge), frame


def _veiled(key: bytes, frame: bytes) -> bytes:
    return bytes(veil.veil(key, veil.STATUS, os.urandom(veil.NONCE_SIZE), frame))


def _calls(key: bytes, data: bytes) -> bool:
    try:
        beacon.decode(key, data)
    except WireError:
        return False
    return True


def _fits(key: bytes, veiled: bytes) -> bool:
    """As `veil.unveil` decides it, at the speed that a thousand keys for each message need."""
    nonce, hidden = veiled[: veil.NONCE_SIZE], veiled[veil.OVERHEAD :]
    found = veil.mac_of(key, veil.FRAME, nonce, hidden, _hmac_sha256)
    return hmac.compare_digest(found, veiled[veil.NONCE_SIZE : veil.OVERHEAD])


def _hmac_sha256(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")
