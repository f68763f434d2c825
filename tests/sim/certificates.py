"""Certificates for the tests that speak TLS inside the simulator, as base64 DER."""

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from nabij.centre.register.pki import Authority


@dataclass(frozen=True)
class Certificates:
    """`server` is what models/modem/remote.py takes as options, `badge` what the firmware has."""

    server: dict[str, str]
    badge: dict[str, str]


def make_certificates(folder: Path, badge: str = "badge-1") -> Certificates:
    authority = Authority.create(folder)
    authority.ensure_server(["localhost"])
    certificate_file, key_file = authority.files("server")
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    key_der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    issued = authority.issue_badge(badge)
    ca = _text(authority.ca.certificate_der)
    cert = _text(certificate.public_bytes(serialization.Encoding.DER))
    return Certificates(
        server={"ca": ca, "cert": cert, "key": _text(key_der), "hmac_key": "00" * 32},
        badge={"ca": ca, "cert": _text(issued.certificate_der), "key": _text(issued.key_der)},
    )


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()
