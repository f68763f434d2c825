"""The records of a journal segment as bytes, and how to find them again among garbage."""

import struct
from binascii import crc32
from collections import namedtuple

REC_ALARM = 1
MAX_PAYLOAD = 200
_MAGIC = 0xA5
# Magic, type, payload length, boot, seq.
_HEAD = "<BBHII"
_HEAD_SIZE = 12
_CRC_SIZE = 4
OVERHEAD = _HEAD_SIZE + _CRC_SIZE

# type: REC_ALARM. payload: bytes, see core/alarm/record.py.
Record = namedtuple("Record", ("type", "boot", "seq", "payload"))


class JournalError(OSError):
    """The journal cannot do what was asked; `code` is one of the journal.* codes."""

    def __init__(self, code, text):
        super().__init__(code + ": " + text)
        self.code = code


def encode(record_type, boot, seq, payload):
    """Return one record; JournalError("journal.shape") when its payload is too long."""
    if len(payload) > MAX_PAYLOAD:
        raise JournalError("journal.shape", "payload of %d bytes" % len(payload))
    body = struct.pack(_HEAD, _MAGIC, record_type, len(payload), boot, seq) + payload
    return body + struct.pack("<I", crc32(body))


def scan(buffer):
    """Return (records, errors) of a segment: Records, and [(offset, length)].

    Zero bytes between records are padding. Each other run of bytes that is no record is an error.
    """
    records = []
    errors = []
    at = 0
    bad_from = None
    end = len(buffer)
    while at < end:
        size = _record_size(buffer, at, end)
        if size == 0 and (buffer[at] != 0 or bad_from is not None):
            if bad_from is None:
                bad_from = at
            at += 1
            continue
        if bad_from is not None:
            errors.append((bad_from, at - bad_from))
            bad_from = None
        if size == 0:
            at += 1
            continue
        _, record_type, length, boot, seq = struct.unpack_from(_HEAD, buffer, at)
        start = at + _HEAD_SIZE
        payload = bytes(buffer[start : start + length])
        records.append(Record(record_type, boot, seq, payload))
        at += size
    if bad_from is not None:
        errors.append((bad_from, end - bad_from))
    return records, errors


def _record_size(buffer, at, end):
    """Return the size of the whole record at `at`, or 0 when there is none."""
    if buffer[at] != _MAGIC or end - at < OVERHEAD:
        return 0
    length = buffer[at + 2] | buffer[at + 3] << 8
    body = _HEAD_SIZE + length
    if length > MAX_PAYLOAD or end - at < body + _CRC_SIZE:
        return 0
    (crc,) = struct.unpack_from("<I", buffer, at + body)
    return body + _CRC_SIZE if crc32(buffer[at : at + body]) == crc else 0
