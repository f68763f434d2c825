"""Provisioning a virtual badge over USB: an identity, its seal, and what a failure leaves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from badge.core.codec import usb_protocol as protocol
from nabij.centre.register import enrol
from nabij.centre.service import Receiver
from nabij.centre.store import BadgeRecord, Store
from nabij.cli.app import app
from nabij.errors import NabijError
from nabij.paths import StatePaths
from nabij.usb import provision as provisioning
from nabij.usb.device import BadgeRefusal, Device, open_device
from nabij.usb.provision import provision
from nabij.usb.reconnect import wait_until
from nabij.usb.settings import read_settings
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.ports import free_port


@pytest.fixture
def blank() -> Iterator[VirtualUsbBadge]:
    """A badge as `nabij flash` leaves it: armed, but with nobody to call."""
    with VirtualUsbBadge(Scenario()) as running:
        running.wait_for_log("armed can_send=False")
        yield running


class Made:
    """The identities that the host made, which it keeps nowhere itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[enrol.Prepared] = []
        prepare = enrol.prepare

        def noted(*arguments: Any, **options: Any) -> enrol.Prepared:
            self.all.append(prepare(*arguments, **options))
            return self.all[-1]

        monkeypatch.setattr(enrol, "prepare", noted)


def records(state: Path) -> dict[str, BadgeRecord]:
    store = Store(StatePaths(state))
    try:
        return {record.badge: record for record in store.badges()}
    finally:
        store.close()


def state_of(badge: VirtualUsbBadge) -> tuple[str | None, str | None]:
    with open_device(badge.port) as device:
        told = device.request("provision.state")
    return told["badge"], told["certificate"]


