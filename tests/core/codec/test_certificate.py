"""When a certificate ends."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.core.codec import certificate

KEY = ec.generate_private_key(ec.SECP256R1())


def made(end: dt.datetime) -> bytes:
    """A certificate as enrolment makes them, DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nb-0001" * 5)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=KEY.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=dt.datetime(1970, 1, 2, tzinfo=dt.UTC),
        not_valid_after=end,
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@given(st.integers(31_536_000, 7_258_118_399))
@settings(max_examples=25)
def test_the_end_is_read_before_and_after_2050(end_s: int) -> None:
    end = dt.datetime.fromtimestamp(end_s, dt.UTC)
    assert certificate.date_s(made(end), certificate.END) == end_s


@given(st.integers(0, 200), st.binary(max_size=3))
def test_whatever_else_it_is_is_refused_or_read(cut: int, junk: bytes) -> None:
    der = made(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    try:
        certificate.date_s(der[:cut] + junk, certificate.END)
    except ValueError:
        return
    assert cut > 100


def test_no_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="certificate"):
        certificate.date_s(b"", certificate.END)


def test_a_certificate_that_lacks_its_end_is_refused() -> None:
    der = made(dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    for cut in (1, 2, 60):
        with pytest.raises(ValueError, match="cut short"):
            certificate.date_s(der[:-cut], certificate.END)
