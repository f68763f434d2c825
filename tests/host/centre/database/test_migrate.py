"""Databases of older releases: brought up to date whole or not at all, and nothing is lost."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.clocks import Moment
from nabij.centre.database import engines, migrate, migrations, schema
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import choose, parsed, place_of
from nabij.centre.escalation import plan_file, plan_rows
from nabij.centre.incidents.handling import Action
from nabij.centre.incidents.merge import What
from nabij.centre.people import persons
from nabij.centre.recurring import tried
from nabij.centre.store import Store, StoreError
from nabij.paths import StatePaths
from tests.host.centre.postgres import Postgres
from tests.waiting import LONG_S

KEY = bytes(range(32))
NOW = Moment(1_790_000_900_000, 1_000, "epoch")
# As release 2 made them; release 1 lacked badge.revoked_ms.
TABLES = """
    CREATE TABLE badge (badge VARCHAR(32) NOT NULL, hmac_key BLOB NOT NULL, subject TEXT NOT NULL,
        wearer TEXT NOT NULL, enrolled_ms BIGINT NOT NULL, PRIMARY KEY (badge));
    CREATE TABLE schema_version (version INTEGER NOT NULL);
    CREATE TABLE incident (id INTEGER NOT NULL, badge VARCHAR(32) NOT NULL, wearer TEXT NOT NULL,
        boot BIGINT NOT NULL, seq BIGINT NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
        test BOOLEAN NOT NULL, raised_ms BIGINT NOT NULL, received_ms BIGINT NOT NULL,
        age_ms BIGINT NOT NULL, age_at_least BOOLEAN NOT NULL, attempt BIGINT NOT NULL,
        peak_mg INTEGER, tilt_deg INTEGER, PRIMARY KEY (id), UNIQUE (badge, boot, seq),
        FOREIGN KEY(badge) REFERENCES badge (badge));
    CREATE TABLE message (id INTEGER NOT NULL, incident_id INTEGER NOT NULL,
        received_ms BIGINT NOT NULL, attempt BIGINT NOT NULL, frame BLOB NOT NULL,
        PRIMARY KEY (id), FOREIGN KEY(incident_id) REFERENCES incident (id));
    CREATE INDEX ix_message_incident_id ON message (incident_id);
    CREATE TABLE unannounced (incident_id INTEGER NOT NULL, PRIMARY KEY (incident_id),
        FOREIGN KEY(incident_id) REFERENCES incident (id));
    INSERT INTO badge VALUES ('a', x'{key}', 'CN=a', 'A. de Vries', 1);
    INSERT INTO incident VALUES (4, 'a', 'A. de Vries', 7, 1, 2, 1, 0, 1790000000000,
        1790000001000, 1000, 0, 1, 6200, 71);
    INSERT INTO incident VALUES (9, 'a', 'A. de Vries', 7, 2, 1, 1, 1, 1790000100000,
        1790000101000, 500, 1, 2, NULL, NULL);
    INSERT INTO message VALUES (3, 4, 1790000001000, 1, x'0A');
    INSERT INTO message VALUES (5, 9, 1790000101000, 2, x'0B');
    INSERT INTO message VALUES (6, 4, 1790000161000, 2, x'0C');
    INSERT INTO unannounced VALUES (9);
