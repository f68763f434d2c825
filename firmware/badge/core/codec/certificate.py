"""When a certificate begins and ends: as much of X.509 (RFC 5280) in DER as that takes."""

from badge.core import utc

BEGIN, END = range(2)

_SEQUENCE = 0x30
_VERSION = 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


def date_s(der, which):
    """Return its BEGIN or END in seconds since 1970; ValueError when it cannot be read."""
    try:
        at = skip(der, first(der), 3)
        at, _ = _enter(der, at, _SEQUENCE)
        at = skip(der, at, which)
        start, end = _content(der, at)
        text = bytes(der[start:end]).decode()
        if der[at] == _UTC_TIME:
            text = ("19" if text[:2] >= "50" else "20") + text
        elif der[at] != _GENERALIZED_TIME:
            raise ValueError("no time where one belongs")
        year, rest = int(text[:4]), text[4:14]
        month, day, hour, minute, second = [int(rest[i : i + 2]) for i in range(0, 10, 2)]
    except (IndexError, UnicodeError):
        raise ValueError("the certificate is cut short or damaged")
    return utc.from_civil(year, month, day, hour, minute, second)


def first(der):
    """Where the serial number starts; algorithm, issuer, dates, subject and key follow."""
    start, _ = _enter(der, 0, _SEQUENCE)
    at, _ = _enter(der, start, _SEQUENCE)
    return skip(der, at, 1) if der[at] == _VERSION else at


def skip(der, at, count):
    """Where the element that follows after so many starts."""
    for _ in range(count):
        at = _content(der, at)[1]
    return at


def _enter(der, at, tag):
    if der[at] != tag:
        raise ValueError("no certificate")
    return _content(der, at)


def _content(der, at):
    """Where the content of the element at `at` starts and ends."""
    length = der[at + 1]
    start = at + 2
    if length & 0x80:
        n = length & 0x7F
        length = 0
        for byte in der[start : start + n]:
            length = length << 8 | byte
        start += n
    if start + length > len(der):
        raise ValueError("the certificate is cut short or damaged")
    return start, start + length
