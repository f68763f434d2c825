"""The certificate authority: what it issues, where the secrets are, and what it refuses."""

import contextlib
import datetime as dt
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nabij.centre.register import pki
from nabij.centre.register.pki import Authority, check_host
from nabij.errors import NabijError


def handshake(folder: Path, server_hostname: str) -> None:
    """A TLS handshake with the server certificate in the folder, as a client checks it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(str(folder / "server.pem"), str(folder / "server.key"))
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    near, far = socket.socketpair()

    def serve() -> None:
        with far, contextlib.suppress(OSError), server.wrap_socket(far, server_side=True) as peer:
            peer.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with near, client.wrap_socket(near, server_hostname=server_hostname):
            pass
    finally:
        thread.join(5)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "pki")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "alarm.example.org", "192.0.2.7"])
def test_clients_accept_the_server_under_each_of_its_names(
    authority: Authority, name: str
) -> None:
    authority.ensure_server(["alarm.example.org", "192.0.2.7"])
    handshake(authority.folder, name)


def test_clients_refuse_the_server_under_another_name(authority: Authority) -> None:
    authority.ensure_server([])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority.folder, "alarm.example.org")


def test_server_certificate_keeps_earlier_names_and_is_not_renewed_without_need(
    authority: Authority,
) -> None:
    assert authority.ensure_server(["one.example"])
    assert authority.ensure_server(["two.example"])
    assert not authority.ensure_server(["one.example", "two.example"])
    handshake(authority.folder, "one.example")


def test_badge_certificate_is_der_p256_and_valid_for_a_clock_that_is_years_behind(
    authority: Authority,
) -> None:
    issued = authority.issue_badge("badge-1")
    certificate = x509.load_der_x509_certificate(issued.certificate_der)
    key = serialization.load_der_private_key(issued.key_der, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert key.public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(authority.ca.certificate)
    for one in (certificate, authority.ca.certificate):
        assert one.not_valid_before_utc <= dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        assert one.not_valid_after_utc > dt.datetime(2045, 1, 1, tzinfo=dt.UTC)
    # A badge sends it over a 115200 baud link and keeps it in flash.
    assert len(issued.certificate_der) < 600


def test_each_issue_has_a_subject_of_its_own(authority: Authority) -> None:
    assert authority.issue_badge("badge-1").subject != authority.issue_badge("badge-1").subject


def test_private_keys_are_readable_by_their_owner_only(authority: Authority) -> None:
    authority.ensure_server([])
    authority.ensure_receiver()
    keys = sorted(authority.folder.glob("*.key"))
    assert [key.name for key in keys] == ["ca.key", "receiver.key", "server.key"]
    for key in keys:
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["ca.pem", "ca.key"])
def test_authority_is_never_replaced(authority: Authority, left: str) -> None:
    gone = {"ca.pem": "ca.key", "ca.key": "ca.pem"}[left]
    kept = (authority.folder / left).read_bytes()
    (authority.folder / gone).unlink()
    with pytest.raises(NabijError, match="already holds"):
        Authority.create(authority.folder)
    with pytest.raises(NabijError, match="restore"):
        Authority.open_or_create(authority.folder)
    assert (authority.folder / left).read_bytes() == kept


def test_opened_authority_is_the_one_created(authority: Authority) -> None:
    again = Authority.open_or_create(authority.folder)
    assert again.ca.certificate == authority.ca.certificate


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ca.pem", b"garbage", "not a PEM certificate"),
        ("ca.key", b"garbage", "not an open PEM private key"),
        ("ca.key", None, "not the key of"),
    ],
)
def test_damaged_authority_is_one_clear_sentence(
    authority: Authority, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    other = Authority.create(tmp_path / "other")
    (authority.folder / name).write_bytes(content or other.ca.key_pem)
    with pytest.raises(NabijError, match=words) as caught:
        Authority.open(authority.folder)
    assert "\n" not in caught.value.sentence
    assert caught.value.sentence.endswith(".")


def test_key_that_others_can_read_is_refused(authority: Authority) -> None:
    (authority.folder / "ca.key").chmod(0o644)
    with pytest.raises(NabijError, match="chmod 600"):
        Authority.open(authority.folder)


@pytest.mark.parametrize(
    "host", ["", "a b", "https://x", "x:8883", "-x", "x..y", "999.1.1.1", "x" * 64, "é.nl"]
)
def test_host_that_cannot_stand_in_a_certificate_is_refused(host: str) -> None:
    with pytest.raises(NabijError) as caught:
        check_host(host)
    assert caught.value.exit_code == 2


def test_a_badges_certificate_is_renewed_for_the_same_key_only_when_that_lasts_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.create(tmp_path)
    with monkeypatch.context() as before:
        before.setattr(pki, "VALID_TO", dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
        old = authority.issue_badge("nb-1")
    der = authority.renewed(old.certificate_der, old.subject)
    assert der is not None
    new = x509.load_der_x509_certificate(der)
    assert (new.subject, new.not_valid_after_utc) == (old.certificate.subject, pki.VALID_TO)
    assert new.public_key() == old.key.public_key()
    new.verify_directly_issued_by(authority.ca.certificate)
    assert authority.renewed(der, old.subject) is None
    with pytest.raises(NabijError, match="before it was enrolled last"):
        authority.renewed(old.certificate_der, authority.issue_badge("nb-1").subject)
    other = Authority.create(tmp_path / "other").issue_badge("nb-1")
    with pytest.raises(NabijError, match="another authority"):
        authority.renewed(other.certificate_der, other.subject)
    with pytest.raises(NabijError, match="no certificate"):
        authority.renewed(b"junk", old.subject)
