"""Starts virtual badges: the real firmware under MicroPython's unix port, in the simulator."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from nabij import extras, places
from nabij.errors import NabijError
from nabij.virtual import interpreter
from nabij.virtual.compiled import START, start_script, tools_for
from nabij.virtual.scenario import Fact, Scenario, Trace

__all__ = [
    "BROWNOUT",
    "ENDED",
    "POWER_CUT",
    "RESET",
    "RESPAWN",
    "WATCHDOG",
    "Fact",
    "Line",
    "Run",
    "Scenario",
    "Trace",
    "VirtualBadge",
    "VirtualBadgeError",
    "micropython_path",
    "parse_line",
    "refusal_in",
    "run_fast",
]

SOURCES: Final = places.ROOT
ENDED: Final = 0
RESET: Final = 42
POWER_CUT: Final = 43
WATCHDOG: Final = 44
BROWNOUT: Final = 45
RESPAWN: Final = frozenset({RESET, WATCHDOG, BROWNOUT})
_BAD_SCENARIO: Final = 2
_FLASH: Final = "flash.bin"
# What outlives a reset but not a lost battery (sim/world/storage.py).
_STATE: Final = _FLASH + ".state"
_HEAP: Final = "48m"
# A badge that resets this often in one run never comes up; without a limit it would for ever.
_MAX_STARTS: Final = 50
_CLOSE_S: Final = 2.0


class VirtualBadgeError(NabijError):
    """The virtual badge cannot be started, or did not do what was waited for."""


@dataclass(frozen=True)
class Line:
    """A line of the badge: console text, or a fact of the world when it began with `@ `.

    `at_s` is the host's monotonic time when the line was read.
    """

    text: str
    at_s: float
    fact: Fact | None = None


@dataclass(frozen=True)
class Run:
    """What a fast run left: its lines and the exit code of each start."""

    lines: list[Line]
    exit_codes: list[int]

    @property
    def facts(self) -> list[Fact]:
        """The observations of the world, in order."""
        return [line.fact for line in self.lines if line.fact is not None]

    @property
    def console(self) -> list[str]:
        """What the firmware printed, in order."""
        return [line.text for line in self.lines if line.fact is None]


def micropython_path() -> Path:
    """The MicroPython to run: NABIJ_MICROPYTHON, else the one installed beside this Python."""
    named = os.environ.get("NABIJ_MICROPYTHON")
    if named:
        if os.access(named, os.X_OK):
            return Path(named)
        raise VirtualBadgeError(
            f"NABIJ_MICROPYTHON names {named}, which cannot be run: "
            "point it at a MicroPython unix port."
        )
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise VirtualBadgeError(extras.missing("micropython").sentence)
    return Path(found)


def parse_line(text: str, at_s: float) -> Line:
    """One line of a badge's output; a damaged observation stays console text."""
    if text.startswith("@ "):
        try:
            fact = json.loads(text[2:])
        except ValueError:
            return Line(text, at_s)
        if isinstance(fact, dict):
            return Line(text, at_s, fact)
    return Line(text, at_s)


def refusal_in(fact: Fact | None) -> str | None:
    """The sentence in which the simulator refuses a verb that was sent to it, if this is one."""
    return str(fact["why"]) if fact is not None and fact.get("control") == "refused" else None


def host_refused_in(fact: Fact | None) -> str | None:
    """The host that the simulator did not call for a badge, if the fact says so."""
    refused = fact is not None and fact.get("modem") == "refused" and "host" in fact
    return str(fact["host"]) if fact is not None and refused else None


def run_fast(
    scenario: Scenario,
    *,
    folder: Path | None = None,
    respawn: frozenset[int] = RESPAWN,
    timeout_s: float = 120.0,
    max_starts: int = _MAX_STARTS,
) -> Run:
    """Run a scenario to its end in virtual time, through resets; raises VirtualBadgeError.

    With `folder` the flash image stays there, so that the next call goes on with the same badge;
    its world clock goes on too.
    """
    with contextlib.ExitStack() as stack:
        where = folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="nabij-badge-"))
        )
        deadline_s = time.monotonic() + timeout_s
        run = Run([], [])
        while not run.exit_codes or run.exit_codes[-1] in respawn:
            if len(run.exit_codes) >= max_starts:
                raise VirtualBadgeError(
                    f"The virtual badge reset itself {max_starts} times; last lines:\n"
                    + _tail(run.lines)
                )
            _run_once(scenario, where, run, deadline_s)
        return run


def _run_once(scenario: Scenario, where: Path, run: Run, deadline_s: float) -> None:
    process = subprocess.Popen(
        _command(scenario, where),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=max(0.1, deadline_s - time.monotonic()))
    except subprocess.TimeoutExpired as late:
        partial = _lines_of(late.stdout or b"")
        raise VirtualBadgeError(
            "The virtual badge did not reach the end of its scenario in time; last lines:\n"
            + _tail(partial)
        ) from late
    finally:
        _kill_group(process)
        _close_pipes(process)
    run.lines.extend(_lines_of(output))
    run.exit_codes.append(process.returncode)
    _check_exit(process.returncode, run.lines)


