"""The keys of shifts as files of the keeper: made, found again after a restart, destroyed."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.errors import NabijError
from nabij.paths import PRIVATE, make_folder, write_file

KEY_BYTES: Final = 32
_CHECK_BYTES: Final = 8
_KEY: Final = ".key"
_FACTS: Final = ".json"


@dataclass(frozen=True)
class ShiftKey:
    """One shift of a badge: what opens its positions, and what is known of it.

    `number` is the receiver's; `verify` is the badge's key of when it began, by a test of the
    number `began` (boot, seq), the newest `renewed` it. Until its end, in ms, it can
    seal. `used` is for which reasons which sealed texts (SHA-256, hex) were opened.
    """

    badge: str
    number: int
    secret: bytes
    verify: bytes
    began: tuple[int, int]
    renewed: tuple[int, int] | None = None
    until_wall_ms: int = 0
    until_steady_ms: int = 0
    epoch: str = ""
    used: tuple[tuple[str, str], ...] = ()

    @property
    def newest(self) -> tuple[int, int]:
        """Of the newest test that began or renewed it."""
        return self.renewed or self.began

    @property
    def name(self) -> str:
        return f"{self.badge}.{self.number}"

    def until(self, now: Moment, left_ms: int) -> "ShiftKey":
        """The same, which can seal for so long from now on."""
        return replace(
            self,
            until_wall_ms=now.wall_ms + left_ms,
            until_steady_ms=now.steady_ms + left_ms,
            epoch=now.epoch,
        )

    def left_ms(self, now: Moment) -> int:
        """How long it can seal; below 0 how long it has not been able to."""
        return self.until_steady_ms - now.steady_ms


class ShiftKeys:
    """The files of a folder: of each shift the secret, written once, and beside it the facts."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder

    def load(self, now: Moment, longest_ms: int, say: Callable[[str], None]) -> list[ShiftKey]:
        """All that can be read; what cannot is destroyed, for nothing can be opened with it.

        After a start of the machine each has the time that it had left, and never more than
        `longest_ms`. `say` gets a sentence about each that is lost.
        """
        found = []
        for file in sorted(self._folder.glob(f"*{_KEY}")):
            try:
                found.append(self._read(file, now, longest_ms))
            except (OSError, ValueError, KeyError, TypeError):
                say(
                    f"The key {file.name} is damaged and was destroyed: what was sealed with it "
                    "cannot be opened any more."
                )
                self._destroy(file)
        for facts in self._folder.glob(f"*{_FACTS}"):
            if not facts.with_suffix(_KEY).exists():
                facts.unlink(missing_ok=True)
        return found

    def make(self, one: ShiftKey) -> None:
        """Keep a new one; NabijError when the disk does not, and then nothing of it is left."""
        file = self._file(one)
        try:
            # The facts first: a key without them is of no use, and found to be so.
            self.note(one)
            write_file(file, one.secret + _check(one.secret), PRIVATE)
        except NabijError:
            self._destroy(file)
            raise

    def note(self, one: ShiftKey) -> None:
        """Keep what has changed of it, but for its secret; NabijError when the disk does not."""
        facts = {name: value for name, value in asdict(one).items() if name != "secret"}
        facts["verify"] = one.verify.hex()
        file = self._file(one).with_suffix(_FACTS)
        write_file(file, json.dumps(facts).encode(), PRIVATE)

    def destroy(self, one: ShiftKey) -> None:
        """Write over the key where it lies, and remove it. Whether a disk keeps a copy of what was
        written over is for whoever chose it."""
        self._destroy(self._file(one))

    def _read(self, file: Path, now: Moment, longest_ms: int) -> ShiftKey:
        text = file.read_bytes()
        secret = text[:KEY_BYTES]
        if text[KEY_BYTES:] != _check(secret):
            raise ValueError("a key that is cut or changed")
        facts: dict[str, Any] = json.loads(file.with_suffix(_FACTS).read_bytes())
        one = ShiftKey(
            badge=str(facts["badge"]),
            number=int(facts["number"]),
            secret=secret,
            verify=bytes.fromhex(facts["verify"]),
            began=_pair(facts["began"]),
            renewed=None if facts["renewed"] is None else _pair(facts["renewed"]),
            until_wall_ms=int(facts["until_wall_ms"]),
            until_steady_ms=int(facts["until_steady_ms"]),
            epoch=str(facts["epoch"]),
            used=tuple((str(why), str(text)) for why, text in facts["used"]),
        )
        if one.name != file.stem or not wire.is_badge_name(one.badge):
            raise ValueError("the facts are of another key")
        return one if one.epoch == now.epoch else _taken_over(one, now, longest_ms)

    def _file(self, one: ShiftKey) -> Path:
        # Not with_suffix: a badge's name has no dot, and the number follows one.
        return self._folder / f"{one.name}{_KEY}"

    def _destroy(self, file: Path) -> None:
        try:
            descriptor = os.open(file, os.O_WRONLY)
            try:
                os.write(descriptor, secrets.token_bytes(KEY_BYTES + _CHECK_BYTES))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            pass
        file.unlink(missing_ok=True)
        file.with_suffix(_FACTS).unlink(missing_ok=True)


def _taken_over(one: ShiftKey, now: Moment, longest_ms: int) -> ShiftKey:
    """As of this start of the machine; a time of day that was set back gives no more time."""
    left_ms = min(one.until_wall_ms - now.wall_ms, longest_ms)
    return replace(one, epoch=now.epoch, until_steady_ms=now.steady_ms + left_ms)


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()[:_CHECK_BYTES]


def _pair(found: Any) -> tuple[int, int]:
    boot, seq = found
    return int(boot), int(seq)
