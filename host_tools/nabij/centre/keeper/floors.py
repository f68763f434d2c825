"""From which number on a test of a badge begins a shift: none is good a second time."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nabij.centre.keeper.refused import RefusedError, Why
from nabij.paths import PRIVATE, write_file

_MARK_BYTES: Final = 8


class Floors:
    """The newest (boot, seq) of a test of each badge, under its key. Not for two threads."""

    def __init__(self, file: Path, say: Callable[[str], None]) -> None:
        self._file = file
        self._known: dict[str, tuple[str, int, int]] = {}
        try:
            found = json.loads(file.read_bytes())
            self._known = {
                str(badge): (str(mark), int(boot), int(seq))
                for badge, (mark, boot, seq) in found.items()
            }
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError):
            say(
                f"{file} cannot be read and is made anew: until each badge begins another shift, "
                "the keeper takes an old test of it for a new one."
            )

    def check(self, badge: str, verify: bytes, number: tuple[int, int], *, renews: bool) -> None:
        """RefusedError for one that is not newer than all before; one that `renews` may be it."""
        mark, *newest = self._known.get(badge, ("", 0, 0))
        if mark != _mark(verify):
            return
        before = (newest[0], newest[1])
        if number < before or (number == before and not renews):
            raise RefusedError(Why.OLD)

    def keep(self, badge: str, verify: bytes, number: tuple[int, int]) -> None:
        """From now on only later ones are good; NabijError when the disk does not keep that."""
        one = (_mark(verify), *number)
        if self._known.get(badge) != one:
            known = {**self._known, badge: one}
            write_file(self._file, json.dumps(known).encode(), PRIVATE)
            self._known = known


def _mark(verify: bytes) -> str:
    return hashlib.sha256(verify).hexdigest()[: 2 * _MARK_BYTES]
