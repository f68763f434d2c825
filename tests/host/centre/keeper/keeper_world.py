"""A keeper in this process, on a clock that only the test moves, and a badge that it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.keeper.keeper import Asked, Keeper, Opened
from nabij.centre.keeper.limits import MOST, Most
from nabij.centre.keeper.proof import Proof
from tests.host.centre.deadline_world import KEY, FakeClock

BADGE = "anna"
SHIFT_S = 8 * 3600
KEEP_MS = 4 * 3_600_000
TEXT = b"52.0907 5.1214"


@dataclass
class KeeperWorld:
    """`seq` rises with each thing that the badge sends."""

    folder: Path
    most: Mapping[Proof, Most] = field(default_factory=lambda: MOST)
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)
    seq: int = 0

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.folder, self.clock, self.said.append, KEEP_MS, self.most)

    def restart(self) -> None:
        """Another process begins with what is on the disk."""
        self.keeper = Keeper(self.folder, self.clock, self.said.append, KEEP_MS, self.most)

    def frame(self, kind: int = kinds.SOS, **fields: Any) -> bytes:
        self.seq += 1
        badge, key = fields.pop("badge", BADGE), fields.pop("key", KEY)
        seq = fields.pop("seq", self.seq)
        fields = {"rev": 1, "utc_s": self.clock.now().wall_ms // 1000, **fields}
        found: bytes = wire.encode_alarm(key, badge, 1, seq, kind, 0, **fields)
        return found

    def test(self, watch_s: int = SHIFT_S, **fields: Any) -> bytes:
        """What begins or renews a shift."""
        return self.frame(flags=wire.FLAG_TEST, watch_s=watch_s, **fields)

    def begin(self, number: int = 1, **fields: Any) -> bytes:
        frame = self.test(**fields)
        self.keeper.begin(BADGE, number, KEY, frame)
        return frame

    def open(self, sealed: bytes, frame: bytes | None, **asked: Any) -> Opened:
        asked = {"badge": BADGE, "number": 1, "incident": 7, "audit": "00", **asked}
        return self.keeper.open(Asked(sealed=sealed, frame=frame, **asked))

    def log(self) -> str:
        return (self.folder / "log.jsonl").read_text()