"""

# As release 7 left it: a badge on shift and a revoked one, an SOS that somebody takes, a test, a
# deadline that runs, a fall, and two changes that nobody was told of.
RELEASE_7 = Path(__file__).with_name("stores") / "release_7.sql"
# Each takes away what the version of that number added.
TAKEN_AWAY = {
    7: "ALTER TABLE alarm DROP COLUMN number; DROP TABLE numbered;",
    6: "ALTER TABLE incident DROP COLUMN reason;",
    5: """DROP TABLE watch; ALTER TABLE incident DROP COLUMN shift_ms;
        ALTER TABLE incident DROP COLUMN until_ms; ALTER TABLE incident DROP COLUMN back_ms;""",
    4: "DROP TABLE move;",
}
SECOND_WORLD = """
    import os, signal, sys
    from pathlib import Path
    import sqlalchemy as sa
    from nabij.centre import store
    from nabij.paths import StatePaths
    left = int(sys.argv[2])
    convert = store.prepare

    def die(*_arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def doomed(connection, name):
        sa.event.listen(connection, "after_cursor_execute", die)
        convert(connection, name)

    store.prepare = doomed
    store.Store(StatePaths(Path(sys.argv[1]))).close()
"""


def release(version: int, folder: Path) -> Path:
    """A state folder with the database of release 3 to 7."""
    database = sqlite3.connect(folder / "nabij.db")
    database.executescript(RELEASE_7.read_text())
    for later in range(7, version, -1):
        database.executescript(TAKEN_AWAY[later])
    database.execute("UPDATE schema_version SET version = ?", (version,))
    database.commit()
    database.close()
    return folder


def oldest(version: int, folder: Path) -> Path:
    """A state folder with the database of release 1 or 2."""
    database = sqlite3.connect(folder / "nabij.db")
    database.executescript(TABLES.format(key=KEY.hex()))
    if version == 2:
        database.execute("ALTER TABLE badge ADD COLUMN revoked_ms BIGINT")
    database.execute("INSERT INTO schema_version VALUES (?)", (version,))
    database.commit()
    database.close()
    return folder


@pytest.fixture(params=[1, 2])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A state folder with the database of release 1 or 2."""
    return oldest(request.param, tmp_path)


def message(seq: int, **fields: int) -> wire.AlarmMessage:
    frame = wire.encode_alarm(KEY, "a", 7, seq, **{"kind": kinds.SOS, "age_ms": 0, **fields})
    found: wire.AlarmMessage = wire.decode_alarm(frame, lambda _badge: KEY)
    return found


def check(state: Path) -> None:
    """All that release 2 knew is there, and the next message finds its incident."""
    store = Store(StatePaths(state))
    try:
        [record] = store.badges()
        assert (record.hmac_key, record.wearer, record.revoked_ms) == (KEY, "A. de Vries", None)
        fall, squeeze = store.incidents()
        assert (fall.id, fall.seq, fall.kind_name, fall.peak_mg) == (4, 1, "man_down", 6200)
        assert (squeeze.id, squeeze.seq, squeeze.test, squeeze.age_at_least) == (9, 2, True, True)
        assert (fall.duress, fall.by_deadline, fall.due_ms) == (False, False, None)
        frames = [(1_790_000_001_000, 1, b"\x0a"), (1_790_000_161_000, 2, b"\x0c")]
        assert store.transmissions(4) == frames
        [untold] = store.untold()
        assert (untold.what, untold.incident) == (What.OPENED, squeeze)
        repeat = store.take(message(1, kind=kinds.MAN_DOWN, attempt=3), b"again", NOW)
        assert (repeat.created, repeat.news) == (False, ())
        assert len(store.transmissions(4)) == 3
        assert store.take(message(3), b"new", NOW).created
        assert [incident.id for incident in store.incidents()] == [4, 9, 10]
    finally:
        store.close()


def test_database_of_an_older_release_is_brought_up_to_date(old: Path) -> None:
    check(old)
    Store(StatePaths(old)).close()


def test_conversion_that_is_cut_short_leaves_the_old_database(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut before each statement of it, in turn, until one runs to its end."""
    file = old / "nabij.db"
    before = dump(file)
    statements = 0
    limit = 0

    def count(*_arguments: object) -> None:
        nonlocal statements
        statements += 1
        if statements > limit:
            raise sqlite3.OperationalError("disk I/O error")

    convert = migrate.prepare

    def cut_short(connection: sa.Connection, name: str) -> None:
        sa.event.listen(connection, "before_cursor_execute", count)
        convert(connection, name)

    monkeypatch.setattr("nabij.centre.store.prepare", cut_short)
    for limit in range(300):
        statements = 0
        try:
            Store(StatePaths(old)).close()
            break
        except StoreError:
            assert dump(file) == before, f"changed by a cut before statement {limit + 1}"
    assert 15 < limit < 299
    monkeypatch.undo()
    check(old)


def dump(file: Path) -> list[str]:
    database = sqlite3.connect(file)
    lines = list(database.iterdump())
    database.close()
    return lines


@pytest.mark.parametrize("statements", [0, 9, 22, 40])
def test_killed_in_the_middle_of_a_conversion_the_next_start_mends_it(
    old: Path, statements: int
) -> None:
    """SIGKILL: no handler runs, and the disk has what it has."""
    program = textwrap.dedent(SECOND_WORLD)
    killed = subprocess.run(
        [sys.executable, "-c", program, str(old), str(statements)], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    check(old)


def test_database_of_the_release_before_this_loses_nothing(tmp_path: Path) -> None:
    store = Store(StatePaths(release(7, tmp_path)))
    try:
        squeeze, test, fall = store.incidents()
        assert (squeeze.kind_name, squeeze.state) == ("sos", wire.STATUS_HELP_COMING)
        assert (test.test, test.until_ms) == (True, 1_790_003_600_000)
        assert (fall.kind_name, fall.peak_mg, fall.tilt_deg) == ("man_down", 6200, 71)
        assert [attempt for _, attempt, _ in store.transmissions(1)] == [1, 2]
        assert [(one.what, one.by) for one in store.untold()] == [
            (What.OPENED, ""),
            (What.HELP_COMING, "J. Smit"),
        ]
        [shift] = store.shifts()
        assert (shift.badge, shift.seq) == ("a", 2)
        assert store.running() == 1
        assert [(one.badge, one.revoked_ms) for one in store.badges()] == [("a", None), ("b", 3)]
        assert [one.number for one in store.owed()] == [6]
        assert store.take(message(5), b"frame", NOW).number == 7
        later = Moment(1_790_000_601_000, 602_000, "epoch")
        [(alarm_id, badge)] = store.due(later)
        assert badge == "a"
        assert store.expire(alarm_id, later) is not None
    finally:
        store.close()
    Store(StatePaths(tmp_path)).close()


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7])
def test_what_was_converted_has_the_tables_of_a_new_database(version: int, tmp_path: Path) -> None:
    """Column by column, key by key: what is made anew and what was converted cannot drift."""
    make = oldest if version < 3 else release
    Store(StatePaths(make(version, tmp_path))).close()
    with engines.owned(place_of(StatePaths(tmp_path))).connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, schema.metadata)
    # Alembic leaves its own table out of what it finds.
    assert [one for one in differences if one[1].name != schema.revision.name] == []


def test_whoever_makes_the_database_makes_all_of_its_tables() -> None:
    """Also a command that knows of few of them: a module may be imported by nothing else."""
    program = """
        import importlib, pkgutil
        from nabij.centre import store
        from nabij.centre.database import schema
        made = set(schema.metadata.tables)
        import nabij.centre.database as package
        for one in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            importlib.import_module(one.name)
        print(sorted(set(schema.metadata.tables) - made))
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    left = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert left.stdout.strip() == "[]"


def on_server(server: Postgres, folder: Path) -> StatePaths:
    """The first database that there was on PostgreSQL."""
    paths = StatePaths(folder)
    url = server.new_schema()
    choose(paths, url)
    engine = sa.create_engine(parsed(url), poolclass=sa.NullPool)
    script = Path(__file__).with_name("stores") / "revision_8_postgresql.sql"
    with engine.begin() as connection:
        connection.exec_driver_sql(script.read_text())
    return paths


@pytest.mark.parametrize("killed_after", [None, 0, 9])
def test_a_database_on_a_server_loses_nothing_either(
    server: Postgres, tmp_path: Path, killed_after: int | None
) -> None:
    paths = on_server(server, tmp_path)
    if killed_after is not None:
        program = textwrap.dedent(SECOND_WORLD)
        command = [sys.executable, "-c", program, str(tmp_path), str(killed_after)]
        killed = subprocess.run(command, check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
    # The server may take a moment to see that the killed one is gone.
    store = tried(lambda: unless_locked(paths), LONG_S, 0.1)
    assert store is not None
    try:
        [incident] = store.incidents()
        assert (incident.kind_name, incident.state) == ("sos", wire.STATUS_HELP_COMING)
        whats = [(one.what, one.by) for one in store.untold()]
        assert whats == [(What.OPENED, ""), (What.HELP_COMING, "J. Smit")]
        assert store.take(message(5), b"frame", NOW).number == 7
        assert [one.what for one in store.untold()] == [What.OPENED, What.HELP_COMING, What.OPENED]
    finally:
        store.close()
    with engines.beside(place_of(paths)).connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    assert [one for one in differences if one[1].name != schema.revision.name] == []


def unless_locked(paths: StatePaths) -> Store | None:
    try:
        return Store(paths)
    except LockedError:
        return None


def test_the_newest_revision_is_the_one_of_the_tables() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__path__[0])))
    assert scripts.get_heads() == [schema.REVISION]


