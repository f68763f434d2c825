"""MicroPython into the flash of an ESP32-S3, through esptool as a library.

The chip's own ROM loader is used, without the stub that esptool can upload: it is what the tests
run against. The image is compared region by region by MD5, and only what differs is written, so a
run that was cut short is finished by the next one.
"""

import contextlib
import hashlib
import io
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import esptool
from esp_pylib.logger import EspLog, EspLogBase
from esptool.cmds import detect_flash_size
from esptool.loader import ESPLoader
from esptool.util import flash_size_bytes
from serial import SerialException

from nabij.errors import NabijError
from nabij.usb.image import Image
from nabij.usb.ports import open_port

CHIP: Final = "ESP32-S3"
_CONNECT_ATTEMPTS: Final = 3
_BYTES_PER_MB: Final = 1 << 20
_LOST: Final = (OSError, SerialException, termios.error)

Progress = Callable[[int, int], None]


class FlashError(NabijError):
    """The chip cannot be reached, is not the right one, or did not take the image."""


@dataclass(frozen=True)
class Line:
    """How the chip is reached: `before` and `after` are esptool's words for the resets."""

    port: str
    before: str = "default-reset"
    after: str = "hard-reset"


@dataclass(frozen=True)
class Chip:
    """What answered on the port."""

    name: str
    mac: str
    flash_bytes: int


@dataclass(frozen=True)
class Flashed:
    """What a run did; `planned` is True for a dry run, which wrote nothing."""

    chip: Chip
    written_bytes: int
    kept_bytes: int
    seconds: float
    planned: bool


def flash(
    line: Line,
    image: Image,
    *,
    dry_run: bool = False,
    erase: bool = False,
    progress: Progress | None = None,
) -> Flashed:
    """Bring the chip's flash to `image`; FlashError says what stopped it and what to do.

    `erase` also empties the rest of the flash, with the identity and the alarms of a badge that
    was in use. `progress` is called with bytes done and bytes in all.
    """
    began_s = time.monotonic()
    with _chip(line) as esp:
        chip = _right_chip(esp, line.port, image)
        writer = _Writer(esp, line.port, progress or _no_progress)
        different = writer.compare(image)
        todo_bytes = sum(len(data) for _address, data in different)
        if not dry_run:
            if erase:
                writer.erase_rest(image, chip.flash_bytes)
            writer.write(different)
            with (
                _sentence(f"The image is on {line.port}, and the chip could not be reset"),
                _mute(),
            ):
                esptool.reset_chip(esp, line.after)
    return Flashed(
        chip=chip,
        written_bytes=todo_bytes,
        kept_bytes=len(image.data) - todo_bytes,
        seconds=time.monotonic() - began_s,
        planned=dry_run,
    )


def same_by_hand(line: Line, image_file: str) -> str:
    """The command that a person would type to write the same bytes."""
    return (
        f"esptool --chip esp32s3 --port {line.port} --before {line.before} --after {line.after} "
        f"--no-stub write-flash 0 {image_file}"
    )


