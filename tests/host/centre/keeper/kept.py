"""`nabij keeper run` in a process of its own."""

import os
import signal
import socket
import subprocess
import weakref
from pathlib import Path
from typing import Any

from nabij.centre.keeper.speech import MOST_ANSWER, Speech
from tests.host.centre.served import NABIJ
from tests.places import REPO


class Kept:
    """The process, its folder and its socket."""

    def __init__(self, folder: Path, *, user: int | None = None) -> None:
        self.folder, self.socket = folder / "keeper", folder / "socket"
        self._user = os.getuid() if user is None else user
        self.begin()

    def begin(self) -> None:
        words = ["--socket", str(self.socket), "--receiver-user", str(self._user)]
        self.process = subprocess.Popen(
            [*NABIJ, "keeper", "run", str(self.folder), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO,
        )
        weakref.finalize(self, self.process.kill)
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def asked(speech: Speech, **values: Any) -> dict[str, Any]:
    """Its answer."""
    speech.say(values, 10.0)
    return speech.hear(10.0)


def connected(path: Path) -> Speech:
    """A connection to it."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return Speech(connection, MOST_ANSWER)
