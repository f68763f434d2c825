"""The messages between badge and receiver (docs/protocol.cddl): authenticated CBOR frames."""

import binascii
from collections import namedtuple

from badge.core.codec import cbor, place
from badge.core.codec.envelope import ENVELOPE, envelope, sealed, verify
from badge.core.codec.hmac import hmac_sha256

WireError = cbor.WireError

MAX_FRAME = 180
U32_MAX = 0xFFFFFFFF
_UP = b"nabij/up/1"
_DOWN = b"nabij/down/1"
_CLIENT = b"nabij/client/1"
_CLIENT_BYTES = 8

TYPE_ALARM, TYPE_STATUS, TYPE_HELLO = 1, 2, 3
TYPE_ORDER = 5
# Of core/codec/motion_piece.py.
TYPE_PIECE, TYPE_KEPT = 4, 9
# Of what a hello tells of an alarm: the badge has heard nothing of it.
STATUS_NONE = 0
STATUS_RECEIVED, STATUS_TAKEN, STATUS_HELP_COMING, STATUS_CLOSED = 1, 2, 3, 4
# Of a status: by which way the frame came that it answers.
WAY_LINK, WAY_BLE, WAY_SMS = 1, 2, 3
FLAG_TEST = 1
FLAG_AGE_AT_LEAST = 2
FLAG_DURESS = 4
FLAG_FALSE_ALARM = 8
FLAG_CANCELLED = 32
DUE_MAX_S = 32 * 86400
WATCH_MAX_S = 2 * 86400
REV_MAX = U32_MAX
# So many of the longest alarms and versions fit one hello.
HELLO_ALARMS_MAX = 4
VERSION_MAX = 11

_TYPE, _BADGE, _BOOT, _SEQ = 0, 1, 2, 3
_KIND, _AGE_MS, _UTC_S, _ATTEMPT, _PEAK_MG, _TILT_DEG, _FLAGS = 4, 5, 6, 7, 8, 9, 10
_DUE_S, _REV, _BATTERY_PERCENT, _WATCH_S, _REASON = 11, 12, 13, 14, 15
_STATE, _STATUS_UTC_S, _STATUS_REV, _NUMBER, _OFFSET, _PERMIT, _WAY = 4, 5, 6, 11, 12, 13, 14
_COUNT, _VERSION, _KEEPALIVE_S, _HELLO_PERCENT, _OPEN = 3, 4, 5, 6, 7
_LATER = 11
# Of a hello, and not read with it: what it says is for the receiver alone.
OUTAGE = 16

# From position on hints of core/codec/place.py, each None when it is not told.
AlarmMessage = namedtuple(
    "AlarmMessage",
    "badge boot seq kind age_ms utc_s attempt peak_mg tilt_deg flags due_s rev battery_percent"
    " watch_s reason position cell tag speed_cm_s zone",
)
Status = namedtuple("Status", "badge boot seq state utc_s rev number offset_quarters permit way")
# `open` has a Standing for each alarm that the badge tells of: how far it knows that alarm to be.
# From position on: where the badge is outside of alarms, where that is on; else None.
Hello = namedtuple(
    "Hello", "badge boot count version keepalive_s battery_percent open position cell zone"
)
# The last three of a Hello that does not tell where the badge is.
NOWHERE = (None, None, None)
Standing = namedtuple("Standing", ("boot", "seq", "rev", "state", "number"))

