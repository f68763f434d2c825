"""Who connects and asks for nothing, or never to the end, keeps no operator and no alarm out."""

import contextlib
import socket
import ssl
from collections.abc import Iterator

import pytest

from nabij.centre.console import connections, forms
from tests.host.centre.console.desk_site import ConsoleSite
from tests.waiting import LONG_S, wait_until

ASKS = b"GET /login HTTP/1.1\r\nHost: x\r\n"


@contextlib.contextmanager
def connection(site: ConsoleSite) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", site.port), LONG_S) as plain,
        site.trust.wrap_socket(plain, server_hostname="127.0.0.1") as sealed,
    ):
        yield sealed


def rest(sealed: ssl.SSLSocket) -> bytes:
    """All that comes until it is closed at the other end."""
    found = b""
    with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
        while got := sealed.recv(1 << 16):
            found += got
    return found


def is_closed(sealed: ssl.SSLSocket) -> bool:
    sealed.setblocking(False)
    try:
        return sealed.recv(1) == b""
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("sent", [b"", ASKS, ASKS + b"\r\n" + ASKS], ids=["none", "part", "next"])
def test_a_request_that_does_not_come_whole_is_not_waited_for(
    console_site: ConsoleSite, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.3)
    with connection(console_site) as sealed:
        sealed.sendall(sent)
        assert rest(sealed).count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")


def test_a_body_that_does_not_come_whole_is_not_waited_for(
    console_site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "BODY_S", 0.3)
    with connection(console_site) as sealed:
        where = console_site.url.removeprefix("https://")
        head = f"POST /login HTTP/1.1\r\nHost: {where}\r\nOrigin: https://{where}\r\n"
        sealed.sendall(f"{head}Content-Length: 9\r\n\r\na".encode())
        assert b"408" in rest(sealed)


def test_of_too_many_those_go_that_ask_for_nothing(
    console_site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator's stream stays, and so does whoever comes next."""
    monkeypatch.setattr(connections, "MOST", 6)
    with (
        console_site.client("smit") as smit,
        contextlib.ExitStack() as idle,
        smit.stream("GET", "/api/stream") as stream,
    ):
        lines = stream.iter_lines()
        next(lines)
        opened = [idle.enter_context(connection(console_site)) for _ in range(20)]
        with console_site.client("jansen") as jansen:
            assert jansen.get("/api/queue").status_code == 200
        assert any(line.startswith(("event", ":")) for line in lines)
        wait_until(lambda: sum(map(is_closed, opened)) >= 14)
