"""Where a badge is, as an alarm and a hello tell it (docs/protocol.cddl).

It is a hint, and no hint may cost an alarm: what is not as it should be is left out, when it is
written and when it is read.
"""

from collections import namedtuple

SATELLITES, CELL, TAG = 1, 2, 3
TAG_ID_BYTES = 8
ACCURACY_MAX_M = 65535
# An older position is not told.
AGE_MAX_S = 65535
SPEED_MAX_CM_S = 65535

# Degrees times 10,000,000; metres; seconds before the message; SATELLITES, CELL or TAG.
Position = namedtuple("Position", ("lat_e7", "lon_e7", "accuracy_m", "age_s", "source"))
# The serving cell: country, network, tracking area, identity; strength.
Cell = namedtuple("Cell", ("mcc", "mnc", "tac", "ci", "rsrp_dbm"))
# A room tag: the first 8 bytes of SHA-256 of its kind (a byte: 1 iBeacon, 2 Eddystone-UID, 3 own)
# and its identity; strength.
Tag = namedtuple("Tag", ("id", "rssi_dbm"))

_POSITION = (
    (-900_000_000, 900_000_000),
    (-1_800_000_000, 1_800_000_000),
    (0, ACCURACY_MAX_M),
    (0, AGE_MAX_S),
    (SATELLITES, TAG),
)
_CELL = ((0, 999), (0, 999), (0, 65535), (0, 0xFFFFFFF), (-160, 0))
_RSSI = (-127, 20)
_SPEED = (0, SPEED_MAX_CM_S)
_ZONE = (1, 65535)

_LAT, _CELL_FIELD, _TAG_FIELD, _SPEED_FIELD, _ZONE_FIELD = 16, 21, 22, 23, 24
_OF_POSITION = range(_LAT, _LAT + len(_POSITION))
_HELLO_POSITION, _HELLO_CELL, _HELLO_ZONE = 12, 13, 14

# What a frame that would be too long is without, this first. Each is a group of its fields: speed,
# zone, posture, acceleration, cell, battery, tag, position, reason, UTC.
LEFT_OUT = ((23,), (24,), (9,), (8,), (21,), (13,), (22,), tuple(_OF_POSITION), (15,), (6,))
# The outage last: one that is not told of any more is taken for over.
HELLO_LEFT_OUT = ((_HELLO_ZONE,), (_HELLO_CELL,), (_HELLO_POSITION,), (16,))


def put_alarm(message, where):
    """Write position, cell, tag, speed_cm_s and zone, each or None, into the map of an alarm."""
    position, cell, tag, speed_cm_s, zone = where
    if position is not None and _fits(position, _POSITION):
        for field, value in zip(_OF_POSITION, position):
            message[field] = value
    if cell is not None and _fits(cell, _CELL):
        message[_CELL_FIELD] = list(cell)
    if tag is not None and _is_tag(tag):
        message[_TAG_FIELD] = list(tag)
    if speed_cm_s is not None and _fits((speed_cm_s,), (_SPEED,)):
        message[_SPEED_FIELD] = speed_cm_s
    if zone is not None and _fits((zone,), (_ZONE,)):
        message[_ZONE_FIELD] = zone


def of_alarm(message):
    """Return [position, cell, tag, speed_cm_s, zone] of the map of an alarm, None where untold."""
    position = [message.get(field) for field in _OF_POSITION]
    tag = message.get(_TAG_FIELD)
    return [
        Position(*position) if _fits(position, _POSITION) else None,
        _cell(message.get(_CELL_FIELD)),
        Tag(*tag) if _is_tag(tag) else None,
        _number(message.get(_SPEED_FIELD), _SPEED),
        _number(message.get(_ZONE_FIELD), _ZONE),
    ]


def put_hello(message, where):
    """Write position, cell and zone, each or None, into the map of a hello."""
    position, cell, zone = where
    if position is not None and _fits(position, _POSITION):
        message[_HELLO_POSITION] = list(position)
    if cell is not None and _fits(cell, _CELL):
        message[_HELLO_CELL] = list(cell)
    if zone is not None and _fits((zone,), (_ZONE,)):
        message[_HELLO_ZONE] = zone


def of_hello(message):
    """Return [position, cell, zone] of the map of a hello, None where untold."""
    position = message.get(_HELLO_POSITION)
    return [
        Position(*position) if _fits(position, _POSITION) else None,
        _cell(message.get(_HELLO_CELL)),
        _number(message.get(_HELLO_ZONE), _ZONE),
    ]


def _cell(found):
    return Cell(*found) if _fits(found, _CELL) else None


def _number(found, limits):
    return found if _fits((found,), (limits,)) else None


def _is_tag(found):
    return (
        isinstance(found, (list, tuple))
        and len(found) == 2
        and isinstance(found[0], bytes)
        and len(found[0]) == TAG_ID_BYTES
        and _fits(found[1:], (_RSSI,))
    )


def _fits(values, limits):
    """Whether `values` is a list of ints, each within its (lowest, highest)."""
    if not isinstance(values, (list, tuple)) or len(values) != len(limits):
        return False
    for value, (lowest, highest) in zip(values, limits):
        if type(value) is not int or not lowest <= value <= highest:
            return False
    return True
