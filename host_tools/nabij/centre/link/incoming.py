"""What goes into the intake and what comes of it."""

from dataclasses import dataclass
from typing import NamedTuple

# A topic and what came on it, or goes there.
Message = tuple[str, bytes]


class Incoming(NamedTuple):
    """A message from a badge, and when the broker had it (ms since 1970 UTC), if that is known."""

    topic: str
    frame: bytes
    arrived_ms: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the link does with a message: publish `replies` first, then acknowledge.

    Not `done`: neither, so that broker and badge bring it again. `kept`: the broker is to keep the
    replies for a badge that does not ask for what it missed. `news` are ids of what changed.
    """

    done: bool
    replies: tuple[Message, ...] = ()
    news: tuple[int, ...] = ()
    kept: bool = False
    # Not done, and nothing but the message itself is to blame: another time will be no better.
    is_bad: bool = False
