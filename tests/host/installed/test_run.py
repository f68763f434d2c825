"""docs/run.md, typed on an empty server: to a letter and a webhook, and from a backup again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.host.centre.escalation.rig import Mail, Webhook
from tests.host.installed import stand_ins
from tests.host.installed.environment import Environment
from tests.places import DOCS
from tests.ports import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Done by the environment, which has exactly that.
_INSTALLS = (
    "python3 -m venv /opt/nabij\n",
    "/opt/nabij/bin/pip install './nabij-0.1.0-py3-none-any.whl[receiver,sim]'\n",
)
_SQUEEZES = "nabij sim "


@dataclass
class Server:
    """An empty server, as far as the commands see it: each path of the page lies in `root`."""

    root: Path
    nabij: Environment
    others: dict[str, str]
    started: list[int] = field(default_factory=list)

    def placed(self, text: str) -> str:
        for here, there in self.others.items():
            assert here in PAGE, f"the page has no {here!r} any more"
            text = text.replace(here, there)
        return re.sub(
            r"(?<![\w.])/(var|etc|srv)/", lambda found: f"{self.root}/{found[1]}/", text
        ).replace("/opt/nabij", str(self.nabij.folder))

    def run(self, commands: str) -> subprocess.Popen[str]:
        script = self.placed(self.functions + commands)
        running = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.root,
            env=self.nabij.variables
            | {"PATH": f"{self.root}/bin:/usr/bin:/bin", "HOME": str(self.root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(running.pid)
        return running

    def end(self) -> None:
        """Leave nothing running, whatever failed."""
        for group in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        stand_ins.stop(self.root / "bin")

    @property
    def functions(self) -> str:
        """What the page defines for all that follows."""
        found = re.search(r"^nabij\(\) \{.*?\}$", PAGE, re.MULTILINE | re.DOTALL)
        assert found is not None
        return found[0] + "\n"


PAGE = (DOCS / "run.md").read_text(encoding="utf-8")


@pytest.fixture
def mail() -> Iterator[Mail]:
    mail = Mail()
    yield mail
    mail.close()


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


@pytest.fixture
def server(both: Environment, tmp_path: Path, mail: Mail, hook: Webhook) -> Iterator[Server]:
    units = tmp_path / "etc" / "systemd" / "system"
    for folder in (units, tmp_path / "var/lib", tmp_path / "var/backups", tmp_path / "etc/nabij"):
        folder.mkdir(parents=True, exist_ok=True)
    port, console = free_port(), free_port()
    others = {
        "service install --": f"service install --state /var/lib/nabij --unit-folder {units} -- "
        f"--port {port}",
        "--listen 0.0.0.0": "--listen 127.0.0.1",
        "0.0.0.0:8443": f"127.0.0.1:{console}",
        "enrol first-1": f"enrol first-1 --port {port}",
        "alarm.example.org": "localhost",
        "mailtos://nabij:password@example.org?to=smit@example.org": mail.url,
        "jsons://hooks.example.org/nabij": hook.url("nabij"),
    }
    stand_ins.put_into(tmp_path / "bin", sys.executable)
    server = Server(tmp_path, both, others)
    yield server
    server.end()


def test_from_an_empty_server_to_the_first_alarm_and_to_another_machine(
    server: Server, mail: Mail, hook: Webhook
) -> None:
    blocks = _BLOCK.findall(PAGE)
    done = 0
    for block in blocks:
        commands = block
        for line in _INSTALLS:
            commands = commands.replace(line, "")
        running = server.run(commands)
        if _SQUEEZES in commands:
            assert running.stdin is not None
            assert running.stdout is not None
            assert any("shift.test" in line for line in running.stdout)
            running.stdin.write("\n")
            running.stdin.flush()
            wait_until(lambda: mail.got and hook.got, 240)
            os.killpg(running.pid, signal.SIGTERM)
            running.communicate(timeout=30)
            assert b"SOS: The first badge" in mail.got[0]
            assert hook.got[0]["title"].startswith("SOS: The first badge")
        else:
            output, _ = running.communicate(timeout=240)
            assert running.returncode == 0, f"{commands}\n{output}"
        done += 1
    assert all(line in PAGE for line in _INSTALLS)
    assert any(_SQUEEZES in block for block in blocks)
    assert done == len(blocks) > 6
    ran = (server.root / "bin" / "ran").read_text()
    assert "useradd --system" in ran
    # The last command asks the restored receiver.
    listed = server.run("nabij incident list --all").communicate(timeout=60)[0]
    assert "SOS  The first badge (badge first-1)" in listed
