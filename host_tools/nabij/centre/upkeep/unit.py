"""`nabij serve` as a service of systemd: started with the machine, watched, with few rights."""

import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nabij.errors import NabijError, UsageError, exit_code_of
from nabij.paths import STATE_VARIABLE, write_file

NAME: Final = "nabij.service"
FOLDER: Final = Path("/etc/systemd/system")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=@,+-]+")
_COMMAND_S: Final = 90.0
# Of each service of ours.
HARDENED: Final = """\
ProtectSystem=strict
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectHostname=true
ProtectControlGroups=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectProc=invisible
NoNewPrivileges=true
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""


@dataclass(frozen=True)
class Unit:
    """`words` are what `nabij serve` is given, `low_ports` whether one of them is below 1024."""

    program: Path
    user: str
    state: Path
    words: tuple[str, ...]
    low_ports: bool = False

    def text(self) -> str:
        """The unit file."""
        # In a command a $ begins a variable.
        words = (str(self.program), "serve", *self.words)
        command = " ".join(_quoted(word).replace("$", "$$") for word in words)
        capability = "CAP_NET_BIND_SERVICE" if self.low_ports else ""
        return f"""\
[Unit]
Description=Nabij receiver of alarms
After=network-online.target time-sync.target
Wants=network-online.target
# It is tried again for ever: nobody receives alarms meanwhile.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
User={self.user}
Environment={_quoted(f"{STATE_VARIABLE}={self.state}")}
Environment=PYTHONUNBUFFERED=1
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
TimeoutStartSec=120
TimeoutStopSec=60
WatchdogSec=60
Restart=always
RestartSec=2
KillMode=mixed
LimitNOFILE=65536
UMask=0077
OOMScoreAdjust=-500

ReadWritePaths={_quoted(str(self.state))}
ProtectHome={"read-only" if _is_at_home(self.state, self.program) else "true"}
CapabilityBoundingSet={capability}
AmbientCapabilities={capability}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
{HARDENED}
[Install]
WantedBy=multi-user.target
"""


def program() -> Path:
    """The `nabij` that this process runs from, which the service will run."""
    beside = Path(sys.executable).parent / "nabij"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("nabij")
    if found is None:
        raise NabijError(
            "No `nabij` command is installed beside this Python: install the wheel (docs/run.md)."
        )
    return Path(found).absolute()


def steps(unit: Unit, folder: Path = FOLDER) -> list[list[str]]:
    """The commands that follow when the unit's file is written."""
    made = ["install", "-d", "-m", "0700", "-o", unit.user, str(unit.state)]
    name = NAME if folder == FOLDER else str(folder / NAME)
    return [made, ["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", name]]


def make_user(unit: Unit) -> list[list[str]]:
    """The command that makes the service's user, none when there is one."""
    try:
        pwd.getpwnam(unit.user)
    except KeyError:
        home = ("--home-dir", str(unit.state), "--no-create-home")
        return [["useradd", "--system", *home, "--shell", "/usr/sbin/nologin", unit.user]]
    return []


def install(unit: Unit, folder: Path = FOLDER) -> Path:
    """Write the unit, enable and start it; its file. NabijError when a command fails."""
    if shutil.which("systemctl") is None:
        raise NabijError(
            "There is no systemd here: run `nabij serve` under what this system has, and have it "
            "started again whenever it ends."
        )
    file = folder / NAME
    _check_owner(unit)
    for command in make_user(unit):
        _run(command)
    write_file(file, unit.text().encode())
    for command in steps(unit, folder):
        _run(command)
    return file


def _check_owner(unit: Unit) -> None:
    """NabijError when something in the state folder is another's: the service could not use it."""
    if not unit.state.exists():
        return
    try:
        owner = pwd.getpwnam(unit.user).pw_uid
    except KeyError:
        owner = None
    for one in unit.state.rglob("*"):
        if one.lstat().st_uid != owner:
            raise NabijError(
                f"{one} does not belong to {unit.user}, so the service cannot use it: stop what "
                f"uses {unit.state}, and run `chown -R {unit.user} {unit.state}`."
            )


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_COMMAND_S, check=False
        )
    except OSError as error:
        raise NabijError(
            f"`{command[0]}` cannot be run ({error.strerror}): install it.", exit_code_of(error)
        ) from error
    except subprocess.TimeoutExpired as error:
        raise NabijError(
            f"`{shlex.join(command)}` did not end within {_COMMAND_S:g} s: see "
            "`journalctl -u nabij`."
        ) from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise NabijError(f"`{shlex.join(command)}` failed ({said}): mend that and try again.")


def check_words(state: Path, words: Sequence[str]) -> None:
    """UsageError for what cannot stand in a unit."""
    if not state.is_absolute():
        raise UsageError(
            f"--state {state} is no whole path: a service needs one, as /var/lib/nabij."
        )
    for one in words:
        if one == "--state" or one.startswith("--state="):
            raise UsageError("Give --state before the --, for the service has to own that folder.")
    if any("\n" in one for one in (str(state), *words)):
        raise UsageError("What has a line break in it cannot stand in a unit.")


def _is_at_home(*places: Path) -> bool:
    return any(place.is_relative_to(home) for place in places for home in ("/home", "/root"))


def _quoted(word: str) -> str:
    """One word as systemd reads it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return word if _PLAIN.fullmatch(word) else f'"{escaped}"'
