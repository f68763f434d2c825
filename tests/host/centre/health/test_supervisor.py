"""What a service manager hears, on a socket as systemd has one."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.health import supervisor


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        # The path of a test may be too long for a socket.
        monkeypatch.chdir(tmp_path)
        heard.bind("notify")
        monkeypatch.setenv("NOTIFY_SOCKET", "notify")
        yield heard


def test_a_service_manager_hears_each_line(manager: socket.socket) -> None:
    supervisor.notify("READY=1", "STATUS=Receiving.")
    assert manager.recv(1000) == b"READY=1\nSTATUS=Receiving."


def test_without_a_service_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    supervisor.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    supervisor.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "@nabij-nobody-listens")
    supervisor.notify("READY=1")


@pytest.mark.parametrize(
    ("micros", "pid", "seconds"),
    [
        ("30000000", None, 30.0),
        ("30000000", "own", 30.0),
        ("30000000", "1", None),
        ("0", None, None),
        ("", None, None),
        ("soon", None, None),
    ],
)
def test_how_often_it_wants_to_hear(
    monkeypatch: pytest.MonkeyPatch, micros: str, pid: str | None, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", micros)
    if pid is None:
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
    else:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    assert supervisor.watchdog_s() == seconds
