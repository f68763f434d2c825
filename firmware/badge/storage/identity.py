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
# One read that fails says nothing of the next.
_READS = const(3)
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
    """Badge name, keys and the receiver's address, as `folder`/ has them; made by `load`."""

    def __init__(self, folder, fields, hmac_key, ca_der, cert_der, key_der):
        self.folder = folder
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
    """The folders of identities, the one in force first; empty before a provisioning by USB.

    IdentityError when flash does not say.
    """
    start = len(PREFIX)
    numbers = [
        int(name[start:])
        for name in _steadily(files.names, directory[:-1] or "/")
        if name.startswith(PREFIX) and name[start:].isdigit()
    ]
    return ["%s%s%d/" % (directory, PREFIX, number) for number in sorted(numbers, reverse=True)]


def load_folder(folder):
    """Read the identity in one `folder`/; IdentityError says what is missing."""
    return _steadily(_read_folder, folder)


def _steadily(read, path):
    for _ in range(_READS):
        try:
            return read(path)
        except (IdentityError, OSError) as error:
            problem = error
    if isinstance(problem, OSError):
        raise IdentityError("identity.unreadable", "%s: %s; restart the badge" % (path, problem))
    raise problem


def _read_folder(folder):
    fields = _fields(folder + _FILE)
    try:
        hmac_key = binascii.unhexlify(fields["hmac_key"])
    except (KeyError, ValueError, TypeError):
        hmac_key = b""
    if len(hmac_key) != 32:
        raise _damaged("hmac_key is not 32 bytes in hexadecimal")
    cert_der = _bytes(folder + "badge.der")
    key_der = _bytes(folder + "badge.key.der")
    if not _belong_together(cert_der, key_der):
        raise _damaged("the key does not belong to the certificate")
    return Identity(folder, fields, hmac_key, _bytes(folder + "ca.der"), cert_der, key_der)


def _damaged(why):
    return IdentityError("identity.damaged", why + "; provision again")


def _belong_together(cert_der, key_der):
    """False when the key has another public key than the certificate: TLS would only time out."""
    start = key_der.find(_POINT_HEAD)
    return start < 0 or key_der[start : start + _POINT_BYTES] in cert_der


def _fields(path):
    try:
        fields = json.loads(_bytes(path))
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise _damaged(path + " is not a JSON object")
    for name in _TEXT_FIELDS:
        if not isinstance(fields.get(name), str) or (name != "apn" and not fields[name]):
            raise _damaged(name + " is missing")
    if not wire.is_badge_name(fields["badge"]):
        raise _damaged("badge is not a badge name")
    port = fields.get("port")
    if not isinstance(port, int) or not 0 < port < 65536:
        raise _damaged("port is not 1 to 65535")
    return fields


def _bytes(path):
    data = files.read(path)
    if data is None:
        raise IdentityError("identity.missing", path + " cannot be read; provision the badge")
    return data
