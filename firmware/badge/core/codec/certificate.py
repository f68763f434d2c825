"""When a certificate ends: as much of X.509 (RFC 5280) in DER as that takes."""

from badge.core import utc

_SEQUENCE = 0x30
_VERSION = 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


def not_after_s(der):
    """Return the end of a certificate in seconds since 1970; ValueError when it cannot be read."""
    try:
        start, _ = _enter(der, 0, _SEQUENCE)
        at, _ = _enter(der, start, _SEQUENCE)
        if der[at] == _VERSION:
            at = _skip(der, at)
        # Serial number, algorithm, issuer.
        for _ in range(3):
            at = _skip(der, at)
        at, _ = _enter(der, at, _SEQUENCE)
        at = _skip(der, at)
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


def _enter(der, at, tag):
    if der[at] != tag:
        raise ValueError("no certificate")
    return _content(der, at)


def _skip(der, at):
    return _content(der, at)[1]


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
