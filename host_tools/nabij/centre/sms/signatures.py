"""How each service signs what it posts; every check is over the bytes as they came.

The facts are of the services' own pages (docs/sms_receiver.md names them).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Telnyx's own library and the rules of Standard Webhooks both give a request so long.
WINDOW_S: Final = 300
# Vonage posts again for a day what was not taken, and says nowhere that it signs that anew.
VONAGE_WINDOW_S: Final = 25 * 3600
_HTTPS_PORT: Final = 443


@dataclass(frozen=True)
class Post:
    """A request as it came: `url` as the service calls it, names of headers in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header, empty when it is not there."""
        return self.headers.get(name, "")


class ForgedError(Exception):
    """Not signed by whoever has the secret; the text says what is wrong, for a count of it.

    `again`: the service does well to post it once more.
    """

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.again = again


def twilio(post: Post, secret: bytes, now_s: float) -> None:  # noqa: ARG001 - it tells no time
    """HMAC-SHA1 under the account's token over the URL and each parameter, sorted by name."""
    given = post.header("x-twilio-signature")
    parameters: dict[str, set[str]] = {}
    for name, value in parse_qsl(post.body.decode("utf-8", "replace"), keep_blank_values=True):
        parameters.setdefault(name, set()).add(value)
    told = "".join(
        name + value for name in sorted(parameters) for value in sorted(parameters[name])
    )
    # Their own libraries try both too: whether a port is in what was signed has changed.
    expected = [
        base64.b64encode(hmac.digest(secret, (url + told).encode(), "sha1"))
        for url in _with_and_without_port(post.url)
    ]
    if not any(hmac.compare_digest(one, given.encode()) for one in expected):
        raise ForgedError("signature")


def vonage(post: Post, secret: bytes, now_s: float) -> None:
    """A JWT (HS256) in `Authorization`, which has the SHA-256 of the body in a claim."""
    scheme, _, token = post.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not token:
        # Now and then a callback goes out unsigned, their page says, and asks for a 5xx then.
        raise ForgedError("no signature", again=True)
    parts = token.strip().split(".")
    if len(parts) != 3 or _json(parts[0]).get("alg") != "HS256":
        raise ForgedError("signature")
    expected = hmac.digest(secret, f"{parts[0]}.{parts[1]}".encode(), "sha256")
    if not hmac.compare_digest(expected, _base64url(parts[2])):
        raise ForgedError("signature")
    claims = _json(parts[1])
    digest = hashlib.sha256(post.body).hexdigest()
    if not hmac.compare_digest(str(claims.get("payload_hash", "")).encode(), digest.encode()):
        raise ForgedError("hash of the body")
    _check_time(claims.get("iat"), now_s, VONAGE_WINDOW_S)
    expires_s = claims.get("exp")
    if isinstance(expires_s, int | float) and now_s > expires_s + WINDOW_S:
        raise ForgedError("time")


def telnyx(post: Post, secret: bytes, now_s: float) -> None:
    """Ed25519 over time and body; the secret is their public key, in base64."""
    at = post.header("telnyx-timestamp")
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(secret, validate=True))
        signature = base64.b64decode(post.header("telnyx-signature-ed25519"), validate=True)
        key.verify(signature, at.encode() + b"|" + post.body)
    except (InvalidSignature, ValueError) as error:
        raise ForgedError("signature") from error
    _check_time(at, now_s, WINDOW_S)


def standard(post: Post, secret: bytes, now_s: float) -> None:
    """HMAC-SHA256 over id, time and body, as Standard Webhooks says."""
    name, at = post.header("webhook-id"), post.header("webhook-timestamp")
    signed = f"{name}.{at}.".encode() + post.body
    expected = base64.b64encode(hmac.digest(standard_key(secret), signed, "sha256"))
    given = [
        one.removeprefix("v1,").encode()
        for one in post.header("webhook-signature").split(" ")
        if one.startswith("v1,")
    ]
    if not name or not any(hmac.compare_digest(expected, one) for one in given):
        raise ForgedError("signature")
    _check_time(at, now_s, WINDOW_S)


def standard_key(secret: bytes) -> bytes:
    """The key in a secret, which is base64 after `whsec_` and else what it is."""
    if not secret.startswith(b"whsec_"):
        return secret
    return base64.b64decode(secret.removeprefix(b"whsec_"))


def _check_time(at: Any, now_s: float, window_s: int) -> None:
    try:
        at_s = float(at)
    except (TypeError, ValueError, OverflowError) as error:
        raise ForgedError("time") from error
    # Not a number compares with nothing.
    if not abs(now_s - at_s) <= window_s:
        raise ForgedError("time")


def _with_and_without_port(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    port = parts.port or _HTTPS_PORT
    bare, ported = (urlunsplit(parts._replace(netloc=one)) for one in (host, f"{host}:{port}"))
    return [bare, ported]


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_base64url(part))
    except (ValueError, RecursionError) as error:
        raise ForgedError("signature") from error
    if not isinstance(found, dict):
        raise ForgedError("signature")
    return found


def _base64url(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ForgedError("signature") from error