class VirtualBadge:
    """A live virtual badge; a context manager that leaves no process behind.

    It starts again by itself after a reset or a watchdog, on the same flash, as a badge does.
    """

    def __init__(self, scenario: Scenario, folder: Path | None = None) -> None:
        self._scenario = scenario
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="nabij-badge-")
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        self._lines: queue.Queue[Line | None] = queue.Queue()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._closing = threading.Event()
        self.seen: list[Line] = []
        self.exit_codes: list[int] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """True while the badge's process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Power on; also after kill()."""
        if self._reader is not None and self._reader.is_alive():
            raise VirtualBadgeError("The virtual badge is running: close() or kill() it first.")
        self._closing.clear()
        self._take_unread()
        self._process = self._spawn()
        self._reader = threading.Thread(target=self._read, name="badge-reader", daemon=True)
        self._reader.start()

    def send(self, verb: Fact) -> None:
        """Do something to the badge now: a verb of docs/simulator.md."""
        process = self._process
        if process is None or process.stdin is None:
            raise VirtualBadgeError("The virtual badge is not running: start() it first.")
        try:
            process.stdin.write(json.dumps(verb).encode() + b"\n")
            process.stdin.flush()
        except (OSError, ValueError) as error:  # ValueError: the reader closed it in the meantime
            raise VirtualBadgeError("The virtual badge has ended: start() it again.") from error

    def press(self, ms: int, button: str = "both") -> None:
        """Press the hidden buttons ("both", "left" or "right") for `ms`; returns at once."""
        self.send({"do": "press", "button": button, "ms": ms})

    def play(self, trace: Path, after: str = "hold") -> None:
        """Move as a trace file says, from now on."""
        self.send({"do": "play", "trace": str(trace.resolve()), "after": after})

    def lines(self, timeout_s: float) -> Iterator[Line]:
        """Lines as they come, until the badge ends or `timeout_s` in all is over."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                return
            if line is None:
                return
            self.seen.append(line)
            yield line

    def wait_for(self, wanted: Callable[[Line], bool], timeout_s: float) -> Line:
        """The next line that is `wanted`.

        VirtualBadgeError when none comes, or when a verb that was sent is refused.
        """
        for line in self.lines(timeout_s):
            if wanted(line):
                return line
            if (refusal := refusal_in(line.fact)) is not None:
                raise VirtualBadgeError(refusal)
        raise VirtualBadgeError(
            f"The virtual badge did not do what was waited for in {timeout_s:g} s; last lines:\n"
            + _tail(self.seen)
        )

    def kill(self) -> None:
        """Take the battery out: SIGKILL, nothing is saved but what is in flash."""
        self._stop(graceful=False)
        state = self._folder / _STATE
        if state.exists():
            state.write_text(json.dumps({"now_us": json.loads(state.read_text())["now_us"]}))

    def close(self) -> None:
        """End the badge and every process of it; harmless when it has ended."""
        self._stop(graceful=True)
        if self._temporary is not None:
            self._temporary.cleanup()

    def _stop(self, *, graceful: bool) -> None:
        self._closing.set()
        process = self._process
        if process is not None:
            if graceful and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_CLOSE_S)
            _kill_group(process)
        if self._reader is not None:
            self._reader.join()

    def _take_unread(self) -> None:
        # What an earlier life left unread, and its end mark, must not end the wait of this one.
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.seen.append(line)

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            _command(self._scenario, self._folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _read(self) -> None:
        try:
            while (process := self._process) is not None:
                for raw in process.stdout or ():
                    text = raw.decode("utf-8", "replace").rstrip("\r\n")
                    self._lines.put(parse_line(text, time.monotonic()))
                code = process.wait()
                self.exit_codes.append(code)
                _kill_group(process)
                _close_pipes(process)
                if self._closing.is_set() or code not in RESPAWN:
                    break
                if len(self.exit_codes) >= _MAX_STARTS:
                    break
                self._process = self._spawn()
                if self._closing.is_set():
                    _kill_group(self._process)
        finally:
            # Whatever ends this thread: nobody is to wait for lines that will not come.
            self._lines.put(None)


def _command(scenario: Scenario, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.resolve() / "scenario.json"
    file.write_text(json.dumps(scenario.to_json(folder.resolve() / _FLASH)))
    return command_for(scenario, file)


def command_for(scenario: Scenario, file: Path) -> list[str]:
    """What starts a badge on the scenario written to `file`."""
    micropython = micropython_path()
    # Another engine is made from the sources of the kernels.
    start = SOURCES / START
    if scenario.engine is None:
        start = start_script(tools_for(micropython), SOURCES)
    started = interpreter.command(micropython)
    return [*started, "-X", f"heapsize={_HEAP}", str(start), str(file)]


def _lines_of(output: bytes) -> list[Line]:
    now_s = time.monotonic()
    return [parse_line(text, now_s) for text in output.decode("utf-8", "replace").splitlines()]


def _check_exit(code: int, lines: list[Line]) -> None:
    if code == _BAD_SCENARIO:
        raise VirtualBadgeError(_tail(lines, 1))
    if code not in {ENDED, POWER_CUT, *RESPAWN}:
        raise VirtualBadgeError(
            f"The simulator stopped with code {code}; last lines:\n" + _tail(lines)
        )


def _tail(lines: Sequence[Line], count: int = 12) -> str:
    return "\n".join(line.text for line in lines[-count:]) or "(no output)"


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    # Only by the thread that reads: a pipe closed under a read is a bad descriptor, or, with the
    # number taken again, somebody else's.
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
