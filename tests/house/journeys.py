"""The journeys of docs/architecture.md: which files each names, and which a walk passes."""

import re
import sys
import threading
from collections.abc import Callable
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Final

from tests.places import DOCS, REPO

_PAGE: Final = (DOCS / "architecture.md").read_text(encoding="utf-8")
JOURNEYS: Final = _PAGE[_PAGE.index("### Five journeys") :].split("\n## ")[0]
# A journey names a file by its way from one of these.
_STARTS: Final = {"nabij": "host_tools", "centre": "host_tools/nabij"}


def files() -> set[str]:
    """All files that a journey names, by their ways from the root."""
    return {_whole(name) for name in re.findall(r"`([a-z_/0-9]+\.py)`", JOURNEYS)}


def named(journey: str, *rooms: str) -> set[str]:
    """The files of one journey that lie in these rooms; there are some."""
    [row] = [line for line in JOURNEYS.splitlines() if line.startswith(f"| {journey} |")]
    found = {_whole(name) for name in re.findall(r"`([a-z_/0-9]+\.py)`", row)}
    found = {name for name in found if name.startswith(rooms)}
    assert found
    return found


def passed(walk: Callable[[], object]) -> set[str]:
    """The files of ours in which a function was called meanwhile, by any thread."""
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        # The body of a class runs only where its module was not imported before.
        if event == "call" and frame.f_code.co_flags & CO_OPTIMIZED:
            seen.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        walk()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    root = f"{REPO}/"
    return {name.removeprefix(root) for name in seen if name.startswith(root)}


def _whole(name: str) -> str:
    return f"{_STARTS.get(name.split('/', maxsplit=1)[0], 'firmware/badge')}/{name}"
