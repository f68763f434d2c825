"""Links in messages by which somebody answers: each of one row, signed by us, for a time.

The signature is an HMAC-SHA256 under a secret that the database keeps, cut to 128 bits; whoever
has the link has the answer, so it is good for the one row it was sent with and ends.
"""

import base64
import contextlib
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from nabij.centre.database import kept_secrets
from nabij.centre.store import Store
from nabij.errors import NabijError
from nabij.paths import StatePaths, read_file

# An alarm that nobody closed by then is somebody else's to look for.
LASTS_MS: Final = 12 * 3_600_000
_SIGNATURE: Final = 16
# Whatever is longer is none of ours, and is not looked at.
_LONGEST: Final = 80


@dataclass(frozen=True)
class Link:
    """Which row it answers, and until when it can."""

    row_id: int
    until_ms: int


class LinkError(NabijError):
    """A link that is not one of ours, or is over."""


def secret_of(connection: sa.Connection) -> bytes:
    """What signs links, at each receiver of the database: a link is good at all of them."""
    return kept_secrets.get(connection, kept_secrets.LINKS)


def adopt(paths: StatePaths, store: Store) -> None:
    """Keep what signed links in a release that had it in the state folder: they stay good."""
    if not paths.answer_key.exists():
        return
    found = read_file(paths.answer_key, "the key of links", "remove it: links sent so far end")
    if len(found) != kept_secrets.BYTES:
        raise NabijError(f"{paths.answer_key} is damaged: remove it; links sent so far end then.")
    store.write(lambda one: kept_secrets.keep(one, kept_secrets.LINKS, found))
    # One that stays is one that nobody reads.
    with contextlib.suppress(OSError):
        paths.answer_key.unlink()


def sign(secret: bytes, link: Link) -> str:
    """What stands at the end of an address."""
    plain = f"{link.row_id:x}-{link.until_ms:x}"
    return f"{plain}-{_signature(secret, plain)}"


def read(secret: bytes, token: str, now_ms: int) -> Link:
    """The link back; LinkError unless we signed it and it has not ended."""
    plain, signature = _parts(token[:_LONGEST])
    if not hmac.compare_digest(signature.encode(), _signature(secret, plain).encode()):
        raise LinkError("This link is not one of this receiver: use it as it was sent.")
    row_id, until_ms = (int(part, 16) for part in plain.split("-"))
    if now_ms >= until_ms:
        raise LinkError("This link has ended: call the alarm centre.")
    return Link(row_id, until_ms)


def _parts(token: str) -> tuple[str, str]:
    first, _, rest = token.partition("-")
    second, _, signature = rest.partition("-")
    return f"{first}-{second}", signature


def _signature(secret: bytes, plain: str) -> str:
    mac = hmac.new(secret, plain.encode(), hashlib.sha256).digest()[:_SIGNATURE]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
