"""Secrets that stand in a link or a cookie: random, and kept as their hash."""

import hashlib
import secrets
from typing import Final

_SIZE: Final = 32


def new() -> str:
    """A token that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(_SIZE)


def digest(token: str) -> bytes:
    """What the database keeps of it (32 bytes); a token has no need of a slow hash."""
    return hashlib.sha256(token.encode()).digest()
