"""Files that anybody can check without us: signed at their end, over every byte before that.

Ed25519, by a key that signs nothing else. The last line is of a fixed form and length, so that
`head -c` and `openssl` are enough (docs/handover.md).
"""

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from nabij.errors import NabijError, UsageError

HTML, JSON = "html", "json"
# What stands around the public key and the signature, in hex digits.
_MARKS: Final = {
    HTML: ("<!-- nabij ed25519 ", " ", " -->\n"),
    JSON: (',\n"signed": "ed25519 ', " ", '"}\n'),
}
_KEY_DIGITS, _SIGNATURE_DIGITS = 64, 128
LENGTHS: Final = {
    kind: sum(map(len, marks)) + _KEY_DIGITS + _SIGNATURE_DIGITS for kind, marks in _MARKS.items()
}


class ChangedFileError(NabijError):
    """A file that is not what was signed, or not by whom it should be."""


def sign(kind: str, text: str, seed: bytes) -> bytes:
    """The file: HTML as it is, or JSON of an object with one more member."""
    plain = text.removesuffix("}") if kind == JSON else text
    key = Ed25519PrivateKey.from_private_bytes(seed)
    before, between, after = _MARKS[kind]
    body = plain.encode()
    public, signature = key.public_key().public_bytes_raw(), key.sign(body)
    return body + f"{before}{public.hex()}{between}{signature.hex()}{after}".encode()


def verify(content: bytes, public: bytes) -> str:
    """Which kind of file it is; ChangedFileError unless all of it is what that key signed."""
    for kind, length in LENGTHS.items():
        body, end = content[:-length], content[-length:]
        before, between, after = (re.escape(one.encode()) for one in _MARKS[kind])
        shape = b"%b([0-9a-f]{%d})%b([0-9a-f]{%d})%b" % (
            *(before, _KEY_DIGITS, between),
            *(_SIGNATURE_DIGITS, after),
        )
        found = re.fullmatch(shape, end)
        if found is not None:
            _check(
                body, bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode()), public
            )
            return kind
    raise ChangedFileError(
        "IT IS NOT WHOLE: its last line is no signature of nabij; ask for the file again."
    )


def pem_of(seed: bytes) -> str:
    """The public key, as it is published."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_of(pem: bytes) -> bytes:
    """The public key (32 bytes) of such a PEM; UsageError for anything else."""
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise UsageError("The key is no PEM of a public key: give what was published.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError("The key is none of Ed25519: give what the receiver published.")
    return key.public_bytes_raw()


def _check(body: bytes, said: bytes, signature: bytes, public: bytes) -> None:
    if said != public:
        raise ChangedFileError(
            f"IT IS NOT OF THIS RECEIVER: it says that it was signed by {said.hex()[:16]}..., and "
            f"the key is {public.hex()[:16]}...; ask for the file, or for the key, again."
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
    except InvalidSignature as error:
        raise ChangedFileError(
            "IT WAS CHANGED after it was signed: ask for the file again."
        ) from error