def test_database_of_release_3_learns_what_the_centre_does(tmp_path: Path) -> None:
    store = Store(StatePaths(release(3, tmp_path)))
    try:
        store.take(message(9), b"frame", NOW)
        incident = store.incidents()[-1]
        action = Action("r", incident.id, wire.STATUS_TAKEN, NOW.wall_ms, "J. Smit", "")
        assert store.take_action(action) is not None
        assert store.incidents()[-1].state == wire.STATUS_TAKEN
    finally:
        store.close()


def test_database_of_release_4_learns_which_badges_are_on_shift(tmp_path: Path) -> None:
    store = Store(StatePaths(release(4, tmp_path)))
    try:
        before = store.incidents()[0]
        assert (before.kind_name, before.until_ms, before.back_ms) == ("sos", None, None)
        store.take(message(9, flags=wire.FLAG_TEST, watch_s=3600), b"frame", NOW)
        [watch] = store.shifts()
        assert (watch.badge, watch.due_ms) == ("a", NOW.wall_ms + 3_600_000)
    finally:
        store.close()


def test_database_of_release_6_learns_to_number_what_badges_are_told(tmp_path: Path) -> None:
    store = Store(StatePaths(release(6, tmp_path)))
    try:
        standing = wire.Standing(7, 4, 1, wire.STATUS_RECEIVED, 0)
        [told] = store.standings("a", [standing])
        assert (told.state, told.number) == (wire.STATUS_RECEIVED, 1)
        assert store.take(message(9), b"frame", NOW).number == 2
    finally:
        store.close()


