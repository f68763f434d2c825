"""A receiver after years, on each engine: a hundred thousand incidents, a million messages."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre import operator
from nabij.centre.clocks import Clock
from nabij.centre.database import engines
from nabij.centre.database.place import place_of
from nabij.centre.incidents.handling import Dossier
from nabij.centre.store import BadgeRecord, Store
from nabij.paths import StatePaths
from tests.host.centre import postgres

INCIDENTS = 100_000
MESSAGES_EACH = 10
BADGES = 500
OPEN = 50
KEEP_DAYS = 90
DAY_MS = 86_400_000
KEY = bytes(32)
# Every five minutes one: most are older than what is kept of their copies.
_EVERY_MS = 300_000
# In words that both engines have.
_FILL = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :incidents - 1)
    INSERT INTO incident (badge, wearer, boot, seq, kind, state, test, raised_ms, received_ms,
        age_ms, age_at_least, attempt)
    SELECT 'b' || (i % :badges), 'A. de Vries', 1, i, 1,
        CASE WHEN i % (:incidents / :open) = 0 THEN 1 ELSE 4 END, false,
        :now_ms - (:incidents - i) * CAST(:every_ms AS BIGINT),
        :now_ms - (:incidents - i) * CAST(:every_ms AS BIGINT), 0, false, 1
    FROM n ORDER BY i;
    INSERT INTO alarm (badge, boot, seq, kind, rev, alarm_rev, test, ended, false_alarm,
        duress, set_ms, heard_ms, adopted, incident_id, number)
    SELECT badge, boot, seq, kind, 1, 1, false, false, false, false, raised_ms, received_ms, false,
        id, seq
    FROM incident ORDER BY id;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :each - 1)
    INSERT INTO message (alarm_id, received_ms, rev, attempt, frame, copy)
    SELECT id, received_ms + i * 1000, i % 2, i, :frame, i > 1 FROM incident, n;
    INSERT INTO move (incident_id, state, at_ms, "by", note, request, owed, again)
    SELECT id, 4, received_ms, 'J. Smit', '', 'r' || id, false, 0 FROM incident WHERE state = 4;
    INSERT INTO event (alarm_id, what, at_ms) SELECT id, 'opened', received_ms FROM incident;
    UPDATE listener SET told_id = :incidents;
"""


def fill(folder: Path, database: str | None) -> None:
    """What years leave in the database, in seconds."""
    store = Store(StatePaths(folder), database)
    with store.batch():
        for number in range(BADGES):
            store.enrol(BadgeRecord(f"b{number}", KEY, f"CN=b{number}", "A. de Vries", 0))
    store.close()
    values = {
        "incidents": INCIDENTS,
        "badges": BADGES,
        "open": OPEN,
        "each": MESSAGES_EACH,
        "now_ms": Clock().now().wall_ms,
        "every_ms": _EVERY_MS,
        "frame": bytes(120),
    }
    engine = engines.owned(place_of(StatePaths(folder)))
    with engine.begin() as connection:
        if database is not None:
            # As years would leave it: a server looks at its tables by itself, and takes its time.
            connection.exec_driver_sql("SET statement_timeout = 0")
        for statement in _FILL.split(";")[:-1]:
            connection.execute(sa.text(statement), values)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def figures(folder: Path) -> dict[str, float]:
    """Of both engines: by the wall clock, the worst of three; and what an hour adds to memory."""
    found = _figures("growth", folder / "sqlite", None)
    run = folder / "run"
    run.mkdir(parents=True)
    (run / postgres.OWNER).write_text(str(os.getpid()))
    try:
        url = postgres.shared(run).new_schema()
        return found | _figures("growth.postgresql", folder / "postgresql", url)
    finally:
        postgres.end(run)


def _figures(name: str, folder: Path, database: str | None) -> dict[str, float]:
    fill(folder, database)
    found = {"start_s": worst(lambda: Store(StatePaths(folder)).close())}
    found["list_s"] = worst(lambda: _count(operator.open_incidents(folder), OPEN))
    found["search_s"] = worst(
        lambda: _count(operator.all_incidents(folder, badge="b7"), INCIDENTS // BADGES)
    )
    found["last_s"] = worst(lambda: _count(operator.all_incidents(folder, last=100), 100))
    store = Store(StatePaths(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before_ms = Clock().now().wall_ms - KEEP_DAYS * DAY_MS
    found["take_s"] = found["purge_s"] = 0.0
    for number in range(200):
        frame = wire.encode_alarm(KEY, "b7", 2, number + 1, kind=kinds.SOS, age_ms=0)
        message = wire.decode_alarm(frame, lambda _badge: KEY)
        took_s = timed(lambda m=message, f=frame: store.take(m, f, Clock().now()))  # type: ignore[misc]
        found["take_s"] = max(found["take_s"], took_s)
        purged_s = timed(lambda: store.purge(before_ms))
        found["purge_s"] = max(found["purge_s"], purged_s)
    found["memory_mb"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    store.close()
    return {f"{name}.{what}": value for what, value in found.items()}


def worst(work: Callable[[], object]) -> float:
    """Of three times."""
    return max(timed(work) for _ in range(3))


def timed(work: Callable[[], object]) -> float:
    """Seconds by the wall clock."""
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _count(found: list[Dossier], expected: int) -> None:
    assert len(found) == expected, len(found)
