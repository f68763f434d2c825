"""Programs in place of those that would change this machine: each only for the folder it is in.

`python stand_ins.py NAME ARGUMENTS`. What is there of systemd runs the unit as its lines say.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("apt-get", "systemctl", "useradd", "install", "runuser", "ufw", "chown")
HERE = Path(__file__).absolute().parent
STARTS_S = 90.0


def put_into(folder: Path, python: str) -> None:
    """Make them there, to stand first on a PATH."""
    folder.mkdir()
    copy = folder / "stand_ins.py"
    copy.write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    for name in NAMES:
        file = folder / name
        file.write_text(f'#!/bin/sh\nexec {python} -I {copy} {name} "$@"\n', encoding="utf-8")
        file.chmod(0o755)


def stop(folder: Path) -> None:
    """End the service, if one runs."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.killpg(int((folder / "pid").read_text()), signal.SIGKILL)


def main(name: str, words: list[str]) -> int:
    """Do what the command would, as far as it concerns this folder; each is noted."""
    with (HERE / "ran").open("a") as ran:
        ran.write(shlex.join([name, *words]) + "\n")
    if name == "install":
        Path(words[-1]).mkdir(parents=True, exist_ok=True)
    elif name == "runuser":
        os.execvp(words[3], words[3:])  # noqa: S606 - as the real one does
    elif name == "systemctl":
        return systemctl(*words)
    return 0


def systemctl(verb: str, *words: str) -> int:
    if verb == "enable":
        (HERE / "unit").write_text(words[-1])
    if verb in {"stop", "restart"}:
        end()
    if verb in {"enable", "start", "restart"}:
        return begin()
    if verb == "reload":
        os.kill(int((HERE / "pid").read_text()), signal.SIGHUP)
    return 0


def begin() -> int:
    unit = Path((HERE / "unit").read_text()).read_text(encoding="utf-8").splitlines()
    told = [line.removeprefix("Environment=") for line in unit if line.startswith("Environment=")]
    (command,) = (line[len("ExecStart=") :] for line in unit if line.startswith("ExecStart="))
    name = str(HERE / "notify")
    Path(name).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(name)
        ready.settimeout(1)
        with (HERE / "journal").open("ab") as journal:
            process = subprocess.Popen(
                shlex.split(command),
                env=os.environ | dict(one.split("=", 1) for one in told) | {"NOTIFY_SOCKET": name},
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                start_new_session=True,
            )
        (HERE / "pid").write_text(str(process.pid))
        end_s = time.monotonic() + STARTS_S
        while time.monotonic() < end_s and process.poll() is None:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in ready.recv(4096):
                    return 0
    sys.stderr.write((HERE / "journal").read_text())
    return 1


def end() -> None:
    pid = int((HERE / "pid").read_text())
    os.kill(pid, signal.SIGTERM)
    end_s = time.monotonic() + STARTS_S
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        if time.monotonic() > end_s:
            raise TimeoutError("the service did not end")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
