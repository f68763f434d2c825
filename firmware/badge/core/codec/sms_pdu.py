"""A text message as the modem keeps it (SMS-DELIVER, 3GPP TS 23.040): its text, and nothing else.

Read as hexadecimal digits and not as text: what a stranger wrote then cannot pass for an answer
of the modem.
"""

import binascii

from badge.core.codec.cbor import WireError

_DELIVER, _TYPE_BITS, _HAS_HEADER = 0, 3, 0x40
_TIME_BYTES = 7
_GSM, _OCTETS, _UCS2 = 0, 1, 2


def decode(pdu):
    """Return the text of a PDU in hexadecimal digits; WireError wire.shape when there is none.

    Characters other than letters, digits and spaces come out as "?". One of several parts, or
    with a header, is none.
    """
    try:
        data = binascii.unhexlify(pdu)
        # Past the address of the service centre.
        at = 1 + data[0]
        first, digits = data[at], data[at + 1]
        if first & _TYPE_BITS != _DELIVER or first & _HAS_HEADER:
            raise WireError("wire.shape", "no text message in one part")
        # Past length and type of the sender's number, its digits, and the protocol.
        at += 3 + (digits + 1) // 2 + 1
        coding = _coding(data[at])
        at += 1 + _TIME_BYTES
        count, body = data[at], data[at + 1 :]
    except (ValueError, IndexError):
        raise WireError("wire.shape", "no text message") from None
    if len(body) < _octets(coding, count):
        raise WireError("wire.shape", "a text message that is cut off")
    if coding == _GSM:
        codes = _septets(body, count)
    elif coding == _OCTETS:
        codes = body[:count]
    else:
        codes = [body[i] << 8 | body[i + 1] for i in range(0, count - 1, 2)]
    return "".join([_char(code) for code in codes])


def _coding(scheme):
    """By TS 23.038, 4: general groups, and those with a message class."""
    if scheme & 0xC0 == 0:
        if scheme & 0x20:
            raise WireError("wire.shape", "a compressed text message")
        return (scheme >> 2 & 3) % 3
    if scheme & 0xF0 == 0xF0:
        return _OCTETS if scheme & 4 else _GSM
    return _UCS2 if scheme & 0xF0 == 0xE0 else _GSM


def _octets(coding, count):
    return (7 * count + 7) // 8 if coding == _GSM else count


def _septets(body, count):
    codes = []
    held = bits = 0
    for octet in body:
        held |= octet << bits
        bits += 8
        while bits >= 7 and len(codes) < count:
            codes.append(held & 127)
            held >>= 7
            bits -= 7
    return codes


def _char(code):
    """Letters, digits and the space have the same number in each of these alphabets."""
    if 48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122 or code == 32:
        return chr(code)
    return "?"