def interrupt_at(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The host dies when it comes to this step: a request to the badge, or one of its own."""

    def die(*_arguments: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    def ask(device: Device, verb: str, *arguments: Any, **fields: Any) -> Any:
        return die() if verb == step else request(device, verb, *arguments, **fields)

    request = Device.request
    if step == "the restart":
        monkeypatch.setattr(provisioning, "wait_until", die)
    elif step == "the record":
        monkeypatch.setattr(enrol, "record", die)
    else:
        monkeypatch.setattr(Device, "request", ask)


@pytest.mark.requirement("R14")
def test_a_blank_badge_gets_its_identity_and_is_sealed(
    blank: VirtualUsbBadge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(monkeypatch)
    where: dict[str, Any] = {"host": "alarm.example.org", "port": 9000, "apn": "iot"}
    done = provision(
        blank.port, tmp_path, "nb-1", wearer="Anna", settings={"profile": "pna11"}, **where
    )
    assert (done.badge, done.before, done.finished_only, done.folder) == (
        "nb-1",
        None,
        False,
        None,
    )
    blank.wait_for_log("armed can_send=True")
    [prepared] = made.all
    assert state_of(blank) == ("nb-1", prepared.certificate)
    record = records(tmp_path)["nb-1"]
    assert (record.subject, record.wearer) == (prepared.record.subject, "Anna")
    with open_device(blank.port) as device:
        assert device.info["provisioned"]
        assert read_settings(device).profile == "pna11"
        with pytest.raises(BadgeRefusal) as caught:
            device.request("provision.begin", force=True)
        assert caught.value.code == "usb.locked"
        device.authorise(protocol.service_key(record.hmac_key))
        with pytest.raises(BadgeRefusal, match="nb-1 already") as caught:
            device.request("provision.begin")
        assert caught.value.code == "identity.sealed"
    with pytest.raises(NabijError, match=r"is nb-1 already: give --force"):
        provision(blank.port, tmp_path, "nb-2", host="localhost")
    assert list(records(tmp_path)) == ["nb-1"]


def test_the_private_key_is_kept_by_the_badge_alone(
    blank: VirtualUsbBadge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(monkeypatch)
    provision(blank.port, tmp_path, "nb-1", host="localhost")
    [prepared] = made.all
    # The middle of the DER file is the private number itself.
    secret = prepared.files["badge.key.der"][36:68]
    assert [file for file in tmp_path.rglob("*") if file.is_file() and secret in _read(file)] == []
    with open_device(blank.port) as device:
        device.authorise(protocol.service_key(prepared.record.hmac_key))
        assert "badge.key.der" in device.list_files("/identity.1")
        with pytest.raises(BadgeRefusal, match="stays on the badge"):
            device.get_file("/identity.1/badge.key.der")
    kept = provision(blank.port, tmp_path, "nb-1", host="localhost", force=True, keep=True)
    assert kept.folder is not None
    assert (kept.folder / "badge.key.der").read_bytes() == made.all[1].files["badge.key.der"]
    assert (kept.folder / "badge.key.der").stat().st_mode & 0o077 == 0


def test_force_replaces_an_identity_only_with_its_service_key(
    blank: VirtualUsbBadge, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    provision(blank.port, first, "nb-1", host="localhost")
    before = state_of(blank)
    with pytest.raises(NabijError, match=r"another receiver .* --old-state"):
        provision(blank.port, second, "nb-2", host="localhost", force=True)
    enrol.enrol(second, "nb-1")
    with pytest.raises(NabijError, match=r"another receiver .* --old-state"):
        provision(blank.port, second, "nb-2", host="localhost", force=True)
    assert state_of(blank) == before
    done = provision(blank.port, second, "nb-2", host="localhost", force=True, old_state=first)
    assert done.before == "nb-1"
    assert state_of(blank)[0] == "nb-2"
    assert set(records(second)) == {"nb-1", "nb-2"}


@pytest.mark.parametrize(
    "step", ["provision.put", "provision.commit", "the restart", "the record"]
)
def test_a_host_that_dies_leaves_the_old_or_the_new_and_the_same_command_goes_on(
    blank: VirtualUsbBadge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    provision(blank.port, tmp_path, "nb-1", host="localhost")
    old, old_record = state_of(blank), records(tmp_path)["nb-1"]
    made = Made(monkeypatch)
    with monkeypatch.context() as dying:
        interrupt_at(dying, step)
        with pytest.raises(KeyboardInterrupt):
            provision(blank.port, tmp_path, "nb-1", host="localhost", force=True)
    committed = step in ("the restart", "the record")
    assert records(tmp_path)["nb-1"] == old_record
    expected = made.all[0].certificate if committed else old[1]
    wait_until(blank.port, lambda device: _certificate(device) == expected)
    done = provision(blank.port, tmp_path, "nb-1", host="localhost", force=True)
    assert state_of(blank) == ("nb-1", made.all[-1].certificate)
    assert records(tmp_path)["nb-1"].subject == made.all[-1].record.subject
    assert done.finished_only == committed
    assert len(made.all) == (1 if committed else 2)
    assert list(StatePaths(tmp_path).provisioning.iterdir()) == []


def test_an_unfinished_provisioning_of_another_badge_is_not_forgotten(
    blank: VirtualUsbBadge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only this receiver has that badge's key: forgotten, the badge could only be erased."""
    with monkeypatch.context() as dying:
        interrupt_at(dying, "provision.commit")
        with pytest.raises(KeyboardInterrupt):
            provision(blank.port, tmp_path, "nb-1", host="localhost")
    [file] = StatePaths(tmp_path).provisioning.iterdir()
    pending = json.loads(file.read_text())
    file.write_text(json.dumps({**pending, "serial": "0123456789ab"}))
    with pytest.raises(NabijError, match="0123456789ab"):
        provision(blank.port, tmp_path, "nb-1", host="localhost")
    assert state_of(blank) == (None, None)
    provision(blank.port, tmp_path, "nb-1", host="localhost", force=True)
    assert state_of(blank)[0] == "nb-1"


def test_an_alarm_that_is_open_keeps_the_badge_what_it_is(
    blank: VirtualUsbBadge, tmp_path: Path
) -> None:
    provision(blank.port, tmp_path, "nb-1", host="localhost")
    before = state_of(blank)
    start = len(blank.log)
    blank.press(1_700)
    blank.wait_for_log("alarm.durable", start=start)
    with pytest.raises(NabijError, match="An alarm is open"):
        provision(blank.port, tmp_path, "nb-2", host="localhost", force=True)
    assert state_of(blank) == before


def test_a_squeeze_before_the_badge_had_an_identity_is_delivered_once_it_has(
    tmp_path: Path,
) -> None:
    """Nobody could close such an alarm: it must not keep the badge from being provisioned."""
    port = free_port()
    scenario = Scenario(modem={"rtt_ms": 50, "register_ms": 200, "boot_ms": 200})
    with VirtualUsbBadge(scenario) as badge, Receiver(tmp_path, port=port) as receiver:
        badge.wait_for_log("armed can_send=False")
        badge.press(1_700)
        badge.wait_for_log("alarm.durable")
        said: list[str] = []
        provision(badge.port, tmp_path, "nb-1", host="localhost", port=port, say=said.append)
        assert any("has an open alarm" in sentence for sentence in said)
        badge.wait_for_log("alarm.status", timeout_s=30)
        [incident] = receiver.store.incidents()
        assert (incident.badge, incident.kind_name) == ("nb-1", "sos")


def test_files_that_do_not_arrive_whole_change_nothing(blank: VirtualUsbBadge) -> None:
    with open_device(blank.port) as device:
        device.request("provision.begin")
        device.request("provision.put", name="ca.der", at=0, data=protocol.to_text(b"half"))
        for name, code in (
            ("ca.der", "identity.offset"),
            ("main.py", "identity.file"),
            ("../boot", "identity.file"),
        ):
            with pytest.raises(BadgeRefusal) as caught:
                device.request("provision.put", name=name, at=0, data="")
            assert caught.value.code == code
        with pytest.raises(BadgeRefusal) as caught:
            device.request("provision.commit", sha256={}, utc_s=0)
        assert caught.value.code == "identity.incomplete"
    assert state_of(blank) == (None, None)


def test_the_command_says_what_it_did(blank: VirtualUsbBadge, tmp_path: Path) -> None:
    words = ["provision", blank.port, "--badge", "nb-1", "--state", str(tmp_path)]
    result = CliRunner().invoke(app, [*words, "--host", "localhost", "--profile", "pna11"])
    assert result.exit_code == 0, result.output
    assert "Badge nb-1 (serial number 6e6162696a01) is provisioned" in result.output
    again = CliRunner().invoke(app, [*words, "--host", "localhost"])
    assert again.exit_code == 2
    assert "--force" in again.output
    revoked = CliRunner().invoke(app, ["revoke", "nb-1", "--state", str(tmp_path)])
    assert revoked.exit_code == 0
    assert records(tmp_path)["nb-1"].revoked_ms is not None


def _read(file: Path) -> bytes:
    return file.read_bytes()


def _certificate(device: Device) -> str | None:
    certificate: str | None = device.request("provision.state")["certificate"]
    return certificate
