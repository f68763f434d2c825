"""The simulated ROM loader against the real `esptool`, typed as a person would."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.usb.nor_flash import SECTOR, NorFlash
from sim.usb.rom_loader import ESP32, ESP32_C3, Chip, Faults, Op, RomLoader
from tests.host.usb.images import esptool, image_path, run_tool

MEGABYTE = 1 << 20
IMAGE_START = 72 * 1024


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """The first 72 KiB of an official image: bootloader, partitions, start of the program."""
    path = tmp_path / "piece.bin"
    path.write_bytes(image_path().read_bytes()[:IMAGE_START])
    return path


def test_esptool_writes_verifies_reads_and_erases(tmp_path: Path, piece: Path) -> None:
    read = tmp_path / "read.bin"
    with RomLoader(tmp_path) as chip:
        written = esptool(chip.port, "write-flash", "0", piece)
        assert written.returncode == 0, written.stdout
        assert "Hash of data verified." in written.stdout
        assert esptool(chip.port, "verify-flash", "0", piece).returncode == 0
        assert esptool(chip.port, "read-flash", "0", str(IMAGE_START), read).returncode == 0
        assert read.read_bytes() == piece.read_bytes() == chip.flash.read(0, IMAGE_START)
        assert esptool(chip.port, "erase-region", "0x1000", "0x2000").returncode == 0
        assert chip.flash.read(0x1000, 0x2000) == b"\xff" * 0x2000
        assert esptool(chip.port, "verify-flash", "0", piece).returncode != 0


def test_esptool_sees_the_chip_that_was_asked_for(tmp_path: Path) -> None:
    with RomLoader(tmp_path, Chip(flash_bytes=16 * MEGABYTE)) as chip:
        said = esptool(chip.port, "flash-id").stdout
    assert "ESP32-S3" in said
    assert "34:85:70:ab:cd:ef" in said
    assert "Detected flash size: 16MB" in said


@pytest.mark.parametrize(("chip", "name"), [(ESP32_C3, "ESP32-C3"), (ESP32, "ESP32")])
def test_another_chip_is_known_by_its_number(tmp_path: Path, chip: Chip, name: str) -> None:
    with RomLoader(tmp_path, chip) as other:
        done = esptool(other.port, "--chip", "esp32s3", "write-flash", "0", image_path())
    assert done.returncode != 0
    assert f"This chip is {name}, not ESP32-S3" in done.stdout + done.stderr
    assert other.blocks == 0


def test_a_block_that_arrives_damaged_is_asked_for_again(tmp_path: Path, piece: Path) -> None:
    with RomLoader(tmp_path, faults=Faults(noisy_block=3)) as chip:
        assert esptool(chip.port, "write-flash", "0", piece).returncode == 0
        assert chip.flash.read(0, IMAGE_START) == piece.read_bytes()


def test_a_cell_that_does_not_keep_its_value_is_found(tmp_path: Path, piece: Path) -> None:
    with RomLoader(tmp_path, faults=Faults(corrupt_block=3)) as chip:
        done = esptool(chip.port, "write-flash", "0", piece)
    assert done.returncode != 0
    assert "MD5 of file does not match data in flash!" in done.stdout + done.stderr


def test_writing_past_the_end_of_the_flash_is_refused(tmp_path: Path, piece: Path) -> None:
    with RomLoader(tmp_path, Chip(flash_bytes=MEGABYTE)) as chip:
        done = esptool(chip.port, "write-flash", "--force", "0xff000", piece)
        assert done.returncode != 0
        assert chip.blocks == 0


def test_the_stub_is_refused(tmp_path: Path) -> None:
    """Nothing here could run it; the ROM's own commands are what is simulated."""
    with RomLoader(tmp_path) as chip:
        arguments = ("--port", chip.port, "--before", "no-reset", "--after", "no-reset")
        assert run_tool("esptool", *arguments, "flash-id").returncode != 0


def test_a_soft_reset_leaves_the_loader(tmp_path: Path) -> None:
    called: list[bool] = []
    with RomLoader(tmp_path, when_left=lambda: called.append(True)) as chip:
        arguments = ("--before", "no-reset", "--after", "soft-reset", "--no-stub", "flash-id")
        assert run_tool("esptool", "--port", chip.port, *arguments).returncode == 0
        assert chip.left.wait(5)
        assert not chip.port.exists()
    assert called == [True]
    assert Op.FLASH_END in chip.requests


@given(
    old=st.binary(min_size=1, max_size=64),
    new=st.binary(min_size=1, max_size=64),
    address=st.integers(0, 4 * SECTOR - 64),
)
def test_programming_only_clears_bits(
    tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes, address: int
) -> None:
    flash = NorFlash(tmp_path_factory.mktemp("nor") / "flash.bin", 4 * SECTOR)
    flash.program(address, old)
    flash.program(address, new)
    for index in range(max(len(old), len(new))):
        expected = old[index] if index < len(old) else 0xFF
        expected &= new[index] if index < len(new) else 0xFF
        assert flash.read(address + index, 1)[0] == expected


@given(address=st.integers(0, 3 * SECTOR), length=st.integers(1, SECTOR))
def test_erasing_sets_whole_sectors_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, address: int, length: int
) -> None:
    flash = NorFlash(tmp_path_factory.mktemp("nor") / "flash.bin", 4 * SECTOR)
    flash.program(0, bytes(4 * SECTOR))
    flash.erase(address, length)
    for sector in range(4):
        touched = address < (sector + 1) * SECTOR and address + length > sector * SECTOR
        cells = set(flash.read(sector * SECTOR, SECTOR))
        assert cells == {0xFF if touched else 0}
