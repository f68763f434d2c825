"""The part of CBOR (RFC 8949) that the wire needs: small, definite, in shortest form."""

import struct

MAX_DEPTH = 4
_UINT, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _SIMPLE = 0, 1, 2, 3, 4, 5, 7


class WireError(Exception):
    """A message that cannot be used; `code` is one of the wire.* codes."""

    def __init__(self, code, text):
        super().__init__(code + ": " + text)
        self.code = code


def encode(value):
    """Return `value` (int within 32 bits, bytes, str, None, bool, list, dict) as CBOR."""
    out = bytearray()
    _put(out, value, 1)
    return bytes(out)


def decode(data):
    """Return the one value in `data`; WireError("wire.cbor") when it is not strict CBOR."""
    value, end = _take(bytes(data), 0, 1)
    if end != len(data):
        raise _bad("%d bytes after the end" % (len(data) - end))
    return value


def _bad(text):
    return WireError("wire.cbor", text)


def _put_head(out, major, n):
    if n < 24:
        out.append(major << 5 | n)
    elif n < 0x100:
        out.extend(bytes((major << 5 | 24, n)))
    elif n < 0x10000:
        out.extend(struct.pack(">BH", major << 5 | 25, n))
    elif n <= 0xFFFFFFFF:
        out.extend(struct.pack(">BI", major << 5 | 26, n))
    else:
        raise _bad("number outside 32 bits")


def _put(out, value, depth):
    if depth > MAX_DEPTH:
        raise _bad("nested too deep")
    if value is None:
        out.append(0xF6)
    elif value is True or value is False:
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        _put_head(out, _UINT if value >= 0 else _NEGATIVE, value if value >= 0 else -1 - value)
    elif isinstance(value, (bytes, bytearray)):
        _put_head(out, _BYTES, len(value))
        out.extend(value)
    elif isinstance(value, str):
        text = value.encode()
        _put_head(out, _TEXT, len(text))
        out.extend(text)
    elif isinstance(value, (list, tuple)):
        _put_head(out, _LIST, len(value))
        for item in value:
            _put(out, item, depth + 1)
    elif isinstance(value, dict):
        _put_head(out, _MAP, len(value))
        for key in value:
            _put(out, key, depth + 1)
            _put(out, value[key], depth + 1)
    else:
        raise _bad("no CBOR form for " + type(value).__name__)


def _take_head(data, at):
    if at >= len(data):
        raise _bad("cut off")
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n < 24 or major == _SIMPLE:
        return major, n, at
    size = {24: 1, 25: 2, 26: 4}.get(n)
    if size is None:
        raise _bad("number outside 32 bits or indefinite length")
    if at + size > len(data):
        raise _bad("cut off")
    n = 0
    for i in range(at, at + size):
        n = n << 8 | data[i]
    # One value has one encoding, so that a copy of a message is the same bytes.
    if n < (24, 0x100, 0x10000)[size >> 1]:
        raise _bad("number not in its shortest form")
    return major, n, at + size


def _take(data, at, depth):
    if depth > MAX_DEPTH:
        raise _bad("nested too deep")
    major, n, at = _take_head(data, at)
    if major == _UINT:
        return n, at
    if major == _NEGATIVE:
        return -1 - n, at
    if major in (_BYTES, _TEXT):
        return _take_string(data, at, n, major == _TEXT)
    if major == _LIST:
        return _take_list(data, at, n, depth)
    if major == _MAP:
        return _take_map(data, at, n, depth)
    if major == _SIMPLE and 20 <= n <= 22:
        return (False, True, None)[n - 20], at
    raise _bad("tag, float or unknown simple value")


def _take_string(data, at, n, is_text):
    if n > len(data) - at:
        raise _bad("cut off")
    raw = data[at : at + n]
    if not is_text:
        return raw, at + n
    try:
        return str(raw, "utf-8"), at + n
    except UnicodeError:
        raise _bad("text is not UTF-8") from None


def _take_list(data, at, n, depth):
    if n > len(data) - at:
        raise _bad("cut off")
    items = []
    for _ in range(n):
        item, at = _take(data, at, depth + 1)
        items.append(item)
    return items, at


def _take_map(data, at, n, depth):
    if 2 * n > len(data) - at:
        raise _bad("cut off")
    found = {}
    for _ in range(n):
        key, at = _take(data, at, depth + 1)
        if type(key) is not int:
            raise _bad("map key is not an integer")
        if key in found:
            raise _bad("map key %d twice" % key)
        found[key], at = _take(data, at, depth + 1)
    return found, at
