"""A new certificate by the link to the real firmware: kept, or dropped by the badge itself."""

import base64
import json
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from badge.core.codec import wire
from nabij.acts.act import Request
from nabij.centre import operator
from nabij.centre.fleet import course, jobs, renewals
from nabij.centre.fleet.order_line import OrderRefusedError
from nabij.centre.register import pki
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority, Issued
from nabij.paths import StatePaths
from nabij.virtual.badge import Scenario, VirtualBadge
from tests.host.centre.fleet.house import LONG_S, OLD_END, Asking, House, says
from tests.ports import free_port

TRIAL_S = 180.0


@dataclass
class Rig:
    """A badge with a certificate that ends in 2040, which goes on without a shift's test."""

    house: House
    badge: VirtualBadge
    folder: Path

    @property
    def old(self) -> bytes:
        return (self.folder / "badge.der").read_bytes()

    @property
    def key(self) -> bytes:
        identity = json.loads((self.folder / "identity.json").read_text())
        return bytes.fromhex(identity["hmac_key"])

    def ask(self, verb: str, data: bytes | None = None) -> dict[str, object]:
        return self.house.asking.ask("anna", self.key, Request(verb, data=data))[0]

    def in_force(self) -> bytes:
        return base64.b64decode(str(self.ask("renew.status")["certificate"]))


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(course, "LATER_S", 1.0)
    house = House(tmp_path / "state", free_port(), queue.SimpleQueue(), Asking())
    with monkeypatch.context() as before:
        Authority.create(StatePaths(house.state).pki)
        before.setattr(pki, "VALID_TO", OLD_END)
        folder = enrol(house.state, "anna", port=house.port)
    (folder / "config.json").write_text(json.dumps({"shift_test": False}))
    modem = {"rtt_ms": 20, "register_ms": 200, "boot_ms": 200}
    scenario = Scenario(mode="live", provision=folder, modem=modem, stalls="off")
    with VirtualBadge(scenario, tmp_path / "badge") as badge:
        yield Rig(house, badge, folder)


