"""How a running receiver says that it is well, and that it is not: command, HTTP, systemd."""

import contextlib
import http.client
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from nabij.centre.health import endpoint
from nabij.centre.health.status import CRITICAL, WELL
from nabij.centre.register.enrol import enrol
from nabij.errors import NabijError
from tests.host.centre.desk import Desk
from tests.host.centre.served import Served, nabij
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until


@pytest.mark.requirement("R10")
def test_status_says_that_alarms_arrive_and_that_nobody_is_there_any_more(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    port = free_port()
    served = Served(tmp_path, "--health-port", str(port))
    assert served.line().startswith("Ready")
    served.alarm("anna", 1)
    end_s = time.monotonic() + LONG_S
    while (found := nabij("status", "--state", tmp_path)).returncode != WELL:
        assert time.monotonic() < end_s, found.stdout + found.stderr
    assert found.stdout.startswith("Alarms arrive: the last probe came back ")
    assert "Incidents open: 1." in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 80
    as_json = json.loads(nabij("status", "--state", tmp_path, "--json").stdout)
    assert (as_json["level_name"], as_json["open_incidents"]) == ("well", 1)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG_S)
    connection.request("GET", "/health")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["arrives"]) == (200, True)
    connection.request("POST", "/health")
    assert connection.getresponse().status == 404
    connection.close()
    code, _output, errors = served.end(signal.SIGINT)
    assert (code, errors) == (0, "")
    nobody = nabij("status", "--state", tmp_path)
    assert nobody.returncode == CRITICAL
    assert "No receiver answers" in nobody.stderr
    nowhere = nabij("status", "--state", tmp_path / "nowhere")
    assert nowhere.returncode == CRITICAL
    assert "There is no receiver in" in nowhere.stderr


@pytest.mark.requirement("R10")
def test_a_broker_that_does_not_serve_makes_the_answer_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.watch.probe.EVERY_S", 0.3)
    monkeypatch.setattr("nabij.centre.watch.probe.BACK_S", 3.0)
    desk = Desk(tmp_path)
    with desk.receiver as receiver:
        wait_until(receiver.probes.is_young)
        pid = receiver.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: endpoint.ask(receiver.paths.status)["level"] == CRITICAL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: endpoint.ask(receiver.paths.status)["arrives"])


def test_a_service_manager_is_told_of_the_start_of_life_and_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    name = f"\0nabij-{os.getpid()}-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(LONG_S)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name[1:])
        monkeypatch.setenv("WATCHDOG_USEC", "600000")
        with Desk(tmp_path).receiver:
            for wanted in (b"READY=1", b"WATCHDOG=1\nSTATUS=Alarms arrive"):
                while not any(one.startswith(wanted) for one in heard):
                    heard.append(manager.recv(1000))
        manager.settimeout(0)
        try:
            while True:
                heard.append(manager.recv(1000))
        except BlockingIOError:
            assert heard[-1] == b"STOPPING=1" or b"STOPPING=1" in heard
    ready = next(one for one in heard if one.startswith(b"READY=1"))
    assert ready == b"READY=1\nSTATUS=Alarms arrive."


def test_a_receiver_whose_probe_does_not_come_back_is_ready_in_the_end_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.health.health.READY_S", 1.0)
    monkeypatch.setattr("nabij.centre.watch.probe.ProbeWatch.back", lambda *_: None)
    name = f"\0nabij-{os.getpid()}-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(LONG_S)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name[1:])
        with Desk(tmp_path).receiver:
            while not (heard := manager.recv(1000)).startswith(b"READY=1"):
                pass
    assert b"Alarms arrive" not in heard


def test_a_health_port_that_is_taken_is_a_sentence_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        desk = Desk(tmp_path, health_port=taken.getsockname()[1])
        with pytest.raises(NabijError, match="--health-port"):
            desk.receiver.start()
    with Desk(tmp_path).receiver:
        pass


def test_a_state_folder_with_a_long_name_is_answered_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path / ("long" * 30))
    with desk.receiver as receiver:
        wait_until(lambda: endpoint.ask(receiver.paths.status)["arrives"])
        assert receiver.paths.status.stat().st_mode & 0o777 == 0o600
    assert not receiver.paths.status.exists()
