"""Whole virtual worlds for tests and benchmarks: a provisioned badge and what it talks to."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from nabij.enrol import enrol
from nabij.paths import StatePaths

BADGE = "nb-0001"


@dataclass(frozen=True)
class Site:
    """One employer: the receiver's state folder and the provisioning of one badge."""

    state: Path
    provision: Path

    def modem(self, **options: Any) -> dict[str, Any]:
        """A modem in coverage that reaches the receiver inside the simulator (fast mode)."""
        paths = StatePaths(self.state)
        identity = json.loads((self.provision / "identity.json").read_text())
        certificate = x509.load_pem_x509_certificate((paths.pki / "server.pem").read_bytes())
        key = serialization.load_pem_private_key((paths.pki / "server.key").read_bytes(), None)
        remote = {
            "ca": _base64((self.provision / "ca.der").read_bytes()),
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
        remote.update(options.pop("remote", {}))
        return {"rtt_ms": 200, "register_ms": 2000, "remote": remote, **options}


def make_site(folder: Path, *, badge: str = BADGE, port: int = 8883) -> Site:
    """Enrol one badge below `folder`."""
    state = folder / "state"
    return Site(state, enrol(state, badge, host="localhost", port=port))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
