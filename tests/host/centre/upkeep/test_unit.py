"""The unit of systemd: one that systemd takes, with what was asked for, and with few rights."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nabij.centre.upkeep.unit import NAME, Unit
from tests.host.centre.served import nabij


def dry_run(*words: str) -> str:
    done = nabij("service", "install", "--dry-run", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_serve_is_given_stands_in_the_unit_and_in_nothing_else_is_it_changed() -> None:
    text = dry_run("--state", "/var/lib/nabij", "--", "--listen", "192.0.2.1", "--console", "8443")
    start = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert start is not None
    program, *words = start[1].split()
    assert words == ["serve", "--listen", "192.0.2.1", "--console", "8443"]
    assert Path(program).name == "nabij"
    for line in ("Environment=NABIJ_STATE=/var/lib/nabij", "Type=notify", "Restart=always"):
        assert line in text
    assert "CapabilityBoundingSet=\n" in text


def test_a_port_below_1024_may_be_listened_on_and_nothing_more() -> None:
    text = dry_run("--", "--console", "0.0.0.0:443")
    assert "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_it_and_finds_little_to_fear(tmp_path: Path) -> None:
    unit = Unit(Path("/bin/true"), "root", Path("/var/lib/a b%c"), ("--host", "x y$z", "--json"))
    (tmp_path / NAME).write_text(unit.text())
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / NAME],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in verified.stderr.splitlines() if NAME in line] == []
    (tmp_path / NAME).write_text(Unit(Path("/bin/true"), "nabij", Path("/var/lib/n"), ()).text())
    feared = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=30", tmp_path / NAME],
        capture_output=True,
        text=True,
        check=False,
    )
    assert feared.returncode == 0, feared.stdout[-300:]


def test_a_folder_that_the_service_could_not_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "systemctl").touch(0o755)
    (tmp_path / "state" / "pki").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    options = ("--state", tmp_path / "state", "--user", "daemon", "--unit-folder", tmp_path)
    done = nabij("service", "install", *options)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "chown -R daemon" in done.stderr
    assert not (tmp_path / NAME).exists()


def test_where_there_is_no_systemd_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = nabij("service", "install")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "There is no systemd here" in done.stderr
