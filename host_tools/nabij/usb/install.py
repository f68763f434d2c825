"""The application onto a badge that has MicroPython and nothing else, through its prompt.

What is there already is compared by SHA-256 and kept, so a run that was cut short is finished by
the next one. main.py goes first and comes last: half an application never starts.
"""

import contextlib
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from badge.core import slots
from badge.core.codec import manifest
from nabij.usb.build import DEFAULT_BOARD, MAIN, App, arch_of, build_app
from nabij.usb.errors import DeviceError
from nabij.usb.ports import list_badge_ports, open_port
from nabij.usb.repl import Repl, looks_like_a_prompt

LOADER: Final = "loader"
_SLOT: Final = slots.NAMES[0]
_RECORD: Final = "slots"
_MANIFEST: Final = f"{_SLOT}/manifest"
_OURS: Final = (LOADER, *slots.NAMES)
# The first start of MicroPython formats the flash.
START_S: Final = 30.0
# A badge that is running already, with an application that is busy.
RUNNING_S: Final = 8.0
_RETRY_S: Final = 0.5
_ANSWER_S: Final = 2.0
# The badge takes some 300 kB running, and no chip has as much as this without PSRAM: one whose
# PSRAM does not answer starts quietly all the same, with 160 kB, and would reset for ever.
HEAP_BYTES: Final = 600_000
# Ctrl-C, and Ctrl-B for one that was left in the raw REPL.
_INTERRUPT: Final = b"\r\x03\x02"

Progress = Callable[[int, int], None]

_SURVEY: Final = """
def _survey(tops):
    import os, json, hashlib, binascii
    buffer = memoryview(bytearray(1024))
    found = {}
    def digest(path):
        h = hashlib.sha256()
        with open(path, 'rb') as file:
            while True:
                n = file.readinto(buffer)
                if not n:
                    return binascii.hexlify(h.digest()).decode()
                h.update(buffer[:n])
    def walk(path):
        try:
            mode = os.stat('/' + path)[0]
        except OSError:
            return
        if mode & 0x4000:
            for name in os.listdir('/' + path):
                walk(path + '/' + name)
        else:
            found[path] = digest('/' + path)
    for top in tops:
        walk(top)
    print(json.dumps(found))
"""
# Not from "/": the modules of a simulator or of an older application may lie there.
_SELF_TEST: Final = """
import sys
sys.path.insert(0, '/{slot}')
for name in [name for name in sys.modules if name == 'badge' or name.startswith('badge.')]:
    del sys.modules[name]
import badge.app, gc
gc.collect()
from badge.boards.active import Board
from badge.version import VERSION
print(VERSION, Board.NAME, gc.mem_free())
"""
_HEAP: Final = "(lambda gc: (gc.collect(), gc.mem_free())[1])(__import__('gc'))"


@dataclass(frozen=True)
class Installed:
    """What a run did to the badge's file system, and what the badge said of itself."""

    micropython: str
    arch: str
    version: str
    build: int
    written_files: int
    kept_files: int
    removed_files: int
    heap_free_bytes: int
    seconds: float


def install(
    port: str, *, board: str = DEFAULT_BOARD, progress: Progress | None = None
) -> Installed:
    """Put the application on the badge at `port`, test it there, and start it; or DeviceError."""
    began_s = time.monotonic()
    with Repl(port) as repl, tempfile.TemporaryDirectory(prefix="nabij-app-") as folder:
        release, mpy = repl.eval(
            "(lambda i: ('.'.join(map(str, i.version[:3])), i._mpy))"
            "(__import__('sys').implementation)"
        )
        _check_heap(port, repl.eval(_HEAP))
        app = build_app(Path(folder), arch=arch_of(mpy), board=board)
        plan = dict(contents(app))
        found = _survey(repl)
        missing = _missing(plan, found)
        stale = sorted(found.keys() - plan.keys())
        if missing or stale:
            if MAIN in found:
                repl.remove(f"/{MAIN}")
            for path in stale:
                repl.remove(f"/{path}")
            _write(repl, missing, progress)
        heap_free = _check(repl, plan, app)
        _check_heap(port, heap_free)
        repl.reset()
    return Installed(
        micropython=release,
        arch=app.arch,
        version=app.version,
        build=app.build,
        written_files=len(missing),
        kept_files=len(plan) - len(missing),
        removed_files=len(stale),
        heap_free_bytes=heap_free,
        seconds=time.monotonic() - began_s,
    )