# Field: (required, lowest, highest). Badge and receiver check both messages by these tables.
_ALARM_FIELDS = {
    _BOOT: (True, 1, U32_MAX),
    _SEQ: (True, 1, U32_MAX),
    _KIND: (True, 1, 255),
    _AGE_MS: (True, 0, U32_MAX),
    _UTC_S: (False, 1, U32_MAX),
    _ATTEMPT: (True, 1, U32_MAX),
    _PEAK_MG: (False, 0, 65534),
    _TILT_DEG: (False, 0, 180),
    _FLAGS: (False, 0, 255),
    _DUE_S: (False, 0, DUE_MAX_S),
    _REV: (False, 1, REV_MAX),
    _BATTERY_PERCENT: (False, 0, 100),
    _WATCH_S: (False, 0, WATCH_MAX_S),
    _REASON: (False, 1, 255),
}
_STATUS_FIELDS = {
    _BOOT: (True, 1, U32_MAX),
    _SEQ: (True, 1, U32_MAX),
    _STATE: (True, STATUS_RECEIVED, STATUS_CLOSED),
    _STATUS_UTC_S: (True, 1, U32_MAX),
    _STATUS_REV: (False, 1, REV_MAX),
    _NUMBER: (False, 1, U32_MAX),
    _OFFSET: (False, 0, 104),
    _PERMIT: (False, 0, 255),
    _WAY: (False, 0, 255),
}
_HELLO_FIELDS = {
    _BOOT: (True, 1, U32_MAX),
    _COUNT: (True, 1, U32_MAX),
    _KEEPALIVE_S: (True, 0, 65535),
    _HELLO_PERCENT: (False, 0, 100),
}
# The numbers of a Standing, in its order.
_STANDING = (
    (1, U32_MAX),
    (1, U32_MAX),
    (1, REV_MAX),
    (STATUS_NONE, STATUS_CLOSED),
    (0, U32_MAX),
)


def up_topic(badge):
    """Return the topic on which the badge publishes its alarms."""
    return "nabij/" + badge + "/up"


def motion_topic(badge):
    """Return the topic of what it recorded around alarms, which no broker keeps."""
    return "nabij/" + badge + "/motion"


def down_topic(badge):
    """Return the topic on which the badge listens for statuses."""
    return "nabij/" + badge + "/down"


def client_id(badge, key):
    """Return the badge's MQTT client id: who knew it could end the badge's connection."""
    return badge + "-" + binascii.hexlify(hmac_sha256(key, _CLIENT)[:_CLIENT_BYTES]).decode()


def encode_alarm(
    key,
    badge,
    boot,
    seq,
    kind,
    age_ms,
    *,
    attempt=1,
    utc_s=None,
    peak_mg=None,
    tilt_deg=None,
    flags=0,
    # Of a deadline, which is no alarm yet. Its flags are there even when there are none, so that
    # one more does not show in the length.
    due_s=None,
    # None in frames of release 1 only.
    rev=None,
    battery_percent=None,
    # Of a test: how long the badge is on shift from now on.
    watch_s=None,
    # Of a fault: a number of core/wearer/reasons.py.
    reason=None,
    # Where the badge is, of core/codec/place.py.
    position=None,
    cell=None,
    tag=None,
    speed_cm_s=None,
    zone=None,
    limit=MAX_FRAME,
):
    """Return the frame of an alarm, at most `limit` bytes; a bad field is a WireError.

    A bad hint of where it is, is left out; and so is what does not fit, as place.LEFT_OUT says.
    """
    message = {
        _TYPE: TYPE_ALARM,
        _BADGE: badge,
        _BOOT: boot,
        _SEQ: seq,
        _KIND: kind,
        _AGE_MS: age_ms,
        _ATTEMPT: attempt,
        _UTC_S: utc_s,
        _PEAK_MG: peak_mg,
        _TILT_DEG: tilt_deg,
        _FLAGS: flags if flags or due_s is not None else None,
        _DUE_S: due_s,
        _REV: rev,
        _BATTERY_PERCENT: battery_percent,
        _WATCH_S: watch_s,
        _REASON: reason,
    }
    place.put_alarm(message, (position, cell, tag, speed_cm_s, zone))
    payload = _payload(message, _ALARM_FIELDS)
    return sealed(_shortened(payload, message, place.LEFT_OUT, limit), key, _UP)


