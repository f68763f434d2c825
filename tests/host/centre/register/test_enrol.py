"""Enrolment: the badge's folder, the receiver's record, and what is refused."""

import json
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from nabij.centre.register.enrol import enrol, take_in
from nabij.centre.store import BadgeRecord, Store
from nabij.errors import NabijError
from nabij.paths import StatePaths


def record_of(state: Path, badge: str) -> BadgeRecord:
    store = Store(StatePaths(state))
    try:
        [record] = [record for record in store.badges() if record.badge == badge]
    finally:
        store.close()
    return record


def test_folder_has_all_a_badge_needs_and_agrees_with_the_record(tmp_path: Path) -> None:
    folder = enrol(tmp_path, "badge-1", host="alarm.example.org", port=9000, apn="iot.nl")
    names = {file.name for file in folder.iterdir()}
    assert names == {"identity.json", "ca.der", "badge.der", "badge.key.der", "config.json"}
    identity = json.loads((folder / "identity.json").read_text())
    record = record_of(tmp_path, "badge-1")
    assert identity == {
        "badge": "badge-1",
        "hmac_key": record.hmac_key.hex(),
        "host": "alarm.example.org",
        "port": 9000,
        "apn": "iot.nl",
    }
    assert len(record.hmac_key) == 32
    certificate = x509.load_der_x509_certificate((folder / "badge.der").read_bytes())
    assert record.subject == certificate.subject.rfc4514_string()
    ca = x509.load_der_x509_certificate((folder / "ca.der").read_bytes())
    certificate.verify_directly_issued_by(ca)
    key = serialization.load_der_private_key((folder / "badge.key.der").read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    assert json.loads((folder / "config.json").read_text()) == {}


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = enrol(tmp_path, "badge-1")
    secrets = [folder / "identity.json", folder / "badge.key.der", tmp_path / "nabij.db"]
    assert [stat.S_IMODE(secret.stat().st_mode) for secret in secrets] == [0o600] * 3


def test_server_certificate_has_the_host_of_every_badge(tmp_path: Path) -> None:
    enrol(tmp_path, "badge-1", host="one.example")
    enrol(tmp_path, "badge-2", host="two.example")
    certificate = x509.load_pem_x509_certificate((tmp_path / "pki/server.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"one.example", "two.example"} <= set(names.get_values_for_type(x509.DNSName))


@pytest.mark.parametrize("badge", ["badge-1", "BADGE-1"])
def test_second_enrolment_is_refused_and_changes_nothing(tmp_path: Path, badge: str) -> None:
    folder = enrol(tmp_path, "badge-1")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(NabijError, match="--force") as caught:
        enrol(tmp_path, badge)
    assert caught.value.exit_code == 2
    assert before == {file.name: file.read_bytes() for file in folder.iterdir()}


def test_forced_enrolment_has_new_key_and_certificate_under_the_same_authority(
    tmp_path: Path,
) -> None:
    folder = enrol(tmp_path, "badge-1")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    old = record_of(tmp_path, "badge-1")
    assert enrol(tmp_path, "badge-1", force=True) == folder
    new = record_of(tmp_path, "badge-1")
    assert old.hmac_key != new.hmac_key
    assert old.subject != new.subject
    assert (folder / "badge.der").read_bytes() != before["badge.der"]
    assert (folder / "ca.der").read_bytes() == before["ca.der"]


def test_enrolment_beside_a_running_receiver_waits_for_it(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    store = Store(paths)
    try:
        enrol(tmp_path, "badge-1")
        assert store.badge_ids() == []
        with pytest.raises(NabijError, match="enrolled already"):
            enrol(tmp_path, "badge-1")
        assert take_in(paths, store) == ["badge-1"]
        assert store.badge_ids() == ["badge-1"]
        assert take_in(paths, store) == []
        with pytest.raises(NabijError, match="enrolled already"):
            enrol(tmp_path, "badge-1")
    finally:
        store.close()


def test_broken_enrolment_file_is_said_once_and_holds_up_no_other(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    store = Store(paths)
    try:
        enrol(tmp_path, "badge-1")
        (paths.enrolments / "a.json").write_text("{}")
        with pytest.raises(NabijError, match="not an enrolment"):
            take_in(paths, store)
        assert take_in(paths, store) == ["badge-1"]
    finally:
        store.close()


@pytest.mark.parametrize(
    "badge", ["", "x" * 33, "a b", "a/b", "a+b", "#", "a.b", "..", "é", "a_b", "a\n"]
)
def test_id_that_cannot_be_a_topic_or_file_is_refused(tmp_path: Path, badge: str) -> None:
    with pytest.raises(NabijError, match="letters, digits and dashes") as caught:
        enrol(tmp_path, badge)
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("badge", ["a", "x" * 32, "Badge-0007", "-"])
def test_id_within_the_rules_is_taken(tmp_path: Path, badge: str) -> None:
    assert enrol(tmp_path, badge).name == badge


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_out_of_range_is_refused(tmp_path: Path, port: int) -> None:
    with pytest.raises(NabijError, match="65535"):
        enrol(tmp_path, "badge-1", port=port)
