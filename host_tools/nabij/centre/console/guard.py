"""What is asked of every request before anybody answers it. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_BODY: Final = 64 * 1024
COOKIE: Final = "__Host-nabij"
TOKEN_HEADER: Final = "x-form-token"  # noqa: S105 - the name of a header
# No script, style or picture of anybody else, nor any in the page itself.
_POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS: Final = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    # A link that sets a password must not reach others; 'no-referrer' would hide our own origin.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a page of somebody else sent it, or one cannot tell: then it changes nothing."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return True
    if origin is not None:
        return origin != f"https://{headers.get('host', '')}"
    return site is None


def form_token(session_token: str) -> str:
    """What a page of ours sends with all that changes something; a foreign page cannot know it."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def has_form_token(session_token: str, given: str) -> bool:
    """Whether that is the token of the session."""
    return hmac.compare_digest(form_token(session_token).encode(), given.encode())


def cookie(token: str) -> str:
    """The header that gives a browser its session, or takes it away with an empty token."""
    ends = "" if token else "; Max-Age=0"
    return f"{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict{ends}"