def decode_alarm(frame, key_for_badge):
    """Return the AlarmMessage in a frame, and take no other; else as decode_up."""
    return decode_up(frame, key_for_badge, (TYPE_ALARM,))


def decode_up(frame, key_for_badge, types=(TYPE_ALARM, TYPE_HELLO)):
    """Return the AlarmMessage or the Hello in a frame.

    `key_for_badge(badge)` returns the badge's key, or None for an unknown badge.
    Raises WireError: wire.cbor, wire.shape, wire.other_badge (unknown), wire.mac.
    """
    message, payload, mac = _open(frame, types)
    badge = message[_BADGE]
    key = key_for_badge(badge)
    if key is None:
        raise WireError("wire.other_badge", "badge %r is not enrolled" % badge)
    verify(payload, mac, key, _UP)
    return _alarm(message) if message[_TYPE] == TYPE_ALARM else _hello(message)


def _alarm(message):
    _check_fields(message, _ALARM_FIELDS)
    message.setdefault(_FLAGS, 0)
    # In the order of their numbers.
    fields = [message.get(field) for field in range(_BADGE, _REASON + 1)]
    return AlarmMessage(*(fields + place.of_alarm(message)))


def encode_hello(key, hello, outage=None):
    """Return the frame of a Hello, at most MAX_FRAME bytes; a bad field is a WireError.

    `outage`: a list as core/outage.py tells it.
    """
    message = {
        _TYPE: TYPE_HELLO,
        _BADGE: hello.badge,
        _BOOT: hello.boot,
        _COUNT: hello.count,
        _VERSION: hello.version,
        _KEEPALIVE_S: hello.keepalive_s,
        _HELLO_PERCENT: hello.battery_percent,
        OUTAGE: outage,
    }
    if hello.open:
        message[_OPEN] = [list(one) for one in hello.open]
    _check_hello(message)
    place.put_hello(message, (hello.position, hello.cell, hello.zone))
    payload = _payload(message, _HELLO_FIELDS, (_VERSION, _OPEN))
    return sealed(_shortened(payload, message, place.HELLO_LEFT_OUT, MAX_FRAME), key, _UP)


def _hello(message):
    _check_fields(message, _HELLO_FIELDS, (_VERSION, _OPEN))
    _check_hello(message)
    message[_OPEN] = tuple([Standing(*one) for one in message.get(_OPEN, ())])
    fields = [message.get(field) for field in range(_BADGE, _OPEN + 1)]
    return Hello(*(fields + place.of_hello(message)))


def _check_hello(message):
    version = message.get(_VERSION)
    if not isinstance(version, str) or not 1 <= len(version.encode()) <= VERSION_MAX:
        raise WireError("wire.shape", "a version has 1 to %d bytes" % VERSION_MAX)
    if _OPEN not in message:
        return
    alarms = message[_OPEN]
    if not isinstance(alarms, list) or not 1 <= len(alarms) <= HELLO_ALARMS_MAX:
        raise WireError("wire.shape", "a hello tells of 1 to %d alarms" % HELLO_ALARMS_MAX)
    for one in alarms:
        if not isinstance(one, list) or len(one) != len(_STANDING):
            raise WireError("wire.shape", "how an alarm stands has %d numbers" % len(_STANDING))
        for value, (lowest, highest) in zip(one, _STANDING):
            if type(value) is not int or not lowest <= value <= highest:
                raise WireError("wire.shape", "how an alarm stands has a bad number")


