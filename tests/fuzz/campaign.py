"""Feeds a target with the inputs of many seeds, and finds the one that it does not bear."""

import queue
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.targets import TARGETS
from tests.mp import micropython
from tests.places import FIRMWARE, REPO

CASES: Final = REPO / "tests" / "fuzz" / "cases"
# A process is begun anew after so many inputs: what one leaves behind must not slow the others.
CHUNK: Final = 4_000
_EVERY: Final = 500
# By the wall clock: no input takes a hundredth of it.
SILENT_S: Final = 120.0
_SHOWN: Final = 400
_HEAP: Final = "32m"
_SCRIPT: Final = (
    "import sys; sys.path[:] = {paths!r}\nfrom tests.fuzz.mp_loop import main\nmain()\n"
)


@dataclass(frozen=True, slots=True)
class Bad:
    """An input that a target did not bear: its pieces in hexadecimal, and what came of it."""

    name: str
    seed: int
    pieces: str
    why: str
    log: str

    @property
    def file_name(self) -> str:
        """What it is kept as."""
        return f"{self.name}-{self.seed}.txt"

    def __str__(self) -> str:
        return (
            f"{self.name}, seed {self.seed}: {self.why}\n  input: {self.pieces[:_SHOWN]}\n"
            f"  again: python -m tests.fuzz {self.name} --first {self.seed} --inputs 1\n{self.log}"
        )


def feed(
    name: str,
    first: int,
    count: int,
    *,
    on_badge: bool | None = None,
    fed: Callable[[int], None] = lambda _count: None,
) -> Bad | None:
    """The first bad input of so many seeds, or None; `fed` hears how many were borne so far.

    `on_badge`: under MicroPython, where a target runs under either.
    """
    is_badge = TARGETS[name].is_badge if on_badge is None else on_badge
    for start in range(first, first + count, CHUNK):
        size = min(CHUNK, first + count - start)
        bad = _fed(name, is_badge, range(start, start + size), _EVERY)
        if bad is not None and bad.seed < 0:
            # It hung or died somewhere after the last one that was told.
            last = -bad.seed - 1
            bad = _fed(name, is_badge, range(last, last + _EVERY), 1)
        if bad is not None:
            return bad
        fed(start - first + size)
    return None


def feed_case(path: Path) -> Bad | None:
    """Feed an input that is kept in a file."""
    name, _, seed = path.stem.rpartition("-")
    pieces = ".".join(path.read_text().split("\n")[:-1])
    return _fed(name, TARGETS[name].is_badge, range(int(seed), int(seed) + 1), 1, pieces)


def keep(bad: Bad, folder: Path = CASES) -> Path:
    """Write the input down, a piece a line; the tests feed it from then on."""
    folder.mkdir(exist_ok=True)
    path = folder / bad.file_name
    path.write_text("".join(f"{piece}\n" for piece in bad.pieces.split(".")))
    return path


def cpu_s() -> float:
    """CPU time of all processes that were fed here, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fed(name: str, is_badge: bool, seeds: range, every: int, case: str = "") -> Bad | None:
    given = [TARGETS[name].place, str(seeds.start), str(len(seeds)), str(every)]
    given += [case] if case else []
    with tempfile.TemporaryDirectory(prefix="nabij-fuzz-") as folder:
        command = _command(is_badge, Path(folder)) + given
        with (
            (Path(folder) / "log").open("w+") as log,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=REPO
            ) as child,
        ):
            is_begun, is_done, at, pieces, why = False, False, seeds.start, "", "it died"
            for line in _lines(child):
                is_begun = True
                word, _, rest = line.partition(" ")
                if word == "end":
                    is_done = True
                    continue
                seed, _, rest = rest.partition(" ")
                at = int(seed)
                pieces, _, said = rest.partition(" ")
                if word == "bad":
                    why = said
                    break
            else:
                if is_done and child.poll() == 0:
                    return None
                if child.poll() is None:
                    child.kill()
                    why = "it hangs"
                if every > 1 and is_begun:
                    # Which one it was is told where each is.
                    return Bad(name, -at - 1, "", why, "")
            child.wait()
            log.seek(0)
            said = log.read()[-4_000:]
            if not is_begun:
                raise RuntimeError(f"{name} does not begin:\n{said}")
            return Bad(name, at, pieces, why, said)


def _command(is_badge: bool, folder: Path) -> list[str]:
    if not is_badge:
        return [sys.executable, "-m", "tests.fuzz.child"]
    script = folder / "script.py"
    script.write_text(_SCRIPT.format(paths=[".frozen", str(FIRMWARE), str(REPO)]))
    return [*micropython(), "-X", f"heapsize={_HEAP}", str(script)]


def _lines(child: "subprocess.Popen[str]") -> Iterator[str]:
    """Its lines until it ends, or says nothing for too long."""
    assert child.stdout is not None
    heard: queue.Queue[str] = queue.Queue()
    stdout = child.stdout

    def listen() -> None:
        for line in stdout:
            heard.put(line)
        heard.put("")

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=SILENT_S)
        except queue.Empty:
            return
        if not line:
            child.wait()
            return
        yield line.rstrip("\n")
