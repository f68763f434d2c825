"""What provisioning left on the badge: who it is, whom it trusts, whom it calls.

It is a folder `identity.<n>`, put in force by one rename (storage/provisioning.py): the highest n
that can be read counts. Without any, files in the data folder itself do (a simulated badge).
"""

import binascii
import json

from badge.core.codec import wire
from badge.core.portable import const
from badge.storage import files

PREFIX = "identity."
# Everything that a folder may hold; config.json leaves it at the first start.
FILES = ("identity.json", "ca.der", "badge.der", "badge.key.der", "config.json")

_FILE = FILES[0]
_TEXT_FIELDS = ("badge", "host", "apn")
# RFC 5915 and RFC 5480: a P-256 public key as BIT STRING, in the private key and the certificate.
_POINT_HEAD = b"\x03\x42\x00\x04"
_POINT_BYTES = const(68)


class IdentityError(Exception):
    """The badge is not provisioned, or its provisioning is damaged."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Identity:
    """Badge name, keys and the receiver's address; made by `load`."""

    def __init__(self, fields, hmac_key, ca_der, cert_der, key_der):
        self.badge = fields["badge"]
        self.host = fields["host"]
        self.port = fields["port"]
        self.apn = fields["apn"]
        self.hmac_key = hmac_key
        self.ca_der = ca_der
        self.cert_der = cert_der
        self.key_der = key_der


def load(directory):
    """Read the identity below `directory`/; IdentityError says what is missing."""
    problem = None
    for folder in folders(directory):
        try:
            return load_folder(folder)
        except IdentityError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return load_folder(directory)


def folders(directory):
    """The folders of identities, the one in force first; empty before a provisioning by USB."""
    start = len(PREFIX)
    numbers = [
        int(name[start:])
        for name in files.names(directory[:-1] or "/")
        if name.startswith(PREFIX) and name[start:].isdigit()
    ]
    return ["%s%s%d/" % (directory, PREFIX, number) for number in sorted(numbers, reverse=True)]


def load_folder(folder):
    """Read the identity in one `folder`/; IdentityError says what is missing."""
    fields = _fields(folder + _FILE)
    try:
        hmac_key = binascii.unhexlify(fields["hmac_key"])
    except (KeyError, ValueError, TypeError):
        raise IdentityError("identity.damaged", "hmac_key is not hexadecimal; provision again")
    if len(hmac_key) != 32:
        raise IdentityError("identity.damaged", "hmac_key is not 32 bytes; provision again")
    cert_der = _bytes(folder + "badge.der")
    key_der = _bytes(folder + "badge.key.der")
    if not _belong_together(cert_der, key_der):
        raise IdentityError(
            "identity.damaged", "the key does not belong to the certificate; provision again"
        )
    return Identity(fields, hmac_key, _bytes(folder + "ca.der"), cert_der, key_der)


def _belong_together(cert_der, key_der):
    """False when the key has another public key than the certificate: TLS would only time out."""
    start = key_der.find(_POINT_HEAD)
    return start < 0 or key_der[start : start + _POINT_BYTES] in cert_der


def _fields(path):
    try:
        fields = json.loads(_bytes(path))
    except ValueError:
        raise IdentityError("identity.damaged", path + " is not JSON; provision again")
    if not isinstance(fields, dict):
        raise IdentityError("identity.damaged", path + " is not an object; provision again")
    for name in _TEXT_FIELDS:
        if not isinstance(fields.get(name), str) or (name != "apn" and not fields[name]):
            raise IdentityError("identity.damaged", name + " is missing; provision again")
    if not wire.is_badge_name(fields["badge"]):
        raise IdentityError("identity.damaged", "badge is not a badge name; provision again")
    port = fields.get("port")
    if not isinstance(port, int) or not 0 < port < 65536:
        raise IdentityError("identity.damaged", "port is not 1 to 65535; provision again")
    return fields


def _bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        raise IdentityError("identity.missing", path + " cannot be read; provision the badge")
