"""The database: exactly one incident an alarm, all or nothing, one process, known versions."""

import collections
import itertools
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.wearer import reasons
from nabij.centre.clocks import Moment
from nabij.centre.database.lock import LockedError
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.databases import database_of, full_disk

KEY = bytes(range(32))
NOW_MS = 1_790_000_000_000
NOW = Moment(NOW_MS, 5_000_000, "epoch")
# How a release before Alembic kept its version.
EARLIER = """
    DROP TABLE alembic_version;
    CREATE TABLE schema_version (version INTEGER);
    INSERT INTO schema_version VALUES ({});
"""


@pytest.fixture
def store(each_engine: str, tmp_path: Path) -> Iterator[Store]:
    store = opened(tmp_path)
    yield store
    store.close()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite, for what is its own."""
    store = opened(tmp_path)
    yield store
    store.close()


def opened(state: Path) -> Store:
    store = Store(StatePaths(state))
    for badge in ("a", "b"):
        store.enrol(BadgeRecord(badge, KEY, f"CN={badge}", "", 0))
    return store


def alarm(badge: str = "a", boot: int = 1, seq: int = 1, **fields: Any) -> wire.AlarmMessage:
    fields = {"kind": kinds.SOS, "age_ms": 500, **fields}
    frame = wire.encode_alarm(KEY, badge, boot, seq, **fields)
    message: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
    return message


def test_one_incident_for_each_badge_boot_and_sequence(store: Store) -> None:
    keys = [("a", 1, 1), ("a", 1, 2), ("a", 2, 1), ("b", 1, 1)]
    for badge, boot, seq in keys * 3:
        store.take(alarm(badge, boot, seq), b"frame", NOW)
    assert [(i.badge, i.boot, i.seq) for i in store.incidents()] == keys


@pytest.mark.requirement("R07")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (reasons.of("motion").number, "The accelerometer fails"),
        (200, "Fault 200, which this release does not know"),
    ],
)
def test_a_fault_of_a_badge_is_an_incident_that_says_what_fails(
    store: Store, reason: int, words: str
) -> None:
    taken = store.take(alarm(kind=kinds.FAULT, reason=reason), b"frame", NOW)
    assert taken.incident is not None
    assert taken.incident.reason == reason
    assert taken.incident.sentence().startswith("BADGE FAULT")
    assert words in taken.incident.sentence()
    assert store.incidents()[0].fields()["reason"] == reason


def test_repeat_returns_the_incident_as_it_was_and_is_kept_as_a_transmission(store: Store) -> None:
    later = replace(NOW, wall_ms=NOW_MS + 2000)
    first = store.take(alarm(attempt=1), b"one", NOW)
    again = store.take(alarm(attempt=2, age_ms=2500), b"two", later)
    assert (first.created, again.created) == (True, False)
    assert first.incident is not None
    assert again.incident == first.incident
    assert store.transmissions(first.incident.id) == [
        (NOW_MS, 1, b"one"),
        (NOW_MS + 2000, 2, b"two"),
    ]


def test_racing_repeats_make_one_incident(store: Store) -> None:
    made: list[bool] = []

    def take() -> None:
        made.extend(store.take(alarm(seq=seq), b"", NOW).created for seq in range(1, 41))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 40
    assert len(store.incidents()) == 40
    assert sum(len(store.transmissions(i.id)) for i in store.incidents()) == 160


def test_incident_and_transmission_are_kept_both_or_neither(file_store: Store) -> None:
    seqs = itertools.count(1)
    with full_disk(file_store):
        with pytest.raises(StoreError, match="free some space"):
            collections.deque(file_store.take(alarm(seq=n), bytes(180), NOW) for n in seqs)
        seq = next(seqs) - 1
        kept = file_store.incidents()
        assert len(kept) == seq - 1
        assert all(len(file_store.transmissions(incident.id)) == 1 for incident in kept)
    assert file_store.take(alarm(seq=seq), b"", NOW).created


def test_commits_are_synced_to_the_disk(file_store: Store) -> None:
    database = database_of(file_store)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    ("utc_s", "raised_ms"),
    [
        (None, NOW_MS - 60_000),
        (NOW_MS // 1000 - 90, NOW_MS - 90_000),
        (946_684_800, NOW_MS - 60_000),
        (NOW_MS // 1000 + 3600, NOW_MS - 60_000),
    ],
    ids=["no clock", "own clock", "clock never set", "clock ahead"],
)
def test_time_of_an_alarm_of_unsure_age_is_the_badges_own_when_it_can_be_right(
    store: Store, utc_s: int | None, raised_ms: int
) -> None:
    what = alarm(utc_s=utc_s, age_ms=60_000, flags=wire.FLAG_AGE_AT_LEAST)
    incident = store.take(what, b"", NOW).incident
    assert incident is not None
    assert incident.raised_ms == raised_ms


def test_incident_reads_as_one_line(store: Store) -> None:
    store.enrol(BadgeRecord("a", KEY, "CN=a", "A. de Vries", 0))
    evidence: dict[str, Any] = {"peak_mg": 6240, "tilt_deg": 71, "flags": wire.FLAG_TEST}
    message = alarm(kind=kinds.MAN_DOWN, attempt=3, age_ms=65_000, **evidence)
    incident = store.take(message, b"", NOW).incident
    assert incident is not None
    sentence = incident.sentence()
    assert "\n" not in sentence
    for words in ("TEST", "MAN DOWN", "A. de Vries", "badge a", "1 min 5 s", "attempt 3", "6.2 g"):
        assert words in sentence


def test_how_long_ago_is_reckoned_when_it_is_shown(store: Store) -> None:
    incident = store.take(alarm(age_ms=65_000), b"", NOW).incident
    assert incident is not None
    assert ", 1 min 5 s ago, " in incident.sentence()
    assert ", 1 h 1 min ago, " in incident.sentence(NOW_MS + 3_600_000)
    # By a clock that was set back it is no younger than when it came.
    assert ", 1 min 5 s ago, " in incident.sentence(NOW_MS - 3_600_000)


def test_kind_of_a_later_release_is_still_an_alarm(store: Store) -> None:
    incident = store.take(alarm(kind=77), b"", NOW).incident
    assert incident is not None
    assert "ALARM of kind 77" in incident.sentence()


def test_incidents_outlive_the_process(tmp_path: Path, store: Store) -> None:
    kept = store.take(alarm(), b"frame", NOW).incident
    store.close()
    again = Store(StatePaths(tmp_path))
    assert again.incidents() == [kept]
    repeat = again.take(alarm(), b"frame", NOW)
    assert (repeat.incident, repeat.created) == (kept, False)
    again.close()


def test_second_process_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from nabij.paths import StatePaths; from nabij.centre.store import Store\n"
        "store = Store(StatePaths(Path(sys.argv[1]))); print('open', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(LockedError, match=f"process {process.pid}"):
            Store(StatePaths(tmp_path))
        process.kill()
        process.wait()
    Store(StatePaths(tmp_path)).close()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("UPDATE alembic_version SET version_num = '0099'", "schema version 0099"),
        ("DELETE FROM alembic_version", "schema version none"),
        ("DROP TABLE alembic_version", "not a database of nabij"),
        (
            EARLIER.format(99),
            "schema version 99",
        ),
        (
            EARLIER.format(0),
            "schema version 0",
        ),
    ],
)
def test_unknown_schema_is_one_clear_sentence(tmp_path: Path, prepare: str, words: str) -> None:
    Store(StatePaths(tmp_path)).close()
    database = sqlite3.connect(tmp_path / "nabij.db")
    with database:
        database.executescript(prepare)
    database.close()
    with pytest.raises(NabijError, match=words) as caught:
        Store(StatePaths(tmp_path))
    assert "\n" not in caught.value.sentence
    # Refused is not held: the lock is free for the release that knows the schema.
    with pytest.raises(NabijError, match=words):
        Store(StatePaths(tmp_path))


def test_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "nabij.db").write_bytes(b"not a database at all, but text" * 40)
    with pytest.raises(StoreError, match="restore it from a backup"):
        Store(StatePaths(tmp_path))


def test_commit_takes_milliseconds(store: Store) -> None:
    """A bound wide enough for a slow disk and a busy machine: no receipt waits for seconds."""
    started = time.monotonic()
    for seq in range(1, 51):
        store.take(alarm(seq=seq), bytes(120), NOW)
    assert (time.monotonic() - started) / 50 < 1.0