class _Writer:
    """Compares and writes regions; knows how far it has come when something stops it."""

    def __init__(self, esp: ESPLoader, port: str, progress: Progress) -> None:
        self._esp = esp
        self._port = port
        self._progress = progress
        self._done = self._total = 0

    def compare(self, image: Image) -> list[tuple[int, bytes]]:
        """The regions that the flash does not hold yet."""
        with _sentence(f"The flash on {self._port} could not be read"):
            return [
                (address, data)
                for address, data in image.regions()
                if self._esp.flash_md5sum(address, len(data)) != _md5(data)
            ]

    def erase_rest(self, image: Image, flash_bytes: int) -> None:
        """Empty the flash behind the image."""
        start = -(-len(image.data) // ESPLoader.FLASH_SECTOR_SIZE) * ESPLoader.FLASH_SECTOR_SIZE
        with _sentence(f"The flash on {self._port} could not be erased"):
            esptool.erase_region(self._esp, start, flash_bytes - start)

    def write(self, regions: list[tuple[int, bytes]]) -> None:
        """Write and verify each region."""
        self._total = sum(len(data) for _address, data in regions)
        self._done = 0
        for address, data in regions:
            self._write_region(address, data)
            self._done += len(data)
            self._progress(self._done, self._total)

    def _write_region(self, address: int, data: bytes) -> None:
        with _listening(
            lambda part: self._progress(self._done + int(part * len(data)), self._total)
        ):
            try:
                esptool.write_flash(self._esp, [(address, data)], compress=True)
            except _LOST as error:
                raise FlashError(
                    f"The connection to {self._port} was lost after {self._done // 1024} of "
                    f"{self._total // 1024} kB: plug the cable in and run the same command again, "
                    "it goes on where it stopped."
                ) from error
            except esptool.FatalError as error:
                raise self._refused(address, data, error) from error

    def _refused(self, address: int, data: bytes, error: Exception) -> FlashError:
        try:
            differs = self._esp.flash_md5sum(address, len(data)) != _md5(data)
        except (*_LOST, esptool.FatalError):
            differs = False
        if differs:
            return FlashError(
                f"The flash on {self._port} does not hold what was written at {address:#x}: "
                "run the same command again, and replace the board if it happens there again."
            )
        return FlashError(
            f"Writing to {self._port} stopped at {address:#x} ({_first_line(error)}): "
            "run the same command again, it goes on where it stopped."
        )


@contextlib.contextmanager
def _chip(line: Line) -> Iterator[ESPLoader]:
    """The chip's ROM loader, connected; the port is closed afterwards."""
    serial: Any = open_port(line.port)
    try:
        with _listening(None):
            yield _connect(serial, line)
    finally:
        with contextlib.suppress(*_LOST):
            serial.close()


def _connect(serial: Any, line: Line) -> ESPLoader:
    try:
        with _mute():
            esp = esptool.detect_chip(
                serial, connect_mode=line.before, connect_attempts=_CONNECT_ATTEMPTS
            )
        # Its own wait for a cable that comes back would hang for a minute; a second run goes on.
        esp.WRITE_FLASH_ATTEMPTS = 1
    except (*_LOST, esptool.FatalError) as error:
        if "autodetect" in str(error):
            raise FlashError(
                f"The chip on {line.port} is not one that esptool knows, and the badge needs an "
                f"{CHIP}: connect the right board; nothing was written."
            ) from error
        raise FlashError(
            f"No {CHIP} in download mode answers on {line.port}: hold its BOOT button, press "
            "RESET, let go of BOOT, and run the command again."
        ) from error
    return esp


def _right_chip(esp: ESPLoader, port: str, image: Image) -> Chip:
    if esp.CHIP_NAME != CHIP:
        raise FlashError(
            f"The chip on {port} is an {esp.CHIP_NAME} and the badge needs an {CHIP}: "
            "connect the right board; nothing was written."
        )
    with _sentence(f"The chip on {port} could not be identified"):
        _refuse_locked(esp, port)
        esptool.attach_flash(esp)
        size = flash_size_bytes(detect_flash_size(esp)) or 0
        mac = ":".join(f"{byte:02x}" for byte in esp.read_mac())
    if size < image.needs_bytes:
        have = f"{size // _BYTES_PER_MB} MB" if size else "an unknown amount"
        raise FlashError(
            f"The chip on {port} has {have} of flash and MicroPython needs "
            f"{image.needs_bytes // _BYTES_PER_MB} MB: use a board with more flash; "
            "nothing was written."
        )
    return Chip(esp.CHIP_NAME, mac, size)


def _refuse_locked(esp: ESPLoader, port: str) -> None:
    info = esp.get_security_info()
    if info["parsed_flags"]["SECURE_BOOT_EN"] or info["flash_crypt_cnt"].bit_count() % 2:
        raise FlashError(
            f"The chip on {port} has secure boot or flash encryption on and would not start a "
            "stock image: see docs/engineer/flash.md for such chips; nothing was written."
        )


@contextlib.contextmanager
def _sentence(what: str) -> Iterator[None]:
    try:
        yield
    except (*_LOST, esptool.FatalError) as error:
        raise FlashError(
            f"{what} ({_first_line(error)}): plug the cable in again and repeat the command."
        ) from error


class _Silent(EspLogBase):
    """Takes what esptool would print; passes on how far a write has come, as 0.0 to 1.0."""

    def __init__(self, part_done: Callable[[float], None] | None) -> None:
        self._part_done = part_done

    def print(self, *args: Any, **kwargs: Any) -> None: ...

    def err(self, *args: Any, suggestion: str | None = None) -> None: ...

    def warn(self, *args: Any, suggestion: str | None = None) -> None: ...

    def note(self, *args: Any) -> None: ...

    def hint(self, *args: Any) -> None: ...

    def debug(self, *args: Any) -> None: ...

    def set_verbosity(self, mode: int | str) -> None: ...

    def progress_bar(self, cur_iter: int, total_iters: int, *_: Any, **__: Any) -> None:
        if self._part_done is not None:
            self._part_done(cur_iter / max(1, total_iters))


@contextlib.contextmanager
def _listening(part_done: Callable[[float], None] | None) -> Iterator[None]:
    """esptool prints nothing meanwhile."""
    before = EspLog.instance
    EspLog.instance = _Silent(part_done)
    try:
        yield
    finally:
        EspLog.instance = before


@contextlib.contextmanager
def _mute() -> Iterator[None]:
    # What esptool says of resets goes past a logger that was not there when it was imported.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _md5(data: bytes) -> str:
    # What the ROM can compute; against accidents, not against anybody.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _no_progress(_done: int, _total: int) -> None: ...
