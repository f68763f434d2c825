"""A question for the address of a host, and its answer (RFC 1035): IPv4 only."""

import struct

_RECURSE = 0x0100
_IS_ANSWER = 0x8000
_CODE = 0x000F
_POINTER = 0xC0
_TYPE_A = 1
_CLASS_IN = 1


def query(number, host):
    """The packet that asks for `host`; `number` (16 bits) is in its answer."""
    labels = b""
    for label in host.encode().split(b"."):
        if not 0 < len(label) < 64:
            raise ValueError("%r is no name of a host" % host)
        labels += bytes((len(label),)) + label
    head = struct.pack(">HHH", number, _RECURSE, 1) + bytes(6)
    return head + labels + struct.pack(">BHH", 0, _TYPE_A, _CLASS_IN)


def address(number, packet):
    """The first address in the answer as "192.0.2.1"; "" for none, None for another's answer."""
    if len(packet) < 12:
        return None
    told, flags, questions, answers = struct.unpack(">HHHH", packet[:8])
    if told != number or not flags & _IS_ANSWER:
        return None
    if flags & _CODE:
        return ""
    at = 12
    # It may claim more than it holds: no more than that is looked at.
    for _ in range(questions):
        at = _after_name(packet, at) + 4
        if at >= len(packet):
            break
    for _ in range(answers):
        at = _after_name(packet, at)
        if at + 10 > len(packet):
            break
        record, family, _ttl, length = struct.unpack(">HHIH", packet[at : at + 10])
        at += 10
        if (record, family, length) == (_TYPE_A, _CLASS_IN, 4) and at + 4 <= len(packet):
            return ".".join([str(byte) for byte in packet[at : at + 4]])
        at += length
    return ""


def is_address(host):
    """Whether `host` needs no question: four numbers."""
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)


def _after_name(packet, at):
    """Where what follows the name at `at` begins; beyond the end for one that is cut short."""
    while at < len(packet):
        length = packet[at]
        if length & _POINTER:
            return at + 2
        at += 1 + length
        if not length:
            break
    return at
