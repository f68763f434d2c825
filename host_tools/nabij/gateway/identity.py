"""Who a gateway is: the folder that `nabij enrol --gateway` wrote."""

import json
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from badge.core.codec import wire
from nabij.carried import is_gateway
from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, read_file, write_file

_ANEW: Final = "make it anew with `nabij enrol NAME --gateway --force`"


@dataclass(frozen=True)
class Identity:
    """`key` authenticates what it says; `host` and `port` are the receiver's."""

    name: str
    key: bytes
    host: str
    port: int
    tls: ssl.SSLContext

    @property
    def client_id(self) -> str:
        """That of MQTT, which nobody else knows."""
        return str(wire.client_id(self.name, self.key))


def load(folder: Path) -> Identity:
    """The identity in the folder; UsageError about one of a badge, NabijError about none."""
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder {folder}: give that of a gateway, which "
            "`nabij enrol NAME --gateway` writes."
        )
    file = folder / "identity.json"
    try:
        found = json.loads(read_file(file, "the gateway's identity", _ANEW))
        name, key = str(found["badge"]), bytes.fromhex(found["hmac_key"])
        host, port = str(found["host"]), int(found["port"])
    except (ValueError, KeyError, TypeError) as error:
        raise NabijError(f"{file} is not an identity: {_ANEW}.") from error
    if not is_gateway(name):
        raise UsageError(
            f"{folder} is the folder of badge {name}: give that of a gateway, which "
            "`nabij enrol NAME --gateway` writes."
        )
    return Identity(name, key, host, port, _context(folder))


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    try:
        authority = x509.load_der_x509_certificate(_read(folder / "ca.der"))
        own = x509.load_der_x509_certificate(_read(folder / "badge.der"))
        key = serialization.load_der_private_key(_read(folder / "badge.key.der"), None)
        pem = serialization.Encoding.PEM
        context.load_verify_locations(cadata=authority.public_bytes(pem).decode())
        text = own.public_bytes(pem) + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # `ssl` takes a key from a file only.
        with tempfile.TemporaryDirectory(prefix="nabij-gateway-") as place:
            file = Path(place) / "own.pem"
            write_file(file, text, PRIVATE)
            context.load_cert_chain(file)
    except (ValueError, TypeError, ssl.SSLError) as error:
        raise NabijError(
            f"{folder} has a certificate or key that cannot be used: {_ANEW}."
        ) from error
    return context


def _read(file: Path) -> bytes:
    return read_file(file, "the gateway's certificate or key", _ANEW)
