"""MicroPython's prompt on a badge, through mpremote's own transport."""

import contextlib
import hashlib
import io
import struct
import termios
from types import TracebackType
from typing import Any, Final, Self

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from nabij.usb.errors import DeviceError
from nabij.usb.ports import write_timeout_s

_ENTER_S: Final = 10
# mpremote waits for single bytes without end: a badge that resets meanwhile never sends them.
_SILENT_S: Final = 5.0
# struct.error: mpremote read less than it asked for.
_GONE: Final = (TransportError, OSError, termios.error, struct.error)
# The app's watchdog goes on at the prompt and cannot be stopped; this gives work there more time.
_MORE_TIME: Final = """\
import machine
try:
    watchdog
except NameError:
    pass
else:
    watchdog = machine.WDT(timeout=120000)
    watchdog.feed()
"""
_FEED: Final = """\
try:
    watchdog.feed()
except NameError:
    pass
"""


class Repl:
    """The raw REPL of a badge; a context manager. Entering it stops the app.

    It waits `enter_s` for the prompt and `silent_s` for each byte of an answer. A badge whose app
    was stopped arms itself again: `reset()`, or its watchdog after 120 s.
    """

    def __init__(
        self, port: str, *, enter_s: float = _ENTER_S, silent_s: float = _SILENT_S
    ) -> None:
        self.port = port
        self._enter_s = enter_s
        try:
            self._transport = SerialTransport(port, timeout=silent_s)
            self._transport.serial.write_timeout = write_timeout_s(port)
        except TransportError as error:
            raise DeviceError(f"Cannot open {port} ({error}): see `nabij devices`.") from error

    def __enter__(self) -> Self:
        try:
            with self._sentences("stop its application"), _unprinted():
                self._transport.enter_raw_repl(soft_reset=False, timeout_overall=self._enter_s)
            self.exec(_MORE_TIME)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def exec(self, code: str, timeout_s: float = 30.0) -> bytes:
        """Run Python on the badge; returns what it printed, DeviceError for an exception there."""
        with self._sentences("run code"):
            output, trouble = self._transport.exec_raw(code, timeout=timeout_s)
        if trouble:
            last = trouble.decode("utf-8", "replace").strip().splitlines()[-1]
            raise DeviceError(f"The badge on {self.port} stopped with {last}.")
        return bytes(output)

    def eval(self, expression: str) -> Any:
        """The value of an expression on the badge."""
        with self._sentences("evaluate"):
            return self._transport.eval(expression)

    def listdir(self, path: str = "/") -> list[str]:
        """The names in a folder."""
        with self._sentences(f"list {path}"):
            return [entry.name for entry in self._transport.fs_listdir(path)]

    def read_file(self, path: str) -> bytes:
        """The bytes of a file."""
        with self._sentences(f"read {path}"):
            return bytes(self._transport.fs_readfile(path))

    def write_file(self, path: str, data: bytes) -> None:
        """Write a file and check it by its SHA-256; the watchdog is fed first."""
        self.exec(_FEED)
        with self._sentences(f"write {path}"):
            self._transport.fs_writefile(path, data)
            written = bytes(self._transport.fs_hashfile(path, "sha256"))
        if written != hashlib.sha256(data).digest():
            raise DeviceError(f"{path} did not arrive whole on the badge: retry.")

    def mkdir(self, path: str) -> None:
        """Make a folder unless it is there."""
        with self._sentences(f"make {path}"):
            if not self._transport.fs_exists(path):
                self._transport.fs_mkdir(path)

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._sentences(f"remove {path}"):
            self._transport.fs_rmfile(path)

    def reset(self) -> None:
        """Start the badge anew; it arms itself."""
        with contextlib.suppress(*_GONE):
            self._transport.exec_raw_no_follow("import machine; machine.reset()")
        self.close()

    def close(self) -> None:
        """Leave the raw REPL and let go of the port."""
        with contextlib.suppress(*_GONE):
            if self._transport.in_raw_repl:
                self._transport.exit_raw_repl()
        with contextlib.suppress(*_GONE):
            self._transport.close()

    @contextlib.contextmanager
    def _sentences(self, what: str) -> Any:
        try:
            yield
        except TransportExecError as error:
            last = (error.error_output or str(error)).strip().splitlines()[-1]
            raise DeviceError(f"The badge on {self.port} could not {what}: {last}.") from error
        except _GONE as error:
            raise DeviceError(
                f"The badge on {self.port} could not {what} ({error}): "
                "unplug it, plug it in again and retry."
            ) from error


def looks_like_a_prompt(heard: bytes) -> bool:
    """True when what was heard is MicroPython's prompt, friendly or raw."""
    return b">>> " in heard or heard.rstrip().endswith((b">>>", b">")) or b"raw REPL" in heard


def _unprinted() -> contextlib.redirect_stdout[io.StringIO]:
    # mpremote prints what it could not make sense of.
    return contextlib.redirect_stdout(io.StringIO())
