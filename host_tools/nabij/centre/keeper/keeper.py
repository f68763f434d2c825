"""Seals positions under a key of each shift, and opens one only for a reason that it checks."""

import contextlib
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.keeper import proof, speech
from nabij.centre.keeper.floors import Floors
from nabij.centre.keeper.ledger import OPENED, Ledger, Line
from nabij.centre.keeper.limits import MOST, Limits, Most
from nabij.centre.keeper.proof import Proof, Reason
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.keeper.shift_keys import KEY_BYTES, ShiftKey, ShiftKeys
from nabij.errors import NabijError
from nabij.paths import PRIVATE, make_folder, read_file, write_file

NONCE_BYTES: Final = 12
MOST_TEXT: Final = 512
# A badge that was heard so lately has not fallen silent: those of a badge on shift are watched
# for going away in minutes (nabij serve --quiet-min).
SILENT_MS: Final = 60_000
# A refusal of one sort is written once in so long: a receiver that asks on must not fill the disk.
REFUSED_AGAIN_MS: Final = 600_000
_SEED_BYTES: Final = 32


class ReadsTime(Protocol):
    """A clock."""

    def now(self) -> Moment:
        """The moment it is."""


@dataclass(frozen=True)
class Opened:
    """What was sealed, how good the reason was, and the line of the keeper's log about it."""

    text: bytes
    proof: Proof
    line: Line
    signature: bytes


@dataclass(frozen=True)
class Asked:
    """A request to open `sealed`, of a shift of a badge, for an incident of the receiver's.

    `frame` is what the badge sent, None for a badge that fell silent. `audit` is the hash (hex)
    of the receiver's audit as it is.
    """

    badge: str
    number: int
    sealed: bytes
    frame: bytes | None
    incident: int
    audit: str


