"""What an update consists of, signed for one badge: the list of its files and their hashes.

A frame is CBOR [payload, HMAC-SHA256 under the badge's key]; docs/update.md has the shape.
"""

import hashlib
from binascii import hexlify

from badge.core.codec import cbor
from badge.core.codec.hmac import hmac_sha256, same

FRAME_MAX = 24576
FILE_MAX = 65536
_FORMAT = 1
_DOMAIN = b"nabij/update/1"
_MAC_BYTES = 32
_FILES_MAX = 300
_PATH_MAX = 64
_VERSION_MAX = 16
_U32_MAX = 0xFFFFFFFF
_K_FORMAT, _K_VERSION, _K_BUILD, _K_MPY, _K_FILES = range(5)
_PATH_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789_./"


class ManifestError(Exception):
    """A manifest that is not used; `code` is manifest.shape or manifest.mac."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Manifest:
    """What an update is and what is in it."""

    def __init__(self, version, build, mpy, files):
        self.version = version
        # A number that rises with each release.
        self.build = build
        # sys.implementation._mpy of the MicroPython that it is compiled for.
        self.mpy = mpy
        # [(path relative to the slot, size, SHA-256)].
        self.files = files

    def total_bytes(self):
        """Bytes of all files together."""
        return sum(size for _path, size, _digest in self.files)


def sign(manifest, key):
    """The frame for the badge that has `key`; an empty key signs nothing (a first flash)."""
    payload = cbor.encode(
        {
            _K_FORMAT: _FORMAT,
            _K_VERSION: manifest.version,
            _K_BUILD: manifest.build,
            _K_MPY: manifest.mpy,
            _K_FILES: [list(entry) for entry in manifest.files],
        }
    )
    return cbor.encode([payload, _mac(key, payload)])


def verify(frame, key):
    """The manifest in `frame`; ManifestError unless it was signed with `key` and is sound."""
    payload, mac = _parts(frame)
    if not key or not same(mac, _mac(key, payload)):
        raise ManifestError("manifest.mac", "the manifest is not signed with this badge's key")
    return _manifest(payload)


def read(frame):
    """The manifest in a frame that this badge has stored, and so has verified before."""
    return _manifest(_parts(frame)[0])


def fingerprint(frame):
    """What is in a frame, in 64 characters: the same for the same files, whoever signed it."""
    return hexlify(hashlib.sha256(_parts(frame)[0]).digest()).decode()


def _mac(key, payload):
    return hmac_sha256(key, _DOMAIN + payload)


def _parts(frame):
    if len(frame) > FRAME_MAX:
        raise _bad("it is longer than %d bytes" % FRAME_MAX)
    parts = _decoded(frame)
    if type(parts) is not list or len(parts) != 2:
        raise _bad("it is not a payload and a signature")
    payload, mac = parts
    if type(payload) is not bytes or type(mac) is not bytes or len(mac) != _MAC_BYTES:
        raise _bad("it is not a payload and a signature")
    return payload, mac


def _decoded(data):
    try:
        return cbor.decode(data)
    except cbor.WireError as error:
        raise _bad(str(error))


def _manifest(payload):
    values = _decoded(payload)
    if type(values) is not dict or sorted(values) != list(range(5)):
        raise _bad("its fields are not those of format 1")
    if values[_K_FORMAT] != _FORMAT:
        raise _bad("its format is not 1")
    version = values[_K_VERSION]
    if type(version) is not str or not 0 < len(version.encode()) <= _VERSION_MAX:
        raise _bad("its version is not 1 to 16 bytes of text")
    for key in (_K_BUILD, _K_MPY):
        if not _is_uint(values[key], _U32_MAX):
            raise _bad("its build or architecture is not a number")
    files = values[_K_FILES]
    if type(files) is not list or not 0 < len(files) <= _FILES_MAX:
        raise _bad("it does not list 1 to %d files" % _FILES_MAX)
    entries = [_entry(entry) for entry in files]
    if len({path for path, _, _ in entries}) != len(entries):
        raise _bad("it lists a file twice")
    return Manifest(version, values[_K_BUILD], values[_K_MPY], entries)


def _entry(entry):
    if type(entry) is not list or len(entry) != 3:
        raise _bad("a file is not a path, a size and a hash")
    path, size, digest = entry
    if type(path) is not str or not is_path(path):
        raise _bad("a path is not one of the application's")
    if not _is_uint(size, FILE_MAX) or type(digest) is not bytes or len(digest) != 32:
        raise _bad("%s has no sound size or hash" % path)
    return path, size, digest


def is_path(path):
    """True for a path below badge/ that cannot leave it."""
    if not 0 < len(path) <= _PATH_MAX or not path.startswith("badge/"):
        return False
    if not all(char in _PATH_CHARS for char in path):
        return False
    return all(part and part.strip(".") for part in path.split("/"))


def _is_uint(value, highest):
    return type(value) is int and 0 <= value <= highest


def _bad(why):
    return ManifestError("manifest.shape", "the manifest is damaged: " + why)
