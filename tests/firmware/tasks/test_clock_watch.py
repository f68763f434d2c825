"""What time says against "am I protected?"."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.mp import run_mp
from tests.worlds import Site

RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
from time import sleep_ms
from badge.tasks.clock_watch import ClockWatch

class Clock:
    trusted = False
    def utc_s(self):
        return now_s if self.trusted else None

class Who:
    def __init__(self, cert_der):
        self.cert_der = cert_der

class Log:
    def event(self, what, **fields):
        print(what)

clock = Clock()
"""


def said(body: str) -> list[str]:
    return run_mp(RIG + body).split()


@pytest.fixture
def certificate(site: Site) -> tuple[str, int]:
    """That of an enrolled badge: its DER as a Python expression, and its end in UTC seconds."""
    parsed = x509.load_der_x509_certificate((site.provision / "badge.der").read_bytes())
    der = base64.b64encode(parsed.public_bytes(serialization.Encoding.DER)).decode()
    end_s = int(parsed.not_valid_after_utc.timestamp())
    return f"__import__('binascii').a2b_base64('{der}')", end_s


def test_a_time_that_nobody_tells_is_said_after_a_quarter_of_an_hour() -> None:
    out = said("""
watch = ClockWatch(clock, None, Log())
sleep_ms(899_000)
print(watch.clock_reason() or "none")
sleep_ms(1_000)
print(watch.clock_reason())
clock.trusted = True
print(watch.clock_reason() or "none")
""")
    assert out == ["none", "clock", "none"]


def test_a_certificate_is_said_a_month_before_its_end(certificate: tuple[str, int]) -> None:
    der, end_s = certificate
    month_s = 30 * 86_400
    out = said(f"""
watch = ClockWatch(clock, Who({der}), Log())
for now_s in ({end_s - month_s}, {end_s - month_s + 1}, {end_s + 1}):
    clock.trusted = False
    print(watch.certificate_reason() or "none")
    clock.trusted = True
    print(watch.certificate_reason() or "none")
""")
    # Nobody knows the date while no network has told it.
    assert out == ["none", "none", "none", "certificate", "none", "certificate"]


def test_one_that_cannot_be_read_is_said_at_once_and_none_is_no_fault() -> None:
    out = said("""
print(ClockWatch(clock, Who(b"0"), Log()).certificate_reason())
print(ClockWatch(clock, None, Log()).certificate_reason() or "none")
""")
    assert out == ["certificate.unread", "certificate", "none"]


@pytest.mark.requirement("R07")
def test_one_that_is_put_in_its_place_is_judged_from_then_on(certificate: tuple[str, int]) -> None:
    der, end_s = certificate
    out = said(f"""
clock.trusted, now_s = True, {end_s}
who = Who({der})
watch = ClockWatch(clock, who, Log())
print(watch.certificate_reason() or "none")
who.cert_der = b"0"
print(watch.certificate_reason() or "none")
now_s = {end_s} - 31 * 86_400
who.cert_der = {der}
print(watch.certificate_reason() or "none")
""")
    assert out == ["certificate", "certificate.unread", "certificate", "none"]