def test_whom_plans_called_are_people_of_the_console_from_release_17_on(tmp_path: Path) -> None:
    """Whoever is there already is not there twice; addresses, hours and steps are as they were."""
    before = release(7, tmp_path)
    config = Config()
    config.set_main_option("script_location", "nabij.centre.database:migrations")
    with sa.create_engine(f"sqlite:///{before / 'nabij.db'}").begin() as connection:
        revision = sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute(revision)
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('0007')"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0017")
        for statement in (
            "INSERT INTO person (id, name, wears, phone) VALUES (5, 'J. Smit', 1, '+31 6 1')",
            "INSERT INTO responder VALUES ('smit', 0, 'J. Smit', 'UTC', '22:00-07:00')",
            "INSERT INTO responder VALUES ('desk', 1, 'Desk', 'UTC', '')",
            "INSERT INTO responder_channel VALUES ('smit', 0, 'sms', 'json://x/1')",
            "INSERT INTO responder_channel VALUES ('desk', 0, 'phone', 'json://x/2')",
            "INSERT INTO responder_away VALUES ('smit', 0, '2026-12-24', '2026-12-31', 'desk')",
            "INSERT INTO plan VALUES ('yard', 0, 'UTC', '', 15, 10, '')",
            "INSERT INTO plan_badge VALUES ('*', 'yard')",
            "INSERT INTO plan_step VALUES ('yard', 0, 0, 'smit', 'sms', 'always', 1, 'closed')",
            "INSERT INTO plan_step VALUES ('yard', 1, 9, 'desk', '', 'always', 1, 'taken')",
        ):
            connection.execute(sa.text(statement))
    store = Store(StatePaths(before))
    try:
        book = store.read(plan_rows.read)
        smit = store.read(lambda one: persons.find(one, 5))
    finally:
        store.close()
    assert (smit.key, smit.wears, smit.phone) == ("smit", True, "+31 6 1")
    text = plan_file.write(book, lambda channel: channel.url)
    assert book == plan_file.read(text)
    assert [(one.whom, one.after_s, one.until) for one in book.plans["yard"].all_steps] == [
        ("smit", 0, "closed"),
        ("desk", 9, "taken"),
    ]
    assert book.people["smit"].channels[0].url == "json://x/1"
    assert book.people["smit"].away[0].stand_in == "desk"
