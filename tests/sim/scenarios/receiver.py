"""What the real receiver makes of a story: database and clocks, at the story's own times."""

import json
import tempfile
from pathlib import Path

from badge.core.codec import wire
from nabij.centre.incidents.incident import Incident
from nabij.centre.incidents.news import News
from nabij.centre.store import BadgeRecord, Store
from nabij.centre.watch.deadlines import DeadlineWatch
from nabij.centre.watch.quiet import QuietWatch, check_minutes
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import FakeClock
from tests.sim.scenarios.story import Told

_TICK_MS = 1000
# A broker ends a connection when it has heard nothing for half as long again as the keep-alive.
_STALE_MS = 90_000


def incidents_of(told: Told) -> list[str]:
    """The kinds of its incidents, tests left out, when the story ends; the badge may be dead."""
    return [one.kind_name for one in _live(told)[0] if not one.test]


def news_of(told: Told) -> list[str]:
    """What its listeners were told, tests left out, by the end of the story."""
    return [str(c.what) for c in _live(told)[1] if c.incident is None or not c.incident.test]


def _live(told: Told) -> tuple[list[Incident], list[News]]:
    identity = json.loads((told.site.provision / "identity.json").read_text())
    key = bytes.fromhex(identity["hmac_key"])
    with tempfile.TemporaryDirectory(prefix="nabij-receiver-") as folder:
        store = Store(StatePaths(Path(folder)))
        try:
            store.enrol(BadgeRecord(identity["badge"], key, "CN=badge", "", 0))
            changes = _listen(told, store, key, identity["badge"])
            return store.incidents(), changes
        finally:
            store.close()


def _listen(told: Told, store: Store, key: bytes, badge: str) -> list[News]:
    clock = FakeClock()
    changes: list[News] = []

    def tell(news_id: int) -> None:
        changes.extend(store.news((news_id,)))

    watch = DeadlineWatch(store, clock, tell=tell, say=lambda _text: None, grace_s=0)
    limit_ms = check_minutes(told.story.given["quiet_min"])
    quiet = QuietWatch(store, clock, tell=tell, say=lambda _text: None, limit_ms=limit_ms)
    rest = sorted(
        (fact["t_ms"], fact["remote"], fact.get("hex", ""))
        for fact in told.facts
        if fact.get("remote") in ("frame", "heard", "hung_up")
    )
    stale_ms = 0.0
    while clock.true_ms < told.story.given["lasts_s"] * 1000:
        clock.true_ms += _TICK_MS
        while rest and rest[0][0] <= clock.true_ms:
            at_ms, what, frame = rest.pop(0)
            if what == "frame":
                message = wire.decode_alarm(bytes.fromhex(frame), lambda _badge: key)
                for news_id in store.take(message, bytes.fromhex(frame), clock.now(), 0).news:
                    tell(news_id)
            stale_ms = 0 if what == "hung_up" else at_ms + _STALE_MS
        watch.tick()
        quiet.look(frozenset({badge} if clock.true_ms < stale_ms else ()), 1)
    return changes