def contents(app: App) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every file of a badge that was just flashed, main.py the last."""
    for name in app.loader:
        yield f"{LOADER}/{name}", (app.folder / name).read_bytes()
    entries = []
    for name in app.modules():
        data = (app.folder / name).read_bytes()
        entries.append((name, len(data), hashlib.sha256(data).digest()))
        yield f"{_SLOT}/{name}", data
    # Nobody has given this badge a key yet; who can flash it needs none.
    signed = manifest.sign(manifest.Manifest(app.version, app.build, app.mpy, entries), b"")
    yield _MANIFEST, signed
    yield _RECORD, slots.encode(slots.first(app.build, app.version))
    yield MAIN, (app.folder / MAIN).read_bytes()


def wait_for_prompt(
    port: str, timeout_s: float = START_S, *, not_these: Collection[str] = ()
) -> str:
    """The port on which MicroPython answers after a reset; DeviceError when none does in time.

    It may be another one than that of the ROM loader: MicroPython brings its own USB. `not_these`
    are the ports of other badges, which must not be stopped while this one is away.
    """
    deadline_s = time.monotonic() + timeout_s
    while True:
        for candidate in _candidates(port, not_these):
            if _answers(candidate):
                return candidate
        if time.monotonic() > deadline_s:
            # A port that cannot be opened has a better sentence of its own.
            open_port(port).close()
            raise DeviceError(
                f"MicroPython does not answer on {port}: press RESET on the board, and run the "
                "same command again; what is flashed already stays."
            )
        time.sleep(_RETRY_S)


def _answers(port: str) -> bool:
    """True when MicroPython's prompt comes after Ctrl-C; an application that runs is stopped."""
    try:
        with contextlib.closing(open_port(port)) as serial:
            serial.write(_INTERRUPT)
            heard = b""
            deadline_s = time.monotonic() + _ANSWER_S
            while time.monotonic() < deadline_s:
                heard += serial.read(max(1, serial.in_waiting))
                if looks_like_a_prompt(heard):
                    return True
    except (DeviceError, OSError):
        # It is still away, or has just gone: a chip that restarts takes its USB with it.
        pass
    return False


def _candidates(port: str, not_these: Collection[str]) -> list[str]:
    if "://" in port or Path(port).exists():
        return [port]
    new = [info.port for info in list_badge_ports() if info.port not in {port, *not_these}]
    return new if len(new) == 1 else [port]


def _survey(repl: Repl) -> dict[str, str]:
    repl.exec(_SURVEY)
    answer = repl.exec(f"_survey({[*_OURS, _RECORD, MAIN]!r})", timeout_s=60.0)
    found: Any = json.loads(answer)
    return {str(path): str(digest) for path, digest in found.items()}


def _missing(plan: dict[str, bytes], found: dict[str, str]) -> dict[str, bytes]:
    """What has to be written, in order; nothing when the badge runs this application already."""
    differs = {path for path, data in plan.items() if found.get(path) != _sha256(data)}
    # The record changes as the badge runs, and is right as long as the slots are as we left them.
    if differs <= {_RECORD} and _RECORD in found and not found.keys() - plan.keys():
        return {}
    return {path: plan[path] for path in plan if path in differs | {_RECORD, MAIN}}


def _write(repl: Repl, missing: dict[str, bytes], progress: Progress | None) -> None:
    made: set[str] = set()
    total = sum(map(len, missing.values()))
    done = 0
    for path, data in missing.items():
        for parent in reversed(PurePosixPath("/", path).parents[:-1]):
            if str(parent) not in made:
                repl.mkdir(str(parent))
                made.add(str(parent))
        repl.write_file(f"/{path}", data)
        done += len(data)
        if progress is not None:
            progress(done, total)


def _check_heap(port: str, free: int) -> None:
    if free < HEAP_BYTES:
        raise DeviceError(
            f"The board on {port} has {free // 1024} kB of memory free and the badge needs "
            f"{HEAP_BYTES // 1024}: its PSRAM is missing, broken, or not what the image expects; "
            "take a board with 2 MB or more (hardware/README.md). It was not started."
        )


def _check(repl: Repl, plan: dict[str, bytes], app: App) -> int:
    """Compare what is on the badge, and import it there; the bytes of heap that are free then."""
    found = _survey(repl)
    wrong = [
        path for path, data in plan.items() if path != _RECORD and found.get(path) != _sha256(data)
    ]
    if wrong:
        raise DeviceError(
            f"{wrong[0]} is not on the badge as it was sent: run the same command again."
        )
    *said, heap_free = repl.exec(_SELF_TEST.format(slot=_SLOT)).decode().split()
    if said != [app.version, app.board] or not heap_free.isdigit():
        raise DeviceError(
            f"The badge says that it runs {' '.join(said) or 'nothing'} and not {app.version} "
            f"{app.board}: run the same command again."
        )
    return int(heap_free)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
