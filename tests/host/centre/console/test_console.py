"""The console beside its receiver: how one gets in first, and what is wrong in a sentence."""

import re
import ssl
from pathlib import Path

import httpx
import pytest

from nabij.centre.console.address import Address
from nabij.errors import NabijError, UsageError
from tests.host.centre.console.desk_site import PASSWORD, ConsoleSite, console_desk
from tests.host.centre.ended import end_server
from tests.ports import free_port
from tests.waiting import LONG_S


def test_the_first_start_gives_a_link_and_no_password(tmp_path: Path) -> None:
    desk = console_desk(tmp_path, Address("127.0.0.1", free_port()))
    with desk.receiver:
        said = desk.heard("/invite/")
        link = re.search(r"https://\S+", said)
        assert link is not None
        trust = ssl.create_default_context(cafile=tmp_path / "pki" / "ca.pem")
        origin = link[0].partition("/invite")[0]
        with httpx.Client(verify=trust, headers={"origin": origin}, timeout=LONG_S) as client:
            form = {"password": PASSWORD, "again": PASSWORD}
            assert client.post(link[0], data=form).status_code == 303
            login = {"login": "administrator", "password": PASSWORD}
            assert client.post(f"{origin}/login", data=login).status_code == 303
            assert client.get(f"{origin}/api/me").json()["role"] == "administrator"


def test_a_console_that_ends_by_itself_is_told_and_served_again(
    console_site: ConsoleSite,
) -> None:
    end_server("--console")
    assert "--console" in console_site.desk.heard("ended by itself")
    with httpx.Client(verify=console_site.trust, timeout=LONG_S) as client:
        assert client.get(f"{console_site.url}/login").status_code == 200


def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(
    console_site: ConsoleSite, tmp_path: Path
) -> None:
    desk = console_desk(tmp_path, Address("127.0.0.1", console_site.port))
    with pytest.raises(NabijError, match="--console"):
        desk.receiver.start()
    assert not (tmp_path / "status.sock").exists()


def test_what_is_no_certificate_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    files = (tmp_path / "x.pem", tmp_path / "x.pem")
    desk = console_desk(tmp_path / "state", Address("127.0.0.1", free_port(), files))
    with pytest.raises(UsageError, match="--console-cert"):
        desk.receiver.start()
