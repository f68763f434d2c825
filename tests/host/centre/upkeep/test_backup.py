"""A backup beside a running receiver, and a receiver from it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

import nabij
from nabij.centre.database import schema
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.store import BadgeRecord, Store
from nabij.centre.upkeep.backup import back_up, restore
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths
from tests.host.centre.served import NABIJ, Served
from tests.places import REPO

RELEASE_7 = REPO / "tests" / "host" / "centre" / "database" / "stores" / "release_7.sql"
WORDS = "correct horse battery staple"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A state folder whose receiver runs and has an alarm, and the backup made beside it."""
    state = tmp_path_factory.mktemp("made") / "state"
    enrol(state, "badge-1", wearer="Anna")
    served = Served(state)
    served.line()
    served.alarm("badge-1", 1)
    served.line()
    output = state.with_name("nabij.backup")
    assert back_up(state, output, WORDS).files > 10
    # It goes on as before.
    served.alarm("badge-1", 2)
    assert served.line().startswith("SOS")
    served.process.kill()
    served.process.communicate()
    return state, output


def test_what_is_restored_has_records_authority_and_keys(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    state, backup = made
    os.umask(0o022)
    restore(backup, tmp_path / "new" / "state", WORDS)
    paths = StatePaths(tmp_path / "new" / "state")
    before = Authority.open(StatePaths(state).pki).ca
    assert Authority.open(paths.pki).ca.certificate == before.certificate
    assert {file.stat().st_mode & 0o077 for file in paths.root.rglob("*")} == {0}
    store = Store(paths)
    assert [(one.badge, one.seq) for one in store.incidents()] == [("badge-1", 1)]
    store.close()
    served = Served(paths.root)
    # The badge that was enrolled there comes here.
    assert served.line().startswith("Ready")
    served.alarm("badge-1", 2)
    assert served.line().startswith("SOS  Anna (badge badge-1)")
    served.process.kill()
    served.process.communicate()


@pytest.mark.parametrize(("passphrase", "said"), [("another passphrase", "not the passphrase")])
def test_a_restore_that_fails_leaves_nothing(
    made: tuple[Path, Path], tmp_path: Path, passphrase: str, said: str
) -> None:
    with pytest.raises(NabijError, match=said):
        restore(made[1], tmp_path / "new" / "state", passphrase)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_was_cut_short_leaves_nothing(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.backup"
    cut.write_bytes(made[1].read_bytes()[:-100])
    with pytest.raises(NabijError, match="nothing was restored"):
        restore(cut, tmp_path / "state", WORDS)
    assert list(tmp_path.iterdir()) == [cut]


def test_neither_a_receiver_nor_a_backup_is_overwritten(made: tuple[Path, Path]) -> None:
    state, backup = made
    with pytest.raises(UsageError, match="is not empty"):
        restore(backup, state, WORDS)
    with pytest.raises(UsageError, match="is there already"):
        back_up(state, backup, WORDS)
    assert not list(StatePaths(state).copy_requests.iterdir())


def test_records_are_copied_while_others_write(tmp_path: Path) -> None:
    """As they are at the end, whole, and no write waits for the copy."""
    store = Store(StatePaths(tmp_path / "a"))
    for number in range(300):
        store.enrol(record(number, "x" * 20_000))
    copying = threading.Thread(target=store.copy, args=(tmp_path / "copy.db",))
    copying.start()
    number = 300
    while copying.is_alive():
        store.enrol(record(number, "x"))
        number += 1
        time.sleep(0.001)
    last = store.badge_ids()
    store.close()
    (tmp_path / "b").mkdir()
    (tmp_path / "copy.db").rename(tmp_path / "b" / "nabij.db")
    copy = Store(StatePaths(tmp_path / "b"))
    found = copy.badge_ids()
    copy.close()
    assert len(found) >= 300
    assert found == last[: len(found)]


def record(number: int, wearer: str) -> BadgeRecord:
    return BadgeRecord(f"b-{number:05d}", bytes(32), f"CN={number}", wearer, 0)


@pytest.fixture(scope="module")
def release_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this nabij as it was before its newest revision."""
    folder = tmp_path_factory.mktemp("before")
    shutil.copytree(
        Path(nabij.__file__).parent,
        folder / "nabij",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    tables = folder / "nabij" / "centre" / "database" / "schema.py"
    before = f"{int(schema.REVISION) - 1:04}"
    # Its code is that of now, so it has the newest tables too, under the number of before.
    between = f"{before}x"
    versions = folder / "nabij" / "centre" / "database" / "migrations" / "versions"
    for number, names in (
        (before, {before: between}),
        (schema.REVISION, {before: between, schema.REVISION: before}),
    ):
        (migration,) = versions.glob(f"r{number}_*.py")
        text = migration.read_text()
        for name, other in names.items():
            text = text.replace(f'revision = "{name}"', f'revision = "{other}"')
        migration.write_text(text)
    is_now = f'REVISION: Final = "{schema.REVISION}"'
    assert is_now in tables.read_text()
    tables.write_text(tables.read_text().replace(is_now, f'REVISION: Final = "{before}"'))
    return folder


def test_one_goes_back_one_release_with_the_backup_of_before(
    release_before: Path, tmp_path: Path
) -> None:
    """docs/run.md: the release before refuses what was converted, and reads what is restored."""

    def incidents(state: Path) -> subprocess.CompletedProcess[str]:
        command = [*NABIJ, "incident", "list", "--all", "--state", str(state)]
        path = f"{release_before}{os.pathsep}{REPO / 'firmware'}"
        told = {**os.environ, "PYTHONPATH": path}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=told)

    state = tmp_path / "state"
    enrol(state, "badge-1", wearer="Anna")
    StatePaths(state).database.unlink()
    old = sqlite3.connect(StatePaths(state).database)
    old.executescript(RELEASE_7.read_text())
    old.close()
    backup = tmp_path / "before.backup"
    back_up(state, backup, WORDS)
    Store(StatePaths(state)).close()
    refused = incidents(state)
    assert (refused.returncode, refused.stdout) == (1, "")
    [sentence] = refused.stderr.splitlines()
    assert f"has schema version {schema.REVISION}" in sentence
    assert "use the release of nabij that wrote it" in sentence
    restore(backup, tmp_path / "again", WORDS)
    listed = incidents(tmp_path / "again")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "SOS" in listed.stdout
