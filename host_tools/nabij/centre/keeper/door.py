"""The keeper's socket: who may ask, and what each request comes to."""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nabij.centre.keeper.keeper import Asked, Keeper
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.keeper.speech import MOST_ASKED, Speech, SpeechError, user_of
from nabij.errors import NabijError, UsageError, exit_code_of

# Receivers that share a database are few; one that is not heard holds a place for so long.
MOST_AT_ONCE: Final = 8
SILENT_S: Final = 30.0
SAY_S: Final = 5.0
TICK_S: Final = 1.0
# Of the path of a socket, on any system.
_LONGEST: Final = 100
# Whoever may open the folder may connect; the user at the other end decides.
_MODE: Final = 0o666


class Door:
    """Answers the receiver's user alone, on threads of its own. `say` gets a sentence."""

    def __init__(self, keeper: Keeper, file: Path, user: int, say: Callable[[str], None]) -> None:
        self._keeper = keeper
        self._file = file
        self._user = user
        self._say = say
        self._places = threading.Semaphore(MOST_AT_ONCE)
        self._strangers: set[int] = set()
        self._listener = _listener(file)

    def serve(self, stop: threading.Event) -> None:
        """Until it is told to stop."""
        self._listener.settimeout(TICK_S)
        with self._listener:
            while not stop.is_set():
                self._keeper.tick()
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                except OSError as error:
                    # No more files: those who are here go when they are silent.
                    self._say(f"The keeper takes nobody in just now ({error}).")
                    stop.wait(TICK_S)
                    continue
                self._let_in(connection, stop)
        self._file.unlink(missing_ok=True)

    def _let_in(self, connection: socket.socket, stop: threading.Event) -> None:
        try:
            user = user_of(connection)
        except (OSError, SpeechError) as error:
            self._say(f"Somebody was not let in ({error}).")
            connection.close()
            return
        if user != self._user:
            if user not in self._strangers:
                self._strangers.add(user)
                self._say(
                    f"User {user} tried to speak to the keeper and was not let in: it answers "
                    f"user {self._user} alone (--receiver-user)."
                )
            connection.close()
            return
        if not self._places.acquire(blocking=False):
            connection.close()
            return
        threading.Thread(target=self._hear, args=(connection, stop), daemon=True).start()

    def _hear(self, connection: socket.socket, stop: threading.Event) -> None:
        speech = Speech(connection, MOST_ASKED)
        try:
            while not stop.is_set():
                asked = speech.hear(SILENT_S)
                speech.say(answer(self._keeper, asked), SAY_S)
        except SpeechError:
            pass
        finally:
            speech.close()
            self._places.release()


def answer(keeper: Keeper, asked: dict[str, Any]) -> dict[str, Any]:
    """What a request comes to: its result, or the code of why not."""
    try:
        return {"ok": True, **_done(keeper, asked)}
    except RefusedError as error:
        return {"ok": False, "why": error.why.name}
    except (KeyError, TypeError, ValueError, OverflowError):
        return {"ok": False, "why": Why.NONSENSE.name}


def _done(keeper: Keeper, asked: dict[str, Any]) -> dict[str, Any]:
    what = asked["do"]
    if what == "greet":
        signature = keeper.greet(bytes.fromhex(asked["nonce"]))
        return {"key": keeper.public.hex(), "signature": signature.hex()}
    if what == "held":
        return {"held": keeper.held()}
    badge, number = str(asked["badge"]), int(asked["shift"])
    if what == "begin":
        frame, verify = bytes.fromhex(asked["frame"]), bytes.fromhex(asked["verify"])
        keeper.begin(badge, number, verify, frame)
        return {}
    if what == "seal":
        return {"sealed": keeper.seal(badge, number, bytes.fromhex(asked["text"])).hex()}
    if what == "open":
        return _opened(keeper, badge, number, asked)
    if what == "end":
        keeper.end(badge, number)
        return {}
    if what == "destroy":
        keeper.destroy(badge, number)
        return {}
    raise ValueError(what)


def _opened(keeper: Keeper, badge: str, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    frame = None if asked["frame"] is None else bytes.fromhex(asked["frame"])
    sealed, audit = bytes.fromhex(asked["sealed"]), bytes.fromhex(asked["audit"]).hex()
    found = keeper.open(Asked(badge, number, sealed, frame, int(asked["incident"]), audit))
    return {
        "text": found.text.hex(),
        "proof": str(found.proof),
        "line": found.line.number,
        "chain": found.line.chain.hex(),
        "signature": found.signature.hex(),
    }


def check(file: Path) -> None:
    """UsageError for a path that cannot be a socket's; changes nothing."""
    if len(os.fsencode(file)) > _LONGEST:
        raise UsageError(f"{file} is too long for a socket: give --socket a shorter path.")
    if not os.access(file.parent, os.W_OK):
        raise UsageError(
            f"Cannot listen at {file}: give --socket a path in a folder of this user's."
        )
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(file.lstat().st_mode):
            raise UsageError(f"{file} is no socket: give --socket another path.")


def _listener(file: Path) -> socket.socket:
    """A socket that listens there; NabijError when it cannot, or another keeper does."""
    check(file)
    if file.exists():
        if _is_answered(file):
            raise NabijError(f"A keeper listens at {file} already: stop that one first.")
        _remove(file)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(file))
        file.chmod(_MODE)
        listener.listen(MOST_AT_ONCE)
    except OSError as error:
        listener.close()
        raise NabijError(
            f"Cannot listen at {file} ({error.strerror}): give --socket a path in a folder of "
            "this user's.",
            exit_code_of(error),
        ) from error
    return listener


def _is_answered(file: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(str(file))
        except OSError:
            return False
    return True


def _remove(file: Path) -> None:
    try:
        file.unlink()
    except OSError as error:
        raise NabijError(
            f"{file} is left of somebody else and cannot be removed ({error.strerror}): remove "
            "it, or give --socket another path.",
            exit_code_of(error),
        ) from error
