"""Messages that can never be taken in: set aside in files, so that they hold up nobody."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nabij.centre.link.incoming import Message
from nabij.paths import PRIVATE, write_file

# What comes beyond that is a flood of the same.
MOST_FILES: Final = 1000


class SetAside:
    """Keeps messages in `folder`. `say` gets a sentence about the first of each topic."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._said: set[str] = set()

    def take(self, message: Message) -> None:
        """Keep it, durable on return; NabijError when that cannot be."""
        topic, frame = message
        if not self._is_full():
            name = hashlib.sha256(frame).hexdigest()[:16]
            data = json.dumps({"topic": topic, "frame": frame.hex()}).encode()
            write_file(self._folder / f"{name}.json", data, PRIVATE)
        if topic not in self._said:
            self._said.add(topic)
            self._say(
                f"A MESSAGE ON {topic[:64]!r} CANNOT BE TAKEN IN, whatever is tried, and was set "
                f"aside in {self._folder}: see what that badge has to say, and report the file."
            )

    def _is_full(self) -> bool:
        return self._folder.is_dir() and sum(1 for _ in self._folder.iterdir()) >= MOST_FILES
