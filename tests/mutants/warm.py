"""A process that has loaded what the tests need, and runs them in a copy of itself.

    python -m tests.mutants.warm

Each line of the input is `[pytest arguments, seconds]`; each line of the output is the exit
code of pytest, HUNG when the seconds were over. What a first run loads of other people's
packages later runs have from the start; our own modules are loaded anew by each.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import Final

import pytest

HUNG: Final = -1
_END: Final = b"\n"
_OURS: Final = frozenset({"nabij", "badge", "sim", "tests", "conftest", "__main__"})


def main() -> None:
    """Run until the input ends."""
    # Talks with whoever started it; the tests have no word in that.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(silence, descriptor)
    for line in sys.stdin:
        arguments, seconds = json.loads(line)
        code = _run(arguments, seconds)
        print(code, file=answers, flush=True)


def _run(arguments: Sequence[str], seconds: float) -> int:
    """The exit code of pytest in a copy of this process; all that it started ends with it."""
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.close(told)
        _work(arguments, tells)
    os.close(tells)
    loaded = _until_closed(told, seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if loaded is None:
        return HUNG
    # Without a word it was ended, by the time limit of a test or by what was broken.
    code, names = json.loads(loaded) if loaded.endswith(_END) else (1, [])
    _load(names)
    return int(code)


def _work(arguments: Sequence[str], tells: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    before = frozenset(sys.modules)
    code = int(pytest.main([*arguments]))
    new = [name for name in sys.modules if name not in before and _is_theirs(name)]
    with os.fdopen(tells, "wb") as pipe:
        pipe.write(json.dumps([code, new]).encode() + _END)
    os._exit(0)


def _until_closed(told: int, seconds: float) -> bytes | None:
    """What the child wrote, None when it took too long."""
    said = b""
    with os.fdopen(told, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], seconds)
            if not ready:
                return None
            part = pipe.read(65536)
            said += part
            # What the child left running may hold the pipe open.
            if not part or said.endswith(_END):
                return said


def _is_theirs(name: str) -> bool:
    return name.partition(".")[0] not in _OURS and "test_" not in name


def _load(names: Sequence[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            # Some are made while a program runs, and some want another one first.
            with contextlib.suppress(Exception):
                importlib.import_module(name)


if __name__ == "__main__":
    main()
