"""Who hears what badges tell of where they are outside alarms, and of their shifts."""

from typing import Protocol

from badge.core.codec import wire


class HearsPlaces(Protocol):
    """Whoever keeps where badges are outside alarms; waits for nothing, on any thread."""

    def hear(self, hello: wire.Hello, heard_ms: int) -> None:
        """A hello told where its badge was, at that time of day (ms since 1970 UTC)."""

    def begin(self, message: wire.AlarmMessage, frame: bytes) -> None:
        """A badge began its shift, or goes on with it."""

    def sentence(self) -> str:
        """How that stands, for the status; empty when there is nothing to say."""


class Nowhere:
    """Keeps nothing."""

    def hear(self, hello: wire.Hello, heard_ms: int) -> None:
        """Forget it."""

    def begin(self, message: wire.AlarmMessage, frame: bytes) -> None:
        """Forget it."""

    def sentence(self) -> str:
        """Say nothing."""
        return ""


def tells_place(hello: wire.Hello) -> bool:
    """Whether the hello says where its badge is."""
    return hello.position is not None or hello.cell is not None or hello.zone is not None
