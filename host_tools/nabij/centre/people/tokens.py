"""Secrets that stand in a link or a cookie: random, signed, and kept as their hash.

Signed, so that what somebody made up is known for that without asking the database.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import kept_secrets

_SIZE: Final = 32
_SIGNATURE: Final = 16
# Whatever is longer is none of ours, and is not looked at.
_LONGEST: Final = 100


def secret_of(connection: sa.Connection) -> bytes:
    """What signs tokens, at each receiver of the database."""
    return kept_secrets.get(connection, kept_secrets.TOKENS)


def new(secret: bytes) -> str:
    """A token that nobody guesses, fit for an address."""
    plain = secrets.token_urlsafe(_SIZE)
    return f"{plain}.{_signature(secret, plain)}"


def is_ours(secret: bytes, token: str) -> bool:
    """Whether we made it; whether it is still good the database knows."""
    plain, _, signature = token[:_LONGEST].partition(".")
    return hmac.compare_digest(signature.encode(), _signature(secret, plain).encode())


def digest(token: str) -> bytes:
    """What the database keeps of it (32 bytes); a token has no need of a slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _signature(secret: bytes, plain: str) -> str:
    mac = hmac.new(secret, plain.encode(), hashlib.sha256).digest()[:_SIGNATURE]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
