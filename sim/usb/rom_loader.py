"""A simulated ESP32-S3 in download mode: its ROM loader behind a pseudo-terminal.

It speaks the serial protocol of the ROM (Espressif, "Serial Protocol") to the real `esptool`, and
keeps a NOR flash in a file: programming only clears bits, erasing sets whole sectors. The stub
that esptool can upload is refused, for nothing here could run it: use --no-stub. A
pseudo-terminal has no DTR and RTS, so the chip cannot be reset: use --before no-reset and
--after no-reset, or --after soft-reset, which makes the ROM leave for the program in flash.
"""

import argparse
import contextlib
import hashlib
import os
import pty
import select
import struct
import threading
import tty
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sim.usb.nor_flash import NorFlash

MEGABYTE: Final = 1 << 20

_ANSWERS_TO_SYNC: Final = 8
_ROM_BEGINS_WITH: Final = 2 * MEGABYTE
_CHECKSUM_SEED: Final = 0xEF
_DONE: Final = (0, b"")
_INVALID, _FAILED, _BAD_CHECKSUM = 0x05, 0x06, 0x07
# The answer's value and data, or its error code.
Answer = tuple[int, bytes] | int
# The registers of SPIMEM1 and of the eFuses that esptool reads on an ESP32-S3.
_SPI: Final = 0x60002000
_SPI_OPCODE, _SPI_RESULT, _SPI_GO = _SPI + 0x20, _SPI + 0x58, 1 << 18
_CHIP_MAGIC: Final = 0x40001000
_EFUSE_CRYPT_COUNT, _EFUSE_SECURE_BOOT, _EFUSE_MAC = 0x60007034, 0x60007038, 0x60007044
_SECURE_BOOT_FLAG: Final = 1


class Op(IntEnum):
    """The requests that the ROM of an ESP32-S3 knows, as far as `esptool` sends them."""

    FLASH_BEGIN = 0x02
    FLASH_DATA = 0x03
    FLASH_END = 0x04
    SYNC = 0x08
    WRITE_REG = 0x09
    READ_REG = 0x0A
    SPI_SET_PARAMS = 0x0B
    SPI_ATTACH = 0x0D
    READ_FLASH_SLOW = 0x0E
    CHANGE_BAUDRATE = 0x0F
    FLASH_DEFL_BEGIN = 0x10
    FLASH_DEFL_DATA = 0x11
    FLASH_DEFL_END = 0x12
    SPI_FLASH_MD5 = 0x13
    GET_SECURITY_INFO = 0x14


@dataclass(frozen=True)
class Chip:
    """What is soldered on: `chip_id` None is a chip that is known by its magic number only."""

    chip_id: int | None = 9
    magic: int = 0x9
    flash_bytes: int = 8 * MEGABYTE
    mac: bytes = bytes.fromhex("348570abcdef")
    secure_boot: bool = False
    flash_encryption: bool = False


ESP32_S3: Final = Chip()
ESP32_C3: Final = Chip(chip_id=5, magic=0x1B31506F)
ESP32: Final = Chip(chip_id=None, magic=0x00F01D83)
CHIPS: Final = {"esp32s3": ESP32_S3, "esp32c3": ESP32_C3, "esp32": ESP32}


@dataclass(frozen=True)
class Faults:
    """What goes wrong, by the number of the data block (1 is the first after power-on).

    `corrupt_block`: one bit of it does not keep its value in flash. `noisy_block`: it arrives
    damaged once. `pull_at_block`: the cable is pulled when it is in flash and before the answer;
    with `torn`, when only half of it is.
    """

    corrupt_block: int | None = None
    noisy_block: int | None = None
    pull_at_block: int | None = None
    torn: bool = False


@dataclass
class _Writing:
    """A write between FLASH_BEGIN and its last block."""

    address: int
    sequence: int = 0
    inflate: "zlib._Decompress | None" = None

    def took(self, size: int) -> None:
        """A block of it is in flash."""
        self.address += size
        self.sequence += 1


class _Unplugged(Exception):
    """The cable was pulled."""


class _Left(Exception):
    """The ROM loader was told to run what is in flash."""


