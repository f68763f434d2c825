"""One trouble told once, then now and then that it goes on, and that it is over."""

import time
from collections.abc import Callable
from typing import Final

# When it is said that a trouble goes on: after this, then each so often.
STILL_S: Final = 600.0
AGAIN_S: Final = 3600.0


class Complaint:
    """Says what is the matter, however often it is found. For one thread.

    `works_again` is a whole sentence; `now_s()` is a steady time.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        works_again: str,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say
        self._works_again = works_again
        self._now_s = now_s
        self._said: dict[str, None] = {}
        self._next_s = 0.0

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is the matter."""
        return tuple(self._said)

    @property
    def holds(self) -> bool:
        """Whether something is the matter."""
        return bool(self._said)

    def found(self, sentence: str) -> None:
        """This is the matter."""
        now_s = self._now_s()
        if sentence not in self._said:
            if not self._said:
                self._next_s = now_s + STILL_S
            self._said[sentence] = None
            self._say(sentence)
        elif now_s >= self._next_s:
            self._next_s = now_s + AGAIN_S
            self._say(f"Still: {sentence}")

    def over(self) -> None:
        """Nothing is the matter any more."""
        if self._said:
            self._said.clear()
            self._say(self._works_again)
