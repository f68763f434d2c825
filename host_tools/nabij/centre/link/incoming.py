"""What goes into the intake and what comes of it."""

from dataclasses import dataclass
from typing import NamedTuple

from badge.core.codec import wire
from nabij.centre.incidents.by_sms import Arrival
from nabij.centre.incidents.carriers import Via

# A topic and what came on it, or goes there.
Message = tuple[str, bytes]


class Incoming(NamedTuple):
    """A message from a badge, and when the broker had it (ms since 1970 UTC), if that is known.

    With `sms` it did not come by the broker, and the topic is a name for people.
    """

    topic: str
    frame: bytes
    arrived_ms: int | None = None
    sms: Arrival | None = None

    def came_ms(self, now_ms: int) -> int:
        """When the broker had it; now, where nobody says."""
        return now_ms if self.arrived_ms is None else self.arrived_ms

    @property
    def copy(self) -> bytes:
        """The same for the same frame by the same text message, or by no such thing."""
        return self.frame if self.sms is None else self.frame + self.sms.copy


@dataclass(frozen=True)
class Judged:
    """An alarm that was found to be what it says, how old it is, and by which way it came."""

    frame: bytes
    message: wire.AlarmMessage
    lag_ms: int
    via: Via | None
    sms: Arrival | None

    @property
    def way(self) -> int | None:
        """As its receipt says it; None by the badge's own link."""
        if self.sms is not None:
            return int(wire.WAY_SMS)
        return None if self.via is None else int(wire.WAY_BLE)


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
    # Done, and its bytes are not to stay on the broker's disk.
    is_private: bool = False
