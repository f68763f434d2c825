"""A receiver for virtual badges in fast mode: the server that lives inside the simulator."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from nabij.paths import StatePaths


def remote(state: Path, provision: Path) -> dict[str, Any]:
    """Options of modem/remote.py for the receiver of `state` and the badge of `provision`."""
    paths = StatePaths(state)
    identity = json.loads((provision / "identity.json").read_text())
    certificate = x509.load_pem_x509_certificate((paths.pki / "server.pem").read_bytes())
    key = serialization.load_pem_private_key((paths.pki / "server.key").read_bytes(), None)
    return {
        "ca": _base64((provision / "ca.der").read_bytes()),
        "cert": _base64(certificate.public_bytes(serialization.Encoding.DER)),
        "key": _base64(
            key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
        "hmac_key": identity["hmac_key"],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