def parsed(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def close_alarm(rig: Rig, incident: int) -> None:
    note = "spoke to her"
    operator.take_action(rig.house.state, incident, wire.STATUS_CLOSED, by="Jo", note=note)


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_a_certificate_that_lasts_longer_is_kept_and_an_alarm_goes_first(rig: Rig) -> None:
    with rig.house.receiver() as receiver:
        rig.badge.press(1700)
        rig.badge.wait_for(says("alarm.status"), LONG_S)
        job = rig.house.begin_job(jobs.RENEW, b"", "anna")
        rig.house.until(job, lambda one: one.steps[0].said == "an alarm is open")
        assert rig.in_force() == rig.old
        [incident] = receiver.store.incidents()
        close_alarm(rig, incident.id)
        found = rig.house.until(job, lambda one: one.state != jobs.RUNNING)
        assert (found.state, found.steps[0].state) == (jobs.FINISHED, jobs.DONE), found
        # Kept only after a session that showed it.
        rig.badge.wait_for(says("renewal.kept"), LONG_S)
        lines = " ".join(line.text for line in rig.badge.seen)
        trying, kept = lines.index("renewal.trying"), lines.index("renewal.kept")
        assert "link.up" in lines[trying:kept]
        rig.badge.kill()
        rig.badge.start()
        rig.badge.wait_for(says("link.up"), LONG_S)
        new, old = parsed(rig.in_force()), parsed(rig.old)
        assert new.not_valid_after_utc == pki.VALID_TO
        assert (new.subject, new.public_key()) == (old.subject, old.public_key())
        job = rig.house.begin_job(jobs.RENEW, b"", "anna")
        found = rig.house.until(job, lambda one: one.state != jobs.RUNNING)
        assert found.steps[0].said == "its certificate lasts as long as a new one"


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_one_that_no_broker_takes_is_dropped_and_at_once_when_an_alarm_waits(rig: Rig) -> None:
    authority = Authority.open(StatePaths(rig.house.state).pki)
    subject = parsed(rig.old).subject.rfc4514_string()
    # It looks like one of ours, which only the broker can tell.
    stranger = Issued(authority.ca.certificate, ec.generate_private_key(ec.SECP256R1()))
    bad = Authority(authority.folder, stranger).renewed(rig.old, subject)
    assert bad is not None
    with rig.house.receiver() as receiver:
        rig.badge.wait_for(says("link.up"), LONG_S)
        for wrong in (bad[:-1], b"0", authority.issue_badge("anna").certificate_der):
            with pytest.raises(OrderRefusedError) as refused:
                rig.ask("renew.try", wrong)
            assert refused.value.code == "renew.certificate", wrong
        with pytest.raises(OrderRefusedError) as early:
            rig.ask("renew.keep")
        assert early.value.code == "renew.none"
        rig.ask("renew.try", bad)
        rig.badge.wait_for(lambda line: "renewal.reverting why=link" in line.text, LONG_S)
        rig.badge.wait_for(says("link.up"), LONG_S)
        answer = rig.ask("renew.status")
        assert (answer["trial"], answer["back"]) == (False, "link")
        rig.ask("renew.try", bad)
        rig.badge.wait_for(says("link.down"), LONG_S)
        rig.badge.press(1700)
        rig.badge.wait_for(lambda line: "renewal.reverting why=alarm" in line.text, LONG_S)
        rig.badge.wait_for(says("alarm.status"), LONG_S)
        assert len(receiver.store.incidents()) == 1
        assert rig.in_force() == rig.old


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_a_receiver_that_starts_anew_amid_the_trial_finishes_it(rig: Rig) -> None:
    """Gone as soon as the badge tries it, before anybody could confirm."""
    with rig.house.receiver():
        rig.badge.wait_for(says("link.up"), LONG_S)
        job = rig.house.begin_job(jobs.RENEW, b"", "anna")
        rig.badge.wait_for(says("renewal.trying"), LONG_S)
    with rig.house.receiver():
        found = rig.house.until(job, lambda one: one.state != jobs.RUNNING)
        assert (found.state, found.steps[0].state) == (jobs.FINISHED, jobs.DONE), found
        rig.badge.wait_for(says("renewal.kept"), LONG_S)
        assert parsed(rig.in_force()).not_valid_after_utc == pki.VALID_TO


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_a_receiver_without_the_authority_hands_on_what_was_signed_where_the_job_began(
    rig: Rig,
) -> None:
    """As one of a cluster: its folder has no key that signs."""
    content = renewals.sign(rig.house.state, ())
    with rig.house.receiver():
        (StatePaths(rig.house.state).pki / "ca.key").unlink()
        for carried, end in ((b"", jobs.FAILED), (content, jobs.DONE), (content, jobs.DONE)):
            job = rig.house.begin_job(jobs.RENEW, carried, "anna")
            found = rig.house.until(job, lambda one: one.state != jobs.RUNNING)
            assert found.steps[0].state == end, found
        assert found.steps[0].said == "its certificate lasts as long as a new one"
        assert parsed(rig.in_force()).not_valid_after_utc == pki.VALID_TO


@pytest.mark.soak
@pytest.mark.requirement("R14")
def test_one_that_nobody_confirms_for_three_minutes_is_dropped(rig: Rig) -> None:
    """The broker takes it, and whoever sent it is not heard again."""
    with rig.house.receiver():
        rig.badge.wait_for(says("link.up"), LONG_S)
        authority = Authority.open(StatePaths(rig.house.state).pki)
        new = authority.renewed(rig.old, parsed(rig.old).subject.rfc4514_string())
        rig.ask("renew.try", new)
        began_s = time.monotonic()
        rig.badge.wait_for(lambda line: "renewal.reverting" in line.text, TRIAL_S + LONG_S)
        assert "why=unconfirmed" in rig.badge.seen[-1].text
        assert TRIAL_S <= time.monotonic() - began_s < TRIAL_S + 10
        rig.badge.wait_for(says("link.up"), LONG_S)
        answer = rig.ask("renew.status")
        assert (answer["trial"], answer["back"]) == (False, "unconfirmed")
        assert rig.in_force() == rig.old
