"""The receiver's own certificate authority: EC P-256, PEM for the broker, DER for badges.

Certificates run from 2020 to the end of 2049. A badge may wake with an old clock and must still
accept its server, and a badge whose certificate ran out could not raise an alarm. What ends a
badge's access is the broker's list of users, not a date.
"""

import datetime as dt
import ipaddress
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nabij.errors import NabijError, UsageError
from nabij.paths import PRIVATE, read_file, write_file

VALID_FROM: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
VALID_TO: Final = dt.datetime(2049, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
# Of our own that end sooner new ones are made; of others it is said.
RENEWED_DAYS: Final = 30
ALWAYS_SERVED: Final = ("localhost", "127.0.0.1")
RENEW: Final = "remove both files to have new ones made"

_HOST_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key, and the subject as the broker spells it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def subject(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self._key_bytes(serialization.Encoding.PEM)

    @property
    def key_der(self) -> bytes:
        return self._key_bytes(serialization.Encoding.DER)

    def _key_bytes(self, encoding: serialization.Encoding) -> bytes:
        return self.key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Authority:
    """The certificate authority in one folder: ca.*, server.*, receiver.*, observer.*."""

    def __init__(self, folder: Path, ca: Issued) -> None:
        self.folder = folder
        self.ca = ca

    @classmethod
    def create(cls, folder: Path) -> "Authority":
        """Make a new authority; NabijError when the folder already holds any part of one."""
        existing = [name for name in ("ca.pem", "ca.key") if (folder / name).exists()]
        if existing:
            raise NabijError(
                f"{folder} already holds {' and '.join(existing)}: replacing the authority would "
                "lock out every enrolled badge, so choose another folder or move it away first."
            )
        ca = _self_signed("Nabij authority " + secrets.token_hex(4))
        write_pair(folder, "ca", ca)
        return cls(folder, ca)

    @classmethod
    def open(cls, folder: Path) -> "Authority":
        """Read the authority back; NabijError when a part is missing, broken or not a pair."""
        ca = _read_pair(folder, "ca", "restore both files from a backup")
        return cls(folder, ca)

    @classmethod
    def open_or_create(cls, folder: Path) -> "Authority":
        """The authority in `folder`, made on first use."""
        if (folder / "ca.pem").exists() or (folder / "ca.key").exists():
            return cls.open(folder)
        return cls.create(folder)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def files(self, name: str) -> tuple[Path, Path]:
        """The PEM certificate and key files of "server", "receiver" or "observer"."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def ensure_server(self, hosts: Iterable[str]) -> bool:
        """Have a server certificate for `hosts` and all it served before; True when it is new."""
        wanted = [*ALWAYS_SERVED, *hosts]
        certificate_file, key_file = self.files("server")
        served: list[str] = []
        if certificate_file.exists() and key_file.exists():
            current = _read_pair(self.folder, "server", RENEW)
            if self._signs(current.certificate):
                served = _served_hosts(current.certificate)
                if set(wanted) <= set(served) and not self.is_due(current.certificate):
                    return False
        names = list(dict.fromkeys([*served, *wanted]))
        server = self._issue(
            [(NameOID.COMMON_NAME, "nabij-server"), (NameOID.ORGANIZATION_NAME, "Nabij server")],
            [ExtendedKeyUsageOID.SERVER_AUTH],
            [_general_name(name) for name in names],
        )
        write_pair(self.folder, "server", server)
        return True

    def ensure_receiver(self) -> str:
        """Have the certificate with which the receiver meets its broker; returns its subject."""
        return self._ensure_client("receiver")

    def ensure_observer(self) -> str:
        """Have the certificate with which the receiver hears who connects; returns its subject."""
        return self._ensure_client("observer")

    def _ensure_client(self, name: str) -> str:
        certificate_file, key_file = self.files(name)
        if certificate_file.exists() and key_file.exists():
            current = _read_pair(self.folder, name, RENEW)
            if self._signs(current.certificate) and not self.is_due(current.certificate):
                return current.subject
        issued = self._issue(
            [
                (NameOID.COMMON_NAME, f"nabij-{name}"),
                (NameOID.ORGANIZATION_NAME, f"Nabij {name}"),
            ],
            [ExtendedKeyUsageOID.CLIENT_AUTH],
        )
        write_pair(self.folder, name, issued)
        return issued.subject

    def issue_badge(self, badge: str) -> Issued:
        """A client certificate for a badge; its subject is new each time, so old ones can end."""
        return self._issue(
            [
                (NameOID.COMMON_NAME, badge),
                (NameOID.ORGANIZATIONAL_UNIT_NAME, secrets.token_hex(8)),
                (NameOID.ORGANIZATION_NAME, "Nabij badge"),
            ],
            [ExtendedKeyUsageOID.CLIENT_AUTH],
        )

    def renewed(self, certificate_der: bytes, subject: str) -> bytes | None:
        """A certificate for the same key and subject as this one, DER.

        None when it would last no longer. NabijError when it is not of this authority, or not the
        one that was issued with `subject`, as `Issued` spells it.
        """
        try:
            old = x509.load_der_x509_certificate(certificate_der)
            key = old.public_key()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise NabijError("The badge sent no certificate: provision it anew.") from error
        if not isinstance(key, ec.EllipticCurvePublicKey) or not self._signs(old):
            raise NabijError("Its certificate is of another authority: provision it anew.")
        if old.subject.rfc4514_string() != subject:
            raise NabijError("It has a certificate from before it was enrolled last.")
        if old.not_valid_after_utc >= VALID_TO:
            return None
        new = self._sign(old.subject, key, [ExtendedKeyUsageOID.CLIENT_AUTH])
        return new.public_bytes(serialization.Encoding.DER)

    def issue_node(self, name: str, hosts: Iterable[str], *, is_peer: bool = False) -> Issued:
        """A certificate for a broker among several, which with `is_peer` it shows the others."""
        usages = [ExtendedKeyUsageOID.SERVER_AUTH]
        return self._issue(
            [
                (NameOID.COMMON_NAME, f"nabij-{name}"),
                (NameOID.ORGANIZATION_NAME, f"Nabij {'peer' if is_peer else 'server'}"),
            ],
            [*usages, ExtendedKeyUsageOID.CLIENT_AUTH] if is_peer else usages,
            [_general_name(host) for host in dict.fromkeys([*ALWAYS_SERVED, *hosts])],
        )

    def is_due(self, certificate: x509.Certificate) -> bool:
        """Whether it ends soon and a new one would last longer."""
        end = certificate.not_valid_after_utc
        return left_days(certificate) < RENEWED_DAYS and end < VALID_TO

    def _signs(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.ca.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def _issue(
        self,
        subject: list[tuple[x509.ObjectIdentifier, str]],
        usages: Iterable[x509.ObjectIdentifier],
        alternative_names: list[x509.GeneralName] | None = None,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
        return Issued(self._sign(name, key.public_key(), usages, alternative_names), key)

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        usages: Iterable[x509.ObjectIdentifier],
        alternative_names: list[x509.GeneralName] | None = None,
    ) -> x509.Certificate:
        ca_key_id = x509.SubjectKeyIdentifier.from_public_key(self.ca.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.ca.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(VALID_FROM)
            .not_valid_after(VALID_TO)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_key_id),
                critical=False,
            )
        )
        if alternative_names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternative_names), critical=False
            )
        return builder.sign(self.ca.key, hashes.SHA256())


def lasts_longer(new_der: bytes, old_der: bytes) -> bool:
    """Whether a certificate (DER) ends after another; NabijError for what is none."""
    try:
        new, old = map(x509.load_der_x509_certificate, (new_der, old_der))
    except ValueError as error:
        raise NabijError("It is no certificate: begin another job.") from error
    return new.not_valid_after_utc > old.not_valid_after_utc


def left_days(certificate: x509.Certificate) -> int:
    """For how many days it can still be used; negative when it has ended."""
    return (certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)).days


def check_host(host: str) -> str:
    """The host name or IP address as given; UsageError when it cannot stand in a certificate."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        fits = len(host) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in labels)
        if not fits or labels[-1].isdigit():
            raise UsageError(
                f"'{host}' is neither a host name nor an IP address: "
                "give the name under which badges reach the receiver, without scheme or port."
            ) from None
    return host


def _self_signed(name: str) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Issued(certificate, key)


def write_pair(folder: Path, name: str, issued: Issued) -> None:
    """Write name.pem and name.key, the key for its owner only."""
    # The key goes first: a certificate without its key would pass for a finished pair.
    write_file(folder / f"{name}.key", issued.key_pem, PRIVATE)
    write_file(folder / f"{name}.pem", issued.certificate_pem)


def _read_pair(folder: Path, name: str, remedy: str) -> Issued:
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_pem = read_file(certificate_file, "the certificate", remedy)
    key_pem = read_file(key_file, "the private key", remedy)
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise NabijError(f"{certificate_file} is not a PEM certificate: {remedy}.") from error
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise NabijError(f"{key_file} is not an open PEM private key: {remedy}.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != (
        certificate.public_key()
    ):
        raise NabijError(f"{key_file} is not the key of {certificate_file}: {remedy}.")
    if os.name == "posix" and key_file.stat().st_mode & 0o077:
        raise NabijError(f"Others can read the private key {key_file}: run chmod 600 on it.")
    return Issued(certificate, key)


def _served_hosts(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(check_host(host))
