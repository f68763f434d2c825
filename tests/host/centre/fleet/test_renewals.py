"""Certificates that are signed where a job begins."""

import json
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from nabij.centre.fleet import renewals
from nabij.centre.register import pki
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority, lasts_longer
from nabij.centre.register.revoke import revoke
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.fleet.house import OLD_END


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where three badges were enrolled whose certificates end in 2040."""
    Authority.create(StatePaths(tmp_path).pki)
    with monkeypatch.context() as before:
        before.setattr(pki, "VALID_TO", OLD_END)
        for badge in ("anna", "bert", "carl"):
            enrol(tmp_path, badge)
    return tmp_path


def test_each_badge_that_was_enrolled_here_gets_one_for_its_key(office: Path) -> None:
    content = renewals.sign(office, ())
    for badge in ("anna", "bert", "carl"):
        old = (office / "badges" / badge / "badge.der").read_bytes()
        new = renewals.signed_for(content, badge)
        assert new is not None
        assert lasts_longer(new, old)
        assert not lasts_longer(old, new)
        keys = [x509.load_der_x509_certificate(one).public_key() for one in (old, new)]
        assert keys[0] == keys[1]
    assert renewals.signed_for(content, "dora") is None
    assert list(json.loads(renewals.sign(office, ("bert",)))) == ["bert"]


def test_who_is_revoked_enrolled_elsewhere_or_lasts_as_long_is_left_to_the_receiver(
    office: Path,
) -> None:
    revoke(office, "anna")
    (office / "badges" / "bert" / "badge.der").unlink()
    enrol(office, "dora")
    assert list(json.loads(renewals.sign(office, ()))) == ["carl"]
    stranger = (office / "badges" / "dora" / "badge.der").read_bytes()
    (office / "badges" / "carl" / "badge.der").write_bytes(stranger)
    assert renewals.sign(office, ()) == b""


def test_a_folder_without_the_authority_signs_nothing(office: Path) -> None:
    (StatePaths(office).pki / "ca.key").unlink()
    assert renewals.sign(office, ()) == b""
    assert renewals.signed_for(b"", "anna") is None


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"anna": 1}', b'{"anna": "?"}', b"\xff"])
def test_a_job_that_carries_rubbish_says_so(content: bytes) -> None:
    with pytest.raises(NabijError) as refused:
        renewals.signed_for(content, "anna")
    assert refused.value.sentence == "What the job carries cannot be read: begin another."


@given(st.binary(max_size=200))
def test_nothing_else_comes_of_any_bytes(content: bytes) -> None:
    try:
        found = renewals.signed_for(content, "anna")
    except NabijError:
        return
    assert found is None or isinstance(found, bytes)
