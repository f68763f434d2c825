"""A frame as one text message: what every operator, provider and handset carries unchanged.

`N1 `, then the frame in base32 (RFC 4648) without padding: only characters of the GSM 7-bit
alphabet, in one message of at most 160.
"""

from badge.core.codec.cbor import WireError

TEXT_MAX = 160
FRAME_MAX = 98
_PREFIX = "N1 "
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def is_ours(text):
    """Whether a text message looks like a frame; who wrote it is not proven."""
    return text.strip()[: len(_PREFIX)].upper() == _PREFIX


def encode(frame):
    """Return the text of a frame; WireError wire.shape for one of more than FRAME_MAX bytes."""
    if not 1 <= len(frame) <= FRAME_MAX:
        raise WireError("wire.shape", "a text message holds a frame of 1 to %d bytes" % FRAME_MAX)
    out = [_PREFIX]
    bits = held = 0
    for byte in frame:
        held = held << 8 | byte
        bits += 8
        while bits >= 5:
            bits -= 5
            out.append(_ALPHABET[held >> bits & 31])
        held &= (1 << bits) - 1
    if bits:
        out.append(_ALPHABET[held << 5 - bits & 31])
    return "".join(out)


def decode(text):
    """Return the frame in a text, whatever its case; WireError wire.shape when there is none."""
    text = text.strip().upper()
    if not is_ours(text) or len(text) > TEXT_MAX:
        raise WireError("wire.shape", "a text message of somebody else")
    out = bytearray()
    bits = held = 0
    for char in text[len(_PREFIX) :]:
        value = _ALPHABET.find(char)
        if value < 0:
            raise WireError("wire.shape", "%r is no character of base32" % char)
        held = held << 5 | value
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(held >> bits)
            held &= (1 << bits) - 1
    # One frame has one text, so a character too few or too many is noticed.
    if bits >= 5 or held or not out:
        raise WireError("wire.shape", "a text message that is cut off")
    return bytes(out)
