"""The MQTT broker as a child process: started, watched, restarted, stopped."""

import collections
import contextlib
import errno
import hashlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, cast

from nabij import extras
from nabij.centre.link import die_with_parent
from nabij.centre.link.broker_config import write_config
from nabij.centre.link.peer import Certificates, Peer
from nabij.centre.link.refusals import Refusals
from nabij.centre.link.store_faults import StoreFaults
from nabij.errors import EXIT_FAILURE, EXIT_USAGE, NabijError
from nabij.paths import StatePaths, full_disk

READY_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 5.0
FIRST_BACKOFF_S: Final = 0.1
MAX_BACKOFF_S: Final = 2.0
_LIST_LOOK_S: Final = 0.05
# A broker that has run this long starts its next backoff from the beginning.
STEADY_S: Final = 1.0

_READY_MARK: Final = "Server is ready"
_LINK_MARK: Final = "Listening for client connections on "
_log = logging.getLogger("nabij.broker")


class Broker:
    """nats-server with MQTT and mutual TLS on `listen`:`port`, its data under the state folder.

    `link_port` is where it lets the receiver itself in on loopback, None while it is down. `peer`
    makes it one of several, which lets receivers in from everywhere.
    `say` gets one sentence when the broker dies, does not start again, or is back. On Linux it is
    killed with this process; elsewhere a broker whose parent was killed keeps the port.
    """

    def __init__(
        self,
        paths: StatePaths,
        certificates: Certificates,
        *,
        listen: str = "127.0.0.1",
        port: int = 8883,
        say: Callable[[str], None] = _log.warning,
        peer: Peer | None = None,
    ) -> None:
        self._peer = peer
        self.listen = listen
        self.port = port
        self.starts = 0
        self.link_port: int | None = None
        self._paths = paths
        self._certificates = certificates
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._tail: collections.deque[str] = collections.deque(maxlen=20)
        self._ready = threading.Event()
        self._ready_since_s: float | None = None
        self._stopping = threading.Event()
        self._first_start_failed = threading.Event()
        self._stale = threading.Event()
        self._is_broken = threading.Event()
        # Of the list of whom to let in, as it was given.
        self._list = b""
        self._faults = StoreFaults()
        self._watcher: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running broker."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the broker and return when it takes connections; NabijError when it does not."""
        program = find_program()
        check_port(self.listen, self.port)
        config = self._write_config()
        self._list = self._digest()
        # The watcher itself starts the process: Linux ties a child to the *thread* that made it.
        self._watcher = threading.Thread(
            target=self._watch, args=(program, config), name="nabij-broker", daemon=True
        )
        self._watcher.start()
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._ready.wait(0.02):
            if self._first_start_failed.is_set():
                reason = self._reason()
                self.stop()
                raise NabijError(f"The broker does not start: {reason}.")
            if time.monotonic() > deadline:
                self.stop()
                raise NabijError(
                    f"The broker was not ready within {READY_TIMEOUT_S:.0f} s: "
                    "see whether the disk or the machine is overloaded, then start again."
                )

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> bool:
        """Wait until a broker that died is back; False when it is not in time."""
        return self._ready.wait(timeout_s)

    def does_not_start(self) -> bool:
        """Whether it died and is not started, for its list is not what it was given."""
        return self._is_broken.is_set()

    def ready_s(self) -> float:
        """For how long it has taken connections; 0 while it does not run."""
        since_s = self._ready_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def restart(self) -> None:
        """End a broker that lives and does not serve; it is started again at once."""
        self._say("The broker does not serve and is started again, to mend that.")
        self._kill()

    def mend_store(self) -> None:
        """Have a broker whose store has failed started again, when the disk has room for it.

        To be asked each second: whoever waits for a receipt hears nothing until then.
        """
        reason = self._faults.reason
        if reason and full_disk(self._paths.root) is None and self._faults.is_due(self.ready_s()):
            self._say(f"The broker's store has failed ({reason}); it is started again.")
            self._kill()

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    def reload(self) -> None:
        """Have the broker read its users and certificates again, once it runs."""
        self._list = self._digest()
        self._stale.set()
        self._freshen()

    def _freshen(self) -> None:
        # Before it is ready, the signal would end it.
        process = self._process
        if process is not None and self._ready.is_set() and self._stale.is_set():
            self._stale.clear()
            process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Stop the broker and wait for its end; no restart follows. Safe to call twice."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._watcher is not None:
            self._watcher.join(STOP_TIMEOUT_S)

    def _watch(self, program: str, config: Path) -> None:
        backoff_s = FIRST_BACKOFF_S
        complained = False
        while not self._stopping.is_set():
            started = time.monotonic()
            if self.starts:
                self._mend_files()
            came_up = self._run_once(program, config)
            if self._stopping.is_set():
                return
            if self.starts == 1 and not came_up:
                self._first_start_failed.set()
                return
            if came_up:
                backoff_s = FIRST_BACKOFF_S if time.monotonic() - started > STEADY_S else backoff_s
                self._say("The broker died; starting it again, badges reconnect by themselves.")
                complained = False
            elif not complained:
                self._say(f"The broker does not start again ({self._reason()}); still trying.")
                complained = True
            self._stopping.wait(backoff_s)
            backoff_s = min(backoff_s * 2, MAX_BACKOFF_S)

    def _mend_files(self) -> None:
        """Whatever became of them since: a list that is damaged may let in anybody, or nobody."""
        with contextlib.suppress(NabijError):
            self._write_config()
        while self._digest() != self._list and not self._stopping.is_set():
            if not self._is_broken.is_set():
                self._say("The broker's list of badges is damaged, and is written anew.")
            self._is_broken.set()
            self._stopping.wait(_LIST_LOOK_S)
        self._is_broken.clear()

    def _digest(self) -> bytes:
        try:
            return hashlib.sha256(self._paths.broker_users.read_bytes()).digest()
        except OSError:
            return b""

    def _write_config(self) -> Path:
        return write_config(self._paths, self._certificates, self.listen, self.port, self._peer)

    def _run_once(self, program: str, config: Path) -> bool:
        """Run the broker until it ends; True if it took connections meanwhile."""
        self._tail.clear()
        self._faults.began()
        script = die_with_parent.__file__
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", script, str(os.getpid()), program, "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                # Its own group: Ctrl-C in the terminal is for us, and we stop it in order.
                process_group=0,
            )
        except OSError as error:
            self._tail.append(f"[FTL] {error}")
            self.starts += 1
            return False
        self.starts += 1
        self._process = process
        if self._stopping.is_set():
            process.kill()
        came_up = False
        refusals = Refusals()
        with cast("IO[str]", process.stdout) as output:
            for line in output:
                self._tail.append(line.rstrip())
                _log.debug("%s", line.rstrip())
                self._faults.read(line.rstrip())
                refused = refusals.read(line.rstrip(), time.monotonic())
                if refused is not None:
                    self._say(refused)
                if _LINK_MARK in line:
                    self.link_port = int(line.rpartition(":")[2])
                if _READY_MARK in line and not came_up:
                    came_up = True
                    self._ready_since_s = time.monotonic()
                    self._ready.set()
                    self._freshen()
                    if self.starts > 1:
                        self._say("The broker is back.")
        process.wait()
        self._ready.clear()
        self._ready_since_s = None
        self.link_port = None
        return came_up

    def _reason(self) -> str:
        lines = [line for line in self._tail if line]
        if not lines:
            return "it ended without a word"
        errors = [line for line in lines if "[FTL]" in line or "[ERR]" in line]
        return (errors or lines)[-1].split("] ")[-1].strip().rstrip(".")


def find_program() -> str:
    """The nats-server beside this Python, else on PATH; NabijError when there is none."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("nats-server")
    if found is None:
        raise extras.missing("nats-server")
    return found


def check_port(listen: str, port: int) -> None:
    """NabijError in one sentence when nothing can listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(listen, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        code = EXIT_USAGE
        if error.errno == errno.EADDRINUSE:
            code = EXIT_FAILURE
            problem = (
                f"Port {port} on {listen} is in use: stop what uses it or give another --port"
            )
        elif error.errno == errno.EACCES:
            problem = f"This user may not listen on port {port}: give a --port above 1023"
        else:
            problem = f"Cannot --listen on {listen}: give one of this machine's own addresses"
        raise NabijError(f"{problem}.", code) from error
