"""Certificates that end are told, renewed where that can be, and read again when they change."""

from __future__ import annotations

import asyncio
import datetime as dt
import queue
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from nabij.centre.register import pki
from nabij.centre.register.pki import Authority
from nabij.centre.upkeep.certificates import Certificates
from nabij.errors import NabijError
from tests.host.centre.served import Served
from tests.ports import free_port


def ending_in(monkeypatch: pytest.MonkeyPatch, days: float, make: Callable[[], object]) -> None:
    """Make something whose certificates end then, as an earlier release may have."""
    with monkeypatch.context() as patch:
        patch.setattr(pki, "VALID_TO", dt.datetime.now(dt.UTC) + dt.timedelta(days=days))
        make()


class Own:
    """What renews."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority

    def renew(self) -> None:
        self.authority.ensure_server(())
        self.authority.ensure_receiver()


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(Authority.create(tmp_path / "pki"))


def watched(own: Own, *given: tuple[Path, Path]) -> Certificates:
    nobody: queue.SimpleQueue[None] = queue.SimpleQueue()
    return Certificates(own.authority.folder, given, nobody, lambda: None, print)


def look(certificates: Certificates, own: Own) -> None:
    asyncio.run(_run(certificates, own))


async def _run(certificates: Certificates, own: Own) -> None:
    await certificates.watching(own).work()


def test_its_own_are_renewed_before_they_end(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    ending_in(monkeypatch, 20, own.renew)
    assert len(watched(own).ending()) == 2
    before = own.authority.files("receiver")[0].read_bytes()
    look(watched(own), own)
    assert watched(own).ending() == []
    assert own.authority.files("receiver")[0].read_bytes() != before


def test_one_that_lasts_is_left_alone(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    ending_in(monkeypatch, 40, own.renew)
    before = own.authority.files("server")[0].read_bytes()
    look(watched(own), own)
    assert own.authority.files("server")[0].read_bytes() == before


@pytest.mark.parametrize(("days", "said"), [(29.5, "ends on .*, in 29 days"), (-2, "HAS ENDED")])
def test_one_that_others_renew_is_told_again_and_again(
    own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float, said: str
) -> None:
    other = Authority.create(tmp_path / "other")
    ending_in(monkeypatch, days, lambda: other.ensure_server(()))
    certificates = watched(own, other.files("server"))
    for _ in range(2):
        with pytest.raises(NabijError, match=f"server.pem {said}.*have it renewed"):
            look(certificates, own)


def shown(port: int) -> str:
    return ssl.get_server_certificate(("127.0.0.1", port))


def test_a_console_shows_a_renewed_certificate_and_keeps_a_good_one(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "other")
    authority.ensure_server(())
    files = authority.files("server")
    port = free_port()
    console = ("--console", str(port), "--console-cert", str(files[0]), "--console-key")
    served = Served(tmp_path / "state", *console, str(files[1]))
    served.line()
    assert served.complaint().startswith("Nobody can administer")
    first = shown(port)
    authority.ensure_server(["alarm.example.org"])
    assert served.complaint().startswith("Read again")
    second = shown(port)
    files[1].write_text("no key")
    assert "no certificate and key" in served.complaint()
    assert shown(port) == second != first
    served.process.kill()
    served.process.communicate()
