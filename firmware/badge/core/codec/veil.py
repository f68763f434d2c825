"""What goes through the air: bytes that only who has the badge's key can make, read or tell apart.

Encrypted, then authenticated, both by HMAC-SHA256: every frame of ours has a MAC already, and who
else listens must not learn of whom it is, nor that a hand was forced.
"""

from badge.core.codec.cbor import WireError
from badge.core.codec.hmac import hmac_sha256, same

# What a veil is for; the same bytes are worth nothing as another.
BEACON, FRAME, STATUS = b"b", b"f", b"s"
NONCE_SIZE = 4
MAC_SIZE = 8
OVERHEAD = NONCE_SIZE + MAC_SIZE
_DOMAIN = b"nabij/air/1"
_BLOCK = 32


def veil(key, what, nonce, plain):
    """Return nonce, MAC and the bytes of `plain` encrypted; a new random nonce each time."""
    if len(nonce) != NONCE_SIZE:
        raise ValueError("a nonce has %d bytes" % NONCE_SIZE)
    hidden = _stream(key, what, nonce, plain)
    return nonce + mac_of(key, what, nonce, hidden) + hidden


def unveil(key, what, veiled):
    """Return what `veil` was given; WireError wire.mac when not under this key or for this."""
    nonce, hidden = veiled[:NONCE_SIZE], veiled[OVERHEAD:]
    mac = veiled[NONCE_SIZE:OVERHEAD]
    if len(veiled) < OVERHEAD or not same(mac_of(key, what, nonce, hidden), mac):
        raise WireError("wire.mac", "nothing that this badge's key has veiled")
    return _stream(key, what, nonce, hidden)


def mac_of(key, what, nonce, hidden, digest=hmac_sha256):
    """Return the MAC; `digest` is another HMAC-SHA256 for who has a faster one."""
    return digest(key, _DOMAIN + what + b"m" + nonce + hidden)[:MAC_SIZE]


def _stream(key, what, nonce, data):
    out = bytearray(data)
    for at in range(0, len(out), _BLOCK):
        head = _DOMAIN + what + b"e" + nonce + bytes((at // _BLOCK,))
        mask = hmac_sha256(key, head)
        for i in range(at, min(at + _BLOCK, len(out))):
            out[i] ^= mask[i - at]
    return bytes(out)
