"""A new application into the slot of a badge that does not run, piece by piece."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from badge.core.codec import manifest
from badge.core.codec.usb_protocol import CHUNK_BYTES
from nabij.acts.act import Act, Request
from nabij.errors import NabijError

# A whole slot is hashed in one request.
_COMMIT_S: Final = 60.0
_OFFER_S: Final = 30.0
SENT_TIMES: Final = 3

Progress = Callable[[int, int], None]


class NotKeptError(NabijError):
    """The badge did not keep a file as it was sent; `path` is which."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The badge did not keep {path} as it was sent, {SENT_TIMES} times.")
        self.path = path


@dataclass(frozen=True)
class Package:
    """An application as it goes into a slot."""

    version: str
    build: int
    mpy: int
    files: dict[str, bytes]

    @property
    def fingerprint(self) -> str:
        """By which a badge says what is in a slot: the same for the same files."""
        return str(manifest.fingerprint(self.signed(b"")))

    @property
    def total_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(map(len, self.files.values()))

    def signed(self, key: bytes) -> bytes:
        """The manifest for the badge with this HMAC key."""
        entries = [
            (path, len(data), hashlib.sha256(data).digest()) for path, data in self.files.items()
        ]
        frame: bytes = manifest.sign(
            manifest.Manifest(self.version, self.build, self.mpy, entries), key
        )
        return frame

    def to_json(self) -> bytes:
        """For whoever sends it later, by `from_json`."""
        files = {path: base64.b64encode(data).decode() for path, data in self.files.items()}
        return json.dumps({**self.__dict__, "files": files}).encode()


def from_json(content: bytes) -> Package:
    """What `to_json` gave."""
    values = json.loads(content)
    files = {path: base64.b64decode(text) for path, text in values["files"].items()}
    return Package(**{**values, "files": files})


@dataclass(frozen=True)
class SlotStatus:
    """How the badge's slots are; `running` and `next` are their names, None outside both.

    `holds` has the fingerprint of what is in each; older firmware does not tell.
    """

    running: str | None
    next: str | None
    floor: int
    mpy: int
    states: dict[str, str]
    builds: dict[str, int]
    versions: dict[str, str]
    tries: dict[str, int]
    holds: dict[str, str | None]


def slots() -> Act[SlotStatus]:
    """How the slots of a badge are."""
    answer = yield Request("update.status")
    rows: list[Any] = answer["slots"]
    return SlotStatus(
        running=answer["running"],
        next=answer["next"],
        floor=int(answer["floor"]),
        mpy=int(answer["mpy"]),
        states={row[0]: str(row[1]) for row in rows},
        builds={row[0]: int(row[2]) for row in rows},
        versions={row[0]: str(row[3]) for row in rows},
        tries={row[0]: int(row[4]) for row in rows},
        holds={row[0]: row[5] if len(row) > 5 else None for row in rows},
    )


def send(update: Package, key: bytes, progress: Progress | None = None) -> Act[str]:
    """Fill the free slot and have the next start run it; the slot's name.

    What an earlier attempt sent is kept. NotKeptError for a file that does not stay.
    """
    for offset, chunk in _chunks(update.signed(key), 0):
        yield Request("update.manifest", {"offset": offset}, chunk)
    yield Request("update.begin", timeout_s=_OFFER_S)
    order = list(update.files)
    sent: Counter[str] = Counter()
    while (wanted := (yield Request("update.next", timeout_s=_OFFER_S)))["path"] is not None:
        path, start = str(wanted["path"]), int(wanted["offset"])
        sent[path] += 1
        if sent[path] > SENT_TIMES:
            raise NotKeptError(path)
        for offset, chunk in _chunks(update.files[path], start):
            yield Request("update.data", {"path": path, "offset": offset}, chunk)
        if progress is not None:
            # It asks in the order of the manifest: what is before has been there or is now.
            left = sum(len(update.files[name]) for name in order[order.index(path) + 1 :])
            progress(update.total_bytes - left, update.total_bytes)
    return str((yield Request("update.commit", timeout_s=_COMMIT_S))["slot"])


def _chunks(data: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) from `start` on; an empty file is one empty chunk."""
    for at in range(start, max(len(data), start + 1), CHUNK_BYTES):
        yield at, data[at : at + CHUNK_BYTES]