def encode_status(
    key,
    badge,
    boot,
    seq,
    state,
    utc_s,
    *,
    rev=None,
    number=None,
    offset_quarters=None,
    permit=None,
    way=None,
):
    """Return the frame that tells a badge how far its alarm is; state is a STATUS_*.

    `rev` is the highest one committed, and None when the badge's own frames carry none: such a
    badge refuses a status with this field. `number` rises with all that a badge is told; one of
    before it ignores the field. `offset_quarters`: by how many quarters of an hour local time
    there is ahead of UTC-12:00. `permit`: 1 when its wearer lacks one for what they do now.
    `way`: a WAY_*, None by the link.
    """
    message = {
        _TYPE: TYPE_STATUS,
        _BADGE: badge,
        _BOOT: boot,
        _SEQ: seq,
        _STATE: state,
        _STATUS_UTC_S: utc_s,
        _STATUS_REV: rev,
        _NUMBER: number,
        _OFFSET: offset_quarters,
        _PERMIT: permit or None,
        _WAY: way,
    }
    return sealed(_payload(message, _STATUS_FIELDS), key, _DOWN)


def decode_status(frame, key, badge):
    """Return the Status in a frame for `badge` under `key`.

    Raises WireError: wire.cbor, wire.shape, wire.other_badge, wire.mac.
    """
    message, payload, mac = _open(frame, (TYPE_STATUS,))
    if message[_BADGE] != badge:
        raise WireError("wire.other_badge", "status is for badge %r" % message[_BADGE])
    verify(payload, mac, key, _DOWN)
    _check_fields(message, _STATUS_FIELDS)
    fields = (_BADGE, _BOOT, _SEQ, _STATE, _STATUS_UTC_S, _STATUS_REV)
    fields += (_NUMBER, _OFFSET, _PERMIT, _WAY)
    return Status(*[message.get(field) for field in fields])


def type_of(frame):
    """Return the type that a frame says it has, unproven; None for what is no frame."""
    try:
        payload, _mac = cbor.decode(frame)
        # Of a number, bytes() would make as many.
        return cbor.decode(payload).get(_TYPE) if isinstance(payload, bytes) else None
    except (WireError, ValueError, TypeError, AttributeError):
        return None


def _payload(message, fields, others=()):
    if not is_badge_name(message[_BADGE]):
        raise WireError("wire.shape", "a badge name has 1 to 32 characters A-Z a-z 0-9 - _")
    for field in list(message):
        if message[field] is None:
            del message[field]
    _check_fields(message, fields, others)
    return cbor.encode(message)


def _shortened(payload, message, left_out, limit):
    """Return the payload without those fields that have no room in a frame of `limit` bytes."""
    for fields in left_out:
        if len(payload) + ENVELOPE <= limit:
            break
        for field in fields:
            message.pop(field, None)
        payload = cbor.encode(message)
    if len(payload) + ENVELOPE > limit:
        raise WireError("wire.shape", "frame of more than %d bytes is too long" % limit)
    return payload


def _open(frame, types):
    payload, mac = envelope(frame, MAX_FRAME)
    message = cbor.decode(payload)
    found = message.get(_TYPE) if isinstance(message, dict) else None
    if type(found) is not int or found not in types:
        raise WireError("wire.shape", "no message of this way")
    if not is_badge_name(message.get(_BADGE)):
        raise WireError("wire.shape", "no badge name")
    return message, payload, mac


def is_badge_name(name):
    """True for 1 to 32 of A-Z a-z 0-9 - _, which is also a topic level and a certificate name."""
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        return False
    for char in name:
        if not ("a" <= char <= "z" or "A" <= char <= "Z" or "0" <= char <= "9" or char in "-_"):
            return False
    return True


def _check_fields(message, fields, others=()):
    """Each field must be an int in range; `others` are checked by the caller.

    Unknown ones from _LATER on are left to newer versions.
    """
    for field in message:
        known = field in fields or field in others or field in (_TYPE, _BADGE)
        if not known and field < _LATER:
            raise WireError("wire.shape", "field %d does not belong here" % field)
    for field in fields:
        required, lowest, highest = fields[field]
        if field not in message and not required:
            continue
        value = message.get(field)
        if type(value) is not int or not lowest <= value <= highest:
            raise WireError("wire.shape", "field %d is missing or has a bad value" % field)
