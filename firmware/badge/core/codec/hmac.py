"""HMAC-SHA256 (RFC 2104), which MicroPython does not bring along."""

import hashlib

_BLOCK = 64


def hmac_sha256(key, data):
    """Return the 32-byte HMAC-SHA256 of `data` under `key` (both bytes, any length)."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded = bytes(key) + bytes(_BLOCK - len(key))
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded))
    inner.update(data)
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in padded))
    outer.update(inner.digest())
    return outer.digest()


def same(a, b):
    """Compare two byte strings in a time that depends on their length only."""
    if len(a) != len(b):
        return False
    different = 0
    for i in range(len(a)):
        different |= a[i] ^ b[i]
    return different == 0
