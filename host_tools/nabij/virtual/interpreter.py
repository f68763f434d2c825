"""How a MicroPython is started."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Final

# What the wheel's own script does, without a look at every package that is installed.
_START: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from micropython_run import run_main; sys.exit(run_main(sys.argv[2:]))"
)


def command(micropython: Path) -> list[str]:
    """What starts this MicroPython; its own arguments follow.

    That of the wheel is a Python script around a library, which is loaded here by Python alone:
    11 ms of the processor a start, where the script takes 30.
    """
    library = _library_of(micropython)
    if library is None:
        return [str(micropython)]
    return [sys.executable, "-I", "-S", "-c", _START, str(library.parent), str(micropython)]


def _library_of(micropython: Path) -> Path | None:
    """The library that the script of the wheel loads; None for any other program."""
    if micropython.resolve().parent != Path(sys.executable).absolute().parent.resolve():
        return None
    try:
        with micropython.open("rb") as file:
            if b"micropython_unix" not in file.read(1000):
                return None
    except OSError:
        return None
    spec = importlib.util.find_spec("micropython_run")
    return Path(spec.origin) if spec is not None and spec.origin is not None else None