class Keeper:
    """All that it does; each method is one step that is whole, for any thread.

    `say` gets a sentence about what is odd. `keep_ms` is how long after its shift a key is kept.
    """

    def __init__(
        self,
        folder: Path,
        clock: ReadsTime,
        say: Callable[[str], None],
        keep_ms: int,
        most: Mapping[Proof, Most] = MOST,
    ) -> None:
        """Take up what is in the folder; NabijError when that cannot be."""
        make_folder(folder)
        self._clock = clock
        self._say = say
        self._keep_ms = keep_ms
        self._mutex = threading.RLock()
        self._identity = _identity(folder / "keeper.key")
        self._ledger = Ledger(folder / "log.jsonl")
        self._floors = Floors(folder / "floors.json", say)
        self._files = ShiftKeys(folder / "keys")
        self._limits = Limits(most)
        self._refused: dict[tuple[str, Why], int] = {}
        # When each was sealed with last, by the steady clock; of before a start nothing is known.
        self._sealed_ms: dict[str, int] = {}
        now = clock.now()
        longest_ms = wire.WATCH_MAX_S * 1000
        self._keys = {one.name: one for one in self._files.load(now, longest_ms, self._lost)}
        # Of no use to anybody any more, and still on the disk, which did not let go of them.
        self._dead: dict[str, ShiftKey] = {}
        self._is_stuck = False
        if self._ledger.torn:
            say("The last line of the keeper's log was cut off as it was written; it was removed.")
        self._ledger.add(now.wall_ms, "started", keys=len(self._keys))

    @property
    def public(self) -> bytes:
        """By which its signatures are checked (Ed25519, 32 bytes)."""
        return self._identity.public_key().public_bytes_raw()

    def greet(self, nonce: bytes) -> bytes:
        """The signature that shows who it is."""
        if len(nonce) != speech.NONCE_BYTES:
            raise RefusedError(Why.NONSENSE)
        return self._identity.sign(speech.greeting(nonce))

    def begin(self, badge: str, number: int, verify: bytes, frame: bytes) -> None:
        """Make the key of a shift, or give it more time, as the badge itself said by a test."""
        with self._mutex:
            self.tick()
            message = proof.begins_shift(frame, badge, verify)
            began = (message.boot, message.seq)
            known = self._keys.get(f"{badge}.{number}")
            self._floors.check(badge, verify, began, renews=known is not None)
            now = self._clock.now()
            left_ms = _left_ms(message, now)
            if known is not None and (known.verify != verify or began < known.newest):
                raise RefusedError(Why.OLD)
            with _disk():
                if known is None:
                    secret = secrets.token_bytes(KEY_BYTES)
                    new = ShiftKey(badge, number, secret=secret, verify=verify, began=began)
                    one = new.until(now, left_ms)
                    self._files.make(one)
                elif began > known.newest:
                    one = replace(known.until(now, left_ms), renewed=began)
                    self._files.note(one)
                else:
                    one = known
                self._dead.pop(one.name, None)
                # Last: who is killed before it begins again with the same test.
                self._floors.keep(badge, verify, began)
            self._keys[one.name] = one

    def seal(self, badge: str, number: int, text: bytes) -> bytes:
        """The text, sealed: a nonce, then what AES-256-GCM makes of it."""
        with self._mutex:
            self.tick()
            one, now = self._find(badge, number), self._clock.now()
            if one.left_ms(now) <= 0:
                raise RefusedError(Why.OVER)
            if len(text) > MOST_TEXT:
                raise RefusedError(Why.NONSENSE)
            self._sealed_ms[badge] = now.steady_ms
            nonce = secrets.token_bytes(NONCE_BYTES)
            return nonce + AESGCM(one.secret).encrypt(nonce, text, one.name.encode())

    def end(self, badge: str, number: int) -> None:
        """The shift is over now, sooner than it was to be."""
        with self._mutex:
            one, now = self._find(badge, number), self._clock.now()
            if one.left_ms(now) > 0:
                ended = one.until(now, 0)
                with _disk():
                    self._files.note(ended)
                self._keys[one.name] = ended

    def open(self, asked: Asked) -> Opened:
        """What is sealed, after a line about it is in the log."""
        with self._mutex:
            self.tick()
            try:
                return self._open(asked)
            except RefusedError as error:
                self._note_refused(asked, error.why)
                raise

    def destroy(self, badge: str, number: int) -> None:
        """Destroy the key of a shift, if there is one: consent was withdrawn, somebody erased."""
        with self._mutex:
            name = f"{badge}.{number}"
            if name in self._keys:
                self._dead[name] = self._keys.pop(name)
            with _disk():
                self._bury()

    def held(self) -> list[tuple[str, int]]:
        """Of which shifts it has a key, also one that its disk does not let go of."""
        with self._mutex:
            self.tick()
            both = {**self._keys, **self._dead}
            return sorted((one.badge, one.number) for one in both.values())

    def tick(self) -> None:
        """Destroy the keys whose time is over; to be called now and then."""
        with self._mutex:
            now = self._clock.now()
            for one in list(self._keys.values()):
                if -one.left_ms(now) > self._keep_ms:
                    self._dead[one.name] = self._keys.pop(one.name)
            try:
                self._bury()
            except OSError as error:
                # No shift of others waits for that disk, and it is tried again at the next.
                if not self._is_stuck:
                    self._say(f"THE KEEPER CANNOT DESTROY A KEY ({error}): see to its disk.")
                self._is_stuck = True

    def _bury(self) -> None:
        for name, one in list(self._dead.items()):
            self._files.destroy(one)
            del self._dead[name]
        self._is_stuck = False

    def _open(self, asked: Asked) -> Opened:
        now = self._clock.now()
        one = self._find(asked.badge, asked.number)
        reason = self._reason(asked, one, now)
        mark = hashlib.sha256(asked.sealed).hexdigest()
        opened_before = dict(one.used).get(reason.name)
        if opened_before not in {None, mark}:
            raise RefusedError(Why.USED)
        if not self._limits.takes(reason.proof):
            raise RefusedError(Why.NO_CLAIMS)
        # The same again too: each has its line, and lines must not fill the disk.
        if not self._limits.has_room(reason.proof, now.steady_ms):
            raise RefusedError(Why.TOO_MANY)
        nonce, sealed = asked.sealed[:NONCE_BYTES], asked.sealed[NONCE_BYTES:]
        try:
            text = AESGCM(one.secret).decrypt(nonce, sealed, one.name.encode())
        except (InvalidTag, ValueError) as error:
            raise RefusedError(Why.OTHER) from error
        facts = {
            "badge": asked.badge,
            "shift": asked.number,
            "incident": asked.incident,
            "reason": reason.name,
            "proof": str(reason.proof),
            "again": opened_before is not None,
            "audit": asked.audit,
        }
        if asked.frame is not None:
            # It may say where the badge was; of a frame that somebody has, this tells.
            facts["frame"] = hashlib.sha256(asked.frame).hexdigest()
        with _disk():
            line = self._ledger.add(now.wall_ms, OPENED, **facts)
            self._limits.note(reason.proof, now.steady_ms)
            if opened_before is None:
                used = replace(one, used=(*one.used, (reason.name, mark)))
                self._keys[one.name] = used
                self._files.note(used)
        signature = self._identity.sign(speech.head(line.number, line.chain))
        return Opened(text, reason.proof, line, signature)

    def _reason(self, asked: Asked, one: ShiftKey, now: Moment) -> Reason:
        if asked.frame is not None:
            return proof.reason(asked.frame, one, now)
        sealed_ms = self._sealed_ms.get(asked.badge)
        if sealed_ms is not None and now.steady_ms - sealed_ms < SILENT_MS:
            raise RefusedError(Why.HEARD)
        return Reason(Proof.CLAIM, f"silent-{asked.incident}")

    def _find(self, badge: str, number: int) -> ShiftKey:
        one = self._keys.get(f"{badge}.{number}")
        if one is None:
            raise RefusedError(Why.NO_SHIFT)
        return one

    def _note_refused(self, asked: Asked, why: Why) -> None:
        now = self._clock.now()
        before_ms = self._refused.get((asked.badge, why))
        if before_ms is not None and now.steady_ms - before_ms < REFUSED_AGAIN_MS:
            return
        self._refused[asked.badge, why] = now.steady_ms
        facts = {"badge": asked.badge, "shift": asked.number, "incident": asked.incident}
        try:
            self._ledger.add(now.wall_ms, "refused", why=why.name, **facts)
        except OSError as error:
            self._say(f"THE KEEPER CANNOT WRITE ITS LOG ({error}): free some space on its disk.")

    def _lost(self, sentence: str) -> None:
        self._say(sentence)


def _left_ms(message: wire.AlarmMessage, now: Moment) -> int:
    """How long the shift still lasts, of which the test says how long it lasts from then on."""
    lasts_ms = int(message.watch_s) * 1000
    if message.utc_s is None:
        return lasts_ms
    since_ms = now.wall_ms - int(message.utc_s) * 1000 - int(message.age_ms)
    return min(max(lasts_ms - since_ms, 0), lasts_ms)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """What the disk does not take is a refusal."""
    try:
        yield
    except (OSError, NabijError) as error:
        raise RefusedError(Why.DISK) from error


def _identity(file: Path) -> Ed25519PrivateKey:
    if not file.exists():
        write_file(file, secrets.token_bytes(_SEED_BYTES), PRIVATE)
    seed = read_file(file, "the keeper's own key", "restore it, or remove it and have it trusted")
    if len(seed) != _SEED_BYTES:
        raise NabijError(
            f"{file} is cut or damaged: remove it, start again, and have the receiver trust the "
            "new one (nabij location trust)."
        )
    return Ed25519PrivateKey.from_private_bytes(seed)
