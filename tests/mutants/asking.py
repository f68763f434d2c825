"""Asks the tests of a copy: nearest first, until one of them notices."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.mutants import tree
from tests.mutants.targets import Tests

_PASSED: Final = 0
_NONE_RUN: Final = 5
# A change may make a test wait for what never comes; its own limit ends it before these.
_ONE_TEST_S: Final = 60
_SLOWER: Final = 10
_LEAST_S: Final = 60.0
_ROOM_S: Final = 3600.0
# A PostgreSQL takes seconds to start, and what is noticed there is noticed with SQLite too,
# or by the room.
_QUICK: Final = ("-k", "not postgresql")
_ALL: Final = ()


@dataclass
class Asker:
    """The tests of one module, and the warm process that runs them."""

    tests: Tests
    far: bool
    process: subprocess.Popen[str]
    _limit_s: float = field(init=False, default=_ROOM_S)
    _own: Sequence[str] = field(init=False, default=_QUICK)

    def passes(self) -> bool:
        """Whether the module's own tests pass unbroken: else everything would look noticed."""
        began = time.monotonic()
        code = self._ask(self.tests.own, _QUICK, _ROOM_S)
        if code == _NONE_RUN:
            self._own = _ALL
            code = self._ask(self.tests.own, _ALL, _ROOM_S)
        self._limit_s = max(_LEAST_S, _SLOWER * (time.monotonic() - began))
        return code == _PASSED

    def notices(self) -> bool:
        """Whether a test fails now: the module's own, those beside them, then (far) the room's."""
        if self._fails(self.tests.own, self._own, self._limit_s):
            return True
        if self._fails(self.tests.beside, _QUICK, _ROOM_S):
            return True
        return self.far and self._fails([self.tests.room], _ALL, _ROOM_S)

    def _fails(self, paths: Sequence[str], which: Sequence[str], limit_s: float) -> bool:
        return bool(paths) and self._ask(paths, which, limit_s) not in {_PASSED, _NONE_RUN}

    def _ask(self, paths: Sequence[str], which: Sequence[str], limit_s: float) -> int:
        """The exit code of these tests."""
        arguments = [
            *("-q", "-x", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("-p", "tests.mutants.profile", "-m", "not soak and not slow"),
            *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
            *("-o", f"timeout={_ONE_TEST_S}"),
            *which,
            *paths,
        ]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([arguments, limit_s]), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


def start() -> subprocess.Popen[str]:
    """The warm process, in the copy; it ends with its input."""
    return subprocess.Popen(
        [str(tree.python()), "-m", "tests.mutants.warm"],
        cwd=tree.TREE,
        env=tree.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