@dataclass
class _Rom:
    """The ROM's answer to one request: (value, data) or an error code."""

    chip: Chip
    flash: NorFlash
    faults: Faults
    blocks: int = 0
    _known_size: int = _ROM_BEGINS_WITH
    _registers: dict[int, int] = field(default_factory=dict)
    _writing: _Writing | None = None

    def __post_init__(self) -> None:
        mac = int.from_bytes(self.chip.mac, "big")
        self._registers = {
            _CHIP_MAGIC: self.chip.magic,
            _EFUSE_MAC: mac & 0xFFFFFFFF,
            _EFUSE_MAC + 4: mac >> 32,
            _EFUSE_SECURE_BOOT: int(self.chip.secure_boot) << 20,
            _EFUSE_CRYPT_COUNT: int(self.chip.flash_encryption) << 18,
        }

    def answer(self, operation: int, data: bytes, checksum: int) -> Answer:
        """What the ROM answers; a plain int is its error code."""
        if operation in (Op.FLASH_DATA, Op.FLASH_DEFL_DATA):
            return self._block(data, checksum)
        if operation in (Op.FLASH_END, Op.FLASH_DEFL_END):
            raise _Left
        known: dict[int, Callable[[bytes], Answer]] = {
            Op.SYNC: lambda _: (0x20120707, b""),
            Op.READ_REG: lambda data: (self._registers.get(_word(data), 0), b""),
            Op.WRITE_REG: self._write_registers,
            Op.GET_SECURITY_INFO: self._security_info,
            Op.SPI_SET_PARAMS: self._set_params,
            Op.SPI_ATTACH: lambda _: _DONE,
            Op.CHANGE_BAUDRATE: lambda _: _DONE,
            Op.SPI_FLASH_MD5: self._md5,
            Op.READ_FLASH_SLOW: self._read,
            Op.FLASH_BEGIN: lambda data: self._begin(data, None),
            Op.FLASH_DEFL_BEGIN: lambda data: self._begin(data, zlib.decompressobj()),
        }
        return known[operation](data) if operation in known else _INVALID

    def _security_info(self, _: bytes) -> Answer:
        if self.chip.chip_id is None:
            return _INVALID
        flags = _SECURE_BOOT_FLAG if self.chip.secure_boot else 0
        crypt_count = int(self.chip.flash_encryption)
        return 0, struct.pack("<IB7xII", flags, crypt_count, self.chip.chip_id, 0)

    def _set_params(self, data: bytes) -> Answer:
        self._known_size = _word(data, 1)
        return _DONE

    def _write_registers(self, data: bytes) -> Answer:
        for offset in range(0, len(data), 16):
            address, value, mask = struct.unpack_from("<III", data, offset)
            old = self._registers.get(address, 0)
            self._registers[address] = old & ~mask | value & mask
            if address == _SPI and value & _SPI_GO:
                self._flash_command(self._registers.get(_SPI_OPCODE, 0) & 0xFF)
                self._registers[_SPI] = 0
        return _DONE

    def _flash_command(self, opcode: int) -> None:
        jedec_id = 0xEF | 0x40 << 8 | (self.chip.flash_bytes.bit_length() - 1) << 16
        self._registers[_SPI_RESULT] = {0x9F: jedec_id, 0x5A: 0xFFFFFFFF}.get(opcode, 0)

    def _md5(self, data: bytes) -> Answer:
        address, length = _word(data), _word(data, 1)
        if address + length > self.flash.size:
            return _FAILED
        digest = hashlib.md5(self.flash.read(address, length), usedforsecurity=False)
        return 0, digest.hexdigest().encode()

    def _read(self, data: bytes) -> Answer:
        address, length = _word(data), _word(data, 1)
        if address + length > self._known_size or length > 64:
            return _FAILED
        return 0, self.flash.read(address, length).ljust(64, b"\xff")

    def _begin(self, data: bytes, inflate: "zlib._Decompress | None") -> Answer:
        length, _blocks, _block_size, address = struct.unpack_from("<IIII", data)
        if address + length > min(self._known_size, self.flash.size):
            return _FAILED
        if length:
            self.flash.erase(address, length)
        self._writing = _Writing(address, inflate=inflate)
        return _DONE

    def _block(self, data: bytes, checksum: int) -> Answer:
        length, sequence = struct.unpack_from("<II", data)
        block = data[16 : 16 + length]
        self.blocks += 1
        if self.blocks == self.faults.noisy_block or _checksum(block) != checksum & 0xFF:
            return _BAD_CHECKSUM
        if self._writing is None or sequence != self._writing.sequence:
            return _FAILED
        plain = self._writing.inflate.decompress(block) if self._writing.inflate else block
        if self.blocks == self.faults.corrupt_block:
            plain = plain[:-1] + bytes((plain[-1] ^ 0x10,))
        pulled = self.blocks == self.faults.pull_at_block
        if pulled and self.faults.torn:
            plain = plain[: len(plain) // 2]
        self.flash.program(self._writing.address, plain[: self.flash.size])
        if pulled:
            raise _Unplugged
        self._writing.took(len(plain))
        return _DONE


class RomLoader:
    """The chip on a port: a context manager. `port` is the path that a person would type.

    When the ROM leaves for the program in flash, `port` goes away and `when_left` is called: it
    may put another port in its place, as a chip does that comes back with a USB of its own.
    """

    def __init__(
        self,
        folder: Path,
        chip: Chip = ESP32_S3,
        faults: Faults | None = None,
        when_left: Callable[[], None] | None = None,
    ) -> None:
        self.port = folder / "badge-port"
        self.flash = NorFlash(folder / "flash.bin", chip.flash_bytes)
        self.requests: list[int] = []
        self.unplugged = threading.Event()
        self.left = threading.Event()
        self._rom = _Rom(chip, self.flash, faults or Faults())
        self._when_left = when_left
        self._master = self._slave = -1
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="rom-loader", daemon=True)

    def __enter__(self) -> Self:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(os.ttyname(self._slave))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        self._unplug()
        os.close(self._stop_read)
        os.close(self._stop_write)

    @property
    def blocks(self) -> int:
        """Data blocks that came so far."""
        return self._rom.blocks

    def wait(self) -> None:
        """Block until the cable is pulled or the ROM has left."""
        self._thread.join()

    def _unplug(self) -> None:
        if not self.left.is_set():
            self.port.unlink(missing_ok=True)
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1
        self.flash.save()

    def _serve(self) -> None:
        received = b""
        try:
            while True:
                ready, _, _ = select.select([self._master, self._stop_read], [], [])
                if self._stop_read in ready:
                    return
                received += os.read(self._master, 65536)
                *frames, received = received.split(b"\xc0")
                for frame in filter(None, frames):
                    self._handle(frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))
        except _Unplugged:
            self._unplug()
            self.unplugged.set()
        except _Left:
            # The answer is still on its way to the client, so the line itself stays for now.
            self.port.unlink(missing_ok=True)
            self.flash.save()
            if self._when_left is not None:
                self._when_left()
            self.left.set()

    def _handle(self, frame: bytes) -> None:
        if len(frame) < 8 or frame[0] != 0:
            return
        _, operation, length, checksum = struct.unpack_from("<BBHI", frame)
        self.requests.append(operation)
        try:
            answer = self._rom.answer(operation, frame[8 : 8 + length], checksum)
        except _Left:
            self._send(operation, 0, b"", 0)
            # Word 0 of the request: 0 is a reset, 1 a jump; both end the loader.
            raise
        if isinstance(answer, int):
            self._send(operation, 0, b"", answer)
            return
        for _ in range(_ANSWERS_TO_SYNC if operation == Op.SYNC else 1):
            self._send(operation, *answer, 0)

    def _send(self, operation: int, value: int, data: bytes, error: int) -> None:
        status = bytes((int(error != 0), error, 0, 0))
        head = struct.pack("<BBHI", 1, operation, len(data) + len(status), value)
        packet = (head + data + status).replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        left = b"\xc0" + packet + b"\xc0"
        while left:
            left = left[os.write(self._master, left) :]


def _word(data: bytes, index: int = 0) -> int:
    return int(struct.unpack_from("<I", data, 4 * index)[0])


def _checksum(block: bytes) -> int:
    total = _CHECKSUM_SEED
    for byte in block:
        total ^= byte
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description="A simulated ESP32-S3 in download mode.")
    parser.add_argument("folder", type=Path, help="gets flash.bin and the port `badge-port`")
    parser.add_argument("--chip", choices=CHIPS, default="esp32s3")
    parser.add_argument("--flash-mb", type=int, default=8)
    parser.add_argument("--corrupt-block", type=int)
    parser.add_argument("--pull-at-block", type=int)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    base = CHIPS[options.chip]
    chip = Chip(base.chip_id, base.magic, options.flash_mb * MEGABYTE)
    faults = Faults(corrupt_block=options.corrupt_block, pull_at_block=options.pull_at_block)
    with RomLoader(options.folder, chip, faults) as loader:
        print(loader.port, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            loader.wait()


if __name__ == "__main__":
    main()
