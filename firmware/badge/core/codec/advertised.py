"""What somebody advertises by BLE, field by field; whatever the bytes, nothing is raised."""

from badge.core.codec import beacon
from badge.core.portable import const

MANUFACTURER, SERVICE_DATA = const(0xFF), const(0x16)


def fields(payload):
    """Return [(type, bytes), ...] up to what is cut short or padded."""
    found = []
    at, end = 0, len(payload)
    while at + 1 < end:
        after = at + 1 + payload[at]
        if after == at + 1 or after > end:
            break
        found.append((payload[at + 1], bytes(payload[at + 2 : after])))
        at = after
    return found


def company(value):
    """Return whose field of a manufacturer this is, or -1."""
    return value[0] | value[1] << 8 if len(value) > 1 else -1


def beacon_in(payload):
    """Return the beacon of a badge that calls (after its company), or None."""
    for kind, value in fields(payload):
        if kind == MANUFACTURER and company(value) == beacon.COMPANY and beacon.is_ours(value[2:]):
            return value[2:]
    return None
