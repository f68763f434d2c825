"""What the real receiver makes of a story: database and deadlines, at the story's own times."""

import json
import tempfile
from pathlib import Path

from badge.core import wire
from nabij.paths import StatePaths
from nabij.receive.deadlines import DeadlineWatch
from nabij.receive.store import BadgeRecord, Store
from tests.host.deadline_world import FakeClock
from tests.sim.scenarios.story import Told

_TICK_MS = 1000


def incidents_of(told: Told) -> list[str]:
    """The kinds of its incidents, tests left out, when the story ends; the badge may be dead."""
    identity = json.loads((told.site.provision / "identity.json").read_text())
    key = bytes.fromhex(identity["hmac_key"])
    frames = [
        (fact["t_ms"], bytes.fromhex(fact["hex"]))
        for fact in told.facts
        if fact.get("remote") == "frame"
    ]
    with tempfile.TemporaryDirectory(prefix="nabij-receiver-") as folder:
        store = Store(StatePaths(Path(folder)))
        try:
            store.enrol(BadgeRecord(identity["badge"], key, "CN=badge", "", 0))
            _live(store, key, frames, told.story.given["lasts_s"] * 1000)
            return [one.kind_name for one in store.incidents() if not one.test]
        finally:
            store.close()


def _live(store: Store, key: bytes, frames: list[tuple[float, bytes]], end_ms: float) -> None:
    clock = FakeClock()
    watch = DeadlineWatch(store, clock, tell=lambda _id: None, say=lambda _text: None, grace_s=0)
    rest = sorted(frames)
    while clock.true_ms < end_ms:
        clock.true_ms += _TICK_MS
        while rest and rest[0][0] <= clock.true_ms:
            _, frame = rest.pop(0)
            store.take(wire.decode_alarm(frame, lambda _badge: key), frame, clock.now(), 0)
        watch.tick()
